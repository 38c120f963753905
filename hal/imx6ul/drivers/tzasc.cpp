// SPDX-License-Identifier: BSD-3-Clause
//
// TrustZone Address Space Controller.
// Ref: [TZC-380] ARM CoreLink TZC-380 TRM, DDI 0431, 2.2 (regions, lockdown), 3.2 (registers).
#include "hal/imx6ul/drivers/tzasc.h"

namespace gotee::imx6ul {
namespace {
constexpr u32 stride(u32 region) { return region * 0x10; }
}  // namespace

bool Tzasc::present() const { return io_.probe(Reg::Configuration).value_or(0) != 0; }

bool Tzasc::filtering() const { return present() && kNoBypass.get(gpr_.read(Gpr::Gpr9)) == 1; }

Result<> Tzasc::set_region(u32 region, PhysAddr base, u64 size, Permissions permissions) {
  if (!present()) return Error::Device;
  const auto n = encode_size(size);
  if (!n || !programmable(region) || (base.raw & (size - 1)) != 0) return Error::Invalid;
  if (address_bits() < 64 && base.raw + size > u64{1} << address_bits()) return Error::Invalid;

  // Disabled while its address changes: for a moment it would cover something else.
  io_.write(Reg::RegionAttributes, 0, stride(region));
  io_.write(Reg::RegionSetupLow, base.raw & kLowAddress.mask(), stride(region));
  io_.write(Reg::RegionSetupHigh, 0, stride(region));
  const u32 attributes = kPermissions.put(u32(permissions)) | kSize.put(*n) | kEnable.put(1);
  io_.write(Reg::RegionAttributes, attributes, stride(region));

  if (io_.read(Reg::RegionSetupLow, stride(region)) != base.raw ||
      io_.read(Reg::RegionSetupHigh, stride(region)) != 0 ||
      io_.read(Reg::RegionAttributes, stride(region)) != attributes) {
    return Error::Device;
  }
  return kOk;
}

Result<> Tzasc::disable_region(u32 region) {
  if (!present()) return Error::Device;
  if (!programmable(region)) return Error::Invalid;
  io_.write(Reg::RegionAttributes, 0, stride(region));
  if (kEnable.get(io_.read(Reg::RegionAttributes, stride(region))) != 0) return Error::Device;
  return kOk;
}

Result<> Tzasc::set_default(Permissions permissions) {
  if (!present()) return Error::Device;
  io_.write(Reg::RegionAttributes, kPermissions.put(u32(permissions)));  // its other fields are read-only
  if (kPermissions.get(io_.read(Reg::RegionAttributes)) != u32(permissions)) return Error::Device;
  return kOk;
}

Result<> Tzasc::set_action(Action action) {
  if (!present()) return Error::Device;
  io_.write(Reg::Action, kAction.put(u32(action)));
  if (kAction.get(io_.read(Reg::Action)) != u32(action)) return Error::Device;
  return kOk;
}

std::optional<Tzasc::Violation> Tzasc::violation() const {
  const u32 status = io_.read(Reg::IntStatus);
  if (kPending.get(status) == 0) return std::nullopt;
  const u32 control = io_.read(Reg::FailControl);
  return Violation{
      .address = u64{io_.read(Reg::FailAddressHigh)} << 32 | io_.read(Reg::FailAddressLow),
      .master = io_.read(Reg::FailId),
      .write = kFailWrite.get(control) != 0,
      .normal_world = kFailNonSecure.get(control) != 0,
      .privileged = kFailPrivileged.get(control) != 0,
      .more = kOverrun.get(status) != 0,
  };
}

Result<> Tzasc::lock() {
  if (!present()) return Error::Device;
  io_.write(Reg::LockdownRange, kLockEnable.put(1) | kLockRegions.put(regions() - 1));
  io_.write(Reg::LockdownSelect, kLockSelect.mask());
  // [TZC-380] 2.2.8: neither takes effect before secure_boot_lock.
  gpr_.update(Gpr::Gpr1, kBootLock, 1);
  if (kLockEnable.get(io_.read(Reg::LockdownRange)) == 0 || kBootLock.get(gpr_.read(Gpr::Gpr1)) == 0) {
    return Error::Device;
  }
  return kOk;
}

}  // namespace gotee::imx6ul
