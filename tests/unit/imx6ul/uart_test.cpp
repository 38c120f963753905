// SPDX-License-Identifier: BSD-3-Clause
//
// The console's driver against a model of the transmitter.
// Ref: [IMX6ULRM] chapter 55, UART.
#include "hal/imx6ul/drivers/uart.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/unit/imx6ul/register_model.h"

namespace gotee::imx6ul {
namespace {

constexpr u32 kBase = 0x02020000;

/// A transmitter whose FIFO is full for `busy` readings of USR1 before each byte.
struct Transmitter : RegisterModel {
  Transmitter() : RegisterModel{kBase, 0x4000} {}
  u32 read(u32 offset) override {
    if (offset == 0x94) return left-- > 0 ? 0 : 1u << 13;  // USR1.TRDY
    if (offset == 0x98) return 1u << 3;                    // USR2.TXDC
    return values[offset];
  }
  void write(u32 offset, u32 value) override {
    values[offset] = value;
    if (offset != 0x40) return;
    if (left > 0) ADD_FAILURE() << "a byte was written while the FIFO was full";
    sent += char(value);
    left = busy;
  }
  int busy = 0, left = 0;
  std::string sent;
};

TEST(Uart, WaitsForRoomBeforeEachByte) {
  Transmitter model;
  model.busy = model.left = 5;
  const Uart uart{kBase};
  for (const char c : std::string{"hi\xff\0x", 5}) uart.put(u8(c));
  EXPECT_EQ(model.sent, (std::string{"hi\xff\0x", 5}));
}

TEST(Uart, LosesAByteRatherThanHangWhenTheTransmitterIsStuck) {
  Transmitter model;
  model.left = 0x7fffffff;
  Uart{kBase}.put('x');
  EXPECT_EQ(model.sent, "");
}

TEST(Uart, InitGivesTheBaudRate) {
  struct Case {
    u32 clock, baud;
  };
  for (const auto [clock, baud] :
       {Case{80'000'000, 115'200}, Case{80'000'000, 9'600}, Case{24'000'000, 115'200}}) {
    Transmitter model;
    Uart{kBase}.init(clock, baud);
    EXPECT_EQ(model.values[0x90] >> 7 & 7, 0b101u) << "UFCR.RFDIV: reference clock divided by 1";
    // 55.5.1: baud = reference / (16 * (UBMR + 1) / (UBIR + 1))
    const double rate = double(clock) / (16.0 * (model.values[0xa8] + 1) / (model.values[0xa4] + 1));
    EXPECT_NEAR(rate / baud, 1.0, 0.005);
    EXPECT_LE(model.values[0xa8], 0xffffu);
    EXPECT_EQ(model.values[0x80] & 1, 1u) << "UCR1.UARTEN";
    EXPECT_EQ(model.values[0x84] & 0x25, 0x25u) << "UCR2: SRST off, TXEN, WS";
    EXPECT_EQ(model.stores.back().offset, 0x80u) << "enabled last";
  }
}

}  // namespace
}  // namespace gotee::imx6ul
