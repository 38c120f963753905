// SPDX-License-Identifier: BSD-3-Clause
//
// Walking a stack: which way of finding a caller is tried, and when its answer is believed.
// Ref: [DWARF5] 6.4; [EHABI32] IHI 0038; [AAPCS32] IHI 0042, 6.2.1.4 frame chain.
#pragma once
#include <cstddef>
#include <functional>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/types.h"
#include "simulator/debug_frame.h"
#include "simulator/elf_view.h"
#include "simulator/frame_state.h"

namespace gotee::sim {

struct Prologue;

/// What found the callers, from the most to the least certain. FramePointers stands for the chain of frame
/// pointers and, where a function keeps none, for what its first instructions did to the stack.
enum class UnwindMethod { DebugFrame, Exidx, FramePointers, LinkRegister };

/// For people, as in "found by ...": ".debug_frame unwind tables", "link register only".
std::string_view describe(UnwindMethod method);

/// Walks from callee to caller through one image.
class Unwinder {
 public:
  /// The first address of the function that contains an address, both as the image has them.
  using FunctionStart = std::function<std::optional<u32>(u32 address)>;

  struct Walk {
    std::vector<FrameState> frames;  // innermost first
    /// What found the first caller that not just lr led to; LinkRegister when there is none.
    UnwindMethod method = UnwindMethod::LinkRegister;
  };

  /// `elf` and `tables` must outlive this. `bias` is what loading added to the image's addresses.
  Unwinder(const ElfView& elf, const DebugFrame& tables, FunctionStart function_start, u32 bias)
      : elf_{elf}, tables_{tables}, function_start_{std::move(function_start)}, bias_{bias} {}

  /// At most `most` frames, the first of which is where `registers` stand. Ends where no caller is found,
  /// where the stack cannot be read, and where a caller would not lie further up the stack.
  Walk walk(const Registers& registers, const ReadMemory& read, std::size_t most) const;

 private:
  struct Step {
    FrameState caller;
    UnwindMethod method;
  };
  using Found = std::optional<Step>;

  u32 in_image(u32 address) const { return address - bias_; }
  bool may_run(u32 address) const;
  bool may_return_to(u32 address) const;

  Found caller(const FrameState& frame, const ReadMemory& read) const;
  Found by_link_register(const FrameState& frame) const;
  Found by_debug_frame(const FrameState& frame, const ReadMemory& read) const;
  Found by_exidx(const FrameState& frame, const ReadMemory& read) const;
  Found inside_prologue(const FrameState& frame, const ReadMemory& read) const;
  Found by_prologue(const FrameState& frame, const ReadMemory& read) const;
  Found by_frame_record(const FrameState& frame, const ReadMemory& read) const;

  std::optional<u32> certain_start(const FrameState& frame) const;
  std::optional<u32> likely_start(const FrameState& frame) const;
  Found after_prologue(const FrameState& frame, const Prologue& prologue, unsigned base,
                       const ReadMemory& read) const;

  const ElfView& elf_;
  const DebugFrame& tables_;
  FunctionStart function_start_;
  u32 bias_;
};

}  // namespace gotee::sim
