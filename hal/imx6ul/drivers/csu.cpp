// SPDX-License-Identifier: BSD-3-Clause
//
// Central Security Unit.
// Ref: [IMX6ULSRM] CSU: CSU_CSLn, CSU_HP0, CSU_SA, CSU_HPCONTROL0.
#include "hal/imx6ul/drivers/csu.h"

namespace gotee::imx6ul {
namespace {

constexpr u32 kBothSlaveLocks = Csu::kSlaveLock << u32(Half::High) | Csu::kSlaveLock << u32(Half::Low);

constexpr u32 access(u32 csl, Half half, const CsuChoice& choice) {
  return u32(slave_access({u8(csl), half}, choice));
}

/// `bits` at the place of every master that exists.
constexpr u32 for_all_masters(u32 bits) {
  u32 all = 0;
  for (const Master& m : kMasters) all |= bits << (2 * m.id);
  return all;
}

}  // namespace

bool Csu::present() const {
  if (!io_.probe(Reg::Csl0)) return false;
  for (u32 i = 0; i < kCslRegisters; ++i) {
    if (io_.read(Reg::Csl0, 4 * i) != 0) return true;
  }
  return false;
}

Result<> Csu::apply(const CsuChoice& choice) const {
  if (!present()) return Error::Device;
  for (u32 i = 0; i < kCslRegisters; ++i) {
    const u32 value = access(i, Half::High, choice) << u32(Half::High) | access(i, Half::Low, choice);
    io_.write(Reg::Csl0, value, 4 * i);
  }
  u32 sa = io_.read(Reg::Sa) & ~for_all_masters(kMasterNormal);
  for (const Master& m : kMasters) {
    if (!master_secure(m, choice)) sa |= kMasterNormal << (2 * m.id);
  }
  io_.write(Reg::Sa, sa);
  if (verify(choice)) return Error::Device;
  return kOk;
}

std::optional<Csu::Difference> Csu::verify(const CsuChoice& choice) const {
  for (u32 i = 0; i < kCslRegisters; ++i) {
    const u32 csl = io_.read(Reg::Csl0, 4 * i);
    for (const Half half : {Half::Low, Half::High}) {
      const u32 expected = access(i, half, choice), found = csl >> u32(half) & 0xff;
      if (found != expected) return Difference{Difference::What::Slave, u8(i), half, expected, found};
    }
  }
  const u32 sa = io_.read(Reg::Sa);
  for (const Master& m : kMasters) {
    const u32 expected = master_secure(m, choice) ? 0 : kMasterNormal;
    const u32 found = sa >> (2 * m.id) & kMasterNormal;
    if (found != expected) return Difference{Difference::What::Master, m.id, {}, expected, found};
  }
  return std::nullopt;
}

Result<> Csu::lock() const {
  if (!present()) return Error::Device;
  for (u32 i = 0; i < kCslRegisters; ++i) {
    io_.write(Reg::Csl0, io_.read(Reg::Csl0, 4 * i) | kBothSlaveLocks, 4 * i);
  }
  // The privilege of masters stays what it is: no slave of ours tells user from supervisor.
  for (const Reg reg : {Reg::Sa, Reg::Hp0, Reg::HpControl0}) {
    io_.write(reg, io_.read(reg) | for_all_masters(kMasterLock));
  }
  if (!locked()) return Error::Device;
  return kOk;
}

bool Csu::locked() const {
  for (u32 i = 0; i < kCslRegisters; ++i) {
    if ((io_.read(Reg::Csl0, 4 * i) & kBothSlaveLocks) != kBothSlaveLocks) return false;
  }
  constexpr u32 kMasterLocks = for_all_masters(kMasterLock);
  return (io_.read(Reg::Sa) & kMasterLocks) == kMasterLocks;
}

}  // namespace gotee::imx6ul
