// SPDX-License-Identifier: BSD-3-Clause
//
// Two runs of one applet: what agreement lets through, which disagreements are found and how they are named.
#include "core/monitor/lockstep.h"

#include <gtest/gtest.h>

#include <bit>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/monitor/kernel.h"
#include "tests/fake/backend.h"
#include "tests/fake/image.h"
#include "tests/fake/steps.h"

namespace gotee {
namespace {

using fake::after;
using fake::data_abort;
using fake::expired;
using fake::Step;
using fake::svc;

constexpr Access kR = Access::Read, kW = Access::Write, kX = Access::Execute;
constexpr u32 kExit = 0, kWrite = 1, kNanotime = 2, kGetRandom = 3, kRpcRequest = 4, kRpcResponse = 5;
constexpr u32 kData = 0x10020000;  // read-write, 32 pages
constexpr u32 kConstants = 0x10060000;
constexpr std::string_view kRequest = R"({"method":"RPC.LED","params":[{"Name":"blue","On":true}],"id":7})"
                                      "\n";

class LockstepTest : public testing::Test {
 protected:
  void create(u32 inject_percent = 0) {
    kernel = std::make_unique<Kernel>(
        machine,
        KernelOptions{
            .quantum = {10'000'000}, .lockstep = true, .inject_percent = inject_percent, .burst = 1});
    const std::vector<u8> request{kRequest.begin(), kRequest.end()};
    const auto image = fake::Image{}
                           .text({0xef000000, 0xef000000})
                           .segment(kData, {}, 32 * kPageSize, kR | kW)
                           .segment(kConstants, request, u32(request.size()), kR)
                           .build();
    const auto refused = kernel->load("twins", image, {1u << 20, false});
    ASSERT_FALSE(refused) << refused->view();
    backend.console.clear();
  }
  void SetUp() override { create(); }

  const Applet& applet() { return kernel->applets()[0]; }
  const AddressSpace& memory(u32 space) { return space == 0 ? applet().memory : applet().lockstep.memory; }
  void add(u32 space, Step step) { backend.space_script[space].push_back(std::move(step)); }
  void both(const Step& step) { add(0, step), add(1, step); }
  void run() {
    for (u32 n = 0; n < 10'000; ++n) {
      if (kernel->step() == Kernel::Step::Finished) return;
    }
    FAIL() << "it never ends";
  }

  /// `strb`, as the MMU sees it: tried again after a fault, then `next`.
  Step store(u32 space, u32 at, u8 value, const Step& next) {
    return [=, this](Context& c) {
      if (const auto status = memory(space).tables().user_fault({at}, kW)) {
        backend.space_script[space].push_front(store(space, at, value, next));
        return Trap{TrapKind::DataAbort, c.pc(), {at}, *status};
      }
      backend.dram.write(memory(space).tables().walk({at}).address, {&value, 1});
      return next(c);
    };
  }
  void store_both(u32 at, u8 value, const Step& next) {
    add(0, store(0, at, value, next)), add(1, store(1, at, value, next));
  }
  std::vector<u8> bytes(u32 space, u32 at, u32 size) {
    return backend.dram.bytes(memory(space).tables().walk({at}).address, size);
  }
  bool writable(u32 space, u32 at) { return !memory(space).tables().user_fault({at}, kW); }
  std::vector<u32> order() {
    std::vector<u32> spaces;
    for (const auto& r : backend.runs) spaces.push_back(u32(r.space));
    return spaces;
  }
  void expect_disagreement(std::string_view reason) {
    EXPECT_EQ(applet().outcome, Outcome::Lockstep);
    EXPECT_EQ(applet().fault.kind, FaultKind::Lockstep);
    EXPECT_EQ(applet().fault.reason.view(), reason);
  }

