// SPDX-License-Identifier: BSD-3-Clause
//
// The monitor: picks a context, runs it until it traps, and handles the trap.
#pragma once
#include "core/exec/applet.h"
#include "core/loader/elf.h"
#include "core/monitor/counter.h"
#include "core/sched/scheduler.h"

namespace gotee {

struct KernelOptions {
  Duration quantum{10'000'000};
  bool lockstep = false;
  u32 inject_percent = 0;     // 0 to 100: see lockstep_run
  u32 burst = 64;             // at most so many system calls of one applet are served without a new decision
  bool name_applets = false;  // say in log lines which applet is meant
};

struct LoadOptions {
  u32 region_size = kRegionSize;  // a multiple of 1 MiB, at most kMaxRegionSize
  bool allow_writable_executable = false;
};

inline constexpr std::size_t kMaxApplets = hal::kMaxSpaces;  // the Normal world's guest counts as one

class Kernel {
 public:
  enum class Step : u8 { Ran, Idled, Finished, Deadlock };

  Kernel(hal::Machine& machine, const KernelOptions& options);

  /// Check and load an image. Nothing when it is ready to run, else the one-line reason; a refused image
  /// leaves nothing behind.
  [[nodiscard]] std::optional<elf::Refusal> load(std::string_view name, std::span<const u8> image,
                                                 const LoadOptions& options);
  /// Check and load the Normal world's guest, at most one: an ET_EXEC image within the Normal world's DRAM,
  /// entered in System mode with every register 0, as GoTEE does. The supervisor's half of memory is
  /// protected first; where the machine cannot, the log says so.
  [[nodiscard]] std::optional<elf::Refusal> load_normal_world(std::string_view name,
                                                              std::span<const u8> image);
  /// Say that the applets start. Once, before the first step.
  void start();
  /// One decision: run one context until somebody else may have to run, or idle. After Finished or Deadlock
  /// nothing more happens.
  Step step();
  /// Print what is left of unfinished lines and the last words.
  void finish();

  std::span<const Applet> applets() const { return {applets_.data(), count_}; }

  // --- For the system calls --------------------------------------------------------------------
  hal::Machine& machine() { return machine_; }
  Scheduler& scheduler() { return scheduler_; }
  Applet* applet(u32 id) { return id < count_ ? &applets_[id] : nullptr; }
  void write_user(Applet& applet, const UserRange& range, std::span<const u8> bytes);
  void read_user(const Applet& applet, const UserRange& range, std::span<u8> out);
  /// One byte of an applet's console output; whole lines reach the machine.
  void put(Applet& applet, char c);
  void flush(Applet& applet);
  void exit(Applet& applet, Outcome outcome, u32 status);
  /// Stop an applet for a call that it must not make. `access` and `at` name the memory, if that is the
  /// matter.
  void refuse_call(Applet& applet, std::string_view reason, Access access = Access::None, VirtAddr at = {},
                   u32 size = 0);
  Result<> count_aloud(u32 seconds);
  Result<> led(std::string_view name, bool on);

 private:
  std::optional<elf::Refusal> place(Applet& applet, std::span<const u8> image, const elf::Image& elf,
                                    u32 size);
  bool map(AddressSpace& memory, hal::Space space, PhysAddr backing, u32 size, const elf::Image& elf,
           Grain grain);
  void fill(const AddressSpace& memory, hal::Space space, PhysAddr backing, u32 size,
            std::span<const u8> image, const elf::Image& elf);
  void run(Applet& applet, Instant deadline);
  bool run_once(Applet& applet, Instant deadline);
  Trap run_pair(Applet& applet, Instant deadline);
  [[gnu::noinline]] void stop_trapped(Applet& applet, const Trap& trap);
  void run_normal_world(Applet& guest, Instant deadline);
  void monitor_call(Applet& guest);
  std::optional<elf::Refusal> protect_secure_memory();
  void stop_disagreeing(Applet& applet, const FixedText<96>& disagreement);
  void stop_faulted(Applet& applet, const Fault& fault, Outcome outcome);
  Fault explain_trap(const Applet& applet, const Trap& trap);
  u32 fetch(const Applet& applet, VirtAddr pc, u32 most, u32& size);
  Applet& name_next(std::string_view name, VirtAddr entry);
  void say(std::string_view text);
  void say_loaded(const Applet& applet, VirtAddr base, std::size_t size);
  void end_line();
  Text& stamp(Text& out);
  void say_stopped(const Applet& applet, std::string_view error);
  std::string_view label(const Applet& applet) const;

  hal::Machine& machine_;
  KernelOptions options_;
  Scheduler scheduler_;
  Counter counter_;
  std::array<Applet, kMaxApplets> applets_{};
  u32 count_ = 0;
  u32 next_space_ = 0;
  PhysAddr next_backing_ = kAppletDram.base;
  bool has_normal_world_ = false;
  bool line_open_ = false;  // the console stands in the middle of a line
  u32 line_owner_ = 0;
};

}  // namespace gotee
