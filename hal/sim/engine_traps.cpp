// SPDX-License-Identifier: BSD-3-Clause
//
// Making traps of what Unicorn reports, and doing by hand what is not left to it.
// Ref: [ARM ARM] DDI 0406C.d, B1.8 (exceptions), B3.13 (fault registers), B8.1 (generic timer).
#include <cstring>
#include <utility>

#include "core/fault/status.h"
#include "hal/sim/engine.h"

namespace gotee::sim {
namespace {

// QEMU's exception numbers, as the INTR hook gives them.
enum : u32 { kSupervisorCall = 2, kPrefetchAbort = 3, kDataAbort = 4, kBreakpoint = 7, kMonitorCall = 13 };

constexpr u32 kItBits = 0x0600fc00;  // CPSR.IT, B1.3.3

/// CPSR with ITSTATE advanced past one instruction (A2.5.2).
u32 advance_it(u32 cpsr) {
  u32 it = ((cpsr >> 8) & 0xfc) | ((cpsr >> 25) & 3);
  it = (it & 7) == 0 ? 0 : (it & 0xe0) | ((it << 1) & 0x1f);
  return (cpsr & ~kItBits) | (it & 0xfc) << 8 | (it & 3) << 25;
}

}  // namespace

std::optional<Trap> Engine::classify(uc_err error) {
  const bool misaligned = std::exchange(misaligned_.active, false);
  const bool data_abort = stop_ == Stop::Exception && exception_ == kDataAbort;
  if (stop_ == Stop::Misaligned || (misaligned && data_abort)) return take_misaligned();
  if (stop_ == Stop::Exception) return take_exception();
  if (error == UC_ERR_INSN_INVALID) return take_undefined();
  if (error == UC_ERR_OK) return std::nullopt;  // WFI: a hint, and here nothing to wait for
  throw EngineError{std::string{"the engine failed: "} + uc_strerror(error)};
}

std::optional<Trap> Engine::take_exception() {
  const u32 pc = pc_ & ~1u;
  switch (exception_) {
    case kSupervisorCall:
      if (world_ == World::Secure) return Trap{TrapKind::Supervisor, {pc}, {}, 0};
      pc_ -=
          (pc_ & 1) != 0 ? 2 : 4;  // the guest's own affair, which is not modelled: as if it were undefined
      break;
    case kMonitorCall:
      if (world_ == World::Normal) return Trap{TrapKind::MonitorCall, {pc}, {}, 0};
      break;
    case kPrefetchAbort: return abort(TrapKind::PrefetchAbort, pc);
    case kDataAbort: uncount_from(pc); return abort(TrapKind::DataAbort, pc);
    case kBreakpoint:
      uncount_from(pc);
      return Trap{TrapKind::PrefetchAbort, {pc}, {pc}, fsr_of(FaultStatus::Debug, false)};
    default: break;
  }
  uncount_from(pc_ & ~1u);
  return Trap{TrapKind::Undefined, {pc_ & ~1u}, {}, 0};
}

Trap Engine::abort(TrapKind kind, u32 pc) {
  const auto saved = saved_context();
  Trap trap{kind, {pc}, {}, 0};
  std::memcpy(&trap.address.raw, saved.data() + hidden_.address, 4);
  std::memcpy(&trap.status, saved.data() + hidden_.status, 4);
  return trap;
}

Trap Engine::take_misaligned() {
  const Misaligned& m = misaligned_;
  // A stop from the hook may have kept the observer's hook from being called.
  const u64 number = executed_ - counted_ + index_of(m.pc) - first_counted_;
  if (observing_ && observed_ <= number) on_instruction(uc_, m.pc, 4, this);
  uncount_from(m.pc);
  return {TrapKind::DataAbort, {m.pc}, {m.address}, fsr_of(FaultStatus::Alignment, m.write)};
}

std::optional<Trap> Engine::take_undefined() {
  const u32 pc = pc_ & ~1u;
  // WFE and YIELD end their block and are reported with pc behind them; anything else with pc at the
  // instruction.
  if (pc == current_->block->end) return std::nullopt;
  uncount_from(pc);
  if (!emulate_counter(pc)) return Trap{TrapKind::Undefined, {pc}, {}, 0};
  step_over();
  return std::nullopt;
}

/// The instruction of 4 bytes at pc_ has been done by hand.
void Engine::step_over() {
  u32 state = advance_it(cpsr());
  uc_reg_write(uc_, UC_ARM_REG_CPSR, &state);
  pc_ += 4;
  ++executed_;
}

std::optional<u32> Engine::code_at(u32 pc) const {
  const auto bytes = fetch(pc);
  if (bytes.size() < 4) return std::nullopt;
  const u32 code = u32(bytes[0]) | u32(bytes[1]) << 8 | u32(bytes[2]) << 16 | u32(bytes[3]) << 24;
  return (pc_ & 1) != 0 ? code << 16 | code >> 16 : code;
}

/// The generic timer at PL0 (B8.1): the firmware opens it with CNTKCTL, here it must show simulated time, so
/// the engine keeps it shut and the three instructions are done by hand.
bool Engine::emulate_counter(u32 pc) {
  const auto read = code_at(pc);
  if (!read) return false;
  const u32 code = *read, condition = code >> 28;
  if ((pc_ & 1) != 0 ? condition != 0xe : condition == 0xf) return false;  // MRC2 and MRRC2 are others
  const u32 rt = (code >> 12) & 15;
  if ((code & 0x0fff0fff) == 0x0e1e0f10 && rt < 15) {  // MRC p15, 0, Rt, c14, c0, 0: CNTFRQ
    set_register(rt, kCounterHz);
  } else if ((code & 0x0ff00fef) == 0x0c500f0e && rt < 15 &&
             ((code >> 16) & 15) < 15) {  // MRRC: CNTPCT, CNTVCT
    const u64 count = counter_time_();
    set_register(rt, u32(count));
    set_register((code >> 16) & 15, u32(count >> 32));
  } else {
    return false;
  }
  return true;
}

void Engine::on_interrupt(uc_engine* uc, uint32_t number, void* self) {
  auto& engine = *static_cast<Engine*>(self);
  engine.exception_ = number;
  engine.stop_ = Stop::Exception;
  uc_emu_stop(uc);
}

}  // namespace gotee::sim
