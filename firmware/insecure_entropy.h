// SPDX-License-Identifier: BSD-3-Clause
//
// INSECURE: numbers that look random and are known to everybody. For emulators, which have no entropy source;
// compiled only with GOTEE_INSECURE_TEST_ENTROPY, and announced at every boot.
#pragma once
#include <span>

#include "core/base/result.h"

namespace gotee {

/// The same bytes as gotee-sim gives with --seed 0, so that runs can be compared. Never fails.
Result<> insecure_test_entropy(std::span<u8> out);

}  // namespace gotee
