// SPDX-License-Identifier: BSD-3-Clause
//
// Watchdog: resets the chip unless it is served in time, and on request.
// Ref: [IMX6ULRM] chapter "Watchdog Timer (WDOG1-3)".
#pragma once
#include "core/base/result.h"
#include "hal/imx6ul/mmio.h"

namespace gotee::imx6ul {

/// The registers are 16 bits wide, and the manual warns that a 32-bit access may leave the block in an
/// unknown state. One of WDOG1, WDOG2 (the TrustZone watchdog) and WDOG3; its clock gate must be on before
/// any call.
class Wdog {
 public:
  enum class Reg : u32 {   // 16 bits each
    Control = 0x00,        // [IMX6ULRM] WDOG: WDOGx_WCR
    Service = 0x02,        // [IMX6ULRM] WDOG: WDOGx_WSR
    ResetStatus = 0x04,    // [IMX6ULRM] WDOG: WDOGx_WRSR, read only
    Miscellaneous = 0x08,  // [IMX6ULRM] WDOG: WDOGx_WMCR
  };
  static constexpr Field kTimeout{8, 8};      // [IMX6ULRM] WDOGx_WCR.WT, (n + 1) half seconds
  static constexpr Field kStopInWait{7};      // [IMX6ULRM] WDOGx_WCR.WDW, write-once
  static constexpr Field kResetExtension{6};  // [IMX6ULRM] WDOGx_WCR.SRE
  static constexpr Field kPinReleased{5};     // [IMX6ULRM] WDOGx_WCR.WDA, 0 asserts WDOG_B
  static constexpr Field kNoReset{4};         // [IMX6ULRM] WDOGx_WCR.SRS, 0 resets the chip; reads 1
  static constexpr Field kPinOnTimeout{3};    // [IMX6ULRM] WDOGx_WCR.WDT, write-one-once
  static constexpr Field kEnable{2};          // [IMX6ULRM] WDOGx_WCR.WDE, write-one-once
  static constexpr Field kStopInDebug{1};     // [IMX6ULRM] WDOGx_WCR.WDBG, write-once
  static constexpr Field kStopInLowPower{0};  // [IMX6ULRM] WDOGx_WCR.WDZST, write-once
  static constexpr u16 kServiceFirst = 0x5555, kServiceSecond = 0xaaaa;  // [IMX6ULRM] WDOGx_WSR
  static constexpr Field kPowerOn{4};                                    // [IMX6ULRM] WDOGx_WRSR.POR
  static constexpr Field kTimedOut{1};                                   // [IMX6ULRM] WDOGx_WRSR.TOUT
  static constexpr Field kSoftware{0};                                   // [IMX6ULRM] WDOGx_WRSR.SFTW
  static constexpr Field kPowerDown{0};                                  // [IMX6ULRM] WDOGx_WMCR.PDE

  enum class Reason { Unknown, PowerOn, Timeout, Software };

  explicit constexpr Wdog(u32 base) : base_{base} {}

  /// Whether a watchdog answers here: WDA and SRS read 1 unless a reset is under way, so WCR is never 0.
  /// Every member of the family has the three blocks, so this does not probe for an access that aborts (a
  /// probe is 32 bits wide).
  bool present() const;

  /// Reset the chip (and assert WDOG_B) unless service() is called at least every `timeout`, for ever: once
  /// started, only a reset stops a watchdog. It keeps counting in wait, low-power and debug modes; these
  /// choices are write-once, so the first start() since reset also locks them. A second start() changes the
  /// timeout. Refuses (Invalid) what is not a whole number of half seconds from 0.5 s to 128 s. Device when
  /// the block did not take the setting, which includes the choices made before by someone else (a boot
  /// loader).
  Result<> start(Duration timeout) const;

  /// Start the timeout afresh.
  void service() const;

  /// Reset the chip now. Returns, because the reset takes a few 32 kHz cycles: wait in a loop that never
  /// ends.
  void request_reset() const;

  /// Why this watchdog's registers were last reset.
  Reason reason() const;

  /// Disable the power-down counter, which would assert WDOG_B 16 s after power-on. Device when it stays
  /// enabled.
  Result<> disable_power_down() const;

 private:
  u32 read(Reg reg) const { return load16(base_ + u32(reg)); }
  void write(Reg reg, u32 value) const { store16(base_ + u32(reg), u16(value)); }

  u32 base_;
};

}  // namespace gotee::imx6ul
