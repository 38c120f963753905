// SPDX-License-Identifier: BSD-3-Clause
//
// Replaying.
#include "simulator/replay.h"

#include <algorithm>
#include <deque>

namespace gotee::sim {
namespace {

/// Keeps the last instructions that an engine reports.
class Collector {
 public:
  Collector(Engine& engine, u64 executed, u64 count) : count_{count} {
    engine.observe(executed - std::min(executed, count), &recorder_);
  }
  LastInstructions take() {
    recorder_.finish();
    return {last_.begin(), last_.end()};
  }

 private:
  void keep(const TraceEntry& entry) {
    last_.push_back(entry);
    if (last_.size() > count_) last_.pop_front();
  }

  u64 count_;
  std::deque<TraceEntry> last_;
  TraceRecorder recorder_{[this](const TraceEntry& entry) { keep(entry); }};
};

}  // namespace

std::optional<std::vector<LastInstructions>> replay_last(const SessionOptions& options,
                                                         const std::vector<AppletImage>& images,
                                                         const Session& first, std::span<const u32> applets,
                                                         u64 count, const GoOn& go_on) {
  if (count == 0) return std::vector<LastInstructions>(applets.size());
  Session* again = nullptr;
  bool given_up = false;
  SessionSinks silent;
  silent.console = [](std::string_view) {};
  silent.pause = [&] {
    if (given_up || go_on(again->backend().executed(), again->backend().clock.now())) return;
    given_up = true;
    again->stop();
  };
  Session session{options, std::move(silent), images.size() > 1, &first.backend().clock.recording()};
  again = &session;
  for (const AppletImage& image : images) {
    if (session.load(image)) return std::nullopt;  // it was not refused the first time
  }
  std::vector<std::unique_ptr<Collector>> collectors;
  for (const u32 applet : applets) {
    collectors.push_back(std::make_unique<Collector>(session.engine(applet), first.executed(applet), count));
  }
  session.run_until_over(applets);
  if (given_up) return std::nullopt;
  std::vector<LastInstructions> last;
  last.reserve(collectors.size());
  for (const auto& collector : collectors) last.push_back(collector->take());
  return last;
}

}  // namespace gotee::sim
