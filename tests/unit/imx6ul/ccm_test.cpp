// SPDX-License-Identifier: BSD-3-Clause
//
// Clocks against a model of a core that dies when its voltage is short, its PLL unlocked or its divider in
// motion. Ref: [IMX6ULRM] chapters "Clock Controller Module (CCM)" and "Power Management Unit (PMU)";
//      [IMX6ULLCEC] i.MX 6ULL Consumer Data Sheet, Table 10 "Operating Ranges".
#include "hal/imx6ul/drivers/ccm.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>

#include "tests/unit/imx6ul/register_model.h"

namespace gotee::imx6ul {
namespace {

constexpr u32 kCcsr = 0x0c, kCacrr = 0x10, kCdhipr = 0x48, kCcgr0 = 0x68;
constexpr u32 kPllArm = 0x000, kRegCore = 0x140, kDigprog = 0x260;
constexpr u32 kLock = 1u << 31, kBypass = 1u << 16, kPowerDown = 1u << 12;

/// A block that tells its owner of every access, before and after.
class WiredModel : public RegisterModel {
 public:
  WiredModel(u32 where, u32 bytes) : RegisterModel{where, bytes} {}
  std::function<void(u32)> on_read = [](u32) {};
  std::function<void(u32, u32)> on_write = [](u32, u32) {};
  u32 read(u32 offset) override {
    on_read(offset);
    return values[offset];
  }
  void write(u32 offset, u32 value) override { on_write(offset, value); }
};

/// CCM and CCM_ANALOG with a core behind them. Time passes with accesses, as slowly as the bus allows, and
/// the regulators move as slowly as they can.
class Core {
 public:
  Core() {
    ccm.values = {{kCcsr, 0}, {kCacrr, 1}, {kCdhipr, 0}};
    analog.values = {{kPllArm, kLock | 0x2000 | 66}, {kRegCore, 0x0048'2012}, {kDigprog, 0x0065'0001}};
    ccm.on_read = [this](u32 offset) {
      pass();
      if (offset == kCdhipr && !divider_stuck && divider_moves > 0 && --divider_moves == 0)
        ccm.values[kCdhipr] = 0;
    };
    analog.on_read = [this](u32 offset) {
      pass();
      if (offset == kPllArm && !pll_stuck && unlocked > 0 && --unlocked == 0) analog.values[kPllArm] |= kLock;
    };
    ccm.on_write = [this](u32 offset, u32 value) {
      pass();
      if (offset == kCdhipr) return;
      if (offset == kCcsr && ccm.values[kCdhipr] != 0)
        died("the source changes while the divider is in motion");
      if (offset == kCacrr && value != ccm.values[kCacrr]) {
        ccm.values[kCdhipr] = 1u << 16;
        divider_moves = 5;
        order += 'd';
      }
      ccm.values[offset] = value;
      live();
    };
    analog.on_write = [this](u32 offset, u32 value) {
      pass();
      if (offset == kPllArm) {
        value = (value & ~kLock) | (analog.values[kPllArm] & kLock);
        if (((value ^ analog.values[kPllArm]) & (0x7f | kPowerDown)) != 0) {
          value &= ~kLock;
          unlocked = 50;
          order += 'p';
        }
      }
      if (offset == kRegCore) order += (value & 0x1f) > (analog.values[kRegCore] & 0x1f) ? '+' : '-';
      analog.values[offset] = value;
      live();
    };
  }

  u64 hz() {
    u64 source = 24'000'000;
    if ((ccm.values[kCcsr] & 1u << 2) != 0) {
      if ((ccm.values[kCcsr] & 1u << 8) != 0) source = 396'000'000;  // PLL2 PFD2
    } else if (const u32 pll = analog.values[kPllArm]; (pll & kBypass) == 0) {
      if ((pll & kLock) == 0) died("runs from an unlocked PLL");
      if (const u32 n = pll & 0x7f; n < 54 || n > 108) died("PLL out of range");
      source = 12'000'000ull * (pll & 0x7f);
    }
    return source / ((ccm.values[kCacrr] & 7) + 1);
  }
  u32 arm_target() { return 700 + 25 * (analog.values[kRegCore] & 0x1f); }
  u32 soc_target() { return 700 + 25 * (analog.values[kRegCore] >> 18 & 0x1f); }

  WiredModel ccm{kCcmBase, 0x4000}, analog{kCcmAnalogBase, 0x1000};
  bool pll_stuck = false, divider_stuck = false;
  std::string deaths;
  std::string order;  // + and - voltage, p PLL, d divider

