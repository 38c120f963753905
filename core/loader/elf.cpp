// SPDX-License-Identifier: BSD-3-Clause
//
// Checks of an ELF image, in the order of the file: identification, header, program headers, entry.
// Ref: [gABI] chapters 4 and 5; [AAELF32] IHI 0044.
#include "core/loader/elf.h"

#include <array>
#include <initializer_list>
#include <string_view>

#include "core/mem/layout.h"

namespace gotee::elf {
namespace {

constexpr u32 kHeaderBytes = 52;         // [gABI] Elf32_Ehdr
constexpr u32 kProgramHeaderBytes = 32;  // [gABI] Elf32_Phdr
constexpr u32 kExtendedCount = 0xffff;   // [gABI] PN_XNUM: the count is in section header 0

constexpr Span kNullPage{Owner::Nobody, "never mapped null page", {0}, kPageSize};

constexpr u32 kEabiMask = 0xff000000;  // [AAELF32] EF_ARM_ABIMASK
constexpr u32 kEabi5 = 0x05000000;     // [AAELF32] EF_ARM_EABI_VER5
constexpr u32 kBe8 = 0x00800000;       // [AAELF32] EF_ARM_BE8

constexpr u32 kLoad = 1, kDynamic = 2, kInterpreter = 3;      // [gABI] p_type
constexpr u32 kExecutable = 1, kWritable = 2, kReadable = 4;  // [gABI] p_flags
constexpr std::array<u8, 4> kMagic = {0x7f, 'E', 'L', 'F'};   // [gABI] EI_MAG0 to EI_MAG3

/// A field of the ELF header: where it stands and how wide it is.
struct Place {
  std::string_view name;
  u32 offset;
  u32 bytes;
};
constexpr Place kEntry{"e_entry", 0x18, 4};
constexpr Place kTableOffset{"e_phoff", 0x1c, 4};
constexpr Place kFlags{"e_flags", 0x24, 4};
constexpr Place kTableCount{"e_phnum", 0x2c, 2};

std::string_view class_name(u32 value) { return value == 1 ? "32-bit" : value == 2 ? "64-bit" : ""; }

std::string_view data_name(u32 value) {
  return value == 1 ? "little-endian" : value == 2 ? "big-endian" : "";
}

std::string_view type_name(u32 value) {
  switch (value) {
    case 1: return "ET_REL, an object file that was never linked";
    case 2: return "ET_EXEC";
    case 3: return "ET_DYN, a shared object or position-independent executable";
    case 4: return "ET_CORE, a core dump";
    default: return "";
  }
}

std::string_view machine_name(u32 value) {
  switch (value) {
    case 3: return "x86";
    case 8: return "MIPS";
    case 20: return "PowerPC";
    case 40: return "ARM";
    case 62: return "x86-64";
    case 183: return "AArch64";
    case 243: return "RISC-V";
    default: return "";
  }
}

std::string_view no_name(u32) { return ""; }

/// Header fields with one good value, in the order of the file.
struct Exact {
  Place place;
  u32 expected;
  std::string_view (*name)(u32 value);
  std::string_view advice;
};
constexpr std::array<Exact, 8> kExact = {{
    {{"EI_CLASS", 0x04, 1}, 1, class_name, ""},
    {{"EI_DATA", 0x05, 1}, 1, data_name, ""},
    {{"EI_VERSION", 0x06, 1}, 1, no_name, ""},
    {{"e_type", 0x10, 2}, 2, type_name, ": link with -static -no-pie"},
    {{"e_machine", 0x12, 2}, 40, machine_name, ""},
    {{"e_version", 0x14, 4}, 1, no_name, ""},
    {{"e_ehsize", 0x28, 2}, kHeaderBytes, no_name, ""},
    {{"e_phentsize", 0x2a, 2}, kProgramHeaderBytes, no_name, ""},
}};

/// One piece of a sentence: text, or a number in hexadecimal or decimal with the name it may have.
class Part {
 public:
  Part(std::string_view text) : text_{text} {}
  Part(const char* text) : text_{text} {}
  static Part hex(u64 number) { return {Kind::Hex, number, ""}; }
  static Part dec(u64 number, std::string_view name = "") { return {Kind::Dec, number, name}; }

  void print(Text& line) const {
    switch (kind_) {
      case Kind::Text: line.put(text_); return;
      case Kind::Hex: line.put("0x").hex(number_); return;
      case Kind::Dec:
        line.dec(number_);
        if (!text_.empty()) line.put(" (").put(text_).put(')');
        return;
    }
  }

 private:
  enum class Kind : u8 { Text, Hex, Dec };
  Part(Kind kind, u64 number, std::string_view text) : kind_{kind}, number_{number}, text_{text} {}

