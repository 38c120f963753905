// SPDX-License-Identifier: BSD-3-Clause
//
// General purpose input and output: one pin at a time.
// Ref: [IMX6ULRM] chapter "General Purpose Input/Output (GPIO)".
#include "hal/imx6ul/drivers/gpio.h"

namespace gotee::imx6ul {

bool Gpio::present() const {
  const auto before = io_.probe(Reg::EdgeSelect);
  if (!before) return false;
  io_.write(Reg::EdgeSelect, ~*before);
  const bool holds = io_.read(Reg::EdgeSelect) == ~*before;
  io_.write(Reg::EdgeSelect, *before);
  return holds;
}

Result<> Gpio::make_output(u32 pin, bool high) const {
  GOTEE_TRY(drive(pin, high));  // first the level, so that the pad never shows the other one
  io_.update(Reg::Direction, {u8(pin)}, 1);
  return kOk;
}

Result<> Gpio::make_input(u32 pin) const {
  if (pin >= kPins) return Error::Invalid;
  io_.update(Reg::Direction, {u8(pin)}, 0);
  return kOk;
}

Result<bool> Gpio::read(u32 pin) const {
  if (pin >= kPins) return Error::Invalid;
  return Field{u8(pin)}.get(io_.read(Reg::PadStatus)) != 0;
}

Result<> Gpio::drive(u32 pin, bool high) const {
  if (pin >= kPins) return Error::Invalid;
  io_.update(Reg::Data, {u8(pin)}, high);
  return kOk;
}

}  // namespace gotee::imx6ul
