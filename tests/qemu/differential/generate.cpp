// SPDX-License-Identifier: BSD-3-Clause
//
// A case from its number: where it stands, what it computes, how it ends.
#include "tests/contract/rig.h"
#include "tests/qemu/differential/writer.h"

namespace gotee::differential {
namespace {

using namespace contract;

Ending plan(Writer& w) {
  const u32 kind = w.dice.below(100);
  if (kind < 45) return plan_access(w);
  if (kind < 55) return plan_exclusive(w);
  if (kind < 80) return plan_vector_access(w);
  return plan_jump(w);
}

void write_one(Writer& w, bool in_it) {
  const u32 kind = w.dice.below(100);
  if (kind < 12) return write_safe_access(w);
  if (kind < 22) return write_vfp(w);
  if (kind < 30 && !in_it) return write_neon(w);
  w.thumb() ? write_t32(w, in_it) : write_a32(w);
}

/// Eight to twenty-four instructions, those among them that bring the ending's registers about.
void write_body(Writer& w) {
  const u32 count = w.dice.between(8, 24);
  for (u32 i = 0; i < count; ++i) {
    if (w.dice.chance(15)) w.write_preparation();
    const u32 block = w.thumb() && w.dice.chance(12) ? w.dice.between(1, 4) : 0;
    if (block != 0) w.it(block);
    for (u32 k = 0; k < std::max(block, 1u); ++k) write_one(w, block != 0);
    i += std::max(block, 1u) - 1;
  }
  for (u32 i = 0; i < 3; ++i) w.write_preparation();
}

void write_ending(Writer& w, const Ending& ending) {
  if (!w.thumb() || !ending.conditional || w.dice.chance(60)) return ending.write(w);
  const u32 most = 4 - ending.length;
  const u32 before = w.dice.below(most + 1), after = ending.jumps ? 0 : w.dice.below(most - before + 1);
  w.it(before + ending.length + after);
  for (u32 i = 0; i < before; ++i) write_t32(w, true);
  ending.write(w);
  for (u32 i = 0; i < after; ++i) write_t32(w, true);
}

Program build(u32 seed, u32 number, bool thumb, u32 zone, u32 start) {
  Dice dice{seed, number};
  Program program;
  program.thumb = thumb;
  program.zone = zone;
  program.start = start;
  Writer w{dice, program};
  const Ending ending = plan(w);
  write_body(w);
  write_ending(w, ending);
  program.context.r[kPc] = start;
  program.description.insert(0, thumb ? "thumb " : "arm ");
  return program;
}

}  // namespace

Program generate(u32 seed, u32 number) {
  Dice dice{~seed, number};  // not the dice of the program itself, which is written twice
  const bool thumb = dice.chance(50);
  const u32 step = thumb ? 2 : 4;
  const auto at = [&](u32 zone, u32 start) { return build(seed, number, thumb, zone, start); };
  switch (dice.below(8)) {
    case 0: {  // to the last byte of the text, or half an instruction over it
      const u32 zone = kConstants - kZone, over = thumb && dice.chance(50) ? 2 : 0;
      return at(zone, kConstants + over - u32(at(zone, zone).code.size()));
    }
    case 1: {  // across a page
      const u32 zone = kThumbText - kZone / 2;
      return at(zone, kThumbText - step * dice.below(16));
    }
    default: {
      const u32 zone = (dice.chance(50) ? kText : kThumbText) + dice.below(kPageSize - kZone) / step * step;
      return at(zone, zone);
    }
  }
}

}  // namespace gotee::differential
