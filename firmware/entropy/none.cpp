// SPDX-License-Identifier: BSD-3-Clause
//
// A build for real boards has no substitute for entropy.
#include "firmware/devices.h"

namespace gotee {

RandomSource test_entropy() { return nullptr; }

}  // namespace gotee
