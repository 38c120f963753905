// SPDX-License-Identifier: BSD-3-Clause
//
// A32 instructions that compute. Ref: [ARM ARM] DDI 0406C.d, A5.2 to A5.4.
#include "tests/qemu/differential/writer.h"

namespace gotee::differential {
namespace {

u32 n(u32 r) { return r << 16; }  // where the fields stand: Rn, Rd (or Rt), Rs
u32 d(u32 r) { return r << 12; }
u32 s(u32 r) { return r << 8; }

u32 data_processing(Writer& w) {  // A5.2.1 to A5.2.3
  const u32 op = w.dice.below(16);
  const bool compares = op >= 8 && op < 12, moves = op == 13 || op == 15;
  const u32 flags = compares || w.dice.chance(50) ? 1u << 20 : 0;
  const u32 head = 0xe0000000 | op << 21 | flags | (moves ? 0 : n(w.any())) | (compares ? 0 : d(w.target()));
  switch (w.dice.below(3)) {
    case 0: return head | 1u << 25 | w.dice.below(0x1000);
    case 1: return head | w.dice.below(128) << 5 | w.any();                        // shifted by a constant
    default: return head | s(w.any()) | w.dice.below(4) << 5 | 1u << 4 | w.any();  // by a register
  }
}

u32 wide_immediate(Writer& w) {
  return (w.dice.chance(50) ? 0xe3000000 : 0xe3400000) | n(w.dice.below(16)) | d(w.target()) |
         w.dice.below(0x1000);
}

u32 multiply(Writer& w) {  // A5.2.5
  const u32 flags = w.dice.chance(30) ? 1u << 20 : 0;
  const u32 operands = s(w.any()) | w.any();
  const u32 low = w.target(), high = w.target(kGeneral & ~(1u << low));  // the two must differ
  switch (w.dice.below(5)) {
    case 0: return 0xe0000090 | flags | n(high) | operands;
    case 1: return 0xe0200090 | flags | n(high) | d(w.any()) | operands;  // MLA
    case 2: return 0xe0600090 | n(high) | d(w.any()) | operands;          // MLS
    case 3: return 0xe0400090 | n(high) | d(low) | operands;              // UMAAL
    default: return 0xe0800090 | w.dice.below(4) << 21 | flags | n(high) | d(low) | operands;
  }
}

u32 multiply_halves(Writer& w) {  // A5.2.7
  const u32 x = w.dice.below(2) << 5, y = w.dice.below(2) << 6;
  const u32 operands = s(w.any()) | w.any();
  const u32 low = w.target(), high = w.target(kGeneral & ~(1u << low));
  switch (w.dice.below(5)) {
    case 0: return 0xe1000080 | n(high) | d(w.any()) | y | x | operands;  // SMLAxy
    case 1: return 0xe1200080 | n(high) | d(w.any()) | y | operands;      // SMLAWy
    case 2: return 0xe12000a0 | n(high) | y | operands;                   // SMULWy
    case 3: return 0xe1400080 | n(high) | d(low) | y | x | operands;      // SMLALxy
    default: return 0xe1600080 | n(high) | y | x | operands;              // SMULxy
  }
}

u32 multiply_dual(Writer& w) {  // A5.4.4
  const u32 operands = s(w.any()) | w.any();
  const u32 low = w.target(), high = w.target(kGeneral & ~(1u << low));
  const u32 sum = d(w.dice.chance(30) ? 15 : w.any());  // 15: without accumulation
  const u32 exchange = w.dice.below(2) << 5;
  switch (w.dice.below(6)) {
    case 0: return 0xe7000010 | w.dice.below(2) << 6 | exchange | n(high) | sum | operands;  // SMLAD, SMLSD
    case 1:
      return 0xe7400010 | w.dice.below(2) << 6 | exchange | n(high) | d(low) | operands;  // SMLALD, SMLSLD
    case 2: return 0xe7500010 | exchange | n(high) | sum | operands;                      // SMMLA
    case 3: return 0xe75000d0 | exchange | n(high) | d(w.any()) | operands;               // SMMLS
    case 4: return 0xe7800010 | n(high) | sum | operands;                                 // USADA8
    default: return (w.dice.chance(50) ? 0xe710f010 : 0xe730f010) | n(high) | operands;   // SDIV, UDIV
  }
}

u32 saturate_add(Writer& w) {  // A5.2.6; SSAT, USAT and their kin
  const u32 to = d(w.target());
  switch (w.dice.below(3)) {
    case 0: return 0xe1000050 | w.dice.below(4) << 21 | n(w.any()) | to | w.any();
    case 1:
      return (w.dice.chance(50) ? 0xe6a00010 : 0xe6e00010) | n(w.dice.below(32)) | to |
             w.dice.below(32) << 7 | w.dice.below(2) << 6 | w.any();
    default: return (w.dice.chance(50) ? 0xe6a00f30 : 0xe6e00f30) | n(w.dice.below(16)) | to | w.any();
  }
}

u32 parallel_add(Writer& w) {  // A5.4.1, A5.4.2: sets GE, or saturates, or halves
  return 0xe6000f10 | w.dice.of({1, 2, 3, 5, 6, 7}) << 20 | w.dice.of({0, 1, 2, 3, 4, 7}) << 5 | n(w.any()) |
         d(w.target()) | w.any();
}

u32 pack(Writer& w) {  // A5.4.3
  const u32 to = d(w.target()), from = w.any();
  switch (w.dice.below(4)) {
    case 0: return 0xe6800fb0 | n(w.any()) | to | from;                                                 // SEL
    case 1: return 0xe6800010 | n(w.any()) | to | w.dice.below(32) << 7 | w.dice.below(2) << 6 | from;  // PKH
    case 2: return w.dice.of({0xe6bf0f30, 0xe6bf0fb0, 0xe6ff0f30, 0xe6ff0fb0, 0xe16f0f10}) | to | from;
    default:
      return 0xe6800070 | w.dice.of({0, 2, 3, 4, 6, 7}) << 20 | n(w.dice.chance(50) ? 15 : w.any()) | to |
             w.dice.below(4) << 10 | from;
  }
}

u32 bit_field(Writer& w) {  // A5.4, SBFX, UBFX, BFI, BFC
  const u32 lsb = w.dice.below(32), last = w.dice.between(lsb, 31), to = d(w.target()) | lsb << 7;
  switch (w.dice.below(4)) {
    case 0: return 0xe7a00050 | n(last - lsb) | to | w.any();
    case 1: return 0xe7e00050 | n(last - lsb) | to | w.any();
    case 2: return 0xe7c00010 | n(last) | to | w.any();
    default: return 0xe7c0001f | n(last) | to;
  }
}

/// APSR. What else MRS reads is UNKNOWN at PL0, so the program shifts it away (A8.8.109).
void status(Writer& w) {
  if (w.dice.chance(50)) return w.put_conditional(0xe120f000 | w.dice.of({4, 8, 12}) << 16 | w.any());
  const u32 to = w.target();
  w.put(0xe10f0000 | d(to));
  w.put(0xe1a00000 | d(to) | 27 << 7 | 1u << 5 | to);  // lsr #27: N, Z, C, V and Q
}

}  // namespace

void write_a32(Writer& w) {
  constexpr u32 (*kKinds[])(Writer&) = {
      data_processing, data_processing, data_processing, wide_immediate, multiply, multiply_halves,
      multiply_dual,   saturate_add,    parallel_add,    pack,           bit_field};
  if (w.dice.chance(4)) return status(w);
  w.put_conditional(w.dice.one_of(kKinds)(w));
}

}  // namespace gotee::differential
