// SPDX-License-Identifier: BSD-3-Clause
//
// Reading an archive of images.
#include "core/loader/archive.h"

#include <algorithm>

#include "core/base/panic.h"

namespace gotee {
namespace {

constexpr std::size_t kHeaderSize = 8, kNameSize = 32, kEntrySize = kNameSize + 12;

u32 word(std::span<const u8> bytes, std::size_t at) {
  return u32(bytes[at]) | u32(bytes[at + 1]) << 8 | u32(bytes[at + 2]) << 16 | u32(bytes[at + 3]) << 24;
}

}  // namespace

std::optional<Archive> Archive::open(std::span<const u8> memory) {
  if (memory.size() < kHeaderSize || word(memory, 0) != kArchiveMagic) return std::nullopt;
  const u32 count = word(memory, 4);
  if (count > kMaxImages || memory.size() < kHeaderSize + count * kEntrySize) return std::nullopt;
  for (u32 i = 0; i < count; ++i) {
    const std::size_t entry = kHeaderSize + i * kEntrySize + kNameSize;
    const u32 kind = word(memory, entry), offset = word(memory, entry + 4), size = word(memory, entry + 8);
    if (kind != u32(ImageKind::Applet) && kind != u32(ImageKind::NormalWorld)) return std::nullopt;
    if (offset > memory.size() || size > memory.size() - offset) return std::nullopt;
  }
  return Archive{memory, count};
}

ArchivedImage Archive::operator[](std::size_t index) const {
  GOTEE_INVARIANT(index < count_);
  const std::size_t entry = kHeaderSize + index * kEntrySize;
  const auto* name = reinterpret_cast<const char*>(memory_.data() + entry);
  const auto length = std::size_t(std::find(name, name + kNameSize, '\0') - name);
  const std::size_t fields = entry + kNameSize;
  return {{name, length},
          ImageKind(word(memory_, fields)),
          memory_.subspan(word(memory_, fields + 4), word(memory_, fields + 8))};
}

}  // namespace gotee
