// SPDX-License-Identifier: BSD-3-Clause
//
// The driver of the CAAM's generator. Ref: [IMX6ULSRM] chapter CAAM: job ring, RNG4 and TRNG
// registers, 6.6.8, 6.6.14, 6.6.16 (descriptor commands).
#include "hal/imx6ul/drivers/caam.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>

#include "tests/unit/imx6ul/register_model.h"

namespace gotee::imx6ul {
namespace {

constexpr u32 kBase = 0x02140000, kDma = 0x97f00040;

/// Memory that the processor and the CAAM share.
struct DmaModel : RegisterModel {
  DmaModel() : RegisterModel{kDma, Caam::kDmaBytes} {}
  void write(u32 offset, u32 value) override { values[offset] = dead ? 0 : value; }
  u32& at(u32 physical) {
    EXPECT_TRUE(physical % 4 == 0 && physical - kDma < Caam::kDmaBytes) << std::hex << physical;
    return values[physical - kDma];
  }
  bool dead = false;
};

struct CaamModel : RegisterModel {
  explicit CaamModel(DmaModel& memory) : RegisterModel{kBase, 0x10000}, dma{memory} {
    values[0xff8] = 0x0a160300;
    values[0xfec] = 0x40044002;                // RNG version 4
    values[0x10] = values[0x14] = 0x00080009;  // left to the Normal world
    values[0x600] = 0x1;
    values[0x610] = 3200u << 16 | 512;
  }

  void write(u32 offset, u32 value) override {
    const bool ring_runs = (values[0x5c] & 1) != 0;
    if (offset == 0x10 || offset == 0x14) {
      if (!ring_runs && !owner_locked) values[offset] = value;
    } else if (offset == 0x106c) {
      reset(value);
    } else if (offset == 0x101c) {
      if (ring_runs && !stuck) run_job();
    } else if (offset == 0x1034) {
      values[0x103c] -= value;
    } else if (offset >= 0x604 && offset < 0x640) {
      if ((values[0x600] >> 16 & 1) != 0) values[offset] = value;  // program mode alone
    } else if (offset < 0x1000 || (values[0x5c] & 1) != 0) {
      values[offset] = value;
    }
  }

  void reset(u32 value) {
    if ((value & 1) == 0 || never_halts) return;
    if ((values[0x104c] >> 2 & 3) == 2) {
      values[0x104c] = values[0x106c] = values[0x103c] = 0;
    } else {
      values[0x104c] = 2 << 2;
    }
  }

  void run_job() {
    EXPECT_EQ(values[0x100c], 1u);
    EXPECT_EQ(values[0x102c], 1u);
    EXPECT_EQ(values[0x4] >> 16 & 1, 0u);
    const u32 descriptor = dma.at(values[0x1004]);
    const u32 header = dma.at(descriptor), operation = dma.at(descriptor + 4);
    EXPECT_EQ(header & 0xffffff80, 0xb0800000u);
    dma.at(values[0x1024]) = confuses_jobs ? descriptor + 4 : descriptor;
    dma.at(values[0x1024] + 4) = execute(operation, header & 0x7f, descriptor);
    values[0x103c] = 1;
  }

  u32 execute(u32 operation, u32 length, u32 descriptor) {
    if ((values[0x600] & (1u << 16 | 1u << 5)) != 0) return 0x20000053;
    EXPECT_EQ(operation & 0xfffffff1, 0x82500000u);  // class 1, RNG, handle 0
    if ((operation >> 2 & 3) == 1) return instantiate(operation, length);
    EXPECT_EQ(length, 4u);
    const u32 store = dma.at(descriptor + 8), target = dma.at(descriptor + 12);
    EXPECT_EQ(store & 0xffff0000, 0x60340000u);
    requests += (operation & 2) != 0 ? 'F' : 'g';
    if (generate_status != 0) return generate_status;
    for (u32 i = 0; i < (store & 0xffff) && delivers; i += 4) {
      dma.at(target + i) = next;
      next += 0x04040404;
    }
    return 0;
  }

