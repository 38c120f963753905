// SPDX-License-Identifier: BSD-3-Clause
//
// The Normal world: loaded beside the applets, scheduled like them, served by monitor calls.
#include <algorithm>

#include "core/fault/status.h"
#include "core/monitor/kernel.h"

namespace gotee {
namespace {

/// SMC with the number in r0, as GoTEE's main OS makes them; every register comes back unchanged but for what
/// is named here.
enum class MonitorCall : u32 {
  Exit = 0,    // does not return
  Write = 1,   // r1 = one byte
  Yield = 16,  // give the rest of the quantum away; r0 = 0
};

}  // namespace

std::optional<elf::Refusal> Kernel::load_normal_world(std::string_view name, std::span<const u8> image) {
  if (has_normal_world_ || count_ == kMaxApplets) return elf::Refusal{"no room: one normal world at most"};
  elf::Image elf;
  // What the Normal world does with its own memory is its own affair: writable code included.
  const elf::Limits limits{{kNormalDram.base.raw}, kNormalDram.size, true, "the normal world's memory"};
  if (auto refused = elf::parse(image, limits, elf)) return refused;
  if (auto refused = protect_secure_memory()) return refused;
  Applet& guest = name_next(name, elf.entry);
  guest.normal_world = true;
  guest.space = hal::kNormalSpace;
  if (!guest.memory.init_normal_world(machine_.tables(hal::kNormalSpace)) ||
      !machine_.define(hal::kNormalSpace, guest.memory.regions())) {
    return elf::Refusal{"this machine has no normal world"};
  }
  for (const elf::Segment& s : elf.segments) {
    const PhysAddr to{s.address.raw};
    machine_.write(to, image.subspan(s.file_offset, s.file_size));
    machine_.clear({to.raw + s.file_size}, s.memory_size - s.file_size);
    machine_.publish_code(to, s.file_size);
  }
  guest.context = {};
  guest.context.r[kPc] = elf.entry.raw & ~1u;
  guest.context.cpsr = kCpsrSystem | ((elf.entry.raw & 1) != 0 ? kCpsrThumb : 0);
  guest.banked = {};
  has_normal_world_ = true;
  ++count_;
  scheduler_.add(guest.id, true);
  say_loaded(guest, {kNormalDram.base.raw}, image.size());
  return std::nullopt;
}

std::optional<elf::Refusal> Kernel::protect_secure_memory() {
  const auto kept = machine_.protect(kSupervisorDram.base, kSupervisorDram.size + kAppletDram.size);
  if (kept) return std::nullopt;
  if (kept.error() == Error::Unsupported) {
    say("WARNING secure memory is not protected by this machine: the normal world can read and write it\n");
    return std::nullopt;
  }
  return elf::Refusal{"secure memory cannot be protected, so no normal world may run"};  // fail closed
}

void Kernel::run_normal_world(Applet& guest, Instant deadline) {
  const Trap trap = machine_.run_normal(guest.context, guest.banked, deadline);
  switch (trap.kind) {
    case TrapKind::Expired: return;
    case TrapKind::MonitorCall: return monitor_call(guest);
    default: return stop_trapped(guest, trap);
  }
}

void Kernel::monitor_call(Applet& guest) {
  switch (MonitorCall{guest.context.r[0]}) {
    case MonitorCall::Exit: return exit(guest, Outcome::Exited, 0);
    case MonitorCall::Write: return put(guest, char(guest.context.r[1] & 0xff));
    case MonitorCall::Yield:
      scheduler_.yield();
      guest.context.r[0] = 0;
      return;
  }
  TextBuffer<96> reason;
  refuse_call(guest, reason.put("there is no monitor call ").dec(guest.context.r[0]).view());
}

}  // namespace gotee
