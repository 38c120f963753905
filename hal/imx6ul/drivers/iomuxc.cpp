// SPDX-License-Identifier: BSD-3-Clause
//
// I/O multiplexer: checked writes to its three rows of registers.
// Ref: [IMX6ULRM] chapter "IOMUX Controller (IOMUXC)".
#include "hal/imx6ul/drivers/iomuxc.h"

namespace gotee::imx6ul {

Result<> Iomuxc::set_mux(u32 offset, u32 mode, bool force_input) const {
  if (mode > kMode.mask()) return Error::Invalid;
  return write(Reg::FirstMux, Reg::LastMux, offset, kMode.put(mode) | kForceInput.put(force_input));
}

Result<> Iomuxc::set_pad(u32 offset, u32 control) const {
  constexpr u32 kAll = kHysteresis.mask() | kPull.mask() | kPullNotKeep.mask() | kPullOrKeep.mask() |
                       kOpenDrain.mask() | kSpeed.mask() | kDrive.mask() | kFastSlew.mask();
  if ((control & ~kAll) != 0) return Error::Invalid;
  return write(Reg::FirstPad, Reg::LastPad, offset, control);
}

Result<> Iomuxc::select_input(u32 offset, u32 daisy) const {
  if (daisy > kDaisy.mask()) return Error::Invalid;
  return write(Reg::FirstSelect, Reg::LastSelect, offset, daisy);
}

Result<> Iomuxc::write(Reg first, Reg last, u32 offset, u32 value) const {
  if (offset < u32(first) || offset > u32(last) || offset % 4 != 0) return Error::Invalid;
  const Reg reg{offset};
  io_.write(reg, value);
  if (io_.read(reg) != value) return Error::Device;
  return kOk;
}

}  // namespace gotee::imx6ul
