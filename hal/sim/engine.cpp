// SPDX-License-Identifier: BSD-3-Clause
//
// Setting an engine up, moving registers, and running it.
// Ref: [ARM ARM] DDI 0406C.d, B3.5 (tables), B4.1 (system registers).
#include "hal/sim/engine.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <string>

namespace gotee::sim {
namespace {

constexpr u64 kNoUntil = 0;  // never mapped, so never reached

// B4.1: CPACR.cp10/cp11 full access; FPEXC.EN; DACR domain 0 client; SCTLR.M set and .A clear.
constexpr u32 kCpacrVfp = 0xf << 20, kFpexcEnable = 1u << 30, kDacrClient = 1;
constexpr u32 kSctlrMmu = 1u << 0, kSctlrAlign = 1u << 1;

void check(uc_err error, const char* what) {
  if (error != UC_ERR_OK) throw EngineError{std::string{what} + ": " + uc_strerror(error)};
}

/// Regions in order. Neighbours are one where nothing tells them apart: an instruction may lie across both.
std::vector<Region> joined(std::span<const Region> regions) {
  std::vector<Region> sorted{regions.begin(), regions.end()};
  std::sort(sorted.begin(), sorted.end(), [](const Region& a, const Region& b) { return a.base < b.base; });
  std::vector<Region> out;
  for (const Region& r : sorted) {
    const bool same = !out.empty() && out.back().end() == r.base.raw && out.back().access == r.access &&
                      u64{out.back().backing.raw} + out.back().size == r.backing.raw;
    same ? void(out.back().size += r.size) : out.push_back(r);
  }
  return out;
}

/// Register numbers for the batch calls: r0-r12, sp, lr, pc, cpsr; and d0-d31.
const std::array<int, 17>& core_ids() {
  static const auto ids = [] {
    std::array<int, 17> a{};
    for (int i = 0; i < 13; ++i) a[std::size_t(i)] = UC_ARM_REG_R0 + i;
    a[13] = UC_ARM_REG_SP, a[14] = UC_ARM_REG_LR, a[15] = UC_ARM_REG_PC, a[16] = UC_ARM_REG_CPSR;
    return a;
  }();
  return ids;
}
const std::array<int, 32>& vfp_ids() {
  static const auto ids = [] {
    std::array<int, 32> a{};
    for (int i = 0; i < 32; ++i) a[std::size_t(i)] = UC_ARM_REG_D0 + i;
    return a;
  }();
  return ids;
}

/// The whole context, but for what has no number; and where each goes.
const std::array<int, Engine::kContextRegisters>& context_ids() {
  static const auto ids = [] {
    std::array<int, Engine::kContextRegisters> a{};
    const auto end = std::copy(core_ids().begin(), core_ids().end(), a.begin());
    *std::copy(vfp_ids().begin(), vfp_ids().end(), end) = UC_ARM_REG_FPSCR;
    return a;
  }();
  return ids;
}
std::array<void*, Engine::kContextRegisters> places_in(Context& context) {
  std::array<void*, Engine::kContextRegisters> places{};
  auto* next = places.data();
  for (u32& r : context.r) *next++ = &r;
  *next++ = &context.cpsr;
  for (u64& d : context.d) *next++ = &d;
  *next = &context.fpscr;
  return places;
}

template <class T, std::size_t N>
std::array<void*, N> pointers(std::array<T, N>& values) {
  std::array<void*, N> p{};
  for (std::size_t i = 0; i < N; ++i) p[i] = &values[i];
  return p;
}

}  // namespace

Engine::Engine(const Dram& dram, HiddenState hidden, std::function<u64()> counter_time, World world)
    : dram_{dram},
      hidden_{hidden},
      counter_time_{std::move(counter_time)},
      world_{world},
      last_places_{places_in(last_)},
      cache_(kCacheEntries),
      entries_{cache_.data()} {
  check(uc_open(UC_ARCH_ARM, UC_MODE_ARM, &uc_), "uc_open");
  check(uc_ctl_set_cpu_model(uc_, UC_CPU_ARM_CORTEX_A7), "choosing a Cortex-A7");
  check(uc_context_alloc(uc_, &saved_), "uc_context_alloc");
  uc_hook hook = 0;
  check(uc_hook_add(uc_, &hook, UC_HOOK_INTR, reinterpret_cast<void*>(on_interrupt), this, 1, 0),
        "INTR hook");
  check(uc_hook_add(uc_, &hook, UC_HOOK_BLOCK, reinterpret_cast<void*>(on_block), this, 1, 0), "BLOCK hook");
  check(uc_hook_add(uc_, &hook, UC_HOOK_EDGE_GENERATED, reinterpret_cast<void*>(on_translation), this, 1, 0),
        "EDGE hook");
}

Engine::~Engine() {
  if (saved_ != nullptr) uc_context_free(saved_);
  if (uc_ != nullptr) uc_close(uc_);
  if (shadow_tables_ != nullptr) munmap(shadow_tables_, shadow_bytes_);
}

void Engine::map(u32 base, u64 size, void* host) {
  if (size != 0) check(uc_mem_map_ptr(uc_, base, size, UC_PROT_ALL, host), "mapping memory");
}

void Engine::write_cp15(u32 crn, u32 crm, u32 op1, u32 op2, u32 value) {
  uc_arm_cp_reg reg{15, 0, 0, crn, crm, op1, op2, value};
  check(uc_reg_write(uc_, UC_ARM_REG_CP_REG, &reg), "writing a system register");
}

u32 Engine::read_cp15(u32 crn, u32 crm, u32 op1, u32 op2) const {
  uc_arm_cp_reg reg{15, 0, 0, crn, crm, op1, op2, 0};
  check(uc_reg_read(uc_, UC_ARM_REG_CP_REG, &reg), "reading a system register");
  return u32(reg.val);
}

void Engine::define(TableMemory tables, std::span<const Region> regions) {
  tables_ = tables;
  regions_ = joined(regions);
  writable_code_ = std::any_of(regions_.begin(), regions_.end(), [](const Region& r) {
    return allows(r.access, Access::Write | Access::Execute);
  });
  shadow_bytes_ = tables.words.size() * 4;
  void* host = mmap(nullptr, shadow_bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (host == MAP_FAILED) throw EngineError{"no memory for translation tables"};
  shadow_tables_ = static_cast<u32*>(host);
  map_everything();
  for (u32 mib = 0; mib < kFirstLevelWords; ++mib) refresh({mib * kSectionSize});
  set_system_registers();
  store(last_);
}

/// What the regions grant, the tables, and nothing anywhere else.
void Engine::map_everything() {
  struct Piece {
    u64 base, end;
    u8* host;
  };
  std::vector<Piece> pieces;
  for (const Region& r : regions_) {
    u8* memory = dram_.at(r.backing, r.size);
    if (!pieces.empty() && pieces.back().end == r.base.raw &&
        pieces.back().host + (pieces.back().end - pieces.back().base) == memory) {
      pieces.back().end = r.end();
    } else {
      pieces.push_back({r.base.raw, r.end(), memory});
    }
  }
  const u64 tables = tables_.base.raw;
  pieces.push_back({tables, tables + shadow_bytes_, reinterpret_cast<u8*>(shadow_tables_)});
  std::sort(pieces.begin(), pieces.end(), [](const Piece& a, const Piece& b) { return a.base < b.base; });
  u64 at = 0;
  for (const Piece& piece : pieces) {
    map(u32(at), piece.base - at, void_.at(u32(at)));
    map(u32(piece.base), piece.end - piece.base, piece.host);
    at = piece.end;
  }
  map(u32(at), (u64{1} << 32) - at, void_.at(u32(at)));
}

void Engine::set_system_registers() {
  if (world_ == World::Secure) set_vfp_access(kCpacrVfp, kFpexcEnable);
  write_cp15(2, 0, 0, 0, tables_.base.raw);  // TTBR0
  write_cp15(2, 0, 0, 2, 0);                 // TTBCR: TTBR0 alone, short descriptors
  write_cp15(3, 0, 0, 0, kDacrClient);
  write_cp15(1, 0, 0, 0, (read_cp15(1, 0, 0, 0) | kSctlrMmu) & ~kSctlrAlign);
  u32 mode = world_ == World::Secure ? kCpsrUser : kCpsrSystem;
  check(uc_reg_write(uc_, UC_ARM_REG_CPSR, &mode), "leaving supervisor mode");
}

void Engine::take(const BankedRegisters& banked) {
  BankedRegisters now;
  give(now);
  if (banked.cpacr != now.cpacr || banked.fpexc != now.fpexc) set_vfp_access(banked.cpacr, banked.fpexc);
}

void Engine::set_vfp_access(u32 cpacr, u32 fpexc) {
  u32 mode = cpsr();
  cpacr_ = cpacr & kCpacrVfp;
  write_cp15(1, 0, 0, 2, cpacr_);
  check(uc_reg_write(uc_, UC_ARM_REG_FPEXC, &fpexc), "switching VFP");
  check(uc_reg_write(uc_, UC_ARM_REG_CPSR, &mode), "switching VFP");  // makes the engine look at both again
}

void Engine::give(BankedRegisters& banked) const {
  banked.cpacr = cpacr_;
  check(uc_reg_read(uc_, UC_ARM_REG_FPEXC, &banked.fpexc), "reading FPEXC");
}

void Engine::forget_code(u32 base, u32 size) { uc_ctl_remove_cache(uc_, base, base + size); }

void Engine::refresh(VirtAddr page) {
  // Copy the descriptors of one MiB, with output address = input address.
  const u32 mib = page.raw / kSectionSize;
  const u32 first = tables_.words[mib];
  const bool table = (first & 3) == 1;
  shadow_tables_[mib] = table || first == 0 ? first : (first & (kSectionSize - 1)) | mib * kSectionSize;
  if (table) {
    const u32 offset = ((first & ~0x3ffu) - tables_.base.raw) / 4;
    for (u32 i = 0; i < kSecondLevelWords; ++i) {
      const u32 second = tables_.words[offset + i];
      const u32 address = mib * kSectionSize + i * kPageSize;
      shadow_tables_[offset + i] = second == 0 ? 0 : (second & (kPageSize - 1)) | address;
    }
  }
  write_cp15(8, 7, 0, 1, page_down(page.raw));  // TLBIMVA
}

u32 Engine::register_value(u32 index) const {
  u32 value = 0;
  uc_reg_read(uc_, core_ids()[index], &value);
  return value;
}

void Engine::set_register(u32 index, u32 value) { uc_reg_write(uc_, core_ids()[index], &value); }

u32 Engine::cpsr() const {
  u32 value = 0;
  uc_reg_read(uc_, UC_ARM_REG_CPSR, &value);
  return value;
}

void Engine::read_core(std::array<u32, 17>& out) const {
  auto p = pointers(out);
  uc_reg_read_batch(uc_, const_cast<int*>(core_ids().data()), p.data(), int(p.size()));
  if (misaligned_.active && misaligned_.spoiled != kNoRegister)
    out[misaligned_.spoiled] = misaligned_.original;
}

u32 Engine::read_core(u32 index) const {
  if (misaligned_.active && misaligned_.spoiled == index) return misaligned_.original;
  return register_value(index);
}

void Engine::read_vfp(std::array<u64, 32>& out) const {
  auto p = pointers(out);
  uc_reg_read_batch(uc_, const_cast<int*>(vfp_ids().data()), p.data(), int(p.size()));
}

u32 Engine::read_fpscr() const {
  u32 value = 0;
  uc_reg_read(uc_, UC_ARM_REG_FPSCR, &value);
  return value;
}

void Engine::store(Context& context) {
  uc_reg_read_batch(uc_, const_cast<int*>(context_ids().data()), last_places_.data(),
                    int(last_places_.size()));
  last_.r[kPc] &= ~1u;
  last_.tpidrurw = read_cp15(13, 0, 0, 2);
  context = last_;
}

void Engine::load(const Context& context) {
  pc_ = context.r[kPc] | (context.thumb() ? 1 : 0);
  aligned_ = 0;
  if (context == last_) return;
  if (context.cpsr != last_.cpsr) {  // first: which r13 and r14 are meant depends on the mode
    u32 value = context.cpsr;
    if (world_ == World::Secure) value = (value & ~kCpsrMode) | kCpsrUser;  // whatever core says, PL0 it is
    uc_reg_write(uc_, UC_ARM_REG_CPSR, &value);
  }
  std::array<u32, 15> general{};
  std::copy_n(context.r.begin(), general.size(), general.begin());
  auto p = pointers(general);
  uc_reg_write_batch(uc_, const_cast<int*>(core_ids().data()), p.data(), int(p.size()));
  if (context.d != last_.d) {
    auto d = context.d;
    auto q = pointers(d);
    uc_reg_write_batch(uc_, const_cast<int*>(vfp_ids().data()), q.data(), int(q.size()));
  }
  if (context.fpscr != last_.fpscr) {
    u32 fpscr = context.fpscr;
    uc_reg_write(uc_, UC_ARM_REG_FPSCR, &fpscr);
  }
  if (context.tpidrurw != last_.tpidrurw) write_cp15(13, 0, 0, 2, context.tpidrurw);
}

std::span<const u8> Engine::saved_context() {
  uc_context_save(uc_, saved_);
  return {reinterpret_cast<const u8*>(saved_), uc_context_size(uc_)};
}

std::span<const u8> Engine::fetch(u32 address) const {
  for (const Region& r : regions_) {
    if (!r.contains({address})) continue;
    const bool constant = !allows(r.access, Access::Write) || writable_code_;
    if (!constant || !allows(r.access, Access::Read)) return {};
    return {dram_.at({r.backing.raw + (address - r.base.raw)}, 1),
            std::size_t(std::min<u64>(4, r.end() - address))};
  }
  return {};
}

std::optional<u8> Engine::peek(u32 address, Access right) const {
  for (const Region& r : regions_) {
    if (r.contains({address}) && allows(r.access, right)) {
      return *dram_.at({r.backing.raw + (address - r.base.raw)}, 1);
    }
  }
  return std::nullopt;
}

void Engine::observe(u64 number, Observer* observer) {
  observe_from_ = number;
  observer_ = observer;
}

// --- Running ---------------------------------------------------------------------------------------

Trap Engine::run(Context& context, u64 budget) {
  load(context);
  const u64 end = executed_ + std::max<u64>(budget, 1);
  Trap trap{TrapKind::Expired, {}, {}, 0};
  if (observer_ != nullptr && !observing_) {
    if (observe_from_ > executed_) {
      limit_ = std::min(end, observe_from_);
      trap = execute();
    }
    if (trap.kind == TrapKind::Expired && executed_ >= observe_from_) start_observing();
  }
  if (trap.kind == TrapKind::Expired && executed_ < end) {
    limit_ = end;
    trap = execute();
  }
  store(context);
  context.r[kPc] = last_.r[kPc] = pc_ & ~1u;
  if (trap.kind == TrapKind::Supervisor || trap.kind == TrapKind::Expired) trap.pc = context.pc();
  if (observing_) observer_->stopped(*this, context);
  return trap;
}

/// Runs until a trap, or until limit_ instructions have been executed.
Trap Engine::execute() {
  for (;;) {
    const u64 before = executed_;
    uc_err error = UC_ERR_OK;
    if (can_go_on_inside_block()) {
      stop_ = Stop::Budget;
    } else {
      first_ = 0;
      error = start(kNoUntil);
    }
    if (stop_ == Stop::Guarded && current_->guard == 0) {
      if (const auto trap = take_guarded()) return *trap;
      continue;
    }
    if (stop_ == Stop::Guarded) {
      part_ = current_->guard;
      error = run_part(current_->block->starts[part_]);
    } else if (stop_ == Stop::Budget) {
      const auto until = budget_end();
      if (!until) return {TrapKind::Expired, {pc_ & ~1u}, {}, 0};
      if (*until == kNoUntil) continue;
      error = run_part(*until);
      if (stop_ == Stop::None && error == UC_ERR_OK && (pc_ & ~1u) == *until) {
        return {TrapKind::Expired, {pc_ & ~1u}, {}, 0};
      }
    }
    if (stop_ == Stop::Rearm || stop_ == Stop::Budget) continue;
    if (const auto trap = classify(error)) return *trap;
    if (executed_ == before) throw EngineError{"the engine stopped without a reason"};
  }
}

uc_err Engine::start(u32 until) {
  stop_ = Stop::None;
  fast_limit_ = part_ != 0 || observing_ || writable_code_ ? 0 : limit_;
  const uc_err error = uc_emu_start(uc_, pc_, until, 0, 0);
  if (failure_ != nullptr) throw EngineError{failure_};
  const bool by_block_hook = stop_ == Stop::Budget || stop_ == Stop::Rearm || stop_ == Stop::Guarded;
  if (by_block_hook && part_ == 0) {
    // Stopped by the block hook: with any CODE hook about, Unicorn then leaves its pc a few blocks behind.
    pc_ = stopped_at_;
  } else {
    pc_ = register_value(kPc) | ((cpsr() & kCpsrThumb) != 0 ? 1 : 0);
  }
  if (misaligned_.active) undo_misaligned(error);
  return error;
}

/// After a preemption the engine stands inside a block that is known already. When the budget ends in it
/// again, the block hook need not be asked, which saves translating the rest of the block. Sets first_.
bool Engine::can_go_on_inside_block() {
  if (current_ == nullptr || current_->block == nullptr || writable_code_) return false;
  const Block& block = *current_->block;
  const u64 index = index_of(pc_ & ~1u);
  const u64 left = limit_ - std::min(executed_, limit_);
  if (index == 0 || index + left >= block.starts.size() || block.inside_it[index]) return false;
  if (current_->thumb != ((pc_ & 1) != 0)) return false;
  first_ = index;
  return true;
}

/// The next block holds more instructions than are left. Nothing when none is left; otherwise the address of
/// the first instruction not to execute, or kNoUntil when the whole block must run because it ends inside an
/// IT block.
std::optional<u32> Engine::budget_end() {
  if (executed_ >= limit_) return std::nullopt;
  const Block& block = *current_->block;
  auto index = std::size_t(first_ + limit_ - executed_);
  while (index < block.starts.size() && block.inside_it[index]) ++index;
  if (index >= block.starts.size()) {
    limit_ = executed_ + block.starts.size() - first_;
    return u32(kNoUntil);
  }
  part_ = u32(index - first_);
  limit_ = std::max(limit_, executed_ + part_);  // an IT block on the edge is finished first
  return block.starts[index];
}

/// Execute part_ instructions of the block at pc_. A translation that ends there must not stay behind, or it
/// would stop every later pass.
uc_err Engine::run_part(u32 until) {
  const u32 base = current_->block->starts.front(), end = current_->block->end;
  uc_ctl_remove_cache(uc_, base, end);
  const uc_err error = start(until);
  part_ = 0;
  uc_ctl_remove_cache(uc_, base, end);
  return error;
}

/// Which of the current block's instructions stands at `pc`; all of them when none does.
u64 Engine::index_of(u32 pc) const {
  const auto& starts = current_->block->starts;
  return u64(std::find(starts.begin(), starts.end(), pc) - starts.begin());
}

/// The block hook counted the whole block; the instruction at `pc` and those behind it did not complete.
void Engine::uncount_from(u32 pc) {
  const u64 index = index_of(pc);
  if (index >= first_counted_ && index - first_counted_ < counted_)
    executed_ -= counted_ - (index - first_counted_);
}

}  // namespace gotee::sim
