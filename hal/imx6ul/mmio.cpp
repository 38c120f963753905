// SPDX-License-Identifier: BSD-3-Clause
//
// Real device accesses. Devices are mapped as Device memory, so program order is bus order.
#include "hal/imx6ul/mmio.h"

#include "hal/imx6ul/trap.h"

namespace gotee::imx6ul {

u32 load32(u32 address) { return *reinterpret_cast<const volatile u32*>(address); }
void store32(u32 address, u32 value) { *reinterpret_cast<volatile u32*>(address) = value; }
u16 load16(u32 address) { return *reinterpret_cast<const volatile u16*>(address); }
void store16(u32 address, u16 value) { *reinterpret_cast<volatile u16*>(address) = value; }

std::optional<u32> probe32(u32 address) {
  u32 value = 0;
  if (!gotee_probe(address, &value)) return std::nullopt;
  return value;
}

}  // namespace gotee::imx6ul
