// SPDX-License-Identifier: BSD-3-Clause
//
// The comparison at every trap.
#include "core/monitor/lockstep.h"

#include <algorithm>

#include "core/exec/applet.h"
#include "core/fault/status.h"

namespace gotee {
namespace {

// Comparing is cheap for a working set of this many pages; beyond it, tracking starts afresh.
constexpr u32 kMostWritten = 16;
// A shadow that needs this much longer than its primary has lost its way.
constexpr Duration kPatience{10'000'000};

bool region_writable(const AddressSpace& memory, VirtAddr at) {
  const Region* region = memory.find(at);
  return region != nullptr && allows(region->access, Access::Write);
}

Access region_access(const AddressSpace& memory, VirtAddr at) { return memory.find(at)->access; }

void set_page(hal::Machine& machine, Applet& applet, VirtAddr page, Access access) {
  GOTEE_INVARIANT(bool(applet.memory.protect(page, access)) &&
                  bool(applet.lockstep.memory.protect(page, access)));
  machine.refresh(applet.space, page);
  machine.refresh(applet.lockstep.space, page);
}

VirtAddr page_address(u32 page) { return {kRegionBase.raw + page * kPageSize}; }

void forget_written(hal::Machine& machine, Applet& applet) {
  Lockstep& pair = applet.lockstep;
  pair.written.each([&](u32 page) {
    const Access access = region_access(applet.memory, page_address(page));
    set_page(machine, applet, page_address(page), Access(u8(access) & ~u8(Access::Write)));
  });
  pair.written.clear();
  pair.written_count = 0;
}

void open_page(hal::Machine& machine, Applet& applet, VirtAddr at) {
  Lockstep& pair = applet.lockstep;
  const u32 page = (at.raw - kRegionBase.raw) / kPageSize;
  if (pair.written.has(page)) return;
  pair.written.add(page);
  ++pair.written_count;
  set_page(machine, applet, page_address(page), region_access(applet.memory, at));
}

/// True when the trap is only the first write to a page that is being tracked.
bool first_write(hal::Machine& machine, Applet& applet, const Trap& trap) {
  if (trap.kind != TrapKind::DataAbort || (trap.status & kStatusWrite) == 0) return false;
  if (fault_status(trap.status) != FaultStatus::PermissionPage) return false;
  if (!region_writable(applet.memory, trap.address)) return false;
  if (applet.lockstep.written.has((trap.address.raw - kRegionBase.raw) / kPageSize)) return false;
  open_page(machine, applet, trap.address);
  return true;
}

void put_difference(FixedText<96>& out, std::string_view what, u64 primary, u64 shadow, u32 digits = 8) {
  TextBuffer<96> text;
  text.put(what).put(" is 0x").hex(primary, digits).put(", the shadow's 0x").hex(shadow, digits);
  out.assign(text.view());
}

void compare_registers(const Context& a, const Context& b, FixedText<96>& out) {
  TextBuffer<8> name;
  for (u32 i = 0; i < 16; ++i) {
    name.clear();
    if (a.r[i] != b.r[i]) return put_difference(out, name.put('r').dec(i).view(), a.r[i], b.r[i]);
  }
  if (a.cpsr != b.cpsr) return put_difference(out, "cpsr", a.cpsr, b.cpsr);
  if (a.fpscr != b.fpscr) return put_difference(out, "fpscr", a.fpscr, b.fpscr);
  if (a.tpidrurw != b.tpidrurw) return put_difference(out, "tpidrurw", a.tpidrurw, b.tpidrurw);
  for (u32 i = 0; i < 32; ++i) {
    name.clear();
    if (a.d[i] != b.d[i]) return put_difference(out, name.put('d').dec(i).view(), a.d[i], b.d[i], 16);
  }
}

void compare_page(hal::Machine& machine, const Applet& applet, VirtAddr page, FixedText<96>& out) {
  const PhysAddr a = applet.memory.tables().walk(page).address;
  const PhysAddr b = applet.lockstep.memory.tables().walk(page).address;
  std::array<u8, 512> mine{}, shadows{};
  for (u32 at = 0; at < kPageSize && out.empty(); at += u32(mine.size())) {
    machine.read({a.raw + at}, mine);
    machine.read({b.raw + at}, shadows);
    const auto [x, y] = std::mismatch(mine.begin(), mine.end(), shadows.begin());
    if (x == mine.end()) continue;
    TextBuffer<32> what;
    what.put("the byte at 0x").hex(page.raw + at + u32(x - mine.begin()), 8);
    put_difference(out, what.view(), *x, *y, 2);
  }
}

FixedText<96> compare(hal::Machine& machine, const Applet& applet, const Trap& shadow_trap) {
  FixedText<96> out;
  const Lockstep& pair = applet.lockstep;
  if (shadow_trap.kind != pair.primary_trap.kind) out.assign("they stopped for different reasons");
  if (out.empty() && shadow_trap != pair.primary_trap) out.assign("their fault registers differ");
  if (out.empty()) compare_registers(applet.context, pair.shadow, out);
  pair.written.each([&](u32 page) {
    if (out.empty()) compare_page(machine, applet, page_address(page), out);
  });
  return out;
}

void inject(hal::Machine& machine, Context& shadow, u32 percent) {
  std::array<u8, 4> dice{};
  if (percent == 0 || !machine.random(dice)) return;
  if ((dice[0] | dice[1] << 8) % 100 >= i32(percent)) return;
  shadow.r[dice[2] % 13] ^= 1u << (dice[3] % 32);
}

}  // namespace

void lockstep_begin(Applet& applet) {
  for (const Region& region : applet.memory.regions()) {
    if (!allows(region.access, Access::Write)) continue;
    for (u32 at = 0; at < region.size; at += kPageSize) {
      const VirtAddr page{region.base.raw + at};
      const auto read_only = Access(u8(region.access) & ~u8(Access::Write));
      GOTEE_INVARIANT(bool(applet.memory.protect(page, read_only)));
      GOTEE_INVARIANT(bool(applet.lockstep.memory.protect(page, read_only)));
    }
  }
  applet.lockstep.shadow = applet.context;
  applet.lockstep.enabled = true;
}

void lockstep_open(hal::Machine& machine, Applet& applet, VirtAddr base, u32 size) {
  if (!applet.lockstep.enabled) return;
  const u64 end = u64{base.raw} + size;
  for (u64 at = page_down(base.raw); at < end && at <= UINT32_MAX; at += kPageSize) {
    if (!region_writable(applet.memory, {u32(at)})) return;
    open_page(machine, applet, {u32(at)});
  }
}

LockstepResult lockstep_run(hal::Machine& machine, Applet& applet, Instant deadline, u32 inject_percent) {
  Lockstep& pair = applet.lockstep;
  for (;;) {
    const bool shadow = pair.shadow_turn;
    const Instant from = machine.now();
    const Trap trap = shadow ? machine.run(pair.shadow, pair.space, deadline)
                             : machine.run(applet.context, applet.space, deadline);
    Duration& time = shadow ? pair.shadow_time : pair.primary_time;
    time.ns += machine.now().ns - from.ns;
    if (shadow && pair.shadow_time.ns > 2 * pair.primary_time.ns + kPatience.ns) {
      return {trap, {"the shadow does not reach the primary's next trap"}};
    }
    if (trap.kind == TrapKind::Expired) return {trap, {}};
    if (first_write(machine, applet, trap)) {
      if (machine.now() >= deadline) return {{TrapKind::Expired, trap.pc, {}, 0}, {}};
      continue;
    }
    if (!shadow) {
      pair.primary_trap = trap;
      pair.shadow_turn = true;
      inject(machine, pair.shadow, inject_percent);
      continue;
    }
    const LockstepResult result{pair.primary_trap, compare(machine, applet, trap)};
    pair.shadow_turn = false;
    pair.primary_time = pair.shadow_time = {};
    if (pair.written_count > kMostWritten) forget_written(machine, applet);
    return result;
  }
}

}  // namespace gotee
