// SPDX-License-Identifier: BSD-3-Clause
//
// What the first instructions of a function did to the stack.
// Ref: [AAPCS32] IHI 0042; [ARM ARM] DDI 0406C.d, chapters A5 (encodings of ARM) and A6 (of Thumb).
#include "simulator/prologue.h"

#include <bit>

namespace gotee::sim {
namespace {

constexpr unsigned kMostInstructions = 64;
constexpr u32 kMostBack = 4096;
constexpr u32 kAlways = 14;

u32 arm_immediate(u32 w) { return std::rotr(w & 0xff, int((w >> 8) & 15) * 2); }

/// ThumbExpandImm, A6.3.2.
u32 thumb_immediate(u32 first, u32 second) {
  const u32 imm12 = ((first >> 10) & 1) << 11 | ((second >> 12) & 7) << 8 | (second & 0xff);
  const u32 byte = imm12 & 0xff;
  switch (imm12 >> 8) {
    case 0: return byte;
    case 1: return byte << 16 | byte;
    case 2: return byte << 24 | byte << 8;
    case 3: return byte * 0x01010101;
    default: return std::rotr(0x80 | (imm12 & 0x7f), int(imm12 >> 7));
  }
}
u32 thumb_plain_immediate(u32 first, u32 second) {
  return ((first >> 10) & 1) << 11 | ((second >> 12) & 7) << 8 | (second & 0xff);
}
bool is_wide(u16 first) { return first >= 0xe800; }

/// The registers of the function as multiples of the CFA, one instruction after the other.
class Follower {
 public:
  Follower() { prologue_.value[kSp] = 0; }

  bool stopped() const { return stopped_; }
  Prologue finish(bool all) {
    prologue_.exact = all && understood_ && !stopped_;
    return prologue_;
  }

  void arm(u32 w) {
    const u32 rd = (w >> 12) & 15;
    const u32 rn = (w >> 16) & 15;
    if ((w >> 28) != kAlways) return conditional(w);
    if ((w & 0x0fff0000) == 0x092d0000) return push(w & 0xffff);                     // stmdb sp!, {...}
    if ((w & 0x0fff0000) == 0x052d0000) return store_below(rd, w & 0xfff);           // str rd, [sp, #-n]!
    if ((w & 0x0fbf0e00) == 0x0d2d0a00) return move(kSp, kSp, 0u - 4 * (w & 0xff));  // vpush
    if ((w & 0x0ff00000) == 0x02800000) return move(rd, rn, arm_immediate(w));       // add
    if ((w & 0x0ff00000) == 0x02400000) return move(rd, rn, 0u - arm_immediate(w));  // sub
    if ((w & 0x0fff0ff0) == 0x01a00000) return move(rd, w & 15, 0);                  // mov rd, rm
    if (leaves_arm(w)) return stop();
    unknown();
    const bool loads_or_computes = (w & 0x0c000000) == 0 || (w & 0x0c100000) == 0x04100000;
    if (loads_or_computes) lose(rd);
  }

  void thumb(u16 h) {
    if ((h & 0xfe00) == 0xb400) return push((h & 0xffu) | (h & 0x100u) << 6);
    if ((h & 0xff80) == 0xb080) return move(kSp, kSp, 0u - 4 * (h & 0x7fu));
    if ((h & 0xff80) == 0xb000) return move(kSp, kSp, 4 * (h & 0x7fu));
    if ((h & 0xf800) == 0xa800) return move((h >> 8) & 7u, kSp, 4 * (h & 0xffu));
    if ((h & 0xff00) == 0x4600) return move((h & 7u) | ((h >> 4) & 8u), (h >> 3) & 15u, 0);
    const bool leaves = (h & 0xff00) == 0x4700 || (h & 0xfe00) == 0xbc00 || (h & 0xf800) == 0xe000;
    if (leaves) return stop();  // bx, blx, pop, b
    unknown();
    if ((h & 0xe000) == 0x2000) lose((h >> 8) & 7u);                            // mov, cmp, add, sub #imm8
    if ((h & 0xe000) == 0x0000) lose(h & 7u);                                   // shifts, add, sub
    if ((h & 0xf800) == 0x4800 || (h & 0xf800) == 0x9800) lose((h >> 8) & 7u);  // ldr literal, sp
    if ((h & 0xf800) == 0x6800) lose(h & 7u);                                   // ldr
  }

  void thumb(u16 first, u16 second) {
    const u32 rd = (second >> 8) & 15u;
    const u32 rn = first & 15u;
    if (first == 0xe92d) return push(second);
    if (first == 0xf84d && (second & 0x0f00) == 0x0d00) return store_below(second >> 12, second & 0xffu);
    if ((first & 0xffbf) == 0xed2d && (second & 0x0e00) == 0x0a00)
      return move(kSp, kSp, 0u - 4 * (second & 0xffu));
    if ((second & 0x8000) == 0 && is_addition(first)) return move(rd, rn, add_immediate(first, second));
    const bool branch = (first & 0xf800) == 0xf000 && (second & 0x8000) != 0;
    if (branch || first == 0xe8bd) return stop();  // also msr and the like, which end a prologue as well
    unknown();
    if ((first & 0xfa00) == 0xf000) lose(rd);            // data processing
    if ((first & 0xfe50) == 0xf850) lose(second >> 12);  // ldr
  }

