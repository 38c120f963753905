// SPDX-License-Identifier: BSD-3-Clause
//
// The continuous health tests. Ref: [SP800-90B] 4.4.1, 4.4.2. The expected cutoffs are the standard's
// formulas in 200-digit arithmetic.
#include "hal/imx6ul/drivers/health.h"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <vector>

namespace gotee::imx6ul {
namespace {

// 4.4.1: 1 + ceil(-log2(alpha) / H)
static_assert(repetition_cutoff(8000, 20) == 4);
static_assert(repetition_cutoff(8000, 40) == 6);
static_assert(repetition_cutoff(7000, 20) == 4);
static_assert(repetition_cutoff(3500, 40) == 13);
static_assert(repetition_cutoff(2000, 20) == 11);
static_assert(repetition_cutoff(1000, 30) == 31);
static_assert(repetition_cutoff(300, 20) == 68);
static_assert(repetition_cutoff(100, 40) == 401);

// 4.4.2: 1 + critbinom(512, 2^-H, 1 - alpha)
static_assert(proportion_cutoff(8000, 20) == 13 && proportion_cutoff(8000, 40) == 19);
static_assert(proportion_cutoff(7000, 20) == 18 && proportion_cutoff(7000, 40) == 26);
static_assert(proportion_cutoff(5000, 20) == 39 && proportion_cutoff(5000, 40) == 51);
static_assert(proportion_cutoff(4000, 20) == 62 && proportion_cutoff(4000, 40) == 78);
static_assert(proportion_cutoff(3500, 20) == 80 && proportion_cutoff(3500, 40) == 97);
static_assert(proportion_cutoff(2000, 20) == 177 && proportion_cutoff(2000, 40) == 201);
static_assert(proportion_cutoff(1000, 20) == 311 && proportion_cutoff(1000, 40) == 336);
static_assert(proportion_cutoff(1000, 30) == 325 && proportion_cutoff(1000, 60) == 355);
static_assert(proportion_cutoff(500, 20) == 410 && proportion_cutoff(500, 40) == 432);
static_assert(proportion_cutoff(300, 20) == 456 && proportion_cutoff(300, 40) == 473);
static_assert(proportion_cutoff(100, 20) == 502 && proportion_cutoff(100, 40) == 510);
static_assert(proportion_cutoff(1000, 20, 1024) == 589 && proportion_cutoff(1000, 40, 1024) == 625);
static_assert(proportion_cutoff(8000, 20, 1024) == 18 && proportion_cutoff(8000, 40, 1024) == 26);
static_assert(proportion_cutoff(100, 60) == 513);  // one window cannot show it: never

/// How many samples `source` delivers before the tests fail, or `limit`.
template <class Source>
u32 samples_until_failure(HealthTests tests, Source source, u32 limit) {
  for (u32 n = 1; n <= limit; ++n) {
    const u8 sample = source();
    if (!tests.examine({&sample, 1})) return n;
  }
  return limit;
}

TEST(Health, AStuckSourceFailsAtTheCutoff) {
  EXPECT_EQ(samples_until_failure(
                HealthTests{health_cutoffs(8000, 40)}, [] { return u8{0}; }, 1000),
            6u);
  EXPECT_EQ(samples_until_failure(
                HealthTests{health_cutoffs(1000, 20)}, [] { return u8{0xff}; }, 1000),
            21u);
}

TEST(Health, OneRepetitionLessPasses) {
  u32 n = 0;
  const auto runs_of_five = [&] { return u8(n++ / 5); };
  EXPECT_EQ(samples_until_failure(HealthTests{health_cutoffs(8000, 40)}, runs_of_five, 5000), 5000u);
}

TEST(Health, AFavouriteValueFailsByItsProportionAlone) {
  u32 n = 0;
  const auto every_fourth = [&] { return n++ % 4 == 0 ? u8{7} : u8(n * 37 | 8); };  // never twice in a row
  EXPECT_EQ(samples_until_failure(HealthTests{health_cutoffs(8000, 40)}, every_fourth, 5000), 18u * 4 + 1);
}

TEST(Health, TheProportionStartsAnewWithEachWindow) {
  u32 n = 0;
  // 18 of one value in each window of 512: one less than the cutoff.
  const auto almost = [&] {
    const u32 i = n++ % 512;
    return i % 2 == 0 && i < 36 ? u8{7} : u8(i / 2 | 1) == 7 ? u8{9} : u8((i * 5) | 8);
  };
  EXPECT_EQ(samples_until_failure(HealthTests{health_cutoffs(8000, 40)}, almost, 100 * 512), 100u * 512);
}

TEST(Health, ABiasedSourceFails) {
  std::mt19937 engine{1};
  std::bernoulli_distribution one{0.75};
  const auto biased_bits = [&] {  // 8 * -log2(0.75) = 3.3 bits of min-entropy
    u32 byte = 0;
    for (int b = 0; b < 8; ++b) byte = byte << 1 | u32(one(engine));
    return u8(byte);
  };
  EXPECT_LT(samples_until_failure(HealthTests{health_cutoffs(8000, 40)}, biased_bits, 100'000), 100'000u);
  EXPECT_EQ(samples_until_failure(HealthTests{health_cutoffs(3300, 40)}, biased_bits, 100'000), 100'000u);
}

TEST(Health, ASourceThatDiesLaterIsCaught) {
  std::mt19937 engine{2};
  u32 n = 0;
  const auto dies = [&] { return ++n < 10'000 ? u8(engine()) : u8{0x55}; };
  const u32 caught = samples_until_failure(HealthTests{health_cutoffs(8000, 40)}, dies, 20'000);
  EXPECT_GE(caught, 10'000u + 4);  // the last live samples may have been the dead value
  EXPECT_LE(caught, 10'000u + 6);
}

TEST(Health, GoodStreamsPass) {
  for (u32 seed = 0; seed < 5; ++seed) {
    std::mt19937 engine{seed};
    const auto good = [&] { return u8(engine() >> 11); };
    EXPECT_EQ(samples_until_failure(HealthTests{health_cutoffs(8000, 40)}, good, 400'000), 400'000u);
  }
}

TEST(Health, FailureIsForEver) {
  HealthTests tests{health_cutoffs(8000, 40)};
  EXPECT_TRUE(tests.examine(std::array<u8, 5>{}));
  EXPECT_FALSE(tests.failed());
  EXPECT_EQ(tests.examine(std::array<u8, 1>{}).error(), Error::Device);
  std::mt19937 engine{3};
  std::vector<u8> good(10'000);
  for (u8& byte : good) byte = u8(engine());
  EXPECT_EQ(tests.examine(good).error(), Error::Device);
  EXPECT_EQ(tests.examine({}).error(), Error::Device);
  EXPECT_TRUE(tests.failed());
}

TEST(Health, TheTestsRunAcrossCalls) {
  HealthTests tests{health_cutoffs(8000, 40)};
  EXPECT_TRUE(tests.examine(std::array<u8, 3>{1, 9, 9}));
  EXPECT_TRUE(tests.examine(std::array<u8, 3>{9, 9, 9}));
  EXPECT_FALSE(tests.examine(std::array<u8, 1>{9}));
}

}  // namespace
}  // namespace gotee::imx6ul
