// SPDX-License-Identifier: BSD-3-Clause
//
// --trace: every instruction of a run, into a file.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "hal/sim/engine.h"
#include "simulator/output_file.h"
#include "simulator/trace_printer.h"

namespace gotee::sim {

class TraceFile {
 public:
  /// JSON lines if the name ends in .jsonl, else text. `broken` is called when writing fails. `disassembler`
  /// must outlive this.
  TraceFile(const std::string& path, Disassembler& disassembler, std::function<void()> broken);
  ~TraceFile();
  TraceFile(const TraceFile&) = delete;
  TraceFile& operator=(const TraceFile&) = delete;

  /// Write what this engine does, from its next instruction on. `applet` is shown when not empty. This must
  /// outlive the engine's last run.
  void follow(Engine& engine, std::string_view applet);

  /// As OutputFile's.
  std::optional<std::string> error() const { return file_.error(); }
  std::optional<std::string> commit();

 private:
  class Follower;
  void write(std::string_view line);

  OutputFile file_;
  TracePrinter::Form form_;
  Disassembler& disassembler_;
  std::function<void()> broken_;
  std::string pending_;
  std::vector<std::unique_ptr<Follower>> followers_;
};

}  // namespace gotee::sim
