// SPDX-License-Identifier: BSD-3-Clause
//
// The physical memory map: who owns what. One table for the firmware and the simulator.
// Ref: [IMX6ULRM] i.MX 6UltraLite Applications Processor Reference Manual, Table 2-1; design 4.4.
#pragma once
#include <array>
#include <string_view>

#include "core/base/types.h"

namespace gotee {

enum class Owner : u8 { Nobody, Applet, Supervisor, NormalWorld, Device };

constexpr std::string_view owner_name(Owner owner) {
  switch (owner) {
    case Owner::Nobody: return "nobody";
    case Owner::Applet: return "applet";
    case Owner::Supervisor: return "supervisor";
    case Owner::NormalWorld: return "normal world";
    case Owner::Device: return "device";
  }
  return "nobody";
}

/// One owner's range of physical memory. In every space the supervisor maps it at the same virtual address,
/// for itself alone.
struct Span {
  Owner owner = Owner::Nobody;
  std::string_view name;
  PhysAddr base;
  u32 size = 0;
  constexpr u64 end() const { return u64{base.raw} + size; }
  constexpr bool contains(u32 raw) const { return raw >= base.raw && raw < end(); }
};

inline constexpr Span kOcram{Owner::Device, "on-chip RAM", {0x00900000}, 0x00100000};         // Table 2-1
inline constexpr Span kGic{Owner::Device, "interrupt controller", {0x00a00000}, 0x00100000};  // Table 2-1
inline constexpr Span kAips{Owner::Device, "peripherals", {0x02000000}, 0x00300000};  // AIPS-1 to AIPS-3
inline constexpr Span kNormalDram{Owner::NormalWorld, "normal world", {0x80000000}, 0x10000000};
inline constexpr Span kSupervisorDram{Owner::Supervisor, "supervisor", {0x90000000}, 0x08000000};
inline constexpr Span kAppletDram{Owner::Supervisor, "applet memory pool", {0x98000000}, 0x08000000};

inline constexpr std::array kMemoryMap = {kOcram, kGic, kAips, kNormalDram, kSupervisorDram, kAppletDram};

inline constexpr VirtAddr kRegionBase{0x10000000};  // where an applet finds its memory (design 4.1)
inline constexpr u32 kRegionSize = 0x04000000;      // by default
inline constexpr u32 kMaxRegionSize = kAppletDram.size;

template <std::size_t N>
constexpr bool disjoint(const std::array<Span, N>& map) {
  for (std::size_t i = 0; i < N; ++i) {
    for (std::size_t j = i + 1; j < N; ++j) {
      if (map[i].base.raw < map[j].end() && map[j].base.raw < map[i].end()) return false;
    }
  }
  return true;
}
/// A TZC-380 region is a power of two in size, aligned to it ([TZC-380] DDI 0431C, 2.2).
constexpr bool tzc_encodable(u32 base, u64 size) { return (size & (size - 1)) == 0 && base % size == 0; }

static_assert(disjoint(kMemoryMap));
static_assert(tzc_encodable(kSupervisorDram.base.raw, u64{kSupervisorDram.size} + kAppletDram.size));
static_assert(kRegionBase.raw + u64{kMaxRegionSize} <= kNormalDram.base.raw &&
              kAips.end() <= kRegionBase.raw);

}  // namespace gotee
