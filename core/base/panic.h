// SPDX-License-Identifier: BSD-3-Clause
//
// The end of the line for bugs in the TEE itself.
#pragma once

namespace gotee {

/// Stop the machine: a bug in the TEE itself, never reachable from applet input.
/// Defined once per program, by whoever owns the process or the board.
[[noreturn]] void panic(const char* what);

/// Always checked, in every build.
#define GOTEE_INVARIANT(cond) ((cond) ? void() : ::gotee::panic(#cond))

}  // namespace gotee
