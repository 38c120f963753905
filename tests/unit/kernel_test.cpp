// SPDX-License-Identifier: BSD-3-Clause
//
// The monitor on a machine without a processor: what it prints, whom it stops, what it loads and where.
#include "core/monitor/kernel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "tests/fake/backend.h"
#include "tests/fake/image.h"
#include "tests/fake/steps.h"
#include "tests/fake/world.h"

namespace gotee {
namespace {

using fake::data_abort;
using fake::expired;
using fake::prefetch_abort;
using fake::svc;

constexpr Access kR = Access::Read, kW = Access::Write, kX = Access::Execute;
constexpr u32 kMiB = 1u << 20;
constexpr u64 kSecond = 1'000'000'000;
constexpr u32 kExit = 0, kWrite = 1, kSleepUntil = 17, kExitStatus = 18, kCount = 21;

std::vector<u8> small_image() { return fake::Image{}.text({0xef000000, 0xe5901000, 0xeafffffe}).build(); }

std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> out;
  std::istringstream in{text};
  for (std::string line; std::getline(in, line);) out.push_back(line);
  return out;
}

class KernelTest : public testing::Test {
 protected:
  void create(const KernelOptions& options = fake::kOneCallAStep) {
    kernel = std::make_unique<Kernel>(machine, options);
  }
  std::optional<elf::Refusal> load(std::string_view name, const std::vector<u8>& image,
                                   u32 region_size = kMiB) {
    if (!kernel) create();
    return kernel->load(name, image, {region_size, false});
  }
  void load_ok(std::string_view name = "a") {
    const auto refused = load(name, small_image());
    ASSERT_FALSE(refused) << refused->view();
  }
  Kernel::Step run() {
    for (u32 n = 0; n < 20'000; ++n) {
      const Kernel::Step step = kernel->step();
      if (step == Kernel::Step::Finished || step == Kernel::Step::Deadlock) return step;
    }
    ADD_FAILURE() << "it never ends";
    return Kernel::Step::Ran;
  }
  const Applet& applet(u32 id = 0) { return kernel->applets()[id]; }
  void add(u32 space, fake::Step step) { backend.space_script[space].push_back(std::move(step)); }
  void print(u32 space, std::string_view text) {
    for (const char c : text) add(space, svc(kWrite, u32(i32(static_cast<signed char>(c)))));
  }
  /// Console output since the last call.
  std::string said() { return std::exchange(backend.console, {}); }
  Access rights(const Applet& of, u32 at) {
    Access have = Access::None;
    for (const Access want : {kR, kW, kX}) {
      if (!of.memory.tables().user_fault({at}, want)) have = have | want;
    }
    return have;
  }

