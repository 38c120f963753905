// SPDX-License-Identifier: BSD-3-Clause
//
// When each instruction of an engine ran: what the counters that PL0 reads must show.
#pragma once
#include <vector>

#include "core/base/types.h"

namespace gotee::sim {

/// A function from the engine's instructions to time, so that the second of a lockstep pair, which comes to
/// the same instruction later, can be shown what the first one saw there.
class TimeLine {
 public:
  /// The engine goes on with its `instruction`-th (from 0), and it is `now`.
  void go_on(u64 instruction, Instant now);
  /// The time at an instruction that has been reached. Nothing has to have been told yet.
  Instant at(u64 instruction) const;
  /// Nobody will ask about the instructions before this one any more.
  void forget_before(u64 instruction);

 private:
  struct Piece {
    u64 first;
    Instant start;
  };
  std::vector<Piece> pieces_;
};

}  // namespace gotee::sim
