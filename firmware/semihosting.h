// SPDX-License-Identifier: BSD-3-Clause
//
// Telling an emulator or a debugger that the program is over. Nothing else of semihosting is used.
// Ref: [SEMIHOSTING] Semihosting for AArch32 and AArch64, SYS_EXIT_EXTENDED.
#pragma once

namespace gotee {

/// Ends the emulation with this exit code. Returns where nobody takes the call, as on a board.
extern "C" void gotee_semihosting_exit(int code);

}  // namespace gotee
