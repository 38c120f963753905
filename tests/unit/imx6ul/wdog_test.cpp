// SPDX-License-Identifier: BSD-3-Clause
//
// The watchdog against a model with its write-once bits and its service sequence, 16 bits wide.
// Ref: [IMX6ULRM] chapter "Watchdog Timer (WDOG1-3)".
#include "hal/imx6ul/drivers/wdog.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "hal/imx6ul/drivers/memory_map.h"
#include "tests/unit/imx6ul/register_model.h"

namespace gotee::imx6ul {
namespace {

constexpr u32 kWcr = 0x00, kWsr = 0x02, kWrsr = 0x04, kWmcr = 0x08;
constexpr u16 kWdzst = 1u << 0, kWdbg = 1u << 1, kWde = 1u << 2, kWdt = 1u << 3, kSrs = 1u << 4,
              kWda = 1u << 5, kSre = 1u << 6, kWdw = 1u << 7;

/// Wants 16-bit accesses: the manual warns against others.
class WdogModel : public RegisterModel {
 public:
  WdogModel() : RegisterModel{kWdog2Base, 0x4000} {
    values[kWcr] = kSrs | kWda;  // 0x0030 after reset
    values[kWmcr] = 1;
    current = this;
  }
  ~WdogModel() override { current = nullptr; }

  u32 read(u32) override { throw std::logic_error{"32-bit read of the watchdog"}; }
  void write(u32, u32) override { throw std::logic_error{"32-bit write of the watchdog"}; }

  virtual u16 read16(u32 offset) { return u16(values[offset]); }
  virtual void write16(u32 offset, u16 value) {
    stores.push_back({offset, value});
    switch (offset) {
      case kWcr: write_control(value); break;
      case kWsr:
        if (value == 0xaaaa && sequence == 0x5555 && (values[kWcr] & kWde) != 0) {
          ++serviced;
          half_seconds_left = (values[kWcr] >> 8) + 1;
        }
        sequence = value;
        break;
      case kWmcr: values[kWmcr] &= value; break;  // PDE can be cleared, not set again
      default: break;                             // WRSR is read only
    }
  }

  u32 serviced = 0, half_seconds_left = 0;
  bool reset_requested = false, pin_asserted = false;

  inline static WdogModel* current = nullptr;

 private:
  void write_control(u16 value) {
    constexpr u16 kOnce = kWdw | kWdbg | kWdzst, kOneOnce = kWde | kWdt;
    const u16 before = u16(values[kWcr]);
    if ((value & kSrs) == 0) reset_requested = true;
    if ((value & kWda) == 0) pin_asserted = true;
    u16 after = u16(value | kSrs | (before & kOneOnce));
    if (locked) after = u16((after & ~kOnce) | (before & kOnce));
    locked = true;
    values[kWcr] = after;
  }

