// SPDX-License-Identifier: BSD-3-Clause
//
// INSECURE: numbers that look random and are known to everybody. For emulators, which have no entropy source;
// linked only with GOTEE_INSECURE_TEST_ENTROPY, and announced at every boot. The bytes are those of gotee-sim
// with seed 0 (the outputs of a Mersenne Twister, lowest byte first), so that runs can be compared.
#include <random>

#include "firmware/devices.h"
#include "firmware/late.h"

namespace gotee {
namespace {

using Generator = std::mt19937_64;
constinit Late<Generator> room;
constinit Generator* generator = nullptr;

Result<> fill(std::span<u8> out) {
  if (generator == nullptr) generator = &room.make(Generator::result_type{0});
  u64 word = 0;
  for (std::size_t i = 0; i < out.size(); ++i, word >>= 8) {
    if (i % 8 == 0) word = (*generator)();
    out[i] = u8(word);
  }
  return kOk;
}

}  // namespace

RandomSource test_entropy() { return fill; }

}  // namespace gotee
