// SPDX-License-Identifier: BSD-3-Clause
//
// The instruction trace: what each instruction was, and what it changed.
#pragma once
#include <array>
#include <functional>
#include <string>
#include <vector>

#include "hal/sim/observer.h"

namespace gotee::sim {

inline constexpr u8 kCpsrIndex = 16, kFpscrIndex = 17, kVfpIndex = 32, kRegisterIndices = 64;

struct RegisterWrite {
  u8 index = 0;  // 0-14: r0-r14; 16: cpsr; 17: fpscr; 32-63: d0-d31
  u64 value = 0;
};
struct MemoryAccess {
  bool write = false;
  u32 address = 0;
  u32 size = 0;  // bytes, at most 8
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

/// Builds entries from what one engine reports, and hands each on once it is complete. A full trace is
/// millions of instructions a second, and reading registers is most of the work: only those are read that the
/// instruction can have changed.
class TraceRecorder : public Observer {
 public:
  using Sink = std::function<void(const TraceEntry&)>;
  explicit TraceRecorder(Sink sink) : sink_{std::move(sink)}, known_(kKnown) {}

  void instruction(const Engine& engine, u64 number, u32 pc, u32 size, bool executed) override;
  void memory(bool write, u32 address, u32 size, u64 value) override;
  void stopped(const Engine& engine, const Context& context) override;
  /// No more will come: hand on the last entry.
  void finish();

 private:
  static constexpr std::size_t kKnown = 4096;
  struct Known {  // what an instruction is, and what it may change
    u32 pc = 0xffffffff;
    u32 size = 0;
    u32 code = 0;
    u32 changes = 0;  // bit n: rn; bit 16: cpsr
    bool thumb = false;
    bool vector = false;  // VFP and Advanced SIMD registers
  };

  const Known& know(const Engine& engine, u32 pc, u32 size);
  void complete(const Engine& engine);
  void note(u8 index, u32 value);
  void note_core(const Engine& engine);
  void note_all(const Engine& engine);
  void note_vfp(const Engine& engine);

  Sink sink_;
  std::vector<Known> known_;  // by pc
  TraceEntry entry_;
  bool open_ = false;
  u32 changes_ = 0;          // of the open entry
  bool vector_ = false;      // of the open entry
  bool core_valid_ = false;  // core_ holds what the registers held before the open entry
  bool vfp_valid_ = false;   // the same of vfp_ and fpscr_
  std::array<u32, 17> core_{};
  std::array<u64, 32> vfp_{};
  u32 fpscr_ = 0;
};

}  // namespace gotee::sim
