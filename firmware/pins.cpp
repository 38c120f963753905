// SPDX-License-Identifier: BSD-3-Clause
//
// Pins and clocks of the board, from its table.
#include "firmware/pins.h"

#include "firmware/board.h"
#include "hal/imx6ul/drivers/gpio.h"
#include "hal/imx6ul/drivers/iomuxc.h"
#include "hal/imx6ul/drivers/memory_map.h"

namespace gotee {
namespace {

Result<> route(const Pad& pad) {
  const imx6ul::Iomuxc iomuxc{imx6ul::kIomuxcBase};
  GOTEE_TRY(iomuxc.set_mux(pad.mux, pad.mode));
  return iomuxc.set_pad(pad.control, pad.value);
}

Result<> prepare(const LedPin& led) {
  GOTEE_TRY(imx6ul::Gpio{led.gpio}.make_output(led.pin, true));  // high is off
  return route(led.pad);
}

}  // namespace

Result<> board_console_pins() {
  GOTEE_TRY(imx6ul::Ccm(imx6ul::kCcmBase, imx6ul::kCcmAnalogBase)
                .set_gate(kBoard.console_gate, imx6ul::Ccm::Gate::On));
  return route(kBoard.console_transmit);
}

Result<> board_led_pins() {
  GOTEE_TRY(imx6ul::Ccm(imx6ul::kCcmBase, imx6ul::kCcmAnalogBase)
                .set_gate(imx6ul::kGpio4Gate, imx6ul::Ccm::Gate::On));
  GOTEE_TRY(prepare(kBoard.white));
  return prepare(kBoard.blue);
}

Result<> board_led(hal::Led led, bool on) {
  const LedPin& pin = led == hal::Led::White ? kBoard.white : kBoard.blue;
  const imx6ul::Gpio gpio{pin.gpio};
  return on ? gpio.clear(pin.pin) : gpio.set(pin.pin);
}

}  // namespace gotee
