// SPDX-License-Identifier: BSD-3-Clause
//
// One run of gotee-sim, from images to exit code.
#pragma once
#include <memory>

#include "simulator/console.h"
#include "simulator/evidence.h"
#include "simulator/explain.h"
#include "simulator/options.h"
#include "simulator/output_file.h"
#include "simulator/replay.h"
#include "simulator/trace_file.h"

namespace gotee::sim {

/// Standard error is a terminal and nobody set NO_COLOR (no-color.org: an empty value counts as unset).
bool wants_colour();

class Program {
 public:
  /// Throws EngineError.
  explicit Program(Options options);

  ExitCode run();

 private:
  SessionSinks sinks();
  bool load();
  bool load_one(const std::string& path, bool normal_world);
  void describe_loaded(const std::string& path) const;
  bool open_files();
  void start_trace();
  void gather_evidence();
  std::vector<LastInstructions> replay(std::span<const u32> applets);
  void write_report(ExitCode code);
  void explain() const;
  Ending ending() const;
  void remember(std::optional<std::string> error);
  bool say_errors() const;

  Options options_;
  Console console_;
  Progress progress_;
  Session session_;
  std::vector<AppletImage> images_;
  mutable Disassembler disassembler_;  // remembers what it was asked
  std::unique_ptr<OutputFile> report_file_;
  std::unique_ptr<TraceFile> trace_file_;
  std::vector<Evidence> evidence_;  // of the applets that did not end by themselves
  std::vector<std::string> errors_;
  int interrupts_of_run_ = 0;  // those that ended the run must not end the replay as well
};

}  // namespace gotee::sim
