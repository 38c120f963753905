// SPDX-License-Identifier: BSD-3-Clause
//
// Recording.
// Ref: [ARM ARM] DDI 0406C.d, A5 (A32), A6.3.18 (T32 coprocessor), A7 (Advanced SIMD and VFP).
#include "simulator/trace.h"

#include <bit>

#include "core/fault/instruction.h"
#include "hal/sim/engine.h"

namespace gotee::sim {
namespace {

constexpr u32 kPcBit = 1u << kPc, kCpsrBit = 1u << kCpsrIndex;

/// Could this instruction write VFP or Advanced SIMD registers? (A5.6, A5.7, A6.3.18)
bool is_vector(u32 code, u32 size, bool thumb) {
  if (thumb) return size == 4 && ((code & 0xec00) == 0xec00 || (code & 0xff00) == 0xf900);
  const u32 major = (code >> 24) & 15;
  return major >= 12 ? major != 15 : code >> 28 == 15 && (major == 2 || major == 3 || major == 4);
}

/// Could this A32 instruction, which does not write the PC, change the CPSR? True where it takes a closer
/// look to say.
bool may_change_cpsr(u32 code) {
  if (code >> 28 == 15) return true;
  switch ((code >> 25) & 7) {
    case 0b000:
    case 0b001:  // S, or the miscellaneous ones: MSR, BX, saturation
      return (code & 1u << 20) != 0 || ((code >> 23) & 3) == 0b10;
    case 0b011: return (code & 1u << 4) != 0;   // media: Q and GE
    case 0b100: return (code & 1u << 22) != 0;  // exception return
    default: return false;
  }
}

u32 changes(u32 code, bool thumb) {
  const u32 registers = decode(code, thumb).writes;
  const bool cpsr = thumb || (registers & kPcBit) != 0 || may_change_cpsr(code);
  return (registers & ~kPcBit) | (cpsr ? kCpsrBit : 0);
}

u32 code_at(const Engine& engine, u32 pc, u32 size) {
  const auto bytes = engine.fetch(pc);
  u32 code = 0;
  for (u32 i = 0; i < size && i < bytes.size(); ++i) code |= u32(bytes[i]) << (8 * i);
  return code;
}

}  // namespace

std::string register_name(u8 index) {
  if (index >= kVfpIndex) return "d" + std::to_string(index - kVfpIndex);
  switch (index) {
    case kSp: return "sp";
    case kLr: return "lr";
    case kCpsrIndex: return "cpsr";
    case kFpscrIndex: return "fpscr";
    default: return "r" + std::to_string(index);
  }
}

const TraceRecorder::Known& TraceRecorder::know(const Engine& engine, u32 pc, u32 size) {
  const bool thumb = (core_[kCpsrIndex] & kCpsrThumb) != 0;
  Known& known = known_[(pc >> 1) % kKnown];
  if (known.pc != pc || known.size != size || known.thumb != thumb || engine.code_may_change()) {
    const u32 code = code_at(engine, pc, size);
    known = {pc, size, code, changes(code, thumb), thumb, is_vector(code, size, thumb)};
  }
  return known;
}

void TraceRecorder::instruction(const Engine& engine, u64 number, u32 pc, u32 size, bool executed) {
  complete(engine);
  const Known& known = know(engine, pc, size);
  entry_.number = number;
  entry_.pc = pc;
  entry_.size = size;
  entry_.thumb = known.thumb;
  entry_.code = known.code;
  entry_.executed = executed;
  if (!known.thumb && known.code >> 28 < 14)
    entry_.executed = condition_holds(known.code >> 28, core_[kCpsrIndex]);
  entry_.writes.clear();
  entry_.memory.clear();
  open_ = true;
  changes_ = known.changes;
  vector_ = known.vector;
  if (vector_ && !vfp_valid_) {
    engine.read_vfp(vfp_);
    fpscr_ = engine.read_fpscr();
    vfp_valid_ = true;
  }
}

void TraceRecorder::note(u8 index, u32 value) {
  if (value == core_[index]) return;
  core_[index] = value;
  entry_.writes.push_back({index, value});
}

void TraceRecorder::note_core(const Engine& engine) {
  if (core_valid_ && !open_) return;
  const bool reads_cpsr = core_valid_ && (changes_ & kCpsrBit) != 0;
  const u32 cpsr = reads_cpsr ? engine.read_core(kCpsrIndex) : core_[kCpsrIndex];
  const bool same_mode =
      ((cpsr ^ core_[kCpsrIndex]) & kCpsrMode) == 0;  // others have an SP and LR of their own
  if (!core_valid_ || !same_mode) return note_all(engine);
  for (u32 left = changes_ & ~kCpsrBit; left != 0; left &= left - 1) {
    const auto index = u8(std::countr_zero(left));
    note(index, engine.read_core(index));
  }
  note(kCpsrIndex, cpsr);
}

void TraceRecorder::note_all(const Engine& engine) {
  std::array<u32, 17> now{};
  engine.read_core(now);
  for (u8 i = 0; open_ && i < 17; ++i) {
    if (i != kPc) note(i, now[i]);
  }
  core_ = now;
  core_valid_ = true;
}

void TraceRecorder::note_vfp(const Engine& engine) {
  std::array<u64, 32> now{};
  engine.read_vfp(now);
  for (u8 i = 0; i < 32; ++i) {
    if (now[i] != vfp_[i]) entry_.writes.push_back({u8(kVfpIndex + i), now[i]});
  }
  const u32 fpscr = engine.read_fpscr();
  if (fpscr != fpscr_) entry_.writes.push_back({kFpscrIndex, fpscr});
  vfp_ = now;
  fpscr_ = fpscr;
  vfp_valid_ = true;
}

void TraceRecorder::complete(const Engine& engine) {
  note_core(engine);
  if (!open_) return;
  if (vector_) note_vfp(engine);
  sink_(entry_);
  open_ = false;
}

void TraceRecorder::memory(bool write, u32 address, u32 size, u64 value) {
  if (open_) entry_.memory.push_back({write, address, size, value});
}

void TraceRecorder::stopped(const Engine& /*engine*/, const Context& /*context*/) {
  // The entry stays open: what a system call gives back belongs to its SVC. Which registers that will be,
  // nobody knows.
  core_valid_ = false;
  vfp_valid_ = false;
}

void TraceRecorder::finish() {
  if (open_) sink_(entry_);
  open_ = false;
}

}  // namespace gotee::sim
