// SPDX-License-Identifier: BSD-3-Clause
//
// How a run ended, in one number: gotee-sim's exit code, and what the firmware tells an emulator.
#pragma once
#include <algorithm>
#include <span>

#include "core/exec/applet.h"

namespace gotee {

/// Design 4.2.
enum class ExitCode : int { Ok = 0, Bug = 1, Usage = 2, Faulted = 3, Panicked = 4, Budget = 5, Lockstep = 6 };

/// With several applets the first that applies, in the order 3, 6, 4, 5, 0. One still running ran out of
/// something: a budget, or anything that could ever wake it.
inline ExitCode exit_code_of(std::span<const Applet> applets) {
  const auto any = [&](Outcome outcome) {
    return std::any_of(applets.begin(), applets.end(), [&](const Applet& a) { return a.outcome == outcome; });
  };
  if (any(Outcome::Faulted)) return ExitCode::Faulted;
  if (any(Outcome::Lockstep)) return ExitCode::Lockstep;
  if (any(Outcome::Panicked)) return ExitCode::Panicked;
  return any(Outcome::Running) ? ExitCode::Budget : ExitCode::Ok;
}

}  // namespace gotee
