// SPDX-License-Identifier: BSD-3-Clause
//
// From addresses to functions, files and lines, and from registers to a backtrace.
// Ref: [DWARF5] 3.3, 6.2, 6.4; [EHABI32] IHI 0038; [gABI] chapter 4.
#pragma once
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/base/types.h"
#include "simulator/frame_state.h"
#include "simulator/unwind.h"

namespace gotee::sim {

/// Text is at most 256 bytes each and free of control characters, whatever the image holds.
struct SourceLocation {
  std::string function;
  std::string file;      // empty when not known
  int line = 0;          // 0 when not known
  u32 offset = 0;        // bytes into function, or into this copy of it where it was inlined
  bool inlined = false;  // this is a copy of function inside another one
};

/// A function that was called, or inlined: then the frames up to the function around it share one pc.
struct Frame {
  u32 pc = 0;            // for callers the address that the call returns to
  SourceLocation where;  // for callers that of the call; the offset is always that of pc
};

struct Backtrace {
  std::vector<Frame> frames;  // innermost first
  /// What found the first caller that not just lr led to; LinkRegister when there is none.
  UnwindMethod method = UnwindMethod::LinkRegister;
};

/// The symbols of one image. Nothing is read before it is asked for, and what was read is kept: not for use
/// by several threads at once.
class Symbols {
 public:
  /// `image` is an ELF file's bytes, which must outlive this. They may be hostile: at worst nothing is known.
  /// `bias` is what loading added to the image's addresses.
  explicit Symbols(std::span<const u8> image, u32 bias = 0);
  ~Symbols();
  Symbols(Symbols&&) noexcept;
  Symbols& operator=(Symbols&&) noexcept;

  /// Function, file and line of the instruction at `pc`, bit 0 of which is ignored; nothing when the image
  /// does not say or has no code there. Names come from DWARF, else from the symbol table, and are demangled.
  /// In inlined code the function is the innermost one inlined, file and line are those of the instruction.
  std::optional<SourceLocation> find(u32 pc) const;

  /// The same, and behind it the functions that the code was inlined into, outwards, each with the line of
  /// the inlined call. Empty where find() finds nothing.
  std::vector<SourceLocation> find_all(u32 pc) const;

  /// The calls that led to `registers`: at most `most` frames, the first of which is the stopped instruction
  /// itself. Where pc is not in code (a jump through a bad pointer), the second frame is where lr leads. Ends
  /// early where no caller is found that makes sense; never fails.
  Backtrace backtrace(const Registers& registers, const ReadMemory& read, std::size_t most = 32) const;

 private:
  struct Image;
  std::unique_ptr<Image> image_;
};

}  // namespace gotee::sim
