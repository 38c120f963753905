// SPDX-License-Identifier: BSD-3-Clause
//
// Clock Controller: operating points, and the order of voltage, PLL and divider.
// Ref: [IMX6ULRM] chapters "Clock Controller Module (CCM)" and "Power Management Unit (PMU)";
//      [IMX6ULLCEC] i.MX 6ULL Consumer Data Sheet, Table 10 "Operating Ranges".
#include "hal/imx6ul/drivers/ccm.h"

#include <algorithm>

namespace gotee::imx6ul {
namespace {

constexpr u32 kOscillatorHz = 24'000'000;  // [IMX6ULRM] CCM: the reference oscillator
constexpr u32 kGateRegisters = 7, kGatesPerRegister = 16;

constexpr u32 target(u32 millivolts) { return (millivolts - 700) / 25; }

// A regulator moves 25 mV in 64 to 512 cycles of 24 MHz (PMU_MISC2.REGn_STEP_TIME): at most 214 us for the
// ten steps between the outermost points. A register read takes two cycles of the 66 MHz ipg clock or more,
// whatever the core's speed, so that this many take 300 us or more.
constexpr u32 kRampReads = 10'000;

}  // namespace

struct Ccm::OperatingPoint {
  u32 mhz, pll_multiply, arm_divide, arm_target, soc_target;
};

// VDD_SOC_CAP is kept at VDD_ARM_CAP or above, and above its minimum of 1.15 V.
constexpr Ccm::OperatingPoint Ccm::kPoints[4] = {
    {396, 66, 2, target(1025), target(1175)},  // [IMX6ULLCEC] Table 10
    {528, 88, 2, target(1175), target(1175)},  // [IMX6ULLCEC] Table 10
    {792, 66, 1, target(1225), target(1225)},  // [IMX6ULLCEC] Table 10
    {900, 75, 1, target(1275), target(1275)},  // [IMX6ULLCEC] Table 10
};

Chip Ccm::chip() const {
  switch (kFamily.get(analog_.probe(AnalogReg::Version).value_or(0))) {
    case kFamilyUl: return Chip::Imx6ul;
    case kFamilyUll: return Chip::Imx6ull;
    default: return Chip::Unknown;
  }
}

Result<u32> Ccm::arm_hz() const {
  u32 hz = kOscillatorHz;
  const u32 selected = io_.read(Reg::Switch);
  if (kUseStep.get(selected)) {
    if (kStepClock.get(selected)) return Error::Unsupported;
  } else if (const u32 pll = analog_.read(AnalogReg::PllArm); !kPllBypass.get(pll)) {
    hz = kOscillatorHz / 2 * kPllMultiply.get(pll);
  }
  return hz / (kArmDivide.get(io_.read(Reg::ArmDivide)) + 1);
}

Result<> Ccm::set_arm_mhz(u32 mhz, u32 max_mhz) const {
  const auto* point = std::find_if(std::begin(kPoints), std::end(kPoints),
                                   [mhz](const OperatingPoint& p) { return p.mhz == mhz; });
  if (point == std::end(kPoints)) return Error::Invalid;
  if (mhz > max_mhz) return Error::Denied;

  const u32 core = analog_.read(AnalogReg::Core);
  const u32 arm = kArmTarget.get(core), soc = kSocTarget.get(core);
  for (const u32 now : {arm, soc}) {
    if (now == kTargetOff || now == kTargetBypass) return Error::Unsupported;
  }
  // Whatever the direction, neither frequency ever meets less than its own voltage.
  set_voltages(std::max(arm, point->arm_target), std::max(soc, point->soc_target));
  GOTEE_TRY(switch_arm_clock(*point));
  set_voltages(point->arm_target, point->soc_target);
  return kOk;
}

Result<> Ccm::set_gate(ClockGate gate, Gate state) const {
  if (gate.reg >= kGateRegisters || gate.slot >= kGatesPerRegister) return Error::Invalid;
  io_.update(Reg::Gates, {u8(gate.slot * 2), 2}, u32(state), gate.reg * 4u);
  return kOk;
}

void Ccm::set_voltages(u32 arm_target, u32 soc_target) const {
  const u32 before = analog_.read(AnalogReg::Core);
  const u32 after = (before & ~(kArmTarget.mask() | kSocTarget.mask())) | kArmTarget.put(arm_target) |
                    kSocTarget.put(soc_target);
  if (after == before) return;
  analog_.write(AnalogReg::Core, after);
  for (u32 i = 0; i < kRampReads; ++i) (void)analog_.read(AnalogReg::Core);
}

Result<> Ccm::switch_arm_clock(const OperatingPoint& point) const {
  // The core waits on the oscillator while PLL and divider change, so that it never sees a mixture of the old
  // and the new setting, which could be faster than both.
  io_.update(Reg::Switch, kStepClock, 0);
  io_.update(Reg::Switch, kUseStep, 1);

  const u32 kept =
      analog_.read(AnalogReg::PllArm) & ~(kPllMultiply.mask() | kPllPowerDown.mask() | kPllBypass.mask());
  analog_.write(AnalogReg::PllArm, kept | kPllMultiply.put(point.pll_multiply) | kPllEnable.mask());
  io_.update(Reg::ArmDivide, kArmDivide, point.arm_divide - 1);
  if (!io_.wait(Reg::Handshake, kArmDivideBusy, 0)) return Error::TimedOut;
  if (!analog_.wait(AnalogReg::PllArm, kPllLock, 1)) return Error::TimedOut;

  io_.update(Reg::Switch, kUseStep, 0);
  return kOk;
}

}  // namespace gotee::imx6ul
