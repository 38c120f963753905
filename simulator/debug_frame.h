// SPDX-License-Identifier: BSD-3-Clause
//
// Unwinding with .debug_frame, DWARF's call frame information.
// Ref: [DWARF5] 6.4; [AADWARF32] IHI 0040, register numbers.
#pragma once
#include <optional>
#include <span>
#include <vector>

#include "core/base/types.h"
#include "simulator/frame_state.h"

namespace gotee::sim {

/// The call frame information of one image. Every bound is this class's own: registers above r15 are parsed
/// and dropped, so a hostile section costs at most one linear pass and an index as long as itself.
class DebugFrame {
 public:
  DebugFrame() = default;

  /// `section` holds the section uncompressed and must outlive this. Indexes it: one linear pass.
  explicit DebugFrame(std::span<const u8> section);

  /// The state of the caller of `state`, whose code `address`, an address of the image, belongs to. Its pc
  /// has bit 0 set for Thumb. Nothing when no entry covers the address, the entry is malformed or uses what
  /// is not supported, or the stack could not be read.
  std::optional<FrameState> caller(u32 address, const FrameState& state, const ReadMemory& read) const;

  bool empty() const { return functions_.empty(); }

 private:
  struct Function {
    u32 begin = 0;
    u32 size = 0;
    u32 common = 0;  // offset of its CIE in the section
    u32 program = 0;
    u32 program_size = 0;
  };

  std::span<const u8> section_;
  std::vector<Function> functions_;  // sorted by begin
};

}  // namespace gotee::sim
