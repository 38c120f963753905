// SPDX-License-Identifier: BSD-3-Clause
//
// Just enough of an instruction decoder to say what an instruction asks of memory, and which registers it may
// change. Unknown encodings are taken to change every register, so that users of `writes` stay sound.
// Ref: [ARM ARM] DDI 0406C.d, A5 (A32), A6 (T32), A7 (Advanced SIMD and VFP), A3.2.1 (alignment).
#pragma once
#include "core/mem/region.h"

namespace gotee {

inline constexpr u8 kNoRegister = 0xff;
inline constexpr u16 kAllRegisters = 0xffff;

/// Instruction::known says `to = from + delta`; `from` kConstant means `to = delta`. Exact but for MOVT, of
/// which it tells the low halfword alone, all that alignment needs.
inline constexpr u8 kConstant = 16;

struct Instruction {
  u32 length = 4;            // bytes: 2 or 4
  bool conditional = false;  // A32 condition field other than "always"; an IT block is the caller's affair
  bool exclusive = false;    // LDREX, STREX and their kin

  // Memory
  Access access = Access::None;  // Read, Write, or None when it touches no memory
  u32 size = 0;                  // bytes in all
  u32 alignment = 1;             // bytes demanded whatever SCTLR.A says (A3.2.1): 1, 2, 4, 8, 16 or 32
  u8 base = kNoRegister;         // 15: the word-aligned PC
  i32 offset = 0;                // of the lowest address from the base
  u8 index = kNoRegister;        // a register takes part in the address as well
  bool index_subtracted = false;

  // Registers
  u16 writes = 0;  // r0-r15 that it may change
  struct Known {
    u8 to = kNoRegister;
    u8 from = kNoRegister;
    i32 delta = 0;
  } known;               // one of `writes` whose new value is a matter of arithmetic
  bool literal = false;  // a word load from the PC: the address is Align(PC,4) + offset, target `known.to`
  u8 it_length = 0;      // IT: how many instructions follow under its condition
};

/// Decode the instruction whose bytes are `code`: A32, or T32 with the first halfword in the low half.
Instruction decode(u32 code, bool thumb);

/// True when an A32/T32 condition holds for these flags (A8.3.1).
bool condition_holds(u32 condition, u32 cpsr);

}  // namespace gotee
