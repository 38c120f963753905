// SPDX-License-Identifier: BSD-3-Clause
//
// MCIMX6ULL-EVK. It has no LEDs of its own: the pins that carry them on the
// USB armory are free here, on the camera connector.
// Ref: [IMX6ULLRM] IOMUXC (pads), CCM (UART_CLK_ROOT: PLL3 / 6).
#include "firmware/board.h"
#include "hal/imx6ul/drivers/memory_map.h"

namespace gotee {

constinit const Board kBoard{
    "mcimx6ull-evk",
    imx6ul::kUart1Base,
    imx6ul::kUart1Gate,
    80'000'000,
    115'200,
    imx6ul::kUart1Slave,
    {0x084, 0, 0x310, 0x1b0b1},                           // UART1_TX_DATA, ALT0
    {{0x1e4, 5, 0x470, 0x1090}, imx6ul::kGpio4Base, 21},  // CSI_DATA00, ALT5: GPIO4_IO21
    {{0x1e8, 5, 0x474, 0x1090}, imx6ul::kGpio4Base, 22},  // CSI_DATA01, ALT5: GPIO4_IO22
};

}  // namespace gotee
