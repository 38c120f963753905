// SPDX-License-Identifier: BSD-3-Clause
//
// SNVS against a model whose counters move between two reads and whose locks hold.
// Ref: [IMX6ULSRM] i.MX 6UltraLite Security Reference Manual, chapter "Secure Non-Volatile Storage (SNVS)".
#include "hal/imx6ul/drivers/snvs.h"

#include <gtest/gtest.h>

#include "hal/imx6ul/drivers/memory_map.h"
#include "tests/unit/imx6ul/register_model.h"

namespace gotee::imx6ul {
namespace {

constexpr u32 kHplr = 0x00, kHpsr = 0x14, kLplr = 0x34, kLpcr = 0x38, kSrtcHigh = 0x50, kSrtcLow = 0x54,
              kMcHigh = 0x5c, kMcLow = 0x60, kGpr = 0x68, kVersion = 0xbf8;

class SnvsModel : public RegisterModel {
 public:
  SnvsModel() : RegisterModel{kSnvsHpBase, 0x4000} {
    values[kVersion] = 0x003e'0300;
    values[kHpsr] = 0x8000'0b00;
  }
  u32 read(u32 offset) override {
    if (offset == kSrtcHigh || offset == kSrtcLow) {
      const u32 value = offset == kSrtcHigh ? u32(srtc >> 32) & 0x7fff : u32(srtc);
      ++reads;
      if (reads == tick_after || always_ticking) ++srtc;
      return value;
    }
    if (offset == kMcLow && pending && --delay == 0) {
      ++monotonic;
      pending = false;
    }
    if (offset == kMcHigh) return u32(monotonic >> 32);
    if (offset == kMcLow) return u32(monotonic);
    return values[offset];
  }
  void write(u32 offset, u32 value) override {
    switch (offset) {
      case kHpsr:
      case kVersion: return;  // read only
      case kMcHigh:
      case kMcLow:
        if ((values[kLpcr] & 1u << 2) != 0 && !full) {
          pending = true;
          delay = 20;
        }
        return;
      case kGpr:
        if (((values[kHplr] | values[kLplr]) & 1u << 5) != 0) return;
        break;
      default: break;
    }
    values[offset] = value;
  }

