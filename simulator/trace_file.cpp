// SPDX-License-Identifier: BSD-3-Clause
//
// Recorder, printer and file, put together.
#include "simulator/trace_file.h"

namespace gotee::sim {
namespace {

constexpr std::size_t kChunk = 1 << 20;

}  // namespace

class TraceFile::Follower {
 public:
  Follower(TraceFile& file, TracePrinter printer) : file_{file}, printer_{std::move(printer)} {}
  TraceRecorder& recorder() { return recorder_; }

 private:
  TraceFile& file_;
  TracePrinter printer_;
  TraceRecorder recorder_{[this](const TraceEntry& entry) { file_.write(printer_.line(entry)); }};
};

TraceFile::TraceFile(const std::string& path, Disassembler& disassembler, std::function<void()> broken)
    : file_{path},
      form_{path.ends_with(".jsonl") ? TracePrinter::Form::JsonLines : TracePrinter::Form::Text},
      disassembler_{disassembler},
      broken_{std::move(broken)} {}

TraceFile::~TraceFile() = default;

void TraceFile::follow(Engine& engine, std::string_view applet) {
  followers_.push_back(std::make_unique<Follower>(*this, TracePrinter{form_, disassembler_, applet}));
  engine.observe(0, &followers_.back()->recorder());
}

void TraceFile::write(std::string_view line) {
  pending_ += line;
  if (pending_.size() < kChunk) return;
  file_.write(pending_);
  pending_.clear();
  if (file_.error()) broken_();
}

std::optional<std::string> TraceFile::commit() {
  for (const auto& follower : followers_) follower->recorder().finish();
  file_.write(pending_);
  return file_.commit();
}

}  // namespace gotee::sim
