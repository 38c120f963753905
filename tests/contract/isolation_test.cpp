// SPDX-License-Identifier: BSD-3-Clause
//
// Every kind of memory, touched in every way: what the architecture allows happens, the rest traps precisely.
// Ref: [ARM ARM] DDI 0406C.d, Table B3-23 (status), B3.13 (fault registers), A3.2.1 (alignment), B3.12.4
// (alignment comes before translation and permission), B1.9.8 (registers after an abort).
#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <string_view>

#include "tests/contract/rig.h"

namespace gotee::contract {
namespace {

// Table B3-23, short-descriptor format, and DFSR.WnR.
constexpr u32 kAlignment = 0x001, kTranslationSection = 0x005, kTranslationPage = 0x007;
constexpr u32 kPermissionSection = 0x00d, kPermissionPage = 0x00f, kWrite = 0x800;

/// PL0's rights, written down a second time and independently of the tables. `page`: mapped in pages.
struct Stretch {
  u64 base, end;
  std::string_view rights;
  bool page;
};
constexpr Stretch kMap[] = {
    {0x00900000, 0x00b00000, "---", false},  // on-chip RAM, interrupt controller
    {0x02000000, 0x02300000, "---", false},  // peripherals
    {kBase, kText, "rw-", true},
    {kText, kConstants, "r-x", true},
    {kConstants, kData, "r--", true},
    {kData, kGuard, "rw-", true},
    {kGuard, kRest, "---", true},
    {kRest, kHeap, "rw-", true},
    {kHeap, kEnd, "rw-", false},
    {kIsland, kIsland + kPageSize, "rw-", true},
    {0x80000000, 0xa0000000, "---", false},  // normal world, supervisor, applet pool
};

/// The status of an access to one byte, 0 when it is allowed.
u32 status_of(u32 byte, Access access, Grain grain) {
  const u32 write = access == Access::Write ? kWrite : 0;
  const char right = access == Access::Read ? 'r' : (access == Access::Write ? 'w' : 'x');
  for (const Stretch& s : kMap) {
    if (byte < s.base || byte >= s.end) continue;
    if (s.rights.find(right) != std::string_view::npos) return 0;
    const bool page = s.page || (grain == Grain::Pages && s.base == kHeap);
    return (page ? kPermissionPage : kPermissionSection) | write;
  }
  const u32 mib = byte >> 20;
  const bool table =
      mib == kBase >> 20 || mib == kIsland >> 20;  // the others have no second level, or no hole
  return (table ? kTranslationPage : kTranslationSection) | write;
}

Trap expected(const Deed& deed, u32 address, Grain grain) {
  const u32 pc = Rig::code_of(deed);
  const bool write = deed.act == Deed::Act::Store;
  if (address % deed.alignment != 0) {
    return {TrapKind::DataAbort, {pc}, {address}, kAlignment | (write ? kWrite : 0)};
  }
  for (u32 i = 0; i < deed.size; ++i) {
    const u32 status = status_of(address + i, deed.access(), grain);
    if (status != 0) return {TrapKind::DataAbort, {pc}, {address + i}, status};
  }
  return {TrapKind::Supervisor, {pc + deed.length + (deed.thumb ? 2u : 4u)}, {}, 0};
}

std::string text_of(const Trap& trap) {
  char out[100];
  std::snprintf(out, sizeof out, "kind %u pc %08x address %08x status %03x", u32(trap.kind), trap.pc.raw,
                trap.address.raw, trap.status);
  return out;
}

/// General registers that differ, but for those in `ignore`.
u16 changed(const Context& a, const Context& b, u32 ignore) {
  u32 mask = 0;
  for (u32 i = 0; i < 16; ++i) mask |= (a.r[i] != b.r[i] ? 1u : 0u) << i;
  return u16(mask & ~ignore);
}

struct Place {
  const char* name;
  u32 address;  // tried here and at the next seven bytes
  bool device = false;
};
std::ostream& operator<<(std::ostream& out, const Place& place) { return out << place.name; }

class Isolation : public testing::TestWithParam<Place> {};

void check(Rig& rig, const Deed& deed, u32 address, Grain grain) {
  char where[12];
  std::snprintf(where, sizeof where, "0x%08x", address);
  SCOPED_TRACE(std::string{deed.name} + " at " + where);
  const Context before = Rig::about_to(deed, address);
  Context after = before;
  const Trap trap = rig.perform(deed, after);
  const Trap want = expected(deed, address, grain);
  EXPECT_EQ(text_of(trap), text_of(want));
  if (trap != want) return;
  EXPECT_EQ(after.r[kPc], want.pc.raw) << "the stopped context stands where the trap says";
  EXPECT_EQ(after.cpsr, before.cpsr);
  EXPECT_EQ(after.fpscr, before.fpscr);
  const bool aborted = want.kind == TrapKind::DataAbort;
  const u32 loaded = deed.act == Deed::Act::Load ? u32{deed.registers} : 0;
  const u32 ignore = (1u << kPc) | (aborted ? u32{deed.unknown_after_abort()} : loaded | 1u << deed.base);
  EXPECT_EQ(changed(before, after, ignore), 0) << "registers changed (mask)";
  if (!aborted) {
    EXPECT_EQ(after.r[deed.base], before.r[deed.base] + u32(deed.write_back));
  }
  if (!deed.vector || deed.act != Deed::Act::Load) {
    EXPECT_EQ(after.d, before.d);
  }
}

void check_all(const Place& place, Grain grain) {
  Rig rig{grain};
  std::array<u8, 2 * kPageSize> text{}, text_after{};
  rig.machine().read(backing_of(0, kText), text);
  for (u32 offset = 0; offset < 8; ++offset) {
    const u32 address = place.address + offset;
    for (const Deed& deed : accesses()) {
      if (place.device && address % deed.size != 0) continue;  // UNPREDICTABLE for Device memory (A3.2.1)
      check(rig, deed, address, grain);
    }
  }
  rig.machine().read(backing_of(0, kText), text_after);
  EXPECT_EQ(text, text_after);
}

TEST_P(Isolation, LoadsAndStoresReachExactlyWhatIsGranted) { check_all(GetParam(), Grain::Largest); }
TEST_P(Isolation, LoadsAndStoresReachExactlyWhatIsGrantedInPages) { check_all(GetParam(), Grain::Pages); }

TEST_P(Isolation, OnlyTextIsExecuted) {
  Rig rig;
  const u32 target = GetParam().address & ~3u;
  for (const Deed* jump : {&kJump, &kThumbJump}) {
    for (const bool to_thumb : {false, true}) {
      const bool own_text = target >= kText && target < kConstants;
      if (own_text && to_thumb != (target >= kThumbText)) continue;  // that page holds the other kind of code
      SCOPED_TRACE(std::string{jump->name} + (to_thumb ? " to Thumb" : " to ARM"));
      const Context before = Rig::about_to(*jump, target | (to_thumb ? 1 : 0));
      Context after = before;
      const Trap trap = rig.perform(*jump, after);
      const u32 status = status_of(target, Access::Execute, Grain::Largest);
      const Trap want = status == 0 ? Trap{TrapKind::Supervisor, {target + (to_thumb ? 2u : 4u)}, {}, 0}
                                    : Trap{TrapKind::PrefetchAbort, {target}, {target}, status};
      EXPECT_EQ(text_of(trap), text_of(want));
      EXPECT_EQ(after.r[kPc], want.pc.raw);
      EXPECT_EQ(after.thumb(), to_thumb);
      EXPECT_EQ(changed(before, after, 1u << kPc), 0);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Memory, Isolation,
    testing::Values(Place{"null", 0x0}, Place{"end_of_the_null_page", 0xff8}, Place{"low_hole", 0x00100000},
                    Place{"on_chip_ram", 0x00900000, true}, Place{"interrupt_controller", 0x00a01000, true},
                    Place{"peripherals", 0x020c4000, true}, Place{"before_the_region", 0x0fffffe8},
                    Place{"start_of_the_region", kBase}, Place{"from_data_into_text", kText - 4},
                    Place{"text", kText + 0xe00}, Place{"thumb_text", kThumbText + 0xe00},
                    Place{"from_text_into_constants", kConstants - 4}, Place{"constants", kConstants + 0x100},
                    Place{"from_constants_into_data", kData - 4}, Place{"data", kData + 0x100},
                    Place{"from_data_into_the_guard", kGuard - 4}, Place{"guard", kGuard + 0x800},
                    Place{"from_the_guard_into_the_rest", kRest - 4}, Place{"rest", kRest + 0x40},
                    Place{"from_pages_into_sections", kHeap - 4}, Place{"heap", kHeap + 0x12340},
                    Place{"last_bytes_of_the_region", kEnd - 8}, Place{"behind_the_region", kEnd},
                    Place{"island", kIsland}, Place{"last_bytes_of_the_island", kIsland + kPageSize - 8},
                    Place{"behind_the_island", kIsland + kPageSize}, Place{"normal_world", 0x80000000},
                    Place{"end_of_the_normal_world", 0x8fffffe8}, Place{"supervisor_text", 0x90010000},
                    Place{"embedded_images", 0x90100100}, Place{"supervisor_constants", 0x90800100},
                    Place{"supervisor_data", 0x90900100}, Place{"guard_below_the_stack", 0x90a00100},
                    Place{"supervisor_stack", 0x90bffff0}, Place{"guard_above_the_stack", 0x90c00000},
                    Place{"translation_tables", 0x90d00000}, Place{"supervisor_dma", 0x91000100, true},
                    Place{"supervisor_reserve", 0x91100000},
                    Place{"own_memory_in_the_pool", kBacking[0].raw + 0x13000},
                    Place{"the_others_memory_in_the_pool", kBacking[1].raw + 0x13000},
                    Place{"last_bytes_of_dram", 0x9fffffe8}, Place{"behind_dram", 0xa0000000},
                    Place{"high_hole", 0xfff00000}, Place{"top_of_the_address_space", 0xffffffe8}),
    [](const auto& test) { return std::string{test.param.name}; });

}  // namespace
}  // namespace gotee::contract
