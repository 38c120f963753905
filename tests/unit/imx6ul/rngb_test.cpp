// SPDX-License-Identifier: BSD-3-Clause
//
// The RNGB's driver. Ref: [IMX6ULLRM] 44 (RNGB): RNG_VER to RNG_OUT, 44.5.2.
#include "hal/imx6ul/drivers/rngb.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "tests/unit/imx6ul/register_model.h"

namespace gotee::imx6ul {
namespace {

constexpr u32 kBase = 0x02284000;
constexpr u32 kErrorBit = 1u << 16, kSelfTestDone = 1u << 4, kSeedDone = 1u << 5;

struct RngbModel : RegisterModel {
  RngbModel() : RegisterModel{kBase, 0x4000} { values[0x00] = 0x10000280; }

  u32 read(u32 offset) override {
    if (offset == 0x0c) return status();
    if (offset == 0x14) return output();
    return values[offset];
  }
  u32 status() {
    if (seeded && level == 0 && refills && ++polls % 3 == 0) level = 5;
    return (tested ? kSelfTestDone : 0) | (seeded ? kSeedDone : 0) | level << 8 | self_test_failed << 21 |
           (values[0x10] != 0 ? kErrorBit : 0);
  }
  u32 output() {
    if (level == 0) {
      values[0x10] |= 1u << 4;  // FUFE
      return 0;
    }
    if (++words == die_after) values[0x10] |= 1u << 1;  // OSCE
    --level;
    return 0x03020100 + 0x04040404 * (words - 1);
  }
  void write(u32 offset, u32 value) override {
    if (offset == 0x08) values[offset] = value;
    if (offset != 0x04) return;
    if ((value & 1u << 6) != 0) tested = seeded = false, values[0x08] = values[0x10] = level = 0;
    if ((value & 1u << 5) != 0) values[0x10] = 0;
    if ((value & 1u << 0) != 0) tested = !hangs, commands += 'T';
    if ((value & 1u << 1) != 0) {
      commands += 'S';
      if (bad_seeds > 0) {
        --bad_seeds;
        values[0x10] |= seed_error;
      } else {
        seeded = !never_seeds;
      }
    }
  }

  bool tested = false, seeded = false, refills = true, hangs = false, never_seeds = false;
  u32 level = 0, self_test_failed = 0, words = 0, die_after = 0, seed_error = 1u << 3, polls = 0;
  int bad_seeds = 0;
  std::string commands;
};

struct RngbTest : testing::Test {
  RngbModel model;
  Rngb rngb{kBase};
  std::array<u8, 10> out{};

  void expect_failed_for_ever() {
    out.fill(0xaa);
    EXPECT_EQ(rngb.read(out).error(), Error::Device);
    EXPECT_EQ(std::count(out.begin(), out.end(), 0), 10);
    EXPECT_EQ(rngb.start().error(), Error::Device);
  }
};

TEST_F(RngbTest, TestsItselfThenSeedsThenReseedsByItself) {
  EXPECT_TRUE(rngb.present());
  ASSERT_TRUE(rngb.start());
  EXPECT_EQ(model.commands, "TS");
  EXPECT_EQ(model.values[0x08], 0b1110000u);  // AR, and interrupts masked
}

TEST_F(RngbTest, DeliversTheWordsInOrderAndNoMoreThanTheFifoHolds) {
  ASSERT_TRUE(rngb.start());
  ASSERT_TRUE(rngb.read(out));
  EXPECT_EQ(out, (std::array<u8, 10>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
  std::array<u8, 100> more{};
  ASSERT_TRUE(rngb.read(more));  // 25 words through a FIFO of 5
  EXPECT_EQ(model.values[0x10], 0u);
  EXPECT_EQ(more[0], 12);  // what was left of a word is not used again
}

TEST_F(RngbTest, StartingTwiceKeepsTheSeed) {
  ASSERT_TRUE(rngb.start());
  ASSERT_TRUE(rngb.start());
  EXPECT_EQ(model.commands, "TS");
}

TEST_F(RngbTest, DrawsAgainWhenTheNoiseFailedTheStatistics) {
  model.bad_seeds = 2;
  ASSERT_TRUE(rngb.start());
  EXPECT_EQ(model.commands, "TSSS");
}

TEST_F(RngbTest, DoesNotDrawAgainForEver) {
  model.bad_seeds = 1000;
  EXPECT_EQ(rngb.start().error(), Error::Device);
  EXPECT_LT(model.commands.size(), 20u);
  expect_failed_for_ever();
}

TEST_F(RngbTest, AnotherSeedErrorIsFinal) {
  model.bad_seeds = 1;
  model.seed_error = 1u << 1 | 1u << 3;  // the oscillator too
  EXPECT_EQ(rngb.start().error(), Error::Device);
  EXPECT_EQ(model.commands, "TS");
  expect_failed_for_ever();
}

TEST_F(RngbTest, AFailedSelfTestIsFinal) {
  for (u32 part = 0; part < 3; ++part) {
    RngbTest::model.self_test_failed = 1u << part;
    Rngb each{kBase};
    EXPECT_EQ(each.start().error(), Error::Device);
    model.self_test_failed = 0;
    EXPECT_EQ(each.start().error(), Error::Device);
    EXPECT_EQ(each.read(out).error(), Error::Device);
  }
}

TEST_F(RngbTest, ASelfTestThatNeverEndsIsFinal) {
  model.hangs = true;
  EXPECT_EQ(rngb.start().error(), Error::Device);
  expect_failed_for_ever();
}

TEST_F(RngbTest, ASeedThatNeverComesIsFinal) {
  model.never_seeds = true;
  EXPECT_EQ(rngb.start().error(), Error::Device);
  expect_failed_for_ever();
}

TEST_F(RngbTest, AnErrorWhileReadingIsFinalAndLeavesNothing) {
  ASSERT_TRUE(rngb.start());
  model.die_after = 2;
  out.fill(0xaa);
  EXPECT_EQ(rngb.read(out).error(), Error::Device);
  EXPECT_EQ(std::count(out.begin(), out.end(), 0), 10);
  model.values[0x10] = 0;
  expect_failed_for_ever();
}

TEST_F(RngbTest, AFifoThatStaysEmptyIsFinal) {
  ASSERT_TRUE(rngb.start());
  model.refills = false;
  EXPECT_EQ(rngb.read(out).error(), Error::Device);
  model.refills = true;
  expect_failed_for_ever();
}

TEST_F(RngbTest, NothingIsReadBeforeTheStart) {
  EXPECT_EQ(rngb.read(out).error(), Error::Device);
  EXPECT_TRUE(rngb.start());
}

TEST_F(RngbTest, ABlockOfAnotherKindIsNotTaken) {
  model.values[0x00] = 0x00000280;  // RNGA
  EXPECT_FALSE(rngb.present());
  EXPECT_EQ(rngb.start().error(), Error::Device);
  EXPECT_TRUE(model.stores.empty());
}

TEST(RngbAbsent, IsFinal) {
  Rngb rngb{kBase};
  EXPECT_FALSE(rngb.present());
  EXPECT_EQ(rngb.start().error(), Error::Device);
  RngbModel late;
  EXPECT_EQ(rngb.start().error(), Error::Device);
}

}  // namespace
}  // namespace gotee::imx6ul
