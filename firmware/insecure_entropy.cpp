// SPDX-License-Identifier: BSD-3-Clause
//
// INSECURE: a seeded Mersenne Twister, seed 0, one byte of each output.
#include "firmware/insecure_entropy.h"

#include <random>

#include "firmware/late.h"

namespace gotee {
namespace {

using Generator = std::mt19937_64;
constinit Late<Generator> room;
constinit Generator* generator = nullptr;

}  // namespace

Result<> insecure_test_entropy(std::span<u8> out) {
  if (generator == nullptr) generator = &room.make(Generator::result_type{0});
  for (u8& byte : out) byte = u8((*generator)());
  return kOk;
}

}  // namespace gotee
