// SPDX-License-Identifier: BSD-3-Clause
//
// Who owns what: the applet's regions, the supervisor's spans, and the exact bounds of what lies between.
#include "core/mem/address_space.h"

#include <gtest/gtest.h>

#include <vector>

namespace gotee {
namespace {

constexpr Access kR = Access::Read, kW = Access::Write, kX = Access::Execute;

class AddressSpaceTest : public testing::Test {
 protected:
  AddressSpaceTest() { EXPECT_TRUE(bool(space.init({words, {0x90100000}}, Grain::Largest))); }
  void grant(u32 base, u32 size, Access access) {
    ASSERT_TRUE(bool(space.grant({{base}, {0x98000000 + (base & 0x07ffffff)}, size, access})));
  }
  void expect_owner(u32 at, Owner owner, Access rights, u64 base, u64 end) {
    SCOPED_TRACE(testing::Message() << std::hex << "address " << at);
    const Ownership o = space.owner({at});
    EXPECT_EQ(o.owner, owner);
    EXPECT_EQ(o.rights, rights);
    EXPECT_EQ(o.base.raw, base);
    EXPECT_EQ(o.end, end);
  }

  std::vector<u32> words = std::vector<u32>(kFirstLevelWords + 16 * kSecondLevelWords);
  AddressSpace space;
};

// --- The memory map (design 4.4) ---------------------------------------------------------------------

TEST(Layout, TheMemoryMapIsThatOfTheDesign) {
  EXPECT_EQ(kNormalDram.base.raw, 0x80000000u);
  EXPECT_EQ(kNormalDram.end(), 0x90000000u);
  EXPECT_EQ(kNormalDram.owner, Owner::NormalWorld);
  EXPECT_EQ(kSupervisorDram.base.raw, 0x90000000u);
  EXPECT_EQ(kSupervisorDram.end(), 0x98000000u);
  EXPECT_EQ(kSupervisorDram.owner, Owner::Supervisor);
  EXPECT_EQ(kAppletDram.base.raw, 0x98000000u);
  EXPECT_EQ(kAppletDram.end(), 0xa0000000u);
  EXPECT_EQ(kRegionBase.raw, 0x10000000u);
  EXPECT_EQ(kRegionSize, 64u << 20);
}

TEST(Layout, TheSupervisorsHalfLeavesNoByteOutAndNothingIsBothWritableAndExecutable) {
  const auto pl1_at = [](u32 at) {
    for (const Span& s : kMemoryMap) {
      if (s.contains(at)) return s.privileged;
    }
    ADD_FAILURE() << std::hex << at << " has no owner";
    return Access::None;
  };
  u32 executable = 0;
  for (u32 at = 0x90000000; at < 0xa0000000; at += 0x100000) {
    const Access rights = pl1_at(at);
    EXPECT_FALSE(allows(rights, kW | kX)) << std::hex << at;
    executable += allows(rights, kX) ? 1 : 0;
  }
  EXPECT_EQ(executable, 1u) << "one MiB of code";
  EXPECT_EQ(pl1_at(kSupervisorStack.base.raw - 1), Access::None);
  EXPECT_EQ(pl1_at(u32(kSupervisorStack.end())), Access::None);
}

TEST(Layout, TzcRegionsArePowersOfTwoAlignedToTheirSize) {
  EXPECT_TRUE(tzc_encodable(0x90000000, 0x10000000));
  EXPECT_TRUE(tzc_encodable(0, u64{1} << 32));
  EXPECT_FALSE(tzc_encodable(0x98000000, 0x10000000));
  EXPECT_FALSE(tzc_encodable(0x90000000, 0x0c000000));
}

TEST(Layout, OverlapIsNoticed) {
  EXPECT_TRUE(disjoint(std::array{Span{Owner::Device, "", {0}, 16}, Span{Owner::Device, "", {16}, 16}}));
  EXPECT_FALSE(disjoint(std::array{Span{Owner::Device, "", {0}, 17}, Span{Owner::Device, "", {16}, 16}}));
  EXPECT_FALSE(disjoint(std::array{Span{Owner::Device, "", {0}, 32}, Span{Owner::Device, "", {8}, 8}}));
  EXPECT_FALSE(disjoint(
      std::array{Span{Owner::Device, "", {0xfffff000}, 0x1000}, Span{Owner::Device, "", {0xffffffff}, 1}}));
}

TEST(Layout, OwnersHaveTheNamesOfTheReport) {
  EXPECT_EQ(owner_name(Owner::Nobody), "nobody");
  EXPECT_EQ(owner_name(Owner::Applet), "applet");
  EXPECT_EQ(owner_name(Owner::Supervisor), "supervisor");
  EXPECT_EQ(owner_name(Owner::NormalWorld), "normal world");
  EXPECT_EQ(owner_name(Owner::Device), "device");
}

// --- Owners ------------------------------------------------------------------------------------------

TEST_F(AddressSpaceTest, EachSpanHasItsOwnerAndGivesTheAppletNothing) {
  expect_owner(0x00900000, Owner::Device, Access::None, 0x00900000, 0x00a00000);
  expect_owner(0x00afffff, Owner::Device, Access::None, 0x00a00000, 0x00b00000);
  expect_owner(0x020b4000, Owner::Device, Access::None, 0x02000000, 0x02300000);
  expect_owner(0x80000000, Owner::NormalWorld, Access::None, 0x80000000, 0x90000000);
  expect_owner(0x8fffffff, Owner::NormalWorld, Access::None, 0x80000000, 0x90000000);
  expect_owner(0x90010000, Owner::Supervisor, Access::None, 0x90000000, 0x90100000);
  expect_owner(0x97ffffff, Owner::Supervisor, Access::None, 0x91100000, 0x98000000);
  expect_owner(0x98000000, Owner::Supervisor, Access::None, 0x98000000, 0xa0000000);
  expect_owner(0x9fffffff, Owner::Supervisor, Access::None, 0x98000000, 0xa0000000);
  for (const u32 at : {0x00900000u, 0x020b4000u, 0x80000000u, 0x90000000u, 0x9fffffffu}) {
    for (const Access want : {kR, kW, kX}) EXPECT_TRUE(space.tables().user_fault({at}, want));
  }
}

TEST_F(AddressSpaceTest, HolesReachExactlyToTheirNeighbours) {
  expect_owner(0, Owner::Nobody, Access::None, 0, 0x00900000);
  expect_owner(0x008fffff, Owner::Nobody, Access::None, 0, 0x00900000);
  expect_owner(0x00b00000, Owner::Nobody, Access::None, 0x00b00000, 0x02000000);
  expect_owner(0x01ffffff, Owner::Nobody, Access::None, 0x00b00000, 0x02000000);
  expect_owner(0x02300000, Owner::Nobody, Access::None, 0x02300000, 0x80000000);
  expect_owner(0xa0000000, Owner::Nobody, Access::None, 0xa0000000, u64{1} << 32);
  expect_owner(0xffffffff, Owner::Nobody, Access::None, 0xa0000000, u64{1} << 32);
}

TEST_F(AddressSpaceTest, HolesAreNarrowedByTheAppletsRegionsToo) {
  grant(0x10000000, 0x2000, kR | kX);
  grant(0x10004000, 0x1000, kR | kW);
  expect_owner(0x0fffffff, Owner::Nobody, Access::None, 0x02300000, 0x10000000);
  expect_owner(0x10002000, Owner::Nobody, Access::None, 0x10002000, 0x10004000);
  expect_owner(0x10003fff, Owner::Nobody, Access::None, 0x10002000, 0x10004000);
  expect_owner(0x10005000, Owner::Nobody, Access::None, 0x10005000, 0x80000000);
}

TEST_F(AddressSpaceTest, TheAppletOwnsItsRegionsWithTheirRights) {
  grant(0x10000000, 0x2000, kR | kX);
  grant(0x10002000, 0x1000, kR);
  grant(0x10003000, 0xfd000, kR | kW);
  expect_owner(0x10000000, Owner::Applet, kR | kX, 0x10000000, 0x10002000);
  expect_owner(0x10001fff, Owner::Applet, kR | kX, 0x10000000, 0x10002000);
  expect_owner(0x10002000, Owner::Applet, kR, 0x10002000, 0x10003000);
  expect_owner(0x100fffff, Owner::Applet, kR | kW, 0x10003000, 0x10100000);
  EXPECT_EQ(space.owner({0x10000000}).name, "the applet");
}

TEST_F(AddressSpaceTest, ARegionWithoutRightsIsTheAppletsGuard) {
  grant(0x10000000, 0x1000, Access::None);
  expect_owner(0x10000800, Owner::Applet, Access::None, 0x10000000, 0x10001000);
  EXPECT_EQ(space.owner({0x10000800}).name, "the applet's guard");
  for (const Access want : {kR, kW, kX}) EXPECT_TRUE(space.tables().user_fault({0x10000800}, want));
}

TEST_F(AddressSpaceTest, FindKnowsFirstAndLastByte) {
  grant(0x10001000, 0x1000, kR);
  EXPECT_EQ(space.find({0x10000fff}), nullptr);
  ASSERT_NE(space.find({0x10001000}), nullptr);
  EXPECT_EQ(space.find({0x10001000}), space.find({0x10001fff}));
  EXPECT_EQ(space.find({0x10002000}), nullptr);
}

TEST_F(AddressSpaceTest, TheLastPageCanBeTheApplets) {
  ASSERT_TRUE(bool(space.grant({{0xfffff000}, {0x98000000}, 0x1000, kR})));
  expect_owner(0xffffffff, Owner::Applet, kR, 0xfffff000, u64{1} << 32);
  expect_owner(0xffffefff, Owner::Nobody, Access::None, 0xa0000000, 0xfffff000);
}

// --- Grants ------------------------------------------------------------------------------------------

TEST_F(AddressSpaceTest, PageZeroIsNeverGranted) {
  EXPECT_EQ(space.grant({{0}, {0x98000000}, 0x1000, kR}).error(), Error::Invalid);
  EXPECT_EQ(space.grant({{0}, {0x98000000}, 0x2000, kR}).error(), Error::Invalid);
  EXPECT_TRUE(bool(space.grant({{0x1000}, {0x98000000}, 0x1000, kR})));
  EXPECT_TRUE(space.tables().user_fault({0xfff}, kR));
  EXPECT_FALSE(space.tables().user_fault({0x1000}, kR));
}

TEST_F(AddressSpaceTest, TheSupervisorsSpansCannotBeGranted) {
  for (const Span& span : kMemoryMap) {
    EXPECT_EQ(space.grant({{span.base.raw}, {0x98000000}, 0x1000, kR}).error(), Error::Invalid) << span.name;
    EXPECT_EQ(space.grant({{u32(span.end() - 0x1000)}, {0x98000000}, 0x1000, kR}).error(), Error::Invalid);
  }
  EXPECT_TRUE(space.regions().empty());
}

TEST_F(AddressSpaceTest, RefusedRegionsAreNotRemembered) {
  EXPECT_FALSE(bool(space.grant({{0x10000800}, {0x98000000}, 0x1000, kR})));
  EXPECT_TRUE(space.regions().empty());
  EXPECT_EQ(space.owner({0x10000800}).owner, Owner::Nobody);
}

TEST_F(AddressSpaceTest, RegionsRunOutWithNoMemory) {
  for (u32 i = 0; i < kMaxRegions; ++i) grant(0x10000000 + i * 0x1000, 0x1000, kR);
  EXPECT_EQ(space.grant({{0x10100000}, {0x98100000}, 0x1000, kR}).error(), Error::NoMemory);
  EXPECT_EQ(space.regions().size(), kMaxRegions);
}

TEST_F(AddressSpaceTest, ARegionTooManyIsNotMappedEither) {
  for (u32 i = 0; i < kMaxRegions; ++i) grant(0x10000000 + i * 0x1000, 0x1000, kR);
  ASSERT_FALSE(bool(space.grant({{0x10100000}, {0x98100000}, 0x1000, kR})));
  EXPECT_TRUE(space.tables().user_fault({0x10100000}, kR)) << "PL0 has a right that no region records";
}

TEST_F(AddressSpaceTest, InitForgetsWhatWasGranted) {
  grant(0x10000000, 0x1000, kR);
  ASSERT_TRUE(bool(space.init({words, {0x90100000}}, Grain::Pages)));
  EXPECT_TRUE(space.regions().empty());
  EXPECT_TRUE(space.tables().user_fault({0x10000000}, kR));
}

TEST_F(AddressSpaceTest, ProtectChangesTheTablesNotTheRegion) {
  ASSERT_TRUE(bool(space.init({words, {0x90100000}}, Grain::Pages)));
  grant(0x10000000, 0x2000, kR | kW);
  ASSERT_TRUE(bool(space.protect({0x10001000}, kR)));
  EXPECT_TRUE(space.tables().user_fault({0x10001000}, kW));
  EXPECT_FALSE(space.tables().user_fault({0x10000000}, kW));
  EXPECT_EQ(space.owner({0x10001000}).rights, kR | kW);
}

}  // namespace
}  // namespace gotee
