// SPDX-License-Identifier: BSD-3-Clause
//
// Loads and stores of VFP and Advanced SIMD registers. Ref: [ARM ARM] DDI 0406C.d, A7.6, A7.7, A8.8.320 to
// A8.8.331.
#include "tests/qemu/differential/writer.h"

namespace gotee::differential {
namespace {

u32 double_field(u32 d) { return (d & 16) << 18 | (d & 15) << 12; }
u32 single_field(u32 s) { return (s & 1) << 22 | s >> 1 << 12; }
/// `count` registers from `first`, `step` apart, as a set.
u32 doubles(u32 first, u32 count, u32 step = 1) {
  u32 set = 0;
  for (u32 i = 0; i < count; ++i) set |= 1u << (first + i * step);
  return set;
}

u32 choose_base(Writer& w) { return w.target(w.dice.chance(50) && w.free(kLow) != 0 ? kLow : kGeneral); }

Ending plan_one(Writer& w) {  // VLDR, VSTR
  const bool load = w.dice.chance(50), wide = w.dice.chance(50), up = w.dice.chance(60);
  const u32 base = choose_base(w), size = wide ? 8 : 4, address = w.aim(size, size),
            offset = 4 * w.dice.below(256);
  w.say(std::string{load ? "vldr" : "vstr"} + " of " + std::to_string(size));
  w.prepare(base, up ? address - offset : address + offset);
  const u32 number = w.dice.below(32);
  return {.write = [=](Writer& v) {
    const u32 changed = 1u << (wide ? number : number / 2);
    v.may_abort({.doubles = load ? changed : 0, .base = address, .size = load ? 0 : size});
    v.put_conditional(0xed000a00 | (wide ? 0x100 : 0) | (up ? 1u << 23 : 0) | (load ? 1u << 20 : 0) |
                      base << 16 | (wide ? double_field(number) : single_field(number)) | offset / 4);
  }};
}

Ending plan_several(Writer& w) {  // VLDM, VSTM, VPUSH, VPOP
  const bool load = w.dice.chance(50), wide = w.dice.chance(50);
  const bool stack = w.dice.chance(25);
  const u32 count = w.dice.between(1, w.dice.chance(30) ? 16 : 4), first = w.dice.below(33 - count);
  const u32 bytes = count * (wide ? 8 : 4), address = w.aim(bytes, 4, !(stack && w.thumb()));
  const u32 base = stack ? kSp : choose_base(w);
  const bool down = stack ? !load : w.dice.chance(40);
  const bool wback = stack || down || w.dice.chance(50);
  w.say(std::string{stack ? (load ? "vpop" : "vpush") : (load ? "vldm" : "vstm")} + (down ? "db" : "ia") +
        (wback ? "!" : "") + " of " + std::to_string(bytes));
  w.prepare(base, down ? address + bytes : address);
  return {.write = [=](Writer& v) {
    const u32 changed =
        wide ? doubles(first, count) : doubles(first / 2, (first + count - 1) / 2 - first / 2 + 1);
    v.may_abort({.doubles = load ? changed : 0, .base = address, .size = load ? 0 : bytes});
    const u32 direction = down ? 1u << 24 : 1u << 23;
    v.put_conditional(0xec000a00 | (wide ? 0x100 : 0) | direction | (wback ? 1u << 21 : 0) |
                      (load ? 1u << 20 : 0) | base << 16 |
                      (wide ? double_field(first) : single_field(first)) | bytes / 4);
  }};
}

/// An element or structure access: everything but base, L and the register of the post-index.
struct Structure {
  u32 code = 0;
  u32 bytes = 0;
  u32 alignment = 1;  // demanded by the encoding
  u32 element = 1;
  u32 changed = 0;  // doubles
  u32 structures = 1;
};

struct Kind {
  u32 type, registers, step, structures;
  u32 alignments;  // how many of the field's values are defined
};
constexpr Kind kKinds[] = {{7, 1, 1, 1, 2}, {10, 2, 1, 1, 3}, {6, 3, 1, 1, 2}, {2, 4, 1, 1, 4},
                           {8, 2, 1, 2, 3}, {9, 2, 2, 2, 3},  {3, 4, 1, 2, 4}, {4, 3, 1, 3, 2},
                           {5, 3, 2, 3, 2}, {0, 4, 1, 4, 4},  {1, 4, 2, 4, 4}};

Structure multiple_structures(Dice& dice) {
  const Kind k = dice.one_of(kKinds);
  const u32 size = dice.below(k.structures == 1 ? 4 : 3), align = dice.below(k.alignments);
  const u32 first = dice.below(32 - (k.registers - 1) * k.step);
  return {k.type << 8 | size << 6 | align << 4 | double_field(first),
          8 * k.registers,
          align == 0 ? 1 : 4u << align,
          1u << size,
          doubles(first, k.registers, k.step),
          k.structures};
}

Structure one_lane(Dice& dice) {  // A8.8.321, .324, .327, .330: one structure of n elements
  const u32 n = dice.between(1, 4), size = dice.below(3), bytes = 1u << size;
  const u32 lane = dice.below(8 >> size) << (size + 1);
  u32 step = 1, field = lane, alignment = 1;
  if (n > 1 && size > 0 && dice.chance(50)) step = 2, field |= 1u << size;
  if (n != 3 && n * bytes > 1 && dice.chance(50)) {
    alignment = n * bytes;
    field |= n == 1 && size == 2 ? 3 : 1;
    if (n == 4 && size == 2 && dice.chance(50)) field = (field & ~3u) | 2, alignment = 16;
    if (n == 4 && size == 2 && alignment != 16) alignment = 8;
  }
  const u32 first = dice.below(32 - (n - 1) * step);
  return {0x00800000 | size << 10 | (n - 1) << 8 | field << 4 | double_field(first),
          n * bytes,
          alignment,
          bytes,
          doubles(first, n, step),
          n};
}

Structure all_lanes(Dice& dice) {  // A8.8.322, .325, .328, .331
  const u32 n = dice.between(1, 4), size = dice.below(3), bytes = 1u << size, t = dice.below(2);
  u32 field = size << 6 | t << 5, alignment = 1;
  if (n != 3 && !(n == 1 && size == 0) && dice.chance(50)) {
    field |= 1u << 4;
    alignment = n == 4 && size == 2 ? 8 : n * bytes;
    if (n == 4 && size == 2 && dice.chance(50)) field |= 3u << 6, alignment = 16;
  }
  const u32 count = n == 1 ? t + 1 : n, step = n == 1 ? 1 : t + 1;
  const u32 first = dice.below(32 - (count - 1) * step);
  return {0x00a00c00 | (n - 1) << 8 | field | double_field(first),
          n * bytes,
          alignment,
          bytes,
          doubles(first, count, step),
          n};
}

Ending plan_structure(Writer& w) {
  const u32 which = w.dice.below(4);
  const bool load = which == 3 || w.dice.chance(50);
  const Structure s =
      which < 2 ? multiple_structures(w.dice) : (which == 2 ? one_lane(w.dice) : all_lanes(w.dice));
  const u32 natural = s.alignment > 1 ? s.alignment : s.element;
  const u32 base = choose_base(w), address = w.aim(s.bytes, natural);
  constexpr const char* kNames[] = {"multiple", "multiple", "one lane", "all lanes"};
  w.say(std::string{load ? "vld" : "vst"} + std::to_string(s.structures) + " " + kNames[which] + " of " +
        std::to_string(s.bytes) + (s.alignment > 1 ? " aligned to " + std::to_string(s.alignment) : ""));
  w.prepare(base, address);
  const u32 index = w.dice.chance(50) ? 15 : (w.dice.chance(50) ? 13 : w.any());  // none, "!", or a register
  return {.write =
              [=](Writer& v) {
                v.may_abort({.doubles = load ? s.changed : 0, .base = address, .size = load ? 0 : s.bytes});
                v.put((v.thumb() ? 0xf9000000 : 0xf4000000) | s.code | (load ? 1u << 21 : 0) | base << 16 |
                      index);
              },
          .conditional = false};
}

}  // namespace

Ending plan_vector_access(Writer& w) {
  switch (w.dice.below(5)) {
    case 0: return plan_one(w);
    case 1: return plan_several(w);
    default: return plan_structure(w);
  }
}

}  // namespace gotee::differential
