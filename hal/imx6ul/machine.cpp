// SPDX-License-Identifier: BSD-3-Clause
//
// hal::Machine on the i.MX6UL, in Secure state.
// Ref: [ARM ARM] DDI 0406C.d, B1.8 (exceptions), B2.2 (caches), B3.10 (TLB maintenance), B8 (Generic Timer).
#include "hal/machine.h"

#include <algorithm>
#include <cstring>

#include "core/fault/status.h"
#include "hal/imx6ul/backend.h"
#include "hal/imx6ul/cp15.h"
#include "hal/imx6ul/trap.h"

namespace gotee::imx6ul {
namespace {

// B8.1.10
constexpr u32 kTimerEnable = 1u << 0, kTimerMasked = 1u << 1;

constexpr u32 kNowhere = 0xffffffff;  // no instruction stands there: a run that has made progress

constexpr Duration kWatchdogInterval{1'000'000'000};

// An applet whose deadline has passed runs on for this long, so that every run makes progress.
constexpr Duration kLeastRun{2'000};

constexpr u32 kCacheLine = 32;  // of the instruction cache, the smaller one ([CORTEX-A7] DDI 0464F, 6.1)

// FSR without the domain, which Table B3-23 leaves UNKNOWN for most faults.
constexpr u32 kStatusBits = 0x3c0f;

void set_timer(hal::Backend& backend, Instant deadline) {
  backend.timer_deadline = deadline;
  backend.timer_on = true;
  cp15::set_cntp_cval(backend.clock.ticks_at(deadline));
  cp15::set_cntp_ctl(kTimerEnable);
  cp15::isb();
}

Instant now(const hal::Backend& backend) { return backend.clock.at(cp15::cntpct()); }

/// Deal with every pending secure interrupt. The timer's is level-sensitive: switching it off ends it.
void serve_interrupts(hal::Backend& backend) {
  while (const auto interrupt = backend.gic.claim()) {
    if (*interrupt == kSecureTimerInterrupt) {
      cp15::set_cntp_ctl(kTimerMasked);
      cp15::isb();
      backend.timer_on = false;
    }
    backend.gic.complete(*interrupt);
  }
}

void touch_watchdog(const hal::Backend& backend) {
  if (backend.devices.touch_watchdog != nullptr) backend.devices.touch_watchdog();
}

[[gnu::noinline]] Trap trap_of(Exception exception, const Context& context, const FaultRegisters& faults) {
  const VirtAddr pc = context.pc();
  switch (exception) {
    case Exception::MonitorCall: return {TrapKind::MonitorCall, pc, {}, 0};
    case Exception::Fiq: return {TrapKind::Expired, pc, {}, 0};
    case Exception::PrefetchAbort:
      return {TrapKind::PrefetchAbort, pc, {faults.fetch_address}, faults.fetch_status & kStatusBits};
    case Exception::DataAbort:
      return {TrapKind::DataAbort, pc, {faults.data_address}, faults.data_status & kStatusBits};
    default: return {TrapKind::Undefined, pc, {}, 0};
  }
}

bool timer_is_late(const hal::Backend& backend, Instant limit) {
  return !backend.timer_on || backend.timer_deadline > limit;
}

/// Have the timer's interrupt come at `limit`, or before: a run without end comes up to touch the watchdog.
[[gnu::noinline]] void arm_timer(hal::Backend& backend, Instant limit) {
  set_timer(backend, std::min(limit, now(backend) + kWatchdogInterval));
}

/// An interrupt of ours ended a run at `pc`, which began at `from`: serve it. True when the run is to go on,
/// with `limit` moved for one that the timer ended before its first instruction, so that every run makes
/// progress.
[[gnu::noinline]] bool go_on(hal::Backend& backend, u32 from, u32 pc, Instant& limit) {
  serve_interrupts(backend);
  touch_watchdog(backend);
  const Instant time = now(backend);
  if (time < limit) return true;
  if (from != pc) return false;
  limit = time + kLeastRun;
  return true;
}

}  // namespace

void start_monitor() {
  // B4.1.111: cp10 and cp11 for the Normal world, as GoTEE's guests expect. [CORTEX-A7] 4.3.27: SCTLR at
  // reset.
  constexpr u32 kNsacrVfp = (1u << 10) | (1u << 11), kSctlrReset = 0x00c50078;
  gotee_prepare_normal(kSctlrReset, kNsacrVfp);
}

void start_interrupts(hal::Backend& backend) {
  backend.gic.init();
  cp15::set_cntp_ctl(kTimerMasked);
  backend.timer_on = false;
  backend.gic.enable_secure(kSecureTimerInterrupt);
}

}  // namespace gotee::imx6ul

namespace gotee::hal {

using namespace imx6ul;

Trap Machine::run(Context& context, Space space, Instant deadline) {
  if (space != backend_.active) activate(backend_, space);
  FaultRegisters faults;
  u32 from = context.r[kPc];
  for (;;) {
    if (timer_is_late(backend_, deadline)) arm_timer(backend_, deadline);
    const Exception exception = gotee_enter_user(&context, &faults);
    if (exception == Exception::Supervisor) return {TrapKind::Supervisor, context.pc(), {}, 0};
    if (exception != Exception::Fiq || !go_on(backend_, from, context.r[kPc], deadline))
      return trap_of(exception, context, faults);
    from = kNowhere;
  }
}

Trap Machine::run_normal(Context& context, BankedRegisters& banked, Instant deadline) {
  FaultRegisters faults;
  u32 from = context.r[kPc];
  for (;;) {
    if (timer_is_late(backend_, deadline)) arm_timer(backend_, deadline);
    const Exception exception = gotee_enter_normal(&context, &banked, &faults);
    if (exception != Exception::Fiq || !go_on(backend_, from, context.r[kPc], deadline))
      return trap_of(exception, context, faults);
    from = kNowhere;
  }
}

Result<> Machine::protect(PhysAddr base, u32 size) {
  if (backend_.devices.protect == nullptr) return Error::Unsupported;
  return backend_.devices.protect(base, size);
}

void Machine::idle(Instant until) {
  // Interrupts stay masked: one that becomes pending ends WFI all the same (B1.8.14).
  for (;;) {
    touch_watchdog(backend_);
    const Instant time = imx6ul::now(backend_);
    if (time >= until) break;
    set_timer(backend_, std::min(until, time + Duration{500'000'000}));
    cp15::wfi();
    serve_interrupts(backend_);
  }
}

TableMemory Machine::tables(Space space) {
  const PhysAddr base = table_slot(u32(space));
  return {{reinterpret_cast<u32*>(base.raw), kSpaceTableWords}, base};
}

Result<> Machine::define(Space space, std::span<const Region> /*regions*/) {
  if (std::size_t(space) > std::size_t(kNormalSpace)) return Error::NotFound;
  // The tables were written through the cache that the walker reads; nothing of an earlier owner may stay.
  cp15::dsb();
  cp15::invalidate_tlb_asid(asid(u32(space)));
  cp15::dsb();
  cp15::isb();
  return kOk;
}

void Machine::refresh(Space space, VirtAddr page) {
  cp15::dsb();
  cp15::invalidate_tlb_page(page_down(page.raw) | asid(u32(space)));
  cp15::dsb();
  cp15::isb();
}

Result<> Machine::read_user(Space space, VirtAddr from, std::span<u8> to) {
  activate(backend_, space);
  if (!gotee_copy_from_user(to.data(), from.raw, u32(to.size()))) return Error::Denied;
  return kOk;
}

Result<> Machine::write_user(Space space, VirtAddr to, std::span<const u8> from) {
  activate(backend_, space);
  if (!gotee_copy_to_user(to.raw, from.data(), u32(from.size()))) return Error::Denied;
  return kOk;
}

void Machine::read(PhysAddr from, std::span<u8> to) {
  std::memcpy(to.data(), reinterpret_cast<const void*>(from.raw), to.size());
}

void Machine::write(PhysAddr to, std::span<const u8> from) {
  std::memcpy(reinterpret_cast<void*>(to.raw), from.data(), from.size());
}

void Machine::clear(PhysAddr base, u32 size) {
  const u32 whole = base.raw % 128 == 0 ? size & ~127u : 0;
  gotee_clear(base.raw, whole);
  std::memset(reinterpret_cast<void*>(base.raw + whole), 0, size - whole);
}

void Machine::publish_code(PhysAddr base, u32 size) {
  for (u32 at = base.raw & ~(kCacheLine - 1); at < base.raw + size; at += kCacheLine)
    cp15::clean_dcache_line(at);
  cp15::dsb();
  cp15::invalidate_icache(0);
  cp15::invalidate_predictor(0);
  cp15::dsb();
  cp15::isb();
}

Instant Machine::now() { return imx6ul::now(backend_); }

Result<> Machine::random(std::span<u8> out) {
  if (backend_.devices.random == nullptr) return Error::Device;
  return backend_.devices.random(out);
}

void Machine::console(std::string_view text) {
  for (const char c : text) {
    if (c == '\n') backend_.console.put('\r');
    backend_.console.put(u8(c));
  }
}

Result<> Machine::led(Led led, bool on) {
  if (backend_.devices.led == nullptr) return Error::Unsupported;
  return backend_.devices.led(led, on);
}

}  // namespace gotee::hal
