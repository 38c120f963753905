// SPDX-License-Identifier: BSD-3-Clause
//
// Continuous health tests of a noise source.
// Ref: [SP800-90B] 4.4.1 (repetition count), 4.4.2 (adaptive proportion).
#include "hal/imx6ul/drivers/health.h"

namespace gotee::imx6ul {

void HealthTests::examine_one(u8 sample) {
  repetitions_ = repetitions_ != 0 && sample == repeated_ ? repetitions_ + 1 : 1;
  repeated_ = sample;
  if (repetitions_ >= cutoffs_.repetition) failed_ = true;

  if (seen_ == 0) {
    proportion_of_ = sample;
    occurrences_ = 0;
  }
  if (sample == proportion_of_) ++occurrences_;
  if (occurrences_ >= cutoffs_.proportion) failed_ = true;
  seen_ = (seen_ + 1) % kHealthWindow;
}

Result<> HealthTests::examine(std::span<const u8> samples) {
  for (const u8 sample : samples) {
    if (failed_) break;
    examine_one(sample);
  }
  if (failed_) return Error::Device;
  return kOk;
}

}  // namespace gotee::imx6ul
