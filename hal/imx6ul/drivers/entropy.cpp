// SPDX-License-Identifier: BSD-3-Clause
//
// Where random bytes come from on this chip.
// Ref: [SP800-90B] 4.3 (start-up tests), 4.4 (continuous tests).
#include "hal/imx6ul/drivers/entropy.h"

#include <array>

#include "hal/imx6ul/drivers/bytes.h"

namespace gotee::imx6ul {

bool Entropy::draw(std::span<u8> out) {
  bool ok = false;
  switch (source_) {
    case Source::None: break;
    case Source::Rngb: ok = bool(rngb_.read(out)); break;
    case Source::Caam: ok = bool(caam_.read(out)); break;
  }
  if (ok && health_.examine(out)) return true;
  wipe(out);
  return false;
}

Result<> Entropy::start() {
  if (state_ == State::Ready) return kOk;
  if (state_ == State::Failed) return Error::Device;
  state_ = State::Failed;
  if (rngb_.present()) {
    source_ = Source::Rngb;
    GOTEE_TRY(rngb_.start());
  } else if (caam_.present()) {
    source_ = Source::Caam;
    GOTEE_TRY(caam_.start());
  }
  std::array<u8, 64> first{};
  static_assert(kHealthStartupSamples % first.size() == 0);
  for (u32 n = 0; n < kHealthStartupSamples; n += u32(first.size())) {
    if (!draw(first)) return Error::Device;
  }
  wipe(first);
  state_ = State::Ready;
  return kOk;
}

Result<> Entropy::fill(std::span<u8> out) {
  if (state_ == State::Ready && !draw(out)) state_ = State::Failed;
  if (state_ == State::Ready) return kOk;
  wipe(out);
  return Error::Device;
}

}  // namespace gotee::imx6ul
