// SPDX-License-Identifier: BSD-3-Clause
//
// The decoder's instruction classes, in the order of the manual's tables.
// Ref: [ARM ARM] DDI 0406C.d, A5.1-A5.7 (A32), A6.1-A6.3 (T32), A7.5-A7.9 (Advanced SIMD and VFP).
#include "core/fault/instruction.h"

#include <bit>

namespace gotee {
namespace {

constexpr u32 bits(u32 w, u32 high, u32 low) { return (w >> low) & ((2u << (high - low)) - 1); }
constexpr bool bit(u32 w, u32 n) { return ((w >> n) & 1) != 0; }
constexpr u16 reg(u32 n) { return u16(1u << n); }
constexpr i32 sign(bool up, u32 value) { return up ? i32(value) : -i32(value); }

void set_known(Instruction& i, u32 to, u32 from, i32 delta) {
  i.writes = u16(i.writes | reg(to));
  i.known = {u8(to), u8(from), delta};
}

/// The addressing of everything with a base, an immediate offset, and P/W bits.
void address(Instruction& i, u32 base, i32 offset, bool pre, bool writeback) {
  i.base = u8(base);
  i.offset = pre ? offset : 0;
  if (writeback) set_known(i, base, base, offset);
}

/// The addressing of A32 with a register offset: U says whether it is added, P whether before the access.
void a32_register_offset(Instruction& i, u32 w, bool writeback) {
  const u32 base = bits(w, 19, 16);
  i.base = u8(base);
  if (bit(w, 24)) i.index = u8(bits(w, 3, 0)), i.index_subtracted = !bit(w, 23);
  if (writeback) i.writes = reg(base);
}

void memory(Instruction& i, bool load, u32 size, u32 alignment = 1) {
  i.access = load ? Access::Read : Access::Write;
  i.size = size;
  i.alignment = alignment;
}

// A8.8.57 LDM, A8.8.199 STM and their kin.
void multiple(Instruction& i, u32 base, u32 list, bool load, bool up, bool before, bool writeback) {
  const u32 bytes = 4 * u32(std::popcount(list));
  memory(i, load, bytes, 4);
  i.base = u8(base);
  i.offset = up ? (before ? 4 : 0) : (before ? -i32(bytes) : 4 - i32(bytes));
  if (load) i.writes = u16(list);
  if (!writeback) return;
  if (load && (list & reg(base)) != 0) {
    i.writes = u16(i.writes | reg(base));
  } else {
    set_known(i, base, base, sign(up, bytes));
  }
}

// A7.7: element and structure loads and stores. A32 and T32 share the low 24 bits.
void simd_element(Instruction& i, u32 w) {
  const bool load = bit(w, 21);
  const u32 rm = bits(w, 3, 0);
  u32 size = 0, alignment = 1;
  if (!bit(w, 23)) {  // multiple structures, Table A7-20
    constexpr u8 kRegisters[16] = {4, 4, 4, 2 * 2, 3, 3, 3, 1, 2, 2, 2, 0, 0, 0, 0, 0};
    size = 8u * kRegisters[bits(w, 11, 8)];
    if (bits(w, 5, 4) != 0) alignment = 4u << bits(w, 5, 4);
  } else {
    const u32 elements = bits(w, 9, 8) + 1;
    const bool all_lanes = bits(w, 11, 10) == 3;
    const u32 log = all_lanes ? bits(w, 7, 6) : bits(w, 11, 10);
    const u32 bytes = log == 3 ? 4 : 1u << log;
    const u32 hint = all_lanes ? bits(w, 4, 4) : bits(w, 5, 4);
    size = elements * bytes;
    if (elements == 1) {
      if (all_lanes ? hint != 0 : (log == 1 && (hint & 1) != 0) || (log == 2 && hint == 3)) alignment = bytes;
    } else if (elements == 2 && (hint & 1) != 0) {
      alignment = 2 * bytes;
    } else if (elements == 4 && hint != 0) {
      if (all_lanes) {
        alignment = log == 3 ? 16 : (log == 2 ? 8 : 4 * bytes);
      } else {
        alignment = log == 2 ? 4u << hint : ((hint & 1) != 0 ? 4 * bytes : 1);
      }
    }
  }
  memory(i, load, size, alignment);
  i.base = u8(bits(w, 19, 16));
  if (rm == 13) set_known(i, i.base, i.base, i32(size));
  if (rm != 13 && rm != 15) i.writes = reg(i.base);
}

// A7.6 and A5.6: loads, stores and transfers of coprocessors; of these only VFP touches memory at PL0.
void coprocessor(Instruction& i, u32 w) {
  const bool vfp = bits(w, 11, 9) == 0b101;
  const bool load = bit(w, 20);
  const u32 rt = bits(w, 15, 12), rn = bits(w, 19, 16);
  if (bit(w, 25)) {  // CDP, MCR, MRC, VFP data processing and VMOV
    if (bit(w, 4) && load) i.writes = reg(rt);
    return;
  }
  if (bits(w, 24, 21) == 0b0010) {  // MCRR, MRRC, VMOV of two registers
    if (load) i.writes = u16(reg(rt) | reg(rn));
    return;
  }
  const u32 bytes = 4 * bits(w, 7, 0);
  const bool before = bit(w, 24), up = bit(w, 23), writeback = bit(w, 21);
  if (!vfp) {  // LDC and STC: undefined here, but they may write back
    if (writeback || !before) i.writes = reg(rn);
    return;
  }
  if (before && !writeback) {  // VLDR, VSTR
    memory(i, load, bit(w, 8) ? 8 : 4, 4);
    address(i, rn, sign(up, bytes), true, false);
    return;
  }
  memory(i, load, bit(w, 8) ? bytes & ~7u : bytes, 4);  // VLDM, VSTM, VPUSH, VPOP
  i.base = u8(rn);
  i.offset = up ? 0 : -i32(bytes);
  if (writeback) set_known(i, rn, rn, sign(up, bytes));
}

constexpr u32 a32_immediate(u32 w) { return std::rotr(bits(w, 7, 0), int(2 * bits(w, 11, 8))); }  // A5.2.4

// A5.2.10 and A5.2.8: LDRH, LDRD and their kin; synchronization primitives.
void a32_extra(Instruction& i, u32 w) {
  const u32 rt = bits(w, 15, 12), rn = bits(w, 19, 16);
  if (bits(w, 6, 5) == 0) {
    if (!bit(w, 24)) {  // multiply
      i.writes = u16(reg(rt) | reg(rn));
      return;
    }
    constexpr u8 kSize[4] = {4, 8, 1, 2};  // STREX, STREXD, STREXB, STREXH
    const u32 size = bit(w, 23) ? kSize[bits(w, 22, 21)] : (bit(w, 22) ? 1 : 4);
    memory(i, bit(w, 20) || !bit(w, 23), size, size);
    i.base = u8(rn);
    i.exclusive = bit(w, 23);  // else SWP
    i.writes = u16(reg(rt) | (size == 8 && bit(w, 20) && rt < 15 ? reg(rt + 1) : 0));
    return;
  }
  const bool dual = !bit(w, 20) && bit(w, 6);
  const bool load = bit(w, 20) || (dual && !bit(w, 5));
  const bool pre = bit(w, 24), writeback = !pre || bit(w, 21);
  memory(i, load, dual ? 8 : (bits(w, 6, 5) == 2 ? 1 : 2), dual ? 4 : 1);
  if (bit(w, 22)) {
    address(i, rn, sign(bit(w, 23), (bits(w, 11, 8) << 4) | bits(w, 3, 0)), pre, writeback);
  } else {
    a32_register_offset(i, w, writeback);
  }
  if (load) i.writes = u16(i.writes | reg(rt) | (dual && rt < 15 ? reg(rt + 1) : 0));
}

void a32_data_processing(Instruction& i, u32 w, bool immediate) {
  const u32 op = bits(w, 24, 21), rd = bits(w, 15, 12), rn = bits(w, 19, 16);
  if (op >= 8 && op <= 11) return;  // TST, TEQ, CMP, CMN
  i.writes = reg(rd);
  if (immediate && op == 0b1101) set_known(i, rd, kConstant, i32(a32_immediate(w)));
  if (immediate && op == 0b0100 && rn != 15) set_known(i, rd, rn, i32(a32_immediate(w)));
  if (immediate && op == 0b0010 && rn != 15) set_known(i, rd, rn, i32(0u - a32_immediate(w)));
  if (!immediate && op == 0b1101 && bits(w, 11, 4) == 0 && bits(w, 3, 0) != 15)
    set_known(i, rd, bits(w, 3, 0), 0);
}

// A5.3: single loads and stores.
void a32_single(Instruction& i, u32 w) {
  const bool load = bit(w, 20), byte = bit(w, 22), pre = bit(w, 24), writeback = !pre || bit(w, 21);
  const u32 rt = bits(w, 15, 12), rn = bits(w, 19, 16);
  memory(i, load, byte ? 1 : 4);
  if (bit(w, 25)) {
    a32_register_offset(i, w, writeback);
  } else {
    address(i, rn, sign(bit(w, 23), bits(w, 11, 0)), pre, writeback);
    i.literal = load && !byte && rn == 15 && pre && !writeback;
  }
  if (!load) return;
  i.writes = u16(i.writes | reg(rt));
  if (i.literal) i.known.to = u8(rt);
}

void a32_unconditional(Instruction& i, u32 w) {                               // A5.7
  if (bits(w, 27, 25) == 0b001) return;                                       // Advanced SIMD data processing
  if (bits(w, 27, 24) == 0b0100 && !bit(w, 20)) return simd_element(i, w);    // VLD, VST
  if (bits(w, 27, 26) == 0b01 && !bit(w, 25) && bit(w, 20)) return;           // PLD, PLI
  if (bits(w, 27, 26) == 0b01 && bit(w, 24) && bits(w, 22, 20) == 7) return;  // CLREX, DSB, DMB, ISB
  if (bits(w, 27, 20) == 0b00010000) return;                                  // CPS, SETEND
  if (bits(w, 27, 25) == 0b101) {
    i.writes = reg(14);  // BLX
    return;
  }
  i.writes = kAllRegisters;
}

Instruction a32(u32 w) {
  Instruction i;
  if (bits(w, 31, 28) == 15) {
    a32_unconditional(i, w);
    return i;
  }
  i.conditional = bits(w, 31, 28) != 14;
  switch (bits(w, 27, 25)) {
    case 0b000:
      if (bit(w, 7) && bit(w, 4)) {
        a32_extra(i, w);
      } else if (bits(w, 24, 23) == 0b10 && !bit(w, 20)) {  // A5.2.12 miscellaneous, halfword multiply
        i.writes = u16(reg(bits(w, 15, 12)) | reg(bits(w, 19, 16)) | (bits(w, 7, 4) == 3 ? reg(14) : 0));
      } else {
        a32_data_processing(i, w, false);
      }
      break;
    case 0b001:
      if (bits(w, 24, 20) == 0b10000) {
        set_known(i, bits(w, 15, 12), kConstant, i32((bits(w, 19, 16) << 12) | bits(w, 11, 0)));  // MOVW
      } else if (bits(w, 24, 20) == 0b10100) {
        i.writes = reg(bits(w, 15, 12));  // MOVT
        i.known = {u8(bits(w, 15, 12)), u8(bits(w, 15, 12)), i32(0x10000)};
      } else if (bits(w, 24, 23) != 0b10 || bit(w, 20)) {
        a32_data_processing(i, w, true);
      }
      break;
    case 0b011:
      if (bit(w, 4)) {  // A5.4 media
        i.writes = u16(reg(bits(w, 15, 12)) | reg(bits(w, 19, 16)));
        break;
      }
      [[fallthrough]];
    case 0b010: a32_single(i, w); break;
    case 0b100:
      multiple(i, bits(w, 19, 16), bits(w, 15, 0), bit(w, 20), bit(w, 23), bit(w, 24), bit(w, 21));
      if (bit(w, 22)) i.writes = kAllRegisters;  // user registers: unpredictable at PL0
      break;
    case 0b101:
      if (bit(w, 24)) i.writes = reg(14);
      break;
    default:
      if (bits(w, 27, 24) != 15) coprocessor(i, w);
      break;
  }
  return i;
}

// A6.2, 16-bit encodings.
void t16_misc(Instruction& i, u32 h) {  // A6.2.5
  if (bits(h, 15, 8) == 0b10110000) {
    set_known(i, 13, 13, sign(!bit(h, 7), 4 * bits(h, 6, 0)));
  } else if (bits(h, 15, 9) == 0b1011010) {
    multiple(i, 13, bits(h, 7, 0) | (bit(h, 8) ? 1u << 14 : 0), false, false, true, true);
  } else if (bits(h, 15, 9) == 0b1011110) {
    multiple(i, 13, bits(h, 7, 0) | (bit(h, 8) ? 1u << 15 : 0), true, true, false, true);
  } else if (bits(h, 15, 8) == 0b10110010 || bits(h, 15, 8) == 0b10111010) {
    i.writes = reg(bits(h, 2, 0));
  } else if (bits(h, 15, 8) == 0b10111111 && bits(h, 3, 0) != 0) {
    i.it_length = u8(4 - std::countr_zero(bits(h, 3, 0)));
  }
}

void t16_data(Instruction& i, u32 h) {  // A6.2.1 to A6.2.3
  const u32 rd = bits(h, 2, 0), rn = bits(h, 5, 3);
  switch (bits(h, 15, 11)) {
    case 0b00011:
      i.writes = reg(rd);
      if (bit(h, 10)) set_known(i, rd, rn, sign(!bit(h, 9), bits(h, 8, 6)));
      break;
    case 0b00000:
      i.writes = reg(rd);
      if (bits(h, 10, 6) == 0) set_known(i, rd, rn, 0);
      break;
    case 0b00001:
    case 0b00010: i.writes = reg(rd); break;
    case 0b00100: set_known(i, bits(h, 10, 8), kConstant, i32(bits(h, 7, 0))); break;
    case 0b00101: break;  // CMP
    case 0b00110: set_known(i, bits(h, 10, 8), bits(h, 10, 8), i32(bits(h, 7, 0))); break;
    case 0b00111: set_known(i, bits(h, 10, 8), bits(h, 10, 8), -i32(bits(h, 7, 0))); break;
    default:
      if (!bit(h, 10)) {
        i.writes = reg(rd);
        break;
      }
      const u32 high = (bit(h, 7) ? 8u : 0u) | rd;
      if (bits(h, 9, 8) == 0) i.writes = reg(high);
      if (bits(h, 9, 8) == 2 && bits(h, 6, 3) != 15) set_known(i, high, bits(h, 6, 3), 0);
      if (bits(h, 9, 8) == 2 && bits(h, 6, 3) == 15) i.writes = reg(high);
      if (bits(h, 9, 8) == 3 && bit(h, 7)) i.writes = reg(14);
      break;
  }
}

void t16_load_store(Instruction& i, u32 h) {  // A6.2.4
  const u32 rt = bits(h, 2, 0), rn = bits(h, 5, 3), high = bits(h, 10, 8), imm5 = bits(h, 10, 6);
  u32 target = rt;
  bool load = bit(h, 11);
  switch (bits(h, 15, 12)) {
    case 0b0101: {
      constexpr u8 kSize[8] = {4, 2, 1, 1, 4, 2, 1, 2};
      load = bits(h, 11, 9) >= 3;
      memory(i, load, kSize[bits(h, 11, 9)]);
      i.base = u8(rn);
      i.index = u8(bits(h, 8, 6));
      break;
    }
    case 0b0110: memory(i, load, 4), address(i, rn, i32(4 * imm5), true, false); break;
    case 0b0111: memory(i, load, 1), address(i, rn, i32(imm5), true, false); break;
    case 0b1000: memory(i, load, 2), address(i, rn, i32(2 * imm5), true, false); break;
    default:  // 0b1001, SP relative
      memory(i, load, 4), address(i, 13, i32(4 * bits(h, 7, 0)), true, false);
      target = high;
      break;
  }
  if (load) i.writes = reg(target);
}

Instruction t16(u32 h) {
  Instruction i;
  i.length = 2;
  if (bits(h, 15, 14) == 0 || bits(h, 15, 11) == 0b01000) {
    t16_data(i, h);
    return i;
  }
  switch (bits(h, 15, 11)) {
    case 0b01001:  // LDR literal
      memory(i, true, 4), address(i, 15, i32(4 * bits(h, 7, 0)), true, false);
      i.writes = reg(bits(h, 10, 8));
      i.literal = true;
      i.known.to = u8(bits(h, 10, 8));
      break;
    case 0b10100: i.writes = reg(bits(h, 10, 8)); break;  // ADR
    case 0b10101: set_known(i, bits(h, 10, 8), 13, i32(4 * bits(h, 7, 0))); break;
    case 0b10110:
    case 0b10111: t16_misc(i, h); break;
    case 0b11000: multiple(i, bits(h, 10, 8), bits(h, 7, 0), false, true, false, true); break;
    case 0b11001:
      multiple(i, bits(h, 10, 8), bits(h, 7, 0), true, true, false, (h & reg(bits(h, 10, 8))) == 0);
      break;
    case 0b11010:
    case 0b11011:
    case 0b11100: break;  // branches, SVC, UDF
    default: t16_load_store(i, h); break;
  }
  return i;
}

u32 t32_immediate(u32 w) {  // A6.3.2 ThumbExpandImm
  const u32 imm12 = (bits(w, 26, 26) << 11) | (bits(w, 14, 12) << 8) | bits(w, 7, 0), byte = imm12 & 0xff;
  if (imm12 >> 10 != 0) return std::rotr(0x80u | (imm12 & 0x7f), int(imm12 >> 7));
  switch (imm12 >> 8) {
    case 0: return byte;
    case 1: return byte * 0x00010001;
    case 2: return byte * 0x01000100;
    default: return byte * 0x01010101;
  }
}

void t32_immediates(Instruction& i, u32 w) {  // A6.3.1, A6.3.3
  const u32 rd = bits(w, 11, 8), rn = bits(w, 19, 16), op = bits(w, 24, 21);
  i.writes = reg(rd);
  const u32 imm12 = (bits(w, 26, 26) << 11) | (bits(w, 14, 12) << 8) | bits(w, 7, 0);
  if (!bit(w, 25)) {
    if (rd == 15 && bit(w, 20)) i.writes = 0;  // TST, TEQ, CMN, CMP
    if (op == 0b0010 && rn == 15) set_known(i, rd, kConstant, i32(t32_immediate(w)));
    if (op == 0b1000 && rd != 15) set_known(i, rd, rn, i32(t32_immediate(w)));
    if (op == 0b1101 && rd != 15) set_known(i, rd, rn, i32(0u - t32_immediate(w)));
    return;
  }
  switch (bits(w, 24, 20)) {
    case 0b00000:
      if (rn != 15) set_known(i, rd, rn, i32(imm12));
      break;
    case 0b01010:
      if (rn != 15) set_known(i, rd, rn, -i32(imm12));
      break;
    case 0b00100: set_known(i, rd, kConstant, i32((rn << 12) | imm12)); break;  // MOVW
    case 0b01100: i.known = {u8(rd), u8(rd), i32(0x10000)}; break;              // MOVT
    default: break;
  }
}

void t32_dual_exclusive(Instruction& i, u32 w) {  // A6.3.6
  const u32 rt = bits(w, 15, 12), rt2 = bits(w, 11, 8), rn = bits(w, 19, 16);
  const bool load = bit(w, 20), pre = bit(w, 24), writeback = bit(w, 21);
  if (pre || writeback) {
    memory(i, load, 8, 4);
    address(i, rn, sign(bit(w, 23), 4 * bits(w, 7, 0)), pre, writeback);
    if (load) i.writes = u16(i.writes | reg(rt) | reg(rt2));
    return;
  }
  i.base = u8(rn);
  if (!bit(w, 23)) {  // LDREX, STREX
    memory(i, load, 4, 4);
    i.offset = i32(4 * bits(w, 7, 0));
    i.exclusive = true;
    i.writes = load ? reg(rt) : reg(rt2);
    return;
  }
  const u32 op = bits(w, 7, 4);
  if (op < 2) {  // TBB, TBH
    memory(i, true, op + 1);
    i.index = u8(bits(w, 3, 0));
    return;
  }
  const u32 size = op == 7 ? 8 : (op == 5 ? 2 : 1);
  memory(i, load, size, size);
  i.exclusive = true;
  i.writes = load ? u16(reg(rt) | (size == 8 ? reg(rt2) : 0)) : reg(bits(w, 3, 0));
}

void t32_single(Instruction& i, u32 w) {  // A6.3.7 to A6.3.10
  const bool load = bit(w, 20);
  const u32 rt = bits(w, 15, 12), rn = bits(w, 19, 16), log = bits(w, 22, 21);
  if (load && rt == 15 && log != 2) return;  // PLD, PLI
  memory(i, load, 1u << log);
  if (rn == 15) {
    address(i, 15, sign(bit(w, 23), bits(w, 11, 0)), true, false);
    i.literal = load && log == 2;
  } else if (bit(w, 23)) {
    address(i, rn, i32(bits(w, 11, 0)), true, false);
  } else if (bit(w, 11)) {
    address(i, rn, sign(bit(w, 9), bits(w, 7, 0)), bit(w, 10), bit(w, 8));
  } else {
    i.base = u8(rn);
    i.index = u8(bits(w, 3, 0));
  }
  if (!load) return;
  i.writes = u16(i.writes | reg(rt));
  if (i.literal) i.known.to = u8(rt);
}

void t32_shifted_register(Instruction& i, u32 w) {  // A6.3.11
  const u32 rd = bits(w, 11, 8);
  if (rd == 15 && bit(w, 20)) return;  // TST, TEQ, CMN, CMP
  i.writes = reg(rd);
  const bool move = bits(w, 24, 21) == 0b0010 && bits(w, 19, 16) == 15;
  if (move && bits(w, 14, 12) == 0 && bits(w, 7, 4) == 0) set_known(i, rd, bits(w, 3, 0), 0);
}

Instruction t32(u32 w) {
  Instruction i;
  const u32 op1 = bits(w, 28, 27);
  if (bit(w, 26) && op1 != 2) {  // A6.3.18 coprocessor, Advanced SIMD
    if (bits(w, 27, 24) == 15) return i;
    if (bit(w, 28)) {
      i.writes = kAllRegisters;
    } else {
      coprocessor(i, w);
    }
  } else if (op1 == 1) {
    if (bit(w, 25)) {
      t32_shifted_register(i, w);
    } else if (bit(w, 22)) {
      t32_dual_exclusive(i, w);
    } else if (bits(w, 24, 23) == 1 || bits(w, 24, 23) == 2) {
      multiple(i, bits(w, 19, 16), bits(w, 15, 0), bit(w, 20), bit(w, 23), !bit(w, 23), bit(w, 21));
    } else {
      i.writes = kAllRegisters;  // SRS, RFE
    }
  } else if (op1 == 2) {
    if (!bit(w, 15)) {
      t32_immediates(i, w);
    } else {  // branches and miscellaneous control; MRS writes bits 11:8
      i.writes = bit(w, 14) ? reg(14) : reg(bits(w, 11, 8));
    }
  } else if (bits(w, 26, 24) == 1 && !bit(w, 20)) {
    simd_element(i, w);
  } else if (bits(w, 26, 25) == 0) {
    t32_single(i, w);
  } else {  // A6.3.12 to A6.3.17: register operations, multiplies, divides
    i.writes = u16(reg(bits(w, 11, 8)) | (bits(w, 26, 23) == 7 ? reg(bits(w, 15, 12)) : 0));
  }
  return i;
}

}  // namespace

Instruction decode(u32 code, bool thumb) {
  if (!thumb) return a32(code);
  const u32 first = code & 0xffff;
  if (first >> 11 < 0b11101) return t16(first);  // A6.1
  return t32((first << 16) | (code >> 16));
}

bool condition_holds(u32 condition, u32 cpsr) {
  const bool n = bit(cpsr, 31), z = bit(cpsr, 30), c = bit(cpsr, 29), v = bit(cpsr, 28);
  bool holds = true;
  switch (condition >> 1) {
    case 0: holds = z; break;
    case 1: holds = c; break;
    case 2: holds = n; break;
    case 3: holds = v; break;
    case 4: holds = c && !z; break;
    case 5: holds = n == v; break;
    case 6: holds = n == v && !z; break;
    default: return true;
  }
  return holds != ((condition & 1) != 0);
}

}  // namespace gotee
