// SPDX-License-Identifier: BSD-3-Clause
//
// I/O multiplexer: which block a pad belongs to, and how it behaves electrically.
// Ref: [IMX6ULRM] chapter "IOMUX Controller (IOMUXC)".
#pragma once
#include "core/base/result.h"
#include "hal/imx6ul/mmio.h"

namespace gotee::imx6ul {

/// The pads are named by the byte offsets of their registers, as the manual lists them; a board's table of
/// pads holds the three offsets of each. The DRAM pads are left out: the boot loader has trained them.
class Iomuxc {
 public:
  enum class Reg : u32 {  // the bounds of the three rows of registers, 4 bytes apart
    FirstMux = 0x014,     // [IMX6ULRM] IOMUXC: IOMUXC_SW_MUX_CTL_PAD_BOOT_MODE0
    LastMux = 0x200,      // [IMX6ULRM] IOMUXC: IOMUXC_SW_MUX_CTL_PAD_CSI_DATA07
    FirstPad = 0x2a0,     // [IMX6ULRM] IOMUXC: IOMUXC_SW_PAD_CTL_PAD_BOOT_MODE0
    LastPad = 0x48c,      // [IMX6ULRM] IOMUXC: IOMUXC_SW_PAD_CTL_PAD_CSI_DATA07
    FirstSelect = 0x4b8,  // [IMX6ULRM] IOMUXC: IOMUXC_USB_OTG1_ID_SELECT_INPUT
    LastSelect = 0x69c,   // [IMX6ULRM] IOMUXC: IOMUXC_USDHC2_WP_SELECT_INPUT
  };
  static constexpr Field kMode{0, 4};       // [IMX6ULRM] IOMUXC_SW_MUX_CTL_PAD_*.MUX_MODE
  static constexpr Field kForceInput{4};    // [IMX6ULRM] IOMUXC_SW_MUX_CTL_PAD_*.SION
  static constexpr Field kHysteresis{16};   // [IMX6ULRM] IOMUXC_SW_PAD_CTL_PAD_*.HYS
  static constexpr Field kPull{14, 2};      // [IMX6ULRM] IOMUXC_SW_PAD_CTL_PAD_*.PUS
  static constexpr Field kPullNotKeep{13};  // [IMX6ULRM] IOMUXC_SW_PAD_CTL_PAD_*.PUE
  static constexpr Field kPullOrKeep{12};   // [IMX6ULRM] IOMUXC_SW_PAD_CTL_PAD_*.PKE
  static constexpr Field kOpenDrain{11};    // [IMX6ULRM] IOMUXC_SW_PAD_CTL_PAD_*.ODE
  static constexpr Field kSpeed{6, 2};      // [IMX6ULRM] IOMUXC_SW_PAD_CTL_PAD_*.SPEED
  static constexpr Field kDrive{3, 3};      // [IMX6ULRM] IOMUXC_SW_PAD_CTL_PAD_*.DSE
  static constexpr Field kFastSlew{0};      // [IMX6ULRM] IOMUXC_SW_PAD_CTL_PAD_*.SRE
  static constexpr Field kDaisy{0, 3};      // [IMX6ULRM] IOMUXC_*_SELECT_INPUT.DAISY

  enum class Pull : u32 { Down100k, Up47k, Up100k, Up22k };  // [IMX6ULRM] IOMUXC_SW_PAD_CTL_PAD_*.PUS

  explicit constexpr Iomuxc(u32 base) : io_{base} {}

  // No present(): every register may rightly be 0, and to try one out would disturb a live pad. Instead every
  // call reads back what it wrote: Device when it did not stay. All refuse (Invalid) an offset outside their
  // row, one that is not a multiple of 4, and a value that does not fit.

  /// Give the pad to alternative `mode` (ALT0-ALT15); `force_input` opens the input path whatever the mode.
  Result<> set_mux(u32 offset, u32 mode, bool force_input = false) const;
  /// Set the pad's electrical behaviour, made of the fields kHysteresis to kFastSlew.
  Result<> set_pad(u32 offset, u32 control) const;
  /// Choose which of several pads feeds a block's input (0-7).
  Result<> select_input(u32 offset, u32 daisy) const;

 private:
  Result<> write(Reg first, Reg last, u32 offset, u32 value) const;

  Mmio<Reg> io_;
};

}  // namespace gotee::imx6ul
