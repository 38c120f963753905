// SPDX-License-Identifier: BSD-3-Clause
//
// What an applet alleges about its memory, proved or refused at the exact byte.
#include "core/mem/user.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <random>
#include <vector>

namespace gotee {
namespace {

constexpr Access kR = Access::Read, kW = Access::Write, kX = Access::Execute;

/// 0x10000000 text r-x | +0x2000 constants r-- | +0x3000 data rw- | +0x5000 guard | +0x6000 rw- to 1 MiB,
/// then a section rw- of 1 MiB; the pages behind them stand in another order.
class UserRangeTest : public testing::Test {
 protected:
  UserRangeTest() {
    EXPECT_TRUE(bool(space.init({words, {0x90100000}}, Grain::Largest)));
    for (const Region& r : kRegions) EXPECT_TRUE(bool(space.grant(r)));
  }
  static constexpr Region kRegions[] = {
      {{0x10000000}, {0x98010000}, 0x2000, kR | kX},  {{0x10002000}, {0x98000000}, 0x1000, kR},
      {{0x10003000}, {0x98020000}, 0x2000, kR | kW},  {{0x10005000}, {0x98030000}, 0x1000, Access::None},
      {{0x10006000}, {0x98041000}, 0xfa000, kR | kW}, {{0x10100000}, {0x98300000}, 0x100000, kR | kW},
  };

  void expect_proved(u32 base, u32 size, Access want) {
    const auto proof = UserRange::prove(space, {base}, size, want);
    EXPECT_TRUE(proof.proved) << std::hex << base << "+" << size;
    EXPECT_EQ(proof.range.size(), size);
    if (size != 0) {
      EXPECT_EQ(proof.range.base().raw, base);
    }
  }
  void expect_denied(u32 base, u32 size, Access want, u32 at) {
    const auto proof = UserRange::prove(space, {base}, size, want);
    EXPECT_FALSE(proof.proved) << std::hex << base << "+" << size;
    EXPECT_EQ(proof.denied.raw, at) << std::hex << base << "+" << size;
    EXPECT_EQ(proof.range.size(), 0u);
  }

