// SPDX-License-Identifier: BSD-3-Clause
//
// What the first instructions of a function did to the stack: for code without unwind tables.
// Ref: [AAPCS32] IHI 0042; [ARM ARM] DDI 0406C.d, A8.8.133 PUSH, A8.8.225 SUB (SP minus immediate).
#pragma once
#include <array>
#include <optional>

#include "core/base/types.h"
#include "simulator/elf_view.h"
#include "simulator/frame_state.h"

namespace gotee::sim {

/// Everything is counted from the CFA, the value of sp when the function was entered.
struct Prologue {
  std::array<std::optional<u32>, 16> saved;  // the caller's register i is at CFA + saved[i]
  std::array<std::optional<u32>, 16> value;  // register i holds CFA + value[i]
  bool exact = false;  // every instruction so far was understood: this is fact, not a guess
};

/// Follows the code from `start` up to, and without, `stop`; at most 64 instructions, in a straight line, and
/// no further than the first that leaves it.
Prologue analyse_prologue(const ElfView& elf, u32 start, u32 stop, bool thumb);

/// The nearest instruction at or before `address`, at most 4 KiB away, that stores lr on the stack as
/// functions do when they begin. A guess.
std::optional<u32> guess_start(const ElfView& elf, u32 address, bool thumb);

/// True where an instruction between `start` and `stop` returns, as far as one can tell without branches.
bool returns_between(const ElfView& elf, u32 start, u32 stop, bool thumb);

}  // namespace gotee::sim
