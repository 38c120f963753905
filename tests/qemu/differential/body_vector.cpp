// SPDX-License-Identifier: BSD-3-Clause
//
// VFP and Advanced SIMD instructions that compute. Ref: [ARM ARM] DDI 0406C.d, A7.4 to A7.9.
#include "tests/qemu/differential/writer.h"

namespace gotee::differential {
namespace {

// Every register number may stand in D:Vd, N:Vn and M:Vm of these.
constexpr u32 kArithmetic[] = {
    // Three registers; bit 8 chooses doubles.
    0xee000a00, 0xee000a40, 0xee100a00, 0xee100a40, 0xee200a00, 0xee200a40, 0xee300a00,
    0xee300a40, 0xee800a00, 0xee900a00, 0xee900a40, 0xeea00a00, 0xeea00a40};
constexpr u32 kConversions[] = {
    // Two registers: VMOV, VABS, VNEG, VSQRT, VCMP, VCMPE, VCVT between singles, doubles and integers.
    0xeeb00a40, 0xeeb00ac0, 0xeeb10a40, 0xeeb10ac0, 0xeeb40a40, 0xeeb40ac0, 0xeeb70ac0,
    0xeeb80a40, 0xeeb80ac0, 0xeebc0a40, 0xeebc0ac0, 0xeebd0a40, 0xeebd0ac0};

u32 registers(Writer& w, u32 mask = 0x004ff0af) { return w.dice.word() & mask; }

struct Simd {
  u32 code;
  u32 sizes = 0;          // of bits 21:20, one bit each; 0: no such field
  bool quad = true;       // bit 6 may be set
  bool two_ways = false;  // bit 24 may be set: unsigned
};
constexpr Simd kSimd[] = {
    {0xf2000000, 7, true, true},    // VHADD
    {0xf2000010, 15, true, true},   // VQADD
    {0xf2000100, 7, true, true},    // VRHADD
    {0xf2000210, 15, true, true},   // VQSUB
    {0xf2000300, 7, true, true},    // VCGT
    {0xf2000310, 7, true, true},    // VCGE
    {0xf2000400, 15, true, true},   // VSHL
    {0xf2000410, 15, true, true},   // VQSHL
    {0xf2000500, 15, true, true},   // VRSHL
    {0xf2000510, 15, true, true},   // VQRSHL
    {0xf2000600, 7, true, true},    // VMAX
    {0xf2000610, 7, true, true},    // VMIN
    {0xf2000700, 7, true, true},    // VABD
    {0xf2000710, 7, true, true},    // VABA
    {0xf2000800, 15, true, true},   // VADD, VSUB
    {0xf2000810, 7, true, true},    // VTST, VCEQ
    {0xf2000900, 7, true, true},    // VMLA, VMLS
    {0xf2000910, 7, true, false},   // VMUL
    {0xf3000910, 1, true, false},   // VMUL.P8
    {0xf2000a00, 7, false, true},   // VPMAX
    {0xf2000b00, 6, true, true},    // VQDMULH, VQRDMULH
    {0xf2000b10, 7, false, false},  // VPADD
    {0xf2000110, 15, true, true},   // VAND, VBIC, VORR, VORN; VEOR, VBSL, VBIT, VBIF
    {0xf2000c10, 5, true, false},   // VFMA, VFMS
    {0xf2000d00, 5, true, false},   // VADD.F32, VSUB.F32
    {0xf3000d00, 4, true, false},   // VABD.F32
    {0xf2000d10, 5, true, false},   // VMLA.F32, VMLS.F32
    {0xf3000d10, 1, true, false},   // VMUL.F32
    {0xf2000e00, 1, true, false},   // VCEQ.F32
    {0xf3000e00, 5, true, false},   // VCGE.F32, VCGT.F32
    {0xf2000f00, 5, true, false},   // VMAX.F32, VMIN.F32
    {0xf2000f10, 5, true, false},   // VRECPS, VRSQRTS
};
// Two registers, which differ where both are written; bits 19:18 a size below the number here.
constexpr std::pair<u32, u32> kTwoRegisters[] = {
    {0xf3b00000, 3}, {0xf3b00080, 2}, {0xf3b00100, 1}, {0xf3b00400, 3}, {0xf3b00480, 3}, {0xf3b00500, 1},
    {0xf3b00580, 1}, {0xf3b10300, 3}, {0xf3b10380, 3}, {0xf3b00700, 3}, {0xf3b00780, 3}};
constexpr std::pair<u32, u32> kExchanges[] = {
    {0xf3b20000, 1}, {0xf3b20080, 3}, {0xf3b20100, 2}, {0xf3b20180, 2}};

u32 doubles(u32 to, u32 left, u32 from) {
  return (to & 16) << 18 | (to & 15) << 12 | (left & 15) << 16 | (left & 16) << 3 | (from & 16) << 1 |
         (from & 15);
}

u32 simd(Writer& w) {
  const u32 to = w.dice.below(32), left = w.dice.below(32), from = w.dice.below(32);
  switch (w.dice.below(6)) {
    case 0: {
      const auto [code, sizes] = w.dice.one_of(kTwoRegisters);
      return code | w.dice.below(sizes) << 18 | doubles(to, 0, from);
    }
    case 1: {
      const auto [code, sizes] = w.dice.one_of(kExchanges);
      return code | w.dice.below(sizes) << 18 | doubles(to, 0, to == from ? from ^ 1 : from);
    }
    case 2:
      if (w.dice.chance(50)) return 0xf2b00000 | w.dice.below(8) << 8 | doubles(to, left, from);  // VEXT
      return 0xf2800e10 | (w.dice.word() & 0x0107000f) | doubles(to, 0, 0);                       // VMOV.I8
    default: {
      const Simd s = w.dice.one_of(kSimd);
      const u32 variant = s.two_ways ? w.dice.below(2) << 24 : 0;
      const u32 code = s.code | w.dice.of_set(s.sizes) << 20 | variant;
      if (!s.quad || w.dice.chance(50)) return code | doubles(to, left, from);
      return code | 1u << 6 | doubles(to & ~1u, left & ~1u, from & ~1u);
    }
  }
}

}  // namespace

void write_vfp(Writer& w) {
  const u32 a = w.any(), b = w.any(kGeneral & ~(1u << a)), to = w.target();
  const u32 other = w.free(kGeneral & ~(1u << to)) != 0 ? w.target(kGeneral & ~(1u << to)) : to;
  switch (w.dice.below(7)) {
    case 0: return w.put_conditional(w.dice.one_of(kConversions) | registers(w, 0x0040f12f));
    case 1: return w.put_conditional(0xeef10a10 | (w.dice.chance(50) ? 15 : to) << 12);  // VMRS
    case 2: return w.put_conditional(0xee000a10 | a << 12 | registers(w, 0x000f0080));   // VMOV to a single
    case 3: return w.put_conditional(0xee100a10 | to << 12 | registers(w, 0x000f0080));  // and from it
    case 4: return w.put_conditional(0xec400b10 | b << 16 | a << 12 | registers(w, 0x2f));
    case 5:
      if (other == to) break;
      return w.put_conditional(0xec500b10 | other << 16 | to << 12 | registers(w, 0x2f));
    default: break;
  }
  w.put_conditional(w.dice.one_of(kArithmetic) | registers(w) | w.dice.below(2) << 8);
}

void write_neon(Writer& w) {
  const u32 code = simd(w);
  w.put(w.thumb() ? (code & 0x00ffffff) | ((code >> 24 & 1) != 0 ? 0xff000000 : 0xef000000) : code);
}

}  // namespace gotee::differential
