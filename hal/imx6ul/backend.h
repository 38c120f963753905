// SPDX-License-Identifier: BSD-3-Clause
//
// The machine's own state on the i.MX6UL, and what the firmware plugs into it.
#pragma once
#include "hal/imx6ul/clock.h"
#include "hal/imx6ul/drivers/gic.h"
#include "hal/imx6ul/drivers/uart.h"
#include "hal/machine.h"

namespace gotee::imx6ul {

/// PPI of the secure physical timer ([CORTEX-A7] DDI 0464F, 8.2.1: the same on every Cortex-A7 MPCore).
inline constexpr u32 kSecureTimerInterrupt = 29;

/// What differs between boards, and what a machine may lack.
struct Devices {
  Result<> (*random)(std::span<u8>) = nullptr;   // nothing: random() fails closed
  Result<> (*led)(hal::Led, bool) = nullptr;     // nothing: Unsupported
  Result<> (*protect)(PhysAddr, u32) = nullptr;  // nothing: this machine cannot keep the Normal world out
  void (*touch_watchdog)() = nullptr;            // called at least once a second while all is well
};

}  // namespace gotee::imx6ul

namespace gotee::hal {

struct Backend {
  imx6ul::Uart console;
  imx6ul::Gic gic;
  imx6ul::Clock clock;
  imx6ul::Devices devices;

  Space active{0xff};  // the space that TTBR0 names; 0xff: the supervisor's own
  bool timer_on = false;
  Instant timer_deadline{};  // when the timer's interrupt comes, if it is on
};

}  // namespace gotee::hal

namespace gotee::imx6ul {

/// The address space identifier of a slot of tables; 0 is reserved for changing from one to another.
constexpr u32 asid(u32 slot) { return slot + 1; }

/// Build the supervisor's own tables and switch the MMU, the caches and branch prediction on. Once, with all
/// of them off, before anything else of this machine.
void start_mmu();
/// Make the space's tables the active ones.
void activate(hal::Backend& backend, hal::Space space);
/// Monitor mode, and the Normal world's state as after reset. Once.
void start_monitor();
/// Unmask the timer and the interrupt controller. Once.
void start_interrupts(hal::Backend& backend);

}  // namespace gotee::imx6ul
