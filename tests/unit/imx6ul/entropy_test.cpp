// SPDX-License-Identifier: BSD-3-Clause
//
// The choice of a source, and what becomes of one that fails. Ref: [SP800-90B] 4.3, 4.4.
#include "hal/imx6ul/drivers/entropy.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <memory>
#include <random>
#include <vector>

#include "tests/unit/imx6ul/register_model.h"

namespace gotee::imx6ul {
namespace {

constexpr u32 kRngb = 0x02284000, kCaam = 0x02140000, kDma = 0x97f00000;

/// What both blocks deliver: a good stream until it is told to get stuck.
struct Stream {
  u32 operator()() {
    ++words;
    return stuck ? 0x41414141 : u32(engine());
  }
  std::mt19937 engine{1};
  bool stuck = false;
  u32 words = 0;
};

/// An RNGB that is always ready (rngb_test.cpp has the one that is not).
struct ReadyRngb : RegisterModel {
  explicit ReadyRngb(Stream& s) : RegisterModel{kRngb, 0x4000}, stream{s} { values[0x00] = 0x10000280; }
  u32 read(u32 offset) override {
    if (offset == 0x0c) return 1u << 4 | 1u << 5 | 5u << 8 | (broken ? 1u << 16 : 0);
    return offset == 0x14 ? stream() : values[offset];
  }
  void write(u32 offset, u32 value) override { values[offset] = offset == 0x04 ? 0 : value; }
  Stream& stream;
  bool broken = false;
};

/// A CAAM whose generator boot code has instantiated (caam_test.cpp has the other).
struct ReadyCaam : RegisterModel {
  ReadyCaam(Stream& s, RegisterModel& memory) : RegisterModel{kCaam, 0x10000}, stream{s}, dma{memory} {
    values[0xff8] = 0x0a160300;
    values[0xfec] = 0x00040000;
    values[0x6c0] = 1;
    values[0x104c] = 2 << 2;
  }
  void write(u32 offset, u32 value) override {
    if (offset == 0x106c) return;
    values[offset] = offset == 0x1034 ? 0 : value;
    if (offset != 0x101c || broken) return;
    const u32 descriptor = dma.values[values[0x1004] - kDma] - kDma;
    const u32 bytes = dma.values[descriptor + 8] & 0xffff, target = dma.values[descriptor + 12] - kDma;
    for (u32 i = 0; i < bytes && !swallowed; i += 4) dma.values[target + i] = stream();
    dma.values[values[0x1024] - kDma] = descriptor + kDma;
    dma.values[values[0x1024] - kDma + 4] = 0;
    values[0x103c] = 1;
  }
  Stream& stream;
  RegisterModel& dma;
  bool broken = false, swallowed = false;
};

struct EntropyTest : testing::Test {
  void with_rngb() { rngb_model = std::make_unique<ReadyRngb>(stream); }
  void with_caam() { caam_model = std::make_unique<ReadyCaam>(stream, dma); }
  void expect_nothing_for_ever() {
    std::array<u8, 40> out{};
    out.fill(0xaa);
    EXPECT_EQ(entropy.fill(out).error(), Error::Device);
    EXPECT_EQ(std::count(out.begin(), out.end(), 0), 40);
    EXPECT_EQ(entropy.start().error(), Error::Device);
    EXPECT_EQ(entropy.fill(out).error(), Error::Device);
  }

