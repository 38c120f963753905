// SPDX-License-Identifier: BSD-3-Clause
//
// What becomes of one instruction.
#include "tests/fake/deeds.h"

#include <algorithm>
#include <cstring>
#include <optional>

namespace gotee::fake {
namespace {

/// What fetching `length` bytes of code at `pc` comes to. A halfword is the smallest thing that is fetched.
std::optional<Trap> fetch(const PageTables& tables, VirtAddr pc, u32 length) {
  for (u32 done = 0; done < length; done += 2) {
    const VirtAddr at{pc.raw + done};
    if (const auto status = tables.user_fault(at, Access::Execute)) {
      return Trap{TrapKind::PrefetchAbort, pc, at, *status};
    }
  }
  return std::nullopt;
}

Trap supervisor_call(const PageTables& tables, Context& context) {
  const u32 length = context.thumb() ? 2 : 4;
  if (const auto trap = fetch(tables, context.pc(), length)) return *trap;
  context.r[kPc] += length;
  return {TrapKind::Supervisor, context.pc(), {}, 0};
}

std::optional<Trap> data_fault(const PageTables& tables, VirtAddr pc, VirtAddr at, const Deed& deed) {
  const bool write = deed.act == Deed::Act::Store;
  if (at.raw % deed.alignment != 0) {
    return Trap{TrapKind::DataAbort, pc, at, fsr_of(FaultStatus::Alignment, write)};
  }
  for (u32 i = 0; i < deed.size; ++i) {
    const VirtAddr byte{at.raw + i};
    if (const auto status = tables.user_fault(byte, write ? Access::Write : Access::Read)) {
      return Trap{TrapKind::DataAbort, pc, byte, *status};
    }
  }
  return std::nullopt;
}

void move_data(hal::Backend& backend, const PageTables& tables, Context& context, VirtAddr at,
               const Deed& deed) {
  std::array<u8, 64> bytes{};
  const bool load = deed.act == Deed::Act::Load;
  const auto each_register = [&](auto visit) {
    u32 done = 0;
    for (u32 r = 0; r < 16; ++r) {
      if ((deed.registers >> r & 1) == 0) continue;
      visit(context.r[r], bytes.data() + done, std::min<u32>(deed.size - done, 4));
      done += 4;
    }
    if (deed.vector && load) std::memcpy(context.d.data(), bytes.data(), deed.size);
    if (deed.vector && !load) std::memcpy(bytes.data(), context.d.data(), deed.size);
  };
  if (!load) each_register([](u32& r, u8* to, u32 size) { std::memcpy(to, &r, size); });
  for (u32 i = 0; i < deed.size; ++i) {
    const PhysAddr to = tables.walk({at.raw + i}).address;
    const std::span<u8> byte{&bytes[i], 1};
    load ? backend.dram.read(to, byte) : backend.dram.write(to, byte);
  }
  context.r[deed.base] += deed.write_back;
  if (load) each_register([](u32& r, const u8* from, u32 size) { r = 0, std::memcpy(&r, from, size); });
}

}  // namespace

Trap perform(hal::Backend& backend, const PageTables& tables, Context& context, const Deed& deed,
             Instant deadline) {
  const VirtAddr pc = context.pc();
  if (const auto trap = fetch(tables, pc, deed.length)) return *trap;
  const VirtAddr at{context.r[deed.base] + deed.offset};
  switch (deed.act) {
    case Deed::Act::SupervisorCall: return supervisor_call(tables, context);
    case Deed::Act::Undefined: return {TrapKind::Undefined, pc, {}, 0};
    case Deed::Act::Breakpoint: return {TrapKind::PrefetchAbort, pc, pc, fsr_of(FaultStatus::Debug, false)};
    case Deed::Act::Endless:
      ++context.r[1];
      backend.clock = std::max(backend.clock, deadline);
      return {TrapKind::Expired, pc, {}, 0};
    case Deed::Act::Jump:
      context.r[kPc] = at.raw & ~1u;
      context.cpsr = (context.cpsr & ~kCpsrThumb) | ((at.raw & 1) != 0 ? kCpsrThumb : 0);
      return supervisor_call(tables, context);
    case Deed::Act::Load:
    case Deed::Act::Store: break;
  }
  if (const auto trap = data_fault(tables, pc, at, deed)) return *trap;
  move_data(backend, tables, context, at, deed);
  context.r[kPc] += deed.length;
  return supervisor_call(tables, context);
}

}  // namespace gotee::fake
