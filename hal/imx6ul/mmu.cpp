// SPDX-License-Identifier: BSD-3-Clause
//
// Switching translation on, and from space to space.
// Ref: [ARM ARM] DDI 0406C.d, B3.10 (TLB maintenance), B3.10.4 (ASID changes), B4.1 (registers);
// [CORTEX-A7] DDI 0464F, 4.3.
#include "core/mem/address_space.h"
#include "hal/imx6ul/backend.h"
#include "hal/imx6ul/cp15.h"

namespace gotee::imx6ul {
namespace {

// B4.1.154: walks are write-back, write-allocate cacheable, inner (IRGN = 01) and outer (RGN = 01).
constexpr u32 kWalkAttributes = (1u << 6) | (1u << 3);
constexpr u32 kDomain0Client = 1;  // B4.1.43: rights are checked
// B4.1.130
constexpr u32 kMmu = 1u << 0, kDataCache = 1u << 2, kPrediction = 1u << 11, kInstructionCache = 1u << 12;
constexpr u32 kAlign = 1u << 1, kWritableXn = 1u << 19, kUserWritableXn = 1u << 20, kTexRemap = 1u << 28;
constexpr u32 kAccessFlag = 1u << 29;

constexpr u32 kOwnSlot = u32(hal::kNormalSpace) + 1;  // the supervisor's own tables, behind all others
static_assert((kOwnSlot + 1) * kTablesStride <= kSupervisorTables.size);

void use(u32 index) {
  // B3.10.4: through a reserved ASID, under which nothing non-global is ever mapped.
  cp15::set_contextidr(0);
  cp15::isb();
  cp15::set_ttbr0(table_slot(index).raw | kWalkAttributes);
  cp15::isb();
  cp15::set_contextidr(asid(index));
  cp15::isb();
}

}  // namespace

void start_mmu() {
  AddressSpace own;
  constexpr PhysAddr kBase = table_slot(kOwnSlot);
  auto* words = reinterpret_cast<u32*>(kBase.raw);
  GOTEE_INVARIANT(bool(own.init({{words, kFirstLevelWords}, kBase}, Grain::Largest)));
  cp15::set_ttbcr(0);  // TTBR0 alone, short descriptors
  cp15::set_dacr(kDomain0Client);
  use(kOwnSlot);
  cp15::invalidate_tlb(0);
  cp15::invalidate_icache(0);
  cp15::invalidate_predictor(0);
  cp15::dsb();
  cp15::isb();
  // WXN and UWXN make the hardware refuse what W^X forbids, should a descriptor ever be wrong.
  u32 control = cp15::sctlr() & ~(kAlign | kTexRemap | kAccessFlag);
  control |= kMmu | kDataCache | kPrediction | kInstructionCache | kWritableXn | kUserWritableXn;
  cp15::set_sctlr(control);
  cp15::isb();
}

void activate(hal::Backend& backend, hal::Space space) {
  if (backend.active == space) return;
  backend.active = space;
  use(u32(space));
}

}  // namespace gotee::imx6ul
