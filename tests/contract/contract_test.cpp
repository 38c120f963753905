// SPDX-License-Identifier: BSD-3-Clause
//
// What core may rely on, whichever machine it runs on (hal/machine.h).
#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "tests/contract/rig.h"

namespace gotee::contract {
namespace {

constexpr u32 kWord = kHeap + 0x100;  // somewhere in the applet's data

TEST(Trap, OfASupervisorCallPointsBehindIt) {
  Rig rig;
  for (const Deed* call : {&kCall, &kCallWithNumber, &kThumbCall}) {
    SCOPED_TRACE(call->name);
    const Context before = Rig::about_to(*call, 0);
    Context after = before;
    const Trap trap = rig.perform(*call, after);
    EXPECT_EQ(trap, (Trap{TrapKind::Supervisor, {before.r[kPc] + call->length}, {}, 0}));
    Context want = before;
    want.r[kPc] += call->length;
    EXPECT_EQ(after, want) << "nothing but pc has changed";
  }
}

TEST(Trap, OfAnUndefinedOrPrivilegedInstructionPointsAtItAndChangesNothing) {
  Rig rig;
  for (const Deed& deed : undefined_deeds()) {
    SCOPED_TRACE(deed.name);
    const Context before = Rig::about_to(deed, kData);
    Context after = before;
    const Trap trap = rig.perform(deed, after);
    EXPECT_EQ(trap, (Trap{TrapKind::Undefined, before.pc(), {}, 0}));
    EXPECT_EQ(after, before);
  }
}

TEST(Trap, OfABreakpointIsAPrefetchAbortWithADebugStatus) {  // B3.13.1; IFAR is UNKNOWN
  Rig rig;
  for (const Deed* deed : {&kBreakpoint, &kThumbBreakpoint}) {
    SCOPED_TRACE(deed->name);
    const Context before = Rig::about_to(*deed, 0);
    Context after = before;
    const Trap trap = rig.perform(*deed, after);
    EXPECT_EQ(trap.kind, TrapKind::PrefetchAbort);
    EXPECT_EQ(trap.pc, before.pc());
    EXPECT_EQ(trap.status, 0x002u);
    EXPECT_EQ(after, before);
  }
}

TEST(Run, EndsAtTheDeadlineAndNotBefore) {
  Rig rig;
  Context context = Rig::about_to(kEndless, 0);
  const Instant deadline = rig.machine().now() + Duration{100'000};
  const Trap trap = rig.perform_until(kEndless, context, deadline);
  EXPECT_EQ(trap, (Trap{TrapKind::Expired, context.pc(), {}, 0}));
  EXPECT_GE(rig.machine().now(), deadline);
  EXPECT_LT(rig.machine().now(), deadline + Duration{10'000});
}

TEST(Run, MakesProgressEvenWhenTheDeadlineHasPassed) {
  Rig rig;
  rig.machine().idle({5'000'000});
  for (const Instant deadline : {Instant{0}, Instant{1}, Instant{4'999'999}}) {
    Context context = Rig::about_to(kEndless, 0);
    context.r[1] = 0;
    for (u32 i = 0; i < 10; ++i) {
      const Trap trap = rig.perform_until(kEndless, context, deadline);
      ASSERT_EQ(trap.kind, TrapKind::Expired);
    }
    EXPECT_GE(context.r[1], 5u) << "two instructions are one round";
  }
}

TEST(Run, GoesOnExactlyWhereItExpired) {
  Rig rig;
  Context context = Rig::about_to(kEndless, 0);
  context.r[1] = 0;
  u32 last = 0;
  for (u32 i = 0; i < 50; ++i) {
    const Context before = context;
    ASSERT_EQ(rig.perform_until(kEndless, context, rig.machine().now() + Duration{14 * (i % 7)}).kind,
              TrapKind::Expired);
    EXPECT_GE(context.r[1], last);
    last = context.r[1];
    for (u32 r = 0; r < 15; ++r) {
      if (r == 1) continue;
      ASSERT_EQ(context.r[r], before.r[r]) << "r" << r;
    }
    ASSERT_EQ(context.d, before.d);
    ASSERT_EQ(context.cpsr, before.cpsr);
    ASSERT_TRUE(context.r[kPc] == Rig::code_of(kEndless) || context.r[kPc] == Rig::code_of(kEndless) + 4);
  }
}

TEST(Run, GivesTheAppletTheRegistersThatCoreSet) {
  Rig rig;
  Context context = Rig::about_to(kCall, 0);
  ASSERT_EQ(rig.perform(kCall, context).kind, TrapKind::Supervisor);
  context.r[0] = kWord, context.r[1] = 0xcafe0001;  // results of the call
  context.r[kPc] = Rig::code_of(kStoreWord);
  ASSERT_EQ(rig.perform(kStoreWord, context).kind, TrapKind::Supervisor);
  EXPECT_EQ(rig.word(0, kWord), 0xcafe0001u);
  EXPECT_EQ(context.r[0], kWord);
}

TEST(Run, KeepsFloatingPointStateOverTraps) {
  Rig rig;
  Context context = Rig::about_to(kCall, 0);
  for (u32 i = 0; i < 32; ++i) context.d[i] = 0xfff0123456789000u ^ (u64{i} * 0x1111111111111111u);
  context.fpscr = 0xf3c0009f;  // flags, DN, FZ, round to zero, every cumulative exception
  const Context before = context;
  for (u32 i = 0; i < 3; ++i) {
    context.r[kPc] = Rig::code_of(kCall);
    ASSERT_EQ(rig.perform(kCall, context).kind, TrapKind::Supervisor);
    EXPECT_EQ(context.d, before.d);
    EXPECT_EQ(context.fpscr, before.fpscr);
    Context other = Rig::about_to(kCall, 0);  // somebody else in between
    ASSERT_EQ(rig.perform(kCall, other, 1).kind, TrapKind::Supervisor);
    EXPECT_NE(other.d, before.d);
  }
}

TEST(Run, KeepsTheThreadIdOverTraps) {  // B4.1.150, TPIDRURW
  Rig rig;
  Context a = Rig::about_to(kCall, 0), b = a;
  a.tpidrurw = 0xcafe0001, b.tpidrurw = 0xcafe0002;
  for (u32 i = 0; i < 3; ++i) {
    const u32 space = i % 2;
    a.r[kPc] = b.r[kPc] = Rig::code_of(kCall);
    ASSERT_EQ(rig.perform(kCall, a).kind, TrapKind::Supervisor);
    ASSERT_EQ(rig.perform(kCall, b, space).kind, TrapKind::Supervisor);
    EXPECT_EQ(a.tpidrurw, 0xcafe0001u);
    EXPECT_EQ(b.tpidrurw, 0xcafe0002u);
  }
}

TEST(Run, TwoContextsOfOneSpaceDoNotMix) {
  Rig rig;
  Context a = Rig::about_to(kCall, 0), b = Rig::about_to(kCall, 0);
  a.r[5] = 1, b.r[5] = 2, a.d[9] = 3, b.d[9] = 4, b.cpsr = 0x90000000 | kCpsrUser;
  const u32 a_flags = a.cpsr, b_flags = b.cpsr;
  ASSERT_EQ(rig.perform(kCall, a).kind, TrapKind::Supervisor);
  ASSERT_EQ(rig.perform(kCall, b).kind, TrapKind::Supervisor);
  a.r[kPc] = Rig::code_of(kCall);
  ASSERT_EQ(rig.perform(kCall, a).kind, TrapKind::Supervisor);
  EXPECT_EQ(a.r[5], 1u);
  EXPECT_EQ(a.d[9], 3u);
  EXPECT_EQ(a.cpsr, a_flags);
  EXPECT_EQ(b.r[5], 2u);
  EXPECT_EQ(b.d[9], 4u);
  EXPECT_EQ(b.cpsr, b_flags);
}

TEST(Memory, LoadsSeeWhatCoreWroteAndCoreSeesStores) {
  Rig rig;
  rig.set_word(0, kWord, 0x11223344);
  Context context = Rig::about_to(kLoadWord, kWord);
  ASSERT_EQ(rig.perform(kLoadWord, context).kind, TrapKind::Supervisor);
  EXPECT_EQ(context.r[1], 0x11223344u);
  rig.set_word(0, kWord, 0x55667788);
  context = Rig::about_to(kLoadWord, kWord);
  ASSERT_EQ(rig.perform(kLoadWord, context).kind, TrapKind::Supervisor);
  EXPECT_EQ(context.r[1], 0x55667788u);
  context = Rig::about_to(kStoreWord, kWord + 2);  // unaligned is allowed, little-endian
  context.r[1] = 0xaabbccdd;
  ASSERT_EQ(rig.perform(kStoreWord, context).kind, TrapKind::Supervisor);
  EXPECT_EQ(rig.word(0, kWord), 0xccdd7788u);
  EXPECT_EQ(rig.word(0, kWord + 4), 0x0000aabbu);
}

TEST(Memory, TwoSpacesDoNotSeeEachOthers) {
  Rig rig;
  for (u32 space = 0; space < 2; ++space) {
    Context context = Rig::about_to(kStoreWord, kWord);
    context.r[1] = 0xa0 + space;
    ASSERT_EQ(rig.perform(kStoreWord, context, space).kind, TrapKind::Supervisor);
  }
  for (u32 space = 0; space < 2; ++space) {
    Context context = Rig::about_to(kLoadWord, kWord);
    ASSERT_EQ(rig.perform(kLoadWord, context, space).kind, TrapKind::Supervisor);
    EXPECT_EQ(context.r[1], 0xa0 + space);
    EXPECT_EQ(rig.word(space, kWord), 0xa0 + space);
  }
}

TEST(Memory, AFaultingStoreStoresNothing) {
  Rig rig;
  for (const u32 address : {kText + 0x800, kConstants + 8, kGuard + 8}) {
    const u32 before = rig.word(0, address);
    Context context = Rig::about_to(kStoreWord, address);
    context.r[1] = ~before;
    ASSERT_EQ(rig.perform(kStoreWord, context).kind, TrapKind::DataAbort);
    EXPECT_EQ(rig.word(0, address), before);
  }
}

TEST(Memory, RightsChangeInBothDirectionsAfterRefresh) {
  Rig rig{Grain::Pages};
  const VirtAddr page{page_down(kWord)};
  const auto set = [&](Access access) {
    ASSERT_TRUE(rig.space().protect(page, access));
    rig.machine().refresh(hal::Space{0}, page);
  };
  const auto perform = [&](const Deed& deed, u32 address = kWord, u32 space = 0) {
    Context context = Rig::about_to(deed, address);
    const Trap trap = rig.perform(deed, context, space);
    if (trap.kind == TrapKind::DataAbort) {
      EXPECT_EQ(trap.address.raw, address);
    }
    return trap.kind == TrapKind::DataAbort ? trap.status : 0;
  };
  for (u32 round = 0; round < 3; ++round) {  // with the old rights in every cache there may be
    EXPECT_EQ(perform(kStoreWord), 0u);
    EXPECT_EQ(perform(kLoadWord), 0u);
    set(Access::Read);
    EXPECT_EQ(perform(kStoreWord), 0x80fu);
    EXPECT_EQ(perform(kLoadWord), 0u);
    EXPECT_EQ(perform(kStoreWord, kWord + kPageSize), 0u) << "the next page keeps its rights";
    EXPECT_EQ(perform(kStoreWord, kWord - kPageSize), 0u) << "and so does the one before";
    EXPECT_EQ(perform(kStoreWord, kWord, 1), 0u) << "and the other space";
    set(Access::None);
    EXPECT_EQ(perform(kStoreWord), 0x80fu);
    EXPECT_EQ(perform(kLoadWord), 0x00fu);
    set(Access::Read | Access::Write);
  }
}

TEST(Memory, ReadGivesBackWhatWriteTook) {
  Rig rig;
  std::vector<u8> bytes(2 * kPageSize + 77);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = u8(i * 7 + 3);
  const PhysAddr at{0x9a000ffd};  // unaligned, over several pages
  rig.machine().write(at, bytes);
  std::vector<u8> back(bytes.size() + 2);
  rig.machine().read({at.raw - 1}, back);
  EXPECT_EQ(back.front(), 0);
  EXPECT_EQ(back.back(), 0);
  EXPECT_TRUE(std::equal(bytes.begin(), bytes.end(), back.begin() + 1));
  rig.machine().write(at, {});
  rig.machine().read(at, {});
}

TEST(Memory, ClearZerosExactlyTheRange) {
  struct Range {
    u32 base, size;
  };
  Rig rig;
  const PhysAddr area{0x9a000000};
  const std::vector<u8> ones(4 * kPageSize, 0xff);
  for (const Range range : {Range{0, 0}, Range{0, kPageSize}, Range{kPageSize, 2 * kPageSize}, Range{5, 1},
                            Range{4090, 10}, Range{100, 3 * kPageSize}, Range{kPageSize, 4097}}) {
    rig.machine().write(area, ones);
    rig.machine().clear({area.raw + range.base}, range.size);
    std::vector<u8> want = ones, got(ones.size());
    std::fill_n(want.begin() + range.base, range.size, u8{0});
    rig.machine().read(area, got);
    EXPECT_EQ(got, want) << range.base << " " << range.size;
  }
}

TEST(Memory, ClearReachesWhatTheAppletSees) {
  Rig rig;
  rig.set_word(0, kWord, 0x12345678);
  Context context = Rig::about_to(kLoadWord, kWord);
  ASSERT_EQ(rig.perform(kLoadWord, context).kind, TrapKind::Supervisor);
  rig.machine().clear({page_down(backing_of(0, kWord).raw)}, kPageSize);
  context = Rig::about_to(kLoadWord, kWord);
  ASSERT_EQ(rig.perform(kLoadWord, context).kind, TrapKind::Supervisor);
  EXPECT_EQ(context.r[1], 0u);
}

TEST(Machine, TablesAreTheSameEveryTimeAndBigEnoughForEverySpace) {
  Rig rig;
  for (u32 a = 0; a < hal::kMaxSpaces; ++a) {
    const TableMemory memory = rig.machine().tables(hal::Space(a));
    EXPECT_EQ(memory.base.raw % 0x4000, 0u);
    EXPECT_GE(memory.words.size(), kFirstLevelWords + kMaxRegionSize / kSectionSize * kSecondLevelWords);
    EXPECT_GE(memory.base.raw, kSupervisorDram.base.raw);
    EXPECT_LE(memory.base.raw + memory.words.size_bytes(), kSupervisorDram.end());
    EXPECT_EQ(rig.machine().tables(hal::Space(a)).words.data(), memory.words.data());
    for (u32 b = 0; b < a; ++b) {
      const TableMemory other = rig.machine().tables(hal::Space(b));
      EXPECT_GE(memory.base.raw, other.base.raw + other.words.size_bytes());
    }
  }
}

TEST(Machine, RefusesToDefineASpaceThatItDoesNotHave) {
  Rig rig;
  for (const u32 space : {u32(hal::kNormalSpace) + 1, 255u}) {
    const auto result = rig.machine().define(hal::Space(space), rig.space().regions());
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error(), Error::NotFound);
  }
}

TEST(Machine, TimeIsNeverZeroAndNeverGoesBack) {
  Rig rig;
  Instant last = rig.machine().now();
  EXPECT_GT(last.ns, 0u);
  for (u32 i = 0; i < 20; ++i) {
    Context context = Rig::about_to(kCall, 0);
    ASSERT_EQ(rig.perform(kCall, context).kind, TrapKind::Supervisor);
    const Instant now = rig.machine().now();
    EXPECT_GE(now, last);
    last = now;
  }
  EXPECT_GT(last.ns, 0u);
}

TEST(Machine, IdleReachesItsInstantAndThePastIsNoReasonToGoBack) {
  Rig rig;
  const Instant now = rig.machine().now();
  rig.machine().idle(now + Duration{3'000'000});
  EXPECT_GE(rig.machine().now(), now + Duration{3'000'000});
  const Instant later = rig.machine().now();
  rig.machine().idle(now);
  EXPECT_GE(rig.machine().now(), later);
}

TEST(Machine, RandomFillsEveryByteAndNothingElse) {
  Rig rig;
  std::array<u8, 66> seen{};
  std::array<u8, 66> first{};
  for (u32 i = 0; i < 64; ++i) {
    std::array<u8, 66> buffer{};
    ASSERT_TRUE(rig.machine().random(std::span{buffer}.subspan(1, 64)));
    for (std::size_t b = 0; b < buffer.size(); ++b) seen[b] = u8(seen[b] | buffer[b]);
    if (i == 0) first = buffer;
    if (i == 1) {
      EXPECT_NE(buffer, first);
    }
  }
  EXPECT_EQ(seen.front(), 0);
  EXPECT_EQ(seen.back(), 0);
  for (std::size_t b = 1; b < 65; ++b) EXPECT_NE(seen[b], 0) << b;
  EXPECT_TRUE(rig.machine().random({}));
}

TEST(Machine, PrintsEveryByteInOrder) {
  Rig rig;
  std::string all;
  for (u32 i = 0; i < 256; ++i) all += char(i);
  rig.machine().console(all);
  rig.machine().console("");
  rig.machine().console("end\n");
  EXPECT_EQ(console_of(rig.backend()), all + "end\n");
}

TEST(Machine, LetsNobodyButTheSecureWorldHaveTheWhiteLed) {
  Rig rig;
  EXPECT_TRUE(rig.machine().led(hal::Led::Blue, true));
  EXPECT_TRUE(rig.machine().led(hal::Led::Blue, false));
  EXPECT_EQ(rig.machine().led(hal::Led::White, true).error(), Error::Denied);
}

}  // namespace
}  // namespace gotee::contract
