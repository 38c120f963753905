// SPDX-License-Identifier: BSD-3-Clause
//
// ARMv7 short-descriptor translation tables: built, changed and walked by the same code on every machine.
// Ref: [ARM ARM] DDI 0406C.d, B3.5 (short-descriptor format), B3.7 (memory access control).
#pragma once
#include <span>

#include "core/base/result.h"
#include "core/base/types.h"
#include "core/fault/status.h"
#include "core/mem/layout.h"
#include "core/mem/region.h"

namespace gotee {

inline constexpr u32 kFirstLevelWords = 4096;  // 16 KiB, one descriptor for each MiB (B3.5.1)
inline constexpr u32 kSecondLevelWords = 256;  // 1 KiB, one descriptor for each page of a MiB

/// Memory for one space's tables, as the processor that walks them sees it: the first-level table,
/// then as many second-level tables as fit. `base` is 16 KiB aligned.
struct TableMemory {
  std::span<u32> words;
  PhysAddr base;
};

/// Room for the tables of a whole applet region in pages, and where those of one space stand: a slot of
/// kSupervisorTables. The same on every machine, so that faults on them are the same.
inline constexpr u32 kSpaceTableWords = kFirstLevelWords + kMaxRegionSize / kSectionSize * kSecondLevelWords;
static_assert(kSpaceTableWords * 4 <= kTablesStride);
constexpr PhysAddr table_slot(u32 index) { return {kSupervisorTables.base.raw + index * kTablesStride}; }

/// What a walk found. `status` is meaningful when `mapped` is false: a translation fault.
struct Translation {
  bool mapped = false;
  FaultStatus status = FaultStatus::TranslationSection;
  PhysAddr address;
  Access user = Access::None;        // rights of PL0
  Access privileged = Access::None;  // rights of PL1
  bool section = false;
};

/// How finely a region is mapped. Pages only, when single pages must change their rights later.
enum class Grain : u8 { Largest, Pages };

class PageTables {
 public:
  PageTables() = default;
  /// Tables that stand there already, to be walked.
  explicit PageTables(TableMemory built) : memory_{built} {}
  /// Takes the memory and clears it: nothing is mapped. Invalid when it is too small or misaligned.
  Result<> init(TableMemory memory);
  /// Give PL0 exactly `region.access` (PL1 may read, and write what PL0 may write, but never executes it).
  /// Invalid when not page-aligned or already mapped, NoMemory when second-level tables run out.
  Result<> map_user(const Region& region, Grain grain);
  /// Map a span for PL1 alone and with its rights, at the same virtual address; section-aligned. Never
  /// executable at PL0.
  Result<> map_supervisor(const Span& span);
  /// Map a span that belongs wholly to who runs in this space, PL1 and PL0 alike: the Normal world's view.
  Result<> map_own(const Span& span);
  /// Change PL0's rights on one page that map_user mapped with Grain::Pages. The caller maintains the TLB.
  Result<> protect(VirtAddr page, Access access);

  /// What the hardware walk of B3.5.6 would find for this address.
  [[nodiscard]] Translation walk(VirtAddr at) const;
  /// The FSR value that a PL0 access would raise, or nothing when the access is allowed. `want` is one right.
  [[nodiscard]] std::optional<u32> user_fault(VirtAddr at, Access want) const;

  std::span<const u32> words() const { return memory_.words; }
  PhysAddr base() const { return memory_.base; }

 private:
  Result<u32*> second_level(u32 mib);
  Result<> map_sections(const Span& span, u32 bits);

  TableMemory memory_;
  u32 used_words_ = 0;
};

}  // namespace gotee
