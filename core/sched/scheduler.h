// SPDX-License-Identifier: BSD-3-Clause
//
// Who runs next. It decides and never runs: a pure function of what it was told and of the time.
#pragma once
#include <array>

#include "core/base/panic.h"
#include "core/base/types.h"

namespace gotee {

inline constexpr std::size_t kMaxContexts = 9;  // eight applets and the supervisor's own context

/// Round robin with a quantum. Contexts are small numbers given by the caller.
class Scheduler {
 public:
  enum class State : u8 { Absent, Ready, Sleeping, Waiting, Done };
  enum class Verdict : u8 { Run, Idle, Deadlock, Finished };

  struct Decision {
    Verdict verdict = Verdict::Finished;
    u32 context = 0;   // Run: who
    Instant deadline;  // Run: until when at most; Idle: until when nobody can run
  };

  explicit constexpr Scheduler(Duration quantum) : quantum_{quantum} {}

  /// `essential`: the machine is finished when every essential context is done.
  void add(u32 context, bool essential);
  void sleep(u32 context, Instant until);
  /// Waiting is sleeping that wake() ends early; until = kNever is for ever.
  void wait(u32 context, Instant until);
  void wake(u32 context);
  void yield() { yielded_ = true; }
  void done(u32 context);
  void set_polling(u32 context, bool polling) { entry(context).polling = polling; }

  State state(u32 context) const { return entries_[context].state; }
  /// True when every context that could run now does nothing but ask the time.
  bool only_polling() const;
  /// The first instant at which a sleeper or waiter wakes; kNever when none will.
  Instant next_wake() const;

  /// Wakes who is due, then chooses. The current context keeps the processor until its quantum ends, it
  /// yields or it blocks; the next in order follows.
  Decision pick(Instant now);

 private:
  struct Entry {
    State state = State::Absent;
    bool essential = false;
    bool polling = false;
    Instant until;
  };
  Entry& entry(u32 context) {
    GOTEE_INVARIANT(context < kMaxContexts);
    return entries_[context];
  }
  bool others_ready() const;
  bool finished() const;

  Duration quantum_;
  std::array<Entry, kMaxContexts> entries_{};
  u32 current_ = kMaxContexts - 1;
  Instant slice_start_;
  bool yielded_ = true;
};

}  // namespace gotee
