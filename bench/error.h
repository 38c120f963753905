// SPDX-License-Identifier: BSD-3-Clause
//
// How a measurement fails.
#pragma once
#include <string>

namespace gotee::bench {

/// Thrown when a run does not do what it is measured for; a number from it would be worth nothing.
struct Failure {
  std::string what;
};

}  // namespace gotee::bench
