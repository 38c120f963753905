// SPDX-License-Identifier: BSD-3-Clause
//
// One applet's address space.
#include "core/mem/address_space.h"

#include <algorithm>

namespace gotee {

Result<> AddressSpace::init(TableMemory memory, Grain grain) {
  grain_ = grain;
  normal_world_ = false;
  regions_.clear();
  GOTEE_TRY(tables_.init(memory));
  for (const Span& span : kMemoryMap) GOTEE_TRY(tables_.map_supervisor(span));
  return kOk;
}

Result<> AddressSpace::init_normal_world(TableMemory memory) {
  normal_world_ = true;
  regions_.clear();
  GOTEE_TRY(tables_.init(memory));
  GOTEE_TRY(tables_.map_own(kNormalDram));
  const Region own{{kNormalDram.base.raw},
                   kNormalDram.base,
                   kNormalDram.size,
                   Access::Read | Access::Write | Access::Execute};
  GOTEE_INVARIANT(regions_.push(own));
  return kOk;
}

Result<> AddressSpace::grant(const Region& region) {
  if (region.base.raw < kPageSize) return Error::Invalid;  // a null pointer must always trap
  if (regions_.size() == kMaxRegions) return Error::NoMemory;
  GOTEE_TRY(tables_.map_user(region, grain_));
  GOTEE_INVARIANT(regions_.push(region));
  return kOk;
}

const Region* AddressSpace::find(VirtAddr at) const {
  const auto* found =
      std::find_if(regions_.begin(), regions_.end(), [&](const Region& r) { return r.contains(at); });
  return found == regions_.end() ? nullptr : found;
}

Ownership AddressSpace::owner(VirtAddr at) const {
  if (const Region* region = find(at)) {
    if (normal_world_) {
      return {Owner::NormalWorld, kNormalDram.name, region->access, region->base, region->end()};
    }
    const bool guard = region->access == Access::None;
    return {Owner::Applet, guard ? "the applet's guard" : "the applet", region->access, region->base,
            region->end()};
  }
  Ownership nobody;
  nobody.end = u64{1} << 32;
  const auto narrow = [&](u64 base, u64 end) {  // shrink the hole to what lies between its neighbours
    if (end <= at.raw) nobody.base.raw = std::max(nobody.base.raw, u32(end));
    if (base > at.raw) nobody.end = std::min(nobody.end, base);
  };
  for (const Span& span : kMemoryMap) {
    if (span.contains(at.raw)) return {span.owner, span.name, Access::None, {span.base.raw}, span.end()};
    narrow(span.base.raw, span.end());
  }
  for (const Region& region : regions_) narrow(region.base.raw, region.end());
  return nobody;
}

}  // namespace gotee
