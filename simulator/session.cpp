// SPDX-License-Identifier: BSD-3-Clause
//
// Running.
#include "simulator/session.h"

#include <algorithm>

namespace gotee::sim {
namespace {

hal::Backend::Options machine_options(const SessionOptions& options, const std::vector<u64>* recording) {
  hal::Backend::Options m;
  m.seed = options.seed;
  m.instruction_budget = options.max_instructions;
  m.time_budget = {options.max_virtual_ns};
  if (options.realtime) m.clock = recording != nullptr ? Clock::Mode::Replay : Clock::Mode::Realtime;
  if (options.realtime && recording != nullptr) m.recording = *recording;
  return m;
}

}  // namespace

Session::Session(const SessionOptions& options, SessionSinks sinks, bool several,
                 const std::vector<u64>* recording)
    : options_{options}, backend_{machine_options(options, recording)}, machine_{backend_} {
  backend_.on_console = std::move(sinks.console);
  backend_.on_led = std::move(sinks.led);
  backend_.on_pause = std::move(sinks.pause);
  KernelOptions kernel;
  kernel.quantum = {options.quantum * kNsPerInstruction};
  kernel.lockstep = options.lockstep;
  kernel.inject_percent = options.inject_percent;
  kernel.name_applets = several;
  kernel_ = std::make_unique<Kernel>(machine_, kernel);
}

std::optional<std::string> Session::load(const AppletImage& image) {
  const LoadOptions load{options_.region_size, options_.allow_wx};
  const auto refused = image.normal_world ? kernel_->load_normal_world(image.name, image.bytes)
                                          : kernel_->load(image.name, image.bytes, load);
  return refused ? std::optional{std::string{refused->view()}} : std::nullopt;
}

void Session::run() {
  kernel_->start();
  for (;;) {
    if (backend_.spent()) break;
    const Kernel::Step step = kernel_->step();
    if (step == Kernel::Step::Finished) break;
    if (step == Kernel::Step::Deadlock) {
      deadlocked_ = true;
      break;
    }
  }
  kernel_->finish();
}

void Session::run_until_over(std::span<const u32> applets) {
  const auto running = [this](u32 id) { return kernel_->applets()[id].outcome == Outcome::Running; };
  kernel_->start();
  while (!backend_.spent() && std::any_of(applets.begin(), applets.end(), running)) {
    const Kernel::Step step = kernel_->step();
    if (step == Kernel::Step::Finished || step == Kernel::Step::Deadlock) return;
  }
}

}  // namespace gotee::sim
