// SPDX-License-Identifier: BSD-3-Clause
//
// Unwinding with the ARM exception tables, .ARM.exidx and .ARM.extab, which stripped images still have.
// Ref: [EHABI32] IHI 0038, Exception Handling ABI for the Arm Architecture, chapters 5, 6 and 10.
#pragma once
#include <optional>
#include <span>
#include <vector>

#include "core/base/types.h"
#include "simulator/elf_view.h"
#include "simulator/frame_state.h"

namespace gotee::sim::exidx {

/// What the tables say about the function that contains an address.
struct Entry {
  u32 function = 0;              // where it begins, bit 0 cleared
  bool cannot_unwind = false;    // EXIDX_CANTUNWIND: nothing called it, or nobody may know
  std::vector<u8> instructions;  // the unwinding instructions, in the order of execution
};

/// The entry of the function that contains `address`, from the inline compact form, the compact models of
/// personality routines 0 to 2, or the generic model as GCC's and Clang's personality routines lay it out.
/// Nothing when there is no table, no entry covers the address, or the entry is malformed.
std::optional<Entry> find(const ElfView& elf, u32 address);

enum class Outcome {
  Done,        // the state is the caller's
  Refused,     // the code says that it cannot be unwound
  Malformed,   // reserved or cut short instruction, or a register that is not known
  Unreadable,  // the stack could not be read
};

/// Runs unwinding instructions over the registers of one frame. When Done, sp, pc and the saved registers are
/// the caller's, and pc has bit 0 set for Thumb; otherwise the state is of no use.
Outcome execute(std::span<const u8> instructions, FrameState& state, const ReadMemory& read);

}  // namespace gotee::sim::exidx
