// SPDX-License-Identifier: BSD-3-Clause
//
// What happens inside Unicorn's callbacks: counting, preemption, alignment, observation.
//
// The block hook is the only one in the common run, so it does as little as possible. Alignment is decided
// there too, from registers at the start of the block (hal/sim/blocks.h). Where that is not possible, or
// where the check fails, the block is armed: translated again with a hook on each of its instructions, which
// looks at the address itself.
#include <algorithm>
#include <cstring>

#include "core/fault/instruction.h"
#include "hal/sim/engine.h"
#include "hal/sim/normal_world.h"

namespace gotee::sim {

void Engine::on_block(uc_engine* /*uc*/, uint64_t address64, uint32_t size, void* self) {
  auto& engine = *static_cast<Engine*>(self);
  const auto address = u32(address64);
  const Entry& entry = engine.entries_[(address >> 1) & (kCacheEntries - 1)];
  const u64 executed = engine.executed_ + entry.count;
  const AlignedSet known = engine.aligned_;
  if (entry.address == address && entry.size == size && (entry.needs & ~known) == 0 &&
      executed <= engine.fast_limit_) [[likely]] {
    engine.current_ = &entry;
    engine.aligned_ = (known & entry.keeps) | entry.gains;
    engine.executed_ = executed;
    engine.counted_ = entry.count;
    engine.first_counted_ = 0;
    return;
  }
  engine.enter_block(address, size);
}

/// Everything that the fast path above does not know.
[[gnu::noinline]] void Engine::enter_block(u32 address, u32 size) {
  const auto stop = [this](Stop why) {
    stopped_at_ = current_->address | (current_->thumb ? 1 : 0);
    stop_ = why;
    uc_emu_stop(uc_);
  };
  if (observing_) report_skipped(executed_);
  u64 count = part_;
  if (part_ == 0) {
    Entry& entry = entries_[(address >> 1) & (kCacheEntries - 1)];
    if (entry.address != address || entry.size != size || writable_code_) describe(entry, address, size);
    current_ = &entry;
    count = entry.count;
  } else if (address != current_->block->starts[first_]) {
    return stop(Stop::Budget);  // inside run_part nothing but its own block may run
  }
  const bool guarded = part_ == 0 && current_->guard < count;
  if (executed_ + (guarded ? current_->guard : count) > limit_) return stop(Stop::Budget);
  if (guarded) return stop(Stop::Guarded);
  if ((current_->needs & ~aligned_) != 0 && !aligned(*current_)) {
    stop(Stop::Rearm);
    return arm(*current_);
  }
  aligned_ = (aligned_ & current_->keeps) | current_->gains;
  executed_ += count;
  counted_ = count;
  first_counted_ = part_ != 0 ? first_ : 0;
}

void Engine::describe(Entry& entry, u32 address, u32 size) {
  const bool thumb = (cpsr() & kCpsrThumb) != 0;
  const u64 key = u64{address} << 32 | u64{size} << 1 | (thumb ? 1 : 0);
  auto found = blocks_.find(key);
  if (found == blocks_.end() || writable_code_) {
    found = blocks_.insert_or_assign(key, analyse(address, size, thumb, [this](u32 at) { return fetch(at); }))
                .first;
  }
  const Block& block = found->second;
  const auto count = u32(block.starts.size());
  const bool closely = block.unknown || !block.checks.empty();
  entry = {address, size,  count, block.needs | (closely ? kLookCloser : 0), block.keeps, block.gains,
           thumb,   count, &block};
  if (entry.needs != 0 && armed(block)) entry.needs = entry.gains = 0;
  if (seen_in_both_states(address, thumb)) entry.size = kNowhere;  // asked again every time
  if (world_ == World::Normal) {
    entry.guard = first_guarded(block, thumb, [this](u32 at) { return fetch(at); });
  }
}

/// The block hook is not told the instruction set, and asking costs. The same bytes may be run in both,
/// though: so whenever a block is translated, it is noted where it begins.
bool Engine::seen_in_both_states(u32 address, bool thumb) {
  u8& states = states_[address];
  states = u8(states | (thumb ? 2 : 1));
  return states == 3;
}

void Engine::on_translation(uc_engine* /*uc*/, uc_tb* block, uc_tb* /*previous*/, void* self) {
  auto& engine = *static_cast<Engine*>(self);
  const auto address = u32(block->pc);
  if (!engine.seen_in_both_states(address, (engine.cpsr() & kCpsrThumb) != 0)) return;
  Entry& entry = engine.entries_[(address >> 1) & (kCacheEntries - 1)];
  if (entry.address == address) entry.address = kNowhere;
}

/// True when every address of the block that can be known is aligned as its instruction demands.
bool Engine::aligned(const Entry& entry) {
  if (entry.block->unknown) return false;
  for (u32 left = entry.block->needs & ~aligned_; left != 0; left &= left - 1) {
    const auto bit = u32(__builtin_ctz(left));
    if (register_value(bit % 16) % (bit < 16 ? 4 : 8) != 0) return false;
  }
  for (const AlignmentCheck& check : entry.block->checks) {
    if ((register_value(check.source) + u32(check.delta)) % check.alignment != 0) return false;
  }
  aligned_ |= entry.block->needs;
  return true;
}

bool Engine::armed(const Block& block) const {
  for (std::size_t i = 0; i < block.starts.size(); ++i) {
    if (block.demanding[i] && !hooked_.contains(block.starts[i])) return false;
  }
  return true;
}

void Engine::arm(const Entry& entry) {
  const Block& block = *entry.block;
  const u32 base = entry.address, end = block.end;
  for (std::size_t i = 0; i < block.starts.size(); ++i) {
    if (!block.demanding[i] || !hooked_.insert(block.starts[i]).second) continue;
    uc_hook hook = 0;
    const uc_err error = uc_hook_add(uc_, &hook, UC_HOOK_CODE, reinterpret_cast<void*>(on_suspect), this,
                                     block.starts[i], block.starts[i]);
    if (error != UC_ERR_OK) failure_ = "no alignment hook";
  }
  uc_ctl_remove_cache(uc_, base, end);
  for (Entry& other : cache_) {
    if (other.address < end && other.block != nullptr && other.block->end > base) other.address = kNowhere;
  }
}

const Engine::Suspect& Engine::suspect_at(u32 address, u32 size) {
  Suspect& suspect = suspects_[(address >> 1) % suspects_.size()];
  if (suspect.address == address && suspect.thumb == current_->thumb && !writable_code_) return suspect;
  const auto bytes = fetch(address);
  u32 code = 0;
  for (std::size_t b = 0; b < std::min<std::size_t>(bytes.size(), size); ++b)
    code |= u32(bytes[b]) << (8 * b);
  suspect = {address, current_->thumb, code, decode(code, current_->thumb)};
  return suspect;
}

/// What the manual calls the base: the word-aligned PC where it is one (A2.3).
u32 Engine::base_of(const Suspect& suspect) const {
  const u32 base = suspect.instruction.base;
  return base != kPc ? register_value(base) : (suspect.address & ~3u) + (suspect.thumb ? 4 : 8);
}

/// An instruction of an armed block.
void Engine::on_suspect(uc_engine* /*uc*/, uint64_t address, uint32_t size, void* self) {
  auto& engine = *static_cast<Engine*>(self);
  const Suspect& suspect = engine.suspect_at(u32(address), size);
  const Instruction& i = suspect.instruction;
  if (!demanding(i)) return;
  u32 target = engine.base_of(suspect) + u32(i.offset);
  if (i.index != kNoRegister) {
    const u32 index = engine.register_value(i.index);
    target += i.index_subtracted ? 0 - index : index;
  }
  if (target % i.alignment == 0) return;
  // Of IT blocks the engine skips the hook itself.
  if (!suspect.thumb && !condition_holds(suspect.code >> 28, engine.cpsr())) return;
  engine.stop_misaligned(suspect, target);
}

/// The instruction must not get past its access. A register of the address is changed so that it lies in page
/// 0, where nothing is ever mapped: the engine then takes a precise abort at this very instruction, with
/// every register and the IT state as they were, and the register is put back. (To stop from the hook is as
/// precise, but not under an IT.)
void Engine::stop_misaligned(const Suspect& suspect, u32 target) {
  constexpr u32 kMiddle = kPageSize / 2;
  const Instruction& i = suspect.instruction;
  if (misaligned_.active) failure_ = "a misaligned access was not stopped";
  misaligned_ = {true, suspect.address, target, i.access == Access::Write, kNoRegister, 0};
  const u32 base = base_of(suspect);
  if (i.base != kPc) {
    // Where the base is the index too, it counts twice: it is added, or the address would be 0 and aligned.
    spoil(i.base, i.index == i.base ? kMiddle / 2 : kMiddle - (target - base));
  } else if (i.index != kNoRegister) {
    const u32 index = kMiddle - base - u32(i.offset);
    spoil(i.index, i.index_subtracted ? 0 - index : index);
  } else {
    stop_ = Stop::Misaligned;  // LDRD and STRD of A32, which knows no IT
    uc_emu_stop(uc_);
  }
  if (i.exclusive) spoil_monitor();
}

void Engine::spoil(u8 reg, u32 value) {
  misaligned_.spoiled = reg;
  misaligned_.original = register_value(reg);
  set_register(reg, value);
}

/// The engine's STREX asks memory for nothing unless the monitor holds its address.
void Engine::spoil_monitor() {
  constexpr u64 kHeld = kPageSize / 2;
  uc_context_save(uc_, saved_);
  std::memcpy(reinterpret_cast<u8*>(saved_) + hidden_.monitor, &kHeld, sizeof kHeld);
  uc_context_restore(uc_, saved_);
}

/// Called when the engine has stopped.
void Engine::undo_misaligned(uc_err error) {
  const Misaligned& m = misaligned_;
  const bool stopped = stop_ == Stop::Exception || stop_ == Stop::Misaligned || error == UC_ERR_INSN_INVALID;
  if (!stopped || (pc_ & ~1u) != m.pc) throw EngineError{"a misaligned access was not stopped"};
  if (m.spoiled != kNoRegister) set_register(m.spoiled, m.original);
}

// --- Observation -----------------------------------------------------------------------------------------

void Engine::start_observing() {
  observing_ = true;
  observed_ = executed_;
  uc_hook hook = 0;
  uc_hook_add(uc_, &hook, UC_HOOK_CODE, reinterpret_cast<void*>(on_instruction), this, 1, 0);
  uc_hook_add(uc_, &hook, UC_HOOK_MEM_READ | UC_HOOK_MEM_WRITE, reinterpret_cast<void*>(on_memory), this, 1,
              0);
  // Hooks do not reach what is already translated. (Flushing everything instead would touch a GiB of host
  // memory.)
  for (const Region& r : regions_) {
    if (allows(r.access, Access::Execute)) uc_ctl_remove_cache(uc_, r.base.raw, u32(r.end()));
  }
}

/// Unicorn passes over instructions whose IT condition failed; they were executed, and did nothing. Reports
/// those of the current block that come before the engine's `end`-th instruction.
void Engine::report_skipped(u64 end) {
  const u64 base = executed_ - counted_;
  for (; observed_ < end; ++observed_) {
    if (observed_ < base || current_ == nullptr) continue;
    const auto& starts = current_->block->starts;
    const u64 i = observed_ - base + first_counted_;
    if (i >= starts.size()) continue;
    const u32 next = i + 1 < starts.size() ? starts[i + 1] : current_->block->end;
    observer_->instruction(*this, observed_, starts[i], next - starts[i], false);
  }
}

void Engine::on_instruction(uc_engine* /*uc*/, uint64_t address, uint32_t size, void* self) {
  auto& engine = *static_cast<Engine*>(self);
  const u64 number =
      engine.executed_ - engine.counted_ + engine.index_of(u32(address)) - engine.first_counted_;
  engine.report_skipped(number);
  engine.observed_ = number + 1;
  engine.observer_->instruction(engine, number, u32(address), size, true);
}

void Engine::on_memory(uc_engine* /*uc*/, uc_mem_type type, uint64_t address, int size, int64_t value,
                       void* self) {
  auto& engine = *static_cast<Engine*>(self);
  const bool write = type == UC_MEM_WRITE;
  auto seen = u64(value);
  if (!write) {
    seen = 0;
    for (u32 b = 0; b < u32(size); ++b) {
      const auto at = engine.peek(u32(address) + b, Access::Read);
      if (!at) return;  // not the applet's: the access will fault
      seen |= u64{*at} << (8 * b);
    }
  } else if (!engine.peek(u32(address), Access::Write)) {
    return;
  }
  engine.observer_->memory(write, u32(address), u32(size),
                           size < 8 ? seen & ((u64{1} << (8 * size)) - 1) : seen);
}

}  // namespace gotee::sim
