// SPDX-License-Identifier: BSD-3-Clause
//
// Jumps of every kind. Ref: [ARM ARM] DDI 0406C.d, A2.3.2 (which of them change the instruction set), A8.8.
#include "tests/qemu/differential/writer.h"

namespace gotee::differential {
namespace {

/// An offset in halfwords as the T32 branches hold it: S:I1:I2:imm10:imm11 (A8.8.18, A8.8.25).
u32 t32_branch(i64 distance) {
  const auto offset = u32(distance);
  const u32 s = offset >> 31, i1 = offset >> 23 & 1, i2 = offset >> 22 & 1;
  return s << 26 | (offset >> 12 & 0x3ff) << 16 | (1 ^ i1 ^ s) << 13 | (1 ^ i2 ^ s) << 11 |
         (offset >> 1 & 0x7ff);
}

Ending jump(std::function<void(Writer&)> write) { return {.write = std::move(write), .jumps = true}; }

Ending plan_branch(Writer& w) {  // B, BL, BLX: the address is known only where the instruction stands
  const u32 kind = w.dice.below(3);
  constexpr const char* kNames[] = {"b", "bl", "blx"};
  w.say(kNames[kind]);
  return jump([=](Writer& v) {
    const bool to_thumb = v.thumb() != (kind == 2);
    const u32 target = v.aim_jump(to_thumb, i64{v.thumb() ? 1 : 2} << 24) & ~1u;
    if (!v.thumb()) {
      const u32 offset = target - (v.here() + 8);
      if (kind == 2) return v.put(0xfa000000 | (offset & 2) << 23 | (offset >> 2 & 0x00ffffff));
      return v.put_conditional((kind == 1 ? 0xeb000000 : 0xea000000) | (offset >> 2 & 0x00ffffff));
    }
    const u32 from = v.here() + 4;
    constexpr u32 kCodes[] = {0xf0009000, 0xf000d000, 0xf000c000};
    v.put(kCodes[kind] | t32_branch(i64(target) - i64(kind == 2 ? from & ~3u : from)));
  });
}

Ending plan_register(Writer& w) {
  const u32 kind = w.dice.below(w.thumb() ? 3 : 4);  // BX, BLX, MOV PC; in A32 also ADD PC
  const bool exchanges = kind < 2 || !w.thumb();     // BranchWritePC or not
  const bool to_thumb = exchanges ? w.dice.chance(50) : w.thumb();
  constexpr const char* kNames[] = {"bx", "blx register", "mov pc", "add pc"};
  w.say(kNames[kind]);
  const u32 target = w.aim_jump(to_thumb);
  const u32 a = w.target(), b = w.target(kGeneral & ~(1u << a));
  w.reserve(a), w.reserve(b);
  const u32 part = w.dice.word();
  w.prepare(a, kind == 3 ? target - part : target);
  if (kind == 3) w.prepare(b, part);
  return jump([=](Writer& v) {
    constexpr u32 kThumb[] = {0x4700, 0x4780, 0x4687},
                  kArm[] = {0xe12fff10, 0xe12fff30, 0xe1a0f000, 0xe080f000};
    if (v.thumb()) return v.put(kThumb[kind] | a << 3);
    v.put_conditional(kArm[kind] | a | (kind == 3 ? b << 16 : 0));
  });
}

Ending plan_load(Writer& w) {  // LDR PC, LDM with PC: both exchange
  const bool several = w.dice.chance(50);
  w.say(several ? "ldm with pc" : "ldr pc");
  const u32 target = w.aim_jump(w.dice.chance(50));
  const u32 others = several ? w.dice.word() & w.free() & ~(1u << kLr) : 0;
  const auto count = u32(__builtin_popcount(others));
  u32 offset = 0;
  for (u32 i = 0; i < count; ++i) (void)w.place(w.dice.word());
  offset = w.place(target);
  const u32 base = w.target(kGeneral & ~others);
  const u32 first = w.program.context.r[w.safe()] + offset - 4 * count;
  if (several) w.prepare(base, first);
  const bool wback = several && w.dice.chance(50);
  return jump([=](Writer& v) {
    if (!several) return v.put_conditional((v.thumb() ? 0xf8d0f000 : 0xe590f000) | v.safe() << 16 | offset);
    const u32 code = 0xe8900000 | (wback ? 1u << 21 : 0) | base << 16 | others | 1u << kPc;
    // A list of one is UNPREDICTABLE in T32: LDR does it.
    if (v.thumb() && count == 0) return v.put(0xf8d0f000 | base << 16);
    v.put_conditional(code);
  });
}

Ending plan_table(Writer& w) {  // TBB, TBH: a load like any other, and a jump of whatever it loads
  const u32 size = w.dice.between(1, 2);
  w.say(size == 1 ? "tbb" : "tbh");
  const u32 address = w.aim(size, size), index = w.dice.below(0x1000);
  const u32 i = w.target(), base = w.target(kGeneral & ~(1u << i));
  w.reserve(base);
  w.prepare(i, index);
  w.prepare(base, address - size * index);
  return jump([=](Writer& v) { v.put(0xe8d0f000 | (size - 1) << 4 | base << 16 | i); });
}

}  // namespace

Ending plan_jump(Writer& w) {
  switch (w.dice.below(w.thumb() ? 4 : 3)) {
    case 0: return plan_branch(w);
    case 1: return plan_register(w);
    case 2: return plan_load(w);
    default: return plan_table(w);
  }
}

}  // namespace gotee::differential
