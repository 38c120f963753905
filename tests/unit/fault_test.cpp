// SPDX-License-Identifier: BSD-3-Clause
//
// From trap to blame, sentence by sentence. Ref: [ARM ARM] DDI 0406C.d, Table B3-23, B4.1.51, B4.1.96.
#include "core/fault/fault.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <string>
#include <vector>

#include "core/fault/status.h"

namespace gotee {
namespace {

constexpr Access kR = Access::Read, kW = Access::Write, kX = Access::Execute;

// --- Fault status (Table B3-23) ------------------------------------------------------------------------

TEST(FaultStatus, IsBitTenAndBitsThreeToZero) {
  const struct {
    u32 fs;  // FS[4:0] as in the table
    FaultStatus status;
  } kTable[] = {
      {0b00001, FaultStatus::Alignment},
      {0b00100, FaultStatus::CacheMaintenance},
      {0b01100, FaultStatus::ExternalOnWalkFirst},
      {0b01110, FaultStatus::ExternalOnWalkSecond},
      {0b00101, FaultStatus::TranslationSection},
      {0b00111, FaultStatus::TranslationPage},
      {0b00011, FaultStatus::AccessFlagSection},
      {0b00110, FaultStatus::AccessFlagPage},
      {0b01001, FaultStatus::DomainSection},
      {0b01011, FaultStatus::DomainPage},
      {0b01101, FaultStatus::PermissionSection},
      {0b01111, FaultStatus::PermissionPage},
      {0b00010, FaultStatus::Debug},
      {0b01000, FaultStatus::ExternalAbort},
      {0b10110, FaultStatus::AsynchronousAbort},
  };
  for (const auto& row : kTable) {
    const u32 fsr = (row.fs & 0b10000) << 6 | (row.fs & 0b01111);
    // Domain (7:4), WnR (11), ExT (12) and CM (13) are not part of the status.
    for (const u32 other : {0u, 0xf0u, 1u << 11, 1u << 12, 1u << 13, 1u << 9})
      EXPECT_EQ(fault_status(fsr | other), row.status) << row.fs;
    EXPECT_EQ(fsr_of(row.status, false), fsr);
    EXPECT_EQ(fsr_of(row.status, true), fsr | 0x800);
    EXPECT_NE(reason(row.status), reason(FaultStatus{0b10000})) << row.fs;
  }
}

TEST(FaultStatus, ReservedEncodingsHaveAReasonToo) {
  for (u32 fs = 0; fs < 32; ++fs) EXPECT_FALSE(reason(FaultStatus(fs)).empty());
}

TEST(FaultNames, AreThoseOfTheReportAndOfTheLog) {
  const struct {
    FaultKind kind;
    std::string_view name, mode;
  } kNames[] = {
      {FaultKind::DataAbort, "data-abort", "ABT"},   {FaultKind::PrefetchAbort, "prefetch-abort", "ABT"},
      {FaultKind::Undefined, "undefined", "UND"},    {FaultKind::Breakpoint, "breakpoint", "ABT"},
      {FaultKind::BadSyscall, "bad-syscall", "SVC"}, {FaultKind::Lockstep, "lockstep", "SVC"},
  };
  for (const auto& n : kNames) {
    EXPECT_EQ(kind_name(n.kind), n.name);
    EXPECT_EQ(mode_name(n.kind), n.mode);
  }
}

TEST(RightsText, HasADashForWhatIsMissing) {
  EXPECT_EQ(rights_text(Access::None), "---");
  EXPECT_EQ(rights_text(kR), "r--");
  EXPECT_EQ(rights_text(kR | kW), "rw-");
  EXPECT_EQ(rights_text(kR | kX), "r-x");
  EXPECT_EQ(rights_text(kR | kW | kX), "rwx");
  EXPECT_EQ(rights_text(kX), "--x");
}

// --- explain and describe --------------------------------------------------------------------------------

class FaultTest : public testing::Test {
 protected:
  FaultTest() {
    EXPECT_TRUE(bool(space.init({words, {0x90100000}}, Grain::Largest)));
    EXPECT_TRUE(bool(space.grant({{0x10000000}, {0x98000000}, 0x1000, kR | kX})));
    EXPECT_TRUE(bool(space.grant({{0x10001000}, {0x98001000}, 0x1000, kR})));
    EXPECT_TRUE(bool(space.grant({{0x10002000}, {0x98002000}, 0x1000, kR | kW})));
    EXPECT_TRUE(bool(space.grant({{0x10003000}, {0x98003000}, 0x1000, Access::None})));
  }
  Fault data(u32 address, u32 status, u32 code) {
    context.r[kPc] = 0x10000234;
    return explain({TrapKind::DataAbort, {0x10000234}, {address}, status}, context, space, code, 4);
  }
  Fault prefetch(u32 address, u32 status) {
    context.r[kPc] = address;
    return explain({TrapKind::PrefetchAbort, {address}, {address}, status}, context, space, 0, 0);
  }
  static std::string sentence(const Fault& fault) {
    TextBuffer<400> out;
    describe(fault, "crash", out);
    EXPECT_FALSE(out.truncated());
    EXPECT_EQ(out.view().find('\n'), std::string_view::npos);
    return std::string{out.view()};
  }

