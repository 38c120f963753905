// SPDX-License-Identifier: BSD-3-Clause
//
// Registers, addresses, and the ways in which a register comes by one.
#include "tests/qemu/differential/writer.h"

#include <algorithm>
#include <array>

#include "core/mem/layout.h"
#include "tests/contract/rig.h"

namespace gotee::differential {
namespace {

using namespace contract;

constexpr u32 kSafeMiddles[] = {0x10080000, 0x10200000};  // mapped in pages, and in sections
constexpr u32 kPlaced = kSafeReach + 0x10;

struct Boundary {
  u64 at;
  const char* name;
  u32 weight = 2;
  bool device = false;
};
constexpr Boundary kBoundaries[] = {
    {0, "null", 2},
    {0x1000, "the end of the null page", 1},
    {kOcram.base.raw, "on-chip RAM", 1, true},
    {kAips.base.raw, "peripherals", 1, true},
    {kBase, "the start of the region", 4},
    {kText, "data to text", 6},
    {kThumbText, "text", 3},
    {kConstants, "text to constants", 6},
    {kData, "constants to data", 6},
    {kData + 0x800, "data", 5},
    {kGuard, "data to guard", 6},
    {kRest, "guard to rest", 5},
    {kHeap, "pages to sections", 4},
    {0x10300000, "section to section", 3},
    {kEnd, "the end of the region", 5},
    {kIsland, "the island", 3},
    {kIsland + kPageSize, "the end of the island", 3},
    {kNormalDram.base.raw, "the normal world", 1},
    {kSupervisorDram.base.raw, "the supervisor", 2},
    {kSupervisorConstants.base.raw, "the supervisor's constants", 1},
    {kBacking[0].raw + 0x13000, "own memory in the pool", 1},
    {kAppletDram.end(), "the end of DRAM", 1},
    {0xfff00000, "high hole", 1},
    {u64{1} << 32, "the top of the address space", 2},
};

const Boundary& choose(Dice& dice) {
  u32 total = 0;
  for (const Boundary& b : kBoundaries) total += b.weight;
  u32 left = dice.below(total);
  for (const Boundary& b : kBoundaries) {
    if (left < b.weight) return b;
    left -= b.weight;
  }
  return kBoundaries[0];
}

std::string where(const Boundary& boundary, i64 at) {
  char out[80];
  std::snprintf(out, sizeof out, "%08x (%s%+d)", u32(at), boundary.name, int(at - i64(boundary.at)));
  return out;
}

constexpr u32 kLargestImmediate = 255;  // that A32 (A5.2.4) and T32 (A6.3.3) can add without a rotation

}  // namespace

Writer::Writer(Dice& d, Program& p) : dice{d}, program{p} {
  Context& c = program.context;
  for (u32 i = 0; i < 15; ++i) c.r[i] = dice.value();
  for (u32 i = 0; i < 32; ++i) {
    const u64 high =
        dice.chance(50) ? dice.word() : dice.of({0x3ff00000, 0xc0080000, 0x7ff00000, 0x00000000});
    c.d[i] = high << 32 | dice.value();
  }
  // B1.3.3: N, Z, C, V, Q, GE. A2.6, FPSCR: flags, QC, AHP, DN, FZ, RMode, cumulative exceptions.
  c.cpsr = kCpsrUser | (dice.word() & 0xf80f0000) | (thumb() ? kCpsrThumb : 0);
  c.fpscr = dice.word() & (dice.chance(50) ? 0xf7c0009f : 0xf0000000);
  c.tpidrurw = dice.word();
  const u32 middle = dice.one_of(kSafeMiddles) + 8 * dice.below(16);
  c.r[kSp] = middle - 0x10000;
  safe_ = any(dice.chance(70) ? kLow : kGeneral);
  reserve(safe_);
  set(safe_, middle);
}

void Writer::put(u32 code) {
  const auto half = [&](u32 value) {
    program.code.push_back(u8(value));
    program.code.push_back(u8(value >> 8));
  };
  if (!thumb()) {
    half(code), half(code >> 16);
  } else {
    if (code > 0xffff) half(code >> 16);
    half(code);
  }
}

void Writer::put_conditional(u32 code) {
  const bool has_condition = !thumb() && code >> 28 == kAlways;
  put(has_condition && dice.chance(25) ? (code & 0x0fffffff) | dice.below(14) << 28 : code);
}

void Writer::it(u32 count) {  // A8.8.54
  const u32 first = dice.below(14);
  u32 mask = 1u << (4 - count);
  for (u32 i = 1; i < count; ++i) mask |= (dice.chance(60) ? first & 1 : ~first & 1) << (4 - i);
  put(0xbf00 | first << 4 | mask);
}

void Writer::set(u32 number, u32 value) { program.context.r[number] = value; }

void Writer::prepare(u32 number, u32 value) {
  reserve(number);
  if (dice.chance(45)) return set(number, value);
  // r13 is no destination of most instructions in T32.
  const auto way = number == kSp ? Way::Move : Way(dice.below(5));
  const u32 from = target(kGeneral & ~kLow);
  reserve(from);
  const u32 amount = dice.below(kLargestImmediate + 1);
  preparations_.push_back({way, number, from, way == Way::Load || way == Way::Halves ? value : amount});
  if (way == Way::Add) set(from, value - amount);
  if (way == Way::Subtract) set(from, value + amount);
  if (way == Way::Move) set(from, value);
}

void Writer::write_immediate(u32 number, u32 from, u32 amount, bool subtract) {
  if (!thumb()) return put((subtract ? 0xe2400000 : 0xe2800000) | from << 16 | number << 12 | amount);
  put((subtract ? 0xf2a00000 : 0xf2000000) | from << 16 | number << 8 | (amount & 0x700) << 4 |
      (amount & 0xff));
}

void Writer::write_preparation() {
  if (preparations_.empty()) return;
  const Preparation p = preparations_.back();
  preparations_.pop_back();
  switch (p.way) {
    case Way::Add:
    case Way::Subtract: return write_immediate(p.number, p.from, p.value, p.way == Way::Subtract);
    case Way::Move:
      return put(thumb() ? 0x4600 | (p.number & 8) << 4 | p.from << 3 | (p.number & 7)
                         : 0xe1a00000 | p.number << 12 | p.from);
    case Way::Halves:
      for (const u32 top : {0u, 1u}) {  // MOVW, MOVT
        const u32 half = (p.value >> (16 * top)) & 0xffff;
        if (thumb()) {
          put(0xf2400000 | top << 23 | (half & 0xf000) << 4 | (half & 0x800) << 15 | (half & 0x700) << 4 |
              p.number << 8 | (half & 0xff));
        } else {
          put(0xe3000000 | top << 22 | (half & 0xf000) << 4 | p.number << 12 | (half & 0xfff));
        }
      }
      return;
    case Way::Load:
      return put((thumb() ? 0xf8d00000 : 0xe5900000) | safe() << 16 | p.number << 12 | place(p.value));
  }
}

u32 Writer::place(u32 value) {
  const u32 offset = kPlaced + 4 * placed_++;
  program.words.emplace_back(program.context.r[safe_] + offset, value);
  return offset;
}

u32 Writer::aim(u32 size, u32 natural, bool misalign) {
  const Boundary& boundary = choose(dice);
  const i64 span = i64{size} + 8;
  i64 at = i64(boundary.at) - span + i64(dice.below(u32(2 * span)));
  // A3.2.1, A3.5.7: what is unaligned in Device memory, or lies in two types of memory, is UNPREDICTABLE.
  if (boundary.device) at = i64(boundary.at) + 16 * dice.below(2);
  if (!misalign || dice.chance(55)) at &= ~(i64{natural} - 1);
  // A3.1: so is running over the top of the address space.
  at = std::clamp(at, i64{0}, (i64{1} << 32) - size);
  program.description += " at " + where(boundary, at);
  return u32(at);
}

u32 Writer::aim_jump(bool to_thumb, i64 reach) {
  const i64 step = to_thumb ? 2 : 4;
  for (;;) {
    const Boundary& boundary = choose(dice);
    const i64 at = (i64(boundary.at) - 16 + i64(dice.below(32))) & ~(step - 1);
    if (at < 0 || at >= i64{1} << 32 || boundary.device) continue;
    const i64 distance = at - i64(here());
    if (distance > reach - 64 || distance < 64 - reach) continue;
    // Own text holds supervisor calls of one instruction set, but for the program itself.
    const bool own = at >= kText && at < kConstants;
    const bool itself = at + 4 > i64(program.zone) && at < i64(program.zone) + kZone;
    if (own && (to_thumb != thumb() || itself)) continue;
    program.description += std::string{to_thumb ? " to Thumb" : " to ARM"} + " at " + where(boundary, at);
    return u32(at) | (to_thumb ? 1 : 0);
  }
}

void Writer::say(std::string_view what) { program.description.insert(0, what); }

void Writer::may_abort(Unknown what) {
  what.pc = here();
  program.unknown.push_back(what);
}

}  // namespace gotee::differential
