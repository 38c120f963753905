// SPDX-License-Identifier: BSD-3-Clause
//
// hal::Machine on Unicorn.
#include <algorithm>

#include "core/fault/status.h"
#include "core/mem/user.h"
#include "hal/sim/backend.h"

namespace gotee::hal {
namespace {

// Long runs come up for air this often, to show progress and to notice that somebody wants to stop.
constexpr u64 kBreath = 20'000'000, kTracingBreath = 200'000;
// In real time a breath is also how far the clock may run ahead; the same in the replay, whose clock is fed
// by breaths.
constexpr u64 kRealtimeBreath = 1'000'000;

/// What the bus answers where the TZASC or the CSU keeps the Normal world out, or where nothing is. Any other
/// abort would be the guest's own affair, and its exceptions are not modelled.
Trap refused_by_bus(const Trap& trap) {
  if (trap.kind != TrapKind::DataAbort && trap.kind != TrapKind::PrefetchAbort) return trap;
  if (fault_status(trap.status) != FaultStatus::TranslationSection)
    return {TrapKind::Undefined, trap.pc, {}, 0};
  const bool write = (trap.status & kStatusWrite) != 0;
  return {trap.kind, trap.pc, trap.address, fsr_of(FaultStatus::ExternalAbort, write)};
}

/// Core maps less than it grants in one case: a lockstep pair, whose first writes it wants to hear of
/// (core/monitor/lockstep.h).
bool tracks_writes(const PageTables& tables, std::span<const Region> regions) {
  return std::any_of(regions.begin(), regions.end(), [&](const Region& r) {
    return allows(r.access, Access::Write) && tables.user_fault(r.base, Access::Write);
  });
}

/// The space whose time a space is shown: of a lockstep pair the first's, its own otherwise.
Space time_keeper(const Backend& backend, Space space) {
  const auto n = std::size_t(space);
  return n % 2 == 1 && backend.in_lockstep[n] && backend.in_lockstep[n - 1] ? Space(n - 1) : space;
}

/// What lies behind a space, and behind its shadow, is not asked for any more.
void forget_the_past(Backend& backend, Space space) {
  const u64 executed = backend.engine(space)->executed();
  const Space keeper = time_keeper(backend, space);
  if (keeper == space && backend.in_lockstep[std::size_t(space)]) return;  // the shadow comes later
  for (const Space s : {space, keeper}) backend.time_lines[std::size_t(s)].forget_before(executed);
}

u64 instructions_until(Instant deadline, Instant now) {
  if (deadline == kNever) return UINT64_MAX;
  if (deadline <= now) return 1;
  return (deadline.ns - now.ns + sim::kNsPerInstruction - 1) / sim::kNsPerInstruction;
}

}  // namespace

Backend::Backend(const Options& chosen)
    : options{chosen}, clock{chosen.clock, chosen.recording}, random{chosen.seed} {}

u64 Backend::executed() const {
  u64 sum = 0;
  for (const auto& e : engines) sum += e ? e->executed() : 0;
  return sum;
}

Instant Backend::seen_by(Space space) const {
  const u64 instruction = engine(space)->executed();
  const Space keeper = time_keeper(*this, space);
  // A shadow that is ahead of its primary has lost its way, and will be found out.
  const bool behind = instruction < engine(keeper)->executed();
  return time_lines[std::size_t(behind ? keeper : space)].at(instruction);
}

Trap Machine::run_normal(Context& context, BankedRegisters& banked, Instant deadline) {
  sim::Engine& engine = *backend_.engine(kNormalSpace);  // keeps what modes bank
  engine.take(banked);
  const Trap trap = run(context, kNormalSpace, deadline);
  engine.give(banked);
  return refused_by_bus(trap);
}

Result<> Machine::protect(PhysAddr base, u32 size) {
  if (!sim::Dram::holds(base, size)) return Error::Invalid;
  backend_.secure = {base, size};  // kNormalSpace maps none of it
  return kOk;
}

Trap Machine::run(Context& context, Space space, Instant deadline) {
  sim::Engine* engine = backend_.engine(space);
  GOTEE_INVARIANT(engine != nullptr);
  const Instant limit = std::min(deadline, backend_.end_of_time());
  forget_the_past(backend_, space);
  const bool virtual_time = backend_.options.clock == sim::Clock::Mode::Virtual;
  const u64 breath = !virtual_time ? kRealtimeBreath : engine->observing() ? kTracingBreath : kBreath;
  Trap trap{TrapKind::Expired, context.pc(), {}, 0};
  do {
    if (backend_.spent()) break;
    const u64 left = std::min(instructions_until(limit, backend_.clock.now()),
                              backend_.options.instruction_budget - backend_.executed());
    const u64 before = engine->executed();
    backend_.time_lines[std::size_t(space)].go_on(before, backend_.clock.now());
    trap = engine->run(context, std::min(left, breath));
    backend_.clock.executed(engine->executed() - before);
    backend_.clock.follow();
    if (backend_.on_pause) backend_.on_pause();
  } while (trap.kind == TrapKind::Expired && backend_.clock.now() < limit);
  return trap;
}

void Machine::idle(Instant until) {
  const auto go_on = [this] {
    if (backend_.on_pause) backend_.on_pause();
    return !backend_.stop_asked;
  };
  if (go_on()) backend_.clock.idle(std::min(until, backend_.end_of_time()), go_on);
}

TableMemory Machine::tables(Space space) {
  const PhysAddr base = table_slot(u32(space));
  auto* words = reinterpret_cast<u32*>(backend_.dram.at(base, kTablesStride));
  return {{words, kSpaceTableWords}, base};
}

Result<> Machine::define(Space space, std::span<const Region> regions) {
  if (std::size_t(space) > std::size_t(kNormalSpace)) return Error::NotFound;
  static const sim::HiddenState kHidden = sim::self_check();  // once for each process, and before any applet
  Backend& b = backend_;
  const auto counter = [&b, space] { return b.seen_by(space).ns / (1'000'000'000 / sim::kCounterHz); };
  const auto world = space == kNormalSpace ? sim::World::Normal : sim::World::Secure;
  auto engine = std::make_unique<sim::Engine>(b.dram, kHidden, counter, world);
  engine->define(tables(space), regions);
  b.engines[std::size_t(space)] = std::move(engine);
  b.in_lockstep[std::size_t(space)] = tracks_writes(PageTables{tables(space)}, regions);
  b.time_lines[std::size_t(space)] = {};
  return kOk;
}

void Machine::refresh(Space space, VirtAddr page) { backend_.engine(space)->refresh(page); }

Result<> Machine::read_user(Space space, VirtAddr from, std::span<u8> to) {
  return each_piece(PageTables{tables(space)}, from, u32(to.size()), Access::Read,
                    [&](PhysAddr at, u32 offset, u32 size) { read(at, to.subspan(offset, size)); });
}
Result<> Machine::write_user(Space space, VirtAddr to, std::span<const u8> from) {
  return each_piece(PageTables{tables(space)}, to, u32(from.size()), Access::Write,
                    [&](PhysAddr at, u32 offset, u32 size) { write(at, from.subspan(offset, size)); });
}
void Machine::read(PhysAddr from, std::span<u8> to) {
  std::copy_n(backend_.dram.at(from, to.size()), to.size(), to.begin());
}
void Machine::write(PhysAddr to, std::span<const u8> from) {
  std::copy(from.begin(), from.end(), backend_.dram.at(to, from.size()));
}
void Machine::clear(PhysAddr base, u32 size) { backend_.dram.clear(base, size); }
void Machine::publish_code(PhysAddr base, u32 size) {
  // Applets' engines are made after their code is written.
  if (sim::Engine* normal = backend_.engine(kNormalSpace)) normal->forget_code(base.raw, size);
}

Instant Machine::now() { return backend_.clock.now(); }

Result<> Machine::random(std::span<u8> out) {
  u64 word = 0;
  for (std::size_t i = 0; i < out.size(); ++i, word >>= 8) {
    if (i % 8 == 0) word = backend_.random();
    out[i] = u8(word);
  }
  return kOk;
}

void Machine::console(std::string_view text) { backend_.on_console(text); }

Result<> Machine::led(Led led, bool on) {
  if (led == Led::White) return Error::Denied;  // GoTEE keeps it for the secure world
  if (backend_.on_led) backend_.on_led(led, on);
  return kOk;
}

}  // namespace gotee::hal