  std::vector<u32> words = std::vector<u32>(kFirstLevelWords + 16 * kSecondLevelWords);
  AddressSpace space;
};

TEST_F(UserRangeTest, AnEmptyRangeIsAlwaysProvedAndHoldsNothing) {
  for (const u32 base : {0u, 0x10000000u, 0x90000000u, 0xffffffffu}) {
    const auto proof = UserRange::prove(space, {base}, 0, kW);
    EXPECT_TRUE(proof.proved);
    EXPECT_EQ(proof.range.size(), 0u);
    EXPECT_TRUE(bool(each_piece(space.tables(), {base}, 0, kW,
                                [](PhysAddr, u32, u32) { FAIL() << "an empty range has no pieces"; })));
  }
}

TEST_F(UserRangeTest, OneByteAtEachEndOfEachRegion) {
  for (const Region& r : kRegions) {
    for (const u32 at : {r.base.raw, u32(r.end() - 1)}) {
      for (const Access want : {kR, kW, kX})
        allows(r.access, want) ? expect_proved(at, 1, want) : expect_denied(at, 1, want, at);
    }
  }
}

TEST_F(UserRangeTest, RangesMayStraddleRegionsThatAllowTheSame) {
  expect_proved(0x10001ffc, 8, kR);         // text into constants
  expect_proved(0x10000000, 0x5000, kR);    // three regions
  expect_proved(0x100ffff0, 0x20, kW);      // pages into a section
  expect_proved(0x10006000, 0x1fa000, kW);  // both whole
}

TEST_F(UserRangeTest, TheFirstByteWithoutTheRightIsNamed) {
  expect_denied(0x10001ffc, 8, kX, 0x10002000);
  expect_denied(0x10002ff0, 0x20, kW, 0x10002ff0);
  expect_denied(0x10004fff, 2, kR, 0x10005000);
  expect_denied(0x10004000, 0x8000, kW, 0x10005000);
  expect_denied(0x101fffff, 2, kW, 0x10200000);
  expect_denied(0x0fffffff, 2, kR, 0x0fffffff);
  expect_denied(0x10006000, 0xffffffff - 0x10006000, kW, 0x10200000);
}

TEST_F(UserRangeTest, EveryKindOfForeignPointerIsRefused) {
  for (const Access want : {kR, kW, kX}) {
    for (const u32 at :
         {0u, 4u, 0xfffu, 0x1000u, 0x00900000u, 0x00a01000u, 0x020e0000u, 0x80000000u, 0x8fffffffu,
          0x90000000u, 0x90100000u, 0x98000000u, 0x98010000u, 0x9fffffffu, 0xa0000000u, 0xfffffffeu}) {
      expect_denied(at, 1, want, at);
    }
  }
}

TEST_F(UserRangeTest, LengthsThatReachSupervisorMemoryAreRefusedAtTheEndOfTheApplets) {
  expect_denied(0x10100000, 0x90000000 - 0x10100000 + 4, kR, 0x10200000);
  expect_denied(0x10100000, 0xffffffff, kR, 0x10200000);
}

TEST_F(UserRangeTest, WrappingIsRefused) {
  expect_denied(0xffffffff, 1, kR, 0xffffffff);
  expect_denied(0xffffffff, 2, kR, 0xffffffff);
  expect_denied(0xfffff000, 0x20000000, kR, 0xfffff000);
}

TEST_F(UserRangeTest, WrappingFromTheAppletsOwnLastPageIsRefusedAtTheLastAddress) {
  ASSERT_TRUE(bool(space.grant({{0xfffff000}, {0x98050000}, 0x1000, kR | kW})));
  expect_proved(0xffffffff, 1, kW);
  expect_proved(0xfffff000, 0x1000, kW);
  expect_denied(0xfffff000, 0x1001, kW, 0xffffffff);
  expect_denied(0xffffffff, 2, kW, 0xffffffff);
  expect_denied(0xffffffff, 0xffffffff, kW, 0xffffffff);
}

TEST_F(UserRangeTest, AgreesByteByByteWithTheRegions) {
  std::mt19937 random{3};
  for (u32 n = 0; n < 1000; ++n) {
    const u32 base = 0x0ffff000 + u32(random() % 0x9000), size = u32(random() % 0x3000);
    const Access want = std::array{kR, kW, kX}[random() % 3];
    std::optional<u32> denied;
    for (u32 at = base; at < base + size && !denied; ++at) {
      const auto* r = std::find_if(std::begin(kRegions), std::end(kRegions),
                                   [&](const Region& region) { return region.contains({at}); });
      if (r == std::end(kRegions) || !allows(r->access, want)) denied = at;
    }
    denied ? expect_denied(base, size, want, *denied) : expect_proved(base, size, want);
  }
}

TEST_F(UserRangeTest, PiecesEndWithPagesAndNameTheMemoryBehind) {
  struct Piece {
    u32 to, offset, bytes;
    bool operator==(const Piece&) const = default;
  };
  std::vector<Piece> pieces;
  const auto collect = [&](PhysAddr to, u32 offset, u32 bytes) { pieces.push_back({to.raw, offset, bytes}); };
  const u32 size = 0x10 + 0x1000 + 0x1000 + 5;
  ASSERT_TRUE(bool(each_piece(space.tables(), {0x10001ff0}, size, kR, collect)));
  const std::vector<Piece> want = {{0x98011ff0, 0, 0x10},
                                   {0x98000000, 0x10, 0x1000},
                                   {0x98020000, 0x1010, 0x1000},
                                   {0x98021000, 0x2010, 5}};
  EXPECT_EQ(pieces, want);
}

TEST_F(UserRangeTest, PiecesOfTheLastPageDoNotWrap) {
  ASSERT_TRUE(bool(space.grant({{0xfffff000}, {0x98050000}, 0x1000, kR | kW})));
  u32 calls = 0, bytes = 0;
  const auto count = [&](PhysAddr to, u32, u32 size) {
    EXPECT_EQ(to.raw, 0x98050ff0u);
    ++calls, bytes += size;
  };
  ASSERT_TRUE(bool(each_piece(space.tables(), {0xfffffff0}, 16, kW, count)));
  EXPECT_EQ(calls, 1u);
  EXPECT_EQ(bytes, 16u);
  EXPECT_EQ(each_piece(space.tables(), {0xfffffff0}, 17, kW, count).error(), Error::Denied) << "no wrap";
  EXPECT_EQ(calls, 2u);
}

TEST_F(UserRangeTest, PiecesEndWhereTheRightEnds) {
  u32 bytes = 0;
  const auto count = [&](PhysAddr, u32, u32 size) { bytes += size; };
  EXPECT_EQ(each_piece(space.tables(), {0x90000000}, 1, kR, count).error(), Error::Denied);
  EXPECT_EQ(bytes, 0u);
}

TEST_F(UserRangeTest, FirstAndSkipStayInsideTheProof) {
  const UserRange whole = UserRange::prove(space, {0x10003000}, 100, kW).range;
  EXPECT_EQ(whole.first(10).size(), 10u);
  EXPECT_EQ(whole.first(10).base().raw, 0x10003000u);
  EXPECT_EQ(whole.first(100).size(), 100u);
  EXPECT_EQ(whole.first(0xffffffff).size(), 100u);
  EXPECT_EQ(whole.skip(10).base().raw, 0x1000300au);
  EXPECT_EQ(whole.skip(10).size(), 90u);
  EXPECT_EQ(whole.skip(99).size(), 1u);
  EXPECT_EQ(whole.skip(100).size(), 0u);
  EXPECT_EQ(whole.skip(0xffffffff).size(), 0u);
  EXPECT_EQ(UserRange{}.first(7).size(), 0u);
}

}  // namespace
}  // namespace gotee
