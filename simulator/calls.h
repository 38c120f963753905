// SPDX-License-Identifier: BSD-3-Clause
//
// Whether an address can be one that a call returns to.
// Ref: [ARM ARM] DDI 0406C.d, A8.8.25 BL and BLX (immediate), A8.8.26 BLX (register).
#pragma once
#include <optional>

#include "core/base/types.h"
#include "simulator/elf_view.h"

namespace gotee::sim {

/// True where `address` (bit 0: Thumb) is executable, aligned, and stands just behind a BL or BLX of that
/// state, or in ARM state behind `mov lr, pc` and the instruction that jumps.
bool follows_call(const ElfView& elf, u32 address);

/// Where the BL or BLX (immediate) just before `address` goes, bit 0 cleared; nothing for calls by register.
std::optional<u32> call_target(const ElfView& elf, u32 address);

}  // namespace gotee::sim
