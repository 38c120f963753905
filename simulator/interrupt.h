// SPDX-License-Identifier: BSD-3-Clause
//
// Ctrl-C, which ends whatever goes on, and never the program before it has said what it knows.
#pragma once

namespace gotee::sim {

/// From now on SIGINT and SIGTERM are counted, and broken pipes and file limits are errors of write().
void catch_signals();
/// How often somebody asked to stop.
int interrupts();

}  // namespace gotee::sim
