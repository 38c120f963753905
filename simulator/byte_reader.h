// SPDX-License-Identifier: BSD-3-Clause
//
// A little-endian cursor over hostile bytes that cannot be made to read beyond them.
// Ref: [DWARF5] 7.6, variable length data.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>

#include "core/base/types.h"

namespace gotee::sim {

/// Once a read passes the end, it and every later one give 0, and ok() is false.
class ByteReader {
 public:
  explicit ByteReader(std::span<const u8> bytes) : bytes_{bytes} {}

  bool ok() const { return ok_; }
  bool empty() const { return at_ >= bytes_.size(); }
  std::size_t position() const { return at_; }
  std::size_t remaining() const { return bytes_.size() - at_; }

  u8 byte() { return u8(number(1)); }
  u16 half() { return u16(number(2)); }
  u32 word() { return u32(number(4)); }
  u64 number(std::size_t size) {
    const auto raw = take(size);
    u64 value = 0;
    for (std::size_t i = 0; i < raw.size(); ++i) value |= u64(raw[i]) << (8 * i);
    return value;
  }
  /// Nothing where fewer than `size` bytes are left.
  std::span<const u8> take(u64 size) {
    if (!ok_ || size > remaining()) return fail();
    const auto part = bytes_.subspan(at_, std::size_t(size));
    at_ += std::size_t(size);
    return part;
  }
  /// Bits beyond the 64th are dropped.
  u64 uleb() {
    u64 value = 0;
    for (unsigned shift = 0; ok_; shift += 7) {
      const u8 b = byte();
      if (shift < 64) value |= u64(b & 0x7f) << shift;
      if ((b & 0x80) == 0) break;
    }
    return value;
  }
  std::int64_t sleb() {
    u64 value = 0;
    unsigned shift = 0;
    u8 b = 0;
    do {
      b = byte();
      if (shift < 64) value |= u64(b & 0x7f) << shift;
      shift += 7;
    } while (ok_ && (b & 0x80) != 0);
    if (shift < 64 && (b & 0x40) != 0) value |= ~u64{0} << shift;
    return std::int64_t(value);
  }

 private:
  std::span<const u8> fail() {
    ok_ = false;
    at_ = bytes_.size();
    return {};
  }

  std::span<const u8> bytes_;
  std::size_t at_ = 0;
  bool ok_ = true;
};

}  // namespace gotee::sim
