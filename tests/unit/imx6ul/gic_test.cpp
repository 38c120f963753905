// SPDX-License-Identifier: BSD-3-Clause
//
// The interrupt controller's driver against a model of the distributor and the CPU interface.
// Ref: [GICv2] IHI 0048B.b, chapter 4.
#include "hal/imx6ul/drivers/gic.h"

#include <gtest/gtest.h>

#include "tests/unit/imx6ul/register_model.h"

namespace gotee::imx6ul {
namespace {

constexpr u32 kDistributor = 0x00a01000, kCpu = 0x00a02000;

/// GICD: set and clear registers act on one state (4.3.5, 4.3.6); targets of 0-31 are read-only (4.3.12).
struct Distributor : RegisterModel {
  Distributor() : RegisterModel{kDistributor, 0x1000} { values[0x004] = 3; }  // ITLinesNumber: 128 interrupts
  void write(u32 offset, u32 value) override {
    if (offset >= 0x180 && offset < 0x200) {
      values[offset - 0x80] &= ~value;
    } else if (offset >= 0x100 && offset < 0x180) {
      values[offset] |= value;
    } else if (offset < 0x800 || offset >= 0x820) {
      values[offset] = value;
    } else {
      ADD_FAILURE() << "GICD_ITARGETSR of an SGI or PPI is read-only";
    }
  }
};

struct GicTest : testing::Test {
  Distributor distributor;
  RegisterModel cpu{kCpu, 0x1000};
  Gic gic{kDistributor, kCpu};
};

TEST_F(GicTest, InitLeavesEveryInterruptDisabledAndInTheNormalWorldsGroup) {
  distributor.values[0x100] = distributor.values[0x10c] = 0xffffffff;
  gic.init();
  for (u32 word = 0; word < 4; ++word) {
    EXPECT_EQ(distributor.values[0x100 + 4 * word], 0u);
    EXPECT_EQ(distributor.values[0x080 + 4 * word], 0xffffffffu);
  }
  for (u32 id = 0; id < 128; ++id) {
    const u32 priority = distributor.values[0x400 + (id & ~3u)] >> (id % 4 * 8) & 0xff;
    EXPECT_GE(priority, 0x80u) << "3.3.2: the upper half is the Normal world's";
  }
}

TEST_F(GicTest, InitForwardsBothGroupsAndGroup0AsFiq) {
  gic.init();
  EXPECT_EQ(distributor.values[0x000], 0b11u);     // EnableGrp1, EnableGrp0
  EXPECT_EQ(cpu.values[0x00] & 0b1011u, 0b1011u);  // FIQEn, EnableGrp1, EnableGrp0
  EXPECT_EQ(cpu.values[0x00] & 0b0100u, 0u) << "AckCtl: the secure side must not take group 1 by mistake";
  EXPECT_EQ(cpu.values[0x04], 0xffu);
}

TEST_F(GicTest, ASecureInterruptIsGroup0OfTheHighestPriorityAndAlone) {
  gic.init();
  gic.enable_secure(29);
  EXPECT_EQ(distributor.values[0x080], ~(1u << 29));
  EXPECT_EQ(distributor.values[0x100], 1u << 29);
  EXPECT_EQ(distributor.values[0x400 + 28] >> 8 & 0xff, 0u);
  EXPECT_EQ(distributor.values[0x400 + 28] & 0xff, 0xa0u) << "its neighbours keep theirs";
  gic.enable_secure(113);
  EXPECT_EQ(distributor.values[0x08c], ~(1u << 17));
  EXPECT_EQ(distributor.values[0x10c], 1u << 17);
}

TEST_F(GicTest, ClaimGivesThePendingInterruptAndNothingWhenItIsSpurious) {
  for (const u32 id : {0u, 29u, 1019u}) {
    cpu.values[0x0c] = 0x1400 | id;  // with the source processor of an SGI above the identifier
    EXPECT_EQ(gic.claim(), std::optional<u32>{id});
  }
  for (const u32 id : {1022u, 1023u}) {  // 3.2.4: of the other group, or none
    cpu.values[0x0c] = id;
    EXPECT_EQ(gic.claim(), std::nullopt);
  }
}

TEST_F(GicTest, CompleteNamesTheInterrupt) {
  gic.complete(29);
  EXPECT_EQ(cpu.stores, (std::vector<RegisterModel::Store>{{0x10, 29}}));
}

}  // namespace
}  // namespace gotee::imx6ul
