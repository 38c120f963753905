// SPDX-License-Identifier: BSD-3-Clause
//
// How drivers reach their registers: typed blocks of 32-bit registers over one pair of functions.
// Defined by the firmware (real accesses) and by the unit tests (register models), so that a driver is the
// same object code's source on both.
#pragma once
#include <optional>

#include "core/base/types.h"

namespace gotee::imx6ul {

/// One 32-bit access at a physical address (devices are mapped flat): never combined, split, repeated or
/// reordered with another device access.
u32 load32(u32 address);
void store32(u32 address, u32 value);
/// The same for the few blocks whose registers are 16 bits wide.
u16 load16(u32 address);
void store16(u32 address, u16 value);
/// A read that may find nothing: the value, or nothing when the access aborts (an emulator without the
/// block).
std::optional<u32> probe32(u32 address);

/// A bit field, by position. Values never leave their field.
struct Field {
  u8 shift = 0;
  u8 width = 1;
  constexpr u32 mask() const { return (width == 32 ? ~0u : (1u << width) - 1) << shift; }
  constexpr u32 put(u32 value) const { return (value << shift) & mask(); }
  constexpr u32 get(u32 reg) const { return (reg & mask()) >> shift; }
};

/// How often a driver looks at a flag before it takes the block for broken: at 792 MHz and about 100 cycles
/// for a peripheral read, more than 100 ms.
inline constexpr u32 kPatience = 1'000'000;

/// A block of registers named by the driver's own `Reg` enum (byte offsets), so that one device's offsets
/// cannot be used on another.
template <class Reg>
class Mmio {
 public:
  explicit constexpr Mmio(u32 base) : base_{base} {}

  /// `stride` is added to the offset, in bytes: for registers that come in rows.
  u32 read(Reg reg, u32 stride = 0) const { return load32(base_ + u32(reg) + stride); }
  void write(Reg reg, u32 value, u32 stride = 0) const { store32(base_ + u32(reg) + stride, value); }
  /// Read, replace one field, write.
  void update(Reg reg, Field field, u32 value, u32 stride = 0) const {
    write(reg, (read(reg, stride) & ~field.mask()) | field.put(value), stride);
  }
  /// Look at the register until `field` holds `value`. False when patience ends first.
  [[nodiscard]] bool wait(Reg reg, Field field, u32 value, u32 patience = kPatience) const {
    for (u32 i = 0; i < patience; ++i) {
      if (field.get(read(reg)) == value) return true;
    }
    return false;
  }
  /// The register's value, or nothing when no such block answers at this address.
  std::optional<u32> probe(Reg reg) const { return probe32(base_ + u32(reg)); }
  constexpr u32 base() const { return base_; }

 private:
  u32 base_;
};

}  // namespace gotee::imx6ul
