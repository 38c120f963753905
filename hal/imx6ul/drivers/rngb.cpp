// SPDX-License-Identifier: BSD-3-Clause
//
// RNGB, the random number generator of the i.MX6ULL and ULZ.
// Ref: [IMX6ULLRM] 44 (RNGB), 44.5.2 (automatic seeding).
#include "hal/imx6ul/drivers/rngb.h"

#include "hal/imx6ul/drivers/bytes.h"

namespace gotee::imx6ul {
namespace {
constexpr int kSeedAttempts = 8;
constexpr u32 kSeedPatience = 4 * kPatience;  // a seed takes up to some 200 ms
}  // namespace

Result<> Rngb::start() {
  if (state_ == State::Ready) return kOk;
  if (state_ == State::Failed) return Error::Device;
  state_ = State::Failed;
  if (!present()) return Error::Device;

  io_.write(Reg::Command, kReset.put(1));
  if (!io_.wait(Reg::Command, kReset, 0)) return Error::Device;
  io_.write(Reg::Command, kClearError.put(1) | kClearInterrupt.put(1));
  io_.write(Reg::Control, kMaskDone.put(1) | kMaskError.put(1));
  if (!self_test() || !seed()) return Error::Device;
  io_.update(Reg::Control, kAutoReseed, 1);
  state_ = State::Ready;
  return kOk;
}

bool Rngb::self_test() const {
  io_.write(Reg::Command, kSelfTest.put(1));
  if (!io_.wait(Reg::Status, kSelfTestDone, 1)) return false;
  const u32 status = io_.read(Reg::Status);
  return kError.get(status) == 0 && kSelfTestFailed.get(status) == 0;
}

bool Rngb::seed() const {
  for (int attempt = 0; attempt < kSeedAttempts; ++attempt) {
    io_.write(Reg::Command, kSeed.put(1));
    u32 status = 0;
    for (u32 i = 0; i < kSeedPatience && kSeedDone.get(status) == 0 && kError.get(status) == 0; ++i) {
      status = io_.read(Reg::Status);
    }
    if (kError.get(status) == 0) return kSeedDone.get(status) == 1;
    if (io_.read(Reg::Error) != kStatisticsError) return false;
    io_.write(Reg::Command, kClearError.put(1) | kClearInterrupt.put(1));
  }
  return false;
}

std::optional<u32> Rngb::next_word() const {
  for (u32 i = 0; i < kSeedPatience; ++i) {  // it may be reseeding
    const u32 status = io_.read(Reg::Status);
    if (kError.get(status) != 0) return std::nullopt;
    if (kLevel.get(status) == 0) continue;
    const u32 word = io_.read(Reg::Output);
    // An underflow reads zeros and shows afterwards.
    if (kError.get(io_.read(Reg::Status)) != 0) return std::nullopt;
    return word;
  }
  return std::nullopt;
}

Result<> Rngb::read(std::span<u8> out) {
  for (std::size_t i = 0; i < out.size() && state_ == State::Ready; i += 4) {
    const auto word = next_word();
    if (!word) state_ = State::Failed;
    for (std::size_t b = 0; b < 4 && i + b < out.size(); ++b) out[i + b] = u8(word.value_or(0) >> (8 * b));
  }
  if (state_ == State::Ready) return kOk;
  wipe(out);
  return Error::Device;
}

}  // namespace gotee::imx6ul
