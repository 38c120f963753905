// SPDX-License-Identifier: BSD-3-Clause
//
// Lockstep: an applet runs twice, in memory of its own each time, and both runs must agree at every trap.
// Opportunistic, like GoTEE's: it finds faults that reach a register or memory before the next system call.
#pragma once
#include <array>

#include "core/base/text.h"
#include "core/exec/context.h"
#include "core/fault/trap.h"
#include "core/mem/address_space.h"
#include "hal/machine.h"

namespace gotee {

/// Pages of a region, one bit each.
class PageSet {
 public:
  void add(u32 page) { words_[page / 32] |= 1u << (page % 32); }
  bool has(u32 page) const { return (words_[page / 32] >> (page % 32) & 1) != 0; }
  void clear() { words_.fill(0); }
  template <class Visit>
  void each(Visit visit) const {
    for (u32 w = 0; w < words_.size(); ++w) {
      for (u32 left = words_[w]; left != 0; left &= left - 1) visit(w * 32 + u32(__builtin_ctz(left)));
    }
  }

 private:
  std::array<u32, kMaxRegionSize / kPageSize / 32> words_{};
};

/// The pair of one applet. Written pages are found by the MMU itself: a page is read-only until one of the
/// two writes to it, and from then on it is compared at every trap.
struct Lockstep {
  bool enabled = false;
  hal::Space space{};   // the shadow's
  AddressSpace memory;  // the shadow's
  Context shadow;
  bool shadow_turn = false;  // the primary has trapped, the shadow has not yet
  Trap primary_trap;
  Duration primary_time, shadow_time;  // since the last agreement
  PageSet written;
  u32 written_count = 0;
};

struct Applet;

/// What a lockstep run came to. `disagreement` is empty unless the contexts differ.
struct LockstepResult {
  Trap trap;
  FixedText<96> disagreement;
};

/// Start tracking, before the machine sees the tables: every writable page of both spaces becomes read-only.
void lockstep_begin(Applet& applet);
/// Run the pair until both have trapped alike, or the deadline passes (trap Expired). `inject_percent` is the
/// chance in a hundred that one bit of the shadow's registers is flipped before it runs.
LockstepResult lockstep_run(hal::Machine& machine, Applet& applet, Instant deadline, u32 inject_percent);
/// The supervisor is about to write there on the applet's behalf: both copies are writable and compared from
/// now.
void lockstep_open(hal::Machine& machine, Applet& applet, VirtAddr base, u32 size);

}  // namespace gotee