  u64 srtc = 0, monotonic = 0x00ab'0000'0000'0005;
  u32 reads = 0, tick_after = 0, delay = 0;
  bool always_ticking = false, pending = false, full = false;
};

class SnvsTest : public testing::Test {
 protected:
  SnvsModel model;
  const Snvs snvs{kSnvsHpBase};
};

TEST_F(SnvsTest, EveryStateOfTheSecurityStateMachineIsNamed) {
  struct {
    u32 bits;
    Snvs::State state;
  } constexpr kStates[] = {{0b0000, Snvs::State::Init},     {0b0001, Snvs::State::HardFail},
                           {0b0011, Snvs::State::SoftFail}, {0b1000, Snvs::State::InitIntermediate},
                           {0b1001, Snvs::State::Check},    {0b1011, Snvs::State::NonSecure},
                           {0b1101, Snvs::State::Trusted},  {0b1111, Snvs::State::Secure}};
  u32 known = 0;
  for (const auto& [bits, state] : kStates) {
    model.values[kHpsr] = 0xffff'f0ff | bits << 8;
    EXPECT_EQ(*snvs.state(), state) << bits;
    known |= 1u << bits;
  }
  for (u32 bits = 0; bits < 16; ++bits) {
    if ((known & 1u << bits) != 0) continue;
    model.values[kHpsr] = bits << 8;
    EXPECT_EQ(snvs.state().error(), Error::Device) << bits;
  }
}

TEST_F(SnvsTest, TheMasterKeyFlagsAreReadOneByOne) {
  model.values[kHpsr] = 1u << 27;
  EXPECT_TRUE(snvs.keys().otpmk_zero);
  EXPECT_FALSE(snvs.keys().zmk_zero);
  EXPECT_FALSE(snvs.keys().otpmk_sound());
  model.values[kHpsr] = 1u << 31;
  EXPECT_FALSE(snvs.keys().otpmk_zero);
  EXPECT_TRUE(snvs.keys().zmk_zero);
  EXPECT_TRUE(snvs.keys().otpmk_sound());
  model.values[kHpsr] = 0x1ffu << 16;
  EXPECT_EQ(snvs.keys().syndrome, 0x1ffu);
  EXPECT_FALSE(snvs.keys().otpmk_sound());
}

TEST_F(SnvsTest, TheGeneralPurposeRegisterKeepsItsValue) {
  ASSERT_TRUE(bool(snvs.set_general_purpose(0xcafe'f00d)));
  EXPECT_EQ(snvs.general_purpose(), 0xcafe'f00du);
}

TEST_F(SnvsTest, ALockedGeneralPurposeRegisterIsRefused) {
  for (const u32 lock : {kHplr, kLplr}) {
    model.values[kHplr] = model.values[kLplr] = 0;
    model.values[lock] = 1u << 5;
    EXPECT_EQ(snvs.set_general_purpose(1).error(), Error::Denied);
  }
  EXPECT_TRUE(model.stores.empty());
}

TEST_F(SnvsTest, TheClockIsRightWhicheverReadItRollsOverAfter) {
  model.values[kLpcr] = 1;
  for (u32 after = 1; after <= 6; ++after) {
    SCOPED_TRACE(after);
    model.srtc = 0x0000'0012'ffff'ffff;
    model.reads = 0;
    model.tick_after = after;
    const auto ticks = snvs.clock_ticks();
    ASSERT_TRUE(bool(ticks));
    EXPECT_TRUE(*ticks == 0x0000'0012'ffff'ffffu || *ticks == 0x0000'0013'0000'0000u) << std::hex << *ticks;
  }
}

TEST_F(SnvsTest, TheClockIs47BitsWide) {
  model.values[kLpcr] = 1;
  model.srtc = 0x7fff'ffff'ffff;
  EXPECT_EQ(*snvs.clock_ticks(), 0x7fff'ffff'ffffu);
}

TEST_F(SnvsTest, AClockThatStandsOrNeverSettlesIsReported) {
  EXPECT_EQ(snvs.clock_ticks().error(), Error::Unsupported);
  model.values[kLpcr] = 1;
  model.always_ticking = true;
  EXPECT_EQ(snvs.clock_ticks().error(), Error::Device);
}

TEST_F(SnvsTest, TheMonotonicCounterStartsAndKeepsTheOtherControls) {
  model.values[kLpcr] = 0x21;
  EXPECT_EQ(snvs.monotonic().error(), Error::Unsupported);
  ASSERT_TRUE(bool(snvs.start_monotonic()));
  EXPECT_EQ(model.values[kLpcr], 0x25u);
  EXPECT_EQ(*snvs.monotonic(), 0x00ab'0000'0000'0005u);
}

TEST_F(SnvsTest, TheMonotonicCounterAdvancesByOne) {
  EXPECT_EQ(snvs.advance_monotonic().error(), Error::Unsupported);
  ASSERT_TRUE(bool(snvs.start_monotonic()));
  EXPECT_EQ(*snvs.advance_monotonic(), 0x00ab'0000'0000'0006u);
  EXPECT_EQ(*snvs.monotonic(), 0x00ab'0000'0000'0006u);
  model.monotonic = 0x00ab'0000'ffff'ffff;
  EXPECT_EQ(*snvs.advance_monotonic(), 0x00ab'0001'0000'0000u);
}

TEST_F(SnvsTest, AMonotonicCounterThatDoesNotMoveTimesOut) {
  ASSERT_TRUE(bool(snvs.start_monotonic()));
  model.full = true;
  EXPECT_EQ(snvs.advance_monotonic().error(), Error::TimedOut);
}

TEST(SnvsAbsent, IsNoticed) {
  const Snvs snvs{kSnvsHpBase};
  EXPECT_FALSE(snvs.present());
  struct Void : RegisterModel {
    Void() : RegisterModel{kSnvsHpBase, 0x4000} {}
    u32 read(u32) override { return 0; }
  } nothing;
  EXPECT_FALSE(snvs.present());
  EXPECT_EQ(snvs.start_monotonic().error(), Error::TimedOut);
  EXPECT_EQ(snvs.set_general_purpose(1).error(), Error::Device);
  EXPECT_EQ(snvs.clock_ticks().error(), Error::Unsupported);
}

TEST_F(SnvsTest, IsPresentByItsVersion) { EXPECT_TRUE(snvs.present()); }

}  // namespace
}  // namespace gotee::imx6ul
