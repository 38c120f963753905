// SPDX-License-Identifier: BSD-3-Clause
//
// Secure Non-Volatile Storage: status, and counters that move while they are read.
// Ref: [IMX6ULRM] chapter "Secure Non-Volatile Storage (SNVS)".
#include "hal/imx6ul/drivers/snvs.h"

namespace gotee::imx6ul {
namespace {

// A counter that moves every 30 us at most gives two equal readings, each under 1 us, at the second or third
// attempt.
constexpr u32 kReadings = 16;

}  // namespace

Result<Snvs::State> Snvs::state() const {
  const State now{kState.get(io_.read(Reg::HpStatus))};
  switch (now) {
    case State::Init:
    case State::HardFail:
    case State::SoftFail:
    case State::InitIntermediate:
    case State::Check:
    case State::NonSecure:
    case State::Trusted:
    case State::Secure: return now;
  }
  return Error::Device;
}

Snvs::KeyStatus Snvs::keys() const {
  const u32 status = io_.read(Reg::HpStatus);
  return {kOtpmkZero.get(status) != 0, kZmkZero.get(status) != 0, kSyndrome.get(status)};
}

Result<> Snvs::set_general_purpose(u32 value) const {
  if (kHpGeneralLock.get(io_.read(Reg::HpLock)) || kLpGeneralLock.get(io_.read(Reg::LpLock)))
    return Error::Denied;
  io_.write(Reg::GeneralPurpose, value);
  if (io_.read(Reg::GeneralPurpose) != value) return Error::Device;
  return kOk;
}

Result<u64> Snvs::clock_ticks() const {
  if (!kClockOn.get(io_.read(Reg::LpControl))) return Error::Unsupported;
  const auto ticks = read_counter(Reg::ClockHigh, Reg::ClockLow);
  if (!ticks) return ticks;
  return *ticks & (u64{kClockHigh.mask()} << 32 | 0xffff'ffff);
}

Result<> Snvs::start_monotonic() const {
  io_.update(Reg::LpControl, kMonotonicOn, 1);
  if (!io_.wait(Reg::LpControl, kMonotonicOn, 1)) return Error::TimedOut;
  return kOk;
}

Result<u64> Snvs::monotonic() const {
  if (!kMonotonicOn.get(io_.read(Reg::LpControl))) return Error::Unsupported;
  return read_counter(Reg::MonotonicHigh, Reg::MonotonicLow);
}

Result<u64> Snvs::advance_monotonic() const {
  const auto before = monotonic();
  if (!before) return before;
  io_.write(Reg::MonotonicLow, 0);  // any write counts one up
  // The counter lives in the 32 kHz domain and moves a little later.
  for (u32 i = 0; i < kPatience; ++i) {
    const auto now = monotonic();
    if (!now || *now > *before) return now;
  }
  return Error::TimedOut;
}

Result<u64> Snvs::read_counter(Reg high, Reg low) const {
  const auto once = [&] { return u64{io_.read(high)} << 32 | io_.read(low); };
  u64 last = once();
  for (u32 i = 1; i < kReadings; ++i) {
    const u64 now = once();
    if (now == last) return now;
    last = now;
  }
  return Error::Device;
}

}  // namespace gotee::imx6ul
