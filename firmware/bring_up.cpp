// SPDX-License-Identifier: BSD-3-Clause
//
// Switching the machine on, in the order that each part needs.
#include "firmware/bring_up.h"

#include "firmware/board.h"
#include "firmware/insecure_entropy.h"
#include "firmware/late.h"
#include "firmware/pins.h"
#include "hal/imx6ul/cp15.h"
#include "hal/imx6ul/drivers/memory_map.h"

namespace gotee {
namespace {

constinit Late<hal::Backend> backend_room;
constinit Late<hal::Machine> machine_room;

Result<> led(hal::Led led, bool on) {
  if (led == hal::Led::White) return Error::Denied;  // GoTEE keeps it for the secure world
  return board_led(led, on);
}

}  // namespace

hal::Machine& bring_up() {
  imx6ul::start_mmu();
  (void)board_console_pins();
  (void)board_led_pins();
  hal::Backend& backend = backend_room.make(
      imx6ul::Uart{kBoard.console}, imx6ul::Gic{imx6ul::kGicDistributorBase, imx6ul::kGicCpuInterfaceBase},
      imx6ul::Clock{imx6ul::cp15::cntfrq()}, imx6ul::Devices{insecure_test_entropy, led, nullptr, nullptr});
  backend.console.init(kBoard.console_clock, kBoard.console_baud);
  imx6ul::start_interrupts(backend);
  imx6ul::start_monitor();
  return machine_room.make(backend);
}

}  // namespace gotee
