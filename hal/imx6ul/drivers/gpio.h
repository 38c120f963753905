// SPDX-License-Identifier: BSD-3-Clause
//
// General purpose input and output: 32 pins a block.
// Ref: [IMX6ULRM] chapter "General Purpose Input/Output (GPIO)".
#pragma once
#include "core/base/result.h"
#include "hal/imx6ul/mmio.h"

namespace gotee::imx6ul {

/// One GPIO block. Its clock gate must be on, and a pin reaches its pad only when IOMUXC gives the pad to
/// GPIO. Changes read a register, alter a bit and write it: two users of one block must take turns.
class Gpio {
 public:
  enum class Reg : u32 {
    Data = 0x00,        // [IMX6ULRM] GPIO: GPIOx_DR
    Direction = 0x04,   // [IMX6ULRM] GPIO: GPIOx_GDIR, 1 = output
    PadStatus = 0x08,   // [IMX6ULRM] GPIO: GPIOx_PSR, read only
    EdgeSelect = 0x1c,  // [IMX6ULRM] GPIO: GPIOx_EDGE_SEL
  };
  static constexpr u32 kPins = 32;

  explicit constexpr Gpio(u32 base) : io_{base} {}

  /// Whether a block answers here: no register of the GPIO is never 0, so EDGE_SEL, which only concerns
  /// interrupts, is written, read back and restored. To be called before interrupts of this block are used.
  bool present() const;

  /// Make `pin` an output that drives `high` from its first moment. Refuses (Invalid) a pin above 31, as all
  /// below.
  Result<> make_output(u32 pin, bool high) const;
  /// Make `pin` an input.
  Result<> make_input(u32 pin) const;
  /// Drive an output high, or low. Without effect on the pad of an input.
  Result<> set(u32 pin) const { return drive(pin, true); }
  Result<> clear(u32 pin) const { return drive(pin, false); }
  /// The level at the pad. For an output this is only its level when IOMUXC forces the pad's input path
  /// (SION).
  Result<bool> read(u32 pin) const;

 private:
  Result<> drive(u32 pin, bool high) const;

  Mmio<Reg> io_;
};

}  // namespace gotee::imx6ul