  Kind kind_ = Kind::Text;
  u64 number_ = 0;
  std::string_view text_;
};
using Parts = std::initializer_list<Part>;

Refusal sentence(const Parts& subject, const Parts& predicate = {}) {
  TextBuffer<200> line;
  for (const Part& part : subject) part.print(line);
  for (const Part& part : predicate) part.print(line);
  return Refusal{line.view()};
}

Refusal refuse(const Place& place, const Parts& predicate) {
  return sentence({place.name, " at offset ", Part::hex(place.offset), " is "}, predicate);
}

u32 read(std::span<const u8> file, u64 offset, u32 bytes) {
  u32 value = 0;
  for (u32 i = 0; i < bytes; ++i) value |= u32{file[std::size_t(offset + i)]} << (8 * i);
  return value;
}
u32 read(std::span<const u8> file, const Place& place) { return read(file, place.offset, place.bytes); }

enum class Word : u8 { Type, Offset, Address, Physical, FileSize, MemorySize, Flags, Align };
constexpr std::array<std::string_view, 8> kWordNames = {"p_type",   "p_offset", "p_vaddr", "p_paddr",
                                                        "p_filesz", "p_memsz",  "p_flags", "p_align"};
static_assert(kWordNames.size() * sizeof(u32) == kProgramHeaderBytes);

/// A private copy of one program header, and where it came from.
struct ProgramHeader {
  u32 index = 0;
  u64 at = 0;
  std::array<u32, 8> words{};

  u32 operator[](Word word) const { return words[u8(word)]; }
  u64 memory_end() const { return u64{(*this)[Word::Address]} + (*this)[Word::MemorySize]; }

  Refusal refuse(Word word, const Parts& predicate) const {
    return sentence({"program header ", Part::dec(index), ": ", kWordNames[u8(word)], " at offset ",
                     Part::hex(at + 4u * u8(word)), " is "},
                    predicate);
  }
};

struct Interval {
  u64 first;
  u64 end;  // one past the last
};
bool overlap(Interval a, Interval b) { return a.first < b.end && b.first < a.end; }
Interval bytes_of(const Segment& s) { return {s.address.raw, u64{s.address.raw} + s.memory_size}; }
Interval pages_of(const Segment& s) {
  const u32 last = s.address.raw + (s.memory_size - 1);
  return {page_down(s.address.raw), u64{page_down(last)} + kPageSize};
}

std::optional<Refusal> check_magic(std::span<const u8> file) {
  if (file.empty()) return sentence({"file is empty: expected an ELF32 image"});
  for (u32 i = 0; i < kMagic.size() && i < file.size(); ++i) {
    if (file[i] != kMagic[i])
      return sentence({"EI_MAG", Part::dec(i), " at offset ", Part::hex(i), " is ", Part::hex(file[i]),
                       ", expected ", Part::hex(kMagic[i]), ": not an ELF file"});
  }
  if (file.size() < kHeaderBytes)
    return sentence({"ELF header at offset 0x0 is cut off: the file has ", Part::dec(file.size()),
                     " bytes, expected ", Part::dec(kHeaderBytes), " or more"});
  return std::nullopt;
}

std::optional<Refusal> check_header(std::span<const u8> file) {
  for (const Exact& field : kExact) {
    const u32 found = read(file, field.place);
    if (found != field.expected)
      return refuse(field.place, {Part::dec(found, field.name(found)), ", expected ",
                                  Part::dec(field.expected, field.name(field.expected)), field.advice});
  }
  const u32 flags = read(file, kFlags);
  if ((flags & kEabiMask) != kEabi5)
    return refuse(kFlags, {Part::hex(flags), ", expected 5 in the top byte (EABI version 5)"});
  if ((flags & kBe8) != 0)
    return refuse(kFlags, {Part::hex(flags), " (BE8, a big-endian image), expected bit 0x800000 clear"});
  return std::nullopt;
}

class Loader {
 public:
  Loader(std::span<const u8> file, const Limits& limits) : file_{file}, limits_{limits} {}

  std::optional<Refusal> run() {
    if (auto refused = check_magic(file_)) return refused;
    if (auto refused = check_header(file_)) return refused;
    if (auto refused = find_table()) return refused;
    for (u32 i = 0; i < count_; ++i) {
      if (auto refused = take(program_header(i))) return refused;
    }
    return check_entry();
  }
  const Image& image() const { return image_; }

