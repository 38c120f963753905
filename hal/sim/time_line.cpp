// SPDX-License-Identifier: BSD-3-Clause
//
// Pieces of uninterrupted running.
#include "hal/sim/time_line.h"

#include <algorithm>

#include "hal/sim/clock.h"

namespace gotee::sim {

void TimeLine::go_on(u64 instruction, Instant now) { pieces_.push_back({instruction, now}); }

Instant TimeLine::at(u64 instruction) const {
  const auto later = std::upper_bound(pieces_.begin(), pieces_.end(), instruction,
                                      [](u64 n, const Piece& piece) { return n < piece.first; });
  if (later == pieces_.begin()) return {};
  const Piece& piece = *std::prev(later);
  return piece.start + Duration{(instruction - piece.first) * kNsPerInstruction};
}

void TimeLine::forget_before(u64 instruction) {
  auto first = pieces_.begin();
  while (pieces_.end() - first > 1 && first[1].first <= instruction) ++first;
  pieces_.erase(pieces_.begin(), first);
}

}  // namespace gotee::sim
