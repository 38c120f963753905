// SPDX-License-Identifier: BSD-3-Clause
//
// One test for each crime: the applet is stopped, and the Fault says exactly what happened.
// Ref: [ARM ARM] DDI 0406C.d, Table B3-23 (status codes), B3.13 (which register holds what).
#include "tests/sim/run.h"

namespace gotee::sim {
namespace {

constexpr u32 kPermissionSection = 0x00d, kPermissionPage = 0x00f, kTranslationSection = 0x005,
              kWrite = 0x800;

struct Crime {
  const char* name;
  FaultKind kind;
  Access access;
  u32 status;
  Owner owner;
  Access rights;
};
void PrintTo(const Crime& crime, std::ostream* out) { *out << crime.name; }

class CrimeTest : public testing::TestWithParam<Crime> {};

TEST_P(CrimeTest, IsStoppedAndBlamed) {
  const Crime& crime = GetParam();
  const auto r = run({example(crime.name)});
  const Applet& applet = r->applet();
  ASSERT_EQ(applet.outcome, Outcome::Faulted);
  EXPECT_EQ(applet.fault.kind, crime.kind);
  EXPECT_EQ(applet.fault.access, crime.access);
  EXPECT_EQ(applet.fault.status, crime.status);
  EXPECT_EQ(applet.fault.owner.owner, crime.owner);
  EXPECT_EQ(applet.fault.owner.rights, crime.rights);
  EXPECT_EQ(r->session->exit_code(), ExitCode::Faulted);
  // It announced what it was about to do, and never got to say that it had.
  EXPECT_NE(r->console.find("PL0 about to"), std::string::npos);
  EXPECT_EQ(r->console.find("must not happen"), std::string::npos);
  EXPECT_TRUE(r->console.ends_with("PL1 says goodbye\n"));
}

constexpr Access kNone = Access::None, kRead = Access::Read, kStore = Access::Write,
                 kExecute = Access::Execute;
const Crime kCrimes[] = {
    {"read_supervisor", FaultKind::DataAbort, kRead, kPermissionSection, Owner::Supervisor, kNone},
    {"write_supervisor", FaultKind::DataAbort, kStore, kPermissionSection | kWrite, Owner::Supervisor, kNone},
    {"execute_supervisor", FaultKind::PrefetchAbort, kExecute, kPermissionSection, Owner::Supervisor, kNone},
    {"null", FaultKind::DataAbort, kRead, kTranslationSection, Owner::Nobody, kNone},
    {"write_text", FaultKind::DataAbort, kStore, kPermissionPage | kWrite, Owner::Applet, kRead | kExecute},
    {"execute_data", FaultKind::PrefetchAbort, kExecute, kPermissionPage, Owner::Applet, kRead | kStore},
    {"stack_overflow", FaultKind::DataAbort, kStore, kPermissionPage | kWrite, Owner::Applet, kNone},
    {"undefined", FaultKind::Undefined, kNone, 0, Owner::Applet, kRead | kExecute},
    {"privileged", FaultKind::Undefined, kNone, 0, Owner::Applet, kRead | kExecute},
    {"bad_syscall", FaultKind::BadSyscall, kNone, 0, Owner::Applet, kRead | kExecute},
};
INSTANTIATE_TEST_SUITE_P(Crimes, CrimeTest, testing::ValuesIn(kCrimes),
                         [](const auto& i) { return i.param.name; });

TEST(Crime, ReadingTheSupervisorNamesAddressSizeAndInstruction) {
  const auto r = run({example("read_supervisor")});
  const Fault& fault = r->applet().fault;
  EXPECT_EQ(fault.address.raw, 0x90010000u);
  EXPECT_EQ(fault.size, 4u);
  EXPECT_EQ(fault.context.r[kPc], fault.pc.raw);
  TextBuffer<300> text;
  describe(fault, "read_supervisor", text);
  EXPECT_EQ(text.view(),
            "applet 'read_supervisor' tried to read 4 bytes at 0x90010000, which belongs to the supervisor "
            "(PL0 has no rights): permission fault, section");
}

TEST(Crime, AJumpToTheSupervisorHasItsPcThere) {
  const auto r = run({example("execute_supervisor")});
  EXPECT_EQ(r->applet().fault.pc.raw, 0x90010000u);
  EXPECT_EQ(r->applet().fault.address.raw, 0x90010000u);
}

TEST(Crime, AnEndlessLoopEndsWithItsBudgetAndLetsOthersFinish) {
  SessionOptions options;
  options.region_size = 16u << 20;
  options.max_instructions = 5'000'000;
  const auto r = run({example("endless"), example("hello")}, options);
  EXPECT_EQ(r->applet(0).outcome, Outcome::Running);
  EXPECT_EQ(r->applet(1).outcome, Outcome::Exited);
  EXPECT_EQ(r->session->backend().executed(), options.max_instructions);
  EXPECT_EQ(r->session->exit_code(), ExitCode::Budget);
}

TEST(Crime, StopsOnlyTheOffender) {
  SessionOptions options;
  options.region_size = 16u << 20;
  const auto r = run({example("null"), example("hello"), example("undefined")}, options);
  EXPECT_EQ(r->applet(0).outcome, Outcome::Faulted);
  EXPECT_EQ(r->applet(1).outcome, Outcome::Exited);
  EXPECT_EQ(r->applet(2).outcome, Outcome::Faulted);
}

TEST(Crime, APanicIsTheAppletsOwnWord) {
  const auto r = run({example("panic")});
  EXPECT_EQ(r->applet().outcome, Outcome::Panicked);
  EXPECT_EQ(r->applet().exit_status, 3u);
  EXPECT_EQ(r->session->exit_code(), ExitCode::Panicked);
}

}  // namespace
}  // namespace gotee::sim
