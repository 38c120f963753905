// SPDX-License-Identifier: BSD-3-Clause
//
// Round robin.
#include "core/sched/scheduler.h"

#include <algorithm>

namespace gotee {

void Scheduler::add(u32 context, bool essential) { entry(context) = {State::Ready, essential, false, {}}; }

void Scheduler::sleep(u32 context, Instant until) {
  entry(context).state = State::Sleeping;
  entry(context).until = until;
}

void Scheduler::wait(u32 context, Instant until) {
  entry(context).state = State::Waiting;
  entry(context).until = until;
}

void Scheduler::wake(u32 context) {
  if (entry(context).state == State::Waiting) entry(context).state = State::Ready;
}

void Scheduler::done(u32 context) { entry(context).state = State::Done; }

bool Scheduler::only_polling() const {
  return std::none_of(entries_.begin(), entries_.end(),
                      [](const Entry& e) { return e.state == State::Ready && !e.polling; });
}

bool Scheduler::others_ready() const {
  for (u32 i = 0; i < kMaxContexts; ++i) {
    if (i != current_ && entries_[i].state == State::Ready) return true;
  }
  return false;
}

bool Scheduler::finished() const {
  return std::none_of(entries_.begin(), entries_.end(), [](const Entry& e) {
    return e.essential && e.state != State::Absent && e.state != State::Done;
  });
}

Instant Scheduler::next_wake() const {
  Instant first = kNever;
  for (const Entry& e : entries_) {
    if (e.state == State::Sleeping || e.state == State::Waiting) first = std::min(first, e.until);
  }
  return first;
}

Scheduler::Decision Scheduler::pick(Instant now) {
  if (finished()) return {Verdict::Finished, 0, {}};
  for (Entry& e : entries_) {
    const bool blocked = e.state == State::Sleeping || e.state == State::Waiting;
    if (blocked && e.until != kNever && e.until <= now) e.state = State::Ready;
  }
  const bool slice_over = others_ready() && now >= slice_start_ + quantum_;
  if (entries_[current_].state != State::Ready || yielded_ || slice_over) {
    u32 tried = 1;
    while (tried <= kMaxContexts && entries_[(current_ + tried) % kMaxContexts].state != State::Ready)
      ++tried;
    if (tried > kMaxContexts) {
      const Instant wake = next_wake();
      return {wake == kNever ? Verdict::Deadlock : Verdict::Idle, 0, wake};
    }
    current_ = u32((current_ + tried) % kMaxContexts);
    slice_start_ = now;
    yielded_ = false;
  }
  // Alone, a context runs until somebody wakes: a quantum would only cost.
  const Instant end = others_ready() ? slice_start_ + quantum_ : next_wake();
  return {Verdict::Run, current_, end};
}

}  // namespace gotee
