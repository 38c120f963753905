// SPDX-License-Identifier: BSD-3-Clause
//
// Building the spaces, and the code for every deed.
#include "tests/contract/rig.h"

#include <algorithm>
#include <string_view>
#include <vector>

namespace gotee::contract {
namespace {

constexpr u32 kStride = 16;  // bytes of text for each deed
constexpr u32 kArmCall = 0xef000000;
constexpr u32 kThumbCalls = 0xdf00df00;

const std::vector<Deed>& all_deeds() {
  static const std::vector<Deed> kAll = [] {
    std::vector<Deed> all{kJump,       kThumbJump,       kCall,   kCallWithNumber, kThumbCall,
                          kBreakpoint, kThumbBreakpoint, kEndless};
    all.insert(all.end(), accesses().begin(), accesses().end());
    all.insert(all.end(), undefined_deeds().begin(), undefined_deeds().end());
    return all;
  }();
  return kAll;
}

/// Each deed, then supervisor calls to the end of the page.
std::vector<u8> text() {
  std::vector<u8> out(2 * kPageSize);
  const auto put = [&](u32 at, u32 value, u32 size) {
    for (u32 i = 0; i < size; ++i) out[at + i] = u8(value >> (8 * i));
  };
  for (u32 at = 0; at < kPageSize; at += 4) put(at, kArmCall, 4), put(kPageSize + at, kThumbCalls, 4);
  for (const Deed& deed : all_deeds()) put(Rig::code_of(deed) - kText, deed.code, deed.length);
  put(Rig::code_of(kEndless) - kText + 4, 0xeafffffd, 4);  // b to the instruction before
  return out;
}

}  // namespace

u32 Rig::code_of(const Deed& deed) {
  const auto& all = all_deeds();
  const auto same = [&](const Deed& d) { return std::string_view{d.name} == deed.name; };
  const auto at = std::find_if(all.begin(), all.end(), same);
  GOTEE_INVARIANT(at != all.end());
  return (deed.thumb ? kThumbText : kText) + kStride * u32(at - all.begin());
}

Rig::Rig(Grain grain) : backend_{make_backend()}, machine_{*backend_}, grain_{grain} {
  for (u32 i = 0; i < spaces_.size(); ++i) build(i, grain, backing_of(i, kText), text());
}

void Rig::build(u32 index, Grain grain, PhysAddr text_backing, std::span<const u8> text) {
  constexpr Access kR = Access::Read, kRw = Access::Read | Access::Write, kRx = kR | Access::Execute;
  AddressSpace& space = spaces_[index];
  GOTEE_INVARIANT(bool(space.init(machine_.tables(hal::Space(index)), grain)));
  const auto grant = [&](u32 base, u32 end, Access access) {
    const PhysAddr backing = base == kText ? text_backing : backing_of(index, base);
    GOTEE_INVARIANT(bool(space.grant({{base}, backing, end - base, access})));
  };
  grant(kBase, kText, kRw);
  grant(kText, kConstants, kRx);
  grant(kConstants, kData, kR);
  grant(kData, kGuard, kRw);
  grant(kGuard, kRest, Access::None);
  grant(kRest, kEnd, kRw);
  grant(kIsland, kIsland + kPageSize, kRw);
  machine_.write(text_backing, text);
  machine_.publish_code(text_backing, kConstants - kText);
  GOTEE_INVARIANT(bool(machine_.define(hal::Space(index), space.regions())));
}

void Rig::place(u32 address, std::span<const u8> code, bool thumb) {
  GOTEE_INVARIANT(address >= kText && code.size() <= kConstants - address);
  std::vector<u8> text(kConstants - kText);
  for (u32 at = 0; at < text.size(); ++at) text[at] = u8((thumb ? kThumbCalls : kArmCall) >> (8 * (at % 4)));
  std::copy(code.begin(), code.end(), text.begin() + std::ptrdiff_t(address - kText));
  // Behind everything that space 0 maps, and before space 1's.
  const PhysAddr backing{backing_of(0, kIsland + kPageSize).raw + placed_++ * (kConstants - kText)};
  GOTEE_INVARIANT(backing.raw + (kConstants - kText) <= kBacking[1].raw);
  build(0, grain_, backing, text);
}

Trap Rig::run(Context& context) {
  return machine_.run(context, hal::Space{0}, machine_.now() + Duration{1'000'000});
}

Context Rig::about_to(const Deed& deed, u32 address) {
  Context c;
  for (u32 i = 0; i < 15; ++i) c.r[i] = 0x5a000001 + 0x00110110 * i;
  for (u32 i = 0; i < 32; ++i) c.d[i] = 0x4010203040506070u + 0x0101010101010101u * i;
  c.r[deed.base] = address - u32(deed.offset);
  c.r[kPc] = code_of(deed);
  c.cpsr = 0x60000000 | kCpsrUser | (deed.thumb ? kCpsrThumb : 0);  // Z and C set
  c.fpscr = 0x90000000;                                             // N and V set
  return c;
}

Trap Rig::perform(const Deed& deed, Context& context, u32 space) {
  return perform_until(deed, context, machine_.now() + Duration{1'000'000}, space);
}

Trap Rig::perform_until(const Deed& deed, Context& context, Instant deadline, u32 space) {
  prepare(*backend_, spaces_[space].tables(), deed, deadline);
  return machine_.run(context, hal::Space(space), deadline);
}

u32 Rig::word(u32 space, u32 address) {
  std::array<u8, 4> b{};
  machine_.read(backing_of(space, address), b);
  return u32(b[0]) | u32(b[1]) << 8 | u32(b[2]) << 16 | u32(b[3]) << 24;
}

void Rig::set_word(u32 space, u32 address, u32 value) {
  const std::array<u8, 4> b{u8(value), u8(value >> 8), u8(value >> 16), u8(value >> 24)};
  machine_.write(backing_of(space, address), b);
}

}  // namespace gotee::contract