  hal::Backend backend;
  hal::Machine machine{backend};
  std::unique_ptr<Kernel> kernel;
};

// --- Agreement
// -------------------------------------------------------------------------------------------------

TEST_F(LockstepTest, ATrapIsServedOnceAfterBothHaveMadeIt) {
  for (const char c : {'h', 'i', '\n'}) both(svc(kWrite, u32(c)));
  both(svc(kExit));
  run();
  EXPECT_EQ(backend.console.substr(0, 3), "hi\n");
  EXPECT_EQ(applet().calls[1], 3u);
  EXPECT_EQ(applet().outcome, Outcome::Exited);
  EXPECT_EQ(order(), (std::vector<u32>{0, 1, 0, 1, 0, 1, 0, 1}));
}

TEST_F(LockstepTest, ResultsReachBoth) {
  std::vector<std::pair<u32, u32>> seen;
  both(svc(kNanotime));
  both(after([&](Context& c) { seen.emplace_back(c.r[0], c.r[1]); }, svc(kExit)));
  run();
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_EQ(seen[0], seen[1]);
  EXPECT_NE(seen[0].first, 0u);
  EXPECT_EQ(applet().outcome, Outcome::Exited);
}

TEST_F(LockstepTest, TheTwoHaveMemoryOfTheirOwnWithTheSameContents) {
  for (u32 at = 0x10000000; at < 0x10100000; at += kPageSize) {
    ASSERT_NE(memory(0).tables().walk({at}).address, memory(1).tables().walk({at}).address);
    ASSERT_EQ(bytes(0, at, kPageSize), bytes(1, at, kPageSize));
  }
  EXPECT_EQ(applet().lockstep.shadow, applet().context);
}

TEST_F(LockstepTest, AFaultThatBothMakeIsTheAppletsOwn) {
  both(data_abort(0x10010004, 0x90000000, 0x00d));
  run();
  EXPECT_EQ(applet().outcome, Outcome::Faulted);
  EXPECT_EQ(applet().fault.kind, FaultKind::DataAbort);
  EXPECT_EQ(applet().fault.address.raw, 0x90000000u);
}

TEST_F(LockstepTest, AnExpiredDeadlineResumesWhoWasRunning) {
  add(0, expired());
  add(0, expired());
  add(0, svc(kWrite, 'x'));
  add(1, expired());
  add(1, svc(kWrite, 'x'));
  both(svc(kExit));
  run();
  EXPECT_EQ(order(), (std::vector<u32>{0, 0, 0, 1, 1, 0, 1}));
  EXPECT_EQ(applet().outcome, Outcome::Exited);
  EXPECT_EQ(applet().calls[1], 1u);
}

// --- Disagreement
// ----------------------------------------------------------------------------------------------

TEST_F(LockstepTest, EveryRegisterIsCompared) {
  for (u32 n = 4; n < 15; ++n) {
    backend = {};
    create();
    add(0, after([=](Context& c) { c.r[n] = 0x11; }, svc(kExit)));
    add(1, after([=](Context& c) { c.r[n] = 0x13; }, svc(kExit)));
    run();
    expect_disagreement("r" + std::to_string(n) + " is 0x00000011, the shadow's 0x00000013");
  }
}

TEST_F(LockstepTest, ArgumentsOfTheCallAreCompared) {
  add(0, svc(kWrite, 'a'));
  add(1, svc(kWrite, 'b'));
  run();
  expect_disagreement("r1 is 0x00000061, the shadow's 0x00000062");
  EXPECT_EQ(applet().calls[1], 0u) << "served before the comparison";
}

TEST_F(LockstepTest, FlagsAreCompared) {
  add(0, svc(kExit));
  add(1, after([](Context& c) { c.cpsr |= 1u << 30; }, svc(kExit)));
  run();
  expect_disagreement("cpsr is 0x00000010, the shadow's 0x40000010");
}

TEST_F(LockstepTest, FpscrIsCompared) {
  add(0, svc(kExit));
  add(1, after([](Context& c) { c.fpscr = 1; }, svc(kExit)));
  run();
  expect_disagreement("fpscr is 0x00000000, the shadow's 0x00000001");
}

TEST_F(LockstepTest, TheThreadIdIsCompared) {
  add(0, svc(kExit));
  add(1, after([](Context& c) { c.tpidrurw = 1; }, svc(kExit)));
  run();
  expect_disagreement("tpidrurw is 0x00000000, the shadow's 0x00000001");
}

TEST_F(LockstepTest, EveryDoublewordRegisterIsCompared) {
  for (const u32 n : {0u, 7u, 16u, 31u}) {
    backend = {};
    create();
    add(0, svc(kExit));
    add(1, after([=](Context& c) { c.d[n] = u64{1} << 63; }, svc(kExit)));
    run();
    expect_disagreement("d" + std::to_string(n) + " is 0x0000000000000000, the shadow's 0x8000000000000000");
  }
}

TEST_F(LockstepTest, TheKindOfTrapIsCompared) {
  add(0, svc(kExit));
  add(1, fake::undefined(0x10010000));
  run();
  expect_disagreement("they stopped for different reasons");
}

TEST_F(LockstepTest, TheFaultAddressIsCompared) {
  add(0, data_abort(0x10010004, 0x90000000, 0x00d));
  add(1, data_abort(0x10010004, 0x90000004, 0x00d));
  run();
  expect_disagreement("their fault registers differ");
}

TEST_F(LockstepTest, TheFaultStatusIsCompared) {
  add(0, data_abort(0x10010004, 0x90000000, 0x00d));
  add(1, data_abort(0x10010004, 0x90000000, 0x80d));
  run();
  expect_disagreement("their fault registers differ");
}

TEST_F(LockstepTest, AWrittenByteIsCompared) {
  add(0, store(0, kData + 0x1fff, 1, svc(kExit)));
  add(1, store(1, kData + 0x1fff, 2, svc(kExit)));
  run();
  expect_disagreement("the byte at 0x10021fff is 0x01, the shadow's 0x02");
}

TEST_F(LockstepTest, APageThatOnlyThePrimaryWroteIsCompared) {
  add(0, store(0, kData, 5, svc(kExit)));
  add(1, svc(kExit));
  run();
  expect_disagreement("the byte at 0x10020000 is 0x05, the shadow's 0x00");
}

TEST_F(LockstepTest, APageThatOnlyTheShadowWroteIsCompared) {
  add(0, svc(kExit));
  add(1, store(1, kData + 700, 5, svc(kExit)));
  run();
  expect_disagreement("the byte at 0x100202bc is 0x00, the shadow's 0x05");
}

TEST_F(LockstepTest, AnOldPageIsStillComparedAtLaterTraps) {
  store_both(kData, 1, svc(kWrite, '\n'));
  add(0, svc(kWrite, '\n'));
  add(1, store(1, kData + 8, 1, svc(kWrite, '\n')));
  run();
  expect_disagreement("the byte at 0x10020008 is 0x00, the shadow's 0x01");
}

TEST_F(LockstepTest, AShadowThatNeverTrapsIsGivenUp) {
  backend.per_run = {1'000'000};
  add(0, svc(kExit));
  backend.otherwise = [](hal::Space, Context& c) { return Trap{TrapKind::Expired, c.pc(), {}, 0}; };
  run();
  expect_disagreement("the shadow does not reach the primary's next trap");
  EXPECT_LT(backend.runs.size(), 20u);
  EXPECT_GT(backend.runs.size(), 10u);  // ten milliseconds of patience
}

TEST_F(LockstepTest, TheLogSaysLockstepFailure) {
  add(0, svc(kExit));
  add(1, fake::undefined(0x10010000));
  run();
  EXPECT_NE(backend.console.find(" err:lockstep failure\n"), std::string::npos) << backend.console;
}

// --- Tracking
// ----------------------------------------------------------------------------------------------------

TEST_F(LockstepTest, NothingIsWritableBeforeTheFirstWrite) {
  for (const u32 space : {0u, 1u}) {
    for (u32 at = 0x10000000; at < 0x10100000; at += kPageSize) {
      ASSERT_FALSE(writable(space, at));
      ASSERT_FALSE(memory(space).tables().user_fault({at}, kR));
    }
    EXPECT_FALSE(memory(space).tables().user_fault({fake::kText}, kX));
  }
}

TEST_F(LockstepTest, AFirstWriteOpensExactlyItsPageInBothSpaces) {
  store_both(kData + 0x1234, 9, svc(kWrite, '\n'));
  kernel->step();
  for (const u32 space : {0u, 1u}) {
    for (u32 at = 0x10000000; at < 0x10100000; at += kPageSize)
      ASSERT_EQ(writable(space, at), at == kData + 0x1000) << std::hex << at;
    EXPECT_EQ(bytes(space, kData + 0x1234, 1), std::vector<u8>{9});
  }
  const std::vector<hal::Backend::Refresh> want = {{applet().space, {kData + 0x1000}},
                                                   {applet().lockstep.space, {kData + 0x1000}}};
  EXPECT_EQ(backend.refreshes, want);
  EXPECT_EQ(order(), (std::vector<u32>{0, 0, 1}));  // the shadow finds the page open
  EXPECT_EQ(applet().outcome, Outcome::Running);
}

TEST_F(LockstepTest, ARealWriteViolationIsStillAFault) {
  for (const u32 at : {fake::kText, kConstants, 0x90000000u, 0u}) {
    backend = {};
    create();
    store_both(at, 1, svc(kExit));
    run();
    EXPECT_EQ(applet().outcome, Outcome::Faulted) << std::hex << at;
    EXPECT_EQ(applet().fault.kind, FaultKind::DataAbort);
    EXPECT_EQ(applet().fault.access, kW);
    EXPECT_EQ(applet().fault.address.raw, at);
    EXPECT_TRUE(backend.refreshes.empty());
  }
}

TEST_F(LockstepTest, AWriteBehindTheDeadlineIsNotForgotten) {
  const Applet& a = applet();
  backend.per_run = {20'000'000};
  store_both(kData, 3, svc(kWrite, '\n'));
  both(svc(kExit));
  run();
  EXPECT_EQ(a.outcome, Outcome::Exited);
  EXPECT_EQ(bytes(0, kData, 1), std::vector<u8>{3});
  EXPECT_EQ(bytes(1, kData, 1), std::vector<u8>{3});
}

TEST_F(LockstepTest, ALargeWorkingSetIsTrackedAfresh) {
  for (u32 page = 0; page < 20; ++page) store_both(kData + page * kPageSize, 1, svc(kWrite, '\n'));
  both(svc(kExit));
  run();
  EXPECT_EQ(applet().outcome, Outcome::Exited);
  EXPECT_LT(applet().lockstep.written_count, 17u);
  u32 open = 0;
  for (u32 page = 0; page < 20; ++page) open += writable(0, kData + page * kPageSize);
  EXPECT_EQ(open, applet().lockstep.written_count);
  for (u32 page = 0; page < 20; ++page)
    EXPECT_EQ(writable(0, kData + page * kPageSize), writable(1, kData + page * kPageSize));
}

// --- The supervisor's own writes
// -----------------------------------------------------------------------------------

TEST_F(LockstepTest, RandomBytesReachBothOnce) {
  both(svc(kGetRandom, kData + 100, 64));
  both(svc(kExit));
  run();
  EXPECT_EQ(applet().outcome, Outcome::Exited);
  EXPECT_EQ(bytes(0, kData + 100, 64), bytes(1, kData + 100, 64));
  EXPECT_NE(bytes(0, kData + 100, 64), std::vector<u8>(64));
  ASSERT_EQ(backend.randoms.size(), 1u);
}

TEST_F(LockstepTest, ALongRandomBufferReachesBothWhole) {
  constexpr u32 kSize = 3 * kPageSize + 17;
  both(svc(kGetRandom, kData + 4000, kSize));
  both(svc(kExit));
  run();
  EXPECT_EQ(applet().outcome, Outcome::Exited);
  u8 want = backend.randoms.empty() ? u8{0} : u8{1};
  for (u32 i = 0; i < kSize; ++i, ++want) {
    ASSERT_EQ(bytes(0, kData + 4000 + i, 1)[0], want);
    ASSERT_EQ(bytes(1, kData + 4000 + i, 1)[0], want);
  }
}

TEST_F(LockstepTest, WhatTheSupervisorWroteIsComparedFromThen) {
  both(svc(kGetRandom, kData, 16));
  add(0, svc(kExit));
  add(1, store(1, kData + 15, 0xff, svc(kExit)));
  run();
  expect_disagreement("the byte at 0x1002000f is 0x10, the shadow's 0xff");
}

TEST_F(LockstepTest, AnRpcResponseReachesBoth) {
  std::vector<u32> sizes;
  both(svc(kRpcRequest, kConstants, u32(kRequest.size())));
  both(svc(kRpcResponse, kData + 4090, 200));
  both(after([&](Context& c) { sizes.push_back(c.r[0]); }, svc(kExit)));
  run();
  EXPECT_EQ(applet().outcome, Outcome::Exited);
  ASSERT_EQ(sizes.size(), 2u);
  EXPECT_EQ(sizes[0], sizes[1]);
  EXPECT_GT(sizes[0], 6u);
  EXPECT_NE(bytes(0, kData + 4090, 6), std::vector<u8>(6));
  EXPECT_EQ(bytes(0, kData + 4090, 6), bytes(1, kData + 4090, 6));
  EXPECT_EQ(bytes(0, kData + 4096, 194), bytes(1, kData + 4096, 194));
  EXPECT_EQ(backend.leds.size(), 1u) << "a request is obeyed once";
}

TEST_F(LockstepTest, ABufferThatIsNotTheAppletsIsRefusedAsWithoutLockstep) {
  for (const u32 at : {fake::kText, kConstants, 0x90000000u, 0x100ffff8u}) {
    backend = {};
    create();
    both(svc(kGetRandom, at, 64));
    run();
    EXPECT_EQ(applet().outcome, Outcome::Faulted);
    EXPECT_EQ(applet().fault.kind, FaultKind::BadSyscall);
    EXPECT_EQ(applet().fault.address.raw, at == 0x100ffff8 ? 0x10100000 : at);
    EXPECT_TRUE(backend.randoms.empty());
  }
}

// --- Injection
// -----------------------------------------------------------------------------------------------------

class LockstepInjectionTest : public LockstepTest {
 protected:
  void SetUp() override {}
  /// Bits in which the shadow differs from the primary when it starts to run.
  std::optional<u32> injected(u32 percent, u8 seed) {
    backend = {};
    create(percent);
    backend.next_random = seed;
    Context primary, shadow;
    add(0, after([&](Context& c) { primary = c; }, svc(kExit)));
    add(1, after([&](Context& c) { shadow = c; }, svc(kExit)));
    run();
    u32 differences = 0;
    for (u32 i = 0; i < 16; ++i) differences += u32(std::popcount(primary.r[i] ^ shadow.r[i]));
    EXPECT_EQ(primary.cpsr, shadow.cpsr);
    EXPECT_EQ(primary.d, shadow.d);
    for (const u32 i : {13u, 14u, 15u}) EXPECT_EQ(primary.r[i], shadow.r[i]);
    return differences;
  }
};

TEST_F(LockstepInjectionTest, ACertainFlipIsExactlyOneBit) {
  for (u32 seed = 0; seed < 256; seed += 5) EXPECT_EQ(injected(100, u8(seed)), 1u);
}

TEST_F(LockstepInjectionTest, NoChanceIsNoFlip) {
  for (u32 seed = 0; seed < 256; seed += 51) {
    EXPECT_EQ(injected(0, u8(seed)), 0u);
    EXPECT_EQ(applet().outcome, Outcome::Exited);
  }
}

TEST_F(LockstepInjectionTest, AFlipIsFoundAtTheNextTrap) {
  create(100);
  backend.next_random = 1;  // the dice: 1 and 2 say whether, 3 which register, 4 which bit
  both([](Context& c) {
    c.r[kPc] += 4;
    return Trap{TrapKind::Supervisor, c.pc(), {}, 0};
  });
  run();
  expect_disagreement("r3 is 0x00000000, the shadow's 0x00000010");
}

TEST_F(LockstepInjectionTest, NothingIsFlippedWithoutEntropy) {
  create(100);
  backend.entropy = false;
  both(svc(kExit));
  run();
  EXPECT_EQ(applet().outcome, Outcome::Exited);
}

}  // namespace
}  // namespace gotee
