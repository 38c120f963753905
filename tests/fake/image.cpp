// SPDX-License-Identifier: BSD-3-Clause
//
// ELF32 little-endian ARM, ET_EXEC, program headers only.
#include "tests/fake/image.h"

#include <algorithm>

namespace gotee::fake {
namespace {

constexpr u32 kHeaderSize = 52, kProgramHeaderSize = 32;

void put(std::vector<u8>& out, u32 width, u32 value) {
  for (u32 i = 0; i < width; ++i) out.push_back(u8(value >> (8 * i)));
}

u32 flags_of(Access access) {  // PF_X = 1, PF_W = 2, PF_R = 4
  return (allows(access, Access::Read) ? 4u : 0u) | (allows(access, Access::Write) ? 2u : 0u) |
         (allows(access, Access::Execute) ? 1u : 0u);
}

}  // namespace

Image& Image::text(std::span<const u32> words) {
  std::vector<u8> bytes;
  for (const u32 word : words) put(bytes, 4, word);
  return segment(kText, bytes, u32(bytes.size()), Access::Read | Access::Execute);
}

Image& Image::segment(u32 address, std::span<const u8> bytes, u32 memory_size, Access access) {
  segments_.push_back({address, {bytes.begin(), bytes.end()}, memory_size, access});
  return *this;
}

Image& Image::entry(u32 address) {
  entry_ = address;
  return *this;
}

std::vector<u8> Image::build() const {
  std::vector<u8> out = {0x7f, 'E', 'L', 'F', 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0};  // e_ident
  put(out, 2, 2), put(out, 2, 40), put(out, 4, 1);                // ET_EXEC, EM_ARM, version
  put(out, 4, entry_), put(out, 4, kHeaderSize), put(out, 4, 0);  // e_entry, e_phoff, e_shoff
  put(out, 4, 0x05000200);                                        // e_flags: EABI 5, soft float
  put(out, 2, kHeaderSize), put(out, 2, kProgramHeaderSize), put(out, 2, u32(segments_.size()));
  put(out, 2, 40), put(out, 2, 0), put(out, 2, 0);  // e_shentsize, e_shnum, e_shstrndx
  u32 offset = kPageSize;
  for (const Segment& s : segments_) {
    put(out, 4, 1), put(out, 4, offset), put(out, 4, s.address), put(out, 4, s.address);  // PT_LOAD
    put(out, 4, u32(s.bytes.size())), put(out, 4, s.memory_size), put(out, 4, flags_of(s.access));
    put(out, 4, kPageSize);
    offset += page_down(u32(s.bytes.size()) + kPageSize - 1);
  }
  for (const Segment& s : segments_) {
    out.resize((out.size() + kPageSize - 1) / kPageSize * kPageSize);
    out.insert(out.end(), s.bytes.begin(), s.bytes.end());
  }
  out.resize(std::max<std::size_t>(out.size(), offset));  // an empty segment may still have an offset
  return out;
}

}  // namespace gotee::fake
