// SPDX-License-Identifier: BSD-3-Clause
//
// Everything one applet can address: its regions, the supervisor's spans, and the tables that say so.
#pragma once
#include "core/base/fixed_vector.h"
#include "core/mem/page_table.h"

namespace gotee {

inline constexpr std::size_t kMaxRegions = 40;  // 16 segments, the gaps between them, and room for lockstep

/// Who owns an address, as a report names it.
struct Ownership {
  Owner owner = Owner::Nobody;
  std::string_view name = "nothing is mapped there";
  Access rights = Access::None;  // of PL0
  VirtAddr base;                 // the stretch of equal owner and rights around the address
  u64 end = 0;
};

class AddressSpace {
 public:
  /// Builds tables in `memory`: the supervisor's spans (core/mem/layout.h) and nothing for PL0.
  Result<> init(TableMemory memory, Grain grain);
  /// Builds tables of what the Normal world may reach: its own DRAM, and nothing else.
  Result<> init_normal_world(TableMemory memory);
  /// Grant one more region to PL0. Refuses what PageTables::map_user refuses, and page 0.
  Result<> grant(const Region& region);
  /// Change PL0's rights on one page of a space built with Grain::Pages. The caller maintains the TLB.
  Result<> protect(VirtAddr page, Access access) { return tables_.protect(page, access); }

  std::span<const Region> regions() const { return regions_.span(); }
  const PageTables& tables() const { return tables_; }
  /// The region that holds an address, or nullptr.
  const Region* find(VirtAddr at) const;
  Ownership owner(VirtAddr at) const;

 private:
  PageTables tables_;
  Grain grain_ = Grain::Largest;
  bool normal_world_ = false;
  FixedVector<Region, kMaxRegions> regions_;
};

}  // namespace gotee
