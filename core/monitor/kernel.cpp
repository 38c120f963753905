// SPDX-License-Identifier: BSD-3-Clause
//
// The monitor's decisions: what becomes of each trap.
#include "core/monitor/kernel.h"

#include <algorithm>

namespace gotee {
namespace {

constexpr u32 kSupervisorContext = kMaxContexts - 1;
static_assert(kMaxApplets <= kSupervisorContext);

/// Bytes of the call that an applet or a guest makes: SVC has 2 in T32, SMC 4 in both instruction sets.
u32 call_size(const Applet& applet) { return applet.context.thumb() && !applet.normal_world ? 2 : 4; }

}  // namespace

Kernel::Kernel(hal::Machine& machine, const KernelOptions& options)
    : machine_{machine}, options_{options}, scheduler_{options.quantum} {}

void Kernel::start() {
  say("will sleep until PL0 is done\n");
  for (const Applet& applet : applets()) {
    TextBuffer<128> text;
    text.put("starting ").put(applet.normal_world ? "normal world " : "PL0 ").put(label(applet));
    text.put("sp:0x").hex(applet.context.r[kSp], 8);
    say(text.put(" pc:0x").hex(applet.entry.raw, 8).put('\n').view());
  }
}

Kernel::Step Kernel::step() {
  const Scheduler::Decision next = scheduler_.pick(machine_.now());
  switch (next.verdict) {
    case Scheduler::Verdict::Finished: return Step::Finished;
    case Scheduler::Verdict::Deadlock: return Step::Deadlock;
    case Scheduler::Verdict::Idle: machine_.idle(next.deadline); return Step::Idled;
    case Scheduler::Verdict::Run: break;
  }
  if (next.context == kSupervisorContext) {
    if (const auto number = counter_.step(machine_.now())) {
      TextBuffer<48> text;
      say(text.put("says ").dec(*number).put(" missisipi\n").view());
    }
    if (counter_.busy()) {
      scheduler_.sleep(kSupervisorContext, counter_.next());
    } else {
      scheduler_.done(kSupervisorContext);
    }
    return Step::Ran;
  }
  Applet& applet = applets_[next.context];
  if (applet.operation.kind != Operation::Kind::None) {
    (void)continue_operation(*this, applet);
    scheduler_.yield();  // a long buffer takes turns with the others
  } else if (applet.normal_world) {
    run_normal_world(applet, next.deadline);
  } else {
    run(applet, next.deadline);
  }
  return Step::Ran;
}

void Kernel::run(Applet& applet, Instant deadline) {
  // A system call after which the same applet may simply go on needs no new decision.
  for (u32 left = options_.burst; left != 0; --left) {
    if (!run_once(applet, deadline) || !scheduler_.settled()) return;
    if (applet.operation.kind != Operation::Kind::None) return;
  }
}

/// True when the applet made a system call and may go on.
bool Kernel::run_once(Applet& applet, Instant deadline) {
  const Trap trap = applet.lockstep.enabled ? run_pair(applet, deadline)
                                            : machine_.run(applet.context, applet.space, deadline);
  if (trap.kind == TrapKind::Supervisor) return dispatch(*this, applet) == Next::Resume;
  if (trap.kind != TrapKind::Expired) stop_trapped(applet, trap);
  return false;
}

void Kernel::stop_trapped(Applet& applet, const Trap& trap) {
  stop_faulted(applet, explain_trap(applet, trap), Outcome::Faulted);
}

/// Expired when the two disagree: the applet is then stopped.
Trap Kernel::run_pair(Applet& applet, Instant deadline) {
  const LockstepResult result = lockstep_run(machine_, applet, deadline, options_.inject_percent);
  if (result.disagreement.empty()) return result.trap;
  stop_disagreeing(applet, result.disagreement);
  return {TrapKind::Expired, applet.context.pc(), {}, 0};
}

void Kernel::stop_disagreeing(Applet& applet, const FixedText<96>& disagreement) {
  const Trap& stop = applet.lockstep.primary_trap;
  Fault fault;
  fault.kind = FaultKind::Lockstep;
  fault.thumb = applet.context.thumb();
  const u32 back = stop.kind == TrapKind::Supervisor ? call_size(applet) : 0;
  fault.pc = fault.address = {applet.context.r[kPc] - back};
  fault.owner = applet.memory.owner(fault.pc);
  fault.reason = disagreement;
  fault.context = applet.context;
  stop_faulted(applet, fault, Outcome::Lockstep);
}

Fault Kernel::explain_trap(const Applet& applet, const Trap& trap) {
  u32 size = 0;
  const u32 code = fetch(applet, trap.pc, 4, size);
  return explain(trap, applet.context, applet.memory, code, size);
}

/// At most `most` bytes of an instruction, as far as the applet itself could fetch it: `size` says how many.
u32 Kernel::fetch(const Applet& applet, VirtAddr pc, u32 most, u32& size) {
  std::array<u8, 4> code{};
  for (size = 0; size < most; size += 2) {
    const auto at = pc.plus(size);
    if (!at || applet.memory.tables().user_fault(*at, Access::Execute)) break;
    machine_.read(applet.memory.tables().walk(*at).address, std::span{code}.subspan(size, 2));
  }
  return u32(code[0]) | u32(code[1]) << 8 | u32(code[2]) << 16 | u32(code[3]) << 24;
}

void Kernel::stop_faulted(Applet& applet, const Fault& fault, Outcome outcome) {
  applet.fault = fault;
  applet.fault.normal_world = applet.normal_world;
  applet.outcome = outcome;
  flush(applet);
  end_line();
  TextBuffer<400> registers;
  describe(fault.context, registers);
  for (std::string_view left = registers.view(); !left.empty();) {
    const std::size_t end = left.find('\n') + 1;
    TextBuffer<120> line;
    stamp(line).put(left.substr(0, end));
    machine_.console(line.view());
    left.remove_prefix(end);
  }
  TextBuffer<64> error;
  if (outcome == Outcome::Lockstep) {
    error.put("lockstep failure");
  } else {
    error.put("exception mode ").put(mode_name(fault.kind));
  }
  say_stopped(applet, error.view());
  scheduler_.done(applet.id);
}

void Kernel::refuse_call(Applet& applet, std::string_view reason, Access access, VirtAddr at, u32 size) {
  Fault fault;
  fault.kind = FaultKind::BadSyscall;
  fault.thumb = applet.context.thumb();
  fault.pc = {applet.context.r[kPc] - call_size(applet)};
  fault.context = applet.context;
  fault.access = access;
  fault.address = access == Access::None ? fault.pc : at;
  fault.size = size;
  fault.owner = applet.memory.owner(fault.address);
  fault.reason.assign(reason);
  fault.instruction = fetch(applet, fault.pc, call_size(applet), fault.instruction_size);
  stop_faulted(applet, fault, Outcome::Faulted);
}

void Kernel::exit(Applet& applet, Outcome outcome, u32 status) {
  applet.outcome = outcome;
  applet.exit_status = status;
  flush(applet);
  TextBuffer<64> error;
  error.put("exit");
  if (outcome == Outcome::Panicked) error.put(" status ").dec(status);
  say_stopped(applet, error.view());
  scheduler_.done(applet.id);
}

void Kernel::finish() {
  for (u32 i = 0; i < count_; ++i) flush(applets_[i]);
  say("says goodbye\n");
}

void Kernel::write_user(Applet& applet, const UserRange& range, std::span<const u8> bytes) {
  // Proved by the tables: that the hardware then refuses is a bug of ours, not the applet's.
  GOTEE_INVARIANT(bytes.size() <= range.size());
  GOTEE_INVARIANT(bool(machine_.write_user(applet.space, range.base(), bytes)));
  if (!applet.lockstep.enabled) return;
  GOTEE_INVARIANT(bool(machine_.write_user(applet.lockstep.space, range.base(), bytes)));
}

void Kernel::read_user(const Applet& applet, const UserRange& range, std::span<u8> out) {
  GOTEE_INVARIANT(out.size() <= range.size());
  GOTEE_INVARIANT(bool(machine_.read_user(applet.space, range.base(), out)));
}

Result<> Kernel::count_aloud(u32 seconds) {
  if (seconds == 0 || seconds > 60) return Error::Invalid;
  if (counter_.busy()) return Error::Busy;
  counter_.start(machine_.now(), seconds);
  scheduler_.add(kSupervisorContext, false);
  scheduler_.sleep(kSupervisorContext, counter_.next());
  return kOk;
}

Result<> Kernel::led(std::string_view name, bool on) {
  const auto is = [&](std::string_view want) {
    return std::equal(name.begin(), name.end(), want.begin(), want.end(),
                      [](char a, char b) { return (a >= 'A' && a <= 'Z' ? char(a + 32) : a) == b; });
  };
  if (is("white")) return machine_.led(hal::Led::White, on);
  if (is("blue")) return machine_.led(hal::Led::Blue, on);
  return Error::NotFound;
}

// --- The console: whole lines, so that contexts never tear each other's apart --------------------

void Kernel::put(Applet& applet, char c) {
  if (!applet.line.push(c)) {
    flush(applet);
    (void)applet.line.push(c);
  }
  if (c == '\n') flush(applet);
}

void Kernel::flush(Applet& applet) {
  const std::string_view line = applet.line.view();
  if (line.empty()) return;
  if (line_open_ && line_owner_ != applet.id) machine_.console("\n");
  machine_.console(line);
  line_open_ = line.back() != '\n';
  line_owner_ = applet.id;
  applet.line.clear();
}

Text& Kernel::stamp(Text& out) {
  const u64 seconds = machine_.now().ns / 1'000'000'000;
  return out.dec(seconds / 3600, 2).put(':').dec(seconds / 60 % 60, 2).put(':').dec(seconds % 60, 2).put(' ');
}

void Kernel::say(std::string_view text) {
  TextBuffer<200> line;
  stamp(line).put("PL1 ").put(text);
  end_line();
  machine_.console(line.view());
}

void Kernel::end_line() {
  if (line_open_) machine_.console("\n");
  line_open_ = false;
}

/// The applet's name and a space, where log lines must tell several applets apart.
std::string_view Kernel::label(const Applet& applet) const {
  return options_.name_applets ? applet.label.view() : std::string_view{};
}

void Kernel::say_stopped(const Applet& applet, std::string_view error) {
  TextBuffer<180> text;
  text.put("stopped ")
      .put(applet.normal_world ? "normal world " : "PL0 task ")
      .put(label(applet))
      .put("sp:0x")
      .hex(applet.context.r[kSp], 8)
      .put(" lr:0x")
      .hex(applet.context.r[kLr], 8);
  say(text.put(" pc:0x").hex(applet.context.r[kPc], 8).put(" err:").put(error).put('\n').view());
}

}  // namespace gotee