 private:
  std::optional<Refusal> find_table() {
    table_ = read(file_, kTableOffset);
    count_ = read(file_, kTableCount);
    if (count_ == 0) return refuse(kTableCount, {"0, expected at least one program header"});
    if (count_ == kExtendedCount)
      return refuse(kTableCount, {"0xffff (PN_XNUM), expected at most ", Part::dec(kMaxProgramHeaders)});
    if (count_ > kMaxProgramHeaders)
      return refuse(kTableCount, {Part::dec(count_), ", expected at most ", Part::dec(kMaxProgramHeaders)});
    if (table_ < kHeaderBytes)
      return refuse(kTableOffset, {Part::hex(table_), ", expected ", Part::hex(kHeaderBytes),
                                   " or more: the table would overlap the ELF header"});
    const u64 end = u64{table_} + u64{count_} * kProgramHeaderBytes;
    if (end > file_.size())
      return refuse(kTableOffset,
                    {Part::hex(table_), ", expected room for e_phnum ", Part::dec(count_), " headers of ",
                     Part::dec(kProgramHeaderBytes), " bytes: they would end at ", Part::hex(end),
                     ", the file ends at ", Part::hex(file_.size())});
    return std::nullopt;
  }

  ProgramHeader program_header(u32 index) const {
    ProgramHeader header{index, u64{table_} + u64{index} * kProgramHeaderBytes, {}};
    for (u32 i = 0; i < header.words.size(); ++i) header.words[i] = read(file_, header.at + 4u * i, 4);
    return header;
  }

  std::optional<Refusal> take(const ProgramHeader& header) {
    const bool empty = header[Word::FileSize] == 0 && header[Word::MemorySize] == 0;
    switch (header[Word::Type]) {
      case kLoad: return load(header);
      case kDynamic:
      case kInterpreter: break;
      default: return std::nullopt;
    }
    if (empty) return std::nullopt;
    const u32 type = header[Word::Type];
    return header.refuse(Word::Type,
                         {Part::dec(type, type == kInterpreter ? "PT_INTERP" : "PT_DYNAMIC"),
                          ": dynamically linked, expected a static image: link with -static -no-pie"});
  }

  std::optional<Refusal> load(const ProgramHeader& header) {
    if (auto refused = check_sizes(header)) return refused;
    if (header[Word::MemorySize] == 0) return std::nullopt;
    if (auto refused = check_alignment(header)) return refused;
    if (auto refused = check_place(header)) return refused;

    const Segment segment{VirtAddr{header[Word::Address]}, header[Word::MemorySize],
                          header[Word::FileSize] == 0 ? 0 : header[Word::Offset], header[Word::FileSize],
                          access_of(header[Word::Flags])};
    if (auto refused = check_rights(header, segment)) return refused;
    if (auto refused = check_neighbours(header, segment)) return refused;
    if (!image_.segments.push(segment) || !origin_.push(header.index))
      return header.refuse(Word::Type, {Part::dec(kLoad), " (PT_LOAD), expected at most ",
                                        Part::dec(kMaxSegments), " PT_LOAD segments"});
    return std::nullopt;
  }

  std::optional<Refusal> check_sizes(const ProgramHeader& header) const {
    const u32 bytes = header[Word::FileSize];
    if (bytes > header[Word::MemorySize])
      return header.refuse(Word::FileSize, {Part::hex(bytes), ", expected at most p_memsz ",
                                            Part::hex(header[Word::MemorySize])});
    // Linkers let p_offset of a segment without file bytes point anywhere, past the end included.
    if (bytes == 0) return std::nullopt;
    const u32 offset = header[Word::Offset];
    if (offset > file_.size())
      return header.refuse(Word::Offset, {Part::hex(offset), ", expected within the file of ",
                                          Part::hex(file_.size()), " bytes"});
    if (bytes > file_.size() - offset)
      return header.refuse(Word::FileSize,
                           {Part::hex(bytes), ", expected at most ", Part::hex(file_.size() - offset),
                            ": from p_offset ", Part::hex(offset), " the file has no more"});
    return std::nullopt;
  }

  static std::optional<Refusal> check_alignment(const ProgramHeader& header) {
    const u32 align = header[Word::Align];
    if ((align & (align - 1)) != 0 && align != 0)
      return header.refuse(Word::Align, {Part::hex(align), ", expected 0 or a power of two"});
    if (align <= 1 || header[Word::FileSize] == 0) return std::nullopt;
    const u32 mask = align - 1;
    if (((header[Word::Address] ^ header[Word::Offset]) & mask) != 0)
      return header.refuse(Word::Address,
                           {Part::hex(header[Word::Address]), ", expected p_offset ",
                            Part::hex(header[Word::Offset]), " modulo p_align ", Part::hex(align)});
    return std::nullopt;
  }

