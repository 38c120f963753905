// SPDX-License-Identifier: BSD-3-Clause
//
// One Unicorn engine for one address space: user mode (or the Normal world's own modes), the core's own page
// tables, the MMU on.
//
// Unicorn walks the core's tables with one change: every output address is the virtual one (2.0.1 mishandles
// any other), and the memory behind the real output address is mapped there. Rights, domains, sections and
// pages are what core wrote, so every violation is found by the architecture's own rules.
#pragma once
#include <unicorn/unicorn.h>

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "core/exec/banked.h"
#include "core/fault/instruction.h"
#include "core/fault/trap.h"
#include "core/mem/page_table.h"
#include "hal/sim/blocks.h"
#include "hal/sim/dram.h"
#include "hal/sim/observer.h"

namespace gotee::sim {

/// A library that answers wrongly, or refuses: the simulator cannot be trusted and must not start.
struct EngineError {
  std::string what;
};

/// CNTFRQ: the i.MX6UL's system counter runs at 8 MHz ([IMX6ULRM] 45.1: 24 MHz, divided by 3).
inline constexpr u32 kCounterHz = 8'000'000;

/// Where this version of the library keeps what it has no name for, in a saved context.
struct HiddenState {
  std::size_t address = 0;  // fault registers of the last abort
  std::size_t status = 0;
  std::size_t monitor = 0;  // the address that the exclusive monitor holds, 64 bits
};

/// Whose code it is: an applet's, at PL0; or the Normal world's, in whatever mode it chooses.
enum class World : u8 { Secure, Normal };

class Engine {
 public:
  /// `counter_time` answers CNTPCT at PL0: the count of the simulated 8 MHz system counter.
  Engine(const Dram& dram, HiddenState hidden, std::function<u64()> counter_time,
         World world = World::Secure);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// Install tables and the memory behind them. Once. Throws EngineError.
  void define(TableMemory tables, std::span<const Region> regions);
  /// Core changed one page's descriptor.
  void refresh(VirtAddr page);
  /// Code was written there by somebody else than the code itself.
  void forget_code(u32 base, u32 size);

  /// Who may use VFP, as the Normal world left it; take() before it runs, give() afterwards.
  void take(const BankedRegisters& banked);
  void give(BankedRegisters& banked) const;

  /// Execute at most `budget` instructions (at least one; up to three more to leave an IT block).
  Trap run(Context& context, u64 budget);

  static constexpr std::size_t kContextRegisters = 16 + 1 + 32 + 1;  // r, cpsr, d, fpscr

  /// Instructions executed so far, exactly.
  u64 executed() const { return executed_; }
  /// From the `number`-th instruction on, tell `observer` everything. Once, before that instruction.
  void observe(u64 number, Observer* observer);
  bool observing() const { return observing_; }
  /// General registers, CPSR, and optionally VFP, of the engine at this moment; for observers.
  void read_core(std::array<u32, 17>& out) const;
  /// One of these: 0-15, or 16 for the CPSR.
  u32 read_core(u32 index) const;
  void read_vfp(std::array<u64, 32>& out) const;
  u32 read_fpscr() const;
  /// The saved context blob, in which HiddenState is found.
  std::span<const u8> saved_context();
  /// Up to 4 bytes at an address whose memory never changes: code and constants. None elsewhere.
  std::span<const u8> fetch(u32 address) const;
  /// What fetch() gives for an address may be different next time.
  bool code_may_change() const { return writable_code_; }
  /// One byte of the applet's own memory, if it has `right` there.
  std::optional<u8> peek(u32 address, Access right) const;

 private:
  enum class Stop : u8 { None, Exception, Budget, Rearm, Guarded, Misaligned };

  static constexpr u32 kNowhere = 0xffffffff;
  /// What the block hook needs at once; the rest is in `block`.
  struct Entry {
    u32 address = kNowhere;
    u32 size = 0;
    u32 count = 0;
    AlignedSet needs = 0;  // with kLookCloser when the fast path must not be taken
    AlignedSet keeps = 0;
    AlignedSet gains = 0;
    bool thumb = false;
    u32 guard = 0;  // Normal world: the first instruction that is not left to the processor
    const Block* block = nullptr;
  };
  static constexpr AlignedSet kLookCloser = 1u << 15;  // never among the facts that are known
  static constexpr std::size_t kCacheEntries = 1u << 14;
  struct Suspect {  // a decoded instruction of an armed block
    u32 address = kNowhere;
    bool thumb = false;
    u32 code = 0;
    Instruction instruction;
  };
  struct Misaligned {  // an access that is being stopped, see on_suspect
    bool active = false;
    u32 pc = 0;
    u32 address = 0;
    bool write = false;
    u8 spoiled = kNoRegister;  // the register that was changed to make it fault
    u32 original = 0;
  };

