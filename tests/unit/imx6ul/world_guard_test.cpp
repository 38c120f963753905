// SPDX-License-Identifier: BSD-3-Clause
//
// Keeping the Normal world out, whole: what a machine with TZASC and CSU ends up with, and that nothing is
// claimed when a part is missing or does not hold. Ref: [TZC-380] chapters 2 and 3; [IMX6ULSRM] CSU;
// design 4.4.
#include "firmware/world_guard.h"

#include <gtest/gtest.h>

#include "firmware/board.h"
#include "hal/imx6ul/drivers/memory_map.h"
#include "tests/unit/imx6ul/register_model.h"

namespace gotee {

constinit const Board kBoard{"a board of the tests",
                             imx6ul::kUart1Base,
                             imx6ul::kUart1Gate,
                             80'000'000,
                             115'200,
                             imx6ul::kUart1Slave,
                             {},
                             {},
                             {}};

}  // namespace gotee

namespace gotee::imx6ul {
namespace {

constexpr PhysAddr kSecure{0x90000000};
constexpr u32 kSize = 0x10000000;

/// A TZC-380 with 16 regions, whose region registers stay as they are once it is locked.
struct Controller : RegisterModel {
  Controller() : RegisterModel{kTzascBase, 0x4000} {
    values[0x000] = 31u << 8 | 15;
  }  // 32 address bits, 16 regions
  void write(u32 offset, u32 value) override {
    if (offset >= 0x100 && offset == stuck) return;
    if (offset >= 0x100 && locked()) return;
    values[offset] = value;
  }
  bool locked() { return (values[0x008] >> 31) != 0 && values[0x00c] != 0; }
  u32 region(u32 n, u32 reg) { return values[0x100 + 0x10 * n + reg]; }
  u32 stuck = 0;
};

/// A CSU out of reset: every slave open to Secure software alone.
struct SecurityUnit : RegisterModel {
  SecurityUnit() : RegisterModel{kCsuBase, 0x4000} {
    for (u32 i = 0; i < 40; ++i) values[4 * i] = 0x00330033;
  }
};

struct WorldGuard : testing::Test {
  WorldGuard() { gpr.values[0x24] = 1; }  // IOMUXC_GPR9: not bypassed
  Controller tzasc;
  SecurityUnit csu;
  RegisterModel gpr{kIomuxcGprBase, 0x4000};
  RegisterModel ccm{kCcmBase, 0x4000};
  RegisterModel analog{kCcmAnalogBase, 0x1000};
};

TEST_F(WorldGuard, GivesTheSecureHalfToSecureSoftwareAndTheRestToBoth) {
  ASSERT_TRUE(bool(keep_normal_world_out(kSecure, kSize)));
  // Table 2-4: sp is secure read, secure write, non-secure read, non-secure write, from the top.
  EXPECT_EQ(tzasc.region(0, 8) >> 28, 0b1111u) << "region 0 is everything else";
  EXPECT_EQ(tzasc.region(1, 0), 0x90000000u);
  EXPECT_EQ(tzasc.region(1, 8), 0b1100u << 28 | 27u << 1 | 1u) << "2^28 bytes, enabled";
  for (u32 n = 2; n < 16; ++n) EXPECT_EQ(tzasc.region(n, 8) & 1, 0u) << n;
  EXPECT_EQ(tzasc.values[0x004] & 3, 1u) << "a violation is a bus error";
}

TEST_F(WorldGuard, LocksBothSoThatNobodyTakesItBack) {
  ASSERT_TRUE(bool(keep_normal_world_out(kSecure, kSize)));
  EXPECT_TRUE(tzasc.locked());
  for (u32 i = 0; i < 40; ++i) EXPECT_EQ(csu.values[4 * i] & 0x01000100, 0x01000100u) << "CSL" << i;
}

TEST_F(WorldGuard, ClosesTheConsoleAndTheControllersThemselves) {
  ASSERT_TRUE(bool(keep_normal_world_out(kSecure, kSize)));
  EXPECT_EQ(csu.values[4 * 21] & 0xff, 0x33u) << "UART1";
  EXPECT_EQ(csu.values[4 * 16] >> 16 & 0xff, 0x33u) << "TZASC1";
  EXPECT_EQ(csu.values[4 * 5] & 0xff, 0x33u) << "WDOG2";
  EXPECT_EQ(csu.values[4 * 30] & 0xff, 0xffu) << "UART2 is the Normal world's";
}

TEST_F(WorldGuard, MemoryIsOpenedToBothOnlyAfterTheSecureHalfIsClosed) {
  ASSERT_TRUE(bool(keep_normal_world_out(kSecure, kSize)));
  const auto last_store_to = [&](u32 offset) {
    std::size_t at = 0;
    for (std::size_t i = 0; i < tzasc.stores.size(); ++i) at = tzasc.stores[i].offset == offset ? i : at;
    return at;
  };
  EXPECT_LT(last_store_to(0x118), last_store_to(0x108)) << "region 1, then region 0";
}

TEST_F(WorldGuard, AControllerThatIsBypassedIsAnErrorAndNoAbsence) {
  gpr.values[0x24] = 0;
  const auto result = keep_normal_world_out(kSecure, kSize);
  ASSERT_FALSE(result);
  EXPECT_NE(result.error(), Error::Unsupported) << "core would run the Normal world";
  EXPECT_EQ(missing_guards()[0], "");
}

TEST_F(WorldGuard, ARegisterThatDoesNotHoldIsAnErrorAndNoAbsence) {
  for (const u32 offset :
       {0x110u, 0x118u, 0x128u}) {  // region 1's base and attributes, region 2's attributes
    SCOPED_TRACE(offset);
    tzasc.stuck = offset;
    tzasc.values[offset] = 0x5a5a0001;
    tzasc.values[0x008] = tzasc.values[0x00c] = 0;
    const auto result = keep_normal_world_out(kSecure, kSize);
    tzasc.values[offset] = 0;
    ASSERT_FALSE(result);
    EXPECT_NE(result.error(), Error::Unsupported);
  }
}

TEST(WorldGuardAbsent, IsUnsupportedAndSaidInWords) {
  RegisterModel tzasc{kTzascBase, 0x4000}, csu{kCsuBase, 0x4000};  // as QEMU has them: all zeros
  const auto result = keep_normal_world_out(kSecure, kSize);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error(), Error::Unsupported);
  EXPECT_EQ(missing_guards()[0], "TZASC absent: nothing keeps the normal world off secure memory");
  EXPECT_EQ(missing_guards()[1], "CSU absent: nothing keeps the normal world off devices and DMA");
}

}  // namespace
}  // namespace gotee::imx6ul
