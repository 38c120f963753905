// SPDX-License-Identifier: BSD-3-Clause
//
// The explanation of a fault for people: what, to whose memory, from which line, and how it came there.
#pragma once
#include "simulator/evidence.h"
#include "simulator/style.h"

namespace gotee::sim {

std::string explain_fault(const Evidence& evidence, Disassembler& disassembler, const Style& style);
/// Why an applet that is still running was not allowed to go on.
enum class Ending : u8 { Budget, Deadlock, Interrupted, Unwritable };

/// Where a still running applet was when the run ended.
std::string explain_unfinished(const Evidence& evidence, Ending ending, const Style& style);

}  // namespace gotee::sim
