// SPDX-License-Identifier: BSD-3-Clause
//
// What this machine has of what only silicon has: each block is looked for, used if it is there, and its
// absence said aloud.
#pragma once
#include "core/base/text.h"
#include "hal/imx6ul/backend.h"

namespace gotee {

/// Clocks and identity, entropy, watchdog, and the guard against the Normal world, into `devices`.
void find_devices(imx6ul::Devices& devices);
/// One line for each block that was found or is missing, each starting with "machine: ".
void describe_devices(hal::Machine& machine, const imx6ul::Clock& clock);
/// From now on the chip is reset when nothing touches the watchdog for 8 s.
Result<> start_watchdog(imx6ul::Devices& devices);

/// Defined by firmware/entropy/: the insecure test source, or nothing where the build has none.
using RandomSource = Result<> (*)(std::span<u8>);
RandomSource test_entropy();

}  // namespace gotee
