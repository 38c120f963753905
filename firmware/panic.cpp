// SPDX-License-Identifier: BSD-3-Clause
//
// The end of the supervisor: say where it was, and halt. The watchdog, once started, then resets the board.
#include "core/base/panic.h"

#include "core/base/text.h"
#include "core/fault/status.h"
#include "firmware/board.h"
#include "firmware/semihosting.h"
#include "hal/imx6ul/cp15.h"
#include "hal/imx6ul/drivers/uart.h"
#include "hal/imx6ul/trap.h"

namespace gotee {
namespace {

// Straight to the console: what else there is may be broken.
void say(std::string_view text) {
  const imx6ul::Uart console{kBoard.console};
  for (const char c : text) {
    if (c == '\n') console.put('\r');
    console.put(u8(c));
  }
}

[[noreturn]] void halt() {
  imx6ul::Uart{kBoard.console}.drain();
  gotee_semihosting_exit(1);
  for (;;) imx6ul::cp15::wfi();
}

}  // namespace

void panic(const char* what) {
  say("\nPL1 panic, a bug in gotee: ");
  say(what);
  say("\nPL1 halted\n");
  halt();
}

}  // namespace gotee

namespace gotee::imx6ul {

void gotee_supervisor_fault(u32 exception, u32 pc, u32 spsr, const FaultRegisters* faults) {
  TextBuffer<300> text;
  text.put("\nPL1 fault, a bug in gotee: ");
  switch (Exception(exception)) {
    case Exception::Undefined: text.put("undefined instruction"); break;
    case Exception::PrefetchAbort:
      text.put("prefetch abort, ").put(reason(fault_status(faults->fetch_status)));
      text.put(", address 0x").hex(faults->fetch_address, 8);
      break;
    case Exception::DataAbort:
      text.put("data abort, ").put(reason(fault_status(faults->data_status)));
      text.put(", address 0x").hex(faults->data_address, 8);
      break;
    default: text.put("exception ").dec(exception); break;
  }
  say(text.put(" pc:0x").hex(pc, 8).put(" spsr:0x").hex(spsr, 8).put("\nPL1 halted\n").view());
  halt();
}

}  // namespace gotee::imx6ul
