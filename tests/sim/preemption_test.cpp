// SPDX-License-Identifier: BSD-3-Clause
//
// Preemption is exact, deterministic, and invisible to the applet.
#include "tests/sim/run.h"

namespace gotee::sim {
namespace {

SessionOptions small(u64 quantum) {
  SessionOptions options;
  options.quantum = quantum;
  options.region_size = 16u << 20;
  return options;
}

/// A stop after every `step` instructions, straight on the engine's own run().
TEST(Preemption, StoppingAfterAnyNumberOfInstructionsChangesNothing) {
  const auto whole = run({proof("preempt")}, small(500'000));
  const u64 instructions = whole->session->executed(0);
  const Context end = whole->applet().context;
  ASSERT_EQ(whole->applet().outcome, Outcome::Exited);
  for (u64 quantum = 1; quantum <= 1000; ++quantum) {
    // Two of them, so that each really is preempted.
    const auto r = run({proof("preempt"), proof("preempt")}, small(quantum));
    for (u32 i = 0; i < 2; ++i) {
      ASSERT_EQ(r->applet(i).outcome, Outcome::Exited) << "quantum " << quantum;
      ASSERT_EQ(r->session->executed(i), instructions) << "quantum " << quantum;
      ASSERT_EQ(r->applet(i).context, end) << "quantum " << quantum;
    }
    ASSERT_EQ(r->spoken(), "preempt hash 0x62c44942\npreempt hash 0x62c44942\n") << "quantum " << quantum;
  }
}

TEST(Preemption, FloatingPointSurvivesIt) {
  for (const u64 quantum : {u64{997}, u64{10'007}}) {
    const auto r = run({example("float"), example("float"), proof("coroutines")}, small(quantum));
    EXPECT_EQ(r->session->exit_code(), ExitCode::Ok) << quantum;
    EXPECT_NE(r->spoken().find("coroutines 18018000\n"), std::string::npos);
  }
}

TEST(Preemption, CompetitorsShareTheProcessorFairly) {
  SessionOptions options = small(10'000);
  options.max_instructions = 2'000'000;
  const auto r = run({example("compete_a"), example("compete_b")}, options);
  const auto a = double(r->session->executed(0)), b = double(r->session->executed(1));
  EXPECT_NEAR(a / (a + b), 0.5, 0.01);
}

TEST(Preemption, BudgetsEndAtTheExactInstruction) {
  for (const u64 budget : {1u, 2u, 3u, 100u, 1001u, 9999u, 15000u}) {
    SessionOptions options = small(500'000);
    options.max_instructions = budget;
    const auto r = run({example("containers")}, options);  // ARM start-up code, then Thumb newlib
    EXPECT_GE(r->session->backend().executed(), budget);
    EXPECT_LE(r->session->backend().executed(), budget + 3);  // an IT block is finished first
  }
}

TEST(Determinism, TwoRunsAreByteIdentical) {
  for (const char* name : {"mississippi", "random", "containers", "float"}) {
    const auto a = run({example(name)}), b = run({example(name)});
    EXPECT_EQ(a->console, b->console) << name;
    EXPECT_EQ(a->session->executed(0), b->session->executed(0)) << name;
    EXPECT_EQ(a->session->backend().clock.now(), b->session->backend().clock.now()) << name;
  }
}

TEST(Determinism, TheSeedDecidesTheRandomNumbers) {
  SessionOptions one, two;
  two.seed = 1;
  EXPECT_NE(run({example("random")}, one)->console, run({example("random")}, two)->console);
}

TEST(Determinism, AReplayInRealTimeGoesThroughTheSameInstructions) {
  SessionOptions options;
  options.realtime = true;
  options.max_virtual_ns = 1'500'000'000;
  const auto r = run({proof("poll")}, options);
  SessionSinks silent;
  silent.console = [](std::string_view) {};
  Session again{options, std::move(silent), false, &r->session->backend().clock.recording()};
  ASSERT_FALSE(again.load(r->images[0]));
  again.run();
  EXPECT_EQ(again.executed(0), r->session->executed(0));
  EXPECT_EQ(again.backend().clock.now(), r->session->backend().clock.now());
}

}  // namespace
}  // namespace gotee::sim
