// SPDX-License-Identifier: BSD-3-Clause
//
// The state of a machine in QEMU is in QEMU: what is left here is where this machine's console output began.
#pragma once
#include "hal/machine.h"
#include "tests/qemu/emulator.h"

namespace gotee::hal {

struct Backend {
  std::size_t console_start = qemu::emulator().console().size();
};

}  // namespace gotee::hal
