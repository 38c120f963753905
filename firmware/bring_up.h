// SPDX-License-Identifier: BSD-3-Clause
//
// From reset to a machine that core can use.
#pragma once
#include "hal/imx6ul/backend.h"
#include "hal/machine.h"

namespace gotee {

/// Switch on translation, console, interrupts and timer, and whatever else the machine has. Once.
hal::Machine& bring_up();
/// Print what the machine has and what it lacks.
void announce(hal::Machine& machine);
/// Start the watchdog: from now on a supervisor that hangs is reset.
void guard_supervisor();

}  // namespace gotee
