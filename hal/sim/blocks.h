// SPDX-License-Identifier: BSD-3-Clause
//
// What the engine must know of each translated block: how many instructions it holds, and on which registers
// the alignment of its loads and stores depends. Ref: [ARM ARM] DDI 0406C.d, A3.2.1 (unaligned access): LDM,
// STM, LDRD, STRD, PUSH, POP, VLDR, VLDM and so on fault when not word-aligned, whatever SCTLR.A. QEMU
// before 6.1, and so Unicorn, does not check them; nor STREX when the monitor would make it fail anyway.
#pragma once
#include <functional>
#include <span>
#include <vector>

#include "core/fault/instruction.h"

namespace gotee::sim {

/// An alignment that must hold for a register at the start of a block.
struct AlignmentCheck {
  u8 source = 0;      // register
  i32 delta = 0;      // added to it
  u32 alignment = 4;  // bytes
};

/// A set of facts about r0-r14: bit n says that rn is word-aligned, bit 16 + n that it is doubleword-aligned.
using AlignedSet = u32;
constexpr AlignedSet word_aligned(u32 reg) { return 1u << reg; }
constexpr AlignedSet doubleword_aligned(u32 reg) { return 0x10000u << reg; }

/// Alignment is followed as an abstract value through the block: every address is a register of the block's
/// start plus a constant, or unknown. What is known can be checked once, before the block; and where the
/// registers are known to be aligned from the block before, not even that.
struct Block {
  std::vector<u32> starts;  // address of each instruction
  u32 end = 0;
  AlignedSet needs = 0;                // must hold at the start
  AlignedSet keeps = 0;                // hold at the end if they held at the start
  AlignedSet gains = 0;                // hold at the end, if `needs` held
  std::vector<AlignmentCheck> checks;  // the rest
  bool unknown = false;                // some address cannot be known before the block runs
  std::vector<bool>
      inside_it;  // for each instruction: it stands under an IT, and no stop is possible before it
  std::vector<bool> demanding;  // for each instruction: see below
};

/// Reads the instruction bytes at an address; at most 4, fewer at the end of memory.
using FetchCode = std::function<std::span<const u8>(u32 address)>;

/// True when the engine leaves it to us to check this instruction's alignment: it checks LDREX and its kin
/// itself, and what stands at a multiple of the alignment from the PC cannot be wrong.
bool demanding(const Instruction& instruction);

Block analyse(u32 address, u32 size, bool thumb, const FetchCode& fetch);

}  // namespace gotee::sim
