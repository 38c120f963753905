// SPDX-License-Identifier: BSD-3-Clause
//
// Small valid applet images. Ref: [gABI] System V Application Binary Interface, chapters 4 and 5.
#pragma once
#include <span>
#include <vector>

#include "core/base/types.h"
#include "core/mem/region.h"

namespace gotee::fake {

inline constexpr u32 kText = 0x10010000;

/// A builder: `Image{}.text({0xef000000}).segment(...).build()`. Entry is kText unless told.
class Image {
 public:
  /// These words at kText, readable and executable.
  Image& text(std::span<const u32> words);
  Image& text(std::initializer_list<u32> words) { return text({words.begin(), words.size()}); }
  /// One more PT_LOAD, at a page-aligned address; beyond `bytes`, zeros up to `memory_size`.
  Image& segment(u32 address, std::span<const u8> bytes, u32 memory_size, Access access);
  Image& entry(u32 address);
  /// The file.
  std::vector<u8> build() const;

 private:
  struct Segment {
    u32 address = 0;
    std::vector<u8> bytes;
    u32 memory_size = 0;
    Access access = Access::None;
  };
  std::vector<Segment> segments_;
  u32 entry_ = kText;
};

}  // namespace gotee::fake