  bool locked = false;
  u16 sequence = 0;
};

class WdogTest : public testing::Test {
 protected:
  WdogModel model;
  const Wdog wdog{kWdog2Base};
};

constexpr Duration half_seconds(u64 n) { return {n * 500'000'000}; }

}  // namespace

u16 load16(u32 address) {
  if (WdogModel::current == nullptr) throw std::out_of_range{"external abort"};
  return WdogModel::current->read16(address - kWdog2Base);
}

void store16(u32 address, u16 value) {
  if (WdogModel::current == nullptr) throw std::out_of_range{"external abort"};
  WdogModel::current->write16(address - kWdog2Base, value);
}

namespace {

TEST_F(WdogTest, EveryTimeoutFromHalfASecondTo128SecondsReachesTheCounter) {
  for (u64 n = 1; n <= 256; ++n) {
    SCOPED_TRACE(n);
    ASSERT_TRUE(bool(wdog.start(half_seconds(n))));
    EXPECT_EQ(model.values[kWcr] >> 8, n - 1);
    EXPECT_EQ(model.half_seconds_left, n);
  }
}

TEST_F(WdogTest, ATimeoutThatCannotBeKeptIsRefusedAndTouchesNothing) {
  for (const Duration bad : {Duration{0}, Duration{1}, Duration{499'999'999}, Duration{500'000'001},
                             Duration{750'000'000}, half_seconds(257), Duration{UINT64_MAX}}) {
    EXPECT_EQ(wdog.start(bad).error(), Error::Invalid) << bad.ns;
  }
  EXPECT_TRUE(model.stores.empty());
}

TEST_F(WdogTest, OneWriteStartsItAndDecidesTheWriteOnceBits) {
  ASSERT_TRUE(bool(wdog.start(half_seconds(256))));
  EXPECT_EQ(model.stores[0], (RegisterModel::Store{kWcr, 0xff3c}));  // WT, WDA, SRS, WDT, WDE
  EXPECT_FALSE(model.reset_requested);
  EXPECT_FALSE(model.pin_asserted);
  // Nobody can make it pause in wait, debug or low-power mode any more.
  store16(kWdog2Base, 0xffff);
  EXPECT_EQ(model.values[kWcr] & (kWdw | kWdbg | kWdzst), 0u);
}

TEST_F(WdogTest, AWriteOnceBitThatSomebodyElseSetIsReported) {
  store16(kWdog2Base, kSrs | kWda | kWdzst);
  EXPECT_EQ(wdog.start(half_seconds(2)).error(), Error::Device);
}

TEST_F(WdogTest, ServiceIsTheTwoWordsInOrder) {
  ASSERT_TRUE(bool(wdog.start(half_seconds(4))));
  const u32 before = model.serviced;
  model.stores.clear();
  wdog.service();
  EXPECT_EQ(model.stores, (std::vector<RegisterModel::Store>{{kWsr, 0x5555}, {kWsr, 0xaaaa}}));
  EXPECT_EQ(model.serviced, before + 1);
}

TEST_F(WdogTest, ARequestedResetUsesTheExtensionAndKeepsTheTimeout) {
  ASSERT_TRUE(bool(wdog.start(half_seconds(4))));
  wdog.request_reset();
  EXPECT_TRUE(model.reset_requested);
  EXPECT_FALSE(model.pin_asserted);
  EXPECT_NE(model.values[kWcr] & kSre, 0u);
  EXPECT_EQ(model.values[kWcr] >> 8, 3u);
}

TEST_F(WdogTest, TheReasonOfTheLastResetIsToldApart) {
  model.values[kWrsr] = 0x10;
  EXPECT_EQ(wdog.reason(), Wdog::Reason::PowerOn);
  model.values[kWrsr] = 0x02;
  EXPECT_EQ(wdog.reason(), Wdog::Reason::Timeout);
  model.values[kWrsr] = 0x01;
  EXPECT_EQ(wdog.reason(), Wdog::Reason::Software);
  model.values[kWrsr] = 0;
  EXPECT_EQ(wdog.reason(), Wdog::Reason::Unknown);
}

TEST_F(WdogTest, ThePowerDownCounterIsDisabled) {
  ASSERT_TRUE(bool(wdog.disable_power_down()));
  EXPECT_EQ(model.values[kWmcr], 0u);
}

TEST(WdogBroken, IsReported) {
  struct Stuck : WdogModel {
    void write16(u32, u16) override {}
  } model;
  const Wdog wdog{kWdog2Base};
  EXPECT_TRUE(wdog.present());
  EXPECT_EQ(wdog.start(half_seconds(1)).error(), Error::Device);
  EXPECT_EQ(wdog.disable_power_down().error(), Error::Device);
}

TEST(WdogAbsent, ReadsZeroAndIsNoticed) {
  struct Void : WdogModel {
    u16 read16(u32) override { return 0; }
  } model;
  const Wdog wdog{kWdog2Base};
  EXPECT_FALSE(wdog.present());
  EXPECT_EQ(wdog.start(half_seconds(1)).error(), Error::Device);
}

}  // namespace
}  // namespace gotee::imx6ul
