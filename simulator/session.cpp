// SPDX-License-Identifier: BSD-3-Clause
//
// Running, and replaying.
#include "simulator/session.h"

#include <algorithm>
#include <deque>

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
  if (const auto refused = kernel_->load(image.name, image.bytes, load)) return std::string{refused->view()};
  return std::nullopt;
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

void Session::run_until_over(u32 applet) {
  kernel_->start();
  while (kernel_->applets()[applet].outcome == Outcome::Running && !backend_.spent()) {
    const Kernel::Step step = kernel_->step();
    if (step == Kernel::Step::Finished || step == Kernel::Step::Deadlock) return;
  }
}

std::vector<TraceEntry> replay_last(const SessionOptions& options, const std::vector<AppletImage>& images,
                                    const Session& first, u32 applet, u64 count) {
  SessionSinks silent;
  silent.console = [](std::string_view) {};
  Session again{options, std::move(silent), images.size() > 1, &first.backend().clock.recording()};
  for (const AppletImage& image : images) {
    if (again.load(image)) return {};
  }
  std::deque<TraceEntry> last;
  TraceRecorder recorder{[&](const TraceEntry& entry) {
    last.push_back(entry);
    if (last.size() > count) last.pop_front();
  }};
  const u64 executed = first.executed(applet);
  again.engine(applet).observe(executed - std::min(executed, count), &recorder);
  again.run_until_over(applet);
  recorder.finish();
  return {last.begin(), last.end()};
}

}  // namespace gotee::sim