 private:
  static u32 needed_mv(u64 at) {  // [IMX6ULLCEC] Table 10: VDD_ARM_CAP, regulators enabled
    if (at <= 396'000'000) return 1025;
    if (at <= 528'000'000) return 1175;
    if (at <= 792'000'000) return 1225;
    if (at <= 900'000'000) return 1275;
    return 9999;
  }
  void pass() {
    constexpr u64 kAccess = 30, kStep = 21'334;  // ns: two cycles of 66 MHz; 512 cycles of 24 MHz for 25 mV
    for (now_ns += kAccess; now_ns - moved_ns >= kStep; moved_ns += kStep) {
      move(arm_mv, arm_target());
      move(soc_mv, soc_target());
    }
    live();
  }
  static void move(u32& mv, u32 to) { mv = mv < to ? mv + 25 : std::max(mv - 25, to); }
  void live() {
    if (arm_mv < needed_mv(hz())) died("short of voltage at " + std::to_string(hz()) + " Hz");
    if (soc_mv < 1150) died("VDD_SOC_CAP below its minimum");
    if (soc_mv + 50 < arm_mv) died("VDD_ARM_CAP more than 50 mV above VDD_SOC_CAP");
  }
  void died(const std::string& of) {
    if (deaths.empty()) deaths = of;
  }

