// SPDX-License-Identifier: BSD-3-Clause
//
// The few DWARF operations that call frame information is made of.
// Ref: [DWARF5] 2.5 and 6.4.2.
#pragma once
#include <optional>
#include <span>

#include "core/base/types.h"
#include "simulator/frame_state.h"

namespace gotee::sim {

/// The value of a DWARF expression over a frame's registers and stack, starting with `initial` on the
/// expression's own stack where there is one. Nothing when it is malformed, needs a register that is not
/// known, reads memory that cannot be read, or uses an operation that no call frame information needs
/// (branches, thread-local storage, pieces): so the work is bounded by its length.
std::optional<u32> evaluate(std::span<const u8> expression, std::optional<u32> initial,
                            const FrameState& state, const ReadMemory& read);

}  // namespace gotee::sim
