// SPDX-License-Identifier: BSD-3-Clause
//
// Thumb instructions that compute. Ref: [ARM ARM] DDI 0406C.d, A6.2 and A6.3.
#include "tests/qemu/differential/writer.h"

namespace gotee::differential {
namespace {

u32 n(u32 r) { return r << 16; }  // where the fields stand: Rn, Ra (or Rt), Rd
u32 a(u32 r) { return r << 12; }
u32 d(u32 r) { return r << 8; }

/// imm3:imm2 of a shift.
u32 shift(u32 amount) { return (amount & 0x1c) << 10 | (amount & 3) << 6; }

bool narrow(Writer& w, bool in_it) {  // A6.2.1 to A6.2.3
  if (w.free(kLow) == 0) return false;
  const u32 to = w.target(kLow), from = w.any(kLow) << 3;
  switch (w.dice.below(6)) {
    case 0: {
      const u32 op = w.dice.below(3);
      const u32 least = op == 0 && in_it ? 1 : 0;  // LSL #0 is MOVS, which an IT block may not hold
      return w.put(op << 11 | w.dice.between(least, 31) << 6 | from | to), true;
    }
    case 1: return w.put(0x1800 | w.dice.below(4) << 9 | w.dice.below(8) << 6 | from | to), true;
    case 2: return w.put(0x2000 | w.dice.below(4) << 11 | to << 8 | w.dice.below(256)), true;
    case 3: return w.put(0x4000 | w.dice.below(16) << 6 | from | to), true;
    case 4: {  // ADD and MOV of any two registers; CMP needs a high one
      const u32 any = w.target(), other = w.any();
      const u32 pair = (any & 8) << 4 | other << 3 | (any & 7);
      if (w.dice.chance(30) && (any > 7 || other > 7)) return w.put(0x4500 | pair), true;
      return w.put((w.dice.chance(50) ? 0x4400 : 0x4600) | pair), true;
    }
    default:
      if (w.dice.chance(50)) return w.put(0xb200 | w.dice.below(4) << 6 | from | to), true;
      return w.put(0xba00 | w.dice.of({0, 1, 3}) << 6 | from | to), true;
  }
}

struct Operation {  // of A6.3.1 and A6.3.11
  u32 number;
  bool no_result = false;   // TST, TEQ, CMN, CMP: Rd is 15
  bool no_operand = false;  // MOV, MVN: Rn is 15
};
constexpr Operation kOperations[] = {
    {0},       {0, true}, {1},  {2},  {2, false, true}, {3}, {3, false, true}, {4}, {4, true}, {8},
    {8, true}, {10},      {11}, {13}, {13, true},       {14}};

u32 operation(Writer& w) {
  const Operation op = w.dice.one_of(kOperations);
  const u32 flags = op.no_result || w.dice.chance(50) ? 1u << 20 : 0;
  return op.number << 21 | flags | n(op.no_operand ? 15 : w.any()) | d(op.no_result ? 15 : w.target());
}

u32 data_processing(Writer& w) {
  if (w.dice.chance(50)) {  // an immediate byte of 0 is UNPREDICTABLE where it is repeated (A6.3.2)
    return 0xf0000000 | operation(w) | w.dice.below(2) << 26 | w.dice.below(8) << 12 | w.dice.between(1, 255);
  }
  return 0xea000000 | operation(w) | shift(w.dice.below(32)) | w.dice.below(4) << 4 | w.any();
}

u32 plain_immediate(Writer& w) {  // A6.3.3
  const u32 immediate = w.dice.below(2) << 26 | w.dice.below(8) << 12 | w.dice.below(256), to = d(w.target());
  const u32 lsb = w.dice.below(32), last = w.dice.between(lsb, 31);
  const bool right = w.dice.chance(50);
  switch (w.dice.below(6)) {
    case 0: return (w.dice.chance(50) ? 0xf2400000 : 0xf2c00000) | n(w.dice.below(16)) | immediate | to;
    case 1: return (w.dice.chance(50) ? 0xf2000000 : 0xf2a00000) | n(w.any()) | immediate | to;
    case 2:  // SSAT, USAT; ASR #0 is another instruction
      return (w.dice.chance(50) ? 0xf3000000 : 0xf3800000) | (right ? 1u << 21 : 0) | n(w.any()) |
             shift(w.dice.between(right ? 1 : 0, 31)) | to | w.dice.below(32);
    case 3: return 0xf3400000 | n(w.any()) | shift(lsb) | to | (last - lsb);
    case 4: return 0xf3c00000 | n(w.any()) | shift(lsb) | to | (last - lsb);
    default: return 0xf3600000 | n(w.dice.chance(30) ? 15 : w.any()) | shift(lsb) | to | last;
  }
}

u32 register_operation(Writer& w) {  // A6.3.12 to A6.3.15
  const u32 to = d(w.target()), from = w.any();
  switch (w.dice.below(6)) {
    case 0: return 0xfa00f000 | w.dice.below(8) << 20 | n(w.any()) | to | from;  // shifts
    case 1:
      return 0xfa00f080 | w.dice.below(6) << 20 | n(w.dice.chance(50) ? 15 : w.any()) | to |
             w.dice.below(4) << 4 | from;  // extensions
    case 2:
      return 0xfa80f000 | w.dice.of({0, 1, 2, 4, 5, 6}) << 20 | w.dice.of({0, 1, 2, 4, 5, 6}) << 4 |
             n(w.any()) | to | from;
    case 3: return 0xfa80f080 | w.dice.below(4) << 4 | n(w.any()) | to | from;  // QADD and its kin
    case 4: return 0xfa90f080 | w.dice.below(4) << 4 | n(from) | to | from;     // REV and its kin
    default:
      return w.dice.chance(50) ? 0xfaa0f080 | n(w.any()) | to | from : 0xfab0f080 | n(from) | to | from;
  }
}

u32 multiply(Writer& w) {  // A6.3.16
  const u32 op = w.dice.below(8);
  constexpr u32 kSecond[] = {2, 4, 2, 2, 2, 2, 2, 1};
  const u32 second = w.dice.below(kSecond[op]);
  const bool needs_sum = (op == 0 && second == 1) || op == 6;  // MLS, SMMLS
  return 0xfb000000 | op << 20 | second << 4 | n(w.any()) | a(needs_sum || w.dice.chance(60) ? w.any() : 15) |
         d(w.target()) | w.any();
}

u32 long_multiply(Writer& w) {  // A6.3.17
  const u32 low = w.target(), high = w.target(kGeneral & ~(1u << low)), operands = n(w.any()) | w.any();
  const u32 pair = a(low) | d(high);
  switch (w.dice.below(5)) {
    case 0: return (w.dice.chance(50) ? 0xfb90f0f0 : 0xfbb0f0f0) | d(high) | operands;  // SDIV, UDIV
    case 1: return 0xfb800000 | w.dice.of({0, 2, 4, 6}) << 20 | pair | operands;
    case 2: return 0xfbc00080 | w.dice.below(6) << 4 | pair | operands;  // SMLALxy, SMLALD
    case 3: return 0xfbd000c0 | w.dice.below(2) << 4 | pair | operands;  // SMLSLD
    default: return 0xfbe00060 | pair | operands;                        // UMAAL
  }
}

void status(Writer& w) {  // see body_a32.cpp
  if (w.dice.chance(50)) return w.put(0xf3808000 | w.dice.of({4, 8, 12}) << 8 | n(w.any()));
  const u32 to = w.target();
  w.put(0xf3ef8000 | d(to));
  w.put(0xea4f0010 | shift(27) | d(to) | to);
}

}  // namespace

void write_t32(Writer& w, bool in_it) {
  constexpr u32 (*kKinds[])(Writer&) = {data_processing,    data_processing, plain_immediate,
                                        register_operation, multiply,        long_multiply};
  if (!in_it && w.dice.chance(4)) return status(w);
  if (w.dice.chance(45) && narrow(w, in_it)) return;
  w.put(w.dice.one_of(kKinds)(w));
}

}  // namespace gotee::differential
