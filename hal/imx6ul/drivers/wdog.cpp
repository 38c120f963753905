// SPDX-License-Identifier: BSD-3-Clause
//
// Watchdog: starting once, serving, asking for a reset.
// Ref: [IMX6ULRM] chapter "Watchdog Timer (WDOG1-3)".
#include "hal/imx6ul/drivers/wdog.h"

namespace gotee::imx6ul {
namespace {

constexpr u64 kHalfSecond = 500'000'000;  // ns

}  // namespace

bool Wdog::present() const { return read(Reg::Control) != 0; }

Result<> Wdog::start(Duration timeout) const {
  const u64 halves = timeout.ns / kHalfSecond;
  if (timeout.ns % kHalfSecond != 0 || halves < 1 || halves > 256) return Error::Invalid;

  // One write: the write-once bits lock with the first one. SRS and WDA at 0 would reset the chip.
  const u32 control = kTimeout.put(u32(halves) - 1) | kPinReleased.mask() | kNoReset.mask() |
                      kPinOnTimeout.mask() | kEnable.mask() | (read(Reg::Control) & kResetExtension.mask());
  write(Reg::Control, control);
  service();  // WT reaches the counter with the service sequence
  if (read(Reg::Control) != control) return Error::Device;
  return kOk;
}

void Wdog::service() const {
  write(Reg::Service, kServiceFirst);
  write(Reg::Service, kServiceSecond);
}

void Wdog::request_reset() const {
  const u32 idle = read(Reg::Control) | kResetExtension.mask() | kPinReleased.mask() | kNoReset.mask();
  write(Reg::Control, idle);
  // Twice: on relatives of this chip one write can be lost between the bus clock and the 32 kHz clock
  // (ERR004346).
  write(Reg::Control, idle & ~kNoReset.mask());
  write(Reg::Control, idle & ~kNoReset.mask());
}

Wdog::Reason Wdog::reason() const {
  const u32 status = read(Reg::ResetStatus);
  if (kPowerOn.get(status)) return Reason::PowerOn;
  if (kTimedOut.get(status)) return Reason::Timeout;
  if (kSoftware.get(status)) return Reason::Software;
  return Reason::Unknown;
}

Result<> Wdog::disable_power_down() const {
  write(Reg::Miscellaneous, kPowerDown.put(0));
  if (kPowerDown.get(read(Reg::Miscellaneous)) != 0) return Error::Device;
  return kOk;
}

}  // namespace gotee::imx6ul
