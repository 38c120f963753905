// SPDX-License-Identifier: BSD-3-Clause
//
// Who runs next: order, quantum, sleep, and agreement with a second, naive scheduler.
#include "core/sched/scheduler.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <stdexcept>
#include <vector>

namespace gotee {
namespace {

using Verdict = Scheduler::Verdict;
constexpr Duration kQuantum{100};

void expect_run(const Scheduler::Decision& got, u32 context, Instant deadline) {
  EXPECT_EQ(got.verdict, Verdict::Run);
  EXPECT_EQ(got.context, context);
  EXPECT_EQ(got.deadline.ns, deadline.ns);
}

Scheduler with(u32 contexts) {
  Scheduler s{kQuantum};
  for (u32 i = 0; i < contexts; ++i) s.add(i, true);
  return s;
}

TEST(Scheduler, StartsWithTheFirstContextAndGoesRound) {
  Scheduler s = with(3);
  u64 now = 1;
  for (u32 turn = 0; turn < 9; ++turn, now += 100) expect_run(s.pick({now}), turn % 3, {now + 100});
}

TEST(Scheduler, KeepsTheProcessorUntilTheQuantumEnds) {
  Scheduler s = with(2);
  expect_run(s.pick({1000}), 0, {1100});
  expect_run(s.pick({1001}), 0, {1100});
  expect_run(s.pick({1099}), 0, {1100});
  expect_run(s.pick({1100}), 1, {1200});
}

TEST(Scheduler, AQuantumStartsWhenTheContextDoes) {
  Scheduler s = with(2);
  expect_run(s.pick({1000}), 0, {1100});
  expect_run(s.pick({1500}), 1, {1600});  // late by 400, and yet 1 gets its whole quantum
}

TEST(Scheduler, YieldGivesTheRestOfTheQuantumAwayOnce) {
  Scheduler s = with(3);
  expect_run(s.pick({10}), 0, {110});
  s.yield();
  expect_run(s.pick({20}), 1, {120});
  expect_run(s.pick({30}), 1, {120});
}

TEST(Scheduler, YieldAloneReturnsToTheSameContext) {
  Scheduler s = with(1);
  expect_run(s.pick({10}), 0, kNever);
  s.yield();
  expect_run(s.pick({20}), 0, kNever);
}

TEST(Scheduler, SleepersWakeInOrderOfTimeNotOfNumber) {
  Scheduler s = with(3);
  s.sleep(0, {500});
  s.sleep(1, {300});
  s.sleep(2, {400});
  auto idle = s.pick({1});
  EXPECT_EQ(idle.verdict, Verdict::Idle);
  EXPECT_EQ(idle.deadline.ns, 300u);
  EXPECT_EQ(s.pick({299}).verdict, Verdict::Idle);
  expect_run(s.pick({300}), 1, {400});
  s.sleep(1, {9000});
  EXPECT_EQ(s.pick({310}).deadline.ns, 400u);
  expect_run(s.pick({400}), 2, {500});
  EXPECT_EQ(s.state(0), Scheduler::State::Sleeping);
  s.sleep(2, {9000});
  expect_run(s.pick({500}), 0, {9000});
}

TEST(Scheduler, WakeEndsAWaitButNotASleep) {
  Scheduler s = with(2);
  s.sleep(0, {500});
  s.wait(1, kNever);
  s.wake(0);
  EXPECT_EQ(s.state(0), Scheduler::State::Sleeping);
  EXPECT_EQ(s.pick({1}).deadline.ns, 500u);
  s.wake(1);
  expect_run(s.pick({2}), 1, {500});
}

TEST(Scheduler, WakeOfADoneContextDoesNothing) {
  Scheduler s = with(2);
  s.done(0);
  s.wake(0);
  EXPECT_EQ(s.state(0), Scheduler::State::Done);
  s.wake(5);
  EXPECT_EQ(s.state(5), Scheduler::State::Absent);
}

TEST(Scheduler, AWaitWithADeadlineEndsAtIt) {
  Scheduler s = with(1);
  s.wait(0, {50});
  EXPECT_EQ(s.pick({49}).verdict, Verdict::Idle);
  expect_run(s.pick({50}), 0, kNever);
}

TEST(Scheduler, WaitingForEverIsADeadlockUnlessSomebodyWillWake) {
  Scheduler s = with(2);
  s.wait(0, kNever);
  s.sleep(1, {100});
  EXPECT_EQ(s.pick({1}).verdict, Verdict::Idle);
  s.wait(1, kNever);
  EXPECT_EQ(s.pick({1}).verdict, Verdict::Deadlock);
  EXPECT_EQ(s.pick(kNever).verdict, Verdict::Deadlock);
}

TEST(Scheduler, SleepingForEverNeverWakes) {
  Scheduler s = with(1);
  s.sleep(0, kNever);
  EXPECT_EQ(s.pick(kNever).verdict, Verdict::Deadlock);
}

TEST(Scheduler, OnlyEssentialContextsKeepTheMachineGoing) {
  Scheduler s = with(2);
  s.add(8, false);
  s.done(0);
  EXPECT_EQ(s.pick({1}).verdict, Verdict::Run);
  s.done(1);
  EXPECT_EQ(s.state(8), Scheduler::State::Ready);
  EXPECT_EQ(s.pick({1}).verdict, Verdict::Finished);
}

TEST(Scheduler, NothingAddedIsFinished) {
  Scheduler s{kQuantum};
  EXPECT_EQ(s.pick({1}).verdict, Verdict::Finished);
}

TEST(Scheduler, TheLastContextOfTheTableTakesItsTurn) {
  Scheduler s = with(1);
  s.add(kMaxContexts - 1, false);
  expect_run(s.pick({1}), 0, {101});
  expect_run(s.pick({101}), kMaxContexts - 1, {201});
  expect_run(s.pick({201}), 0, {301});
}

TEST(Scheduler, AloneAContextRunsUntilTheNextSleeperWakes) {
  Scheduler s = with(2);
  s.sleep(1, {777});
  expect_run(s.pick({1}), 0, {777});
  s.wait(1, kNever);
  expect_run(s.pick({2}), 0, kNever);
}

TEST(Scheduler, AWakeDuringALongSoloRunEndsItWhenItsQuantumIsOver) {
  Scheduler s = with(2);
  s.sleep(1, {777});
  expect_run(s.pick({1}), 0, {777});
  expect_run(s.pick({777}), 1, {877});  // 0 has had far more than its quantum
}

TEST(Scheduler, OnlyPollingMeansThatEveryReadyContextPolls) {
  Scheduler s = with(3);
  EXPECT_FALSE(s.only_polling());
  s.set_polling(0, true);
  s.set_polling(1, true);
  EXPECT_FALSE(s.only_polling());
  s.sleep(2, {100});
  EXPECT_TRUE(s.only_polling());
  s.set_polling(1, false);
  EXPECT_FALSE(s.only_polling());
  s.done(1);
  EXPECT_TRUE(s.only_polling());
}

TEST(Scheduler, NextWakeIsTheEarliestOfSleepersAndWaiters) {
  Scheduler s = with(4);
  EXPECT_EQ(s.next_wake(), kNever);
  s.sleep(0, {300});
  s.wait(1, {200});
  s.wait(2, kNever);
  EXPECT_EQ(s.next_wake().ns, 200u);
  s.done(1);
  EXPECT_EQ(s.next_wake().ns, 300u);
}

TEST(Scheduler, AContextBeyondTheTableIsABug) {
  Scheduler s{kQuantum};
  EXPECT_THROW(s.add(kMaxContexts, true), std::logic_error);
}

/// The obvious scheduler: a queue in which the running context stands first.
class Reference {
 public:
  explicit Reference(u32 contexts) {
    for (u32 i = 0; i < contexts; ++i) ring_.push_back(i);
  }
  void block(u32 context, u64 until) { asleep_[context] = until; }
  void yield() { yield_ = true; }