  Stream stream;
  RegisterModel dma{kDma, Caam::kDmaBytes};
  std::unique_ptr<ReadyRngb> rngb_model;
  std::unique_ptr<ReadyCaam> caam_model;
  Rngb rngb{kRngb};
  Caam caam{kCaam, {kDma}};
  Entropy entropy{rngb, caam};
};

TEST_F(EntropyTest, TakesTheRngbWhereItIs) {
  with_rngb();
  ASSERT_TRUE(entropy.start());
  EXPECT_EQ(entropy.source(), Entropy::Source::Rngb);
}

TEST_F(EntropyTest, TakesTheCaamWhereItIs) {
  with_caam();
  ASSERT_TRUE(entropy.start());
  EXPECT_EQ(entropy.source(), Entropy::Source::Caam);
}

TEST_F(EntropyTest, WithoutASourceNothingEverComes) {
  EXPECT_EQ(entropy.start().error(), Error::Device);
  EXPECT_EQ(entropy.source(), Entropy::Source::None);
  with_rngb();  // too late
  expect_nothing_for_ever();
  EXPECT_EQ(stream.words, 0u);
}

TEST_F(EntropyTest, NothingComesBeforeTheStart) {
  with_rngb();
  std::array<u8, 4> out{1, 2, 3, 4};
  EXPECT_EQ(entropy.fill(out).error(), Error::Device);
  EXPECT_EQ(out, (std::array<u8, 4>{}));
  EXPECT_TRUE(entropy.start());
}

TEST_F(EntropyTest, TheFirstBytesAreTestedAndNobodyGetsThem) {
  with_rngb();
  ASSERT_TRUE(entropy.start());
  EXPECT_EQ(stream.words, 1024u / 4);
  std::array<u8, 4> out{};
  ASSERT_TRUE(entropy.fill(out));
  std::mt19937 same{1};
  same.discard(1024 / 4);
  const u32 word = u32(same());
  EXPECT_EQ(out, (std::array<u8, 4>{u8(word), u8(word >> 8), u8(word >> 16), u8(word >> 24)}));
}

TEST_F(EntropyTest, LongStreamsOfAGoodSourcePass) {
  for (const bool caam_instead : {false, true}) {
    rngb_model.reset();
    caam_instead ? with_caam() : with_rngb();
    Entropy each{rngb, caam};
    ASSERT_TRUE(each.start());
    std::vector<u8> out(200'000);
    ASSERT_TRUE(each.fill(out));
    EXPECT_LT(std::count(out.begin(), out.end(), 0), 1000);  // 781 expected
  }
}

TEST_F(EntropyTest, ASourceThatIsStuckFromTheStartIsRefused) {
  stream.stuck = true;
  with_rngb();
  EXPECT_EQ(entropy.start().error(), Error::Device);
  stream.stuck = false;
  expect_nothing_for_ever();
}

TEST_F(EntropyTest, ASourceThatGetsStuckIsTheEnd) {
  with_caam();
  ASSERT_TRUE(entropy.start());
  stream.stuck = true;
  std::array<u8, 16> out{};
  EXPECT_EQ(entropy.fill(out).error(), Error::Device);
  EXPECT_EQ(out, (std::array<u8, 16>{}));
  stream.stuck = false;
  expect_nothing_for_ever();
}

TEST_F(EntropyTest, ABrokenRngbIsNotReplacedByTheCaam) {
  with_rngb();
  with_caam();
  rngb_model->broken = true;
  EXPECT_EQ(entropy.start().error(), Error::Device);
  EXPECT_TRUE(caam_model->stores.empty());
  rngb_model->broken = false;
  expect_nothing_for_ever();
}

TEST_F(EntropyTest, AnRngbThatBreaksLaterIsTheEnd) {
  with_rngb();
  with_caam();
  ASSERT_TRUE(entropy.start());
  rngb_model->broken = true;
  expect_nothing_for_ever();
  rngb_model->broken = false;
  expect_nothing_for_ever();
  EXPECT_TRUE(caam_model->stores.empty());
}

TEST_F(EntropyTest, ACaamThatBreaksLaterIsTheEnd) {
  with_caam();
  ASSERT_TRUE(entropy.start());
  caam_model->broken = true;
  expect_nothing_for_ever();
}

TEST_F(EntropyTest, DataThatTheCaamNeverDeliversAreNoticed) {
  with_caam();
  ASSERT_TRUE(entropy.start());
  caam_model->swallowed = true;  // by the address space controller
  expect_nothing_for_ever();
}

}  // namespace
}  // namespace gotee::imx6ul
