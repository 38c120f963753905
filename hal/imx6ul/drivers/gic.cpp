// SPDX-License-Identifier: BSD-3-Clause
//
// Setting up, claiming and completing.
#include "hal/imx6ul/drivers/gic.h"

namespace gotee::imx6ul {
namespace {

// [GICv2] 3.3: in the secure view 0x00 is the highest; the Normal world has the upper half, 0x80 and above.
constexpr u32 kSecurePriority = 0x00, kNormalPriorities = 0xa0a0a0a0, kLowestMask = 0xff;
constexpr u32 kThisCpu = 0x01010101;

}  // namespace

void Gic::init() const {
  distributor_.write(DistributorReg::Control, 0);
  const u32 words = kLines.get(distributor_.read(DistributorReg::Type)) + 1;  // of 32 interrupts each
  for (u32 i = 0; i < words; ++i) {
    distributor_.write(DistributorReg::ClearEnable, ~0u, 4 * i);
    distributor_.write(DistributorReg::ClearPending, ~0u, 4 * i);
    distributor_.write(DistributorReg::Group, ~0u, 4 * i);
  }
  for (u32 i = 0; i < 8 * words; ++i) {
    distributor_.write(DistributorReg::Priority, kNormalPriorities, 4 * i);
    if (i >= 8) distributor_.write(DistributorReg::Targets, kThisCpu, 4 * i);  // 4.3.12: 0-31 are read-only
  }
  distributor_.write(DistributorReg::Control, kEnableGroup0.put(1) | kEnableGroup1.put(1));
  cpu_.write(CpuReg::PriorityMask, kLowestMask);
  cpu_.write(CpuReg::Control, kEnableGroup0.put(1) | kEnableGroup1.put(1) | kFiqEnable.put(1));
}

void Gic::enable_secure(u32 interrupt) const {
  const u32 word = interrupt / 32 * 4, bit = 1u << (interrupt % 32);
  distributor_.write(DistributorReg::Group, distributor_.read(DistributorReg::Group, word) & ~bit, word);
  const Field priority{u8(interrupt % 4 * 8), 8};
  distributor_.update(DistributorReg::Priority, priority, kSecurePriority, interrupt & ~3u);
  distributor_.write(DistributorReg::SetEnable, bit, word);
}

std::optional<u32> Gic::claim() const {
  const u32 interrupt = kInterruptId.get(cpu_.read(CpuReg::Acknowledge));
  if (interrupt >= kSpurious) return std::nullopt;
  return interrupt;
}

void Gic::complete(u32 interrupt) const { cpu_.write(CpuReg::EndOfInterrupt, interrupt); }

}  // namespace gotee::imx6ul
