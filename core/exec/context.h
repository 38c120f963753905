// SPDX-License-Identifier: BSD-3-Clause
//
// The saved state of a stopped applet.
// Ref: [ARM ARM] DDI 0406C.d, B1.3 (registers), A2.6 (Advanced SIMD and VFP).
#pragma once
#include <array>

#include "core/base/types.h"

namespace gotee {

inline constexpr u32 kCpsrUser = 0x10;      // B1.3.1: User mode, ARM state, exceptions not masked
inline constexpr u32 kCpsrThumb = 1u << 5;  // B1.3.3: T bit
inline constexpr u32 kCpsrMode = 0x1f;      // B1.3.1: mode field
inline constexpr u32 kSp = 13, kLr = 14, kPc = 15;

/// Everything a stopped context owns. Assembly addresses fields by the offsets asserted below.
struct Context {
  std::array<u32, 16> r{};  // r13 = SP, r14 = LR, r15 = PC without the Thumb bit
  u32 cpsr = kCpsrUser;     // state to resume with
  u32 fpscr = 0;
  std::array<u64, 32> d{};  // VFPv4/NEON d0-d31
  u32 tpidrurw = 0;         // B4.1.150: the thread ID register that PL0 may write
  u32 reserved = 0;         // keeps the size a multiple of 8, for comparison without padding

  constexpr bool operator==(const Context&) const = default;
  constexpr VirtAddr pc() const { return {r[kPc]}; }
  constexpr bool thumb() const { return (cpsr & kCpsrThumb) != 0; }
};
static_assert(offsetof(Context, cpsr) == 64);
static_assert(offsetof(Context, fpscr) == 68);
static_assert(offsetof(Context, d) == 72);
static_assert(offsetof(Context, tpidrurw) == 328);

}  // namespace gotee
