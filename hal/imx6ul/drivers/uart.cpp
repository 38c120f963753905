// SPDX-License-Identifier: BSD-3-Clause
//
// The console's transmitter.
#include "hal/imx6ul/drivers/uart.h"

namespace gotee::imx6ul {

void Uart::init(u32 clock_hz, u32 baud) const {
  constexpr u32 kDivideBy1 = 0b101;
  io_.write(Reg::Control1, 0);
  io_.write(Reg::Control2, kNotReset.put(1) | kTransmitEnable.put(1) | kWordSize8.put(1) | kIgnoreRts.put(1));
  io_.write(Reg::Control3, kMuxedInput.put(1));
  io_.write(Reg::FifoControl, kReferenceDivider.put(kDivideBy1));
  // baud = clock / (16 * (UBMR + 1) / (UBIR + 1)); UBIR first, writing UBMR makes both valid.
  io_.write(Reg::BaudIncrement, 15);
  io_.write(Reg::BaudModulator, clock_hz / baud - 1);
  io_.write(Reg::Control1, kEnable.put(1));
}

void Uart::put(u8 byte) const {
  if (io_.wait(Reg::Status1, kTransmitterReady, 1)) io_.write(Reg::Transmit, byte);
}

void Uart::drain() const { (void)io_.wait(Reg::Status2, kTransmitComplete, 1); }

}  // namespace gotee::imx6ul
