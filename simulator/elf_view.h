// SPDX-License-Identifier: BSD-3-Clause
//
// An ELF32 ARM file as an unwinder sees it: what is executable, what the bytes at an address are, sections.
// Ref: [gABI] chapters 4 and 5; [AAELF32] IHI 0044.
#pragma once
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/base/types.h"

namespace gotee::sim {

/// Views of a file that may be hostile or cut short. What lies outside the file is as if it were not there.
/// Addresses are the file's own: nothing is added for where it was loaded.
class ElfView {
 public:
  struct Section {
    std::string_view name;
    u32 type = 0;
    u32 flags = 0;
    u32 link = 0;
    std::span<const u8> bytes;  // empty for SHT_NOBITS
  };
  struct Range {
    u32 address = 0;
    u32 size = 0;
  };

  /// `file` must outlive the view. Reads the program headers only.
  explicit ElfView(std::span<const u8> file);

  /// False for anything but a little-endian ELF32 file for ARM.
  bool valid() const { return valid_; }

  /// True within the memory of a PT_LOAD segment with PF_X.
  bool executable(u32 address) const;

  /// Bytes of a PT_LOAD segment as the file has them; empty unless all of them come from the file.
  std::span<const u8> bytes(u32 address, u32 size) const;
  std::optional<u16> half(u32 address) const;
  std::optional<u32> word(u32 address) const;

  /// Where PT_ARM_EXIDX says that the index table of the exception tables is.
  std::optional<Range> exidx() const { return exidx_; }

  /// Every section header, in file order; empty when there are none or they are malformed.
  std::vector<Section> sections() const;

 private:
  struct Segment {
    u32 offset = 0;
    u32 address = 0;
    u32 file_size = 0;
    u32 memory_size = 0;
    u32 flags = 0;
  };

  std::span<const u8> at(u64 offset, u64 size) const;
  void read_program_headers();

  std::span<const u8> file_;
  std::vector<Segment> segments_;
  std::optional<Range> exidx_;
  bool valid_ = false;
};

}  // namespace gotee::sim
