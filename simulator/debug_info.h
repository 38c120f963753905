// SPDX-License-Identifier: BSD-3-Clause
//
// Functions, files and lines out of DWARF, read by elfutils.
// Ref: [DWARF5] 3.3 subroutine entries, 6.2 line numbers.
#pragma once
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/types.h"
#include "simulator/elf_view.h"

namespace gotee::sim {

/// The debug information of one image. Text comes back as the file has it, bounded but not cleaned.
class DebugInfo {
 public:
  /// A function, or a copy of one that was inlined.
  struct Scope {
    std::string_view name;     // as in the source, without its scope; empty when not known
    std::string_view linkage;  // mangled; empty for C
    u32 begin = 0;             // where its code begins, as far as it is in one piece with the address
    bool inlined = false;
    std::string call_file;  // of the call that was inlined
    int call_line = 0;
    std::size_t depth = 0;  // in the tree of entries
  };
  struct Place {
    std::vector<Scope> scopes;  // outermost first: the function out of line, then what was inlined into it
    u32 function = 0;           // where the function out of line begins; 0 when not known
    std::string file;
    int line = 0;
  };

  /// Decompresses what is compressed; everything else waits for the first find(). Holds nothing when there is
  /// no debug information, when it would take more memory than an applet's ever needs, or when it refers to
  /// files beside the image: an image must not choose which files are opened. `image` and what `sections`
  /// view must outlive this.
  DebugInfo(std::span<const u8> image, std::span<const ElfView::Section> sections);
  ~DebugInfo();
  DebugInfo(const DebugInfo&) = delete;
  DebugInfo& operator=(const DebugInfo&) = delete;

  /// What is known of the instruction at `address`; nothing when no compilation unit contains it.
  std::optional<Place> find(u32 address);

  /// A section's content uncompressed, by its name without `.` or `.z`; empty when there is none.
  std::span<const u8> section(std::string_view name) const;

 private:
  struct Reader;
  std::unique_ptr<Reader> reader_;
};

}  // namespace gotee::sim
