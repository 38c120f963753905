// SPDX-License-Identifier: BSD-3-Clause
//
// Whether an address can be one that a call returns to.
// Ref: [ARM ARM] DDI 0406C.d, A8.8.25 BL and BLX (immediate), A8.8.26 BLX (register).
#include "simulator/calls.h"

namespace gotee::sim {
namespace {

constexpr u32 kMoveLrPc = 0xe1a0e00f;

u32 sign_extend(u32 value, unsigned bits) {
  const u32 sign = 1u << (bits - 1);
  return (value ^ sign) - sign;
}

bool is_arm_bl(u32 w) { return (w & 0x0f000000) == 0x0b000000 && (w >> 28) != 15; }
bool is_arm_blx(u32 w) { return (w & 0xfe000000) == 0xfa000000; }
bool is_arm_blx_register(u32 w) { return (w & 0x0ffffff0) == 0x012fff30 && (w >> 28) != 15; }
bool is_thumb_bl(u16 first, u16 second) { return (first & 0xf800) == 0xf000 && (second & 0xd000) == 0xd000; }
bool is_thumb_blx(u16 first, u16 second) { return (first & 0xf800) == 0xf000 && (second & 0xd001) == 0xc000; }
bool is_thumb_blx_register(u16 h) { return (h & 0xff87) == 0x4780; }

bool follows_arm_call(const ElfView& elf, u32 address) {
  if ((address & 3) != 0) return false;
  const auto last = elf.word(address - 4);
  if (!last) return false;
  return is_arm_bl(*last) || is_arm_blx(*last) || is_arm_blx_register(*last) ||
         elf.word(address - 8) == kMoveLrPc;
}

bool follows_thumb_call(const ElfView& elf, u32 address) {
  const auto first = elf.half(address - 4);
  const auto second = elf.half(address - 2);
  if (!second) return false;
  if (is_thumb_blx_register(*second)) return true;
  return first && (is_thumb_bl(*first, *second) || is_thumb_blx(*first, *second));
}

/// The 25-bit offset of BL and BLX, encodings T1 and T2.
u32 thumb_offset(u32 first, u32 second) {
  const u32 s = (first >> 10) & 1;
  const u32 i1 = 1 ^ ((second >> 13) & 1) ^ s;
  const u32 i2 = 1 ^ ((second >> 11) & 1) ^ s;
  const u32 value = s << 24 | i1 << 23 | i2 << 22 | (first & 0x3ff) << 12 | (second & 0x7ff) << 1;
  return sign_extend(value, 25);
}

}  // namespace

bool follows_call(const ElfView& elf, u32 address) {
  const u32 code = address & ~1u;
  if (!elf.executable(code)) return false;
  return (address & 1) != 0 ? follows_thumb_call(elf, code) : follows_arm_call(elf, code);
}

std::optional<u32> call_target(const ElfView& elf, u32 address) {
  const u32 code = address & ~1u;
  if ((address & 1) != 0) {
    const auto first = elf.half(code - 4);
    const auto second = elf.half(code - 2);
    if (!first || !second) return std::nullopt;
    if (is_thumb_bl(*first, *second)) return code + thumb_offset(*first, *second);
    if (is_thumb_blx(*first, *second)) return (code & ~3u) + thumb_offset(*first, *second);
    return std::nullopt;
  }
  const auto word = elf.word(code - 4);
  if (!word) return std::nullopt;
  const u32 base = code + 4;  // the processor's pc is eight bytes ahead of the branch
  if (is_arm_bl(*word)) return base + (sign_extend(*word & 0xffffff, 24) << 2);
  if (is_arm_blx(*word)) return base + (sign_extend(*word & 0xffffff, 24) << 2 | ((*word >> 23) & 2));
  return std::nullopt;
}

}  // namespace gotee::sim
