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

/// The physical pieces of a proved range, one page at a time: calls `visit(PhysAddr, offset, bytes)`.
template <class Visit>
void each_piece(const AddressSpace& space, const UserRange& range, Visit visit) {
  for (u32 done = 0; done < range.size();) {
    const VirtAddr at{range.base().raw + done};
    const u32 to_page_end = kPageSize - at.raw % kPageSize;
    const u32 bytes = to_page_end < range.size() - done ? to_page_end : range.size() - done;
    const Translation t = space.tables().walk(at);
    GOTEE_INVARIANT(t.mapped);
    visit(t.address, done, bytes);
    done += bytes;
  }
}

}  // namespace gotee
