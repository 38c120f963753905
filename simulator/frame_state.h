// SPDX-License-Identifier: BSD-3-Clause
//
// What a stack walk knows of one frame, shared by every way of finding its caller.
// Ref: [AAPCS32] IHI 0042, which registers survive a call.
#pragma once
#include <array>
#include <cstddef>
#include <functional>
#include <optional>
#include <span>

#include "core/base/types.h"

namespace gotee::sim {

/// Reads applet memory; false when the applet itself could not read there.
using ReadMemory = std::function<bool(u32 address, std::span<u8> out)>;

/// The core registers at the moment of a stop; r[15] is the instruction's own address, bit 5 of cpsr its
/// state.
struct Registers {
  std::array<u32, 16> r{};
  u32 cpsr = 0;
};

inline constexpr unsigned kSp = 13;
inline constexpr unsigned kLr = 14;
inline constexpr unsigned kPc = 15;

/// One frame's registers, as far as they could be recovered.
struct FrameState {
  std::array<u32, 16> r{};
  u16 known = 0xffff;     // bit i: r[i] is what it was in this frame
  bool thumb = false;     // the state that the code at pc runs in
  bool innermost = true;  // stopped at pc; every other frame waits at pc for a call to return

  bool knows(unsigned i) const { return i < r.size() && ((known >> i) & 1) != 0; }
  void set(unsigned i, u32 value) {
    r[i] = value;
    known = u16(known | (1u << i));
  }
  void forget(unsigned i) { known = u16(known & ~(1u << i)); }
  u32 pc() const { return r[kPc]; }
  u32 sp() const { return r[kSp]; }

  /// An address inside the instruction that this frame is executing: pc, or the call just before it.
  u32 instruction() const { return innermost ? pc() : pc() - 1; }

  /// This state after a return to `address` (bit 0: Thumb). What calls may clobber, lr included, is no longer
  /// known.
  FrameState returned_to(u32 address) const {
    FrameState caller = *this;
    caller.thumb = (address & 1) != 0;
    caller.innermost = false;
    caller.known = u16(caller.known & 0x2ff0);  // r4-r11 and sp
    caller.set(kPc, address & ~1u);
    return caller;
  }
};

inline constexpr u32 little_endian(std::span<const u8, 4> b) {
  return u32(b[0]) | u32(b[1]) << 8 | u32(b[2]) << 16 | u32(b[3]) << 24;
}

/// One aligned word of the stack.
inline std::optional<u32> read_word(const ReadMemory& read, u32 address) {
  std::array<u8, 4> bytes{};
  if ((address & 3) != 0 || !read(address, bytes)) return std::nullopt;
  return little_endian(bytes);
}

}  // namespace gotee::sim
