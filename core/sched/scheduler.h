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
  void sleep(u32 context, Instant until) { block(context, State::Sleeping, until); }
  /// Waiting is sleeping that wake() ends early; until = kNever is for ever.
  void wait(u32 context, Instant until) { block(context, State::Waiting, until); }
  void wake(u32 context);
  void yield() { yielded_ = true, settled_ = false; }
  void done(u32 context) { enter(context, State::Done); }
  void set_polling(u32 context, bool polling) { assign(polling_, context, polling); }

  State state(u32 context) const { return entries_[context].state; }
  /// True when every context that could run now does nothing but ask the time.
  bool only_polling() const { return (ready_ & ~polling_) == 0; }
  /// The first instant at which a sleeper or waiter wakes; kNever when none will.
  Instant next_wake() const { return next_wake_; }

  /// Wakes who is due, then chooses. The current context keeps the processor until its quantum ends, it
  /// yields or it blocks; the next in order follows. The common case costs no loop.
  Decision pick(Instant now);
  /// True while what pick() answered last still holds, the time apart: nobody has come, gone or yielded
  /// since.
  bool settled() const { return settled_; }

 private:
  struct Entry {
    State state = State::Absent;
    Instant until;
  };
  static void assign(u32& set, u32 context, bool member) {
    GOTEE_INVARIANT(context < kMaxContexts);
    set = (set & ~(1u << context)) | u32(member) << context;
  }
  void enter(u32 context, State state);
  void block(u32 context, State state, Instant until);
  void find_next_wake();
  void wake_due(Instant now);
  bool rotate(Instant now);

  Duration quantum_;
  std::array<Entry, kMaxContexts> entries_{};
  // Sets of contexts, one bit each: what `entries_` says, in a form that pick() need not search.
  u32 ready_ = 0, blocked_ = 0, essential_ = 0, polling_ = 0;
  u32 alive_ = 0;  // neither absent nor done
  Instant next_wake_{kNever};
  u32 current_ = kMaxContexts - 1;
  Instant slice_end_;
  bool yielded_ = true;
  bool settled_ = false;
};

}  // namespace gotee
