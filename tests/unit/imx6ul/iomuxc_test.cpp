// SPDX-License-Identifier: BSD-3-Clause
//
// The I/O multiplexer: the console's pads as the manual lists them, and everything that is not a pad.
// Ref: [IMX6ULRM] chapter "IOMUX Controller (IOMUXC)".
#include "hal/imx6ul/drivers/iomuxc.h"

#include <gtest/gtest.h>

#include "hal/imx6ul/drivers/memory_map.h"
#include "tests/unit/imx6ul/register_model.h"

namespace gotee::imx6ul {
namespace {

// [IMX6ULRM] IOMUXC_SW_MUX_CTL_PAD_UART1_RX_DATA, _SW_PAD_CTL_PAD_UART1_RX_DATA, _UART1_RX_DATA_SELECT_INPUT
constexpr u32 kUart1RxMux = 0x088, kUart1RxPad = 0x314, kUart1RxSelect = 0x624;

class IomuxcTest : public testing::Test {
 protected:
  RegisterModel model{kIomuxcBase, 0x4000};
  const Iomuxc iomuxc{kIomuxcBase};
};

TEST_F(IomuxcTest, APadIsGivenToABlock) {
  ASSERT_TRUE(bool(iomuxc.set_mux(kUart1RxMux, 0)));
  ASSERT_TRUE(bool(iomuxc.select_input(kUart1RxSelect, 3)));
  EXPECT_EQ(model.values[kUart1RxMux], 0u);
  EXPECT_EQ(model.values[kUart1RxSelect], 3u);
}

TEST_F(IomuxcTest, GpioWithItsInputPathForcedIsAlternative5AndSion) {
  ASSERT_TRUE(bool(iomuxc.set_mux(kUart1RxMux, 5, true)));
  EXPECT_EQ(model.values[kUart1RxMux], 0x15u);
}

TEST_F(IomuxcTest, ThePadControlFieldsLieWhereTheManualPutsThem) {
  // 100k pull-up, hysteresis, medium speed, drive R0/6, fast slew: 0x1b0b1, what boards give their console.
  const u32 control = Iomuxc::kHysteresis.put(1) | Iomuxc::kPull.put(u32(Iomuxc::Pull::Up100k)) |
                      Iomuxc::kPullNotKeep.put(1) | Iomuxc::kPullOrKeep.put(1) | Iomuxc::kSpeed.put(0b10) |
                      Iomuxc::kDrive.put(0b110) | Iomuxc::kFastSlew.put(1);
  EXPECT_EQ(control, 0x1b0b1u);
  ASSERT_TRUE(bool(iomuxc.set_pad(kUart1RxPad, control)));
  EXPECT_EQ(model.values[kUart1RxPad], 0x1b0b1u);
}

TEST_F(IomuxcTest, WhatIsNotAPadIsRefusedAndTouchesNothing) {
  EXPECT_EQ(iomuxc.set_mux(0x010, 0).error(), Error::Invalid);  // below the first
  EXPECT_EQ(iomuxc.set_mux(0x204, 0).error(), Error::Invalid);  // a pad control register
  EXPECT_EQ(iomuxc.set_mux(kUart1RxMux + 1, 0).error(), Error::Invalid);
  EXPECT_EQ(iomuxc.set_mux(kUart1RxMux, 16).error(), Error::Invalid);
  EXPECT_EQ(iomuxc.set_pad(0x204, 0).error(), Error::Invalid);  // DRAM_ADDR00
  EXPECT_EQ(iomuxc.set_pad(0x490, 0).error(), Error::Invalid);  // the DRAM groups
  EXPECT_EQ(iomuxc.set_pad(kUart1RxPad, 1u << 17).error(), Error::Invalid);
  EXPECT_EQ(iomuxc.set_pad(kUart1RxPad, 1u << 1).error(), Error::Invalid);
  EXPECT_EQ(iomuxc.select_input(0x4b4, 0).error(), Error::Invalid);
  EXPECT_EQ(iomuxc.select_input(0x6a0, 0).error(), Error::Invalid);
  EXPECT_EQ(iomuxc.select_input(kUart1RxSelect, 8).error(), Error::Invalid);
  EXPECT_TRUE(model.stores.empty());
}

TEST_F(IomuxcTest, TheFirstAndTheLastOfEachRowAreAccepted) {
  EXPECT_TRUE(bool(iomuxc.set_mux(0x014, 5)));
  EXPECT_TRUE(bool(iomuxc.set_mux(0x200, 5)));
  EXPECT_TRUE(bool(iomuxc.set_pad(0x2a0, 0)));
  EXPECT_TRUE(bool(iomuxc.set_pad(0x48c, 0)));
  EXPECT_TRUE(bool(iomuxc.select_input(0x4b8, 1)));
  EXPECT_TRUE(bool(iomuxc.select_input(0x69c, 1)));
}

TEST(IomuxcAbsent, IsNoticedByTheFirstWrite) {
  struct Void : RegisterModel {
    Void() : RegisterModel{kIomuxcBase, 0x4000} {}
    u32 read(u32) override { return 0; }
  } nothing;
  EXPECT_EQ(Iomuxc{kIomuxcBase}.set_mux(kUart1RxMux, 5).error(), Error::Device);
}

}  // namespace
}  // namespace gotee::imx6ul
