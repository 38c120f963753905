// SPDX-License-Identifier: BSD-3-Clause
//
// The same run again, to see its end more closely.
#pragma once
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "simulator/session.h"
#include "simulator/trace.h"

namespace gotee::sim {

/// The last instructions of an applet, oldest first.
using LastInstructions = std::vector<TraceEntry>;

/// Asked now and then with how far the replay is; false ends it.
using GoOn = std::function<bool(u64 instructions, Instant virtual_time)>;

/// Runs everything again, silently and once, and collects the last `count` instructions of each of `applets`
/// up to its end, in the order of `applets`. Nothing when `go_on` ended it before.
std::optional<std::vector<LastInstructions>> replay_last(const SessionOptions& options,
                                                         const std::vector<AppletImage>& images,
                                                         const Session& first, std::span<const u32> applets,
                                                         u64 count, const GoOn& go_on);

}  // namespace gotee::sim
