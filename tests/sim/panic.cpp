// SPDX-License-Identifier: BSD-3-Clause
//
// A broken invariant fails the test that broke it.
#include "core/base/panic.h"

#include <stdexcept>

namespace gotee {

void panic(const char* what) { throw std::logic_error{what}; }

}  // namespace gotee
