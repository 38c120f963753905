// SPDX-License-Identifier: BSD-3-Clause
//
// General Purpose Timer: prescalers, and the order in which the manual wants it started.
// Ref: [IMX6ULRM] chapter "General Purpose Timer (GPT)".
#include "hal/imx6ul/drivers/gpt.h"

namespace gotee::imx6ul {
namespace {

constexpr u32 kMaxDivide = 1u << Gpt::kDivide.width;
constexpr u32 kMaxDivideCrystal = 1u << Gpt::kDivideCrystal.width;

/// The value of GPTx_PR, or nothing when the divider cannot be made.
std::optional<u32> encode(Gpt::Clock clock, u32 divider) {
  u32 first = 1;
  if (clock == Gpt::Clock::Crystal) {
    // The largest first stage that fits: the slower the crystal clock, the safer the ipg clock samples it.
    for (u32 n = 2; n <= kMaxDivideCrystal; ++n) {
      if (divider % n == 0) first = n;
    }
  }
  const u32 second = divider / first;
  if (second == 0 || second > kMaxDivide) return std::nullopt;
  return Gpt::kDivideCrystal.put(first - 1) | Gpt::kDivide.put(second - 1);
}

}  // namespace

bool Gpt::present() const {
  const auto before = io_.probe(Reg::Compare3);
  if (!before) return false;
  io_.write(Reg::Compare3, ~*before);
  const bool holds = io_.read(Reg::Compare3) == ~*before;
  io_.write(Reg::Compare3, *before);
  return holds;
}

Result<> Gpt::start(Clock clock, u32 divider) const {
  const auto prescale = encode(clock, divider);
  if (!prescale) return Error::Invalid;

  // The clock source may change only while the timer is disabled; and the reset does not touch every bit of
  // CR, so that CR is written whole afterwards.
  stop();
  io_.write(Reg::Interrupt, 0);
  io_.write(Reg::Control, kReset.mask());
  if (!io_.wait(Reg::Control, kReset, 0)) return Error::TimedOut;

  const u32 control = kClock.put(u32(clock)) | kCrystalOn.put(clock == Clock::Crystal) | kFreeRun.mask() |
                      kFromZero.mask() | kRunInWait.mask();
  io_.write(Reg::Control, control);
  io_.write(Reg::Prescale, *prescale);
  io_.write(Reg::Status, kAllFlags.mask());
  io_.write(Reg::Control, control | kEnable.mask());
  if (kEnable.get(io_.read(Reg::Control)) == 0) return Error::Device;
  return kOk;
}

}  // namespace gotee::imx6ul
