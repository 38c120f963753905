// SPDX-License-Identifier: BSD-3-Clause
//
// The fake machine's memory: the secure half of DRAM, kept as the pages that somebody wrote.
#pragma once
#include <array>
#include <map>
#include <span>
#include <vector>

#include "core/mem/page_table.h"
#include "hal/machine.h"

namespace gotee::fake {

/// Everything that supervisor and applets store. A copy is a snapshot. Accesses outside of DRAM panic.
class Dram {
 public:
  static constexpr u32 kBase = kNormalDram.base.raw;
  static constexpr u64 kEnd = kAppletDram.end();

  void read(PhysAddr from, std::span<u8> to) const;
  void write(PhysAddr to, std::span<const u8> from);
  void clear(PhysAddr base, u64 size);

  u32 word(PhysAddr at) const;
  std::vector<u8> bytes(PhysAddr from, std::size_t size) const;

  /// Room for the tables of one space, in supervisor memory: the same every time.
  TableMemory tables(hal::Space space);
  static bool in_tables(PhysAddr at);

  /// Addresses of all bytes that differ, in order; memory never written is zero.
  static std::vector<PhysAddr> difference(const Dram& a, const Dram& b);

 private:
  using Page = std::array<u8, kPageSize>;
  template <class Visit>
  static void each_page(PhysAddr base, u64 size, Visit visit);
  const u8* find(u32 page) const;
  u8* make(u32 page);

  std::map<u32, Page> pages_;
  static constexpr u32 kSlots = u32(hal::kNormalSpace) + 1;
  std::array<std::vector<u32>, kSlots> tables_;
};

}  // namespace gotee::fake
