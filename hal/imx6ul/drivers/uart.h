// SPDX-License-Identifier: BSD-3-Clause
//
// UART: the console, transmitting only.
// Ref: [IMX6ULRM] chapter 55, Universal Asynchronous Receiver/Transmitter.
#pragma once
#include "core/base/types.h"
#include "hal/imx6ul/mmio.h"

namespace gotee::imx6ul {

class Uart {
 public:
  enum class Reg : u32 {
    Transmit = 0x40,       // UTXD
    Control1 = 0x80,       // UCR1
    Control2 = 0x84,       // UCR2
    Control3 = 0x88,       // UCR3
    FifoControl = 0x90,    // UFCR
    Status1 = 0x94,        // USR1
    Status2 = 0x98,        // USR2
    BaudIncrement = 0xa4,  // UBIR
    BaudModulator = 0xa8,  // UBMR
  };
  static constexpr Field kEnable{0};                                                       // UCR1.UARTEN
  static constexpr Field kNotReset{0}, kTransmitEnable{2}, kWordSize8{5}, kIgnoreRts{14};  // UCR2
  static constexpr Field kMuxedInput{2};           // UCR3.RXDMUXSEL: always to be set on this chip
  static constexpr Field kReferenceDivider{7, 3};  // UFCR.RFDIV: 101 divides by 1
  static constexpr Field kTransmitterReady{13};    // USR1.TRDY
  static constexpr Field kTransmitComplete{3};     // USR2.TXDC

  explicit constexpr Uart(u32 base) : io_{base} {}

  /// 8 data bits, no parity, one stop bit, no flow control. `clock_hz` is the module's clock.
  void init(u32 clock_hz, u32 baud) const;
  /// Send one byte. Waits while the FIFO is full; a transmitter that never gets ready loses the byte, since a
  /// console must not hang the supervisor.
  void put(u8 byte) const;
  /// Wait until all has left the shift register.
  void drain() const;

 private:
  Mmio<Reg> io_;
};

}  // namespace gotee::imx6ul