 private:
  static bool is_addition(u16 first) {
    const u32 op = first & 0xfbf0;
    return op == 0xf100 || op == 0xf1a0 || op == 0xf200 || op == 0xf2a0;
  }
  static u32 add_immediate(u16 first, u16 second) {
    const bool plain = (first & 0x0200) != 0;
    const u32 amount = plain ? thumb_plain_immediate(first, second) : thumb_immediate(first, second);
    const bool subtract = (first & 0x00f0) == 0x00a0;
    return subtract ? 0u - amount : amount;
  }
  static bool leaves_arm(u32 w) {
    return (w & 0x0e000000) == 0x0a000000 ||  // b, bl
           (w & 0x0fffffd0) == 0x012fff10 ||  // bx, blx
           (w & 0x0fff0000) == 0x08bd0000 ||  // pop
           (w & 0x0e108000) == 0x08108000 ||  // ldm with pc
           (w & 0x0c10f000) == 0x0410f000 ||  // ldr pc
           (w & 0x0e00f000) == 0x0000f000;    // mov pc and relations
  }

  void stop() { stopped_ = true; }
  void unknown() { understood_ = false; }
  void conditional(u32 w) {
    // A stack check in front of the prologue branches away; that is not the way here.
    unknown();
    if ((w & 0x0e000000) != 0x0a000000) lose((w >> 12) & 15);
  }
  void lose(u32 reg) {
    prologue_.value[reg] = std::nullopt;
    if (reg == kSp) stop();
  }
  void move(u32 to, u32 from, u32 distance) {
    if (prologue_.value[from]) {
      prologue_.value[to] = *prologue_.value[from] + distance;
    } else {
      unknown();
      lose(to);
    }
  }
  void save(u32 reg, u32 at) {
    if (!prologue_.saved[reg]) prologue_.saved[reg] = at;
  }
  void push(u32 list) {
    u32 at = prologue_.value[kSp].value_or(0) - 4 * u32(std::popcount(list));
    prologue_.value[kSp] = at;
    for (u32 i = 0; i < 16; ++i) {
      if (((list >> i) & 1) == 0) continue;
      save(i, at);
      at += 4;
    }
  }
  void store_below(u32 reg, u32 distance) {
    const u32 at = prologue_.value[kSp].value_or(0) - distance;
    prologue_.value[kSp] = at;
    save(reg, at);
  }

  Prologue prologue_;
  bool understood_ = true;
  bool stopped_ = false;
};

bool saves_lr_arm(u32 w) { return (w & 0xffff4000) == 0xe92d4000 || (w & 0xfffff000) == 0xe52de000; }
bool saves_lr_thumb(u16 first, u16 second) {
  return (first & 0xff00) == 0xb500 || (first == 0xe92d && (second & 0x4000) != 0) ||
         (first == 0xf84d && (second & 0xff00) == 0xed00);
}
bool pushes_arguments(const ElfView& elf, u32 address, bool thumb) {
  if (thumb) return (elf.half(address).value_or(0) & 0xfff0) == 0xb400;
  return (elf.word(address).value_or(0) & 0xfffffff0) == 0xe92d0000;
}
bool returns_arm(u32 w) {
  return w == 0xe12fff1e || (w & 0xffff8000) == 0xe8bd8000 || (w & 0xfffff000) == 0xe49df000;
}
bool returns_thumb(u16 first, u16 second) {
  return first == 0x4770 || (first & 0xff00) == 0xbd00 || (first == 0xe8bd && (second & 0x8000) != 0) ||
         (first == 0xf85d && second == 0xfb04);
}

}  // namespace

Prologue analyse_prologue(const ElfView& elf, u32 start, u32 stop, bool thumb) {
  Follower follower;
  u32 at = start;
  for (unsigned i = 0; i < kMostInstructions && at < stop && !follower.stopped(); ++i) {
    if (!thumb) {
      const auto word = elf.word(at);
      if (!word) break;
      follower.arm(*word);
      at += 4;
      continue;
    }
    const auto first = elf.half(at);
    if (!first) break;
    if (is_wide(*first)) {
      follower.thumb(*first, elf.half(at + 2).value_or(0));
      at += 4;
    } else {
      follower.thumb(*first);
      at += 2;
    }
  }
  return follower.finish(at == stop);
}

std::optional<u32> guess_start(const ElfView& elf, u32 address, bool thumb) {
  const u32 size = thumb ? 2 : 4;
  u32 at = address & ~(size - 1);
  for (u32 back = 0; back < kMostBack && at >= size; back += size, at -= size) {
    const bool found = thumb ? saves_lr_thumb(elf.half(at).value_or(0), elf.half(at + 2).value_or(0))
                             : saves_lr_arm(elf.word(at).value_or(0));
    if (found) return pushes_arguments(elf, at - size, thumb) ? at - size : at;
  }
  return std::nullopt;
}

bool returns_between(const ElfView& elf, u32 start, u32 stop, bool thumb) {
  const u32 size = thumb ? 2 : 4;
  for (u32 at = start & ~(size - 1); at < stop && at - start < kMostBack; at += size) {
    const bool found = thumb ? returns_thumb(elf.half(at).value_or(0), elf.half(at + 2).value_or(0))
                             : returns_arm(elf.word(at).value_or(0));
    if (found) return true;
  }
  return false;
}

}  // namespace gotee::sim
