// SPDX-License-Identifier: BSD-3-Clause
//
// Integers, addresses and time: the vocabulary of every other file.
#pragma once
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace gotee {

using u8 = std::uint8_t;
using u16 = std::uint16_t;
using u32 = std::uint32_t;
using u64 = std::uint64_t;
using i32 = std::int32_t;
using i64 = std::int64_t;

/// An address in one address space. Tags keep spaces apart; arithmetic never wraps.
template <class Space>
struct Address {
  u32 raw = 0;

  constexpr auto operator<=>(const Address&) const = default;

  /// This address moved up by `bytes`, or nothing when it would pass 0xffffffff.
  [[nodiscard]] constexpr std::optional<Address> plus(u32 bytes) const {
    if (bytes > UINT32_MAX - raw) return std::nullopt;
    return Address{raw + bytes};
  }
};
using VirtAddr = Address<struct VirtualSpace>;
using PhysAddr = Address<struct PhysicalSpace>;

/// A length of time in nanoseconds.
struct Duration {
  u64 ns = 0;
  constexpr auto operator<=>(const Duration&) const = default;
};

/// Nanoseconds since the machine started. Additions saturate, so that "for ever" stays in the future.
struct Instant {
  u64 ns = 0;
  constexpr auto operator<=>(const Instant&) const = default;
  constexpr Instant operator+(Duration d) const { return {d.ns > UINT64_MAX - ns ? UINT64_MAX : ns + d.ns}; }
};
inline constexpr Instant kNever{UINT64_MAX};

inline constexpr u32 kPageSize = 4096;
inline constexpr u32 kSectionSize = 1u << 20;  // ARMv7 short-descriptor section
constexpr u32 page_down(u32 raw) { return raw & ~(kPageSize - 1); }

}  // namespace gotee
