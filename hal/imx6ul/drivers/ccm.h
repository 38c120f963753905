// SPDX-License-Identifier: BSD-3-Clause
//
// Clock Controller: the ARM clock with the core voltage that it needs, and the clock gates.
// Ref: [IMX6ULRM] chapters "Clock Controller Module (CCM)" and "Power Management Unit (PMU)";
//      [IMX6ULLCEC] i.MX 6ULL Consumer Data Sheet, Table 10 "Operating Ranges".
#pragma once
#include "core/base/result.h"
#include "hal/imx6ul/drivers/memory_map.h"
#include "hal/imx6ul/mmio.h"

namespace gotee::imx6ul {

/// One of the 7 x 16 clock gates: field CG`slot` of CCGR`reg`.
struct ClockGate {
  u8 reg = 0, slot = 0;
};

class Ccm {
 public:
  enum class Reg : u32 {
    Switch = 0x0c,     // [IMX6ULRM] CCM: CCM_CCSR
    ArmDivide = 0x10,  // [IMX6ULRM] CCM: CCM_CACRR
    Handshake = 0x48,  // [IMX6ULRM] CCM: CCM_CDHIPR, read only
    Gates = 0x68,      // [IMX6ULRM] CCM: CCM_CCGR0-6, 4 bytes apart
  };
  static constexpr Field kStepClock{8};       // [IMX6ULRM] CCM_CCSR.STEP_SEL: 0 the 24 MHz oscillator, 1 PLL2
  static constexpr Field kUseStep{2};         // [IMX6ULRM] CCM_CCSR.PLL1_SW_CLK_SEL: 0 PLL1, 1 the step clock
  static constexpr Field kArmDivide{0, 3};    // [IMX6ULRM] CCM_CACRR.ARM_PODF, divides by n + 1
  static constexpr Field kArmDivideBusy{16};  // [IMX6ULRM] CCM_CDHIPR.ARM_PODF_BUSY
  enum class Gate : u32 { Off = 0b00, On = 0b11 };  // [IMX6ULRM] CCM_CCGRn.CGn: 11 = on except in stop mode

  enum class AnalogReg : u32 {
    PllArm = 0x000,   // [IMX6ULRM] CCM: CCM_ANALOG_PLL_ARM
    Core = 0x140,     // [IMX6ULRM] PMU: PMU_REG_CORE
    Version = 0x260,  // [IMX6ULRM] USB_ANALOG: USB_ANALOG_DIGPROG
  };
  static constexpr Field kPllMultiply{0, 7};  // [IMX6ULRM] CCM_ANALOG_PLL_ARM.DIV_SELECT: 24 MHz * n / 2
  static constexpr Field kPllPowerDown{12};   // [IMX6ULRM] CCM_ANALOG_PLL_ARM.POWERDOWN
  static constexpr Field kPllEnable{13};      // [IMX6ULRM] CCM_ANALOG_PLL_ARM.ENABLE
  static constexpr Field kPllBypass{16};      // [IMX6ULRM] CCM_ANALOG_PLL_ARM.BYPASS
  static constexpr Field kPllLock{31};        // [IMX6ULRM] CCM_ANALOG_PLL_ARM.LOCK, read only
  static constexpr Field kArmTarget{0, 5};    // [IMX6ULRM] PMU_REG_CORE.REG0_TARG: VDD_ARM_CAP, 25 mV steps
  static constexpr Field kSocTarget{18, 5};   // [IMX6ULRM] PMU_REG_CORE.REG2_TARG: VDD_SOC_CAP, likewise
  static constexpr u32 kTargetOff = 0b00000;  // [IMX6ULRM] PMU_REG_CORE: the regulator is off
  static constexpr u32 kTargetBypass = 0b11111;  // [IMX6ULRM] PMU_REG_CORE: its input passes through
  static constexpr Field kFamily{16, 8};         // [IMX6ULRM] USB_ANALOG_DIGPROG.MAJOR, upper byte
  static constexpr u32 kFamilyUl = 0x64;         // [IMX6ULRM] USB_ANALOG_DIGPROG
  static constexpr u32 kFamilyUll = 0x65;        // [IMX6ULLRM] USB_ANALOG_DIGPROG

  constexpr Ccm(u32 ccm, u32 analog) : io_{ccm}, analog_{analog} {}

  /// Which chip this is, by its silicon version register; Unknown when the register holds no member of the
  /// family or nothing answers.
  Chip chip() const;
  /// Whether the clock controller answers: the version register is never 0.
  bool present() const { return chip() != Chip::Unknown; }

  /// The frequency of the ARM core in Hz, computed from the registers. Unsupported when the core runs from
  /// PLL2, which this driver neither sets nor follows.
  Result<u32> arm_hz() const;

