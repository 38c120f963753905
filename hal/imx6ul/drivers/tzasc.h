// SPDX-License-Identifier: BSD-3-Clause
//
// TrustZone Address Space Controller: which world may touch which part of DRAM.
// Ref: [TZC-380] ARM CoreLink TZC-380 TRM, DDI 0431; [IMX6ULRM] IOMUXC_GPR1, IOMUXC_GPR9.
#pragma once
#include "core/base/result.h"
#include "hal/imx6ul/mmio.h"

namespace gotee::imx6ul {

class Tzasc {
 public:
  enum class Reg : u32 {
    Configuration = 0x000,     // [TZC-380] Table 3-1, ro
    Action = 0x004,            // [TZC-380] Table 3-1
    LockdownRange = 0x008,     // [TZC-380] Table 3-1
    LockdownSelect = 0x00c,    // [TZC-380] Table 3-1
    IntStatus = 0x010,         // [TZC-380] Table 3-1, ro
    IntClear = 0x014,          // [TZC-380] Table 3-1, wo: any write clears
    FailAddressLow = 0x020,    // [TZC-380] Table 3-1, ro
    FailAddressHigh = 0x024,   // [TZC-380] Table 3-1, ro
    FailControl = 0x028,       // [TZC-380] Table 3-1, ro
    FailId = 0x02c,            // [TZC-380] Table 3-1, ro
    RegionSetupLow = 0x100,    // [TZC-380] Table 3-1, regions are 0x10 apart
    RegionSetupHigh = 0x104,   // [TZC-380] Table 3-1
    RegionAttributes = 0x108,  // [TZC-380] Table 3-1
  };
  static constexpr Field kRegions{0, 4};       // [TZC-380] configuration, number of regions - 1
  static constexpr Field kAddressWidth{8, 6};  // [TZC-380] configuration, address bits - 1
  static constexpr Field kAction{0, 2};        // [TZC-380] action, reaction_value
  static constexpr Field kLockRegions{0, 4};   // [TZC-380] lockdown_range, from the highest region down, - 1
  static constexpr Field kLockEnable{31, 1};   // [TZC-380] lockdown_range
  static constexpr Field kLockSelect{0, 3};    // [TZC-380] lockdown_select, all three register groups
  static constexpr Field kPending{0, 1};       // [TZC-380] int_status
  static constexpr Field kOverrun{1, 1};       // [TZC-380] int_status
  static constexpr Field kFailPrivileged{20, 1};  // [TZC-380] fail_control
  static constexpr Field kFailNonSecure{21, 1};   // [TZC-380] fail_control
  static constexpr Field kFailWrite{24, 1};       // [TZC-380] fail_control
  static constexpr Field kEnable{0, 1};           // [TZC-380] region_attributes
  static constexpr Field kSize{1, 6};             // [TZC-380] region_attributes, 2^(size + 1) bytes
  static constexpr Field kPermissions{28, 4};     // [TZC-380] region_attributes, sp
  static constexpr Field kLowAddress{15, 17};     // [TZC-380] region_setup_low

  enum class Gpr : u32 {
    Gpr1 = 0x04,  // [IMX6ULRM] IOMUXC_GPR1
    Gpr9 = 0x24,  // [IMX6ULRM] IOMUXC_GPR9
  };
  static constexpr Field kBootLock{23, 1};  // [IMX6ULRM] IOMUXC_GPR1, TZASC1_BOOT_LOCK: secure_boot_lock
  static constexpr Field kNoBypass{0, 1};   // [IMX6ULRM] IOMUXC_GPR9, TZASC1_BYP: 1 is "not bypassed"

  /// Who may read and write a region. [TZC-380] Table 2-4, with security inversion off.
  enum class Permissions : u32 { None = 0b0000, SecureOnly = 0b1100, Both = 0b1111 };
  /// What the offender gets (a bus error or zeros), and whether the interrupt is raised.
  enum class Action : u32 { Zeros = 0, Abort = 1, ZerosAndInterrupt = 2, AbortAndInterrupt = 3 };

  /// The first access that was refused since the last clear_violation().
  struct Violation {
    u64 address = 0;
    u32 master = 0;  // AXI id
    bool write = false, normal_world = false, privileged = false;
    bool more = false;  // others followed and were not recorded
  };

  /// `base` of the controller, `gpr` of the IOMUXC general purpose registers.
  constexpr Tzasc(u32 base, u32 gpr) : io_{base}, gpr_{gpr} {}

  /// Region size field for a size in bytes: a power of two from 32 KiB up to the whole address space.
  static constexpr std::optional<u32> encode_size(u64 bytes) {
    // No <bit>: on 64 bits it calls the compiler's library.
    for (u32 n = 14; n < 63; ++n) {
      if (bytes == u64{2} << n) return n;
    }
    return std::nullopt;
  }

  /// There is such a controller here. An emulator may have registers that read 0.
  bool present() const;
  /// DRAM traffic passes through the controller. False: it is bypassed, and regions protect nothing. Boot
  /// code must have ended the bypass before DRAM was used; nobody can begin it again until power is cut.
  bool filtering() const;
  /// Regions that can be set, region 0 included.
  u32 regions() const { return kRegions.get(io_.read(Reg::Configuration)) + 1; }
  u32 address_bits() const { return kAddressWidth.get(io_.read(Reg::Configuration)) + 1; }

  /// From now on [base, base + size) is open to `permissions`, whatever lower regions say. Invalid when the
  /// region does not exist or is 0, when the size is not a power of two of 32 KiB or more, when the base is
  /// not a multiple of it, or when the address space ends before. Device when the registers hold something
  /// else afterwards (absent or locked).
  Result<> set_region(u32 region, PhysAddr base, u64 size, Permissions permissions);
  /// `region` has no say any more. The same refusals; region 0 cannot be disabled.
  Result<> disable_region(u32 region);
  /// What holds outside all regions. Device when it did not stick.
  Result<> set_default(Permissions permissions);
  /// What happens on a violation. Device when it did not stick.
  Result<> set_action(Action action);

  std::optional<Violation> violation() const;
  void clear_violation() { io_.write(Reg::IntClear, 0); }

  /// All regions are read-only until reset, for the Secure world too. Device when it did not stick.
  Result<> lock();

 private:
  bool programmable(u32 region) const { return present() && region != 0 && region < regions(); }

  Mmio<Reg> io_;
  Mmio<Gpr> gpr_;
};

}  // namespace gotee::imx6ul
