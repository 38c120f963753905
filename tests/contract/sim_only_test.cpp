// SPDX-License-Identifier: BSD-3-Clause
//
// What only a machine with a processor can be asked, because the answer depends on more than one instruction
// or on what the fake does not model: conditions, IT blocks, values in VFP registers, system registers that
// PL0 may read, exclusives, and code that lies across a page boundary. Ref: [ARM ARM] DDI 0406C.d, as cited.
#include <gtest/gtest.h>

#include <vector>

#include "tests/contract/program.h"

namespace gotee::contract {
namespace {

constexpr u32 kSupervisor = 0x90010000;

constexpr u32 kZero = 1u << 30;  // CPSR.Z

TEST(SimOnly, AConditionThatFailsAsksNothingOfMemory) {  // A8.3
  for (const u32 flags : {0u, kZero}) {
    Program program = Program::arm({0x05901000, 0xef000000});  // ldreq r1, [r0]; svc
    program.context.r[0] = kSupervisor;
    program.context.cpsr |= flags;
    EXPECT_EQ(program.run().kind, flags == 0 ? TrapKind::Supervisor : TrapKind::DataAbort);
  }
}

TEST(SimOnly, AMisalignedLdmUnderAConditionThatFailsIsNoFault) {
  for (const u32 flags : {0u, kZero}) {
    Program program = Program::arm({0x08900006, 0xef000000});  // ldmeq r0, {r1, r2}
    program.context.r[0] = kHere + 2;
    program.context.cpsr |= flags;
    EXPECT_EQ(program.run().kind, flags == 0 ? TrapKind::Supervisor : TrapKind::DataAbort);
  }
}

TEST(SimOnly, AFaultInsideAnItBlockStopsThereWithItsItState) {  // A2.5.2, B1.8.1
  Program program{{0xbf04, 0x6001, 0x3201, 0xdf00}};            // itt eq; streq r1, [r0]; addeq r2, #1; svc
  as_thumb(program);
  program.context.cpsr |= kZero;
  program.context.r[0] = kSupervisor;
  const Trap trap = program.run();
  EXPECT_EQ(trap, (Trap{TrapKind::DataAbort, {kText + 2}, {kSupervisor}, 0x80d}));
  EXPECT_EQ(program.context.r[2], 0u) << "the instruction behind it did not run";
  // ITSTATE of the first of two EQ instructions: 0000 0100, bits 7:2 in CPSR[15:10], 1:0 in CPSR[26:25].
  EXPECT_EQ(program.context.cpsr & 0x0600fc00, 0x0400u);
}

TEST(SimOnly, AnItBlockWhoseConditionFailsAsksNothingOfMemory) {
  Program program{{0xbf04, 0x6001, 0x3201, 0xdf00}};
  as_thumb(program);
  program.context.r[0] = kSupervisor;
  EXPECT_EQ(program.run(), (Trap{TrapKind::Supervisor, {kText + 8}, {}, 0}));
  EXPECT_EQ(program.context.r[2], 0u);
}

TEST(SimOnly, ResumesInsideAnItBlock) {
  Program program{{0x6001, 0x3201, 0xdf00}};  // as if behind itt eq
  as_thumb(program);
  program.context.cpsr |= 0x0400 | kZero;
  program.context.r[0] = kHere;
  program.context.r[1] = 0x1234;
  EXPECT_EQ(program.run().kind, TrapKind::Supervisor);
  EXPECT_EQ(program.word(kHere), 0x1234u);
  EXPECT_EQ(program.context.r[2], 1u);
}

TEST(SimOnly, ResumesInsideAnItBlockWhoseConditionFails) {
  Program program{{0x6001, 0x3201, 0xdf00}};
  as_thumb(program);
  program.context.cpsr |= 0x0400;
  program.context.r[0] = kSupervisor;
  EXPECT_EQ(program.run().kind, TrapKind::Supervisor);
  EXPECT_EQ(program.context.r[2], 0u);
}

TEST(SimOnly, AWideThumbInstructionAcrossPagesFaultsInTheSecond) {  // pc is its own, IFAR the halfword's
  Program program{{0xf8d0}, kPageSize - 2};  // ldr.w, whose second half is not executable
  as_thumb(program);
  const Trap trap = program.run();
  EXPECT_EQ(trap, (Trap{TrapKind::PrefetchAbort, {kText + kPageSize - 2}, {kText + kPageSize}, 0x00f}));
}

TEST(SimOnly, RunningOffTheEndOfTextStopsAtTheNextPage) {
  Program program{{0x0000, 0xe1a0}, kPageSize - 4};  // mov r0, r0
  const Trap trap = program.run();
  EXPECT_EQ(trap, (Trap{TrapKind::PrefetchAbort, {kText + kPageSize}, {kText + kPageSize}, 0x00f}));
}

TEST(SimOnly, FloatingPointRegistersCarryValuesInAndOut) {
  // vadd.f64 d2, d0, d1; vmov d31, r1, r2; vmrs r3, fpscr; svc
  Program program = Program::arm({0xee302b01, 0xec421b3f, 0xeef13a10, 0xef000000});
  program.context.d[0] = 0x3ff8000000000000;  // 1.5
  program.context.d[1] = 0x4002000000000000;  // 2.25
  program.context.r[1] = 0x89abcdef, program.context.r[2] = 0x01234567;
  program.context.fpscr = 0x40c00000;
  EXPECT_EQ(program.run().kind, TrapKind::Supervisor);
  EXPECT_EQ(program.context.d[2], 0x400e000000000000u);  // 3.75, exact: no exception flag
  EXPECT_EQ(program.context.d[31], 0x0123456789abcdefu);
  EXPECT_EQ(program.context.r[3], 0x40c00000u);
  EXPECT_EQ(program.context.fpscr, 0x40c00000u);
}

TEST(SimOnly, TheModeCannotBeLeft) {  // B9.3.11: MSR of privileged bits is ignored in User mode
  Program program = Program::arm({0xe321f013, 0xe10f1000, 0xef000000});  // msr cpsr_c, #0x13; mrs r1, cpsr
  EXPECT_EQ(program.run().kind, TrapKind::Supervisor);
  EXPECT_EQ(program.context.r[1] & 0x1f, 0x10u);
  EXPECT_EQ(program.context.cpsr & 0x1f, 0x10u);
}

TEST(SimOnly, CpsCannotLeaveTheModeEither) {  // B9.3.2: a no-operation in User mode
  Program program = Program::arm({0xf1020013, 0xe10f1000, 0xef000000});  // cps #0x13
  EXPECT_EQ(program.run().kind, TrapKind::Supervisor);
  EXPECT_EQ(program.context.r[1] & 0x1f, 0x10u);
}

TEST(SimOnly, AContextThatAsksForAnotherModeDoesNotGetIt) {
  for (const u32 mode : {0x13u, 0x1fu, 0x12u}) {
    Program program = Program::arm({0xe5901000, 0xef000000});  // ldr r1, [r0]
    program.context.cpsr = mode;
    program.context.r[0] = kSupervisor;
    EXPECT_EQ(program.run(), (Trap{TrapKind::DataAbort, {kText}, {kSupervisor}, 0x00d}));
    EXPECT_EQ(program.context.cpsr & 0x1f, 0x10u);
  }
}

TEST(SimOnly, ExclusiveAccessesWork) {  // A3.4
  // ldrex r1, [r0]; add r1, r1, #1; strex r2, r1, [r0]; svc
  Program program = Program::arm({0xe1901f9f, 0xe2811001, 0xe1802f91, 0xef000000});
  program.context.r[0] = kHere;
  program.context.r[2] = 7;
  EXPECT_EQ(program.run().kind, TrapKind::Supervisor);
  EXPECT_EQ(program.context.r[2], 0u);
  EXPECT_EQ(program.word(kHere), 1u);
}

TEST(SimOnly, LdmWithItsBaseInTheListRestoresTheBaseOnAbort) {  // B1.9.8
  Program program = Program::arm({0xe8900007, 0xef000000});     // ldm r0, {r0, r1, r2}
  const u32 last = kEnd - 4;
  program.context.r[0] = last;
  EXPECT_EQ(program.run(), (Trap{TrapKind::DataAbort, {kText}, {kEnd}, 0x005}));
  EXPECT_EQ(program.context.r[0], last);
}

TEST(SimOnly, MisalignedBasesThatOnlyTheRunReveals) {  // A3.2.1; the address comes from memory
  // ldr r3, [r0]; ldm r3, {r1, r2}; svc
  Program program = Program::arm({0xe5903000, 0xe8930006, 0xef000000});
  program.context.r[0] = kHere;  // holds 0, so r3 = 0: aligned, and not mapped
  EXPECT_EQ(program.run(), (Trap{TrapKind::DataAbort, {kText + 4}, {0}, 0x005}));
  Program shifted = Program::arm({0xe2803002, 0xe8930006, 0xef000000});  // add r3, r0, #2; ldm r3, ...
  shifted.context.r[0] = kHere;
  EXPECT_EQ(shifted.run(), (Trap{TrapKind::DataAbort, {kText + 4}, {kHere + 2}, 0x001}));
  EXPECT_EQ(shifted.context.r[0], kHere);
  EXPECT_EQ(shifted.context.r[3], kHere + 2);
}

TEST(SimOnly, MisalignedStoresWithAnOffsetAndWriteBackKeepTheirBase) {
  Program program = Program::arm({0xe9204006, 0xef000000});  // stmdb r0!, {r1, r2, lr}
  program.context.r[0] = kHere + 1;
  EXPECT_EQ(program.run(), (Trap{TrapKind::DataAbort, {kText}, {kHere + 1 - 12}, 0x801}));
  EXPECT_EQ(program.context.r[0], kHere + 1);
  EXPECT_EQ(program.word(kHere - 12), 0u);
}

TEST(SimOnly, TheSystemCounterIsReadableAndTheOthersAreNot) {            // B8.1.1 with CNTKCTL.PL0PCTEN alone
  Program counter = Program::arm({0xec532f0e, 0xee1e4f10, 0xef000000});  // mrrc CNTPCT; mrc CNTFRQ
  EXPECT_EQ(counter.run().kind, TrapKind::Supervisor);
  EXPECT_EQ(counter.context.r[4], 8'000'000u);
  Program cycles = Program::arm({0xee191f1d, 0xef000000});  // mrc PMCCNTR, PMUSERENR is 0
  EXPECT_EQ(cycles.run(), (Trap{TrapKind::Undefined, {kText}, {}, 0}));
}

TEST(SimOnly,
     TheCounterIsReadByMrcAndMrrcAndNotByMrc2AndMrrc2) {  // A8.8.107, A8.8.108: others, cp15 has none
  for (const u32 code : {0xfe1e4f10u /* mrc2 */, 0xfc532f0eu /* mrrc2 */}) {
    Program program = Program::arm({code, 0xef000000});
    EXPECT_EQ(program.run(), (Trap{TrapKind::Undefined, {kText}, {}, 0})) << std::hex << code;
  }
  Program thumb{{0xec53, 0x2f0e, 0xdf00}};  // mrrc CNTPCT
  as_thumb(thumb);
  EXPECT_EQ(thumb.run().kind, TrapKind::Supervisor);
  Program thumb2{{0xfc53, 0x2f0e, 0xdf00}};  // mrrc2
  as_thumb(thumb2);
  EXPECT_EQ(thumb2.run(), (Trap{TrapKind::Undefined, {kText}, {}, 0}));
}

TEST(SimOnly, TheThreadIdIsTheApplets) {  // B4.1.150: TPIDRURW is read and written at PL0
  // mcr TPIDRURW, r0; svc; mrc r1, TPIDRURW; svc
  Program program = Program::arm({0xee0d0f50, 0xef000000, 0xee1d1f50, 0xef000000});
  program.context.r[0] = 0xcafe0001;
  ASSERT_EQ(program.run().kind, TrapKind::Supervisor);
  EXPECT_EQ(program.context.tpidrurw, 0xcafe0001u);
  Context other = program.context;  // somebody else in the same space, standing at the read
  other.tpidrurw = 0x12345678;
  std::swap(other, program.context);
  ASSERT_EQ(program.run().kind, TrapKind::Supervisor);
  EXPECT_EQ(program.context.r[1], 0x12345678u);
  std::swap(other, program.context);
  ASSERT_EQ(program.run().kind, TrapKind::Supervisor);
  EXPECT_EQ(program.context.r[1], 0xcafe0001u);
  EXPECT_EQ(program.context.tpidrurw, 0xcafe0001u);
}

TEST(SimOnly,
     AnInstructionAcrossTwoRegionsOfTextIsOneInstruction) {  // A4.1.3: halfwords are fetched in order
  constexpr Access kRx = Access::Read | Access::Execute;
  Program counter{{0xec53, 0x2f0e, 0xdf00}, kPageSize - 2, kRx};  // mrrc CNTPCT
  as_thumb(counter);
  EXPECT_EQ(counter.run(), (Trap{TrapKind::Supervisor, {kText + kPageSize + 4}, {}, 0}));
  Program load{{0xe9d0, 0x2300, 0xdf00}, kPageSize - 2, kRx};  // ldrd r2, r3, [r0]
  as_thumb(load);
  load.context.r[0] = kHere + 2;
  EXPECT_EQ(load.run(), (Trap{TrapKind::DataAbort, {kText + kPageSize - 2}, {kHere + 2}, 0x001}));
}

/// A word that is `ble .+8` in A32, and `movs r0, r0; bge .+4` in T32: blocks of one address and one size,
/// but not of the same number of instructions.
std::vector<u16> both_states() {
  return {// 0x00: mov r6, #100; mov r8, #0; mov r9, #0
          0x6064, 0xe3a0, 0x8000, 0xe3a0, 0x9000, 0xe3a0,
          // 0x0c: cmp r6, r6; adr lr, 0x20; add r12, pc, #37 (0x40 + 1); bx r12; nop
          0x0006, 0xe156, 0xe008, 0xe28f, 0xc025, 0xe28f, 0xff1c, 0xe12f, 0xf000, 0xe320,
          // 0x20: cmp r6, r6; bl 0x40; subs r6, r6, #1; bne 0x0c; svc; three nops
          0x0006, 0xe156, 0x0005, 0xeb00, 0x6001, 0xe256, 0xfff6, 0x1aff, 0x0000, 0xef00,  //
          0xf000, 0xe320, 0xf000, 0xe320, 0xf000, 0xe320,
          // 0x40: both; 0x44: nop; b 0x50 (T32)
          0x0000, 0xda00, 0xbf00, 0xe003,
          // 0x48: add r8, r8, #1; bx lr (A32)
          0x8001, 0xe288, 0xff1e, 0xe12f,
          // 0x50: add.w r9, r9, #1; bx lr (T32)
          0xf109, 0x0901, 0x4770};
}

TEST(SimOnly, TheSameBytesRunInBothInstructionSets) {  // A2.5.1: the state is no part of the address
  for (const u64 slice : {u64{1'000'000}, u64{2}, u64{4}, u64{6}, u64{10}, u64{14}, u64{22}, u64{26}}) {
    Program program{both_states()};
    Trap trap = program.run({slice});
    for (u32 n = 0; n < 10'000 && trap.kind == TrapKind::Expired; ++n) trap = program.run({slice});
    EXPECT_EQ(trap, (Trap{TrapKind::Supervisor, {kText + 0x34}, {}, 0})) << "slices of " << slice << " ns";
    EXPECT_EQ(program.context.r[8], 100u);
    EXPECT_EQ(program.context.r[9], 100u);
  }
}

}  // namespace
}  // namespace gotee::contract
