// SPDX-License-Identifier: BSD-3-Clause
//
// The native ABI, proved from inside: each applet checks one thing that images built by others depend on.
#include "tests/sim/run.h"

namespace gotee::sim {
namespace {

struct Proof {
  const char* applet;
  const char* says;
};
void PrintTo(const Proof& proof, std::ostream* out) { *out << proof.applet; }

class AbiTest : public testing::TestWithParam<Proof> {};

TEST_P(AbiTest, HoldsFromInside) {
  const auto r = run({proof(GetParam().applet)});
  EXPECT_EQ(r->spoken(), GetParam().says);
  EXPECT_EQ(r->applet().outcome, Outcome::Exited);
}

// The checksums of thumb, ldm and preempt were computed by independent models of these programs.
const Proof kProofs[] = {
    {"bytes", "\u00e9\u2713\nregisters preserved\n"},
    {"rpc_short", "short reads whole\n"},
    {"bss", "bss zero\nheap walked\n"},
    {"poll", "polled five seconds\n"},
    {"coroutines", "coroutines 18018000\n"},
    {"cntpct", "CNTFRQ 8000000\nCNTPCT monotonic\n"},
    {"thumb", "thumb checksum 0xe65f4e1a\n"},
    {"ldm", "ldm checksum 0x7de6c22a\n"},
    {"preempt", "preempt hash 0x62c44942\n"},
};
INSTANTIATE_TEST_SUITE_P(Proofs, AbiTest, testing::ValuesIn(kProofs),
                         [](const auto& i) { return i.param.applet; });

TEST(Abi, PollingForFiveSecondsIsNotLate) {
  const auto r = run({proof("poll")});
  const u64 ns = r->session->backend().clock.now().ns;
  EXPECT_GE(ns, 5'000'000'000u);
  EXPECT_LT(ns, 5'010'000'000u);
}

TEST(Abi, SleepingAnHourTakesNoTime) {
  const auto r = run({proof("sleepers")});
  EXPECT_EQ(r->spoken(), "00:00:00 asleep\n01:00:00 awake\n");
  EXPECT_LT(r->session->backend().executed(), 1'000'000u);
}

TEST(Abi, WaitingForNobodyIsADeadlockAndEnds) {
  const auto r = run({proof("deadlock")});
  EXPECT_TRUE(r->session->deadlocked());
  EXPECT_EQ(r->session->exit_code(), ExitCode::Budget);
}

}  // namespace
}  // namespace gotee::sim
