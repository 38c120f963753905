// SPDX-License-Identifier: BSD-3-Clause
//
// The address space controller's driver. Ref: [TZC-380] DDI 0431, 2.2 (regions, lockdown), 3.2 (registers).
#include "hal/imx6ul/drivers/tzasc.h"

#include <gtest/gtest.h>

#include "core/mem/layout.h"
#include "tests/unit/imx6ul/register_model.h"

namespace gotee::imx6ul {
namespace {

using Permissions = Tzasc::Permissions;
constexpr u32 kBase = 0x021d0000, kGpr = 0x020e4000;

struct GprModel : RegisterModel {
  GprModel() : RegisterModel{kGpr, 0x4000} {}
  bool boot_lock() { return (values[0x04] >> 23 & 1) != 0; }
};

struct TzcModel : RegisterModel {
  explicit TzcModel(GprModel& board, u32 configuration = 0x1f0f)  // 32 address bits, 16 regions
      : RegisterModel{kBase, 0x1000}, gpr{board} {
    values[0x000] = configuration;
    values[0x004] = 1;
    values[0x108] = 0b1100u << 28 | 31u << 1 | 1;  // region 0: everything, Secure only
  }
  bool locked(u32 offset) {
    if (!gpr.boot_lock()) return false;
    if (offset == 0x008) return (values[0x00c] & 1) != 0;
    if (offset == 0x00c) return true;
    return offset >= 0x100 && (values[0x008] >> 31) != 0;
  }
  void write(u32 offset, u32 value) override {
    if (locked(offset) || offset == 0x000 || (offset >= 0x010 && offset < 0x030 && offset != 0x014)) return;
    if (offset == 0x014) {
      values[0x010] = 0;
    } else if (offset == 0x108) {
      values[offset] = (values[offset] & 0x0fffffff) | (value & 0xf0000000);
    } else if (offset >= 0x100 && offset % 0x10 == 0) {
      values[offset] = value & 0xffff8000;
    } else {
      values[offset] = value;
    }
  }
  GprModel& gpr;
};

struct TzascTest : testing::Test {
  GprModel gpr;
  TzcModel model{gpr};
  Tzasc tzasc{kBase, kGpr};
};

TEST_F(TzascTest, ReadsNumberOfRegionsAndAddressWidthFromItsConfiguration) {
  EXPECT_TRUE(tzasc.present());
  EXPECT_EQ(tzasc.regions(), 16u);
  EXPECT_EQ(tzasc.address_bits(), 32u);
  model.values[0x000] = 0x2303;
  EXPECT_EQ(tzasc.regions(), 4u);
  EXPECT_EQ(tzasc.address_bits(), 36u);
}

TEST_F(TzascTest, TheSecureHalfOfDramIsOneSecureRegion) {
  const u64 size = u64{kSupervisorDram.size} + kAppletDram.size;
  ASSERT_TRUE(tzasc.set_region(1, kSupervisorDram.base, size, Permissions::SecureOnly));
  EXPECT_EQ(model.values[0x110], 0x90000000u);
  EXPECT_EQ(model.values[0x114], 0u);
  EXPECT_EQ(model.values[0x118], 0b1100u << 28 | 27u << 1 | 1u);  // 2^(27+1) = 256 MiB
}

TEST_F(TzascTest, ARegionIsDisabledWhileItsAddressChanges) {
  ASSERT_TRUE(tzasc.set_region(2, {0x80000000}, 0x8000, Permissions::Both));
  const std::vector<RegisterModel::Store> expected = {
      {0x128, 0}, {0x120, 0x80000000}, {0x124, 0}, {0x128, 0xfu << 28 | 14u << 1 | 1u}};
  EXPECT_EQ(model.stores, expected);
}

TEST_F(TzascTest, RefusesSizesThatTheFieldCannotSay) {
  for (const u64 size : {u64{0}, u64{1}, u64{0x4000}, u64{0xc000}, u64{0x0c000000}, u64{0xffffffff}}) {
    EXPECT_EQ(tzasc.set_region(1, {0}, size, Permissions::Both).error(), Error::Invalid) << size;
  }
  EXPECT_TRUE(model.stores.empty());
  EXPECT_EQ(Tzasc::encode_size(0x8000), 0b001110u);  // [TZC-380] the smallest, 32 KiB
  EXPECT_EQ(Tzasc::encode_size(u64{1} << 32), 0b011111u);
}

TEST_F(TzascTest, RefusesABaseThatIsNoMultipleOfTheSize) {
  EXPECT_EQ(tzasc.set_region(1, {0x90008000}, 0x10000, Permissions::Both).error(), Error::Invalid);
  EXPECT_EQ(tzasc.set_region(1, {0x80004000}, 0x8000, Permissions::Both).error(), Error::Invalid);
  EXPECT_TRUE(model.stores.empty());
}

TEST_F(TzascTest, RefusesRegionsThatDoNotExist) {
  EXPECT_EQ(tzasc.set_region(0, {0}, 0x8000, Permissions::Both).error(), Error::Invalid);
  EXPECT_EQ(tzasc.set_region(16, {0}, 0x8000, Permissions::Both).error(), Error::Invalid);
  EXPECT_EQ(tzasc.disable_region(0).error(), Error::Invalid);
  EXPECT_EQ(tzasc.disable_region(16).error(), Error::Invalid);
  EXPECT_TRUE(tzasc.set_region(15, {0}, 0x8000, Permissions::Both));
  EXPECT_TRUE(tzasc.disable_region(15));
  EXPECT_EQ(model.values[0x1f8] & 1, 0u);
}

TEST_F(TzascTest, RefusesWhatLiesBeyondTheAddressWidth) {
  model.values[0x000] = 0x1e0f;  // 31 bits
  EXPECT_EQ(tzasc.set_region(1, {0x80000000}, 0x8000, Permissions::Both).error(), Error::Invalid);
  EXPECT_TRUE(tzasc.set_region(1, {0x7fff8000}, 0x8000, Permissions::Both));
  model.values[0x000] = 0x1f0f;
  EXPECT_TRUE(tzasc.set_region(1, {0}, u64{1} << 32, Permissions::Both));
  EXPECT_EQ(tzasc.set_region(1, {0}, u64{1} << 33, Permissions::Both).error(), Error::Invalid);
}

TEST_F(TzascTest, TheDefaultChangesPermissionsAlone) {
  ASSERT_TRUE(tzasc.set_default(Permissions::Both));
  EXPECT_EQ(model.values[0x108], 0xfu << 28 | 31u << 1 | 1u);
}

TEST_F(TzascTest, SetsTheActionOnViolation) {
  ASSERT_TRUE(tzasc.set_action(Tzasc::Action::AbortAndInterrupt));
  EXPECT_EQ(model.values[0x004], 3u);
}

TEST_F(TzascTest, TellsWhoTouchedWhat) {
  EXPECT_FALSE(tzasc.violation());
  model.values[0x010] = 0b11;
  model.values[0x020] = 0x90001234;
  model.values[0x028] = 1u << 24 | 1u << 21;
  model.values[0x02c] = 0x5a;
  const auto violation = tzasc.violation();
  ASSERT_TRUE(violation);
  EXPECT_EQ(violation->address, 0x90001234u);
  EXPECT_EQ(violation->master, 0x5au);
  EXPECT_TRUE(violation->write && violation->normal_world && violation->more);
  EXPECT_FALSE(violation->privileged);
  tzasc.clear_violation();
  EXPECT_FALSE(tzasc.violation());
}

TEST_F(TzascTest, ReportsBypass) {
  EXPECT_FALSE(tzasc.filtering());
  gpr.values[0x24] = 1;
  EXPECT_TRUE(tzasc.filtering());
}

TEST_F(TzascTest, LockedRegionsStayAndTheAttemptIsReported) {
  ASSERT_TRUE(tzasc.set_region(1, {0x90000000}, 0x10000000, Permissions::SecureOnly));
  ASSERT_TRUE(tzasc.lock());
  EXPECT_EQ(model.values[0x008], 0x8000000fu);  // all 16
  EXPECT_EQ(model.values[0x00c], 0b111u);
  EXPECT_EQ(gpr.values[0x04], 1u << 23);
  EXPECT_EQ(tzasc.set_region(1, {0x80000000}, 0x8000, Permissions::Both).error(), Error::Device);
  EXPECT_EQ(tzasc.disable_region(1).error(), Error::Device);
  EXPECT_EQ(tzasc.set_default(Permissions::Both).error(), Error::Device);
  EXPECT_EQ(model.values[0x118], 0b1100u << 28 | 27u << 1 | 1u);
}

TEST_F(TzascTest, TheBootLockLeavesTheOtherBoardSettings) {
  gpr.values[0x04] = 0x0f400005;
  ASSERT_TRUE(tzasc.lock());
  EXPECT_EQ(gpr.values[0x04], 0x0f400005u | 1u << 23);
}

TEST(TzascAbsent, NothingIsSetWhereRegistersReadZero) {
  struct Zeros : RegisterModel {
    Zeros() : RegisterModel{kBase, 0x1000} {}
    u32 read(u32) override { return 0; }
  } model;
  GprModel gpr;
  gpr.values[0x24] = 1;
  Tzasc tzasc{kBase, kGpr};
  EXPECT_FALSE(tzasc.present());
  EXPECT_FALSE(tzasc.filtering());
  EXPECT_EQ(tzasc.set_region(1, {0}, 0x8000, Permissions::Both).error(), Error::Device);
  EXPECT_EQ(tzasc.set_default(Permissions::Both).error(), Error::Device);
  EXPECT_EQ(tzasc.set_action(Tzasc::Action::Zeros).error(), Error::Device);
  EXPECT_EQ(tzasc.lock().error(), Error::Device);
  EXPECT_TRUE(model.stores.empty());
}

}  // namespace
}  // namespace gotee::imx6ul
