// SPDX-License-Identifier: BSD-3-Clause
//
// Central Security Unit: which world may touch which peripheral, and as whom each bus master speaks.
// Ref: [IMX6ULSRM] CSU: CSU_CSLn, CSU_HP0, CSU_SA, CSU_HPCONTROL0; [IMX6ULLRM] 11.2.3.1.
#pragma once
#include "core/base/result.h"
#include "hal/imx6ul/drivers/csu_policy.h"
#include "hal/imx6ul/mmio.h"

namespace gotee::imx6ul {

class Csu {
 public:
  enum class Reg : u32 {
    Csl0 = 0x000,        // [IMX6ULSRM] CSU_CSL0, the others 4 apart
    Hp0 = 0x200,         // [IMX6ULSRM] CSU_HP0: privilege of each master, two bits each
    Sa = 0x218,          // [IMX6ULSRM] CSU_SA: world of each master, two bits each
    HpControl0 = 0x358,  // [IMX6ULSRM] CSU_HPCONTROL0: whether CSU_HP0 overrides the master's own
  };
  static constexpr u32 kSlaveLock = 1u << 8;  // [IMX6ULSRM] CSU_CSLn, LOCK_Sx, relative to its half
  static constexpr u32 kMasterNormal = 0b01;  // [IMX6ULSRM] CSU_SA, SA_x: 1 is Non-secure
  static constexpr u32 kMasterLock = 0b10;    // [IMX6ULSRM] CSU_SA, CSU_HP0, CSU_HPCONTROL0: L_x

  /// The first place where the unit is not what the policy says.
  struct Difference {
    enum class What : u8 { Slave, Master } what = What::Slave;
    u8 index = 0;  // CSL register, or master
    Half half = Half::Low;
    u32 expected = 0, found = 0;  // the slave's 8 access bits, or the master's SA bit
  };

  explicit constexpr Csu(u32 base) : io_{base} {}

  /// There is such a unit here. On silicon some slave is always open to somebody.
  bool present() const;
  /// Set every slave and master as the tables and `choice` say. Device when the unit is absent or when
  /// something did not stick; verify() then says what.
  Result<> apply(const CsuChoice& choice) const;
  std::optional<Difference> verify(const CsuChoice& choice) const;
  /// Everything stays as it is until power is cut. Device when the unit is absent or did not lock.
  Result<> lock() const;
  /// Every slave and every known master is locked.
  bool locked() const;

 private:
  Mmio<Reg> io_;
};

}  // namespace gotee::imx6ul