  u64 now_ns = 0, moved_ns = 0;
  u32 arm_mv = 1150, soc_mv = 1150, divider_moves = 0, unlocked = 0;
};

class CcmTest : public testing::Test {
 protected:
  ~CcmTest() override { EXPECT_EQ(core.deaths, ""); }
  bool untouched() const { return core.ccm.stores.empty() && core.analog.stores.empty(); }
  Core core;
  const Ccm ccm{kCcmBase, kCcmAnalogBase};
};

TEST_F(CcmTest, TheVersionRegisterTellsTheChip) {
  EXPECT_EQ(ccm.chip(), Chip::Imx6ull);
  core.analog.values[kDigprog] = 0x0064'0002;
  EXPECT_EQ(ccm.chip(), Chip::Imx6ul);
  EXPECT_TRUE(ccm.present());
  core.analog.values[kDigprog] = 0x0063'0000;  // an i.MX6Q
  EXPECT_EQ(ccm.chip(), Chip::Unknown);
  core.analog.values[kDigprog] = 0;
  EXPECT_FALSE(ccm.present());
}

TEST(CcmAbsent, IsNoticed) { EXPECT_FALSE((Ccm{kCcmBase, kCcmAnalogBase}.present())); }

TEST_F(CcmTest, TheFrequencyIsComputedFromTheRegisters) {
  EXPECT_EQ(*ccm.arm_hz(), 396'000'000u);
  core.analog.values[kPllArm] |= kBypass;
  EXPECT_EQ(*ccm.arm_hz(), 12'000'000u);
  core.ccm.values[kCcsr] = 1u << 2;
  EXPECT_EQ(*ccm.arm_hz(), 12'000'000u);
  core.ccm.values[kCcsr] = 1u << 2 | 1u << 8;
  EXPECT_EQ(ccm.arm_hz().error(), Error::Unsupported);
}

TEST_F(CcmTest, TheCoreSurvivesEveryChangeAndEndsAtItsOperatingPoint) {
  struct {
    u32 mhz, millivolts;
  } constexpr kTable10[] = {{396, 1025}, {528, 1175}, {792, 1225}, {900, 1275}};
  for (const auto& from : kTable10) {
    for (const auto& to : kTable10) {
      SCOPED_TRACE(testing::Message() << from.mhz << " to " << to.mhz);
      ASSERT_TRUE(bool(ccm.set_arm_mhz(from.mhz, 900)));
      ASSERT_TRUE(bool(ccm.set_arm_mhz(to.mhz, 900)));
      EXPECT_EQ(core.hz(), to.mhz * 1'000'000ull);
      EXPECT_EQ(*ccm.arm_hz(), to.mhz * 1'000'000u);
      EXPECT_EQ(core.arm_target(), to.millivolts);
      EXPECT_GE(core.soc_target(), std::max(to.millivolts, 1150u));
      ASSERT_EQ(core.deaths, "");
    }
  }
}

TEST_F(CcmTest, TheVoltageRisesBeforeAHigherFrequency) {
  ASSERT_TRUE(bool(ccm.set_arm_mhz(900, 900)));
  EXPECT_EQ(core.order, "+pd");
}

TEST_F(CcmTest, TheVoltageFallsAfterALowerFrequency) {
  ASSERT_TRUE(bool(ccm.set_arm_mhz(900, 900)));
  core.order.clear();
  ASSERT_TRUE(bool(ccm.set_arm_mhz(396, 900)));
  EXPECT_EQ(core.order, "pd-");
}

TEST_F(CcmTest, OtherFieldsOfThePowerRegisterStay) {
  ASSERT_TRUE(bool(ccm.set_arm_mhz(792, 900)));
  EXPECT_EQ(core.analog.values[kRegCore] & ~0x007c'001fu, 0x0000'2000u);
}

TEST_F(CcmTest, ACoreThatRunsFromPll2IsTakenOver) {
  core.ccm.values[kCcsr] = 1u << 2 | 1u << 8;
  core.ccm.values[kCacrr] = 0;
  ASSERT_TRUE(bool(ccm.set_arm_mhz(528, 528)));
  EXPECT_EQ(core.hz(), 528'000'000u);
}

TEST_F(CcmTest, APllThatWasBypassedAndOffIsBroughtUp) {
  core.analog.values[kPllArm] = 0x0001'3063;  // its value after reset
  ASSERT_TRUE(bool(ccm.set_arm_mhz(792, 792)));
  EXPECT_EQ(core.hz(), 792'000'000u);
}

TEST_F(CcmTest, AnotherFrequencyIsRefusedAndTouchesNothing) {
  for (const u32 mhz : {0u, 198u, 395u, 397u, 696u, 996u, UINT32_MAX}) {
    EXPECT_EQ(ccm.set_arm_mhz(mhz, UINT32_MAX).error(), Error::Invalid) << mhz;
  }
  EXPECT_TRUE(untouched());
}

TEST_F(CcmTest, AFrequencyAboveTheSpeedGradeIsRefusedAndTouchesNothing) {
  EXPECT_EQ(ccm.set_arm_mhz(900, 792).error(), Error::Denied);
  EXPECT_EQ(ccm.set_arm_mhz(792, 696).error(), Error::Denied);
  EXPECT_EQ(ccm.set_arm_mhz(396, 0).error(), Error::Denied);
  EXPECT_TRUE(untouched());
}

TEST_F(CcmTest, VoltagesThatTheBoardOwnsAreNotTouched) {
  for (const u32 reg_core : {0x0048'201fu, 0x007c'2012u, 0x0048'2000u, 0x0000'2012u}) {
    core.analog.values[kRegCore] = reg_core;
    EXPECT_EQ(ccm.set_arm_mhz(528, 900).error(), Error::Unsupported);
  }
  EXPECT_TRUE(untouched());
}

TEST_F(CcmTest, APllThatDoesNotLockTimesOutWithTheCoreOnTheOscillator) {
  core.pll_stuck = true;
  EXPECT_EQ(ccm.set_arm_mhz(528, 900).error(), Error::TimedOut);
  EXPECT_EQ(core.hz(), 12'000'000u);
  EXPECT_EQ(core.arm_target(), 1175u);
}

TEST_F(CcmTest, ADividerThatDoesNotSettleTimesOut) {
  core.divider_stuck = true;
  EXPECT_EQ(ccm.set_arm_mhz(792, 900).error(), Error::TimedOut);
}

TEST_F(CcmTest, AGateIsTwoBitsOfItsRegisterAndNoOthers) {
  for (u32 n = 0; n < 7; ++n) core.ccm.values[kCcgr0 + 4 * n] = 0x5555'5555;
  ASSERT_TRUE(bool(ccm.set_gate(kOcotpGate, Ccm::Gate::On)));  // CCGR2 CG6: bits 13-12
  EXPECT_EQ(core.ccm.values[0x70], 0x5555'7555u);
  ASSERT_TRUE(bool(ccm.set_gate(kUart1Gate, Ccm::Gate::Off)));  // CCGR5 CG12: bits 25-24
  EXPECT_EQ(core.ccm.values[0x7c], 0x5455'5555u);
  ASSERT_TRUE(bool(ccm.set_gate({6, 15}, Ccm::Gate::On)));
  EXPECT_EQ(core.ccm.values[0x80], 0xd555'5555u);
}

TEST_F(CcmTest, AGateThatDoesNotExistIsRefusedAndTouchesNothing) {
  EXPECT_EQ(ccm.set_gate({7, 0}, Ccm::Gate::On).error(), Error::Invalid);
  EXPECT_EQ(ccm.set_gate({0, 16}, Ccm::Gate::Off).error(), Error::Invalid);
  EXPECT_TRUE(untouched());
}

}  // namespace
}  // namespace gotee::imx6ul
