// SPDX-License-Identifier: BSD-3-Clause
//
// From counter ticks to nanoseconds and back, against exact arithmetic of 128 bits.
#include "hal/imx6ul/clock.h"

#include <gtest/gtest.h>

#include <random>

namespace gotee::imx6ul {
namespace {

__extension__ using Wide = unsigned __int128;
constexpr u64 kSecond = 1'000'000'000, kYear = 365ull * 24 * 3600 * kSecond;

class ClockAt : public testing::TestWithParam<u32> {};

TEST_P(ClockAt, TellsTheTimeToANanosecondForAYear) {
  const Clock clock{GetParam()};
  std::mt19937_64 random{1};
  for (u32 i = 0; i < 10'000; ++i) {
    const u64 ticks = random() % u64(Wide{kYear} * GetParam() / kSecond) >> (i % 48);
    const u64 exact = u64(Wide{ticks} * kSecond / GetParam());
    const u64 got = clock.at(ticks).ns;
    EXPECT_LE(got, exact);
    EXPECT_LE(exact - got, 1 + ticks / (u64{1} << 32)) << "a fraction of 32 bits drifts by that much";
    EXPECT_GE(clock.at(ticks + 1).ns, got);
  }
}

TEST_P(ClockAt, ADeadlineIsNeverEarlyAndAtMostAFewTicksLate) {
  const Clock clock{GetParam()};
  std::mt19937_64 random{2};
  for (u32 i = 0; i < 10'000; ++i) {
    const Instant want{random() % kYear >> (i % 55)};
    const u64 ticks = clock.ticks_at(want);
    const u64 exact = u64(Wide{want.ns} * GetParam() / kSecond);
    EXPECT_LE(ticks, exact + 3);
    if (want.ns < u64{1} << 32) {
      EXPECT_GE(clock.at(ticks), want) << "within the precision of the fraction";
    }
    EXPECT_GE(ticks + 1 + (want.ns >> 32), exact);
  }
}

INSTANTIATE_TEST_SUITE_P(Frequencies, ClockAt,
                         testing::Values(8'000'000u /* silicon */, 62'500'000u /* QEMU */, 24'000'000u,
                                         19'200'000u));

}  // namespace
}  // namespace gotee::imx6ul
