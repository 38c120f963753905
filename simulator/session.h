// SPDX-License-Identifier: BSD-3-Clause
//
// One run of the core on the simulated machine.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/monitor/exit_code.h"
#include "core/monitor/kernel.h"
#include "hal/sim/backend.h"

namespace gotee::sim {

struct AppletImage {
  std::string name;
  std::string path;
  std::vector<u8> bytes;
  bool normal_world = false;  // a guest for the Normal world, not an applet
};

struct SessionOptions {
  u64 seed = 0;
  u64 quantum = 500'000;  // instructions
  u64 max_instructions = UINT64_MAX;
  u64 max_virtual_ns = UINT64_MAX;
  u32 region_size = kRegionSize;
  bool allow_wx = false;
  bool lockstep = false;
  u32 inject_percent = 0;
  bool realtime = false;
};

/// What a run tells while it goes on.
struct SessionSinks {
  std::function<void(std::string_view)> console;
  std::function<void(hal::Led, bool)> led;
  std::function<void()> pause;
};

class Session {
 public:
  /// `recording` given: replay a run whose clock was recorded so. Throws EngineError.
  Session(const SessionOptions& options, SessionSinks sinks, bool several,
          const std::vector<u64>* recording = nullptr);

  /// One applet more. Nothing when loaded, else the refusal.
  std::optional<std::string> load(const AppletImage& image);
  /// Run to the end, or until stop() was called.
  void run();
  /// Run until these applets are over.
  void run_until_over(std::span<const u32> applets);
  void stop() { backend_.stop_asked = true; }

  Kernel& kernel() { return *kernel_; }
  const Kernel& kernel() const { return *kernel_; }
  hal::Backend& backend() { return backend_; }
  const hal::Backend& backend() const { return backend_; }
  Engine& engine(u32 applet) { return *backend_.engine(kernel_->applets()[applet].space); }
  u64 executed(u32 applet) const { return backend_.engine(kernel_->applets()[applet].space)->executed(); }
  bool deadlocked() const { return deadlocked_; }
  ExitCode exit_code() const { return exit_code_of(kernel_->applets()); }

 private:
  SessionOptions options_;
  hal::Backend backend_;
  hal::Machine machine_;
  std::unique_ptr<Kernel> kernel_;
  bool deadlocked_ = false;
};

}  // namespace gotee::sim
