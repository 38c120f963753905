// SPDX-License-Identifier: BSD-3-Clause
//
// The native system calls: what each gives, what it leaves alone, and what becomes of a hostile one.
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <ostream>
#include <string>

#include "tests/fake/world.h"

namespace gotee {
namespace {

using namespace fake;

// The ABI's numbers, written down a second time.
enum : u32 { kExit, kWrite, kNanotime, kGetRandom, kRpcRequest, kRpcResponse };
enum : u32 { kYield = 16, kSleepUntil, kExitStatus, kWait, kNotify, kCount };
constexpr u32 kOkay = 0, kInvalid = 1, kNotFound = 3, kBusy = 4, kTimedOut = 6;
constexpr u32 kR0 = 1, kR1 = 2;
constexpr const char* kEcho = "{\"method\":\"RPC.Echo\",\"params\":[\"hello\"],\"id\":0}\n";
constexpr const char* kEchoed = "{\"id\":0,\"result\":\"hello\",\"error\":null}\n";

/// A context in which every register but pc and cpsr holds a value of its own.
void mark(Context& c) {
  for (u32 i = 0; i < 15; ++i) c.r[i] = 0x77000000 + 0x01010101 * i;
  for (u32 i = 0; i < 32; ++i) c.d[i] = 0x123456789abcdef0u + i;
  c.fpscr = 0x80000010;
  c.cpsr = 0xa0000000 | (c.cpsr & kCpsrThumb) | kCpsrUser;
}

struct Outcomes {
  Context called;   // at the call, pc behind it
  Context resumed;  // when the applet next ran
  bool came_back = false;
};

/// One call by applet 0, then EXIT if it comes back.
Outcomes call(World& world, u32 number, u32 r1 = 0, u32 r2 = 0, u32 r3 = 0) {
  Outcomes o;
  world.script().emplace_back([&o, number, r1, r2, r3](Context& c) {
    mark(c);
    const Trap trap = svc(number, r1, r2, r3)(c);
    o.called = c;
    return trap;
  });
  world.script().push_back(after(
      [&o](const Context& c) {
        o.resumed = c;
        o.came_back = true;
      },
      svc(kExit)));
  world.play();
  world.script().clear();
  return o;
}

/// Everything but the results (a mask of r0, r1) is as it was at the call.
void expect_preserved(const Outcomes& o, u32 results = 0) {
  ASSERT_TRUE(o.came_back);
  Context want = o.called;
  if ((results & kR0) != 0) want.r[0] = o.resumed.r[0];
  if ((results & kR1) != 0) want.r[1] = o.resumed.r[1];
  EXPECT_EQ(want.r, o.resumed.r);
  EXPECT_EQ(want, o.resumed);
}

std::string as_text(const std::vector<u8>& bytes) { return {bytes.begin(), bytes.end()}; }

// --- 0 to 5: GoTEE's ---------------------------------------------------------------------------------

TEST(Exit, EndsTheAppletAndNothingElse) {
  World world{2};
  world.script(0).push_back(svc(kExit));
  world.script(1) = {expired(), svc(kYield), svc(kExit)};
  EXPECT_EQ(world.play(), Kernel::Step::Finished);
  EXPECT_EQ(world.applet(0).outcome, Outcome::Exited);
  EXPECT_EQ(world.applet(1).outcome, Outcome::Exited);
  EXPECT_EQ(std::count_if(world.backend.runs.begin(), world.backend.runs.end(),
                          [](const auto& run) { return run.space == hal::Space{0}; }),
            1);
  EXPECT_EQ(world.kernel.step(), Kernel::Step::Finished) << "and it stays finished";
}

TEST(Write, PrintsTheLowByteAndChangesNoRegister) {
  World world;
  const Outcomes o = call(world, kWrite, 0xffffff0a);  // Go sign-extends
  expect_preserved(o);
  EXPECT_EQ(world.backend.console.substr(0, 1), "\n");
}

TEST(Write, KeepsEveryByteAsItIs) {
  World world;
  std::string all;
  for (u32 i = 0; i < 256; ++i) {
    const u32 byte = (i * 11 + 1) % 256;
    all += char(byte);
    world.script().push_back(svc(kWrite, byte | 0x12345600));
  }
  all += '\n';
  world.script().push_back(svc(kWrite, '\n'));
  world.script().push_back(svc(kExit));
  world.play();
  EXPECT_EQ(world.backend.console.substr(0, all.size()), all);
}

TEST(Write, LinesOfTwoAppletsAreNotTornApart) {
  World world{2, {.quantum = {1}}};  // they alternate at every byte
  for (u32 i = 0; i < 2; ++i) {
    for (const char c : std::string{i == 0 ? "aaaa\n" : "bbbb\n"})
      world.script(i).push_back(svc(kWrite, u32(c)));
    world.script(i).push_back(svc(kExit));
  }
  world.play();
  EXPECT_NE(world.backend.console.find("aaaa\n"), std::string::npos);
  EXPECT_NE(world.backend.console.find("bbbb\n"), std::string::npos);
}

TEST(Nanotime, IsTheMachinesTimeInTwoRegisters) {
  World world;
  world.backend.clock = {0x12345'00000000};
  const Outcomes o = call(world, kNanotime);
  expect_preserved(o, kR0 | kR1);
  const u64 ns = o.resumed.r[0] | u64{o.resumed.r[1]} << 32;
  EXPECT_GE(ns, 0x12345'00000000u);
  EXPECT_LT(ns, 0x12345'00000000u + 1'000'000);
}

TEST(GetRandom, FillsExactlyTheBuffer) {
  World world;
  const Outcomes o = call(world, kGetRandom, kData + 5, 7);
  expect_preserved(o);
  const std::vector<u8> want = {0xda, 1, 2, 3, 4, 5, 6, 7, 0xda};  // the fake counts
  EXPECT_EQ(world.bytes(kData + 4, 9), want);
}

TEST(GetRandom, ServesALargeBufferInPiecesWithOthersTakingTurns) {
  constexpr u32 kSize = 1 << 20;
  World world{2};
  world.backend.otherwise = [&](hal::Space space, Context& c) {
    EXPECT_EQ(space, hal::Space{1}) << "the caller runs again only when its buffer is full";
    return expired()(c);
  };
  world.script(0).push_back(svc(kGetRandom, kHeap + 3, kSize));
  world.script(0).push_back(svc(kExit));
  for (u32 i = 0; i < 10'000 && world.applet(0).outcome == Outcome::Running; ++i) {
    world.backend.per_run = Duration{20'000'000};  // the other one always uses its quantum up
    world.kernel.step();
  }
  EXPECT_EQ(world.applet(0).outcome, Outcome::Exited);
  const auto bytes = world.bytes(kHeap + 3, kSize);
  for (u32 i = 0; i < kSize; ++i) ASSERT_EQ(bytes[i], u8(i + 1)) << i;
  EXPECT_EQ(world.bytes(kHeap + 2, 1)[0], 0);
  EXPECT_EQ(world.bytes(kHeap + 3 + kSize, 1)[0], 0);
  const auto& pieces = world.backend.randoms;
  ASSERT_GT(pieces.size(), 16u);
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    EXPECT_LE(pieces[i].size, kPageSize);
    if (i > 1) {
      EXPECT_GT(pieces[i].runs, pieces[i - 1].runs) << "a turn for the other before piece " << i;
    }
  }
}

TEST(GetRandom, WithoutEntropyIsTheEndAndWritesNothing) {
  World world;
  world.backend.entropy = false;
  const Dram before = world.backend.dram;
  const Outcomes o = call(world, kGetRandom, kData, 32);
  EXPECT_FALSE(o.came_back);
  EXPECT_EQ(world.applet().outcome, Outcome::Faulted);
  EXPECT_EQ(world.applet().fault.kind, FaultKind::BadSyscall);
  EXPECT_NE(world.applet().fault.reason.view().find("entropy"), std::string_view::npos);
  EXPECT_TRUE(Dram::difference(before, world.backend.dram).empty());
}

TEST(GetRandom, EndsTheAppletWhenEntropyEndsInTheMiddle) {
  World world;
  world.script().push_back(svc(kGetRandom, kHeap, 1 << 16));
  world.kernel.step();
  world.kernel.step();
  const Dram before = world.backend.dram;
  world.backend.entropy = false;
  world.play();
  EXPECT_EQ(world.applet().fault.kind, FaultKind::BadSyscall);
  EXPECT_TRUE(Dram::difference(before, world.backend.dram).empty());
}

TEST(Rpc, AnswersAnEchoOnceAndThenIsAtItsEnd) {
  World world;
  world.put(kData, kEcho);
  std::vector<u32> results;
  const auto keep = [&](const Context& c) { results.push_back(c.r[0]); };
  Context called, resumed;
  const auto size = u32(std::string_view{kEcho}.size());
  world.script() = {
      after(mark, svc(kRpcRequest, kData, size)),
      after([&](const Context& c) { resumed = c; }, svc(kRpcResponse, kHeap, 256)),
      after(keep, svc(kRpcResponse, kHeap + 256, 256)),
      after(keep, svc(kExit)),
  };
  world.kernel.step();
  called = world.applet().context;
  world.play();
  EXPECT_EQ(resumed.r[0], kRpcRequest) << "RPC_REQ has no result";
  EXPECT_EQ(resumed, called);
  EXPECT_EQ(results, (std::vector<u32>{39, 0}));
  EXPECT_EQ(as_text(world.bytes(kHeap, 40)), std::string{kEchoed} + '\0');
  EXPECT_EQ(world.applet().outcome, Outcome::Exited);
}

TEST(Rpc, ResponseMayBeReadInPieces) {
  World world;
  world.put(kData, kEcho);
  world.script().push_back(svc(kRpcRequest, kData, u32(std::string_view{kEcho}.size())));
  std::vector<u32> results;
  for (u32 i = 0; i < 6; ++i) {
    world.script().push_back(after([&results](const Context& c) { results.push_back(c.r[0]); },
                                   svc(kRpcResponse, kHeap + 10 * i, 10)));
  }
  world.script().push_back(after([&results](const Context& c) { results.push_back(c.r[0]); }, svc(kExit)));
  world.play();
  results.erase(results.begin());  // of the request
  EXPECT_EQ(results, (std::vector<u32>{10, 10, 10, 9, 0, 0}));
  EXPECT_EQ(as_text(world.bytes(kHeap, 39)), kEchoed);
}

TEST(Rpc, RequestMayComeInPieces) {
  World world;
  const std::string_view echo{kEcho};
  world.put(kData, echo);
  for (u32 i = 0; i < echo.size(); ++i) world.script().push_back(svc(kRpcRequest, kData + i, 1));
  world.script().push_back(svc(kRpcResponse, kHeap, 100));
  world.script().push_back(svc(kExit));
  world.play();
  EXPECT_EQ(as_text(world.bytes(kHeap, 39)), kEchoed);
}

TEST(Rpc, ResponseLeavesEveryOtherRegisterAlone) {
  World world;
  const Outcomes o = call(world, kRpcResponse, kHeap, 64);
  expect_preserved(o, kR0);
  EXPECT_EQ(o.resumed.r[0], 0u);
}

TEST(Rpc, TheBlueLedIsTheAppletsTheWhiteOneIsNot) {
  World world;
  const std::string blue = "{\"method\":\"RPC.LED\",\"params\":[{\"Name\":\"blue\",\"On\":true}],\"id\":0}\n";
  const std::string white =
      "{\"method\":\"RPC.LED\",\"params\":[{\"Name\":\"white\",\"On\":true}],\"id\":0}\n";
  world.put(kData, blue + white);
  world.script() = {svc(kRpcRequest, kData, u32(blue.size())), svc(kRpcResponse, kHeap, 100),
                    svc(kRpcRequest, kData + u32(blue.size()), u32(white.size())),
                    svc(kRpcResponse, kHeap + 100, 100), svc(kExit)};
  world.play();
  EXPECT_EQ(as_text(world.bytes(kHeap, 37)), "{\"id\":0,\"result\":false,\"error\":null}\n");
  EXPECT_EQ(as_text(world.bytes(kHeap + 100, 52)),
            "{\"id\":0,\"result\":null,\"error\":\"LED is secure only\"}\n");
  ASSERT_FALSE(world.backend.leds.empty());
  EXPECT_EQ(world.backend.leds.front(), (std::pair{hal::Led::Blue, true}));
}

// --- From 16: ours -------------------------------------------------------------------------------------

TEST(Yield, LetsTheNextOneRun) {
  World world{2};
  world.script(0) = {svc(kYield), svc(kExit)};
  world.script(1) = {svc(kYield), svc(kExit)};
  world.play();
  std::vector<u32> order;
  for (const auto& run : world.backend.runs) order.push_back(u32(run.space));
  EXPECT_EQ(order, (std::vector<u32>{0, 1, 0, 1}));
}

TEST(Yield, AloneComesBackWithZero) {
  World world;
  const Outcomes o = call(world, kYield);
  expect_preserved(o, kR0);
  EXPECT_EQ(o.resumed.r[0], kOkay);
}

TEST(SleepUntil, ComesBackNoSoonerAndWithZero) {
  World world;
  const u64 until = 0x3'00000007;
  const Outcomes o = call(world, kSleepUntil, u32(until), u32(until >> 32));
  expect_preserved(o, kR0);
  EXPECT_EQ(o.resumed.r[0], kOkay);
  EXPECT_GE(world.backend.runs[1].at.ns, until);
  ASSERT_EQ(world.backend.idles.size(), 1u);
  EXPECT_EQ(world.backend.idles[0].until.ns, until);
}

TEST(SleepUntil, ThePastIsNow) {
  World world;
  const Outcomes o = call(world, kSleepUntil, 1, 0);
  expect_preserved(o, kR0);
  EXPECT_TRUE(world.backend.idles.empty());
}

// Go reads the time as a signed 64-bit number (runtime.nanotime), which never reaches these.
constexpr u64 kForEver[] = {UINT64_MAX, UINT64_MAX - 1, u64{1} << 63, u64{INT64_MAX}};

TEST(SleepUntil, ForEverIsTheEndOfEverything) {
  for (const u64 until : kForEver) {
    World world;
    world.script().push_back(svc(kSleepUntil, u32(until), u32(until >> 32)));
    EXPECT_EQ(world.play(), Kernel::Step::Deadlock) << until;
    EXPECT_EQ(world.kernel.step(), Kernel::Step::Deadlock);
    EXPECT_TRUE(world.backend.idles.empty());
  }
}

TEST(SleepUntil, TheLastInstantBeforeForEverIsReached) {
  World world;
  const u64 until = u64{INT64_MAX} - 1;
  const Outcomes o = call(world, kSleepUntil, u32(until), u32(until >> 32));
  expect_preserved(o, kR0);
  EXPECT_EQ(world.backend.idles.at(0).until.ns, until);
}

TEST(ExitStatus, ZeroIsACleanExit) {
  World world;
  call(world, kExitStatus, 0);
  EXPECT_EQ(world.applet().outcome, Outcome::Exited);
  EXPECT_EQ(world.applet().exit_status, 0u);
}

TEST(ExitStatus, AnythingElseIsAPanicAndIsKept) {
  for (const u32 status : {1u, 134u, 0xffffffffu}) {
    World world;
    EXPECT_FALSE(call(world, kExitStatus, status).came_back);
    EXPECT_EQ(world.applet().outcome, Outcome::Panicked);
    EXPECT_EQ(world.applet().exit_status, status);
  }
}

TEST(Wait, TakesWhatWasPostedAndOnlyThat) {
  World world;
  std::vector<Context> seen;
  const auto keep = [&](const Context& c) { seen.push_back(c); };
  world.script() = {svc(kNotify, 0, 0b1011), after(keep, svc(kWait, 0b0110, ~0u, ~0u)),
                    after(keep, svc(kWait, 0b1001, ~0u, ~0u)), after(keep, svc(kExit))};
  world.play();
  ASSERT_EQ(seen.size(), 3u);
  EXPECT_EQ(seen[0].r[0], kOkay);
  EXPECT_EQ(seen[1].r[0], kOkay);
  EXPECT_EQ(seen[1].r[1], 0b0010u);
  EXPECT_EQ(seen[1].r[2], ~0u) << "r2 and r3 come back";
  EXPECT_EQ(seen[1].r[3], ~0u);
  EXPECT_EQ(seen[2].r[1], 0b1001u);
  EXPECT_TRUE(world.backend.idles.empty());
}

TEST(Wait, IsWokenByAMatchingNotification) {
  World world{2};
  Context woken;
  world.script(0) = {svc(kWait, 0b100, ~0u, ~0u), after([&](const Context& c) { woken = c; }, svc(kExit))};
  world.script(1) = {svc(kNotify, 0, 0b010), svc(kYield), svc(kNotify, 0, 0b101), svc(kExit)};
  EXPECT_EQ(world.play(), Kernel::Step::Finished);
  EXPECT_EQ(woken.r[0], kOkay);
  EXPECT_EQ(woken.r[1], 0b100u);
  EXPECT_EQ(world.applet(0).posted, 0b011u) << "the rest is kept for later";
  std::vector<u32> order;
  for (const auto& run : world.backend.runs) order.push_back(u32(run.space));
  const auto again = std::find(order.begin() + 1, order.end(), 0u);
  EXPECT_GE(again - order.begin(), 4) << "not before the third step of the other";
}

TEST(Wait, TimesOutAtItsDeadline) {
  World world;
  const u64 until = 5'000'000'000;
  const Outcomes o = call(world, kWait, 1, u32(until), u32(until >> 32));
  expect_preserved(o, kR0 | kR1);
  EXPECT_EQ(o.resumed.r[0], kTimedOut);
  EXPECT_EQ(o.resumed.r[1], 0u);
  EXPECT_GE(world.backend.runs[1].at.ns, until);
}

TEST(Wait, ForEverIsUntilSomebodyNotifies) {
  for (const u64 until : kForEver) {
    World alone;
    alone.script().push_back(svc(kWait, 1, u32(until), u32(until >> 32)));
    EXPECT_EQ(alone.play(), Kernel::Step::Deadlock) << until;
    EXPECT_TRUE(alone.backend.idles.empty());
  }
}

TEST(Wait, WithADeadlineInThePastOnlyAsks) {
  World world;
  const Outcomes o = call(world, kWait, 1, 0, 0);
  expect_preserved(o, kR0 | kR1);
  EXPECT_EQ(o.resumed.r[0], kTimedOut);
  EXPECT_TRUE(world.backend.idles.empty());
}

TEST(Wait, ForNothingIsInvalid) {
  World world;
  const Outcomes o = call(world, kWait, 0, ~0u, ~0u);
  expect_preserved(o, kR0);
  EXPECT_EQ(o.resumed.r[0], kInvalid);
}

TEST(Wait, ForEachOtherIsADeadlock) {
  World world{2};
  world.script(0).push_back(svc(kWait, 1, ~0u, ~0u));
  world.script(1).push_back(svc(kWait, 1, ~0u, ~0u));
  EXPECT_EQ(world.play(), Kernel::Step::Deadlock);
}

TEST(Notify, FindsOnlyAppletsThatRun) {
  World world{2};
  std::vector<u32> results;
  const auto keep = [&](const Context& c) { results.push_back(c.r[0]); };
  world.script(1).push_back(svc(kExit));
  world.script(0) = {svc(kNotify, 1, 1),
                     after(keep, svc(kYield)),
                     svc(kNotify, 1, 1),
                     after(keep, svc(kNotify, 2, 1)),
                     after(keep, svc(kNotify, 0xffffffff, 1)),
                     after(keep, svc(kNotify, 0, 0)),
                     after(keep, svc(kExit))};
  world.play();
  EXPECT_EQ(results, (std::vector<u32>{kOkay, kNotFound, kNotFound, kNotFound, kOkay}));
}

TEST(Notify, ChangesNothingButR0) {
  World world;
  expect_preserved(call(world, kNotify, 0, 5), kR0);
}

TEST(Count, CountsTheSecondsAloud) {
  World world;
  const Outcomes o = call(world, kCount, 3);
  expect_preserved(o, kR0);
  EXPECT_EQ(o.resumed.r[0], kOkay);
  World sleeper;
  sleeper.script() = {svc(kCount, 2), svc(kSleepUntil, 0xb2d05e00), svc(kExit)};  // 3 s
  sleeper.play();
  const std::string& out = sleeper.backend.console;
  EXPECT_NE(out.find("00:00:01 PL1 says 1 missisipi\n"), std::string::npos) << out;
  EXPECT_NE(out.find("00:00:02 PL1 says 2 missisipi\n"), std::string::npos) << out;
  EXPECT_EQ(out.find("says 3"), std::string::npos) << out;
}

TEST(Count, RefusesWhatItCannotCount) {
  for (const u32 seconds : {0u, 61u, 0x80000000u, 0xffffffffu}) {
    World world;
    const Outcomes o = call(world, kCount, seconds);
    expect_preserved(o, kR0);
    EXPECT_EQ(o.resumed.r[0], kInvalid) << seconds;
  }
}

TEST(Count, CountsForOneAtATime) {
  World world;
  u32 second = 0;
  world.script() = {svc(kCount, 60), svc(kCount, 1),
                    after([&](const Context& c) { second = c.r[0]; }, svc(kExit))};
  world.play();
  EXPECT_EQ(second, kBusy);
}

// --- Calls that do not exist -------------------------------------------------------------------------------

TEST(UnknownCall, IsTheEndOfTheAppletAndNamesTheNumber) {
  for (const u32 number : {6u, 7u, 10u, 15u, 22u, 23u, 255u, 65536u, 0x7fffffffu, 0x80000001u, 0xffffffffu}) {
    World world;
    EXPECT_FALSE(call(world, number).came_back) << number;
    const Applet& applet = world.applet();
    EXPECT_EQ(applet.outcome, Outcome::Faulted);
    EXPECT_EQ(applet.fault.kind, FaultKind::BadSyscall);
    EXPECT_EQ(applet.fault.access, Access::None);
    EXPECT_EQ(applet.fault.pc.raw, kText);
    EXPECT_EQ(applet.fault.address.raw, kText);
    EXPECT_EQ(applet.fault.instruction, 0xef000000u);
    EXPECT_NE(applet.fault.reason.view().find(std::to_string(number)), std::string_view::npos);
  }
}

// --- Pointers that are not the applet's
// ---------------------------------------------------------------------

struct Lie {
  const char* name;
  u32 base, size;
  std::optional<u32> denied_read;   // first address that may not be read
  std::optional<u32> denied_write;  // or written
};
std::ostream& operator<<(std::ostream& out, const Lie& lie) { return out << lie.name; }

constexpr std::nullopt_t kNone = std::nullopt;
constexpr Lie kLies[] = {
    {"supervisor", 0x90010000, 4, 0x90010000, 0x90010000},
    {"own_tables", 0x90200000, 0x4000, 0x90200000, 0x90200000},
    {"own_backing", 0x98012000, 16, 0x98012000, 0x98012000},
    {"other_applet", 0x9c012000, 16, 0x9c012000, 0x9c012000},
    {"end_of_dram", 0x9fffffff, 1, 0x9fffffff, 0x9fffffff},
    {"normal_world", 0x80000000, 4, 0x80000000, 0x80000000},
    {"peripheral", 0x020c4000, 4, 0x020c4000, 0x020c4000},
    {"text", kText + 8, 8, kNone, kText + 8},
    {"constants", kConstants, 64, kNone, kConstants},
    {"last_byte_of_the_region", kEnd - 1, 1, kNone, kNone},
    {"over_the_end_of_the_region", kEnd - 1, 2, kEnd, kEnd},
    {"far_over_the_end_of_the_region", kEnd - 3000, 8000, kEnd, kEnd},
    {"behind_the_region", kEnd, 1, kEnd, kEnd},
    {"before_the_region", kRegionBase.raw - 1, 2, kRegionBase.raw - 1, kRegionBase.raw - 1},
    {"from_the_rest_into_text", kText - 1, 2, kNone, kText},
    {"from_constants_into_data", kData - 2, 4, kNone, kData - 2},
    {"from_data_into_the_guard", kGuard - 1, 2, kGuard, kGuard},
    {"guard", kGuard + 100, 4, kGuard + 100, kGuard + 100},
    {"over_the_guard", kData, 3 * kPageSize, kGuard, kGuard},
    {"null", 0, 1, 0, 0},
    {"near_null", 0x10, 0x1000, 0x10, 0x10},
    {"wrap_past_the_end", 0xfffffff0, 0x20, 0xfffffff0, 0xfffffff0},
    {"last_address", 0xffffffff, 1, 0xffffffff, 0xffffffff},
    {"length_minus_one", kHeap, 0xffffffff, kEnd, kEnd},
    {"length_minus_one_in_data", kData, 0xffffffff, kGuard, kGuard},
    {"length_that_wraps_back", kHeap, 0xfffffff0, kEnd, kEnd},
    {"whole_address_space", 0, 0xffffffff, 0, 0},
};

struct BufferCall {
  const char* name;
  u32 number;
  Access access;
};
std::ostream& operator<<(std::ostream& out, const BufferCall& buffer) { return out << buffer.name; }
constexpr BufferCall kBufferCalls[] = {{"getrandom", kGetRandom, Access::Write},
                                       {"rpc_request", kRpcRequest, Access::Read},
                                       {"rpc_response", kRpcResponse, Access::Write}};

class Pointer : public testing::TestWithParam<std::tuple<BufferCall, Lie>> {
 protected:
  Pointer() {
    world_.script(1).push_back(svc(kWait, 1, ~0u, ~0u));  // the other one is out of the way
    world_.put(kData, kEcho);
    // Something to respond, and the turn for the other.
    world_.script(0) = {svc(kRpcRequest, kData, u32(std::string_view{kEcho}.size())), svc(kYield)};
    for (u32 i = 0; i < 100 && (!world_.script(0).empty() || !world_.script(1).empty()); ++i) {
      world_.kernel.step();
    }
  }
  World world_{2};
};

TEST_P(Pointer, IsProvedBeforeAByteIsTouched) {
  const auto& [call_of, lie] = GetParam();
  const auto denied = call_of.access == Access::Write ? lie.denied_write : lie.denied_read;
  const Dram before = world_.backend.dram;
  const Outcomes o = call(world_, call_of.number, lie.base, lie.size);
  EXPECT_EQ(o.came_back, !denied);
  const Applet& applet = world_.applet();
  const auto changed = Dram::difference(before, world_.backend.dram);
  if (!denied) {
    EXPECT_EQ(applet.outcome, Outcome::Exited);
    expect_preserved(o, call_of.number == kRpcResponse ? kR0 : 0);
    for (const PhysAddr at : changed) {
      EXPECT_GE(at, world_.backing(lie.base));
      EXPECT_LT(at.raw, world_.backing(lie.base).raw + lie.size);
    }
    EXPECT_EQ(changed.empty(), call_of.access == Access::Read);
    return;
  }
  EXPECT_TRUE(changed.empty()) << changed.size() << " bytes, the first at " << std::hex << changed[0].raw;
  EXPECT_EQ(applet.outcome, Outcome::Faulted);
  EXPECT_EQ(applet.fault.kind, FaultKind::BadSyscall);
  EXPECT_EQ(applet.fault.address.raw, *denied) << std::hex << applet.fault.address.raw;
  EXPECT_EQ(applet.fault.access, call_of.access);
  EXPECT_EQ(applet.fault.pc.raw, o.called.r[kPc] - 4);
  EXPECT_EQ(applet.fault.context, o.called) << "the registers of the call are evidence";
  EXPECT_EQ(world_.applet(1).outcome, Outcome::Running) << "and nobody else is touched";
}

TEST_P(Pointer, MattersNothingWhenTheLengthIsZero) {
  const auto& [call_of, lie] = GetParam();
  const Dram before = world_.backend.dram;
  const Outcomes o = call(world_, call_of.number, lie.base, 0);
  expect_preserved(o, call_of.number == kRpcResponse ? kR0 : 0);
  EXPECT_TRUE(Dram::difference(before, world_.backend.dram).empty());
  EXPECT_EQ(world_.applet().outcome, Outcome::Exited);
}

INSTANTIATE_TEST_SUITE_P(Hostile, Pointer,
                         testing::Combine(testing::ValuesIn(kBufferCalls), testing::ValuesIn(kLies)),
                         [](const auto& test) {
                           return std::string{std::get<0>(test.param).name} + "_" +
                                  std::get<1>(test.param).name;
                         });

TEST(HostilePointer, NamesTheOwnerOfWhatWasDenied) {
  struct Case {
    u32 address;
    Owner owner;
  };
  for (const Case c : {Case{0x90010000, Owner::Supervisor}, Case{0x80000000, Owner::NormalWorld},
                       Case{0x020c4000, Owner::Device}, Case{0, Owner::Nobody}, Case{kGuard, Owner::Applet},
                       Case{kConstants, Owner::Applet}}) {
    World world;
    call(world, kGetRandom, c.address, 4);
    EXPECT_EQ(world.applet().fault.owner.owner, c.owner) << std::hex << c.address;
  }
}

// --- Polling the clock
// ---------------------------------------------------------------------------------------

TEST(Polling, SkipsTimeInBoundedSteps) {
  World world;
  u64 seen = 0;
  world.backend.otherwise = [&](hal::Space, Context& c) {
    seen = c.r[0] | u64{c.r[1]} << 32;
    return svc(kNanotime)(c);
  };
  u32 calls = 0;
  while (seen < 5'000'000'000 && calls < 300'000) world.kernel.step(), ++calls;
  EXPECT_LT(calls, 20'000u) << "the real thing needs up to 206,000";
  ASSERT_FALSE(world.backend.idles.empty());
  for (const auto& idle : world.backend.idles) {
    EXPECT_LE(idle.until.ns, idle.from.ns + 2'000'000);  // a timer of some ms must not be missed by much
  }
}

TEST(Polling, NeverSkipsPastTheWakeOfAnother) {
  World world{2};
  const u64 wake = 30'000'777;  // after the end of the poller's quantum
  bool woken = false;
  world.script(0).push_back(svc(kYield));
  world.script(1) = {svc(kSleepUntil, u32(wake)),
                     after([&](const Context&) { woken = true; }, svc(kSleepUntil, ~0u, ~0u))};
  world.backend.otherwise = [](hal::Space, Context& c) { return svc(kNanotime)(c); };
  for (u32 i = 0; i < 100'000 && !woken; ++i) world.kernel.step();
  ASSERT_TRUE(woken);
  for (const auto& idle : world.backend.idles) {
    if (idle.from.ns < wake) {
      EXPECT_LE(idle.until.ns, wake);
    }
  }
  EXPECT_FALSE(world.backend.idles.empty());
  const auto& runs = world.backend.runs;
  const auto second =
      std::find_if(runs.rbegin(), runs.rend(), [](const auto& run) { return run.space == hal::Space{1}; });
  EXPECT_LT(second->at.ns, wake + 1'000'000) << "it ran when it woke";
}

TEST(Polling, SkipsNothingWhileAnotherHasWork) {
  World world{2};
  world.backend.otherwise = [](hal::Space space, Context& c) {
    return space == hal::Space{0} ? svc(kNanotime)(c) : expired()(c);
  };
  for (u32 i = 0; i < 5000; ++i) world.kernel.step();
  EXPECT_TRUE(world.backend.idles.empty());
}

TEST(Polling, EndsWithTheFirstOtherCall) {
  World world;
  for (u32 round = 0; round < 50; ++round) {
    for (u32 i = 0; i < 4; ++i) world.script().push_back(svc(kNanotime));
    world.script().push_back(svc(kWrite, '.'));
  }
  world.script().push_back(svc(kExit));
  world.play();
  EXPECT_TRUE(world.backend.idles.empty()) << "now and then a look at the clock is not polling";
}

}  // namespace
}  // namespace gotee
