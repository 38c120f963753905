// SPDX-License-Identifier: BSD-3-Clause
//
// Several images in one piece of memory: what a firmware image carries, made by tools/pack_images.py.
//
//   u32 magic "GTAR", u32 count, then for each image: char name[32] padded with zeros, u32 kind, u32 offset
//   and u32 size from the archive's start; then the images. All little-endian.
#pragma once
#include <optional>
#include <span>
#include <string_view>

#include "core/base/types.h"

namespace gotee {

inline constexpr u32 kArchiveMagic = 0x52415447;  // "GTAR"
inline constexpr std::size_t kMaxImages = 16;

enum class ImageKind : u32 { Applet = 1, NormalWorld = 2 };

struct ArchivedImage {
  std::string_view name;
  ImageKind kind = ImageKind::Applet;
  std::span<const u8> bytes;
};

class Archive {
 public:
  /// An archive at the start of `memory`, which must outlive it, or nothing: wrong magic, too many images, or
  /// one that does not lie within `memory`.
  static std::optional<Archive> open(std::span<const u8> memory);

  std::size_t size() const { return count_; }
  ArchivedImage operator[](std::size_t index) const;

 private:
  Archive(std::span<const u8> memory, u32 count) : memory_{memory}, count_{count} {}
  std::span<const u8> memory_;
  u32 count_;
};

}  // namespace gotee
