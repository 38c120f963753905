// SPDX-License-Identifier: BSD-3-Clause
//
// What an applet may do with which memory.
#pragma once
#include "core/base/types.h"

namespace gotee {

enum class Access : u8 { None = 0, Read = 1, Write = 2, Execute = 4 };
constexpr Access operator|(Access a, Access b) { return Access(u8(a) | u8(b)); }
constexpr bool allows(Access have, Access want) { return (u8(have) & u8(want)) == u8(want); }

/// One contiguous grant of memory: page-aligned virtual range, the memory behind it, and the rights.
struct Region {
  VirtAddr base;
  PhysAddr backing;
  u32 size = 0;
  Access access = Access::None;

  constexpr u64 end() const { return u64{base.raw} + size; }
  constexpr bool contains(VirtAddr at) const { return at >= base && at.raw < end(); }
};

}  // namespace gotee
