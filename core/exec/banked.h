// SPDX-License-Identifier: BSD-3-Clause
//
// What the Normal world owns besides a Context: registers that one set of hardware holds for both worlds.
// Ref: [ARM ARM] DDI 0406C.d, B1.3.2 (banked registers), B1.5.1 (which state is banked by security).
#pragma once
#include <array>

#include "core/base/types.h"

namespace gotee {

/// Banked by processor mode, but not by security state. Assembly addresses fields by the offsets asserted
/// below.
struct BankedRegisters {
  struct Mode {
    u32 sp = 0, lr = 0, spsr = 0;
    constexpr bool operator==(const Mode&) const = default;
  };
  Mode fiq, irq, supervisor, abort, undefined;
  std::array<u32, 5> fiq_r8{};  // r8-r12 of FIQ mode
  u32 cpacr = 0;                // coprocessor access, as the Normal world set it
  u32 fpexc = 0;

  constexpr bool operator==(const BankedRegisters&) const = default;
};
static_assert(offsetof(BankedRegisters, supervisor) == 24 && offsetof(BankedRegisters, fiq_r8) == 60);
static_assert(offsetof(BankedRegisters, cpacr) == 80 && offsetof(BankedRegisters, fpexc) == 84);

inline constexpr u32 kCpsrSystem = 0x1f;  // B1.3.1: System mode, in which GoTEE starts a Normal-world guest

}  // namespace gotee
