// SPDX-License-Identifier: BSD-3-Clause
//
// Secure Non-Volatile Storage: the chip's security state, and what survives on the coin cell.
// Ref: [IMX6ULRM] chapter "Secure Non-Volatile Storage (SNVS)";
//      [IMX6ULSRM] i.MX 6UltraLite Security Reference Manual, same chapter.
#pragma once
#include "core/base/result.h"
#include "hal/imx6ul/mmio.h"

namespace gotee::imx6ul {

/// Its clock gate must be on before any call.
class Snvs {
 public:
  enum class Reg : u32 {
    HpLock = 0x00,          // [IMX6ULSRM] SNVS: SNVS_HPLR
    HpStatus = 0x14,        // [IMX6ULSRM] SNVS: SNVS_HPSR
    LpLock = 0x34,          // [IMX6ULSRM] SNVS: SNVS_LPLR
    LpControl = 0x38,       // [IMX6ULSRM] SNVS: SNVS_LPCR
    ClockHigh = 0x50,       // [IMX6ULSRM] SNVS: SNVS_LPSRTCMR
    ClockLow = 0x54,        // [IMX6ULSRM] SNVS: SNVS_LPSRTCLR
    MonotonicHigh = 0x5c,   // [IMX6ULSRM] SNVS: SNVS_LPSMCMR
    MonotonicLow = 0x60,    // [IMX6ULSRM] SNVS: SNVS_LPSMCLR
    GeneralPurpose = 0x68,  // [IMX6ULSRM] SNVS: SNVS_LPGPR
    Version = 0xbf8,        // [IMX6ULSRM] SNVS: SNVS_HPVIDR1, read only
  };
  static constexpr Field kHpGeneralLock{5};  // [IMX6ULSRM] SNVS_HPLR.GPR_SL, until the next reset
  static constexpr Field kLpGeneralLock{5};  // [IMX6ULSRM] SNVS_LPLR.GPR_HL, until the coin cell is empty
  static constexpr Field kState{8, 4};       // [IMX6ULSRM] SNVS_HPSR.SSM_STATE
  static constexpr Field kSyndrome{16, 9};   // [IMX6ULSRM] SNVS_HPSR.OTPMK_SYNDROME
  static constexpr Field kOtpmkZero{27};     // [IMX6ULSRM] SNVS_HPSR.OTPMK_ZERO
  static constexpr Field kZmkZero{31};       // [IMX6ULSRM] SNVS_HPSR.ZMK_ZERO
  static constexpr Field kClockOn{0};        // [IMX6ULSRM] SNVS_LPCR.SRTC_ENV
  static constexpr Field kMonotonicOn{2};    // [IMX6ULSRM] SNVS_LPCR.MC_ENV
  static constexpr Field kClockHigh{0, 15};  // [IMX6ULSRM] SNVS_LPSRTCMR.SRTC, bits 46-32 of the counter
  static constexpr Field kBlock{16, 16};     // [IMX6ULSRM] SNVS_HPVIDR1.IP_ID

  enum class State : u32 {  // [IMX6ULSRM] SNVS_HPSR.SSM_STATE
    Init = 0b0000,
    HardFail = 0b0001,
    SoftFail = 0b0011,
    InitIntermediate = 0b1000,
    Check = 0b1001,
    NonSecure = 0b1011,
    Trusted = 0b1101,
    Secure = 0b1111,
  };
  /// What the hardware found of the master keys.
  struct KeyStatus {
    bool otpmk_zero;  // no one-time programmable master key is fused
    bool zmk_zero;    // the zeroizable master key is empty
    u32 syndrome;     // 0, or which parity check the fused key fails
    /// The fused master key can be relied upon.
    constexpr bool otpmk_sound() const { return !otpmk_zero && syndrome == 0; }
  };
  static constexpr u32 kClockHz = 32'768;  // [IMX6ULSRM] SNVS: the SRTC counts the 32 kHz oscillator

  explicit constexpr Snvs(u32 base) : io_{base} {}

  /// Whether the block answers: its id in SNVS_HPVIDR1 is never 0. Ask first: where reads give 0 without a
  /// block, state() is Init and no key flag is set.
  bool present() const { return kBlock.get(io_.probe(Reg::Version).value_or(0)) != 0; }

  /// The state of the security state machine. Device when the register holds none of its states.
  Result<State> state() const;
  KeyStatus keys() const;

  /// The 32-bit general purpose register that keeps its value without main power and is cleared by a tamper
  /// event.
  u32 general_purpose() const { return io_.read(Reg::GeneralPurpose); }
  /// Refuses (Denied) when one of its two locks is set; Device when the value does not stay.
  Result<> set_general_purpose(u32 value) const;

  /// The secure real time counter, 47 bits, in 1 / kClockHz s. Unsupported while it does not run; Device when
  /// no two readings agree.
  Result<u64> clock_ticks() const;

  /// Enable the monotonic counter; enabling it twice changes nothing. TimedOut when it does not come on
  /// (locked, or no such block).
  Result<> start_monotonic() const;
  /// The monotonic counter: the era of 16 bits, which is fused, above 48 bits that count. Unsupported while
  /// it is not started, Device when no two readings agree.
  Result<u64> monotonic() const;
  /// Add one to the monotonic counter, for ever, and give its new value. Errors of monotonic(); TimedOut when
  /// it does not move (locked, or full).
  Result<u64> advance_monotonic() const;

 private:
  Result<u64> read_counter(Reg high, Reg low) const;

  Mmio<Reg> io_;
};

}  // namespace gotee::imx6ul
