// SPDX-License-Identifier: BSD-3-Clause
//
// The general purpose timer against a model that counts, resets and freezes as the manual says.
// Ref: [IMX6ULRM] chapter "General Purpose Timer (GPT)".
#include "hal/imx6ul/drivers/gpt.h"

#include <gtest/gtest.h>

#include "hal/imx6ul/drivers/memory_map.h"
#include "tests/unit/imx6ul/register_model.h"

namespace gotee::imx6ul {
namespace {

constexpr u32 kCr = 0x00, kPr = 0x04, kSr = 0x08, kIr = 0x0c, kOcr3 = 0x18, kCnt = 0x24;
constexpr u32 kEn = 1u << 0, kEnMod = 1u << 1, kWaitEn = 1u << 3, kFrr = 1u << 9, kEn24M = 1u << 10,
              kSwr = 1u << 15;

class GptModel : public RegisterModel {
 public:
  GptModel() : RegisterModel{kGpt1Base, 0x4000} {
    values[kOcr3] = 0xffff'ffff;
    // As a boot loader may have left it.
    values[kIr] = 0x3f;
    values[kPr] = 0x123;
    values[kCnt] = 0xdead;
  }
  u32 read(u32 offset) override {
    if (offset == kCr && (values[kCr] & kSwr) != 0 && !stuck && --resetting == 0) values[kCr] &= ~kSwr;
    if (offset == kCnt && (values[kCr] & kEn) != 0) return values[kCnt]++;
    return values[offset];
  }
  void write(u32 offset, u32 value) override {
    if (offset == kCnt) return;
    if (offset == kSr) {
      values[kSr] &= ~value;
      return;
    }
    if (offset == kCr) {
      const u32 before = values[kCr];
      const bool source_changes = ((before ^ value) & (7u << 6)) != 0;
      if (source_changes && (before & kEn) != 0) source_changed_while_enabled = true;
      if ((value & kSwr) != 0) {
        values = {{kOcr3, 0xffff'ffff}};
        resetting = 3;
      } else if ((before & kEn) == 0 && (value & (kEn | kEnMod)) == (kEn | kEnMod)) {
        values[kCnt] = 0;
      }
    }
    values[offset] = value;
  }
  u32 divider() { return (((values[kPr] >> 12) & 0xf) + 1) * ((values[kPr] & 0xfff) + 1); }
  u32 source() { return (values[kCr] >> 6) & 7; }

  u32 resetting = 0;
  bool stuck = false;
  bool source_changed_while_enabled = false;
};

class GptTest : public testing::Test {
 protected:
  GptModel model;
  const Gpt gpt{kGpt1Base};
};

TEST_F(GptTest, CountsFromZeroAfterStart) {
  ASSERT_TRUE(bool(gpt.start(Gpt::Clock::Ipg, 66)));
  EXPECT_EQ(gpt.count(), 0u);
  EXPECT_EQ(gpt.count(), 1u);
  EXPECT_EQ(gpt.count(), 2u);
}

TEST_F(GptTest, RunsFreelyFromThePeripheralClock) {
  ASSERT_TRUE(bool(gpt.start(Gpt::Clock::Ipg, 66)));
  EXPECT_EQ(model.source(), 0b001u);
  EXPECT_EQ(model.values[kCr] & (kEn | kEnMod | kFrr | kWaitEn | kEn24M), kEn | kEnMod | kFrr | kWaitEn);
  EXPECT_EQ(model.values[kPr] & 0xfff, 65u);
  EXPECT_EQ(model.values[kIr], 0u);
}

TEST_F(GptTest, RunsFreelyFromTheCrystal) {
  ASSERT_TRUE(bool(gpt.start(Gpt::Clock::Crystal, 24)));
  EXPECT_EQ(model.source(), 0b101u);
  EXPECT_NE(model.values[kCr] & kEn24M, 0u);
  EXPECT_EQ(model.divider(), 24u);
}

TEST_F(GptTest, EveryDividerThatIsAcceptedIsMadeExactly) {
  for (const u32 divider : {1u, 2u, 8u, 13u, 24u, 240u, 2400u, 4096u, 24'000u, 65'536u}) {
    SCOPED_TRACE(divider);
    ASSERT_TRUE(bool(gpt.start(Gpt::Clock::Crystal, divider)));
    EXPECT_EQ(model.divider(), divider);
  }
  for (const u32 divider : {1u, 66u, 4096u}) {
    SCOPED_TRACE(divider);
    ASSERT_TRUE(bool(gpt.start(Gpt::Clock::Ipg, divider)));
    EXPECT_EQ(model.values[kPr] & 0xfff, divider - 1);
  }
}

TEST_F(GptTest, ADividerThatCannotBeMadeIsRefusedAndTouchesNothing) {
  EXPECT_EQ(gpt.start(Gpt::Clock::Ipg, 0).error(), Error::Invalid);
  EXPECT_EQ(gpt.start(Gpt::Clock::Ipg, 4097).error(), Error::Invalid);
  EXPECT_EQ(gpt.start(Gpt::Clock::Crystal, 0).error(), Error::Invalid);
  EXPECT_EQ(gpt.start(Gpt::Clock::Crystal, 65'537).error(), Error::Invalid);
  EXPECT_EQ(gpt.start(Gpt::Clock::Crystal, 4099).error(), Error::Invalid);  // a prime
  EXPECT_TRUE(model.stores.empty());
}

TEST_F(GptTest, TheSourceNeverChangesWhileTheTimerIsEnabled) {
  ASSERT_TRUE(bool(gpt.start(Gpt::Clock::Ipg, 1)));
  ASSERT_TRUE(bool(gpt.start(Gpt::Clock::Crystal, 2)));
  EXPECT_FALSE(model.source_changed_while_enabled);
}

TEST_F(GptTest, StopFreezesTheCount) {
  ASSERT_TRUE(bool(gpt.start(Gpt::Clock::Ipg, 1)));
  (void)gpt.count();
  gpt.stop();
  EXPECT_EQ(gpt.count(), 1u);
  EXPECT_EQ(gpt.count(), 1u);
}

TEST_F(GptTest, ATimerThatStaysInResetTimesOut) {
  model.stuck = true;
  EXPECT_EQ(gpt.start(Gpt::Clock::Ipg, 1).error(), Error::TimedOut);
}

TEST(GptAbsent, IsNoticed) {
  const Gpt gpt{kGpt1Base};
  EXPECT_FALSE(gpt.present());
  struct Void : RegisterModel {
    Void() : RegisterModel{kGpt1Base, 0x4000} {}
    u32 read(u32) override { return 0; }
  } nothing;
  EXPECT_FALSE(gpt.present());
  EXPECT_EQ(gpt.start(Gpt::Clock::Ipg, 1).error(), Error::Device);
}

TEST_F(GptTest, PresenceIsTestedWithoutATrace) {
  EXPECT_TRUE(gpt.present());
  EXPECT_EQ(model.values[kOcr3], 0xffff'ffffu);
}

}  // namespace
}  // namespace gotee::imx6ul
