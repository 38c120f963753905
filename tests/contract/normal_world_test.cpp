// SPDX-License-Identifier: BSD-3-Clause
//
// What core may rely on when the Normal world runs: monitor calls, state that survives them, and preemption.
// Ref: [ARM ARM] DDI 0406C.d, B1.3.2 (banked registers), B1.8.9 (Secure Monitor Call), B4.1.129 (SCR.FW,
// SCR.AW).
#include <gtest/gtest.h>

#include <vector>

#include "core/exec/banked.h"
#include "tests/contract/rig.h"

namespace gotee::contract {
namespace {

constexpr u32 kCode = 0x80100000, kStack = 0x80200000;
constexpr u32 kSmc = 0xe1600070;  // smc #0, A32
constexpr u32 kSupervisorMode = 0x13, kMaskAll = 0x1c0;

class NormalWorld : public testing::Test {
 protected:
  NormalWorld() {
    EXPECT_TRUE(bool(space_.init_normal_world(rig.machine().tables(hal::kNormalSpace))));
    banked.cpacr = 0xf << 20;  // B4.1.40: cp10 and cp11, full access
    banked.fpexc = 1u << 30;
    for (u32 i = 0; i < 13; ++i) context.r[i] = 0xa0000001 + 0x01010101 * i;
    for (u32 i = 0; i < 32; ++i) context.d[i] = 0x3ff0000000000000u + i;
    context.r[kSp] = kStack, context.r[kLr] = 0x80123456;
    context.r[kPc] = kCode;
    context.cpsr = kCpsrSystem | kMaskAll;
  }
  void program(const std::vector<u32>& words) {
    std::vector<u8> bytes;
    for (const u32 word : words) {
      for (u32 i = 0; i < 4; ++i) bytes.push_back(u8(word >> (8 * i)));
    }
    rig.machine().write({kCode}, bytes);
    rig.machine().publish_code({kCode}, u32(bytes.size()));
    ASSERT_TRUE(bool(rig.machine().define(hal::kNormalSpace, space_.regions())));
  }
  Trap run(Duration time = {1'000'000}) {
    return rig.machine().run_normal(context, banked, rig.machine().now() + time);
  }
  /// The secure side does something of its own, with every register that it has.
  void run_an_applet() {
    Context applet = Rig::about_to(kCall, 0);
    ASSERT_EQ(rig.perform(kCall, applet).kind, TrapKind::Supervisor);
  }

  Rig rig;
  Context context;
  BankedRegisters banked;

 private:
  AddressSpace space_;
};

TEST_F(NormalWorld, AMonitorCallPointsBehindItAndChangesNothing) {
  program({kSmc, kSmc});
  for (u32 n = 1; n <= 2; ++n) {
    Context want = context;
    want.r[kPc] = kCode + 4 * n;
    EXPECT_EQ(run(), (Trap{TrapKind::MonitorCall, {kCode + 4 * n}, {}, 0}));
    want.cpsr = context.cpsr;
    EXPECT_EQ(context, want);
    EXPECT_EQ(context.cpsr & kCpsrMode, kCpsrSystem);
    run_an_applet();
  }
}

TEST_F(NormalWorld, GetsTheRegistersThatCoreSet) {
  program({kSmc, 0xe2800001 /* add r0,r0,#1 */, kSmc});
  ASSERT_EQ(run().kind, TrapKind::MonitorCall);
  context.r[0] = 41;
  ASSERT_EQ(run().kind, TrapKind::MonitorCall);
  EXPECT_EQ(context.r[0], 42u);
}

TEST_F(NormalWorld, KeepsWhatItsModesBankWhileTheSecureSideRuns) {
  program({
      0xf1020013,  // cps #0x13
      0xe1a0d000,  // mov sp,r0
      0xe1a0e001,  // mov lr,r1
      0xe169f002,  // msr spsr_fc,r2
      kSmc,
      0xe1a0300d,  // mov r3,sp
      0xe1a0400e,  // mov r4,lr
      0xe14f5000,  // mrs r5,spsr
      0xf102001f,  // cps #0x1f
      0xe1a0600d,  // mov r6,sp
      kSmc,
  });
  context.r[0] = 0x80300000, context.r[1] = 0x80400000, context.r[2] = 0x6000001f;
  ASSERT_EQ(run(), (Trap{TrapKind::MonitorCall, {kCode + 20}, {}, 0}));
  EXPECT_EQ(context.cpsr & kCpsrMode, kSupervisorMode);
  run_an_applet();
  ASSERT_EQ(run().kind, TrapKind::MonitorCall);
  EXPECT_EQ(context.r[3], 0x80300000u);
  EXPECT_EQ(context.r[4], 0x80400000u);
  EXPECT_EQ(context.r[5], 0x6000001fu);
  EXPECT_EQ(context.r[6], kStack) << "System mode has a stack of its own";
}

TEST_F(NormalWorld, KeepsItsVectorRegistersWhileTheSecureSideRuns) {
  program({kSmc, 0xee300b01 /* vadd.f64 d0,d0,d1 */, kSmc});
  context.d[0] = 0x3ff8000000000000;  // 1.5
  context.d[1] = 0x4002000000000000;  // 2.25
  ASSERT_EQ(run().kind, TrapKind::MonitorCall);
  run_an_applet();
  ASSERT_EQ(run().kind, TrapKind::MonitorCall);
  EXPECT_EQ(context.d[0], 0x400e000000000000u) << "3.75";
}

TEST_F(NormalWorld, CannotKeepTheProcessorByMaskingItsInterrupts) {
  program({0xf10c01c0 /* cpsid aif */, 0xe2877001 /* add r7,r7,#1 */, 0xeafffffd /* b to the add */});
  context.r[7] = 0;
  for (u32 n = 0; n < 3; ++n) {
    const Instant start = rig.machine().now();
    const u32 rounds = context.r[7];
    ASSERT_EQ(run({200'000}).kind, TrapKind::Expired);
    EXPECT_GE(rig.machine().now().ns, start.ns + 200'000);
    EXPECT_LT(rig.machine().now().ns, start.ns + 400'000);
    EXPECT_GT(context.r[7], rounds);
    run_an_applet();
  }
}

TEST_F(NormalWorld, ReachesItsOwnMemory) {
  program({0xe5810000 /* str r0,[r1] */, 0xe5912000 /* ldr r2,[r1] */, kSmc});
  context.r[0] = 0xcafef00d, context.r[1] = 0x8ffffff0;
  ASSERT_EQ(run().kind, TrapKind::MonitorCall);
  EXPECT_EQ(context.r[2], 0xcafef00du);
}

}  // namespace
}  // namespace gotee::contract
