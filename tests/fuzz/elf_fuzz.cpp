// SPDX-License-Identifier: BSD-3-Clause
//
// Hostile images: what is accepted keeps to every limit, what is refused is refused in one clean line.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <span>
#include <vector>

#include "core/loader/elf.h"
#include "core/mem/layout.h"

using namespace gotee;

namespace {

constexpr std::array<u8, 52> kGoodHeader = {
    0x7f, 'E',  'L', 'F', 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0,  0, 2,  0, 40, 0, 1, 0, 0, 0, 0, 0,
    1,    0x10, 52,  0,   0, 0, 0, 0, 0, 0, 0, 2, 0, 5, 52, 0, 32, 0, 3,  0, 0, 0, 0, 0, 0, 0,
};

void require(bool truth) {
  if (!truth) std::abort();
}

u64 end_of(const elf::Segment& s) { return u64{s.address.raw} + s.memory_size; }

void check_segment(const elf::Segment& s, std::span<const u8> file, const elf::Limits& limits) {
  require(s.memory_size > 0 && s.file_size <= s.memory_size);
  require(u64{s.file_offset} + s.file_size <= file.size());
  require(s.address >= limits.base && end_of(s) <= u64{limits.base.raw} + limits.size);
  require(s.address.raw >= kPageSize);
  require(end_of(s) <= kSupervisorDram.base.raw || s.address.raw >= kSupervisorDram.end());
  require(s.access == Access::None || allows(s.access, Access::Read));
}

void check_pair(const elf::Segment& a, const elf::Segment& b) {
  require(end_of(a) <= b.address.raw || end_of(b) <= a.address.raw);
  if (a.access == b.access) return;
  const u64 last_page_a = (end_of(a) - 1) / kPageSize, last_page_b = (end_of(b) - 1) / kPageSize;
  require(last_page_a < b.address.raw / kPageSize || last_page_b < a.address.raw / kPageSize);
}

void check_image(const elf::Image& image, std::span<const u8> file, const elf::Limits& limits) {
  bool writable_executable = false, entry_found = false;
  for (std::size_t i = 0; i < image.segments.size(); ++i) {
    const elf::Segment& s = image.segments[i];
    check_segment(s, file, limits);
    for (std::size_t j = 0; j < i; ++j) check_pair(s, image.segments[j]);
    writable_executable = writable_executable || allows(s.access, Access::Write | Access::Execute);
    const u32 entry = image.entry.raw & ~1u;
    entry_found = entry_found || (allows(s.access, Access::Execute) && entry >= s.address.raw &&
                                  entry < u64{s.address.raw} + s.file_size);
  }
  require(entry_found && image.entry.raw % 4 != 2);
  require(writable_executable == image.writable_executable);
  require(!writable_executable || limits.allow_writable_executable);
}

}  // namespace

/// Byte 0 chooses the limits; its bit 1 puts a good header first, so that program headers are reached often.
extern "C" int LLVMFuzzerTestOneInput(const u8* data, std::size_t size) {
  if (size == 0) return 0;
  const u8 options = data[0];
  std::vector<u8> file(data + 1, data + size);
  if ((options & 2) != 0 && file.size() > kGoodHeader.size()) {
    std::copy(kGoodHeader.begin(), kGoodHeader.end(), file.begin());
    file[0x2c] = u8(options >> 2 & 31);  // e_phnum
  }
  elf::Limits limits{kRegionBase, kRegionSize, (options & 1) != 0};
  if ((options & 0x80) != 0) limits = {VirtAddr{0}, 0xffffffff, limits.allow_writable_executable};

  elf::Image image;
  const auto refused = elf::parse(file, limits, image);
  if (!refused) {
    check_image(image, file, limits);
    return 0;
  }
  require(!refused->empty() && refused->view().size() < 200);
  for (const char c : refused->view()) require(c >= ' ' && c <= '~');
  require(image.segments.empty());
  return 0;
}
