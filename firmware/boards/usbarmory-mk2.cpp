// SPDX-License-Identifier: BSD-3-Clause
//
// USB armory Mk II (i.MX6ULZ): the console is UART2, on the debug accessory; a white and a blue LED.
// Ref: [IMX6ULLRM] IOMUXC (pads), CCM (UART_CLK_ROOT: PLL3 / 6); [UA-MKII] schematic.
#include "firmware/board.h"
#include "hal/imx6ul/drivers/memory_map.h"

namespace gotee {

constinit const Board kBoard{
    "usbarmory-mk2",
    imx6ul::kUart2Base,
    imx6ul::kUart2Gate,
    80'000'000,
    115'200,
    imx6ul::kUart2Slave,
    {0x094, 0, 0x320, 0x1b0b1},                           // UART2_TX_DATA, ALT0
    {{0x1e4, 5, 0x470, 0x1090}, imx6ul::kGpio4Base, 21},  // CSI_DATA00, ALT5: GPIO4_IO21
    {{0x1e8, 5, 0x474, 0x1090}, imx6ul::kGpio4Base, 22},  // CSI_DATA01, ALT5: GPIO4_IO22
};

}  // namespace gotee
