// SPDX-License-Identifier: BSD-3-Clause
//
// The simulated clock: one instruction is a fixed amount of time, and idle time is skipped.
#pragma once
#include <algorithm>
#include <chrono>
#include <functional>
#include <vector>

#include "core/base/types.h"

namespace gotee::sim {

inline constexpr u64 kNsPerInstruction = 2;      // about what a 528 MHz Cortex-A7 does
inline constexpr Instant kEndOfTime{INT64_MAX};  // applets read the time as a signed 64-bit number

/// Time is a function of the instructions executed and of the idle time skipped, and of nothing else. In real
/// time the skips follow the wall clock; they are recorded, so that a replay can be given the very same time.
class Clock {
 public:
  enum class Mode : u8 { Virtual, Realtime, Replay };

  explicit Clock(Mode mode, std::vector<u64> recording = {});

  /// Monotonic, more than 0, and never beyond kEndOfTime, where it stands still.
  Instant now() const {
    return std::min(Instant{kEpoch + instructions_ * kNsPerInstruction} + Duration{skipped_}, kEndOfTime);
  }
  void executed(u64 instructions) { instructions_ += instructions; }
  /// Nothing happens before `until`: skip to it, or sleep.
  /// Real time: `go_on` is asked now and then, and ends the sleep by answering false.
  void idle(Instant until, const std::function<bool()>& go_on);
  /// Real time only: wait for the wall clock, or catch up with it. Called between runs.
  void follow();
  const std::vector<u64>& recording() const { return recording_; }

 private:
  static constexpr u64 kEpoch = 1000;  // the clock never reads 0
  void skip(u64 ns);

  Mode mode_;
  u64 instructions_ = 0;
  u64 skipped_ = 0;
  std::vector<u64> recording_;
  std::size_t replayed_ = 0;
  std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
};

}  // namespace gotee::sim
