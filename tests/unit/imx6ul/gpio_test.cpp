// SPDX-License-Identifier: BSD-3-Clause
//
// GPIO against a model of pads: inputs follow the world, outputs the data register.
// Ref: [IMX6ULRM] chapter "General Purpose Input/Output (GPIO)".
#include "hal/imx6ul/drivers/gpio.h"

#include <gtest/gtest.h>

#include "hal/imx6ul/drivers/memory_map.h"
#include "tests/unit/imx6ul/register_model.h"

namespace gotee::imx6ul {
namespace {

constexpr u32 kDr = 0x00, kGdir = 0x04, kPsr = 0x08, kEdgeSel = 0x1c;

class GpioModel : public RegisterModel {
 public:
  GpioModel() : RegisterModel{kGpio4Base, 0x4000} {}
  u32 pads() { return (values[kGdir] & values[kDr]) | (~values[kGdir] & outside); }
  u32 read(u32 offset) override { return offset == kDr || offset == kPsr ? pads() : values[offset]; }
  void write(u32 offset, u32 value) override {
    if (offset == kPsr) return;  // read only
    values[offset] = value;
    if (offset == kGdir || offset == kDr) driven.push_back(values[kGdir] & values[kDr]);
  }
  u32 outside = 0;          // what the world applies to inputs
  std::vector<u32> driven;  // what the outputs drove, after each change
};

class GpioTest : public testing::Test {
 protected:
  GpioModel model;
  const Gpio gpio{kGpio4Base};
};

TEST_F(GpioTest, AnOutputDrivesItsLevelFromTheFirstMoment) {
  ASSERT_TRUE(bool(gpio.make_output(21, true)));
  EXPECT_EQ(model.pads(), 1u << 21);
  EXPECT_EQ(model.driven.back(), 1u << 21);
  ASSERT_TRUE(bool(gpio.make_input(21)));
  model.driven.clear();
  ASSERT_TRUE(bool(gpio.make_output(21, false)));
  for (const u32 level : model.driven) EXPECT_EQ(level, 0u);
}

TEST_F(GpioTest, SetAndClearMoveOnePinAndNoOther) {
  model.outside = 0xf0f0'f0f0;
  for (const u32 pin : {0u, 7u, 31u}) ASSERT_TRUE(bool(gpio.make_output(pin, false)));
  ASSERT_TRUE(bool(gpio.set(7)));
  EXPECT_EQ(model.values[kGdir], 1u << 0 | 1u << 7 | 1u << 31);
  EXPECT_EQ(model.pads() & model.values[kGdir], 1u << 7);
  ASSERT_TRUE(bool(gpio.set(31)));
  ASSERT_TRUE(bool(gpio.clear(7)));
  EXPECT_EQ(model.pads() & model.values[kGdir], 1u << 31);
}

TEST_F(GpioTest, AnInputReadsThePad) {
  ASSERT_TRUE(bool(gpio.make_input(3)));
  EXPECT_FALSE(*gpio.read(3));
  model.outside = 1u << 3;
  EXPECT_TRUE(*gpio.read(3));
  EXPECT_FALSE(*gpio.read(4));
}

TEST_F(GpioTest, APinThatDoesNotExistIsRefusedAndTouchesNothing) {
  EXPECT_EQ(gpio.make_output(32, true).error(), Error::Invalid);
  EXPECT_EQ(gpio.make_input(32).error(), Error::Invalid);
  EXPECT_EQ(gpio.set(255).error(), Error::Invalid);
  EXPECT_EQ(gpio.clear(256).error(), Error::Invalid);
  EXPECT_EQ(gpio.read(UINT32_MAX).error(), Error::Invalid);
  EXPECT_TRUE(model.stores.empty());
}

TEST_F(GpioTest, PresenceIsTestedWithoutATrace) {
  model.values[kEdgeSel] = 0x1234;
  EXPECT_TRUE(gpio.present());
  EXPECT_EQ(model.values[kEdgeSel], 0x1234u);
  EXPECT_TRUE(model.driven.empty());
}

TEST(GpioAbsent, IsNoticed) {
  const Gpio gpio{kGpio4Base};
  EXPECT_FALSE(gpio.present());
  struct Void : RegisterModel {
    Void() : RegisterModel{kGpio4Base, 0x4000} {}
    u32 read(u32) override { return 0; }
  } nothing;
  EXPECT_FALSE(gpio.present());
}

}  // namespace
}  // namespace gotee::imx6ul
