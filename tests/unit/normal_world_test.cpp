// SPDX-License-Identifier: BSD-3-Clause
//
// The Normal world as the monitor sees it: loading, monitor calls, and what becomes of its violations.
#include <gtest/gtest.h>

#include "core/fault/status.h"
#include "core/monitor/exit_code.h"
#include "tests/fake/image.h"
#include "tests/fake/steps.h"
#include "tests/fake/world.h"

namespace gotee {
namespace {

using fake::expired;
using fake::Step;
using fake::svc;

constexpr u32 kEntry = 0x80010000;

std::vector<u8> guest_image(u32 address = kEntry) {
  return fake::Image{}
      .entry(address)
      .segment(address, std::vector<u8>(64, 0xe1), 4096, Access::Read | Access::Execute)
      .build();
}

/// `smc #0` with these registers; pc ends behind it.
Step smc(u32 number, u32 r1 = 0) {
  return [=](Context& c) {
    c.r[0] = number, c.r[1] = r1;
    c.r[kPc] += 4;
    return Trap{TrapKind::MonitorCall, c.pc(), {}, 0};
  };
}

struct NormalWorldTest : testing::Test {
  hal::Backend backend;
  hal::Machine machine{backend};
  Kernel kernel{machine, {.burst = 1}};

  std::string refused(const std::vector<u8>& image) {
    const auto why = kernel.load_normal_world("guest", image);
    return why ? std::string{why->view()} : std::string{};
  }
  void load() {
    ASSERT_EQ(refused(guest_image()), "");
    kernel.start();
    backend.console.clear();
  }
  const Applet& guest() { return kernel.applets().front(); }
  Kernel::Step run() {
    Kernel::Step step = Kernel::Step::Ran;
    while (step != Kernel::Step::Finished && step != Kernel::Step::Deadlock) step = kernel.step();
    return step;
  }
};

TEST_F(NormalWorldTest, StartsInSystemModeWithEveryRegisterZero) {  // as GoTEE starts its main OS
  load();
  Context want;
  want.r[kPc] = kEntry;
  want.cpsr = 0x1f;
  EXPECT_EQ(guest().context, want);
  EXPECT_EQ(guest().banked, BankedRegisters{});
}

TEST_F(NormalWorldTest, SecureMemoryIsProtectedBeforeTheGuestIsLoaded) {
  EXPECT_EQ(refused(guest_image()), "");
  EXPECT_EQ(backend.protections, (std::vector<hal::Backend::Protection>{{{0x90000000}, 0x10000000}}));
  EXPECT_EQ(backend.console.find("WARNING"), std::string::npos);
}

TEST_F(NormalWorldTest, AMachineThatCannotProtectSaysSoAloud) {
  backend.protect_error = Error::Unsupported;
  EXPECT_EQ(refused(guest_image()), "");
  EXPECT_NE(backend.console.find("WARNING secure memory is not protected by this machine"),
            std::string::npos);
}

TEST_F(NormalWorldTest, AProtectionThatFailsKeepsTheNormalWorldFromRunning) {
  for (const Error error : {Error::Device, Error::Denied, Error::Invalid}) {
    backend.protect_error = error;
    EXPECT_EQ(refused(guest_image()), "secure memory cannot be protected, so no normal world may run");
    EXPECT_TRUE(kernel.applets().empty());
    EXPECT_TRUE(backend.writes.empty()) << "nothing was loaded";
  }
}

TEST_F(NormalWorldTest, AnImageOutsideItsDramIsRefused) {
  for (const u32 address : {0x10010000u, 0x7ffff000u, 0x90000000u, 0x98000000u, 0xa0000000u}) {
    EXPECT_NE(
        refused(guest_image(address)).find("expected inside the normal world's memory 0x80000000-0x8fffffff"),
        std::string::npos)
        << std::hex << address;
  }
  EXPECT_TRUE(backend.writes.empty());
  EXPECT_TRUE(backend.protections.empty());
}

TEST_F(NormalWorldTest, ThereIsOneAtMost) {
  load();
  EXPECT_EQ(refused(guest_image()), "no room: one normal world at most");
}

TEST_F(NormalWorldTest, PrintsByteByByteAndExits) {
  load();
  for (const char c : std::string{"hi\n"}) backend.normal_script.push_back(smc(1, 0xffffff00u | u8(c)));
  backend.normal_script.push_back(smc(0));
  EXPECT_EQ(run(), Kernel::Step::Finished);
  EXPECT_EQ(backend.console,
            "hi\n00:00:00 PL1 stopped normal world sp:0x00000000 lr:0x00000000 pc:0x80010010 err:exit\n");
  EXPECT_EQ(guest().outcome, Outcome::Exited);
  EXPECT_EQ(exit_code_of(kernel.applets()), ExitCode::Ok);
}

TEST_F(NormalWorldTest, AMonitorCallPreservesEveryRegister) {
  load();
  Context called;
  backend.normal_script.push_back([&](Context& c) {
    for (u32 i = 0; i < 15; ++i) c.r[i] = 0x1000 + i;
    c.r[0] = 1, c.r[1] = 'x';
    c.r[kPc] += 4;
    called = c;
    return Trap{TrapKind::MonitorCall, c.pc(), {}, 0};
  });
  ASSERT_EQ(kernel.step(), Kernel::Step::Ran);
  EXPECT_EQ(guest().context, called);
}

TEST_F(NormalWorldTest, TakesTurnsWithTheApplets) {
  ASSERT_FALSE(kernel.load("a", fake::standard_image(), {}));
  load();
  backend.normal_script = {smc(16), smc(16), smc(0)};
  backend.space_script[0] = {svc(16), svc(16), svc(0)};
  EXPECT_EQ(run(), Kernel::Step::Finished);
  EXPECT_EQ(backend.normal_runs, 3u);
  EXPECT_EQ(backend.runs.size(), 3u);
}

TEST_F(NormalWorldTest, AnUnknownMonitorCallIsItsEndAndNamesTheNumber) {
  load();
  backend.normal_script.push_back(smc(77));
  EXPECT_EQ(run(), Kernel::Step::Finished);
  EXPECT_EQ(guest().outcome, Outcome::Faulted);
  EXPECT_EQ(guest().fault.reason.view(), "there is no monitor call 77");
  EXPECT_EQ(guest().fault.pc.raw, kEntry);
}

TEST_F(NormalWorldTest, AMonitorCallOfThumbCodeHasFourBytes) {  // DDI 0406C.d, B9.3.14: encoding T1
  load();
  backend.normal_script.push_back([](Context& c) {
    c.cpsr |= kCpsrThumb;
    return smc(77)(c);
  });
  EXPECT_EQ(run(), Kernel::Step::Finished);
  EXPECT_EQ(guest().fault.pc.raw, kEntry);
  EXPECT_EQ(guest().fault.instruction_size, 4u);
}

TEST_F(NormalWorldTest, AViolationIsBlamedOnItWithTheOwner) {
  load();
  backend.normal_script.push_back(
      fake::data_abort(kEntry + 8, 0x90010000, fsr_of(FaultStatus::ExternalAbort, false)));
  EXPECT_EQ(run(), Kernel::Step::Finished);
  const Fault& fault = guest().fault;
  EXPECT_EQ(guest().outcome, Outcome::Faulted);
  EXPECT_EQ(fault.owner.owner, Owner::Supervisor);
  EXPECT_EQ(fault.owner.rights, Access::None);
  EXPECT_EQ(fault.address.raw, 0x90010000u);
  EXPECT_EQ(fault.access, Access::Read);
  TextBuffer<300> text;
  describe(fault, "guest", text);
  EXPECT_EQ(text.view(),
            "the normal world's 'guest' tried to read at 0x90010000, which belongs to the supervisor (the "
            "normal world "
            "has no rights): synchronous external abort, from the TZASC");
}

TEST_F(NormalWorldTest, ThatRunsOnDoesNotKeepTheKernel) {
  load();
  backend.normal_script = {expired(), expired(), smc(0)};
  EXPECT_EQ(kernel.step(), Kernel::Step::Ran);
  EXPECT_EQ(kernel.step(), Kernel::Step::Ran);
  EXPECT_EQ(run(), Kernel::Step::Finished);
}

}  // namespace
}  // namespace gotee
