// SPDX-License-Identifier: BSD-3-Clause
//
// A few instructions as an applet, for machines with a processor.
#pragma once
#include <vector>

#include "tests/contract/rig.h"

namespace gotee::contract {

inline constexpr u32 kHere = kHeap + 0x40;  // somewhere in its data

/// One space with this code at kText (one page), and data as in the rig.
class Program {
 public:
  /// `behind`: PL0's right to the page behind the text, which is a region of its own.
  explicit Program(const std::vector<u16>& halfwords, u32 offset = 0, Access behind = Access::Read) {
    constexpr Access kR = Access::Read, kRw = Access::Read | Access::Write;
    GOTEE_INVARIANT(bool(space_.init(machine_.tables(hal::Space{0}), Grain::Largest)));
    const auto grant = [&](u32 base, u32 end, Access access) {
      GOTEE_INVARIANT(bool(space_.grant({{base}, backing_of(0, base), end - base, access})));
    };
    grant(kText, kText + kPageSize, kR | Access::Execute);
    grant(kText + kPageSize, kData, behind);
    grant(kData, kEnd, kRw);
    std::vector<u8> bytes;
    for (const u16 half : halfwords) bytes.push_back(u8(half)), bytes.push_back(u8(half >> 8));
    machine_.write(backing_of(0, kText + offset), bytes);
    GOTEE_INVARIANT(bool(machine_.define(hal::Space{0}, space_.regions())));
    context.r[kPc] = kText + offset;
  }
  static Program arm(const std::vector<u32>& words) {
    std::vector<u16> halves;
    for (const u32 word : words) halves.push_back(u16(word)), halves.push_back(u16(word >> 16));
    return Program{halves};
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  Trap run(Duration time = {1'000'000}) {
    return machine_.run(context, hal::Space{0}, machine_.now() + time);
  }
  u32 word(u32 address) {
    std::array<u8, 4> b{};
    machine_.read(backing_of(0, address), b);
    return u32(b[0]) | u32(b[1]) << 8 | u32(b[2]) << 16 | u32(b[3]) << 24;
  }
  void set_word(u32 address, u32 value) {
    const std::array<u8, 4> b{u8(value), u8(value >> 8), u8(value >> 16), u8(value >> 24)};
    machine_.write(backing_of(0, address), b);
  }
  Context context;

 private:
  BackendPointer backend_ = make_backend();
  hal::Machine machine_{*backend_};
  AddressSpace space_;
};

inline void as_thumb(Program& program) { program.context.cpsr |= kCpsrThumb; }

}  // namespace gotee::contract
