// SPDX-License-Identifier: BSD-3-Clause
//
// The generic timer: nanoseconds since the counter started, and the deadline interrupt.
// Ref: [ARM ARM] DDI 0406C.d, B8 (Generic Timer).
#pragma once
#include "core/base/types.h"

namespace gotee::imx6ul {

/// A ratio of clock rates as 32.32 fixed point. Multiplying never divides and is monotonic.
struct Ratio {
  u32 whole = 0, fraction = 0;
  static constexpr Ratio of(u64 numerator, u32 denominator) {
    const u64 rest = numerator % denominator;
    return {u32(numerator / denominator), u32((rest << 32) / denominator)};
  }
  /// Rounded down. Exact modulo 2^64 while the product fits.
  constexpr u64 times(u64 value) const {
    const u64 high = value >> 32, low = value & 0xffffffff;
    return value * whole + high * fraction + (low * fraction >> 32);
  }
};

class Clock {
 public:
  /// `frequency` in Hz, as CNTFRQ says; above 0 and below 1 GHz.
  constexpr explicit Clock(u32 frequency)
      : frequency_{frequency},
        ns_per_tick_{Ratio::of(1'000'000'000, frequency)},
        ticks_per_ns_{Ratio::of(frequency, 1'000'000'000)} {}

  constexpr Instant at(u64 ticks) const { return {ns_per_tick_.times(ticks)}; }
  /// The first tick that is surely not before `instant`; at most two ticks late. `instant` below 2^63.
  constexpr u64 ticks_at(Instant instant) const { return ticks_per_ns_.times(instant.ns) + 2; }
  constexpr u32 frequency() const { return frequency_; }

 private:
  u32 frequency_;
  Ratio ns_per_tick_, ticks_per_ns_;
};

}  // namespace gotee::imx6ul
