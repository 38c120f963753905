// SPDX-License-Identifier: BSD-3-Clause
//
// The simulated Normal world: privileged, at home in its own DRAM, and never outside. What it does to its own
// MMU or with its own exceptions is not modelled, and ends as Undefined.
// Ref: [ARM ARM] DDI 0406C.d, B1.8.9 (SMC), Table B3-23 (status), B4.1 (system registers), B9.3 (CPS, SMC).
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/exec/banked.h"
#include "tests/contract/program.h"

namespace gotee::contract {
namespace {

constexpr u32 kCode = 0x80010000, kData = 0x80400000;
constexpr u32 kSmc = 0xe1600070;
constexpr u32 kExternalAbort = 0x008, kWrite = 0x800;  // Table B3-23: synchronous external abort; DFSR.WnR

class SimGuest : public testing::Test {
 protected:
  SimGuest() {
    EXPECT_TRUE(bool(machine.protect(kSupervisorDram.base, kSupervisorDram.size + kAppletDram.size)));
    EXPECT_TRUE(bool(space_.init_normal_world(machine.tables(hal::kNormalSpace))));
    EXPECT_TRUE(bool(machine.define(hal::kNormalSpace, space_.regions())));
  }
  /// As core does: the code is written when the space is defined already.
  void program(const std::vector<u32>& words, bool thumb = false) {
    for (u32 i = 0; i < words.size(); ++i) set_word(kCode + 4 * i, words[i]);
    machine.publish_code({kCode}, 4 * u32(words.size()));
    context = {};
    for (u32 i = 0; i < 15; ++i) context.r[i] = 0x80500000 + 0x1110 * i;
    context.r[kPc] = kCode;
    context.cpsr = kCpsrSystem | (thumb ? kCpsrThumb : 0);
  }
  Trap run(Duration time = {1'000'000}) { return machine.run_normal(context, banked, machine.now() + time); }
  u32 word(u32 address) {
    std::array<u8, 4> b{};
    machine.read({address}, b);
    return u32(b[0]) | u32(b[1]) << 8 | u32(b[2]) << 16 | u32(b[3]) << 24;
  }
  void set_word(u32 address, u32 value) {
    const std::array<u8, 4> b{u8(value), u8(value >> 8), u8(value >> 16), u8(value >> 24)};
    machine.write({address}, b);
  }
  /// `words` behind an ADD, in one block with it: `trap` at the second, and the first has been executed.
  void expect_undefined(u32 code) {
    SCOPED_TRACE(testing::Message() << std::hex << code);
    program({0xe2811001 /* add r1, r1, #1 */, code, kSmc});
    Context want = context;
    want.r[1] += 1, want.r[kPc] = kCode + 4;
    EXPECT_EQ(run(), (Trap{TrapKind::Undefined, {kCode + 4}, {}, 0}));
    EXPECT_EQ(context, want);
  }

  BackendPointer backend = make_backend();
  hal::Machine machine{*backend};
  Context context;
  BankedRegisters banked;

