// SPDX-License-Identifier: BSD-3-Clause
//
// The physical memory map: who owns what. One table for the firmware and the simulator.
// Ref: [IMX6ULRM] i.MX 6UltraLite Applications Processor Reference Manual, Table 2-1; design 4.4.
#pragma once
#include <algorithm>
#include <array>
#include <string_view>

#include "core/base/types.h"
#include "core/mem/region.h"

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
/// for itself alone, with the rights that `privileged` gives to PL1.
struct Span {
  Owner owner = Owner::Nobody;
  std::string_view name;
  PhysAddr base;
  u32 size = 0;
  Access privileged = Access::Read | Access::Write;
  bool device = false;  // mapped as Device memory: never cached, never reordered
  constexpr u64 end() const { return u64{base.raw} + size; }
  constexpr bool contains(u32 raw) const { return raw >= base.raw && raw < end(); }
};

inline constexpr Span kOcram{Owner::Device, "on-chip RAM", {0x00900000}, 0x00100000};         // Table 2-1
inline constexpr Span kGic{Owner::Device, "interrupt controller", {0x00a00000}, 0x00100000};  // Table 2-1
inline constexpr Span kAips{Owner::Device, "peripherals", {0x02000000}, 0x00300000};  // AIPS-1 to AIPS-3
inline constexpr Span kNormalDram{Owner::NormalWorld, "normal world", {0x80000000}, 0x10000000};
inline constexpr Span kSupervisorDram{Owner::Supervisor, "supervisor", {0x90000000}, 0x08000000};
inline constexpr Span kAppletDram{Owner::Supervisor, "applet memory pool", {0x98000000}, 0x08000000};

// The supervisor's half, by MiB: each kind of memory has a section of its own, so that every right is one
// descriptor, nothing is both writable and executable, and a guard is as large as what it guards.
inline constexpr Span kSupervisorText{
    Owner::Supervisor, "supervisor text", {0x90000000}, 0x00100000, Access::Read | Access::Execute};
inline constexpr Span kSupervisorImages{
    Owner::Supervisor, "embedded images", {0x90100000}, 0x00700000, Access::Read};
inline constexpr Span kSupervisorConstants{
    Owner::Supervisor, "supervisor constants", {0x90800000}, 0x00100000, Access::Read};
inline constexpr Span kSupervisorData{Owner::Supervisor, "supervisor data", {0x90900000}, 0x00100000};
inline constexpr Span kStackGuardBelow{
    Owner::Supervisor, "supervisor stack guard", {0x90a00000}, 0x00100000, Access::None};
inline constexpr Span kSupervisorStack{Owner::Supervisor, "supervisor stack", {0x90b00000}, 0x00100000};
inline constexpr Span kStackGuardAbove{
    Owner::Supervisor, "supervisor stack guard", {0x90c00000}, 0x00100000, Access::None};
inline constexpr Span kSupervisorTables{Owner::Supervisor, "translation tables", {0x90d00000}, 0x00300000};
inline constexpr Span kSupervisorDma{
    Owner::Supervisor, "supervisor DMA", {0x91000000}, 0x00100000, Access::Read | Access::Write, true};
inline constexpr Span kSupervisorReserve{
    Owner::Supervisor, "supervisor reserve", {0x91100000}, 0x06f00000, Access::None};

inline constexpr std::array kMemoryMap = {kOcram,
                                          kGic,
                                          kAips,
                                          kNormalDram,
                                          kSupervisorText,
                                          kSupervisorImages,
                                          kSupervisorConstants,
                                          kSupervisorData,
                                          kStackGuardBelow,
                                          kSupervisorStack,
                                          kStackGuardAbove,
                                          kSupervisorTables,
                                          kSupervisorDma,
                                          kSupervisorReserve,
                                          kAppletDram};

/// Each space's translation tables stand in a slot of kSupervisorTables.
inline constexpr u32 kTablesStride = 0x00040000;

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

/// The spans of `owner` between two addresses leave no byte out.
template <std::size_t N>
constexpr bool tile(const std::array<Span, N>& map, const Span& whole) {
  u64 covered = 0;
  for (const Span& s : map) covered += whole.contains(s.base.raw) && s.end() <= whole.end() ? s.size : 0;
  return covered == whole.size;
}
template <std::size_t N>
constexpr bool nothing_writable_is_executable(const std::array<Span, N>& map) {
  return std::none_of(map.begin(), map.end(),
                      [](const Span& s) { return allows(s.privileged, Access::Write | Access::Execute); });
}

static_assert(disjoint(kMemoryMap) && tile(kMemoryMap, kSupervisorDram));
static_assert(nothing_writable_is_executable(kMemoryMap));
static_assert(tzc_encodable(kSupervisorDram.base.raw, u64{kSupervisorDram.size} + kAppletDram.size));
static_assert(kRegionBase.raw + u64{kMaxRegionSize} <= kNormalDram.base.raw &&
              kAips.end() <= kRegionBase.raw);

}  // namespace gotee