  /// Run the ARM core at `mhz`: 396, 528, 792 or 900, not above `max_mhz`, the part's speed grade
  /// (Ocotp::max_arm_mhz). The core voltages are raised before and lowered after the change, through the
  /// chip's own regulators: the board's VDD_SOC_IN must exceed the highest target by 125 mV. Takes about 2
  /// ms, during which the core falls to 24 MHz and below. Refuses another frequency (Invalid), one above the
  /// grade (Denied), and any while a core regulator is bypassed or off (Unsupported), because then the
  /// voltage is the board's business. TimedOut when PLL1 does not lock or the divider does not settle: the
  /// core is then left on the 24 MHz oscillator, at the raised voltage.
  Result<> set_arm_mhz(u32 mhz, u32 max_mhz) const;

  /// Turn a block's clock on (also while the core waits for an interrupt) or off. Refuses (Invalid) a gate
  /// that does not exist. The caller knows that nobody uses what it turns off; an access to a block without a
  /// clock never ends.
  Result<> set_gate(ClockGate gate, Gate state) const;

 private:
  struct OperatingPoint;
  static const OperatingPoint kPoints[4];

  void set_voltages(u32 arm_target, u32 soc_target) const;
  Result<> switch_arm_clock(const OperatingPoint& point) const;

  Mmio<Reg> io_;
  Mmio<AnalogReg> analog_;
};

inline constexpr ClockGate kDcpGate{0, 5};          // [IMX6ULLRM] CCM: CCM_CCGR0.CG5
inline constexpr ClockGate kCaamMemoryGate{0, 4};   // [IMX6ULRM] CCM: CCM_CCGR0.CG4
inline constexpr ClockGate kCaamBusGate{0, 5};      // [IMX6ULRM] CCM: CCM_CCGR0.CG5
inline constexpr ClockGate kCaamIpgGate{0, 6};      // [IMX6ULRM] CCM: CCM_CCGR0.CG6
inline constexpr ClockGate kGpt2BusGate{0, 12};     // [IMX6ULRM] CCM: CCM_CCGR0.CG12
inline constexpr ClockGate kGpt2SerialGate{0, 13};  // [IMX6ULRM] CCM: CCM_CCGR0.CG13
inline constexpr ClockGate kUart2Gate{0, 14};       // [IMX6ULRM] CCM: CCM_CCGR0.CG14
inline constexpr ClockGate kGpio2Gate{0, 15};       // [IMX6ULRM] CCM: CCM_CCGR0.CG15
inline constexpr ClockGate kUart3Gate{1, 5};        // [IMX6ULRM] CCM: CCM_CCGR1.CG5
inline constexpr ClockGate kGpt1BusGate{1, 10};     // [IMX6ULRM] CCM: CCM_CCGR1.CG10
inline constexpr ClockGate kGpt1SerialGate{1, 11};  // [IMX6ULRM] CCM: CCM_CCGR1.CG11
inline constexpr ClockGate kUart4Gate{1, 12};       // [IMX6ULRM] CCM: CCM_CCGR1.CG12
inline constexpr ClockGate kGpio1Gate{1, 13};       // [IMX6ULRM] CCM: CCM_CCGR1.CG13
inline constexpr ClockGate kCsuGate{1, 14};         // [IMX6ULRM] CCM: CCM_CCGR1.CG14
inline constexpr ClockGate kGpio5Gate{1, 15};       // [IMX6ULRM] CCM: CCM_CCGR1.CG15
inline constexpr ClockGate kOcotpGate{2, 6};        // [IMX6ULRM] CCM: CCM_CCGR2.CG6
inline constexpr ClockGate kGpio3Gate{2, 13};       // [IMX6ULRM] CCM: CCM_CCGR2.CG13
inline constexpr ClockGate kUart5Gate{3, 1};        // [IMX6ULRM] CCM: CCM_CCGR3.CG1
inline constexpr ClockGate kUart6Gate{3, 3};        // [IMX6ULRM] CCM: CCM_CCGR3.CG3
inline constexpr ClockGate kGpio4Gate{3, 6};        // [IMX6ULRM] CCM: CCM_CCGR3.CG6
inline constexpr ClockGate kWdog1Gate{3, 8};        // [IMX6ULRM] CCM: CCM_CCGR3.CG8
inline constexpr ClockGate kWdog2Gate{5, 5};        // [IMX6ULRM] CCM: CCM_CCGR5.CG5
inline constexpr ClockGate kSnvsGate{5, 9};         // [IMX6ULRM] CCM: CCM_CCGR5.CG9
inline constexpr ClockGate kUart1Gate{5, 12};       // [IMX6ULRM] CCM: CCM_CCGR5.CG12
inline constexpr ClockGate kUart7Gate{5, 13};       // [IMX6ULRM] CCM: CCM_CCGR5.CG13
inline constexpr ClockGate kUart8Gate{6, 7};        // [IMX6ULRM] CCM: CCM_CCGR6.CG7
inline constexpr ClockGate kWdog3Gate{6, 10};       // [IMX6ULRM] CCM: CCM_CCGR6.CG10

}  // namespace gotee::imx6ul
