// SPDX-License-Identifier: BSD-3-Clause
//
// Keeping the Normal world out: TZASC for memory, CSU for devices and bus masters.
#pragma once
#include <array>
#include <string_view>

#include "core/base/result.h"

namespace gotee {

/// Give DRAM to both worlds but for [base, base + size), give devices and masters their worlds by the CSU's
/// policy table, and lock both until reset. Unsupported when the machine has no TZASC, any other error when
/// it has one and something did not hold (bypassed, not what was written, not locked).
Result<> keep_normal_world_out(PhysAddr base, u32 size);

/// What this machine cannot do of that, one sentence each; empty where it can.
std::array<std::string_view, 2> missing_guards();

}  // namespace gotee
