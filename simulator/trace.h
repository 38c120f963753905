// SPDX-License-Identifier: BSD-3-Clause
//
// The instruction trace: what each instruction was, and what it changed.
#pragma once
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "hal/sim/observer.h"
#include "simulator/disassembler.h"

namespace gotee::sim {

struct RegisterWrite {
  u8 index = 0;  // 0-14: r0-r14; 16: cpsr; 17: fpscr; 32-63: d0-d31
  u64 value = 0;
};
struct MemoryAccess {
  bool write = false;
  u32 address = 0;
  u32 size = 0;
  u64 value = 0;
};

struct TraceEntry {
  u64 number = 0;  // the applet's instruction, from 0
  u32 pc = 0;
  u32 code = 0;
  u32 size = 0;
  bool thumb = false;
  bool executed = true;  // false: its condition failed
  std::vector<RegisterWrite> writes;
  std::vector<MemoryAccess> memory;
};

/// "r3", "sp", "cpsr", "d7".
std::string register_name(u8 index);

/// Builds entries from what one engine reports, and hands each on once it is complete.
class TraceRecorder : public Observer {
 public:
  using Sink = std::function<void(const TraceEntry&)>;
  explicit TraceRecorder(Sink sink) : sink_{std::move(sink)} {}

  void instruction(const Engine& engine, u64 number, u32 pc, u32 size, bool executed) override;
  void memory(bool write, u32 address, u32 size, u64 value) override;
  void stopped(const Engine& engine, const Context& context) override;
  /// No more will come: hand on the last entry.
  void finish();

 private:
  void complete(const Engine& engine);
  void note_core(const std::array<u32, 17>& now);

  Sink sink_;
  TraceEntry entry_;
  bool open_ = false;
  bool primed_ = false;  // the register copies below are current
  bool vector_ = false;  // the open entry may change VFP registers
  std::array<u32, 17> core_{};
  std::array<u64, 32> vfp_{};
  u32 fpscr_ = 0;
};

/// One line each, with its newline, appended to `out`. `applet` is shown when not empty.
void append_text(std::string& out, const TraceEntry& entry, Disassembler& disassembler,
                 std::string_view applet);
void append_jsonl(std::string& out, const TraceEntry& entry, Disassembler& disassembler,
                  std::string_view applet);

}  // namespace gotee::sim
