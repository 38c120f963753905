// SPDX-License-Identifier: BSD-3-Clause
//
// Looking for devices, and saying what was found.
#include "firmware/devices.h"

#include "core/mem/layout.h"
#include "firmware/board.h"
#include "firmware/world_guard.h"
#include "hal/imx6ul/drivers/ccm.h"
#include "hal/imx6ul/drivers/entropy.h"
#include "hal/imx6ul/drivers/memory_map.h"
#include "hal/imx6ul/drivers/ocotp.h"
#include "hal/imx6ul/drivers/snvs.h"
#include "hal/imx6ul/drivers/wdog.h"

namespace gotee {
namespace {

using namespace imx6ul;

constexpr Duration kWatchdogTimeout{8'000'000'000};
constexpr Wdog kWatchdog{kWdog2Base};  // the TrustZone watchdog

constinit Rngb rngb{kRngbBase};
constinit Caam caam{kCaamBase, kSupervisorDma.base};
constinit Entropy entropy{rngb, caam};
constinit bool insecure = false;

Ccm ccm() { return Ccm{kCcmBase, kCcmAnalogBase}; }

void open_gates() {
  // An emulator without a gate has nothing behind it either: the blocks themselves are asked next.
  for (const ClockGate gate : {kSnvsGate, kOcotpGate, kCsuGate, kWdog2Gate})
    (void)ccm().set_gate(gate, Ccm::Gate::On);
  if (ccm().chip() == Chip::Imx6ul) {
    for (const ClockGate gate : {kCaamMemoryGate, kCaamBusGate, kCaamIpgGate})
      (void)ccm().set_gate(gate, Ccm::Gate::On);
  } else {
    (void)ccm().set_gate(kDcpGate, Ccm::Gate::On);
  }
}

/// As fast as the part is sold for, and no faster than needs no better cooling. What the fuses do not say, or
/// the clock controller refuses, stays as the boot ROM left it.
void raise_clock() {
  constexpr u32 kMost = 792;  // MHz
  const Ocotp ocotp{kOcotpBase, ccm().chip()};
  if (!ocotp.present()) return;
  if (const auto grade = ocotp.max_arm_mhz()) (void)ccm().set_arm_mhz(*grade < kMost ? 528 : kMost, *grade);
}

/// The hardware source, or, where the machine has no such block and the build allows it, the test source. A
/// block that is there and fails is not replaced: random() then fails for ever.
RandomSource start_entropy() {
  if (entropy.start()) return [](std::span<u8> out) { return entropy.fill(out); };
  if (entropy.source() != Entropy::Source::None) return nullptr;
  insecure = test_entropy() != nullptr;
  return test_entropy();
}

class Report {
 public:
  explicit Report(hal::Machine& machine) : machine_{machine} {}
  Text& line() {
    text_.clear();
    return text_.put("00:00:00 PL1 machine: ");
  }
  void end() { machine_.console(text_.put('\n').view()); }

 private:
  hal::Machine& machine_;
  TextBuffer<200> text_;
};

std::string_view chip_name(Chip chip) {
  switch (chip) {
    case Chip::Imx6ul: return "i.MX6UL";
    case Chip::Imx6ull: return "i.MX6ULL or ULZ";
    case Chip::Unknown: break;
  }
  return "a chip that it does not know";
}

void describe_identity(Report& report, const Clock& clock) {
  report.line().put("board ").put(kBoard.name).put(", ").put(chip_name(ccm().chip()));
  report.end();
  Text& line = report.line();
  if (const auto hz = ccm().arm_hz()) line.put("ARM clock ").dec(*hz / 1'000'000).put(" MHz, ");
  line.put("counter ").dec(clock.frequency() / 1000).put(" kHz");
  report.end();
  const Ocotp ocotp{kOcotpBase, ccm().chip()};
  const auto id = ocotp.present() ? ocotp.unique_id() : Result<u64>{Error::Unsupported};
  const auto closed = ocotp.present() ? ocotp.closed() : Result<bool>{Error::Unsupported};
  if (id && closed) {
    report.line()
        .put("unique id 0x")
        .hex(*id, 16)
        .put(*closed ? ", secure boot" : ", NO secure boot: open part");
  } else {
    report.line().put("OCOTP absent: no identity, and nothing says that the boot was secure");
  }
  report.end();
  const Snvs snvs{kSnvsHpBase};
  if (!snvs.present()) {
    report.line().put("SNVS absent: no security monitor, no device key");
    report.end();
  }
}

void describe_entropy(Report& report) {
  switch (entropy.source()) {
    case Entropy::Source::Rngb: report.line().put("entropy from RNGB, health tests on"); break;
    case Entropy::Source::Caam: report.line().put("entropy from CAAM, health tests on"); break;
    case Entropy::Source::None:
      report.line().put(insecure ? "*** INSECURE TEST ENTROPY: every random number is known to everybody ***"
                                 : "RNGB and CAAM absent: no entropy, random numbers are refused");
      break;
  }
  report.end();
}

}  // namespace

void find_devices(imx6ul::Devices& devices) {
  open_gates();
  raise_clock();
  devices.random = start_entropy();
  devices.protect = keep_normal_world_out;
}

Result<> start_watchdog(imx6ul::Devices& devices) {
  GOTEE_TRY(kWatchdog.start(kWatchdogTimeout));
  devices.touch_watchdog = [] { kWatchdog.service(); };
  return kOk;
}

void describe_devices(hal::Machine& machine, const imx6ul::Clock& clock) {
  Report report{machine};
  describe_identity(report, clock);
  describe_entropy(report);
  for (const std::string_view missing : missing_guards()) {
    if (missing.empty()) continue;
    report.line().put(missing);
    report.end();
  }
}

}  // namespace gotee
