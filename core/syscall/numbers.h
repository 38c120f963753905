// SPDX-License-Identifier: BSD-3-Clause
//
// System call numbers: applet ABI. 0-5 are GoTEE's and never change; from 16 up they are ours, append only.
#pragma once
#include "core/base/types.h"

namespace gotee {

/// `svc #0` with the number in r0 and arguments from r1. Calls 0-5 preserve every register but the results
/// named here; calls from 16 return an Error (0 for success) in r0.
enum class Sysno : u32 {
  Exit = 0,         // does not return
  Write = 1,        // r1 = one byte, the rest of the register ignored
  Nanotime = 2,     // -> r0 low, r1 high of nanoseconds since boot, never 0
  GetRandom = 3,    // r1 = buffer, r2 = length
  RpcRequest = 4,   // r1 = buffer, r2 = length
  RpcResponse = 5,  // r1 = buffer, r2 = capacity -> r0 = bytes copied, 0 at end of file

  Yield = 16,       // give the rest of the quantum away
  SleepUntil = 17,  // r1 low, r2 high of an instant on the Nanotime clock
  ExitStatus = 18,  // r1 = status, 0 for success; does not return
  Wait = 19,    // r1 = mask, r2 low, r3 high of a deadline (all ones: for ever) -> r1 = notifications taken
  Notify = 20,  // r1 = applet, in order of loading, r2 = notifications to post
  Count = 21,   // r1 = seconds, 1 to 60: the supervisor counts them aloud beside the applets
};

}  // namespace gotee
