// SPDX-License-Identifier: BSD-3-Clause
//
// Every field of an ELF image, lied about.
#include "core/loader/elf.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>
#include <string>
#include <vector>

namespace gotee::elf {
namespace {

constexpr Limits kRegion{VirtAddr{0x10000000}, 0x04000000, false};

// [gABI] p_type, p_flags.
constexpr u32 kNull = 0, kLoad = 1, kDynamic = 2, kInterp = 3, kNote = 4, kTls = 7;
constexpr u32 kX = 1, kW = 2, kR = 4;

constexpr u32 kHeaders = 52;  // where the program headers start
enum Offset : u32 {
  pType = 0,
  pOffset = 4,
  pVaddr = 8,
  pPaddr = 12,
  pFilesz = 16,
  pMemsz = 20,
  pFlags = 24,
  pAlign = 28
};
u32 at(u32 header, Offset field) { return kHeaders + 32 * header + field; }

struct Phdr {
  u32 type, offset, vaddr, paddr, filesz, memsz, flags, align;
};

/// An image in the making; field offsets are those of [gABI] Elf32_Ehdr.
struct Elf {
  std::vector<u8> bytes;

  Elf& set(u32 offset, u32 width, u64 value) {
    if (bytes.size() < offset + width) bytes.resize(offset + width);
    for (u32 i = 0; i < width; ++i) bytes[offset + i] = u8(value >> (8 * i));
    return *this;
  }
  Elf& set(u32 header, Offset field, u32 value) { return set(at(header, field), 4, value); }
};

Elf image_of(const std::vector<Phdr>& headers, u32 entry, u32 file_size) {
  Elf elf;
  elf.set(0, 4, 0x464c457f).set(4, 1, 1).set(5, 1, 1).set(6, 1, 1);
  elf.set(0x10, 2, 2).set(0x12, 2, 40).set(0x14, 4, 1).set(0x18, 4, entry);
  elf.set(0x1c, 4, kHeaders).set(0x20, 4, 0).set(0x24, 4, 0x05000200);
  elf.set(0x28, 2, 52).set(0x2a, 2, 32).set(0x2c, 2, headers.size()).set(0x32, 2, 0);
  for (u32 i = 0; i < headers.size(); ++i) {
    const Phdr& p = headers[i];
    elf.set(i, pType, p.type).set(i, pOffset, p.offset).set(i, pVaddr, p.vaddr).set(i, pPaddr, p.paddr);
    elf.set(i, pFilesz, p.filesz).set(i, pMemsz, p.memsz).set(i, pFlags, p.flags).set(i, pAlign, p.align);
  }
  elf.bytes.resize(file_size);
  return elf;
}

/// R-X, R-- and RW- with a bss, as the applets that this loader is for.
const std::vector<Phdr> kValidHeaders = {
    {kLoad, 0x1000, 0x10010000, 0x10010000, 0x200, 0x200, kR | kX, 0x1000},
    {kLoad, 0x2000, 0x10011000, 0x10011000, 0x100, 0x100, kR, 0x1000},
    {kLoad, 0x3000, 0x10012000, 0x10012000, 0x80, 0x9000, kR | kW, 0x1000},
};
Elf valid() { return image_of(kValidHeaders, 0x10010000, 0x3080); }

std::string refusal(const Elf& elf, const Limits& limits = kRegion) {
  Image image;
  const auto refused = parse(elf.bytes, limits, image);
  if (!refused) return "accepted";
  EXPECT_LT(refused->view().size(), 200u) << "cut: " << refused->view();
  EXPECT_EQ(refused->view().find('\n'), std::string_view::npos);
  return std::string{refused->view()};
}

Image accepted(const Elf& elf, const Limits& limits = kRegion) {
  Image image;
  const auto refused = parse(elf.bytes, limits, image);
  EXPECT_FALSE(refused) << refused->view();
  return image;
}

TEST(Elf, AcceptsAStaticImageAsItIsInTheFile) {
  const Image image = accepted(valid());
  EXPECT_EQ(image.entry.raw, 0x10010000u);
  EXPECT_FALSE(image.writable_executable);
  ASSERT_EQ(image.segments.size(), 3u);
  const Segment& data = image.segments[2];
  EXPECT_EQ(data.address.raw, 0x10012000u);
  EXPECT_EQ(data.memory_size, 0x9000u);
  EXPECT_EQ(data.file_offset, 0x3000u);
  EXPECT_EQ(data.file_size, 0x80u);
  EXPECT_EQ(data.access, Access::Read | Access::Write);
  EXPECT_EQ(image.segments[0].access, Access::Read | Access::Execute);
  EXPECT_EQ(image.segments[1].access, Access::Read);
}

TEST(Elf, RefusesAnEmptyFile) { EXPECT_EQ(refusal({}), "file is empty: expected an ELF32 image"); }

TEST(Elf, RefusesEveryPrefixOfAValidImage) {
  const Elf whole = valid();
  for (std::size_t n = 0; n < whole.bytes.size(); ++n) {
    // A copy of exactly n bytes, so that a read past the end is seen by the sanitizer.
    const std::vector<u8> prefix(whole.bytes.begin(), whole.bytes.begin() + std::ptrdiff_t(n));
    const std::string why = refusal({prefix});
    const std::string_view field = n == 0                  ? "file is empty"
                                   : n < 52                ? "ELF header"
                                   : n < kHeaders + 3 * 32 ? "e_phoff"
                                   : n < 0x1000            ? "program header 0: p_offset"
                                   : n < 0x1200            ? "program header 0: p_filesz"
                                   : n < 0x2000            ? "program header 1: p_offset"
                                   : n < 0x2100            ? "program header 1: p_filesz"
                                   : n < 0x3000            ? "program header 2: p_offset"
                                                           : "program header 2: p_filesz";
    ASSERT_TRUE(why.starts_with(field)) << n << " bytes: " << why;
  }
}

TEST(Elf, LeavesTheImageAloneWhenItRefuses) {
  Image image;
  image.entry = VirtAddr{42};
  const Elf bad = valid().set(2, pVaddr, 0);
  ASSERT_TRUE(parse(bad.bytes, kRegion, image));
  EXPECT_EQ(image.entry.raw, 42u);
  EXPECT_TRUE(image.segments.empty());
}

// One lie about one field, and what the answer must begin with (and, after "...", contain).
struct Lie {
  const char* name;
  u32 offset;
  u32 width;
  u32 value;
  const char* begins;
  const char* contains = "";
};
std::ostream& operator<<(std::ostream& out, const Lie& lie) { return out << lie.name; }

class ElfField : public testing::TestWithParam<Lie> {};

TEST_P(ElfField, IsNamedWhenItLies) {
  const Lie& lie = GetParam();
  const std::string why = refusal(valid().set(lie.offset, lie.width, lie.value));
  EXPECT_TRUE(why.starts_with(lie.begins)) << why;
  EXPECT_NE(why.find(lie.contains), std::string::npos) << why;
}

std::string lie_name(const testing::TestParamInfo<Lie>& info) { return info.param.name; }

const Lie kHeaderLies[] = {
    {"Magic0", 0, 1, 0, "EI_MAG0 at offset 0x0 is 0x0, expected 0x7f: not an ELF file"},
    {"Magic1", 1, 1, 0xff, "EI_MAG1 at offset 0x1 is 0xff, expected 0x45"},
    {"Magic2", 2, 1, 'l', "EI_MAG2 at offset 0x2 is 0x6c, expected 0x4c"},
    {"Magic3", 3, 1, 0, "EI_MAG3 at offset 0x3 is 0x0, expected 0x46"},
    {"ClassZero", 4, 1, 0, "EI_CLASS at offset 0x4 is 0, expected 1 (32-bit)"},
    {"Class64", 4, 1, 2, "EI_CLASS at offset 0x4 is 2 (64-bit), expected 1 (32-bit)"},
    {"ClassMax", 4, 1, 255, "EI_CLASS at offset 0x4 is 255, expected 1 (32-bit)"},
    {"DataZero", 5, 1, 0, "EI_DATA at offset 0x5 is 0, expected 1 (little-endian)"},
    {"DataBig", 5, 1, 2, "EI_DATA at offset 0x5 is 2 (big-endian), expected 1 (little-endian)"},
    {"DataMax", 5, 1, 255, "EI_DATA at offset 0x5 is 255, expected"},
    {"IdentVersionZero", 6, 1, 0, "EI_VERSION at offset 0x6 is 0, expected 1"},
    {"IdentVersionMax", 6, 1, 255, "EI_VERSION at offset 0x6 is 255, expected 1"},
    {"TypeNone", 0x10, 2, 0, "e_type at offset 0x10 is 0, expected 2 (ET_EXEC)"},
    {"TypeRelocatable", 0x10, 2, 1, "e_type at offset 0x10 is 1 (ET_REL",
     "expected 2 (ET_EXEC): link with -static"},
    {"TypeShared", 0x10, 2, 3, "e_type at offset 0x10 is 3 (ET_DYN", "link with -static -no-pie"},
    {"TypeCore", 0x10, 2, 4, "e_type at offset 0x10 is 4 (ET_CORE"},
    {"TypeMax", 0x10, 2, 0xffff, "e_type at offset 0x10 is 65535, expected 2 (ET_EXEC)"},
    {"MachineZero", 0x12, 2, 0, "e_machine at offset 0x12 is 0, expected 40 (ARM)"},
    {"MachineX8664", 0x12, 2, 62, "e_machine at offset 0x12 is 62 (x86-64), expected 40 (ARM)"},
    {"MachineAarch64", 0x12, 2, 183, "e_machine at offset 0x12 is 183 (AArch64), expected 40 (ARM)"},
    {"MachineRiscv", 0x12, 2, 243, "e_machine at offset 0x12 is 243 (RISC-V), expected 40 (ARM)"},
    {"MachineMax", 0x12, 2, 0xffff, "e_machine at offset 0x12 is 65535, expected 40 (ARM)"},
    {"VersionZero", 0x14, 4, 0, "e_version at offset 0x14 is 0, expected 1"},
    {"VersionMax", 0x14, 4, 0xffffffff, "e_version at offset 0x14 is 4294967295, expected 1"},
    {"EntryZero", 0x18, 4, 0, "e_entry at offset 0x18 is 0x0, expected an address"},
    {"EntryMax", 0x18, 4, 0xffffffff, "e_entry at offset 0x18 is 0xffffffff, expected an address"},
    {"EntryMisaligned", 0x18, 4, 0x10010002,
     "e_entry at offset 0x18 is 0x10010002, expected a multiple of 4"},
    {"EntryInReadOnlyData", 0x18, 4, 0x10011000, "e_entry at offset 0x18 is 0x10011000",
     "executable PT_LOAD"},
    {"EntryBeforeText", 0x18, 4, 0x1000fffc, "e_entry at offset 0x18 is 0x1000fffc", "executable PT_LOAD"},
    {"EntryJustPastText", 0x18, 4, 0x10010200, "e_entry at offset 0x18 is 0x10010200", "executable PT_LOAD"},
    {"EntryThumbJustPastText", 0x18, 4, 0x10010201, "e_entry at offset 0x18 is 0x10010201",
     "executable PT_LOAD"},
    {"TableOffsetZero", 0x1c, 4, 0, "e_phoff at offset 0x1c is 0x0, expected 0x34 or more"},
    {"TableOffsetInHeader", 0x1c, 4, 51, "e_phoff at offset 0x1c is 0x33, expected 0x34 or more"},
    {"TableOffsetPastEnd", 0x1c, 4, 0x3080, "e_phoff at offset 0x1c is 0x3080, expected room for"},
    {"TableOffsetOneByteShort", 0x1c, 4, 0x3080 - 95, "e_phoff at offset 0x1c is 0x3021, expected room for"},
    {"TableOffsetMax", 0x1c, 4, 0xffffffff, "e_phoff at offset 0x1c is 0xffffffff", "end at 0x10000005f"},
    {"FlagsZero", 0x24, 4, 0, "e_flags at offset 0x24 is 0x0", "EABI version 5"},
    {"FlagsEabi4", 0x24, 4, 0x04000000, "e_flags at offset 0x24 is 0x4000000", "EABI version 5"},
    {"FlagsBe8", 0x24, 4, 0x05800000, "e_flags at offset 0x24 is 0x5800000 (BE8"},
    {"FlagsMax", 0x24, 4, 0xffffffff, "e_flags at offset 0x24 is 0xffffffff", "EABI version 5"},
    {"HeaderSizeZero", 0x28, 2, 0, "e_ehsize at offset 0x28 is 0, expected 52"},
    {"HeaderSize64", 0x28, 2, 64, "e_ehsize at offset 0x28 is 64, expected 52"},
    {"HeaderSizeMax", 0x28, 2, 0xffff, "e_ehsize at offset 0x28 is 65535, expected 52"},
    {"EntrySizeZero", 0x2a, 2, 0, "e_phentsize at offset 0x2a is 0, expected 32"},
    {"EntrySize56", 0x2a, 2, 56, "e_phentsize at offset 0x2a is 56, expected 32"},
    {"EntrySizeMax", 0x2a, 2, 0xffff, "e_phentsize at offset 0x2a is 65535, expected 32"},
    {"CountZero", 0x2c, 2, 0, "e_phnum at offset 0x2c is 0, expected at least one"},
    {"CountTooMany", 0x2c, 2, 65, "e_phnum at offset 0x2c is 65, expected at most 64"},
    {"CountExtended", 0x2c, 2, 0xffff, "e_phnum at offset 0x2c is 0xffff (PN_XNUM)"},
};
INSTANTIATE_TEST_SUITE_P(Header, ElfField, testing::ValuesIn(kHeaderLies), lie_name);

const Lie kProgramHeaderLies[] = {
    {"TypeInterp", at(1, pType), 4, kInterp, "program header 1: p_type at offset 0x54 is 3 (PT_INTERP)",
     "-static"},
    {"TypeDynamic", at(1, pType), 4, kDynamic, "program header 1: p_type at offset 0x54 is 2 (PT_DYNAMIC)",
     "-static"},
    {"TypeOfTextZeroed", at(0, pType), 4, kNull, "e_entry at offset 0x18 is 0x10010000"},
    {"TypeOfTextMax", at(0, pType), 4, 0xffffffff, "e_entry at offset 0x18 is 0x10010000"},
    {"OffsetNotCongruent", at(2, pOffset), 4, 1, "program header 2: p_vaddr at offset 0x7c is 0x10012000",
     "p_align 0x1000"},
    {"OffsetPastEnd", at(2, pOffset), 4, 0x4000,
     "program header 2: p_offset at offset 0x78 is 0x4000, expected within"},
    {"OffsetMax", at(2, pOffset), 4, 0xffffffff, "program header 2: p_offset at offset 0x78 is 0xffffffff"},
    {"OffsetWrapsWithFileSize", at(2, pOffset), 4, 0xffffff80,
     "program header 2: p_offset at offset 0x78 is"},
    {"VaddrZero", at(2, pVaddr), 4, 0, "program header 2: p_vaddr at offset 0x7c is 0x0 (to 0x8fff)",
     "null page 0x0-0xfff"},
    {"VaddrJustBelowRegion", at(1, pVaddr), 4, 0x0ffff000,
     "program header 1: p_vaddr at offset 0x5c is 0xffff000",
     "expected inside the applet's region 0x10000000-0x13ffffff"},
    {"VaddrJustPastRegion", at(1, pVaddr), 4, 0x14000000,
     "program header 1: p_vaddr at offset 0x5c is 0x14000000",
     "expected inside the applet's region 0x10000000-0x13ffffff"},
    {"VaddrAcrossRegionEnd", at(2, pVaddr), 4, 0x13ff8000,
     "program header 2: p_vaddr at offset 0x7c is 0x13ff8000 (to 0x14000fff)"},
    {"VaddrSupervisorFirst", at(1, pVaddr), 4, 0x90000000,
     "program header 1: p_vaddr at offset 0x5c is 0x90000000",
     "touching the supervisor text 0x90000000-0x900fffff"},
    {"VaddrSupervisorLast", at(1, pVaddr), 4, 0x97fff000,
     "program header 1: p_vaddr at offset 0x5c is 0x97fff000",
     "touching the supervisor reserve 0x91100000-0x97ffffff"},
    {"VaddrMax", at(1, pVaddr), 4, 0xffffffff,
     "program header 1: p_vaddr at offset 0x5c is 0xffffffff, expected p_offset"},
    {"VaddrMaxAligned", at(2, pVaddr), 4, 0xfffff000,
     "program header 2: p_memsz at offset 0x88 is 0x9000, expected at most 0x1000"},
    {"VaddrNotCongruent", at(1, pVaddr), 4, 0x10011004,
     "program header 1: p_vaddr at offset 0x5c is 0x10011004, expected p_offset 0x2000 modulo p_align "
     "0x1000"},
    {"VaddrOverlapsText", at(1, pVaddr), 4, 0x10010000,
     "program header 1: p_vaddr at offset 0x5c is 0x10010000",
     "overlap with program header 0 at 0x10010000-0x100101ff"},
    {"FileSizeMax", at(2, pFilesz), 4, 0xffffffff,
     "program header 2: p_filesz at offset 0x84 is 0xffffffff, expected at most p_memsz 0x9000"},
    {"FileSizeOverMemorySize", at(1, pFilesz), 4, 0x101,
     "program header 1: p_filesz at offset 0x64 is 0x101, expected at most p_memsz 0x100"},
    {"FileSizePastEnd", at(2, pFilesz), 4, 0x81,
     "program header 2: p_filesz at offset 0x84 is 0x81, expected at most 0x80"},
    {"FileSizeOfTextZero", at(0, pFilesz), 4, 0, "e_entry at offset 0x18 is 0x10010000", "file-backed"},
    {"MemorySizeZero", at(1, pMemsz), 4, 0,
     "program header 1: p_filesz at offset 0x64 is 0x100, expected at most p_memsz 0x0"},
    {"MemorySizeMax", at(2, pMemsz), 4, 0xffffffff,
     "program header 2: p_memsz at offset 0x88 is 0xffffffff, expected at most 0xeffee000"},
    {"MemorySizeToTheLastAddress", at(2, pMemsz), 4, 0xeffee000,
     "program header 2: p_vaddr at offset 0x7c is 0x10012000 (to 0xffffffff)"},
    {"MemorySizeOnePastRegion", at(2, pMemsz), 4, 0x03fee001,
     "program header 2: p_vaddr at offset 0x7c is 0x10012000 (to 0x14000000)"},
    {"FlagsWritableExecutable", at(2, pFlags), 4, kR | kW | kX,
     "program header 2: p_flags at offset 0x8c is 0x7 (writable and executable)", "-z separate-code"},
    {"FlagsMax", at(2, pFlags), 4, 0xffffffff, "program header 2: p_flags at offset 0x8c is 0xffffffff",
     "--allow-wx"},
    {"FlagsWriteAndExecuteAlone", at(2, pFlags), 4, kW | kX,
     "program header 2: p_flags at offset 0x8c is 0x3", "noexecstack"},
    {"FlagsOfTextZero", at(0, pFlags), 4, 0, "e_entry at offset 0x18 is 0x10010000", "executable PT_LOAD"},
    {"AlignNoPowerOfTwo", at(1, pAlign), 4, 0x1800,
     "program header 1: p_align at offset 0x70 is 0x1800, expected 0 or a power of two"},
    {"AlignMax", at(1, pAlign), 4, 0xffffffff,
     "program header 1: p_align at offset 0x70 is 0xffffffff, expected 0 or a power of two"},
    {"AlignLargerThanFile", at(1, pAlign), 4, 0x80000000,
     "program header 1: p_vaddr at offset 0x5c is 0x10011000", "modulo p_align 0x80000000"},
};
INSTANTIATE_TEST_SUITE_P(ProgramHeader, ElfField, testing::ValuesIn(kProgramHeaderLies), lie_name);

// Fields whose every value is harmless.
struct Truth {
  const char* name;
  u32 offset;
  u32 width;
  u32 value;
};
std::ostream& operator<<(std::ostream& out, const Truth& truth) { return out << truth.name; }

class ElfHarmless : public testing::TestWithParam<Truth> {};
TEST_P(ElfHarmless, IsAccepted) {
  EXPECT_EQ(refusal(valid().set(GetParam().offset, GetParam().width, GetParam().value)), "accepted");
}
const Truth kTruths[] = {
    {"OsAbiMax", 7, 1, 255},
    {"AbiVersionMax", 8, 1, 255},
    {"SectionOffsetMax", 0x20, 4, 0xffffffff},
    {"FlagsEabi5WithoutFloat", 0x24, 4, 0x05000000},
    {"FlagsHardFloat", 0x24, 4, 0x05000400},
    {"SectionEntrySizeMax", 0x2e, 2, 0xffff},
    {"SectionCountMax", 0x30, 2, 0xffff},
    {"SectionNamesMax", 0x32, 2, 0xffff},
    {"EntryThumb", 0x18, 4, 0x10010003},
    {"EntryLastInstruction", 0x18, 4, 0x100101fc},
    {"NullType", at(1, pType), 4, kNull},
    {"NoteType", at(1, pType), 4, kNote},
    {"TlsType", at(1, pType), 4, kTls},
    {"UnknownType", at(1, pType), 4, 0x70000001},
    {"PhysicalZero", at(1, pPaddr), 4, 0},
    {"PhysicalMax", at(1, pPaddr), 4, 0xffffffff},
    {"MemoryToTheEndOfTheRegion", at(2, pMemsz), 4, 0x03fee000},
    {"AlignZero", at(1, pAlign), 4, 0},
    {"AlignOne", at(1, pAlign), 4, 1},
    {"AlignFour", at(1, pAlign), 4, 4},
    {"GuardWithoutRights", at(1, pFlags), 4, 0},
    {"FlagsOfProcessorAndSystem", at(1, pFlags), 4, 0xfff00000 | kR},
};
INSTANTIATE_TEST_SUITE_P(Field, ElfHarmless, testing::ValuesIn(kTruths),
                         [](const auto& truth) { return std::string{truth.param.name}; });

TEST(Elf, KeepsTheThumbBitOfTheEntry) {
  EXPECT_EQ(accepted(valid().set(0x18, 4, 0x10010003)).entry.raw, 0x10010003u);
}

TEST(Elf, SkipsASegmentWithoutMemory) {
  const Image image = accepted(valid().set(1, pFilesz, 0).set(1, pMemsz, 0).set(1, pVaddr, 0));
  EXPECT_EQ(image.segments.size(), 2u);
}

TEST(Elf, AcceptsEmptyInterpreterAndDynamicHeaders) {
  for (const u32 type : {kInterp, kDynamic})
    EXPECT_EQ(refusal(valid().set(1, pType, type).set(1, pFilesz, 0).set(1, pMemsz, 0)), "accepted");
}

TEST(Elf, IgnoresTheOffsetOfASegmentWithoutFileBytes) {
  const Image image = accepted(valid().set(2, pFilesz, 0).set(2, pOffset, 0xfffff000));
  EXPECT_EQ(image.segments[2].file_offset, 0u);
  EXPECT_EQ(image.segments[2].file_size, 0u);
}

TEST(Elf, MapsWritableExecutableOnlyWhenAllowedAndSaysSo) {
  Limits lax = kRegion;
  lax.allow_writable_executable = true;
  const Image image = accepted(valid().set(2, pFlags, kR | kW | kX), lax);
  EXPECT_TRUE(image.writable_executable);
  EXPECT_EQ(image.segments[2].access, Access::Read | Access::Write | Access::Execute);
  EXPECT_FALSE(accepted(valid(), lax).writable_executable);
}

// Two segments in page 0x10011000, which do not overlap.
Elf page_shared(u32 first_flags, u32 second_flags) {
  Elf elf = valid().set(1, pFlags, first_flags).set(2, pFlags, second_flags);
  return elf.set(2, pVaddr, 0x10011100).set(2, pAlign, 4);
}

TEST(Elf, RefusesDifferentRightsInOnePage) {
  const std::string why = refusal(page_shared(kR, kR | kW));
  EXPECT_TRUE(why.starts_with("program header 2: p_vaddr at offset 0x7c is 0x10011100")) << why;
  EXPECT_NE(why.find("program header 1"), std::string::npos) << why;
  EXPECT_NE(why.find("align segments to 4096"), std::string::npos) << why;
}

Elf with_headers_1_and_2_swapped(Elf elf) {
  const auto first = elf.bytes.begin() + at(1, pType), second = elf.bytes.begin() + at(2, pType);
  std::swap_ranges(first, second, second);
  return elf;
}

TEST(Elf, RefusesDifferentRightsInOnePageWhateverTheOrder) {
  const std::string why = refusal(with_headers_1_and_2_swapped(page_shared(kR, kR | kW)));
  EXPECT_NE(why.find("align segments to 4096"), std::string::npos) << why;
}

TEST(Elf, AcceptsTheSameRightsInOnePage) {
  EXPECT_EQ(refusal(page_shared(kR, kR)), "accepted");
  EXPECT_EQ(refusal(page_shared(kW, kR | kW)), "accepted") << "write alone is rounded up to read and write";
}

TEST(Elf, RefusesAnOverlapOfOneByteWhateverTheOrder) {
  const Elf overlapping = page_shared(kR, kR).set(2, pVaddr, 0x100110ff).set(2, pAlign, 1);
  for (const Elf& elf : {overlapping, with_headers_1_and_2_swapped(overlapping)}) {
    const std::string why = refusal(elf);
    EXPECT_NE(why.find("overlap with program header 1"), std::string::npos) << why;
  }
}

TEST(Elf, AcceptsSixteenSegmentsAndRefusesSeventeen) {
  std::vector<Phdr> headers;
  for (u32 i = 0; i < 16; ++i)
    headers.push_back({kLoad, 0x1000, 0x10010000 + i * 0x1000, 0, 16, 16, i == 0 ? kR | kX : kR, 0x1000});
  EXPECT_EQ(accepted(image_of(headers, 0x10010000, 0x2000)).segments.size(), 16u);
  headers.push_back({kLoad, 0x1000, 0x10020000, 0, 16, 16, kR, 0x1000});
  const std::string why = refusal(image_of(headers, 0x10010000, 0x2000));
  EXPECT_TRUE(
      why.starts_with("program header 16: p_type at offset 0x234 is 1 (PT_LOAD), expected at most 16"))
      << why;
}

TEST(Elf, AcceptsSixtyFourProgramHeaders) {
  std::vector<Phdr> headers = kValidHeaders;
  headers.resize(64, Phdr{kNote, 0, 0, 0, 0, 0, 0, 0});
  EXPECT_EQ(refusal(image_of(headers, 0x10010000, 0x3080)), "accepted");
}

TEST(Elf, AcceptsATableAtTheVeryEndOfTheFile) {
  Elf elf = valid();
  const std::vector<u8> table(elf.bytes.begin() + kHeaders, elf.bytes.begin() + kHeaders + 96);
  elf.set(0x1c, 4, u32(elf.bytes.size()));
  elf.bytes.insert(elf.bytes.end(), table.begin(), table.end());
  EXPECT_EQ(refusal(elf), "accepted");
}

TEST(Elf, HoldsAnImageToTheRegionItIsGiven) {
  Limits small{VirtAddr{0x10010000}, 0xb000, false};
  EXPECT_EQ(refusal(valid(), small), "accepted");
  small.size = 0xa000;
  EXPECT_NE(refusal(valid(), small).find("region 0x10010000-0x10019fff"), std::string::npos);
}

TEST(ElfAccess, RoundsUpWhatArmv7CannotExpress) {
  const Access rw = Access::Read | Access::Write, rx = Access::Read | Access::Execute;
  EXPECT_EQ(access_of(0), Access::None);
  EXPECT_EQ(access_of(kR), Access::Read);
  EXPECT_EQ(access_of(kW), rw);
  EXPECT_EQ(access_of(kR | kW), rw);
  EXPECT_EQ(access_of(kX), rx);
  EXPECT_EQ(access_of(kR | kX), rx);
  EXPECT_EQ(access_of(kW | kX), rw | rx);
  EXPECT_EQ(access_of(0xfffffff8), Access::None);
}

}  // namespace
}  // namespace gotee::elf
