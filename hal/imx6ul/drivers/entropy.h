// SPDX-License-Identifier: BSD-3-Clause
//
// Where random bytes come from on this chip: one hardware generator, watched, or nothing at all.
// Ref: [SP800-90B] 4.3 (start-up tests), 4.4 (continuous tests); rngb.h; caam.h.
#pragma once
#include <span>

#include "hal/imx6ul/drivers/caam.h"
#include "hal/imx6ul/drivers/health.h"
#include "hal/imx6ul/drivers/rngb.h"

namespace gotee::imx6ul {

/// Both sources are generators that their own noise seeds and reseeds, so that their output is taken as it
/// is: nothing here conditions raw noise. The health tests see that output. They cannot judge the noise
/// behind it, which the blocks test themselves, but do notice a bus or a block that repeats itself.
class Entropy {
 public:
  enum class Source : u8 { None, Rngb, Caam };

  /// Both drivers outlive this object, which alone uses them.
  constexpr Entropy(Rngb& rngb, Caam& caam) : rngb_{rngb}, caam_{caam} {}

  /// Choose the block that this chip has, start it, and test its first bytes, which nobody gets. Device when
  /// there is none or when anything fails, now and for ever: a source that fails is not replaced by another.
  Result<> start();
  Source source() const { return source_; }

  /// Full-entropy bytes. Device when the source or a health test fails, now and for ever, and before start();
  /// `out` is then all zeros.
  Result<> fill(std::span<u8> out);

 private:
  enum class State : u8 { Off, Ready, Failed };
  bool draw(std::span<u8> out);

  // 8 bits a byte, and one false alarm in 2^40 bytes: an alarm is the end until reset.
  static constexpr HealthCutoffs kCutoffs = health_cutoffs(8000, 40);

  Rngb& rngb_;
  Caam& caam_;
  HealthTests health_{kCutoffs};
  Source source_ = Source::None;
  State state_ = State::Off;
};

}  // namespace gotee::imx6ul
