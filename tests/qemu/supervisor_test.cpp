// SPDX-License-Identifier: BSD-3-Clause
//
// The supervisor's own memory on the real MMU: W^X, read-only text, guards. What it does wrong it reports,
// and halts; when it hangs, the watchdog resets the machine. Ref: [ARM ARM] DDI 0406C.d, Table B3-23
// (status), B3.7.2 (execute-never); design 4.4 (memory map).
#include <gtest/gtest.h>

#include "tests/qemu/emulator.h"

namespace gotee::qemu {
namespace {

struct Case {
  const char* name;
  Crime crime;
  const char* report;  // what the console must say of it
};
std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.name; }

class Supervisor : public testing::TestWithParam<Case> {};

TEST_P(Supervisor, ReportsItsOwnFaultAndHalts) {
  Emulator emulator;  // one of its own: it does not survive
  emulator.mailbox().address = u32(GetParam().crime);
  EXPECT_EQ(emulator.call_without_return(Command::Misbehave), 1) << "a bug in gotee";
  const std::string console = emulator.console();
  EXPECT_NE(console.find("PL1 fault, a bug in gotee: "), std::string::npos) << console;
  EXPECT_NE(console.find(GetParam().report), std::string::npos) << console;
  EXPECT_NE(console.find(" pc:0x9"), std::string::npos) << console;
  EXPECT_NE(console.find("PL1 halted\n"), std::string::npos) << console;
}

INSTANTIATE_TEST_SUITE_P(
    Crimes, Supervisor,
    testing::Values(
        Case{"ReadsNull", Crime::ReadNull, "data abort, translation fault, section, address 0x00000000"},
        Case{"WritesItsText", Crime::WriteText, "data abort, permission fault, section, address 0x90000000"},
        Case{"WritesItsConstants", Crime::WriteConstants,
             "data abort, permission fault, section, address 0x90800000"},
        Case{"ExecutesItsData", Crime::ExecuteData,
             "prefetch abort, permission fault, section, address 0x909"},
        Case{"ExecutesItsStack", Crime::ExecuteStack,
             "prefetch abort, permission fault, section, address 0x90b"},
        Case{"ExecutesAppletMemory", Crime::ExecuteAppletMemory,
             "prefetch abort, permission fault, section, address 0x98000000"},
        Case{"OverflowsItsStack", Crime::OverflowStack,
             "data abort, permission fault, section, address 0x90af"},
        Case{"ReadsItsReserve", Crime::ReadReserve,
             "data abort, permission fault, section, address 0x91100000"},
        Case{"ExecutesSomethingUndefined", Crime::Undefined, "undefined instruction"}),
    [](const auto& test) { return std::string{test.param.name}; });

TEST(Watchdog, ResetsASupervisorThatHangs) {
  Emulator emulator;
  emulator.mailbox().address = u32(Crime::Hang);
  EXPECT_EQ(emulator.call_without_return(Command::Misbehave), 0) << "-no-reboot: QEMU ends at the reset";
  EXPECT_EQ(emulator.console().find("PL1 "), std::string::npos);
}

}  // namespace
}  // namespace gotee::qemu
