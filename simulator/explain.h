// SPDX-License-Identifier: BSD-3-Clause
//
// The explanation of a fault for people: what, to whose memory, from which line, and how it came there.
#pragma once
#include "simulator/evidence.h"
#include "simulator/style.h"

namespace gotee::sim {

std::string explain_fault(const Evidence& evidence, Disassembler& disassembler, const Style& style);
/// Where a still running applet was when a budget ran out or nothing could ever run again.
std::string explain_unfinished(const Evidence& evidence, bool deadlocked, const Style& style);

}  // namespace gotee::sim
