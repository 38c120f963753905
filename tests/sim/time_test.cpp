// SPDX-License-Identifier: BSD-3-Clause
//
// Simulated time: monotonic, more than 0, less than 2^63 nanoseconds, and one for both of a lockstep pair.
#include "hal/sim/time_line.h"
#include "tests/sim/run.h"

namespace gotee::sim {
namespace {

bool always() { return true; }

TEST(Clock, StandsStillAtTheEndOfTime) {
  Clock clock{Clock::Mode::Virtual};
  Instant last = clock.now();
  EXPECT_GT(last.ns, 0u);
  for (const u64 until : {u64{1} << 62, u64{INT64_MAX} - 1, UINT64_MAX - 1, UINT64_MAX}) {
    clock.idle({until}, always);
    EXPECT_GE(clock.now(), last);
    EXPECT_GT(i64(clock.now().ns), 0);
    last = clock.now();
  }
  clock.executed(u64{1} << 40);
  EXPECT_EQ(clock.now(), kEndOfTime);
  clock.executed(UINT64_MAX / 4);
  EXPECT_EQ(clock.now(), kEndOfTime);
}

TEST(Clock, ReplaysSkipsThatReachTheEnd) {
  Clock replay{Clock::Mode::Replay, {u64{1} << 62, u64{INT64_MAX}, UINT64_MAX}};
  for (u32 i = 0; i < 4; ++i) replay.follow();
  EXPECT_EQ(replay.now(), kEndOfTime);
}

TEST(TimeLine, IsPiecewiseAndLinear) {
  TimeLine line;
  EXPECT_EQ(line.at(7).ns, 0u);
  line.go_on(0, {1000});
  line.go_on(10, {5000});  // somebody else ran in between
  EXPECT_EQ(line.at(0).ns, 1000u);
  EXPECT_EQ(line.at(9).ns, 1000 + 9 * kNsPerInstruction);
  EXPECT_EQ(line.at(10).ns, 5000u);
  EXPECT_EQ(line.at(12).ns, 5000 + 2 * kNsPerInstruction);
}

TEST(TimeLine, ForgetsOnlyWhatIsBehind) {
  TimeLine line;
  for (u64 i = 0; i < 5; ++i) line.go_on(10 * i, {1000 * (i + 1)});
  line.forget_before(25);
  EXPECT_EQ(line.at(25).ns, 3000 + 5 * kNsPerInstruction);
  EXPECT_EQ(line.at(45).ns, 5000 + 5 * kNsPerInstruction);
  line.forget_before(1000);
  EXPECT_EQ(line.at(1000).ns, 5000 + 960 * kNsPerInstruction);
}

TEST(Time, SleepingForEverIsADeadlockAndTimeNeverGoesBack) {
  const auto r = run({proof("end_of_time")});
  EXPECT_NE(r->console.find("asleep\nawake\n"), std::string::npos) << r->console;
  EXPECT_EQ(r->console.find("time"), std::string::npos) << r->console;
  EXPECT_TRUE(r->session->deadlocked());
  EXPECT_EQ(r->session->exit_code(), ExitCode::Budget);
}

SessionOptions lockstep(u64 quantum = SessionOptions{}.quantum) {
  SessionOptions options;
  options.lockstep = true;
  options.quantum = quantum;
  options.region_size = 16u << 20;
  return options;
}

TEST(Time, ALockstepPairSeesTheSameCounters) {
  const auto r = run({proof("cntpct")}, lockstep());
  EXPECT_EQ(r->session->exit_code(), ExitCode::Ok);
  EXPECT_EQ(r->spoken(), "CNTFRQ 8000000\nCNTPCT monotonic\n");
}

TEST(Time, ALockstepPairSeesTheTimeWhateverComesBetween) {
  for (const u64 quantum : {u64{7}, u64{113}, u64{997}, u64{500'000}}) {
    const auto r = run({proof("lockstep_time"), proof("lockstep_time")}, lockstep(quantum));
    EXPECT_EQ(r->session->exit_code(), ExitCode::Ok) << quantum;
    EXPECT_EQ(r->spoken(), "lockstep time is the time\nlockstep time is the time\n") << quantum;
  }
  EXPECT_EQ(run({proof("lockstep_time")})->session->exit_code(), ExitCode::Ok) << "without lockstep as well";
}

}  // namespace
}  // namespace gotee::sim
