// SPDX-License-Identifier: BSD-3-Clause
//
// Walking a stack: which way of finding a caller is tried, and when its answer is believed.
// Ref: [DWARF5] 6.4; [EHABI32] IHI 0038; [AAPCS32] IHI 0042, 6.2.1.4 frame chain.
#include "simulator/unwind.h"

#include <array>

#include "simulator/calls.h"
#include "simulator/exidx.h"
#include "simulator/prologue.h"

namespace gotee::sim {
namespace {

constexpr u32 kThumbBit = 1u << 5;
constexpr u32 kOutermost = 0;        // tables that lead here leave nothing to be guessed
constexpr u32 kMostDistance = 4096;  // from where a function is guessed to begin

/// Where compilers keep what a frame pointer leads to, in bytes from it, and how many of them lie below it.
struct RecordLayout {
  u32 frame_pointer;
  u32 link_register;
  u32 end;  // sp before the call
  u32 below;
};
constexpr std::array kLayouts = {
    RecordLayout{0, 4, 8, 0},              // Clang, Rust, and AAPCS32: {fp, lr}, pointer to the first
    RecordLayout{0u - 4, 0, 4, 4},         // GCC in ARM state: {fp, lr}, pointer to the last
    RecordLayout{0u - 12, 0u - 4, 4, 12},  // GCC -mapcs-frame: {fp, ip, lr, pc}, pointer to the last
};

std::array<unsigned, 2> frame_pointers(bool thumb) {
  return thumb ? std::array<unsigned, 2>{7, 11} : std::array<unsigned, 2>{11, 7};
}

FrameState first_frame(const Registers& registers) {
  FrameState frame;
  frame.r = registers.r;
  frame.r[kPc] &= ~1u;
  frame.thumb = (registers.cpsr & kThumbBit) != 0;
  return frame;
}

/// A caller stands further up the stack than what it called, or at least elsewhere in the code.
bool progresses(const FrameState& from, const FrameState& to) {
  if (!to.knows(kSp) || !from.knows(kSp)) return to.pc() != from.pc();
  return to.sp() > from.sp() || (to.sp() == from.sp() && to.pc() != from.pc());
}

}  // namespace

std::string_view describe(UnwindMethod method) {
  switch (method) {
    case UnwindMethod::DebugFrame: return ".debug_frame unwind tables";
    case UnwindMethod::Exidx: return ".ARM.exidx unwind tables";
    case UnwindMethod::FramePointers: return "frame pointers";
    case UnwindMethod::LinkRegister: return "link register only";
  }
  return "";
}

bool Unwinder::may_run(u32 address) const {
  const bool aligned = (address & 1) != 0 || (address & 3) == 0;
  return aligned && elf_.executable(in_image(address & ~1u));
}

bool Unwinder::may_return_to(u32 address) const {
  return follows_call(elf_, in_image(address & ~1u) | (address & 1));
}

Unwinder::Walk Unwinder::walk(const Registers& registers, const ReadMemory& read, std::size_t most) const {
  Walk walk;
  if (most == 0) return walk;
  walk.frames.push_back(first_frame(registers));
  while (walk.frames.size() < most) {
    const auto step = caller(walk.frames.back(), read);
    if (!step || step->caller.pc() == kOutermost || !progresses(walk.frames.back(), step->caller)) break;
    if (walk.method == UnwindMethod::LinkRegister) walk.method = step->method;
    walk.frames.push_back(step->caller);
  }
  return walk;
}

Unwinder::Found Unwinder::caller(const FrameState& frame, const ReadMemory& read) const {
  if (!elf_.executable(in_image(frame.instruction()))) {
    // A jump to where no code is: it has not touched the stack yet, and lr is all that leads back.
    if (!frame.innermost || !may_run(frame.r[kLr])) return std::nullopt;
    return Step{frame.returned_to(frame.r[kLr]), UnwindMethod::LinkRegister};
  }
  if (auto found = by_debug_frame(frame, read)) return found;
  if (auto found = inside_prologue(frame, read)) return found;
  if (auto found = by_exidx(frame, read)) return found;
  if (auto found = by_prologue(frame, read)) return found;
  if (auto found = by_frame_record(frame, read)) return found;
  return by_link_register(frame);
}

Unwinder::Found Unwinder::by_link_register(const FrameState& frame) const {
  if (!frame.innermost || !may_return_to(frame.r[kLr])) return std::nullopt;
  return Step{frame.returned_to(frame.r[kLr]), UnwindMethod::LinkRegister};
}

Unwinder::Found Unwinder::by_debug_frame(const FrameState& frame, const ReadMemory& read) const {
  const auto caller = tables_.caller(in_image(frame.instruction()), frame, read);
  if (!caller || !(caller->pc() == kOutermost || may_run(caller->pc()))) return std::nullopt;
  return Step{caller->returned_to(caller->pc()), UnwindMethod::DebugFrame};
}

Unwinder::Found Unwinder::by_exidx(const FrameState& frame, const ReadMemory& read) const {
  const auto entry = exidx::find(elf_, in_image(frame.instruction()));
  if (!entry || entry->cannot_unwind) return std::nullopt;
  FrameState caller = frame;
  if (exidx::execute(entry->instructions, caller, read) != exidx::Outcome::Done) return std::nullopt;
  if (caller.pc() != kOutermost && !may_run(caller.pc())) return std::nullopt;
  return Step{caller.returned_to(caller.pc()), UnwindMethod::Exidx};
}

/// The exception tables describe a function once its prologue is through. A stop before that, as by a stack
/// that is full, is found by what the prologue did so far.
Unwinder::Found Unwinder::inside_prologue(const FrameState& frame, const ReadMemory& read) const {
  if (!frame.innermost) return std::nullopt;
  const auto start = certain_start(frame);
  if (!start) return std::nullopt;
  const Prologue prologue = analyse_prologue(elf_, *start, in_image(frame.pc()), frame.thumb);
  if (!prologue.exact) return std::nullopt;
  return after_prologue(frame, prologue, kSp, read);
}

Unwinder::Found Unwinder::by_prologue(const FrameState& frame, const ReadMemory& read) const {
  const auto start = likely_start(frame);
  if (!start) return std::nullopt;
  const Prologue prologue = analyse_prologue(elf_, *start, in_image(frame.pc()), frame.thumb);
  for (const unsigned base : frame_pointers(frame.thumb)) {
    if (auto found = after_prologue(frame, prologue, base, read)) return found;
  }
  return after_prologue(frame, prologue, kSp, read);
}

Unwinder::Found Unwinder::after_prologue(const FrameState& frame, const Prologue& prologue, unsigned base,
                                         const ReadMemory& read) const {
  if (!prologue.value[base] || !frame.knows(base)) return std::nullopt;
  const u32 cfa = frame.r[base] - *prologue.value[base];
  if ((cfa & 3) != 0 || cfa < frame.sp()) return std::nullopt;

  FrameState caller = frame;
  for (unsigned i = 4; i <= kLr; ++i) {
    if (!prologue.saved[i] || i == 12 || i == kSp) continue;
    const auto value = read_word(read, cfa + *prologue.saved[i]);
    if (!value) return std::nullopt;
    caller.set(i, *value);
  }
  // Only the innermost function can still have its return address in lr: in every other, a call overwrote it.
  if (!caller.knows(kLr) || !may_return_to(caller.r[kLr])) return std::nullopt;
  caller.set(kSp, cfa);
  const bool saved = prologue.saved[kLr].has_value();
  return Step{caller.returned_to(caller.r[kLr]),
              saved ? UnwindMethod::FramePointers : UnwindMethod::LinkRegister};
}

/// The frame pointer alone, where nobody knows how the function began.
Unwinder::Found Unwinder::by_frame_record(const FrameState& frame, const ReadMemory& read) const {
  for (const unsigned pointer : frame_pointers(frame.thumb)) {
    if (!frame.knows(pointer) || frame.r[pointer] < frame.sp()) continue;
    const u32 record = frame.r[pointer];
    for (const RecordLayout& layout : kLayouts) {
      if (record - frame.sp() < layout.below) continue;  // what lies below sp is left over from other calls
      const auto previous = read_word(read, record + layout.frame_pointer);
      const auto link = read_word(read, record + layout.link_register);
      if (!previous || !link || !may_return_to(*link)) continue;
      const bool grows = *previous == 0 || ((*previous & 3) == 0 && *previous > record);
      if (!grows) continue;
      FrameState caller = frame.returned_to(*link);
      caller.set(pointer, *previous);
      caller.set(kSp, record + layout.end);
      return Step{caller, UnwindMethod::FramePointers};
    }
  }
  return std::nullopt;
}

std::optional<u32> Unwinder::certain_start(const FrameState& frame) const {
  const u32 address = in_image(frame.instruction());
  if (const auto start = function_start_(address)) return start;
  if (const auto entry = exidx::find(elf_, address)) return entry->function;
  return std::nullopt;
}

std::optional<u32> Unwinder::likely_start(const FrameState& frame) const {
  if (const auto start = certain_start(frame)) return start;
  const u32 pc = in_image(frame.pc());
  if (frame.innermost && may_return_to(frame.r[kLr])) {
    // A leaf was entered by the very call that lr returns to, and has not returned since.
    const u32 link = in_image(frame.r[kLr] & ~1u) | (frame.r[kLr] & 1);
    const auto target = call_target(elf_, link);
    const bool near = target && *target <= pc && pc - *target < kMostDistance;
    const bool own_call = near && link > *target && link <= pc;
    if (near && !own_call && !returns_between(elf_, *target, pc, frame.thumb)) return target;
  }
  return guess_start(elf_, in_image(frame.instruction()), frame.thumb);
}

}  // namespace gotee::sim
