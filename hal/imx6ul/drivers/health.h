// SPDX-License-Identifier: BSD-3-Clause
//
// Continuous health tests of a noise source, on bytes: is it stuck, has it lost entropy?
// Ref: [SP800-90B] NIST SP 800-90B (2018), 4.3 (start-up), 4.4.1 (repetition count), 4.4.2 (adaptive
// proportion).
#pragma once
#include <span>

#include "core/base/result.h"

namespace gotee::imx6ul {

inline constexpr u32 kHealthWindow = 512;           // [SP800-90B] 4.4.2, W for a source that is not binary
inline constexpr u32 kHealthStartupSamples = 1024;  // [SP800-90B] 4.3, at least

/// [SP800-90B] 4.4.1: C = 1 + ceil(-log2(alpha) / H), for a min-entropy H of `millibits` / 1000 bits a sample
/// and alpha = 2^-`exponent`.
constexpr u32 repetition_cutoff(u32 millibits, u32 exponent) {
  return 1 + (exponent * 1000 + millibits - 1) / millibits;
}

namespace health_detail {

/// A positive number whose exponent does not run out: mantissa in [1, 2).
struct Scaled {
  double mantissa = 1;
  int exponent = 0;
  constexpr Scaled times(double factor) const {
    Scaled s{mantissa * factor, exponent};
    for (; s.mantissa >= 2; s.mantissa /= 2) ++s.exponent;
    for (; s.mantissa < 1; s.mantissa *= 2) --s.exponent;
    return s;
  }
  /// This number times 2^shift, or 0 when that is too small to matter.
  constexpr double shifted(int shift) const {
    double value = mantissa;
    int n = exponent + shift;
    if (n < -200) return 0;
    for (; n < 0; ++n) value /= 2;
    for (; n > 0; --n) value *= 2;
    return value;
  }
};

/// 2^-x for 0 < x < 64.
constexpr double exp2_minus(double x) {
  constexpr double kLn2 = 0.69314718055994530942;
  const double y = -x * kLn2 / 1024;
  double term = 1, sum = 1;
  for (int i = 1; i < 12; ++i) sum += term *= y / i;
  for (int i = 0; i < 10; ++i) sum *= sum;
  return sum;
}

}  // namespace health_detail

/// [SP800-90B] 4.4.2: C = 1 + critbinom(W, 2^-H, 1 - alpha), in the same units. For constants: it is slow.
constexpr u32 proportion_cutoff(u32 millibits, u32 exponent, u32 window = kHealthWindow) {
  const double p = health_detail::exp2_minus(millibits / 1000.0);
  // From the top: `tail` is P(X >= k) / alpha, and critbinom is the smallest k with P(X > k) <= alpha.
  health_detail::Scaled probability;
  for (u32 i = 0; i < window; ++i) probability = probability.times(p);
  double tail = probability.shifted(int(exponent));
  u32 k = window;
  while (tail <= 1 && k > 0) {
    probability = probability.times(double(k) / (window - k + 1) * (1 - p) / p);
    tail += probability.shifted(int(exponent));
    --k;
  }
  return 1 + k;
}

struct HealthCutoffs {
  u32 repetition = 0, proportion = 0;
};
/// Both cutoffs for a source that promises `millibits` / 1000 bits of min-entropy in each byte. A healthy
/// source fails one of the tests with a probability of about 2^-`exponent` a sample; the standard recommends
/// 20 to 40.
constexpr HealthCutoffs health_cutoffs(u32 millibits, u32 exponent) {
  return {repetition_cutoff(millibits, exponent), proportion_cutoff(millibits, exponent)};
}

class HealthTests {
 public:
  explicit constexpr HealthTests(HealthCutoffs cutoffs) : cutoffs_{cutoffs} {}

  /// Look at the next samples, in order. Device from the first sample that fails a test, and for ever.
  Result<> examine(std::span<const u8> samples);
  bool failed() const { return failed_; }

 private:
  void examine_one(u8 sample);

  HealthCutoffs cutoffs_;
  bool failed_ = false;
  u8 repeated_ = 0;       // 4.4.1: A
  u32 repetitions_ = 0;   // 4.4.1: B, 0 before the first sample
  u8 proportion_of_ = 0;  // 4.4.2: A
  u32 occurrences_ = 0;   // 4.4.2: B
  u32 seen_ = 0;          // samples of this window, 0 at its start
};

}  // namespace gotee::imx6ul