  static void on_block(uc_engine* uc, uint64_t address, uint32_t size, void* self);
  void enter_block(u32 address, u32 size);
  static void on_translation(uc_engine* uc, uc_tb* block, uc_tb* previous, void* self);
  static void on_interrupt(uc_engine* uc, uint32_t number, void* self);
  static void on_suspect(uc_engine* uc, uint64_t address, uint32_t size, void* self);
  static void on_instruction(uc_engine* uc, uint64_t address, uint32_t size, void* self);
  static void on_memory(uc_engine* uc, uc_mem_type type, uint64_t address, int size, int64_t value,
                        void* self);

  void describe(Entry& entry, u32 address, u32 size);
  bool seen_in_both_states(u32 address, bool thumb);
  const Suspect& suspect_at(u32 address, u32 size);
  bool aligned(const Entry& entry);
  void arm(const Entry& entry);
  bool armed(const Block& block) const;
  u32 base_of(const Suspect& suspect) const;
  void stop_misaligned(const Suspect& suspect, u32 target);
  void spoil(u8 reg, u32 value);
  void spoil_monitor();
  void undo_misaligned(uc_err error);

  void load(const Context& context);
  void store(Context& context);
  Trap execute();
  std::optional<Trap> classify(uc_err error);
  std::optional<Trap> take_exception();
  std::optional<Trap> take_undefined();
  Trap take_misaligned();
  std::optional<Trap> take_guarded();
  bool emulate_cpacr(u32 pc);
  void step_over();
  std::optional<u32> code_at(u32 pc) const;
  bool emulate_counter(u32 pc);
  uc_err start(u32 until);
  std::optional<u32> budget_end();
  bool can_go_on_inside_block();
  uc_err run_part(u32 until);
  u64 index_of(u32 pc) const;
  void uncount_from(u32 pc);
  void start_observing();
  void report_skipped(u64 end);
  Trap abort(TrapKind kind, u32 pc);

  u32 register_value(u32 index) const;
  void set_register(u32 index, u32 value);
  u32 cpsr() const;
  void write_cp15(u32 crn, u32 crm, u32 op1, u32 op2, u32 value);
  u32 read_cp15(u32 crn, u32 crm, u32 op1, u32 op2) const;
  void map(u32 base, u64 size, void* host);
  void map_everything();
  void set_system_registers();
  void set_vfp_access(u32 cpacr, u32 fpexc);

  const Dram& dram_;
  HiddenState hidden_;
  std::function<u64()> counter_time_;
  World world_;
  uc_engine* uc_ = nullptr;
  uc_context* saved_ = nullptr;
  Void void_;

  TableMemory tables_;
  std::vector<Region> regions_;   // sorted; neighbours that are one piece of memory with one right are one
  u32* shadow_tables_ = nullptr;  // what Unicorn walks
  std::size_t shadow_bytes_ = 0;
  bool writable_code_ = false;

  u32 cpacr_ = 0;  // kept here: to the library it reads as zero
  Context last_;   // what the engine's registers held when it stopped
  std::array<void*, kContextRegisters> last_places_;
  u32 pc_ = 0;  // where to go on, with the Thumb bit
  u64 executed_ = 0;
  u64 limit_ = 0;
  u32 part_ = 0;           // when not 0: run_part is executing that many instructions of a block
  u64 counted_ = 0;        // instructions counted when the current block was entered
  u64 first_ = 0;          // where in the known block run_part is to begin
  u64 first_counted_ = 0;  // which of the block's instructions was the first of those counted
  Stop stop_ = Stop::None;
  u32 stopped_at_ = 0;  // the block before which the hook stopped, with the Thumb bit
  u32 exception_ = 0;
  u64 fast_limit_ = 0;              // limit_, or 0 while every block must be looked at closely
  AlignedSet aligned_ = 0;          // what is known of the registers
  const Entry* current_ = nullptr;  // the block entered last
  std::vector<Entry> cache_;
  Entry* entries_ = nullptr;  // cache_.data(), for the block hook
  std::array<Suspect, 256> suspects_;
  std::unordered_map<u64, Block> blocks_;
  std::unordered_map<u32, u8> states_;  // in which instruction sets a block begins there, by address
  std::unordered_set<u32> hooked_;      // instructions that on_suspect hears of
  Misaligned misaligned_;
  const char* failure_ = nullptr;  // found inside a callback, from which nothing can be thrown

  Observer* observer_ = nullptr;
  u64 observe_from_ = 0;
  bool observing_ = false;
  u64 observed_ = 0;  // number of the last instruction reported, plus one
};

}  // namespace gotee::sim
