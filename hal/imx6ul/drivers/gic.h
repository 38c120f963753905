// SPDX-License-Identifier: BSD-3-Clause
//
// Interrupt controller: secure interrupts (group 0) as FIQ, the Normal world's (group 1) as IRQ.
// Ref: [GICv2] ARM Generic Interrupt Controller Architecture Specification, IHI 0048B.b.
#pragma once
#include <optional>

#include "core/base/types.h"
#include "hal/imx6ul/mmio.h"

namespace gotee::imx6ul {

class Gic {
 public:
  enum class DistributorReg : u32 {
    Control = 0x000,       // GICD_CTLR, 4.3.1
    Type = 0x004,          // GICD_TYPER, 4.3.2
    Group = 0x080,         // GICD_IGROUPRn, 4.3.4
    SetEnable = 0x100,     // GICD_ISENABLERn, 4.3.5
    ClearEnable = 0x180,   // GICD_ICENABLERn, 4.3.6
    ClearPending = 0x280,  // GICD_ICPENDRn, 4.3.8
    Priority = 0x400,      // GICD_IPRIORITYRn, 4.3.11
    Targets = 0x800,       // GICD_ITARGETSRn, 4.3.12
  };
  enum class CpuReg : u32 {
    Control = 0x00,         // GICC_CTLR, 4.4.1
    PriorityMask = 0x04,    // GICC_PMR, 4.4.2
    Acknowledge = 0x0c,     // GICC_IAR, 4.4.4
    EndOfInterrupt = 0x10,  // GICC_EOIR, 4.4.5
  };
  static constexpr Field kEnableGroup0{0}, kEnableGroup1{1};  // GICD_CTLR and GICC_CTLR
  static constexpr Field kFiqEnable{3};                       // GICC_CTLR.FIQEn
  static constexpr Field kLines{0, 5};                        // GICD_TYPER.ITLinesNumber
  static constexpr Field kInterruptId{0, 10};                 // GICC_IAR
  static constexpr u32 kSpurious = 1022;                      // 1022 and 1023, 3.2.4

  constexpr Gic(u32 distributor, u32 cpu) : distributor_{distributor}, cpu_{cpu} {}

  /// Every interrupt disabled, in group 1 and at a priority that the Normal world may use; both groups
  /// forwarded, group 0 as FIQ.
  void init() const;
  /// Make one interrupt secure, of the highest priority, and enable it.
  void enable_secure(u32 interrupt) const;
  /// The pending group 0 interrupt, now active, or nothing when there is none.
  std::optional<u32> claim() const;
  void complete(u32 interrupt) const;

 private:
  Mmio<DistributorReg> distributor_;
  Mmio<CpuReg> cpu_;
};

}  // namespace gotee::imx6ul
