// SPDX-License-Identifier: BSD-3-Clause
//
// On-chip one-time programmable fuses, read through their shadow registers.
// Ref: [IMX6ULRM] chapters "On-Chip OTP Controller (OCOTP_CTRL)" and "Fusemap"; [IMX6ULLRM] same chapters.
#pragma once
#include <array>

#include "core/base/result.h"
#include "hal/imx6ul/drivers/memory_map.h"
#include "hal/imx6ul/mmio.h"

namespace gotee::imx6ul {

/// Programming fuses is left out on purpose: burning one is irreversible, and a wrong one destroys the board.
/// This driver never unlocks the controller for writing and never stores to its data or shadow registers. Its
/// clock gate must be on before any call.
class Ocotp {
 public:
  enum class Reg : u32 {
    Control = 0x000,       // [IMX6ULRM] OCOTP: HW_OCOTP_CTRL
    ControlClear = 0x008,  // [IMX6ULRM] OCOTP: HW_OCOTP_CTRL_CLR
    Version = 0x090,       // [IMX6ULRM] OCOTP: HW_OCOTP_VERSION, read only
    Shadow = 0x400,        // [IMX6ULRM] OCOTP: HW_OCOTP_LOCK = bank 0 word 0; words 0x10 apart, banks 0x80
  };
  static constexpr Field kBusy{8};              // [IMX6ULRM] HW_OCOTP_CTRL.BUSY
  static constexpr Field kError{9};             // [IMX6ULRM] HW_OCOTP_CTRL.ERROR
  static constexpr Field kSpeedGrade{16, 2};    // [IMX6ULRM] Fusemap: 0x440[17:16] SPEED_GRADING
  static constexpr Field kClosed{1};            // [IMX6ULRM] Fusemap: 0x460[1] SEC_CONFIG[1]
  static constexpr Field kBootFuses{4};         // [IMX6ULRM] Fusemap: 0x460[4] BT_FUSE_SEL
  static constexpr u32 kWordsPerBank = 8;       // [IMX6ULRM] OCOTP: Fuse map
  static constexpr u32 kBanksUl = 16;           // [IMX6ULRM] OCOTP: memory map
  static constexpr u32 kBanksUll = 8;           // [IMX6ULLRM] OCOTP: memory map
  static constexpr u32 kLastBankBeforeGap = 5;  // [IMX6ULRM] OCOTP: it ends at 0x6f0, bank 6 starts at 0x800
  static constexpr u32 kGap = 0x100;            // [IMX6ULRM] OCOTP: likewise

  /// `chip` decides the number of banks (an unknown one gets the fewest) and what a speed grade means.
  constexpr Ocotp(u32 base, Chip chip) : io_{base}, chip_{chip} {}

  /// Whether the controller answers: its version register is never 0. Ask first: where reads give 0 without a
  /// block, the fuses look like those of an open part without an identity.
  bool present() const { return io_.probe(Reg::Version).value_or(0) != 0; }

  /// A word of fuses. Refuses (Invalid) a bank or word that does not exist, and (Denied) one that is locked
  /// against reading. TimedOut when the controller stays busy.
  Result<u32> read(u32 bank, u32 word) const;

  /// The part's unique identity: CFG1 above CFG0.
  Result<u64> unique_id() const;
  /// SHA-256 of the super root keys that secure boot trusts, as eight fuse words; all 0 on an unfused part.
  Result<std::array<u32, 8>> srk_hash() const;
  /// Whether secure boot is enforced: SEC_CONFIG[1] is blown.
  Result<bool> closed() const;
  /// BOOT_CFG1 to BOOT_CFG4, lowest byte first. They only count when boot_from_fuses() or the boot mode pins
  /// say so.
  Result<u32> boot_config() const;
  /// Whether BT_FUSE_SEL says that the fuses, not the board's pins, hold the boot configuration.
  Result<bool> boot_from_fuses() const;
  /// The highest ARM frequency of the part in MHz. Unsupported when the grade is a reserved one or the chip
  /// unknown.
  Result<u32> max_arm_mhz() const;

 private:
  Mmio<Reg> io_;
  Chip chip_;
};

}  // namespace gotee::imx6ul
