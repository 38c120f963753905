// SPDX-License-Identifier: BSD-3-Clause
//
// Fuses against a model with the manual's addresses, a busy controller and locked words; and nothing ever
// burns. Ref: [IMX6ULRM] chapters "On-Chip OTP Controller (OCOTP_CTRL)" and "Fusemap".
#include "hal/imx6ul/drivers/ocotp.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/unit/imx6ul/register_model.h"

namespace gotee::imx6ul {
namespace {

constexpr u32 kCtrl = 0x000, kCtrlClr = 0x008, kVersion = 0x090, kCfg0 = 0x410, kCfg1 = 0x420, kCfg3 = 0x440,
              kCfg4 = 0x450, kCfg5 = 0x460, kOtpmk0 = 0x500, kSrk0 = 0x580;

class OcotpModel : public RegisterModel {
 public:
  OcotpModel() : RegisterModel{kOcotpBase, 0x4000} { values[kVersion] = 0x0300'0000; }
  u32 read(u32 offset) override {
    if (offset == kCtrl && busy > 0) return values[kCtrl] | (busy-- > 0 ? 1u << 8 : 0);
    if (offset >= 0x400 && busy > 0) return 0x5555'5555;  // the shadows are being loaded
    if (locked.count(offset) != 0) {
      values[kCtrl] |= 1u << 9;
      return 0xbada'bada;
    }
    return values[offset];
  }
  void write(u32 offset, u32 value) override {
    if (offset == kCtrlClr) {
      values[kCtrl] &= ~value;
    } else {
      burnt = true;  // no other register of this block may be written by this driver
    }
  }
  u32 busy = 0;
  bool burnt = false;
  std::set<u32> locked;
};

class OcotpTest : public testing::Test {
 protected:
  ~OcotpTest() override { EXPECT_FALSE(model.burnt); }
  OcotpModel model;
  const Ocotp ul{kOcotpBase, Chip::Imx6ul}, ull{kOcotpBase, Chip::Imx6ull};
};

TEST_F(OcotpTest, TheIdentityIsCfg1AboveCfg0) {
  model.values[kCfg0] = 0x89ab'cdef;
  model.values[kCfg1] = 0x0123'4567;
  EXPECT_EQ(*ul.unique_id(), 0x0123'4567'89ab'cdefu);
}

TEST_F(OcotpTest, TheHashOfTheSuperRootKeysIsEightWords) {
  for (u32 i = 0; i < 8; ++i) model.values[kSrk0 + 0x10 * i] = 0x1000 + i;
  const auto hash = ull.srk_hash();
  ASSERT_TRUE(bool(hash));
  for (u32 i = 0; i < 8; ++i) EXPECT_EQ((*hash)[i], 0x1000 + i);
}

TEST_F(OcotpTest, APartIsClosedByTheSecondSecurityBitAlone) {
  model.values[kCfg5] = ~(1u << 1);
  EXPECT_FALSE(*ul.closed());
  model.values[kCfg5] = 1u << 1;
  EXPECT_TRUE(*ul.closed());
}

TEST_F(OcotpTest, TheBootConfigurationIsCfg4AndItsSelectInCfg5) {
  model.values[kCfg4] = 0x0000'5072;
  EXPECT_EQ(*ul.boot_config(), 0x0000'5072u);
  EXPECT_FALSE(*ul.boot_from_fuses());
  model.values[kCfg5] = 1u << 4;
  EXPECT_TRUE(*ul.boot_from_fuses());
}

TEST_F(OcotpTest, ASpeedGradeMeansWhatTheChipsFusemapSays) {
  struct {
    u32 grade, ul, ull;
  } constexpr kGrades[] = {{0b01, 528, 528}, {0b10, 696, 792}};
  for (const auto& row : kGrades) {
    model.values[kCfg3] = 0xfffc'ffff | row.grade << 16;
    EXPECT_EQ(*ul.max_arm_mhz(), row.ul);
    EXPECT_EQ(*ull.max_arm_mhz(), row.ull);
  }
  model.values[kCfg3] = 0b11u << 16;
  EXPECT_EQ(ul.max_arm_mhz().error(), Error::Unsupported);
  EXPECT_EQ(*ull.max_arm_mhz(), 900u);
  model.values[kCfg3] = 0;
  EXPECT_EQ(ul.max_arm_mhz().error(), Error::Unsupported);
  EXPECT_EQ(ull.max_arm_mhz().error(), Error::Unsupported);
  model.values[kCfg3] = 0b01u << 16;
  EXPECT_EQ((Ocotp{kOcotpBase, Chip::Unknown}).max_arm_mhz().error(), Error::Unsupported);
}

TEST_F(OcotpTest, BanksLieWhereTheManualPutsThemGapIncluded) {
  model.values[0x400] = 1;  // bank 0 word 0, LOCK
  model.values[0x4f0] = 2;  // bank 1 word 7, ANA2
  model.values[0x6f0] = 3;  // bank 5 word 7
  model.values[0x800] = 4;  // bank 6 word 0, beyond the gap
  model.values[0xcf0] = 5;  // bank 15 word 7
  EXPECT_EQ(*ul.read(0, 0), 1u);
  EXPECT_EQ(*ul.read(1, 7), 2u);
  EXPECT_EQ(*ul.read(5, 7), 3u);
  EXPECT_EQ(*ul.read(6, 0), 4u);
  EXPECT_EQ(*ul.read(15, 7), 5u);
}

TEST_F(OcotpTest, AFuseThatDoesNotExistIsRefused) {
  EXPECT_EQ(ul.read(16, 0).error(), Error::Invalid);
  EXPECT_EQ(ul.read(0, 8).error(), Error::Invalid);
  EXPECT_EQ(ul.read(UINT32_MAX, 0).error(), Error::Invalid);
  EXPECT_EQ(ull.read(8, 0).error(), Error::Invalid);
  EXPECT_TRUE(bool(ull.read(7, 7)));
  EXPECT_EQ((Ocotp{kOcotpBase, Chip::Unknown}).read(8, 0).error(), Error::Invalid);
}

TEST_F(OcotpTest, ALockedWordIsRefusedAndTheErrorCleared) {
  model.locked.insert(kOtpmk0);
  EXPECT_EQ(ul.read(2, 0).error(), Error::Denied);
  EXPECT_EQ(model.values[kCtrl], 0u);
  EXPECT_TRUE(bool(ul.read(3, 0)));
}

TEST_F(OcotpTest, AnErrorThatSomebodyElseLeftIsNotBlamedOnThisRead) {
  model.values[kCtrl] = 1u << 9;
  EXPECT_TRUE(bool(ul.read(0, 1)));
}

TEST_F(OcotpTest, ShadowsAreReadOnlyWhenTheyAreLoaded) {
  model.values[kCfg0] = 7;
  model.busy = 100;
  EXPECT_EQ(*ul.read(0, 1), 7u);
}

TEST_F(OcotpTest, AControllerThatStaysBusyTimesOut) {
  model.busy = UINT32_MAX;
  EXPECT_EQ(ul.unique_id().error(), Error::TimedOut);
  EXPECT_EQ(ul.srk_hash().error(), Error::TimedOut);
  EXPECT_EQ(ul.closed().error(), Error::TimedOut);
  EXPECT_EQ(ul.boot_from_fuses().error(), Error::TimedOut);
  EXPECT_EQ(ul.max_arm_mhz().error(), Error::TimedOut);
}

TEST(OcotpAbsent, IsNoticed) {
  const Ocotp ocotp{kOcotpBase, Chip::Imx6ul};
  EXPECT_FALSE(ocotp.present());
  struct Void : RegisterModel {
    Void() : RegisterModel{kOcotpBase, 0x4000} {}
    u32 read(u32) override { return 0; }
  } nothing;
  EXPECT_FALSE(ocotp.present());
}

TEST_F(OcotpTest, IsPresentByItsVersion) { EXPECT_TRUE(ul.present()); }

}  // namespace
}  // namespace gotee::imx6ul
