// SPDX-License-Identifier: BSD-3-Clause
//
// The security unit's driver and policy. Ref: [IMX6ULSRM] CSU: CSU_CSLn, CSU_SA; [IMX6ULLRM] 11.2.3.1.
#include "hal/imx6ul/drivers/csu.h"

#include <gtest/gtest.h>

#include "tests/unit/imx6ul/register_model.h"

namespace gotee::imx6ul {
namespace {

constexpr u32 kBase = 0x021c0000;

struct CsuModel : RegisterModel {
  CsuModel() : RegisterModel{kBase, 0x4000} {
    for (u32 i = 0; i < 40; ++i) values[4 * i] = 0x00330033;  // out of reset
  }
  // A lock bit is set once and freezes itself and what it guards.
  void write(u32 offset, u32 value) override {
    u32 frozen = 0;
    const u32 old = values[offset];
    if (offset < 40 * 4) {
      if ((old & 1u << 8) != 0) frozen |= 0x000001ff;
      if ((old & 1u << 24) != 0) frozen |= 0x01ff0000;
    } else {
      for (u32 i = 0; i < 32; i += 2) {
        if ((old >> i & 0b10) != 0) frozen |= 0b11u << i;
      }
    }
    values[offset] = (old & frozen) | (value & ~frozen);
  }
  u32 low(u32 csl) { return values[4 * csl] & 0xff; }
  u32 high(u32 csl) { return values[4 * csl] >> 16 & 0xff; }
};

struct CsuTest : testing::Test {
  CsuModel model;
  Csu csu{kBase};
};

TEST_F(CsuTest, SecurityBlocksAreClosedToTheNormalWorld) {
  ASSERT_TRUE(csu.apply({}));
  EXPECT_EQ(model.high(16), 0x33u);  // TZASC1
  EXPECT_EQ(model.low(34), 0x33u);   // DCP
  EXPECT_EQ(model.high(34), 0x33u);  // RNGB
  EXPECT_EQ(model.high(3), 0x33u);   // SNVS_LP
  EXPECT_EQ(model.high(14), 0x33u);  // OCOTP
  EXPECT_EQ(model.low(5), 0x33u);    // WDOG2
  EXPECT_EQ(model.low(13), 0x33u);   // ROMCP
  EXPECT_EQ(model.high(2), 0x33u);   // GPIO3, GPIO4
  EXPECT_EQ(model.high(39), 0x33u);  // OCRAM
}

TEST_F(CsuTest, EverythingElseIsOpenToEveryone) {
  ASSERT_TRUE(csu.apply({}));
  int open = 0;
  for (u32 i = 0; i < 40; ++i) open += int(model.low(i) == 0xff) + int(model.high(i) == 0xff);
  EXPECT_EQ(open, 80 - 9);
  EXPECT_EQ(model.high(5), 0xffu);  // CCM, SRC, GPC: no Normal-world system runs without
  EXPECT_EQ(model.high(9), 0xffu);  // USDHC1
}

TEST_F(CsuTest, TheConsoleIsSharedOrOurs) {
  ASSERT_TRUE(csu.apply({.console = kUart2Slave}));
  EXPECT_EQ(model.low(30), 0xffu);
  ASSERT_TRUE(csu.apply({.console = kUart2Slave, .console_secure = true}));
  EXPECT_EQ(model.low(30), 0x33u);
  EXPECT_EQ(model.low(21), 0xffu);
  ASSERT_TRUE(csu.apply({.console = kUart1Slave, .console_secure = true}));
  EXPECT_EQ(model.low(21), 0x33u);
  EXPECT_EQ(model.low(30), 0xffu);
}

TEST_F(CsuTest, MastersSpeakAsTheNormalWorldExceptTheProcessor) {
  model.values[0x218] = 0;
  ASSERT_TRUE(csu.apply({}));
  EXPECT_EQ(model.values[0x218], 0x10554550u);  // masters 2-5, 7-11 and 14
}

TEST_F(CsuTest, TheDcpIsSecureWhereTheBoardSaysSo) {
  ASSERT_TRUE(csu.apply({.dcp_secure = true}));
  EXPECT_EQ(model.values[0x218], 0x00554550u);
}

TEST_F(CsuTest, LockedThingsStay) {
  ASSERT_TRUE(csu.apply({}));
  EXPECT_FALSE(csu.locked());
  ASSERT_TRUE(csu.lock());
  EXPECT_TRUE(csu.locked());
  EXPECT_EQ(model.values[0x218] & 0xaaaaaaaa, 0x20aa8aa2u);
  EXPECT_EQ(model.values[0x200], 0x20aa8aa2u);
  EXPECT_EQ(model.values[0x358], 0x20aa8aa2u);
  model.write(16 * 4, 0x00ff00ff);
  model.write(0x218, 0xffffffff);
  EXPECT_FALSE(csu.verify({}));
  EXPECT_EQ(csu.apply({.console_secure = true}).error(), Error::Device);  // too late
}

TEST_F(CsuTest, VerifySaysWhichSlaveDiffers) {
  ASSERT_TRUE(csu.apply({}));
  EXPECT_FALSE(csu.verify({}));
  model.values[16 * 4] = 0x00ff00ff;
  const auto difference = csu.verify({});
  ASSERT_TRUE(difference);
  EXPECT_EQ(difference->what, Csu::Difference::What::Slave);
  EXPECT_EQ(difference->index, 16);
  EXPECT_EQ(difference->half, Half::High);
  EXPECT_EQ(difference->expected, 0x33u);
  EXPECT_EQ(difference->found, 0xffu);
}

TEST_F(CsuTest, VerifySaysWhichMasterDiffers) {
  ASSERT_TRUE(csu.apply({}));
  model.values[0x218] &= ~(1u << 18);
  const auto difference = csu.verify({});
  ASSERT_TRUE(difference);
  EXPECT_EQ(difference->what, Csu::Difference::What::Master);
  EXPECT_EQ(difference->index, 9);
}

TEST_F(CsuTest, WhatSomebodyLockedOpenIsReported) {
  model.values[16 * 4] = 0x01ff00ff;
  EXPECT_EQ(csu.apply({}).error(), Error::Device);
  EXPECT_EQ(csu.verify({})->index, 16);
}

TEST(CsuAbsent, NothingIsClaimedWhereRegistersReadZero) {
  struct Zeros : RegisterModel {
    Zeros() : RegisterModel{kBase, 0x4000} {}
    u32 read(u32) override { return 0; }
  } model;
  Csu csu{kBase};
  EXPECT_FALSE(csu.present());
  EXPECT_FALSE(csu.locked());
  EXPECT_EQ(csu.apply({}).error(), Error::Device);
  EXPECT_EQ(csu.lock().error(), Error::Device);
  EXPECT_TRUE(csu.verify({}));
  EXPECT_TRUE(model.stores.empty());
}

TEST(CsuAbsent, NothingIsClaimedWhereNothingAnswers) { EXPECT_FALSE(Csu{kBase}.present()); }

}  // namespace
}  // namespace gotee::imx6ul
