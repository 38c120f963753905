// SPDX-License-Identifier: BSD-3-Clause
//
// Switching the machine on, in the order that each part needs.
#include "firmware/bring_up.h"

#include "firmware/board.h"
#include "firmware/devices.h"
#include "firmware/late.h"
#include "firmware/pins.h"
#include "hal/imx6ul/cp15.h"
#include "hal/imx6ul/drivers/memory_map.h"

namespace gotee {
namespace {

constinit Late<hal::Backend> backend_room;
constinit Late<hal::Machine> machine_room;

/// Hz of the generic timer's counter, which runs from now on.
u32 start_counter() {
  // [IMX6ULRM] 45: the system counter stands still after reset, and CNTFRQ is what boot code puts there. An
  // emulator's counter runs and its CNTFRQ is right.
  constexpr u32 kSystemCounterControl = 0x021dc000, kEnable = 1, kHz = 8'000'000;
  if (imx6ul::cp15::cntfrq() == 0) imx6ul::cp15::set_cntfrq(kHz);
  const u64 before = imx6ul::cp15::cntpct();
  for (u32 i = 0; i < 1000; ++i) imx6ul::cp15::isb();
  if (imx6ul::cp15::cntpct() == before) imx6ul::store32(kSystemCounterControl, kEnable);
  return imx6ul::cp15::cntfrq();
}

Result<> led(hal::Led led, bool on) {
  if (led == hal::Led::White) return Error::Denied;  // GoTEE keeps it for the secure world
  return board_led(led, on);
}

}  // namespace

hal::Machine& bring_up() {
  imx6ul::start_mmu();
  (void)board_console_pins();  // where there is no pad multiplexer, the pins are where they always are
  (void)board_led_pins();
  hal::Backend& backend = backend_room.make(
      imx6ul::Uart{kBoard.console}, imx6ul::Gic{imx6ul::kGicDistributorBase, imx6ul::kGicCpuInterfaceBase},
      imx6ul::Clock{start_counter()}, imx6ul::Devices{});
  backend.console.init(kBoard.console_clock, kBoard.console_baud);
  backend.devices.led = led;
  find_devices(backend.devices);
  imx6ul::start_interrupts(backend);
  imx6ul::start_monitor();
  return machine_room.make(backend);
}

void announce(hal::Machine& machine) { describe_devices(machine, backend_room.get().clock); }

void guard_supervisor() {
  if (!start_watchdog(backend_room.get().devices)) panic("the watchdog does not start");
}

}  // namespace gotee