 private:
  AddressSpace space_;
};

TEST_F(SimGuest, MonitorCallsComeBackWithEveryRegister) {
  for (const bool thumb : {false, true}) {
    program(thumb ? std::vector<u32>{0x8000f7f0, 0x8000f7f0} : std::vector<u32>{kSmc, kSmc}, thumb);
    for (u32 n = 1; n <= 2; ++n) {
      Context want = context;
      want.r[kPc] = kCode + 4 * n;
      EXPECT_EQ(run(), (Trap{TrapKind::MonitorCall, {kCode + 4 * n}, {}, 0}));
      EXPECT_EQ(context, want);
      context.r[n] = 0x1234 + n;  // a result
    }
  }
}

TEST_F(SimGuest, ReadsOfTheSecureSideAreExternalAborts) {
  for (const u32 address :
       {0x90010000u, 0x90000000u, 0x9ffffffcu, 0x98000000u, 0xa0000000u, 0x020c4000u, 0u}) {
    program({0xe5901000 /* ldr r1, [r0] */, kSmc});
    context.r[0] = address;
    const Context before = context;
    EXPECT_EQ(run(), (Trap{TrapKind::DataAbort, {kCode}, {address}, kExternalAbort}));
    EXPECT_EQ(context, before);
  }
}

TEST_F(SimGuest, WritesOfTheSecureSideAreExternalAbortsAndWriteNothing) {
  program({0xe5801000 /* str r1, [r0] */, kSmc});
  context.r[0] = 0x98000000;
  set_word(0x98000000, 0x600df00d);
  EXPECT_EQ(run(), (Trap{TrapKind::DataAbort, {kCode}, {0x98000000}, kExternalAbort | kWrite}));
  EXPECT_EQ(word(0x98000000), 0x600df00du);
}

TEST_F(SimGuest, JumpsToTheSecureSideAreExternalAborts) {
  for (const u32 address : {0x90000000u, 0x98000000u, 0xfffffff0u}) {
    program({0xe12fff10 /* bx r0 */});
    context.r[0] = address;
    EXPECT_EQ(run(), (Trap{TrapKind::PrefetchAbort, {address}, {address}, kExternalAbort}));
    EXPECT_EQ(context.r[kPc], address);
  }
}

TEST_F(SimGuest, ReachesItsMemoryToTheLastByteAndNoFurther) {
  program({0xe8900006 /* ldm r0, {r1, r2} */, kSmc});
  context.r[0] = 0x8ffffff8;
  EXPECT_EQ(run().kind, TrapKind::MonitorCall);
  program({0xe8900006, kSmc});
  context.r[0] = 0x8ffffffc;
  EXPECT_EQ(run(), (Trap{TrapKind::DataAbort, {kCode}, {0x90000000}, kExternalAbort}));
  EXPECT_EQ(context.r[0], 0x8ffffffcu);
}

TEST_F(SimGuest, SwitchesItsOwnVfpOn) {  // B1.11.3; off, its instructions are undefined
  expect_undefined(0xee302b01);          // vadd.f64 d2, d0, d1
  program({0xee010f50 /* mcr CPACR, r0 */, 0xf57ff06f /* isb */, 0xeee81a10 /* vmsr fpexc, r1 */,
           0xee302b01 /* vadd.f64 d2, d0, d1 */, kSmc, 0xee302b02 /* vadd.f64 d2, d0, d2 */,
           0xee113f50 /* mrc CPACR, r3 */, kSmc});
  context.r[0] = 0xf << 20, context.r[1] = 1u << 30;
  context.d[0] = 0x3ff8000000000000, context.d[1] = 0x4002000000000000;  // 1.5, 2.25
  EXPECT_EQ(run().kind, TrapKind::MonitorCall);
  EXPECT_EQ(context.d[2], 0x400e000000000000u);  // 3.75
  EXPECT_EQ(banked.cpacr, 0xfu << 20);
  EXPECT_EQ(banked.fpexc, 1u << 30);
  EXPECT_EQ(run().kind, TrapKind::MonitorCall);
  EXPECT_EQ(context.d[2], 0x4015000000000000u);  // 5.25
  EXPECT_EQ(context.r[3], 0xfu << 20);
}

TEST_F(SimGuest, IsPreemptedAnywhereAndGoesOnThere) {
  program({0xe2811001 /* add r1, r1, #1 */, 0xe2822002 /* add r2, r2, #2 */, 0xe2833003 /* add r3, r3, #3 */,
           0xe3510064 /* cmp r1, #100 */, 0x1afffffa /* bne to the first */, kSmc});
  context.r[1] = context.r[2] = context.r[3] = 0;
  u32 slices = 0;
  Trap trap = run({6});
  for (; trap.kind == TrapKind::Expired; ++slices) {
    ASSERT_LT(slices, 500u);
    const u32 done = (context.r[kPc] - kCode) / 4;
    ASSERT_EQ(context.r[1] * 2, context.r[2] + (done == 1 ? 2 : 0));
    ASSERT_EQ(context.r[1] * 3, context.r[3] + (done == 1 || done == 2 ? 3 : 0));
    trap = run({6});
  }
  EXPECT_EQ(trap, (Trap{TrapKind::MonitorCall, {kCode + 24}, {}, 0}));
  EXPECT_EQ(context.r[3], 300u);
  EXPECT_GT(slices, 160u) << "500 instructions, three at a time";
}

TEST_F(SimGuest, CannotReachTheMmuThatKeepsIt) {
  const u32 kCodes[] = {
      0xee010f10,  // mcr SCTLR
      0xee110f10,  // mrc SCTLR: it would see what is not its own
      0xee010f11,  // mcr SCR
      0xee010f51,  // mcr NSACR
      0xee020f10,  // mcr TTBR0
      0xee020f50,  // mcr TTBCR
      0xee121f10,  // mrc TTBR0
      0xec410f02,  // mcrr TTBR0
      0xee030f10,  // mcr DACR
      0xee0a0f12,  // mcr PRRR
      0xee070f18,  // mcr ATS1CPR
      0xee0d0f10,  // mcr FCSEIDR
      0xee190f1d,  // mrc PMCCNTR: the host's time
      0xee0e0f12,  // mcr CNTP_TVAL
      0xee100e10,  // mrc p14, DBGDIDR
      0xfe010f10,  // mcr2 p15
  };
  for (const u32 code : kCodes) expect_undefined(code);
}

TEST_F(SimGuest, MayLookAfterItsCachesAndKeepItsIds) {
  program({0xee101f10 /* mrc MIDR */, 0xee070f15 /* mcr ICIALLU */, 0xee070fd5 /* mcr BPIALL */,
           0xee070f9a /* mcr DSB */, 0xee080f17 /* mcr TLBIALL */, 0xee0c0f10 /* mcr VBAR */,
           0xee1c2f10 /* mrc VBAR */, 0xee0d0f90 /* mcr TPIDRPRW */, 0xee1d3f90 /* mrc TPIDRPRW */, kSmc});
  EXPECT_EQ(run(), (Trap{TrapKind::MonitorCall, {kCode + 40}, {}, 0}));
  EXPECT_EQ(context.r[1] & 0xff00fff0, 0x4100c070u) << "a Cortex-A7";
  EXPECT_EQ(context.r[2], context.r[0]);
  EXPECT_EQ(context.r[3], context.r[0]);
}

TEST_F(SimGuest, EveryAccessThatIsLeftToTheProcessorIsHarmless) {
  const auto code = [](u32 crn, u32 opc1, u32 crm, u32 opc2, bool read) {
    return 0xee000f10u | opc1 << 21 | (read ? 1u << 20 : 0) | crn << 16 | opc2 << 5 | crm;  // rt = r0
  };
  for (u32 n = 0; n < 16u * 8 * 16 * 8 * 2; ++n) {
    const u32 opc1 = n >> 1 & 7, opc2 = n >> 4 & 7, crm = n >> 7 & 15, crn = n >> 11 & 15;
    if (crn == 1 && opc1 == 0 && crm == 0 && opc2 == 2) continue;  // CPACR
    program({0xe5942000 /* ldr r2, [r4] */, code(crn, opc1, crm, opc2, (n & 1) != 0),
             0xe5943000 /* ldr r3, [r4] */, 0xe5951000 /* ldr r1, [r5] */, kSmc});
    context.r[0] = 0, context.r[4] = kData, context.r[5] = 0x90010000;
    const Trap trap = run();
    if (trap.kind == TrapKind::Undefined) continue;
    ASSERT_EQ(trap, (Trap{TrapKind::DataAbort, {kCode + 12}, {0x90010000}, kExternalAbort}))
        << "c" << crn << ", " << opc1 << ", c" << crm << ", " << opc2;
  }
}

TEST_F(SimGuest, PassesOverAnAccessWhoseConditionFails) {
  program({0xe3510000 /* cmp r1, #0 */, 0x0e010f10 /* mcreq SCTLR */, kSmc});
  EXPECT_EQ(run(), (Trap{TrapKind::MonitorCall, {kCode + 12}, {}, 0}));
  program({0xe3510000, 0x0e010f10, kSmc});
  context.r[1] = 0;
  EXPECT_EQ(run(), (Trap{TrapKind::Undefined, {kCode + 4}, {}, 0}));
}

TEST_F(SimGuest, CannotReachTheMmuInThumbEither) {
  program({0x0f10ee01 /* mcr SCTLR */, 0xbf00bf00}, true);
  EXPECT_EQ(run(), (Trap{TrapKind::Undefined, {kCode}, {}, 0}));
  program({0xbf1c3101 /* adds r1, #1; itt ne */, 0x0f10ee01 /* mcrne SCTLR */, 0xbf003101}, true);
  EXPECT_EQ(run(), (Trap{TrapKind::Undefined, {kCode + 2}, {}, 0})) << "an IT block is taken as a whole";
}

TEST_F(SimGuest, ItsOwnExceptionsAreNotModelled) {
  for (const u32 code :
       {0xef000001u /* svc */, 0xe7f000f0u /* udf */, 0xe1200070u /* bkpt */, 0xe1400070u /* hvc */})
    expect_undefined(code);
  program({0xe2811001, 0xe8900060 /* ldm r0, {r5, r6} */, kSmc});
  context.r[0] = kData + 2;
  EXPECT_EQ(run(), (Trap{TrapKind::Undefined, {kCode + 4}, {}, 0})) << "an alignment fault";
  program({0xdf01df01}, true);  // svc, in Thumb
  EXPECT_EQ(run(), (Trap{TrapKind::Undefined, {kCode}, {}, 0}));
  EXPECT_EQ(context.r[kPc], kCode);
}

TEST_F(SimGuest, ChangesItsModeAndUsesUserMode) {
  program({0xe321f0d3 /* msr cpsr_c, #0xd3 */, kSmc, 0xf1020010 /* cps #0x10 */, 0xe1a0300d /* mov r3, sp */,
           0xe10f1000 /* mrs r1, cpsr */, 0xee010f10 /* mcr SCTLR: undefined in User mode too */});
  EXPECT_EQ(run().kind, TrapKind::MonitorCall);
  EXPECT_EQ(context.cpsr & 0xdf, 0xd3u);
  context.r[0] = 1;  // a result must not disturb the mode
  const u32 stack = context.r[kSp] = 0x80123400;
  EXPECT_EQ(run(), (Trap{TrapKind::Undefined, {kCode + 20}, {}, 0}));
  EXPECT_EQ(context.r[1] & 0x1f, 0x10u);
  EXPECT_NE(context.r[3], stack) << "the stack of Supervisor mode is not User mode's";
}

TEST_F(SimGuest, CannotEnterMonitorMode) {  // B1.5.1: it is Secure
  for (const u32 code : {0xf1020016u /* cps #0x16 */, 0xe321f0d6u /* msr cpsr_c, #0xd6 */}) {
    program({code, kSmc});
    EXPECT_EQ(run().kind, TrapKind::MonitorCall);
    EXPECT_EQ(context.cpsr & kCpsrMode, kCpsrSystem);
  }
}

TEST_F(SimGuest, RunsTheCodeThatItWritesAndThatIsWrittenForIt) {
  // Calls a routine at r4, writes another one there, calls that.
  program({0xe12fff34 /* blx r4 */, 0xe1a01000 /* mov r1, r0 */, 0xe5845000 /* str r5, [r4] */,
           0xee070f15 /* mcr ICIALLU */, 0xf57ff06f /* isb */, 0xe12fff34, 0xe1a02000 /* mov r2, r0 */, kSmc,
           0xe12fff34, kSmc});
  const u32 routine = kData;
  set_word(routine, 0xe3a00011);      // mov r0, #0x11
  set_word(routine + 4, 0xe12fff1e);  // bx lr
  context.r[4] = routine, context.r[5] = 0xe3a00022;
  ASSERT_EQ(run(), (Trap{TrapKind::MonitorCall, {kCode + 32}, {}, 0}));
  EXPECT_EQ(context.r[1], 0x11u);
  EXPECT_EQ(context.r[2], 0x22u);
  set_word(routine, 0xe3a00033);
  machine.publish_code({routine}, 4);
  ASSERT_EQ(run().kind, TrapKind::MonitorCall);
  EXPECT_EQ(context.r[0], 0x33u);
}

TEST_F(SimGuest, SeesSimulatedTimeInItsCounters) {  // B8.1.1
  program({0xee1e0f10 /* mrc CNTFRQ, r0 */, 0xec532f0e /* mrrc CNTPCT, r2, r3 */, kSmc,
           0xec554f1e /* mrrc CNTVCT, r4, r5 */, kSmc});
  ASSERT_EQ(run().kind, TrapKind::MonitorCall);
  EXPECT_EQ(context.r[0], 8'000'000u);
  machine.idle({5'000'000'000});
  ASSERT_EQ(run().kind, TrapKind::MonitorCall);
  EXPECT_LT(context.r[2], 1000u);
  EXPECT_EQ(context.r[3], 0u);
  EXPECT_EQ(context.r[4], 40'000'000u);
}

}  // namespace
}  // namespace gotee::contract