  /// {context, deadline}, or {-1, earliest wake} when all sleep.
  std::pair<i64, u64> pick(u64 now) {
    std::erase_if(asleep_, [&](const auto& s) { return s.second <= now; });
    u64 wake = UINT64_MAX;
    for (const auto& [context, until] : asleep_) wake = std::min(wake, until);
    if (asleep_.size() == ring_.size()) return {-1, wake};
    const std::size_t ready = ring_.size() - asleep_.size();
    const bool stays = running_ && !yield_ && asleep_.count(ring_.front()) == 0 &&
                       (ready == 1 || now < started_ + kQuantum.ns);
    if (!stays) {
      if (running_) rotate();
      while (asleep_.count(ring_.front()) != 0) rotate();
      running_ = true, yield_ = false, started_ = now;
    }
    return {ring_.front(), ready > 1 ? started_ + kQuantum.ns : wake};
  }

 private:
  void rotate() { std::rotate(ring_.begin(), ring_.begin() + 1, ring_.end()); }
  std::vector<u32> ring_;
  std::map<u32, u64> asleep_;
  bool running_ = false, yield_ = false;
  u64 started_ = 0;
};

TEST(Scheduler, AgreesWithTheNaiveSchedulerForThousandsOfPicks) {
  for (u32 seed = 0; seed < 20; ++seed) {
    std::mt19937 random{seed};
    const u32 contexts = 1 + seed % u32(kMaxContexts);
    Scheduler s = with(contexts);
    Reference reference{contexts};
    u64 now = 1;
    for (u32 step = 0; step < 1000; ++step) {
      const auto got = s.pick({now});
      const auto [want, deadline] = reference.pick(now);
      ASSERT_EQ(got.deadline.ns, deadline) << "seed " << seed << " step " << step;
      if (want < 0) {
        ASSERT_EQ(got.verdict, Verdict::Idle);
        now = deadline;
        continue;
      }
      ASSERT_EQ(got.verdict, Verdict::Run);
      ASSERT_EQ(got.context, u32(want)) << "seed " << seed << " step " << step;
      now += random() % 60;
      switch (random() % 8) {
        case 0:
        case 1: {
          const u64 until = now + 1 + random() % 400;
          random() % 2 == 0 ? s.sleep(got.context, {until}) : s.wait(got.context, {until});
          reference.block(got.context, until);
          break;
        }
        case 2: s.yield(), reference.yield(); break;
        default: break;
      }
    }
  }
}

TEST(Scheduler, NobodyStarvesUnderRandomSleeps) {
  std::mt19937 random{7};
  constexpr u32 kContexts = 5;
  Scheduler s = with(kContexts);
  std::vector<u64> ran(kContexts), ready_since(kContexts, 1);
  u64 now = 1;
  for (u32 step = 0; step < 1000; ++step) {
    const auto got = s.pick({now});
    if (got.verdict == Verdict::Idle) {
      now = got.deadline.ns;
      continue;
    }
    ASSERT_EQ(got.verdict, Verdict::Run);
    // Whoever is ready waits for at most one quantum of each other context.
    if (ready_since[got.context] <= now) {
      EXPECT_LE(now - ready_since[got.context], (kContexts - 1) * kQuantum.ns) << step;
    }
    now = got.deadline == kNever ? now + kQuantum.ns : std::min(got.deadline.ns, now + kQuantum.ns);
    ++ran[got.context];
    ready_since[got.context] = now;
    if (random() % 4 == 0) {
      const u64 until = now + random() % 300;
      s.sleep(got.context, {until});
      ready_since[got.context] = until;
    }
  }
  for (const u64 turns : ran) EXPECT_GT(turns, 100u);
}

}  // namespace
}  // namespace gotee