  static constexpr u32 kLoadWord = 0xe5901000;   // ldr r1, [r0]
  static constexpr u32 kStoreByte = 0xe5c01000;  // strb r1, [r0]
  static constexpr u32 kLoadTwo = 0xe1c020d0;    // ldrd r2, r3, [r0]

  std::vector<u32> words = std::vector<u32>(kFirstLevelWords + 8 * kSecondLevelWords);
  AddressSpace space;
  Context context;
};

TEST_F(FaultTest, ReadOfSupervisorMemory) {
  context.r[0] = 0x90010000;
  const Fault f = data(0x90010000, 0x00d, kLoadWord);
  EXPECT_EQ(f.kind, FaultKind::DataAbort);
  EXPECT_EQ(f.access, kR);
  EXPECT_EQ(f.size, 4u);
  EXPECT_EQ(f.address.raw, 0x90010000u);
  EXPECT_EQ(f.pc.raw, 0x10000234u);
  EXPECT_EQ(f.status, 0x00du);
  EXPECT_EQ(f.instruction, kLoadWord);
  EXPECT_EQ(f.instruction_size, 4u);
  EXPECT_FALSE(f.thumb);
  EXPECT_EQ(f.owner.owner, Owner::Supervisor);
  EXPECT_EQ(f.context, context);
  EXPECT_EQ(sentence(f),
            "applet 'crash' tried to read 4 bytes at 0x90010000, which belongs to the supervisor "
            "(PL0 has no rights): permission fault, section");
}

TEST_F(FaultTest, WriteIsToldByWnR) {
  const Fault f = data(0x10000010, 0x80f, kStoreByte);
  EXPECT_EQ(f.access, kW);
  EXPECT_EQ(f.size, 1u);
  EXPECT_EQ(sentence(f),
            "applet 'crash' tried to write 1 byte at 0x10000010, which belongs to the applet "
            "(PL0 has the rights r-x): permission fault, page");
}

TEST_F(FaultTest, WriteToReadOnlyMemory) {
  EXPECT_EQ(sentence(data(0x10001000, 0x80f, kStoreByte)),
            "applet 'crash' tried to write 1 byte at 0x10001000, which belongs to the applet "
            "(PL0 has only the right to read): permission fault, page");
}

TEST_F(FaultTest, TheNormalWorldHasAName) {
  EXPECT_EQ(sentence(data(0x80000000, 0x00d, kLoadTwo)),
            "applet 'crash' tried to read 8 bytes at 0x80000000, which belongs to the normal world "
            "(PL0 has no rights): permission fault, section");
}

TEST_F(FaultTest, DevicesHaveNames) {
  EXPECT_EQ(sentence(data(0x00a01000, 0x00d, kLoadWord)),
            "applet 'crash' tried to read 4 bytes at 0x00a01000, which belongs to a device "
            "(interrupt controller) (PL0 has no rights): permission fault, section");
}

TEST_F(FaultTest, TheGuardBelongsToTheApplet) {
  EXPECT_EQ(sentence(data(0x10003ffc, 0x80f, 0xe5801000)),
            "applet 'crash' tried to write 4 bytes at 0x10003ffc, which belongs to the applet's guard "
            "(PL0 has no rights): permission fault, page");
}

TEST_F(FaultTest, ANullPointerIsCalledOne) {
  for (const u32 at : {0u, 4u, 0xfffu}) {
    const std::string text = sentence(data(at, 0x005, kLoadWord));
    EXPECT_NE(text.find(", a null pointer: translation fault, section"), std::string::npos) << text;
  }
  EXPECT_EQ(sentence(data(0x1000, 0x005, kLoadWord)),
            "applet 'crash' tried to read 4 bytes at 0x00001000, where nothing is mapped: "
            "translation fault, section");
}

TEST_F(FaultTest, AMisalignedAccessToTheAppletsOwnMemory) {
  EXPECT_EQ(sentence(data(0x10002002, 0x001, kLoadTwo)),
            "applet 'crash' tried to read 8 bytes at 0x10002002, which is not aligned as this instruction "
            "demands: alignment fault");
}

TEST_F(FaultTest, AlignmentIsCheckedBeforeTheTablesAndSaysSo) {
  // An alignment fault has priority over MMU faults (B3.12.4): the address may belong to nobody.
  EXPECT_NE(sentence(data(0x10008002, 0x001, kLoadTwo)).find("not aligned as this instruction demands"),
            std::string::npos)
      << sentence(data(0x10008002, 0x001, kLoadTwo));
}

TEST_F(FaultTest, AnInstructionThatCannotBeReadLeavesTheSizeOut) {
  context.r[kPc] = 0x10000ffe;
  const Fault f =
      explain({TrapKind::DataAbort, {0x10000ffe}, {0x90000000}, 0x00d}, context, space, 0x1234, 2);
  EXPECT_EQ(f.instruction_size, 0u);
  EXPECT_EQ(f.size, 0u);
  EXPECT_EQ(sentence(f),
            "applet 'crash' tried to read at 0x90000000, which belongs to the supervisor "
            "(PL0 has no rights): permission fault, section");
}

TEST_F(FaultTest, ThumbInstructionsHaveTwoSizes) {
  context.cpsr = kCpsrUser | kCpsrThumb;
  const Fault narrow = data(0x90000000, 0x00d, 0xbf006801);  // ldr r1, [r0]; nop
  EXPECT_TRUE(narrow.thumb);
  EXPECT_EQ(narrow.instruction_size, 2u);
  EXPECT_EQ(narrow.instruction, 0x6801u);
  EXPECT_EQ(narrow.size, 4u);
  const Fault wide = data(0x90000000, 0x00d, 0x1000f890);  // ldrb.w r1, [r0]
  EXPECT_EQ(wide.instruction_size, 4u);
  EXPECT_EQ(wide.instruction, 0x1000f890u);
  EXPECT_EQ(wide.size, 1u);
}

TEST_F(FaultTest, ExecutionOfDataAndOfTheSupervisor) {
  const Fault own = prefetch(0x10002000, 0x00f);
  EXPECT_EQ(own.kind, FaultKind::PrefetchAbort);
  EXPECT_EQ(own.access, kX);
  EXPECT_EQ(own.pc.raw, 0x10002000u);
  EXPECT_EQ(own.size, 4u);
  EXPECT_EQ(sentence(own),
            "applet 'crash' tried to execute at 0x10002000, which belongs to the applet "
            "(PL0 has the rights rw-): permission fault, page");
  EXPECT_EQ(sentence(prefetch(0x90000000, 0x00d)),
            "applet 'crash' tried to execute at 0x90000000, which belongs to the supervisor "
            "(PL0 has no rights): permission fault, section");
  EXPECT_EQ(sentence(prefetch(0, 0x005)),
            "applet 'crash' tried to execute at 0x00000000, a null pointer: translation fault, section");
}

TEST_F(FaultTest, TheSecondHalfOfAnInstructionMayBeTheOneThatIsMissing) {
  context.r[kPc] = 0x10000ffe, context.cpsr = kCpsrUser | kCpsrThumb;
  const Fault f = explain({TrapKind::PrefetchAbort, {0x10000ffe}, {0x10002000}, 0x00f}, context, space, 0, 2);
  EXPECT_EQ(f.pc.raw, 0x10000ffeu);
  EXPECT_EQ(f.address.raw, 0x10002000u);
  EXPECT_EQ(f.owner.base.raw, 0x10002000u);
}

TEST_F(FaultTest, ABreakpointIsADebugEventInIfsr) {  // BKPT: IFSR.FS = 0b00010 (C3.1)
  const Fault f = prefetch(0x10000100, 0x002);
  EXPECT_EQ(f.kind, FaultKind::Breakpoint);
  EXPECT_EQ(f.access, Access::None);
  EXPECT_EQ(f.status, 0x002u);
  EXPECT_EQ(sentence(f), "applet 'crash' hit a breakpoint at 0x10000100: breakpoint instruction");
}

TEST_F(FaultTest, UndefinedInstructions) {
  context.r[kPc] = 0x10000040;
  const Fault f =
      explain({TrapKind::Undefined, {0x10000040}, {}, 0}, context, space, 0xee100f10, 4);  // mrc p15
  EXPECT_EQ(f.kind, FaultKind::Undefined);
  EXPECT_EQ(f.access, Access::None);
  EXPECT_EQ(f.pc.raw, 0x10000040u);
  EXPECT_EQ(f.address.raw, 0x10000040u);
  EXPECT_EQ(f.owner.owner, Owner::Applet);
  EXPECT_EQ(f.instruction, 0xee100f10u);
  EXPECT_EQ(sentence(f),
            "applet 'crash' executed an instruction that PL0 may not, at 0x10000040: undefined or "
            "privileged instruction");
}

TEST_F(FaultTest, BadSystemCalls) {
  Fault f;
  f.kind = FaultKind::BadSyscall;
  f.pc = {0x10000080};
  f.reason.assign("there is no call 77");
  EXPECT_EQ(sentence(f), "applet 'crash' made a bad system call at 0x10000080: there is no call 77");
  f.access = kW;
  f.address = {0x90000000};
  f.owner = space.owner(f.address);
  f.reason.assign("the buffer");
  EXPECT_EQ(sentence(f),
            "applet 'crash' asked the supervisor to write at 0x90000000, which belongs to the supervisor "
            "(PL0 has no rights): the buffer");
}

TEST_F(FaultTest, LockstepDisagreement) {
  Fault f;
  f.kind = FaultKind::Lockstep;
  f.pc = {0x10000080};
  f.reason.assign("r3 is 0x00000001, the shadow's 0x00000003");
  EXPECT_EQ(sentence(f),
            "applet 'crash' and its lockstep shadow disagree at 0x10000080: r3 is 0x00000001, the shadow's "
            "0x00000003");
}

TEST_F(FaultTest, EveryKindOfFaultHasASentenceForEveryOwner) {
  for (const u32 at : {0u, 0x2000u, 0x00900000u, 0x02000000u, 0x10000000u, 0x10003000u, 0x80000000u,
                       0x90000000u, 0x98000000u, 0xffffffffu}) {
    for (u32 fs = 0; fs < 32; ++fs) {
      for (const bool write : {false, true}) {
        const std::string text = sentence(data(at, fsr_of(FaultStatus(fs), write), kLoadWord));
        EXPECT_EQ(text.find("applet 'crash' tried to "), 0u);
        EXPECT_NE(text.find(": "), std::string::npos);
      }
    }
  }
}

// --- Registers ---------------------------------------------------------------------------------------------

TEST(RegisterDump, HasFourLinesInTheLayoutOfGoTee) {
  Context context;
  for (u32 i = 0; i < 16; ++i) context.r[i] = 0x11111111 * i;
  context.cpsr = 0x60000010;
  TextBuffer<400> out;
  describe(context, out);
  EXPECT_EQ(out.view(),
            "   r0:00000000   r1:11111111   r2:22222222   r3:33333333\n"
            "   r4:44444444   r5:55555555   r6:66666666   r7:77777777\n"
            "   r8:88888888   r9:99999999  r10:aaaaaaaa  r11:bbbbbbbb\n"
            "  r12:cccccccc   sp:dddddddd   lr:eeeeeeee   pc:ffffffff spsr:60000010 (USR)\n");
}

TEST(RegisterDump, AgreesWithPrintf) {
  constexpr const char* kNames[16] = {"r0", "r1", "r2",  "r3",  "r4",  "r5", "r6", "r7",
                                      "r8", "r9", "r10", "r11", "r12", "sp", "lr", "pc"};
  Context context;
  for (u32 i = 0; i < 16; ++i) context.r[i] = 0x9e3779b9 * (i + 1) >> i;
  std::string want;
  for (u32 i = 0; i < 16; ++i) {
    char field[32];
    std::snprintf(field, sizeof field, "%5s:%08x", kNames[i], context.r[i]);
    want += field;
    if (i == 15) want += " spsr:00000010 (USR)";
    if (i % 4 == 3) want += '\n';
  }
  TextBuffer<400> out;
  describe(context, out);
  EXPECT_EQ(out.view(), want);
}

}  // namespace
}  // namespace gotee