  hal::Backend backend;
  hal::Machine machine{backend};
  std::unique_ptr<Kernel> kernel;
};

// --- The log
// ------------------------------------------------------------------------------------------------

TEST_F(KernelTest, AWholeLifeIsLoggedLikeGoTee) {
  load_ok();
  kernel->start();
  print(0, "hello\n");
  add(0, svc(kExit));
  EXPECT_EQ(run(), Kernel::Step::Finished);
  kernel->finish();
  const std::string size = std::to_string(small_image().size());
  EXPECT_EQ(lines(said()),
            (std::vector<std::string>{
                "00:00:00 PL1 loaded applet addr:0x10000000 size:" + size + " entry:0x10010000",
                "00:00:00 PL1 will sleep until PL0 is done",
                "00:00:00 PL1 starting PL0 sp:0x10100000 pc:0x10010000",
                "hello",
                "00:00:00 PL1 stopped PL0 task sp:0x10100000 lr:0x00000000 pc:0x1001001c err:exit",
                "00:00:00 PL1 says goodbye",
            }));
}

TEST_F(KernelTest, SeveralAppletsAreToldApartByName) {
  create({.name_applets = true});
  load_ok("first");
  load_ok("second");
  kernel->start();
  const std::string log = said();
  EXPECT_NE(log.find("PL1 loaded applet first addr:0x10000000 "), std::string::npos) << log;
  EXPECT_NE(log.find("PL1 starting PL0 first sp:0x10100000 pc:0x10010000\n"), std::string::npos) << log;
  EXPECT_NE(log.find("PL1 starting PL0 second sp:0x10100000 pc:0x10010000\n"), std::string::npos) << log;
}

TEST_F(KernelTest, TheClockIsHoursMinutesSeconds) {
  load_ok();
  said();
  backend.clock = {(11 * 3600 + 59 * 60 + 58) * kSecond + 999'999'000};
  kernel->start();
  EXPECT_EQ(said().substr(0, 9), "11:59:58 ");
}

TEST_F(KernelTest, AFaultIsLoggedWithItsRegisters) {
  load_ok();
  said();
  add(0, fake::after([](Context& c) { c.r[0] = 0x90010000, c.r[kLr] = 0x10010008; },
                     data_abort(0x10010004, 0x90010000, 0x00d)));
  EXPECT_EQ(run(), Kernel::Step::Finished);
  EXPECT_EQ(
      lines(said()),
      (std::vector<std::string>{
          "00:00:00    r0:90010000   r1:00000000   r2:00000000   r3:00000000",
          "00:00:00    r4:00000000   r5:00000000   r6:00000000   r7:00000000",
          "00:00:00    r8:00000000   r9:00000000  r10:00000000  r11:00000000",
          "00:00:00   r12:00000000   sp:10100000   lr:10010008   pc:10010004 spsr:00000010 (USR)",
          "00:00:00 PL1 stopped PL0 task sp:0x10100000 lr:0x10010008 pc:0x10010004 err:exception mode ABT",
      }));
}

TEST_F(KernelTest, TheModeOfEachFaultIsNamed) {
  const struct {
    fake::Step step;
    std::string_view mode;
  } kCases[] = {{data_abort(0x10010004, 0, 0x005), "ABT"},
                {prefetch_abort(0x90000000, 0x00d), "ABT"},
                {prefetch_abort(0x10010000, 0x002), "ABT"},
                {fake::undefined(0x10010000), "UND"},
                {svc(77), "SVC"}};
  create();
  for (u32 i = 0; i < std::size(kCases); ++i) {
    load_ok();
    add(i, kCases[i].step);
  }
  said();
  run();
  const std::string log = said();
  std::size_t at = 0;
  for (const auto& c : kCases) {
    at = log.find("err:exception mode ", at);
    ASSERT_NE(at, std::string::npos);
    at += 19;
    EXPECT_EQ(log.substr(at, 4), std::string{c.mode} + "\n");
  }
}

TEST_F(KernelTest, AnErrorStatusIsNamed) {
  load_ok();
  add(0, svc(kExitStatus, 7));
  run();
  EXPECT_EQ(applet().outcome, Outcome::Panicked);
  EXPECT_EQ(applet().exit_status, 7u);
  EXPECT_NE(said().find(" err:exit status 7\n"), std::string::npos);
}

// --- Faults
// ----------------------------------------------------------------------------------------------------

TEST_F(KernelTest, AFaultStopsOnlyTheOffender) {
  load_ok("bad");
  load_ok("good");
  add(0, data_abort(0x10010004, 0x90010000, 0x80d));
  add(1, expired());
  print(1, "still here\n");
  add(1, svc(kExit));
  EXPECT_EQ(run(), Kernel::Step::Finished);
  EXPECT_EQ(applet(0).outcome, Outcome::Faulted);
  EXPECT_EQ(applet(1).outcome, Outcome::Exited);
  EXPECT_NE(said().find("still here\n"), std::string::npos);
  std::size_t runs_of_bad = 0;
  for (const auto& r : backend.runs) runs_of_bad += r.space == applet(0).space;
  EXPECT_EQ(runs_of_bad, 1u);
}

TEST_F(KernelTest, AFaultKeepsWhatTheHardwareSaid) {
  load_ok();
  add(0, data_abort(0x10010004, 0x90010000, 0x80d));
  run();
  const Fault& f = applet().fault;
  EXPECT_EQ(f.kind, FaultKind::DataAbort);
  EXPECT_EQ(f.access, kW);
  EXPECT_EQ(f.pc.raw, 0x10010004u);
  EXPECT_EQ(f.address.raw, 0x90010000u);
  EXPECT_EQ(f.status, 0x80du);
  EXPECT_EQ(f.owner.owner, Owner::Supervisor);
  EXPECT_EQ(f.instruction, 0xe5901000u);
  EXPECT_EQ(f.instruction_size, 4u);
  EXPECT_EQ(f.size, 4u);
  EXPECT_EQ(f.context.r[kPc], 0x10010004u);
}

TEST_F(KernelTest, ALaterFaultDoesNotTouchAnEarlierOne) {
  load_ok("first");
  load_ok("second");
  add(0, data_abort(0x10010004, 0x90010000, 0x00d));
  add(1, prefetch_abort(0x80000000, 0x00d));
  run();
  EXPECT_EQ(applet(0).fault.kind, FaultKind::DataAbort);
  EXPECT_EQ(applet(0).fault.address.raw, 0x90010000u);
  EXPECT_EQ(applet(1).fault.kind, FaultKind::PrefetchAbort);
  EXPECT_EQ(applet(1).fault.owner.owner, Owner::NormalWorld);
}

TEST_F(KernelTest, AnInstructionOutsideOfTheAppletsCodeIsNotRead) {
  load_ok();
  add(0, prefetch_abort(0x90000000, 0x00d));
  run();
  EXPECT_EQ(applet().fault.instruction_size, 0u);
}

TEST_F(KernelTest, AnInstructionAtTheEndOfTheTextIsReadAsFarAsItGoes) {
  std::vector<u8> code(kPageSize, 0);
  code[0xffe] = 0x01, code[0xfff] = 0x68;  // ldr r1, [r0] in Thumb, in the last halfword
  ASSERT_FALSE(load("a", fake::Image{}.segment(fake::kText, code, kPageSize, kR | kX).build()));
  add(0, fake::after([](Context& c) { c.cpsr |= kCpsrThumb; }, data_abort(0x10010ffe, 0x90000000, 0x00d)));
  run();
  EXPECT_EQ(applet().fault.instruction_size, 2u);
  EXPECT_EQ(applet().fault.instruction, 0x6801u);
  EXPECT_EQ(applet().fault.size, 4u);
}

TEST_F(KernelTest, ABadCallIsAFaultOfTheSvcItself) {
  load_ok();
  add(0, svc(77));
  run();
  EXPECT_EQ(applet().outcome, Outcome::Faulted);
  EXPECT_EQ(applet().fault.kind, FaultKind::BadSyscall);
  EXPECT_EQ(applet().fault.pc.raw, 0x10010000u);
  EXPECT_EQ(applet().fault.instruction, 0xef000000u);
}

// --- Loading
// -----------------------------------------------------------------------------------------------------

TEST_F(KernelTest, AThumbEntryStartsInThumb) {
  ASSERT_FALSE(load("a", fake::Image{}.text({0}).entry(fake::kText | 1).build()));
  EXPECT_EQ(applet().context.r[kPc], 0x10010000u);
  EXPECT_TRUE(applet().context.thumb());
}

TEST_F(KernelTest, AFreshContextHoldsNothingButItsPlace) {
  load_ok();
  Context want;
  want.r[kPc] = 0x10010000, want.r[kSp] = 0x10100000, want.cpsr = 0x10;
  EXPECT_EQ(applet().context, want);
}

TEST_F(KernelTest, SegmentsGetExactlyTheirRightsAndGapsAreNeverExecutable) {
  const std::vector<u8> bytes(100, 1);
  ASSERT_FALSE(load("a", fake::Image{}
                             .segment(0x10010000, bytes, 100, kR | kX)
                             .segment(0x10012000, bytes, 0x1001, kR)
                             .segment(0x10020000, bytes, 0x2000, kR | kW)
                             .build()));
  const struct {
    u32 from, to;
    Access access;
  } kWant[] = {{0x10000000, 0x10010000, kR | kW}, {0x10010000, 0x10011000, kR | kX},
               {0x10011000, 0x10012000, kR | kW}, {0x10012000, 0x10014000, kR},
               {0x10014000, 0x10100000, kR | kW}, {0x10100000, 0x10200000, Access::None}};
  for (const auto& w : kWant) {
    for (u32 at = w.from; at < w.to; at += kPageSize) {
      ASSERT_EQ(rights(applet(), at), w.access) << std::hex << at;
      ASSERT_EQ(rights(applet(), at + kPageSize - 1), w.access) << std::hex << at;
    }
  }
  EXPECT_EQ(rights(applet(), 0), Access::None);
  EXPECT_EQ(rights(applet(), 0x0fffffff), Access::None);
}

TEST_F(KernelTest, SegmentsInAnyOrderOfTheFileAreMappedTheSame) {
  const std::vector<u8> bytes(8, 1);
  ASSERT_FALSE(load("a", fake::Image{}
                             .segment(0x10020000, bytes, 8, kR | kW)
                             .segment(0x10010000, bytes, 8, kR | kX)
                             .segment(0x10015000, bytes, 8, kR)
                             .build()));
  EXPECT_EQ(rights(applet(), 0x10010000), kR | kX);
  EXPECT_EQ(rights(applet(), 0x10015000), kR);
  EXPECT_EQ(rights(applet(), 0x10016000), kR | kW);
  EXPECT_EQ(rights(applet(), 0x10020000), kR | kW);
}

TEST_F(KernelTest, AppletsShareNoMemory) {
  load_ok("a");
  load_ok("b");
  EXPECT_NE(applet(0).space, applet(1).space);
  for (u32 at = 0x10000000; at < 0x10100000; at += kPageSize) {
    const u32 a = applet(0).memory.tables().walk({at}).address.raw;
    const u32 b = applet(1).memory.tables().walk({at}).address.raw;
    ASSERT_GE(a, kAppletDram.base.raw);
    ASSERT_LT(a, kAppletDram.base.raw + kMiB);
    ASSERT_GE(b, kAppletDram.base.raw + kMiB);
    ASSERT_LT(b, kAppletDram.base.raw + 2 * kMiB);
  }
}

TEST_F(KernelTest, BssIsZeroAndNothingIsLeftOfWhatWasThere) {
  const std::vector<u8> dirt(2 * kMiB, 0xa5);
  backend.dram.write(kAppletDram.base, dirt);
  const std::vector<u8> data = {1, 2, 3};
  ASSERT_FALSE(
      load("a", fake::Image{}.text({0xef000000}).segment(0x10020000, data, 0x1800, kR | kW).build()));
  std::vector<u8> want(kMiB, 0);
  want[0x10003] = 0xef;
  std::copy(data.begin(), data.end(), want.begin() + 0x20000);
  EXPECT_EQ(backend.dram.bytes(kAppletDram.base, kMiB), want);
  EXPECT_EQ(backend.dram.bytes({kAppletDram.base.raw + kMiB}, 16), std::vector<u8>(16, 0xa5));  // not ours
}

TEST_F(KernelTest, CodeIsPublishedAndTheSpaceDefined) {
  load_ok();
  ASSERT_EQ(backend.published.size(), 1u);
  EXPECT_EQ(backend.published[0].base.raw, 0x98010000u);
  EXPECT_GE(backend.published[0].size, 12u);
  EXPECT_EQ(backend.regions[0].size(), applet().memory.regions().size());
}

TEST_F(KernelTest, ARefusedImageLeavesNothingBehind) {
  create();
  const fake::Dram before = backend.dram;
  std::vector<u8> broken = small_image();
  broken[0] = 0;
  EXPECT_TRUE(load("broken", broken));
  EXPECT_TRUE(load("empty", {}));
  EXPECT_TRUE(load("outside", fake::Image{}.segment(0x20000000, std::vector<u8>{1}, 1, kR | kX).build()));
  EXPECT_TRUE(load("wx", fake::Image{}.segment(fake::kText, std::vector<u8>{1}, 1, kR | kW | kX).build()));
  EXPECT_TRUE(load("odd", small_image(), kMiB + kPageSize));
  EXPECT_TRUE(kernel->applets().empty());
  EXPECT_TRUE(fake::Dram::difference(before, backend.dram).empty());
  EXPECT_TRUE(backend.writes.empty());
  EXPECT_EQ(backend.console, "");
  EXPECT_EQ(kernel->step(), Kernel::Step::Finished);

  load_ok("good");
  EXPECT_EQ(applet().id, 0u);
  EXPECT_EQ(applet().name.view(), "good");
  EXPECT_EQ(applet().memory.tables().walk({0x10000000}).address, kAppletDram.base);
  add(0, svc(kExit));
  EXPECT_EQ(run(), Kernel::Step::Finished);
}

TEST_F(KernelTest, RegionSizesAreWholeMebibytesUpToTheWholePool) {
  for (const u32 size :
       {0u, 1u, kPageSize, kMiB - 1, kMiB + kPageSize, 129 * kMiB, 0xfff00000u, 0xffffffffu}) {
    const auto refused = load("a", small_image(), size);
    ASSERT_TRUE(refused) << size;
    EXPECT_NE(refused->view().find("1 MiB"), std::string_view::npos);
  }
  EXPECT_FALSE(load("all", small_image(), 128 * kMiB));
  EXPECT_EQ(applet().context.r[kSp], 0x18000000u);
  const auto refused = load("more", small_image());
  ASSERT_TRUE(refused);
  EXPECT_NE(refused->view().find("no room"), std::string_view::npos);
  EXPECT_EQ(kernel->applets().size(), 1u);
}

TEST_F(KernelTest, TwoDefaultRegionsFillThePoolAndASmallerOneIsAskedFor) {
  EXPECT_FALSE(load("a", small_image(), kRegionSize));
  EXPECT_FALSE(load("b", small_image(), kRegionSize));
  const auto refused = load("c", small_image(), kRegionSize);
  ASSERT_TRUE(refused);
  EXPECT_NE(refused->view().find("needs 64 MiB"), std::string_view::npos) << refused->view();
}

TEST_F(KernelTest, EightAppletsAndNoMore) {
  for (u32 i = 0; i < hal::kMaxSpaces; ++i) EXPECT_FALSE(load("a", small_image()));
  const auto refused = load("ninth", small_image());
  ASSERT_TRUE(refused);
  EXPECT_NE(refused->view().find("no room"), std::string_view::npos);
  for (u32 i = 0; i < hal::kMaxSpaces; ++i) add(i, svc(kExit));
  EXPECT_EQ(run(), Kernel::Step::Finished);
}

TEST_F(KernelTest, LockstepHasRoomForFour) {
  create({.lockstep = true});
  for (u32 i = 0; i < 4; ++i) EXPECT_FALSE(load("a", small_image()));
  EXPECT_TRUE(load("fifth", small_image()));
}

TEST_F(KernelTest, LockstepNeedsTwiceTheMemory) {
  create({.lockstep = true});
  EXPECT_TRUE(load("a", small_image(), 65 * kMiB));
  EXPECT_FALSE(load("a", small_image(), 64 * kMiB));
}

// --- The console
// ---------------------------------------------------------------------------------------------------

TEST_F(KernelTest, LinesOfTwoAppletsAreNeverTornApart) {
  load_ok("a");
  load_ok("b");
  for (u32 i = 0; i < 2; ++i) {
    for (u32 n = 0; n < 50; ++n) {
      print(i, i == 0 ? "aaaaaaaaaaaaaaaa\n" : "bbbbbbbb\n");
      add(i, expired());
    }
    add(i, svc(kExit));
  }
  backend.per_run = {3'000'000};  // about three bytes to a quantum
  said();
  run();
  u32 a = 0, b = 0;
  for (const std::string& line : lines(said())) {
    a += line == "aaaaaaaaaaaaaaaa", b += line == "bbbbbbbb";
    EXPECT_TRUE(line == "aaaaaaaaaaaaaaaa" || line == "bbbbbbbb" ||
                line.find("PL1 stopped") != std::string::npos)
        << line;
  }
  EXPECT_EQ(a, 50u);
  EXPECT_EQ(b, 50u);
}

TEST_F(KernelTest, APartialLineIsPrintedAtExitAndTheLogStartsANewOne) {
  load_ok();
  said();
  print(0, "no newline");
  add(0, svc(kExit));
  run();
  const auto out = lines(said());
  ASSERT_EQ(out.size(), 2u);
  EXPECT_EQ(out[0], "no newline");
  EXPECT_NE(out[1].find(" err:exit"), std::string::npos);
}

TEST_F(KernelTest, APartialLineIsPrintedBeforeAFaultAndTheRegistersStartANewOne) {
  load_ok();
  said();
  print(0, "about to crash");
  add(0, data_abort(0x10010004, 0x90010000, 0x00d));
  run();
  const auto out = lines(said());
  ASSERT_EQ(out.size(), 6u);
  EXPECT_EQ(out[0], "about to crash");
  EXPECT_EQ(out[1].substr(0, 15), "00:00:00    r0:");
  EXPECT_NE(out[5].find("PL1 stopped"), std::string::npos);
}

TEST_F(KernelTest, APartialLineOfASleeperDoesNotMixWithTheRegistersOfAnother) {
  load_ok("sleeper");
  load_ok("bad");
  said();
  print(0, "waiting... ");
  add(0, svc(kSleepUntil, u32(kSecond)));
  print(0, "done\n");
  add(0, svc(kExit));
  add(1, data_abort(0x10010004, 0x90010000, 0x00d));
  run();
  const auto out = lines(said());
  ASSERT_GE(out.size(), 7u);
  EXPECT_EQ(out[0], "waiting... ");
  EXPECT_EQ(out[1].substr(0, 15), "00:00:00    r0:");
}

TEST_F(KernelTest, APartialLineIsPrintedWhenTheRunIsCutShort) {
  load_ok();
  said();
  print(0, "left over");
  for (u32 n = 0; n < 9; ++n) kernel->step();
  kernel->finish();
  EXPECT_EQ(said(), "left over\n00:00:00 PL1 says goodbye\n");
}

TEST_F(KernelTest, EveryByteIsPrintedAsItIs) {
  load_ok();
  said();
  std::string text = "h\xc3\xa9llo \xe2\x82\xac \xf0\x9f\x94\x92 ";
  for (int c = 1; c < 256; ++c) {
    if (c != '\n') text.push_back(char(c));
  }
  text.push_back('\0');
  text.push_back('\n');
  print(0, text);  // Go sign-extends the byte
  add(0, svc(kExit));
  run();
  EXPECT_EQ(said().substr(0, text.size()), text);
}

TEST_F(KernelTest, VeryLongLinesArriveWhole) {
  load_ok();
  said();
  const std::string text = std::string(1000, 'x') + "\n";
  print(0, text);
  add(0, svc(kExit));
  run();
  EXPECT_EQ(said().substr(0, text.size()), text);
}

// --- Time
// ------------------------------------------------------------------------------------------------------------

TEST_F(KernelTest, AnEndlessAppletGetsExactlyOneQuantumAtATime) {
  create({.quantum = {7'000}});
  load_ok("a");
  load_ok("b");
  backend.otherwise = [&](hal::Space, Context& c) {
    backend.clock = backend.runs.back().deadline;
    return Trap{TrapKind::Expired, c.pc(), {}, 0};
  };
  for (u32 n = 0; n < 10; ++n) EXPECT_EQ(kernel->step(), Kernel::Step::Ran);
  ASSERT_EQ(backend.runs.size(), 10u);
  for (u32 n = 0; n < 10; ++n) {
    EXPECT_EQ(backend.runs[n].deadline.ns - backend.runs[n].at.ns, 7'000u);
    EXPECT_EQ(backend.runs[n].space, hal::Space(n % 2));
  }
}

TEST_F(KernelTest, AloneAnAppletIsNotInterruptedUntilSomebodyWakes) {
  load_ok("a");
  load_ok("b");
  add(0, svc(kSleepUntil, 500'000'000));
  add(1, expired());
  add(1, expired());
  kernel->step(), kernel->step(), kernel->step();
  ASSERT_EQ(backend.runs.size(), 3u);
  EXPECT_EQ(backend.runs[1].deadline.ns, 500'000'000u);
  EXPECT_EQ(backend.runs[2].deadline.ns, 500'000'000u);
}

TEST_F(KernelTest, TheMachineIdlesUntilTheSleeperWakes) {
  load_ok();
  add(0, svc(kSleepUntil, u32(2 * kSecond)));
  add(0, svc(kExit));
  EXPECT_EQ(run(), Kernel::Step::Finished);
  ASSERT_EQ(backend.idles.size(), 1u);
  EXPECT_EQ(backend.idles[0].until.ns, 2 * kSecond);
  EXPECT_NE(said().find("00:00:02 PL1 stopped"), std::string::npos);
}

TEST_F(KernelTest, TheCounterSpeaksEachSecondBesideTheApplet) {
  load_ok();
  backend.clock = {0};
  backend.per_run = {0};
  said();
  add(0, svc(kCount, 3));
  for (u32 tenths = 5; tenths < 40; tenths += 10) {
    add(0, svc(kSleepUntil, u32(tenths * kSecond / 10)));
    print(0, "tick\n");
  }
  add(0, svc(kExit));
  EXPECT_EQ(run(), Kernel::Step::Finished);
  const auto out = lines(said());
  ASSERT_EQ(out.size(), 8u);
  for (u32 n = 1; n <= 3; ++n) {
    EXPECT_EQ(out[2 * n - 2], "tick");
    EXPECT_EQ(out[2 * n - 1],
              "00:00:0" + std::to_string(n) + " PL1 says " + std::to_string(n) + " missisipi");
  }
  EXPECT_EQ(out[6], "tick");
}

TEST_F(KernelTest, TheCounterInterruptsAnAppletThatNeverSleeps) {
  load_ok();
  said();
  add(0, svc(kCount, 2));
  backend.otherwise = [&](hal::Space, Context& c) {
    backend.clock = std::min(backend.runs.back().deadline, Instant{5 * kSecond});
    if (backend.clock.ns >= 5 * kSecond) return svc(kExit)(c);
    return Trap{TrapKind::Expired, c.pc(), {}, 0};
  };
  EXPECT_EQ(run(), Kernel::Step::Finished);
  const std::string log = said();
  EXPECT_NE(log.find("00:00:01 PL1 says 1 missisipi\n"), std::string::npos) << log;
  EXPECT_NE(log.find("00:00:02 PL1 says 2 missisipi\n"), std::string::npos) << log;
  EXPECT_EQ(log.find("says 3"), std::string::npos);
}

TEST_F(KernelTest, TheCounterDoesNotKeepTheMachineGoing) {
  load_ok();
  add(0, svc(kCount, 60));
  add(0, svc(kExit));
  EXPECT_EQ(run(), Kernel::Step::Finished);
  EXPECT_LT(backend.clock.ns, kSecond);
}

// --- Bursts: calls after which the same applet may simply go on --------------------------------------

TEST_F(KernelTest, ABurstServesCallsWithoutANewDecisionUpToItsBound) {
  create({.burst = 3});
  load_ok();
  for (u32 i = 0; i < 5; ++i) add(0, svc(kWrite, 'x'));
  EXPECT_EQ(kernel->step(), Kernel::Step::Ran);
  EXPECT_EQ(backend.runs.size(), 3u);
  for (const auto& r : backend.runs) EXPECT_EQ(r.deadline, backend.runs.front().deadline);
}

TEST_F(KernelTest, ABurstEndsWhenSomebodyElseMayHaveToRun) {
  constexpr u32 kYield = 16, kNotify = 20, kWait = 19;
  const struct {
    const char* name;
    fake::Step call;
  } kEnds[] = {{"yield", svc(kYield)},
               {"sleep", svc(kSleepUntil, u32(kSecond))},
               {"exit", svc(kExit)},
               {"notify a waiter", svc(kNotify, 1, 1)}};
  for (const auto& end : kEnds) {
    SCOPED_TRACE(end.name);
    fake::World w{2, {.burst = 64}};
    w.script(1).push_back(svc(kWait, 1, 0xffffffff, 0xffffffff));  // b waits for ever
    w.script(0).push_back(svc(kYield));
    EXPECT_EQ(w.kernel.step(), Kernel::Step::Ran);  // a yields
    EXPECT_EQ(w.kernel.step(), Kernel::Step::Ran);  // b waits
    w.backend.runs.clear();
    for (const auto& call : {svc(kWrite, 'x'), end.call, svc(kWrite, 'y')}) w.script(0).push_back(call);
    EXPECT_EQ(w.kernel.step(), Kernel::Step::Ran);
    EXPECT_EQ(w.backend.runs.size(), 2u) << "the call ends the burst, the next one waits";
  }
}

TEST_F(KernelTest, AMachineWithoutAppletsIsFinished) {
  create();
  EXPECT_EQ(kernel->step(), Kernel::Step::Finished);
}

}  // namespace
}  // namespace gotee
