// SPDX-License-Identifier: BSD-3-Clause
//
// User memory: a pointer and a length from an applet are an allegation until the tables have proved them.
#pragma once
#include "core/mem/address_space.h"

namespace gotee {

/// A range of an applet's memory that the applet itself may access. Made by prove() alone.
class UserRange {
 public:
  /// Proves [base, base + size) readable or writable by PL0, page by page, against the very tables that the
  /// hardware walks. Otherwise the first address that the applet may not touch so. An empty range is always
  /// proved. Wrapping past 0xffffffff is refused at the last address.
  struct Proof;
  static Proof prove(const AddressSpace& space, VirtAddr base, u32 size, Access want);

  VirtAddr base() const { return base_; }
  u32 size() const { return size_; }
  /// The first `bytes` of this range (all of it when shorter).
  UserRange first(u32 bytes) const { return {base_, bytes < size_ ? bytes : size_}; }
  /// This range without its first `bytes` (empty when shorter).
  UserRange skip(u32 bytes) const {
    return bytes < size_ ? UserRange{{base_.raw + bytes}, size_ - bytes} : UserRange{};
  }
  UserRange() = default;

 private:
  constexpr UserRange(VirtAddr base, u32 size) : base_{base}, size_{size} {}
  VirtAddr base_;
  u32 size_ = 0;
};

struct UserRange::Proof {
  bool proved = false;
  UserRange range;
  VirtAddr denied;  // when not proved
};

/// The physical pieces of a range in which PL0 has the right `want`, one page at a time: calls
/// `visit(PhysAddr, offset, bytes)`. Denied at the first page where it has not. For machines without a
/// processor that checks; the real one uses LDRT and STRT.
template <class Visit>
Result<> each_piece(const PageTables& tables, VirtAddr base, u32 size, Access want, Visit visit) {
  for (u32 done = 0; done < size;) {
    const auto at = base.plus(done);
    if (!at || tables.user_fault(*at, want)) return Error::Denied;
    const u32 to_page_end = kPageSize - at->raw % kPageSize;
    const u32 bytes = to_page_end < size - done ? to_page_end : size - done;
    visit(tables.walk(*at).address, done, bytes);
    done += bytes;
  }
  return kOk;
}

}  // namespace gotee