  std::optional<Refusal> check_place(const ProgramHeader& header) const {
    const u32 first = header[Word::Address];
    const u64 end = header.memory_end();
    if (end > u64{1} << 32)
      return header.refuse(Word::MemorySize, {Part::hex(header[Word::MemorySize]), ", expected at most ",
                                              Part::hex((u64{1} << 32) - first), ": from p_vaddr ",
                                              Part::hex(first), " on it would pass the last address"});
    if (overlap({first, end}, {kNullPage.base.raw, kNullPage.end()})) return outside(header, kNullPage);
    if (first >= limits_.base.raw && end <= region_end()) return std::nullopt;
    for (const Span& span : kMemoryMap) {
      if (overlap({first, end}, {span.base.raw, span.end()})) return outside(header, span);
    }
    return outside(header, {});
  }

  u64 region_end() const { return u64{limits_.base.raw} + limits_.size; }

  Refusal outside(const ProgramHeader& header, const Span& touched) const {
    TextBuffer<64> aside;
    if (!touched.name.empty())
      aside.put(", touching the ")
          .put(touched.name)
          .put(" 0x")
          .hex(touched.base.raw)
          .put("-0x")
          .hex(touched.end() - 1);
    return header.refuse(Word::Address,
                         {Part::hex(header[Word::Address]), " (to ", Part::hex(header.memory_end() - 1), ")",
                          aside.view(), ", expected inside ", limits_.region_name, " ",
                          Part::hex(limits_.base.raw), "-", Part::hex(region_end() - 1)});
  }

  std::optional<Refusal> check_rights(const ProgramHeader& header, const Segment& segment) {
    if (!allows(segment.access, Access::Write | Access::Execute)) return std::nullopt;
    if (!limits_.allow_writable_executable)
      return header.refuse(Word::Flags,
                           {Part::hex(header[Word::Flags]),
                            " (writable and executable), expected R-X or RW-: link with -z separate-code and "
                            "-Wl,-z,noexecstack or two PHDRS; --allow-wx simulates it"});
    image_.writable_executable = true;
    return std::nullopt;
  }

  std::optional<Refusal> check_neighbours(const ProgramHeader& header, const Segment& segment) const {
    for (u32 i = 0; i < image_.segments.size(); ++i) {
      const Segment& other = image_.segments[i];
      if (overlap(bytes_of(segment), bytes_of(other)))
        return header.refuse(Word::Address,
                             {Part::hex(segment.address.raw), " (to ", Part::hex(bytes_of(segment).end - 1),
                              "), expected no overlap with program header ", Part::dec(origin_[i]), " at ",
                              Part::hex(other.address.raw), "-", Part::hex(bytes_of(other).end - 1)});
      if (segment.access != other.access && overlap(pages_of(segment), pages_of(other)))
        return header.refuse(
            Word::Address,
            {Part::hex(segment.address.raw), ", expected no 4 KiB page in common with program header ",
             Part::dec(origin_[i]), " of other rights: rights are per page, align segments to 4096"});
    }
    return std::nullopt;
  }

  std::optional<Refusal> check_entry() {
    const u32 entry = read(file_, kEntry);
    const bool thumb = (entry & 1) != 0;
    if (!thumb && entry % 4 != 0)
      return refuse(kEntry, {Part::hex(entry), ", expected a multiple of 4 (ARM) or bit 0 set (Thumb)"});
    const u32 at = entry & ~1u;
    for (const Segment& s : image_.segments) {
      if (!allows(s.access, Access::Execute) || at < s.address.raw) continue;
      if (at - s.address.raw >= s.file_size) continue;
      image_.entry = VirtAddr{entry};
      return std::nullopt;
    }
    return refuse(kEntry, {Part::hex(entry),
                           ", expected an address in the file-backed bytes of an executable PT_LOAD"});
  }

  std::span<const u8> file_;
  const Limits& limits_;
  u32 table_ = 0;
  u32 count_ = 0;
  Image image_;
  FixedVector<u32, kMaxSegments> origin_;  // the program header that each segment came from
};

}  // namespace

Access access_of(u32 p_flags) {
  Access access = Access::None;
  if ((p_flags & (kReadable | kWritable | kExecutable)) != 0) access = Access::Read;
  if ((p_flags & kWritable) != 0) access = access | Access::Write;
  if ((p_flags & kExecutable) != 0) access = access | Access::Execute;
  return access;
}

std::optional<Refusal> parse(std::span<const u8> file, const Limits& limits, Image& out) {
  Loader loader{file, limits};
  if (auto refused = loader.run()) return refused;
  out = loader.image();
  return std::nullopt;
}

}  // namespace gotee::elf
