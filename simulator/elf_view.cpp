// SPDX-License-Identifier: BSD-3-Clause
//
// An ELF32 ARM file as an unwinder sees it.
// Ref: [gABI] chapters 4 and 5; [AAELF32] IHI 0044.
#include "simulator/elf_view.h"

#include <algorithm>
#include <array>

#include "simulator/byte_reader.h"

namespace gotee::sim {
namespace {

constexpr std::array<u8, 6> kIdent = {0x7f, 'E', 'L', 'F', 1, 1};  // ELFCLASS32, ELFDATA2LSB
constexpr std::size_t kHeaderSize = 52;
constexpr std::size_t kProgramHeaderSize = 32;
constexpr std::size_t kSectionHeaderSize = 40;
constexpr std::size_t kMostSegments = 64;
constexpr u16 kMachineArm = 40;
constexpr u32 kLoad = 1;
constexpr u32 kArmExidx = 0x70000001;
constexpr u32 kFlagExecute = 1;
constexpr u32 kNoBits = 8;

std::string_view name_at(std::span<const u8> names, u32 offset) {
  if (offset >= names.size()) return {};
  const auto rest = names.subspan(offset);
  const auto end = std::find(rest.begin(), rest.end(), u8{0});
  if (end == rest.end()) return {};
  return {reinterpret_cast<const char*>(rest.data()), std::size_t(end - rest.begin())};
}

}  // namespace

ElfView::ElfView(std::span<const u8> file) : file_{file} {
  if (file.size() < kHeaderSize || !std::equal(kIdent.begin(), kIdent.end(), file.begin())) return;
  ByteReader header{file.subspan(18)};
  valid_ = header.half() == kMachineArm;
  if (valid_) read_program_headers();
}

std::span<const u8> ElfView::at(u64 offset, u64 size) const {
  if (offset > file_.size() || size > file_.size() - offset) return {};
  return file_.subspan(std::size_t(offset), std::size_t(size));
}

void ElfView::read_program_headers() {
  ByteReader offset{file_.subspan(28)};
  ByteReader sizes{file_.subspan(42)};
  const u64 table = offset.word();
  const u16 entry_size = sizes.half();
  const u16 count = sizes.half();
  if (entry_size != kProgramHeaderSize) return;
  for (u64 i = 0; i < count && segments_.size() < kMostSegments; ++i) {
    ByteReader entry{at(table + i * kProgramHeaderSize, kProgramHeaderSize)};
    const u32 type = entry.word();
    Segment segment;
    segment.offset = entry.word();
    segment.address = entry.word();
    entry.word();  // p_paddr
    segment.file_size = entry.word();
    segment.memory_size = entry.word();
    segment.flags = entry.word();
    if (!entry.ok()) return;
    if (type == kLoad && segment.file_size <= segment.memory_size) segments_.push_back(segment);
    if (type == kArmExidx && !exidx_) exidx_ = Range{segment.address, segment.file_size};
  }
}

bool ElfView::executable(u32 address) const {
  return std::any_of(segments_.begin(), segments_.end(), [&](const Segment& s) {
    return (s.flags & kFlagExecute) != 0 && address >= s.address && address - s.address < s.memory_size;
  });
}

std::span<const u8> ElfView::bytes(u32 address, u32 size) const {
  for (const Segment& s : segments_) {
    if (address < s.address || address - s.address > s.file_size) continue;
    const u32 within = address - s.address;
    if (size <= s.file_size - within) return at(u64{s.offset} + within, size);
  }
  return {};
}

std::optional<u16> ElfView::half(u32 address) const {
  const auto raw = bytes(address, 2);
  if (raw.size() != 2) return std::nullopt;
  return ByteReader{raw}.half();
}

std::optional<u32> ElfView::word(u32 address) const {
  const auto raw = bytes(address, 4);
  if (raw.size() != 4) return std::nullopt;
  return ByteReader{raw}.word();
}

std::vector<ElfView::Section> ElfView::sections() const {
  if (!valid_) return {};
  ByteReader offset{file_.subspan(32)};
  ByteReader sizes{file_.subspan(46)};
  const u64 table = offset.word();
  const u16 entry_size = sizes.half();
  const u16 count = sizes.half();
  const u16 names_index = sizes.half();
  if (table == 0 || entry_size != kSectionHeaderSize) return {};

  std::vector<Section> sections;
  std::vector<u32> names;
  for (u64 i = 0; i < count; ++i) {
    ByteReader entry{at(table + i * kSectionHeaderSize, kSectionHeaderSize)};
    Section section;
    names.push_back(entry.word());
    section.type = entry.word();
    section.flags = entry.word();
    entry.word();  // sh_addr
    const u32 start = entry.word();
    const u32 size = entry.word();
    section.link = entry.word();
    if (!entry.ok()) return {};
    if (section.type != kNoBits) section.bytes = at(start, size);
    sections.push_back(section);
  }
  if (names_index >= sections.size()) return sections;
  const auto table_of_names = sections[names_index].bytes;
  for (std::size_t i = 0; i < sections.size(); ++i) sections[i].name = name_at(table_of_names, names[i]);
  return sections;
}

}  // namespace gotee::sim
