// SPDX-License-Identifier: BSD-3-Clause
//
// Alignment where the address is more than a base and a constant, and of exclusive stores, for machines with
// a processor. Ref: [ARM ARM] DDI 0406C.d, A3.2.1 (who faults), A8.8.73 and A8.8.74 (LDRD), A8.8.211 (STRD),
// A8.8.212 to A8.8.215 (STREX), B1.9.8 (registers after an abort), B3.13.1 (DFSR).
#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "tests/contract/program.h"

namespace gotee::contract {
namespace {

constexpr u32 kCallAgain = 0xef000000;
constexpr u32 kZero = 1u << 30;  // CPSR.Z

Trap alignment_fault(u32 pc, u32 address, bool write) {
  return {TrapKind::DataAbort, {pc}, {address}, write ? 0x801u : 0x001u};
}

/// `code` with registers r0 and r4 set; it accesses the doubleword r2, r3 at `target`.
void check_dual(u32 code, bool store, u32 r4, u32 r0, u32 target, std::optional<u32> r4_after = {}) {
  SCOPED_TRACE("r4 % 4 = " + std::to_string(r4 % 4) + ", r0 % 4 = " + std::to_string(r0 % 4));
  Program program = Program::arm({code, kCallAgain});
  program.set_word(target & ~3u, 0x11223344), program.set_word((target & ~3u) + 4, 0x55667788);
  Context& c = program.context;
  c.r[0] = r0, c.r[4] = r4, c.r[2] = 0xaaaa0002, c.r[3] = 0xbbbb0003;
  const Context before = c;
  const Trap trap = program.run();
  EXPECT_EQ(c.r[0], r0);
  if (target % 4 != 0) {
    EXPECT_EQ(trap, alignment_fault(kText, target, store));
    EXPECT_EQ(c, before) << "nothing has changed";
    EXPECT_EQ(program.word(target & ~3u), 0x11223344u);
    return;
  }
  EXPECT_EQ(trap, (Trap{TrapKind::Supervisor, {kText + 8}, {}, 0}));
  EXPECT_EQ(c.r[4], r4_after.value_or(r4));
  EXPECT_EQ(store ? program.word(target) : c.r[2], store ? 0xaaaa0002u : 0x11223344u);
  EXPECT_EQ(store ? program.word(target + 4) : c.r[3], store ? 0xbbbb0003u : 0x55667788u);
}

TEST(SimAlignment, OfDoublewordsWithARegisterOffsetIsThatOfTheSumOrTheDifference) {
  for (const bool store : {false, true}) {
    for (u32 base = 0; base < 4; ++base) {
      for (u32 index = 0; index < 4; ++index) {
        const u32 r4 = kHere + base, r0 = 0x20 + index, op = store ? 0x20u : 0u;
        check_dual(0xe18420d0 | op, store, r4, r0, r4 + r0);           // [r4, r0]
        check_dual(0xe10420d0 | op, store, r4, r0, r4 - r0);           // [r4, -r0]
        check_dual(0xe1a420d0 | op, store, r4, r0, r4 + r0, r4 + r0);  // [r4, r0]!
        check_dual(0xe12420d0 | op, store, r4, r0, r4 - r0, r4 - r0);  // [r4, -r0]!
        check_dual(0xe08420d0 | op, store, r4, r0, r4, r4 + r0);       // [r4], r0
        check_dual(0xe00420d0 | op, store, r4, r0, r4, r4 - r0);       // [r4], -r0
      }
    }
  }
}

TEST(SimAlignment, OfDoublewordsWhoseBaseIsTheirIndex) {
  for (const bool store : {false, true}) {
    const u32 sum = store ? 0xe18020f0 : 0xe18020d0, difference = store ? 0xe10020f0 : 0xe10020d0;
    for (const u32 r0 : {kHere / 2, kHere / 2 + 1, kHere / 2 + 2, kHere / 2 + 3}) {
      check_dual(sum, store, 0, r0, 2 * r0);                  // [r0, r0]
      Program null = Program::arm({difference, kCallAgain});  // [r0, -r0]: aligned, and a null pointer
      null.context.r[0] = r0;
      EXPECT_EQ(null.run(), (Trap{TrapKind::DataAbort, {kText}, {0}, store ? 0x805u : 0x005u}));
      EXPECT_EQ(null.context.r[0], r0);
    }
  }
}

TEST(SimAlignment, AfterAFaultTheRegistersOfTheNextContextAreItsOwn) {
  Program program =
      Program::arm({0xe18020d0, kCallAgain, 0xe1a01000, kCallAgain});  // ldrd [r0, r0]; svc; mov r1, r0
  program.context.r[0] = 0xf7fff901;
  ASSERT_EQ(program.run(), alignment_fault(kText, 0xeffff202, false));
  EXPECT_EQ(program.context.r[0], 0xf7fff901u);
  Context next;
  next.r[0] = 0x1234, next.r[kPc] = kText + 8;
  program.context = next;
  ASSERT_EQ(program.run().kind, TrapKind::Supervisor);
  EXPECT_EQ(program.context.r[0], 0x1234u);
  EXPECT_EQ(program.context.r[1], 0x1234u);
}

TEST(SimAlignment, OfStoresWhoseDataIsPartOfTheAddress) {
  for (const u32 code : {0xe18640f4u /* strd r4, r5, [r6, r4] */, 0xe18440f6u /* strd r4, r5, [r4, r6] */}) {
    for (u32 shift = 0; shift < 4; ++shift) {
      Program program = Program::arm({code, kCallAgain});
      program.context.r[4] = 0x20 + shift, program.context.r[5] = 0x55, program.context.r[6] = kHere;
      const Context before = program.context;
      const Trap trap = program.run();
      if (shift == 0) {
        EXPECT_EQ(trap.kind, TrapKind::Supervisor);
        EXPECT_EQ(program.word(kHere + 0x20), 0x20u);
        EXPECT_EQ(program.word(kHere + 0x24), 0x55u);
      } else {
        EXPECT_EQ(trap, alignment_fault(kText, kHere + 0x20 + shift, true));
        EXPECT_EQ(program.context, before);
      }
    }
  }
}

TEST(SimAlignment, OfDoublewordsAtThePc) {  // the PC reads as the instruction's address + 8
  Program constant = Program::arm({0xe1cf20d6, kCallAgain, kCallAgain, kCallAgain});  // ldrd r2, r3, [pc, #6]
  Context before = constant.context;
  EXPECT_EQ(constant.run(), alignment_fault(kText, kText + 14, false));
  EXPECT_EQ(constant.context, before);
  Program store = Program::arm({0xe1a00000, 0xe14f20f1, kCallAgain});  // mov r0, r0; strd r2, r3, [pc, #-1]
  EXPECT_EQ(store.run(), alignment_fault(kText + 4, kText + 11, true));
  Program aligned = Program::arm({0xe1cf20d0, kCallAgain, 0x01234567, 0x89abcdef});  // ldrd r2, r3, [pc]
  EXPECT_EQ(aligned.run().kind, TrapKind::Supervisor);
  EXPECT_EQ(aligned.context.r[3], 0x89abcdefu);
  Program skipped = Program::arm({0x11cf20d6, kCallAgain});  // ldrdne
  skipped.context.cpsr |= kZero;
  EXPECT_EQ(skipped.run(), (Trap{TrapKind::Supervisor, {kText + 8}, {}, 0}));
  for (u32 r0 = 0x10; r0 < 0x14; ++r0) {  // ldrd r2, r3, [pc, r0]
    Program indexed = Program::arm({0xe18f20d0, kCallAgain});
    indexed.context.r[0] = r0;
    const Trap want = r0 % 4 == 0 ? Trap{TrapKind::Supervisor, {kText + 8}, {}, 0}
                                  : alignment_fault(kText, kText + 8 + r0, false);
    EXPECT_EQ(indexed.run(), want);
    EXPECT_EQ(indexed.context.r[0], r0);
  }
}

struct Exclusive {
  const char* text;
  u32 code;
  u32 size;
};
constexpr Exclusive kStores[] = {{"strexh r2, r1, [r0]", 0xe1e02f91, 2},
                                 {"strex r2, r1, [r0]", 0xe1802f91, 4},
                                 {"strexd r2, r4, r5, [r0]", 0xe1a02f94, 8}};

TEST(SimAlignment, OfExclusiveStoresComesBeforeTheMonitor) {  // B2.4: ExclusiveMonitorsPass()
  for (const Exclusive& store : kStores) {
    for (const bool claimed : {false, true}) {
      for (u32 shift = 0; shift < 8; ++shift) {
        SCOPED_TRACE(store.text + (" + " + std::to_string(shift)) + (claimed ? ", monitor held" : ""));
        const u32 first = claimed ? 0xe1b68f9f /* ldrexd r8, r9, [r6] */ : 0xf57ff01f /* clrex */;
        Program program = Program::arm({first, store.code, kCallAgain});
        program.context.r[0] = kHere + shift, program.context.r[6] = kHere, program.context.r[2] = 7;
        const Trap trap = program.run();
        if (shift % store.size != 0) {
          EXPECT_EQ(trap, alignment_fault(kText + 4, kHere + shift, true));
          EXPECT_EQ(program.context.r[2], 7u);
        } else {
          EXPECT_EQ(trap.kind, TrapKind::Supervisor);
          if (!claimed) {
            EXPECT_EQ(program.context.r[2], 1u) << "it failed";
          }
        }
        EXPECT_EQ(program.context.r[0], kHere + shift);
      }
    }
  }
}

TEST(SimAlignment, OfAnExclusiveStoreUnderAnItStopsThere) {
  Program program{
      {0xbf04, 0xe840, 0x1201, 0x3301, 0xdf00}};  // itt eq; strex r2, r1, [r0, #4]; addeq r3, #1; svc
  as_thumb(program);
  program.context.cpsr |= kZero;
  program.context.r[0] = kHere + 1, program.context.r[2] = 7;
  EXPECT_EQ(program.run(), alignment_fault(kText + 2, kHere + 5, true));
  EXPECT_EQ(program.context.r[2], 7u);
  EXPECT_EQ(program.context.r[3], 0u) << "the instruction behind it did not run";
  EXPECT_EQ(program.context.cpsr & 0x0600fc00, 0x0400u);
  Program skipped{{0xbf04, 0xe840, 0x1201, 0x3301, 0xdf00}};
  as_thumb(skipped);
  skipped.context.r[0] = kHere + 1, skipped.context.r[2] = 7;
  EXPECT_EQ(skipped.run().kind, TrapKind::Supervisor);
  EXPECT_EQ(skipped.context.r[2], 7u);
}

TEST(SimAlignment, OfExclusiveLoadsIsCheckedOnce) {
  for (const Exclusive& load :
       {Exclusive{"ldrexh r2, [r0]", 0xe1f02f9f, 2}, Exclusive{"ldrex r2, [r0]", 0xe1902f9f, 4},
        Exclusive{"ldrexd r2, r3, [r0]", 0xe1b02f9f, 8}}) {
    for (u32 shift = 0; shift < 8; ++shift) {
      Program program = Program::arm({load.code, kCallAgain});
      program.context.r[0] = kHere + shift;
      const bool aligned = shift % load.size == 0;
      const Trap want = aligned ? Trap{TrapKind::Supervisor, {kText + 8}, {}, 0}
                                : alignment_fault(kText, kHere + shift, false);
      EXPECT_EQ(program.run(), want) << load.text << " + " << shift;
      EXPECT_EQ(program.context.r[0], kHere + shift);
    }
  }
}

TEST(SimAlignment, AnExclusivePairStillSucceedsAfterAFaultThatTheSupervisorForgave) {
  // strex to a misaligned address faults; then, as somebody else, ldrex and strex to an aligned one
  Program program = Program::arm({0xe1802f91, kCallAgain, 0xe1903f9f, 0xe1802f91, kCallAgain});
  program.context.r[0] = kHere + 2, program.context.r[1] = 0x99;
  ASSERT_EQ(program.run(), alignment_fault(kText, kHere + 2, true));
  program.context.r[0] = kHere, program.context.r[kPc] = kText + 8;
  ASSERT_EQ(program.run().kind, TrapKind::Supervisor);
  EXPECT_EQ(program.context.r[2], 0u) << "stored";
  EXPECT_EQ(program.word(kHere), 0x99u);
}

TEST(SimAlignment, AnUndefinedEncodingWithAMisalignedBaseIsUndefined) {
  Program program = Program::arm({0xec900b00, kCallAgain});  // vldmia r0, {}: UNPREDICTABLE, here undefined
  program.context.r[0] = kHere + 1;
  EXPECT_EQ(program.run().kind, TrapKind::Undefined);
  EXPECT_EQ(program.context.r[0], kHere + 1);
}

}  // namespace
}  // namespace gotee::contract
