// SPDX-License-Identifier: BSD-3-Clause
//
// Proving what an applet alleges about its memory.
#include "core/mem/user.h"

namespace gotee {

UserRange::Proof UserRange::prove(const AddressSpace& space, VirtAddr base, u32 size, Access want) {
  if (size == 0) return {true, {}, {}};
  const u64 end = u64{base.raw} + size;
  // The walk stops at the first hole, so a length of 4 GiB costs no more than the applet's own pages.
  for (u64 at = base.raw; at < end; at = u64{page_down(u32(at))} + kPageSize) {
    if (at > UINT32_MAX) return {false, {}, {UINT32_MAX}};
    if (space.tables().user_fault({u32(at)}, want)) return {false, {}, {u32(at)}};
  }
  return {true, UserRange{base, size}, {}};
}

}  // namespace gotee
