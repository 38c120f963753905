// SPDX-License-Identifier: BSD-3-Clause
//
// Virtual, real and replayed time.
#include "hal/sim/clock.h"

#include <algorithm>
#include <thread>

namespace gotee::sim {

Clock::Clock(Mode mode, std::vector<u64> recording) : mode_{mode} {
  if (mode == Mode::Replay) recording_ = std::move(recording);
}

void Clock::skip(u64 ns) {
  if (mode_ == Mode::Replay) {
    ns = replayed_ < recording_.size() ? recording_[replayed_++] : 0;
  } else if (mode_ == Mode::Realtime) {
    recording_.push_back(ns);
  }
  skipped_ += std::min(ns, kEndOfTime.ns - now().ns);
}

void Clock::idle(Instant until, const std::function<bool()>& go_on) {
  if (mode_ == Mode::Realtime) {
    constexpr auto kNap = std::chrono::milliseconds{50};
    constexpr u64 kLongest = 1'000'000'000'000'000'000;  // 31 years: what the host's clock can express
    const auto end = started_ + std::chrono::nanoseconds{std::min(until.ns, kLongest) - kEpoch};
    while (std::chrono::steady_clock::now() < end && go_on()) {
      std::this_thread::sleep_until(std::min(end, std::chrono::steady_clock::now() + kNap));
    }
    const auto wall = u64((std::chrono::steady_clock::now() - started_).count()) + kEpoch;
    return skip(wall > now().ns ? wall - now().ns : 0);
  }
  skip(until > now() ? until.ns - now().ns : 0);
}

void Clock::follow() {
  if (mode_ == Mode::Virtual) return;
  if (mode_ == Mode::Replay) return skip(0);
  const auto wall = u64((std::chrono::steady_clock::now() - started_).count()) + kEpoch;
  if (wall < now().ns) std::this_thread::sleep_for(std::chrono::nanoseconds{now().ns - wall});
  skip(wall > now().ns ? wall - now().ns : 0);
}

}  // namespace gotee::sim
