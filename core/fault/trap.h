// SPDX-License-Identifier: BSD-3-Clause
//
// The raw facts about one stop of applet code.
// Ref: [ARM ARM] DDI 0406C.d, B1.8 (exceptions), B3.13 (fault status and address registers).
#pragma once
#include "core/base/types.h"

namespace gotee {

/// Why a context stopped: the exceptions of B1.8 that user mode can take, Expired for a spent deadline, and
/// MonitorCall for the Normal world's SMC.
enum class TrapKind : u32 { Undefined, Supervisor, PrefetchAbort, DataAbort, Expired, MonitorCall };

/// Captured before anything can overwrite it. `status` and `address` hold IFSR/IFAR or DFSR/DFAR
/// in short-descriptor format, and are 0 for the other kinds.
struct Trap {
  TrapKind kind = TrapKind::Expired;
  VirtAddr pc;       // aborts and undefined: the instruction itself; otherwise: where to resume
  VirtAddr address;  // faulting address
  u32 status = 0;    // fault status register

  constexpr bool operator==(const Trap&) const = default;
};

}  // namespace gotee
