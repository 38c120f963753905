// SPDX-License-Identifier: BSD-3-Clause
//
// Round robin.
#include "core/sched/scheduler.h"

#include <algorithm>

namespace gotee {

void Scheduler::add(u32 context, bool essential) {
  assign(essential_, context, essential);
  assign(polling_, context, false);
  enter(context, State::Ready);
}

void Scheduler::wake(u32 context) {
  GOTEE_INVARIANT(context < kMaxContexts);
  if (entries_[context].state == State::Waiting) enter(context, State::Ready);
}

void Scheduler::enter(u32 context, State state) {
  const bool blocked = state == State::Sleeping || state == State::Waiting;
  assign(ready_, context, state == State::Ready);
  assign(blocked_, context, blocked);
  assign(alive_, context, blocked || state == State::Ready);
  entries_[context].state = state;
  settled_ = false;
  find_next_wake();
}

void Scheduler::block(u32 context, State state, Instant until) {
  GOTEE_INVARIANT(context < kMaxContexts);
  entries_[context].until = until;
  enter(context, state);
}

void Scheduler::find_next_wake() {
  next_wake_ = kNever;
  for (u32 left = blocked_; left != 0; left &= left - 1) {
    next_wake_ = std::min(next_wake_, entries_[u32(__builtin_ctz(left))].until);
  }
}

void Scheduler::wake_due(Instant now) {
  for (u32 left = blocked_; left != 0; left &= left - 1) {
    const auto context = u32(__builtin_ctz(left));
    if (entries_[context].until != kNever && entries_[context].until <= now) enter(context, State::Ready);
  }
}

/// Make the next ready context behind the current one the current one, which comes last itself.
bool Scheduler::rotate(Instant now) {
  if (ready_ == 0) return false;
  const u32 behind = ready_ & ~((2u << current_) - 1);
  current_ = u32(__builtin_ctz(behind != 0 ? behind : ready_));
  slice_end_ = now + quantum_;
  yielded_ = false;
  return true;
}

Scheduler::Decision Scheduler::pick(Instant now) {
  if ((alive_ & essential_) == 0) return {Verdict::Finished, 0, {}};
  if (now >= next_wake_) wake_due(now);
  const u32 self = 1u << current_;
  const bool slice_over = (ready_ & ~self) != 0 && now >= slice_end_;
  if ((ready_ & self) == 0 || yielded_ || slice_over) {
    if (!rotate(now)) return {next_wake_ == kNever ? Verdict::Deadlock : Verdict::Idle, 0, next_wake_};
  }
  settled_ = true;
  // Alone, a context runs until somebody wakes: a quantum would only cost.
  const bool alone = (ready_ & ~(1u << current_)) == 0;
  return {Verdict::Run, current_, alone ? next_wake_ : slice_end_};
}

}  // namespace gotee