  u32 instantiate(u32 operation, u32 length) {
    EXPECT_EQ(length, 2u);
    const u32 delay = values[0x610] >> 16;
    EXPECT_EQ(values[0x618], delay / 4);
    attempts += 'I';
    if (instantiate_status != 0) return instantiate_status;
    if (delay < needed_delay) return 0x2000025b;  // CCB, command 2, RNG, hardware error
    values[0x6c0] |= 1 | (operation & 2) << 3;
    return 0;
  }

  DmaModel& dma;
  bool owner_locked = false, never_halts = false, stuck = false, confuses_jobs = false, delivers = true;
  u32 needed_delay = 0, instantiate_status = 0, generate_status = 0, next = 0x03020100;
  std::string attempts, requests;
};

struct CaamTest : testing::Test {
  DmaModel dma;
  CaamModel model{dma};
  Caam caam{kBase, {kDma}};
  std::array<u8, 10> out{};

  void expect_failed_for_ever() {
    out.fill(0xaa);
    EXPECT_EQ(caam.read(out).error(), Error::Device);
    EXPECT_EQ(std::count(out.begin(), out.end(), 0), 10);
    EXPECT_EQ(caam.start().error(), Error::Device);
  }
};

TEST_F(CaamTest, InstantiatesWithTheShortestSampleThatWorks) {
  EXPECT_TRUE(caam.present());
  model.needed_delay = 4000;
  ASSERT_TRUE(caam.start());
  EXPECT_EQ(model.attempts, "III");  // 3200, 3600, 4000
  EXPECT_EQ(model.values[0x610], 4000u << 16 | 512);
  EXPECT_EQ(model.values[0x61c], 16 * 4000u);
  EXPECT_EQ(model.values[0x600] & 0x10023, 1u);  // run mode, raw samples, no direct access
}

TEST_F(CaamTest, TheLongestSampleCountsToo) {
  model.needed_delay = 12800;
  ASSERT_TRUE(caam.start());
}

TEST_F(CaamTest, TheRingAndItsTransfersAreSecure) {
  ASSERT_TRUE(caam.start());
  EXPECT_EQ(model.values[0x10] >> 3 & 1, 0u);
  EXPECT_EQ(model.values[0x14] & (1u << 19 | 1u << 3), 0u);
  EXPECT_EQ(model.values[0x10] & 0x7, 1u);  // the master's number is kept
}

TEST_F(CaamTest, ARingThatStaysWithTheNormalWorldIsFinal) {
  model.owner_locked = true;
  EXPECT_EQ(caam.start().error(), Error::Device);
  expect_failed_for_ever();
}

TEST_F(CaamTest, DeterministicInstancesAreForbidden) {
  ASSERT_TRUE(caam.start());
  EXPECT_EQ(model.values[0xc] >> 9 & 1, 1u);
}

TEST_F(CaamTest, ADeterministicInstanceOfSomebodyElseIsFinal) {
  model.values[0x6c0] = 1 | 1u << 8;
  EXPECT_EQ(caam.start().error(), Error::Device);
  expect_failed_for_ever();
}

TEST_F(CaamTest, AnInstanceOfTheBootCodeIsTaken) {
  model.values[0x6c0] = 1;
  ASSERT_TRUE(caam.start());
  EXPECT_EQ(model.attempts, "");
  ASSERT_TRUE(caam.read(out));
  EXPECT_EQ(model.requests, "g");  // it was not made for fresh noise, and would refuse
}

TEST_F(CaamTest, EachRequestTakesFreshNoise) {
  ASSERT_TRUE(caam.start());
  ASSERT_TRUE(caam.read(out));
  EXPECT_EQ(model.requests, "F");
  EXPECT_EQ(out, (std::array<u8, 10>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
}

TEST_F(CaamTest, LongRequestsGoInPiecesAndLeaveNothingInMemory) {
  ASSERT_TRUE(caam.start());
  std::array<u8, 300> bytes{};
  ASSERT_TRUE(caam.read(bytes));
  EXPECT_EQ(model.requests, "FFF");
  for (u32 i = 0; i < 256; ++i) ASSERT_EQ(bytes[i], u8(i));
  for (u32 i = 0x80; i < Caam::kDmaBytes; i += 4) EXPECT_EQ(dma.values[i], 0u);
}

TEST_F(CaamTest, DataThatNeverArriveAreZerosAndNotTheLastOnes) {
  ASSERT_TRUE(caam.start());
  ASSERT_TRUE(caam.read(out));
  model.delivers = false;  // the address space controller swallowed them
  ASSERT_TRUE(caam.read(out));
  EXPECT_EQ(std::count(out.begin(), out.end(), 0), 10);
}

TEST_F(CaamTest, NoiseThatNeverPassesIsFinal) {
  model.needed_delay = 20000;
  EXPECT_EQ(caam.start().error(), Error::Device);
  EXPECT_EQ(model.attempts.size(), 25u);  // 3200 to 12800 by 400
  expect_failed_for_ever();
}

TEST_F(CaamTest, AnotherErrorIsNotTriedAgain) {
  model.instantiate_status = 0x40000004;  // DECO, invalid command
  EXPECT_EQ(caam.start().error(), Error::Device);
  EXPECT_EQ(model.attempts, "I");
  expect_failed_for_ever();
}

TEST_F(CaamTest, ARingThatDoesNotResetIsFinal) {
  model.never_halts = true;
  EXPECT_EQ(caam.start().error(), Error::Device);
  expect_failed_for_ever();
}

TEST_F(CaamTest, AJobThatNeverEndsIsFinal) {
  ASSERT_TRUE(caam.start());
  model.stuck = true;
  EXPECT_EQ(caam.read(out).error(), Error::Device);
  model.stuck = false;
  expect_failed_for_ever();
}

TEST_F(CaamTest, TheResultOfAnotherJobIsFinal) {
  ASSERT_TRUE(caam.start());
  model.confuses_jobs = true;
  EXPECT_EQ(caam.read(out).error(), Error::Device);
  expect_failed_for_ever();
}

TEST_F(CaamTest, AnErrorOfTheGeneratorIsFinalAndLeavesNothing) {
  ASSERT_TRUE(caam.start());
  model.generate_status = 0x2000025b;
  EXPECT_EQ(caam.read(out).error(), Error::Device);
  model.generate_status = 0;
  expect_failed_for_ever();
}

TEST_F(CaamTest, AGeneratorThatLostItsInstanceIsFinal) {
  ASSERT_TRUE(caam.start());
  model.values[0x6c0] = 0;
  EXPECT_EQ(caam.read(out).error(), Error::Device);
  expect_failed_for_ever();
}

TEST_F(CaamTest, NothingIsReadBeforeTheStart) {
  EXPECT_EQ(caam.read(out).error(), Error::Device);
  EXPECT_TRUE(caam.start());
}

TEST_F(CaamTest, MemoryAtAnOddPlaceIsRefused) {
  Caam odd{kBase, {kDma + 4}};
  EXPECT_EQ(odd.start().error(), Error::Device);
  EXPECT_TRUE(model.stores.empty());
}

TEST_F(CaamTest, MemoryThatDoesNotHoldTheJobIsFinal) {
  dma.dead = true;
  EXPECT_EQ(caam.start().error(), Error::Device);
  EXPECT_EQ(model.attempts, "");
}

TEST_F(CaamTest, AnOlderGeneratorIsNotTaken) {
  model.values[0xfec] = 0x40024002;
  EXPECT_FALSE(caam.present());
  EXPECT_EQ(caam.start().error(), Error::Device);
}

TEST(CaamAbsent, IsFinalWhereRegistersReadZero) {
  struct Zeros : RegisterModel {
    Zeros() : RegisterModel{kBase, 0x10000} {}
    u32 read(u32) override { return 0; }
  } model;
  DmaModel dma;
  Caam caam{kBase, {kDma}};
  EXPECT_FALSE(caam.present());
  EXPECT_EQ(caam.start().error(), Error::Device);
  EXPECT_TRUE(model.stores.empty());
}

TEST(CaamAbsent, IsFinalWhereNothingAnswers) {
  Caam caam{kBase, {kDma}};
  EXPECT_FALSE(caam.present());
  EXPECT_EQ(caam.start().error(), Error::Device);
}

}  // namespace
}  // namespace gotee::imx6ul
