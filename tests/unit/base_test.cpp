// SPDX-License-Identifier: BSD-3-Clause
//
// The vocabulary types: addresses that never wrap, time that saturates, text that never overruns.
#include <gtest/gtest.h>

#include <cinttypes>
#include <cstdio>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>

#include "core/base/fixed_vector.h"
#include "core/base/result.h"
#include "core/base/text.h"
#include "core/base/types.h"

namespace gotee {
namespace {

std::string printed(const char* format, u64 value) {
  char buffer[40];
  std::snprintf(buffer, sizeof buffer, format, value);
  return buffer;
}

TEST(Address, PlusReachesTheLastByteAndNoFurther) {
  EXPECT_EQ(VirtAddr{0}.plus(0xffffffff), VirtAddr{0xffffffff});
  EXPECT_EQ(VirtAddr{0xffffffff}.plus(0), VirtAddr{0xffffffff});
  EXPECT_EQ(VirtAddr{0xfffffffe}.plus(1), VirtAddr{0xffffffff});
  EXPECT_EQ(VirtAddr{0xffffffff}.plus(1), std::nullopt);
  EXPECT_EQ(VirtAddr{1}.plus(0xffffffff), std::nullopt);
  EXPECT_EQ(VirtAddr{0x80000000}.plus(0x80000000), std::nullopt);
  EXPECT_EQ(VirtAddr{0x80000000}.plus(0x7fffffff), VirtAddr{0xffffffff});
}

TEST(Address, SpacesAreDifferentTypes) {
  static_assert(!std::is_convertible_v<VirtAddr, PhysAddr>);
  static_assert(!std::is_convertible_v<PhysAddr, VirtAddr>);
  static_assert(sizeof(VirtAddr) == 4);
}

TEST(Address, OrderIsUnsigned) { EXPECT_LT(VirtAddr{0x7fffffff}, VirtAddr{0x80000000}); }

TEST(Instant, AdditionSaturatesAtForEver) {
  EXPECT_EQ((Instant{5} + Duration{7}).ns, 12u);
  EXPECT_EQ(kNever + Duration{1}, kNever);
  EXPECT_EQ(kNever + Duration{UINT64_MAX}, kNever);
  EXPECT_EQ(Instant{1} + Duration{UINT64_MAX}, kNever);
  EXPECT_EQ(Instant{0} + Duration{UINT64_MAX}, kNever);
  EXPECT_EQ((Instant{UINT64_MAX - 10} + Duration{9}).ns, UINT64_MAX - 1);
  EXPECT_EQ(Instant{UINT64_MAX - 10} + Duration{10}, kNever);
  EXPECT_EQ(Instant{UINT64_MAX - 10} + Duration{11}, kNever);
}

TEST(PageDown, KeepsPageStartsAndRoundsTheRest) {
  EXPECT_EQ(page_down(0), 0u);
  EXPECT_EQ(page_down(0xfff), 0u);
  EXPECT_EQ(page_down(0x1000), 0x1000u);
  EXPECT_EQ(page_down(0xffffffff), 0xfffff000u);
}

TEST(Text, DropsWhatDoesNotFitAndRemembersIt) {
  char bytes[6] = {'#', '#', '#', '#', '#', '#'};
  Text text{std::span{bytes, 5}};
  text.put("abcde");
  EXPECT_EQ(text.view(), "abcde");
  EXPECT_FALSE(text.truncated());
  text.put("");
  EXPECT_FALSE(text.truncated());
  text.put('f');
  EXPECT_TRUE(text.truncated());
  EXPECT_EQ(text.view(), "abcde");
  EXPECT_EQ(bytes[5], '#');
  text.clear();
  EXPECT_FALSE(text.truncated());
  EXPECT_EQ(text.put("xy").view(), "xy");
}

TEST(Text, EmptyBufferTakesNothing) {
  Text text{std::span<char>{}};
  EXPECT_TRUE(text.put('a').truncated());
  EXPECT_EQ(text.view(), "");
}

TEST(Text, KeepsEveryByteValue) {
  TextBuffer<256> text;
  std::string all;
  for (int c = 0; c < 256; ++c) all.push_back(char(c));
  EXPECT_EQ(text.put(std::string_view{all}).view(), all);
}

TEST(Text, HexAgreesWithPrintf) {
  std::mt19937_64 random{1};
  for (u32 i = 0; i < 2000; ++i) {
    const u64 value = i < 65 ? (i == 64 ? UINT64_MAX : u64{1} << i) : random() >> (random() % 64);
    TextBuffer<16> bare, wide, full;
    EXPECT_EQ(bare.hex(value).view(), printed("%" PRIx64, value));
    EXPECT_EQ(wide.hex(value, 8).view(), printed("%08" PRIx64, value));
    EXPECT_EQ(full.hex(value, 16).view(), printed("%016" PRIx64, value));
  }
}

TEST(Text, HexNeverPrintsMoreThanSixteenDigits) {
  TextBuffer<40> text;
  EXPECT_EQ(text.hex(1, 99).view(), "0000000000000001");
  text.clear();
  EXPECT_EQ(text.hex(0, 0).view(), "0");
}

TEST(Text, DecAgreesWithPrintf) {
  std::mt19937_64 random{2};
  u64 power = 1;
  for (u32 i = 0; i < 2000; ++i) {
    const u64 value = i < 20 ? power : (i < 40 ? power - i : random() >> (random() % 64));
    if (i < 19) power *= 10;
    TextBuffer<20> bare, two, full;
    EXPECT_EQ(bare.dec(value).view(), printed("%" PRIu64, value));
    EXPECT_EQ(two.dec(value, 2).view(), printed("%02" PRIu64, value));
    EXPECT_EQ(full.dec(value, 20).view(), printed("%020" PRIu64, value));
  }
  TextBuffer<40> text;
  EXPECT_EQ(text.dec(UINT64_MAX, 99).view(), "18446744073709551615");
  text.clear();
  EXPECT_EQ(text.dec(0, 0).view(), "0");
}

TEST(Text, NumbersAreCutToo) {
  TextBuffer<3> text;
  EXPECT_TRUE(text.hex(0x12345, 8).truncated());
  EXPECT_EQ(text.view(), "000");
}

TEST(FixedText, CutsLongTextAndKeepsShortText) {
  FixedText<4> text{"abcdef"};
  EXPECT_EQ(text.view(), "abcd");
  EXPECT_FALSE(text.push('x'));
  EXPECT_EQ(text.view(), "abcd");
  text.assign("xy");
  EXPECT_EQ(text.view(), "xy");
  EXPECT_TRUE(text.push('z'));
  EXPECT_TRUE(text.push('!'));
  EXPECT_FALSE(text.push('?'));
  EXPECT_EQ(text.view(), "xyz!");
  text.clear();
  EXPECT_TRUE(text.empty());
  EXPECT_EQ(FixedText<4>{}.view(), "");
}

TEST(FixedText, CopiesAreIndependent) {
  FixedText<8> first{"first"};
  FixedText<8> second = first;
  first.assign("other");
  EXPECT_EQ(second.view(), "first");
}

TEST(FixedVector, HoldsExactlyItsCapacity) {
  FixedVector<int, 3> v;
  EXPECT_TRUE(v.empty());
  EXPECT_TRUE(v.push(1));
  EXPECT_TRUE(v.push(2));
  EXPECT_TRUE(v.push(3));
  EXPECT_FALSE(v.push(4));
  EXPECT_EQ(v.size(), 3u);
  EXPECT_EQ(v.capacity(), 3u);
  int sum = 0;
  for (const int i : v) sum += i;
  EXPECT_EQ(sum, 6);
  EXPECT_EQ(v.span().size(), 3u);
  v.clear();
  EXPECT_TRUE(v.empty());
  EXPECT_EQ(v.begin(), v.end());
  EXPECT_TRUE(v.push(9));
  EXPECT_EQ(v[0], 9);
}

TEST(FixedVector, StopsAnIndexBeyondTheSizeEvenInsideTheCapacity) {
  FixedVector<int, 3> v;
  ASSERT_TRUE(v.push(1));
  EXPECT_THROW((void)v[1], std::logic_error);
  EXPECT_THROW((void)std::as_const(v)[1], std::logic_error);
}

TEST(Result, CarriesAValueOrAnError) {
  const Result<u32> good{7u}, bad{Error::Denied};
  EXPECT_TRUE(bool(good));
  EXPECT_EQ(*good, 7u);
  EXPECT_EQ(good.error(), Error::Ok);
  EXPECT_FALSE(bool(bad));
  EXPECT_EQ(bad.error(), Error::Denied);
}

TEST(Result, TryReturnsTheFirstError) {
  u32 ran = 0;
  const auto two = [&](Result<> first, Result<> second) -> Result<> {
    GOTEE_TRY(first);
    ++ran;
    GOTEE_TRY(second);
    ++ran;
    return kOk;
  };
  EXPECT_EQ(two(Error::Busy, Error::Denied).error(), Error::Busy);
  EXPECT_EQ(ran, 0u);
  EXPECT_EQ(two(kOk, Error::Denied).error(), Error::Denied);
  EXPECT_EQ(ran, 1u);
  EXPECT_TRUE(bool(two(kOk, kOk)));
}

TEST(Result, StopsWhoReadsAValueThatIsNotThere) {
  const Result<u32> bad{Error::Denied};
  EXPECT_THROW((void)*bad, std::logic_error);
  EXPECT_THROW((void)Result<u32>{Error::Ok}, std::logic_error);
}

TEST(Error, ValuesAreTheAppletAbi) {
  // Calls from 16 up return these in r0: append only.
  EXPECT_EQ(u32(Error::Ok), 0u);
  EXPECT_EQ(u32(Error::Invalid), 1u);
  EXPECT_EQ(u32(Error::Denied), 2u);
  EXPECT_EQ(u32(Error::NotFound), 3u);
  EXPECT_EQ(u32(Error::Busy), 4u);
  EXPECT_EQ(u32(Error::NoMemory), 5u);
  EXPECT_EQ(u32(Error::TimedOut), 6u);
  EXPECT_EQ(u32(Error::Unsupported), 7u);
  EXPECT_EQ(u32(Error::Device), 8u);
  for (u32 i = 0; i <= 8; ++i) EXPECT_NE(error_name(Error(i)), "unknown error");
  EXPECT_EQ(error_name(Error(9)), "unknown error");
}

}  // namespace
}  // namespace gotee
