// SPDX-License-Identifier: BSD-3-Clause
//
// The supervisor's own context in the demo: it counts seconds aloud beside the applets.
#pragma once
#include <optional>

#include "core/base/types.h"

namespace gotee {

/// Runs to completion at each step, then asks to sleep; the scheduler treats it like any context.
class Counter {
 public:
  bool busy() const { return said_ < seconds_; }
  void start(Instant now, u32 seconds) { start_ = now, seconds_ = seconds, said_ = 0; }
  /// When to run next.
  Instant next() const { return start_ + Duration{u64{said_ + 1} * 1'000'000'000}; }
  /// The number to say now, if one is due.
  std::optional<u32> step(Instant now) {
    if (!busy() || now < next()) return std::nullopt;
    return ++said_;
  }

 private:
  Instant start_;
  u32 seconds_ = 0;
  u32 said_ = 0;
};

}  // namespace gotee
