// SPDX-License-Identifier: BSD-3-Clause
//
// Translation tables, bit by bit. Ref: [ARM ARM] DDI 0406C.d, Figures B3-4 and B3-5, Tables B3-8 and B3-10,
// B3.13.3 (fault status). The expected words stand in binary as the figures draw them.
#include "core/mem/page_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bitset>
#include <random>
#include <string>
#include <vector>

namespace gotee {
namespace {

constexpr Access kR = Access::Read, kW = Access::Write, kX = Access::Execute;
constexpr PhysAddr kTableBase{0x90100000};

struct Fixture {
  explicit Fixture(u32 second_level_tables = 8)
      : words(kFirstLevelWords + second_level_tables * kSecondLevelWords, 0xdeadbeef) {
    EXPECT_TRUE(bool(tables.init({words, kTableBase})));
  }
  std::vector<u32> words;
  PageTables tables;
};

// --- A second decoder of the raw words, field by field, sharing nothing with the first -------------

struct Decoded {
  enum class Type { Fault, PageTable, Section, Supersection, LargePage, SmallPage } type = Type::Fault;
  bool second_level = false;
  u64 output = 0;
  std::string ap;  // AP[2:0], left to right
  std::string tex_c_b;
  bool xn = false, pxn = false, not_global = false, shared = false, not_secure = false;
  u32 domain = 0;
};

std::string field(const std::bitset<32>& word, std::initializer_list<std::size_t> positions) {
  std::string text;
  for (const std::size_t p : positions) text += word[p] ? '1' : '0';
  return text;
}

Decoded hardware_walk(const std::vector<u32>& memory, PhysAddr base, u32 va) {
  Decoded d;
  const std::bitset<32> one{memory.at(va >> 20)};
  d.domain = u32(std::bitset<4>{field(one, {8, 7, 6, 5})}.to_ulong());
  const std::string low = field(one, {1, 0});
  if (low == "00") return d;
  if (low != "01") {  // 1x: bit 0 is PXN, bit 18 says supersection
    d.type = one[18] ? Decoded::Type::Supersection : Decoded::Type::Section;
    d.output = (one.to_ulong() / 0x100000 * 0x100000) + va % 0x100000;
    d.ap = field(one, {15, 11, 10});
    d.tex_c_b = field(one, {14, 13, 12, 3, 2});
    d.xn = one[4], d.pxn = one[0], d.not_global = one[17], d.shared = one[16], d.not_secure = one[19];
    return d;
  }
  d.second_level = true;
  d.pxn = one[2], d.not_secure = one[3];
  const u64 table = one.to_ulong() / 0x400 * 0x400;
  const std::bitset<32> two{memory.at((table - base.raw) / 4 + (va >> 12) % 256)};
  const std::string kind = field(two, {1, 0});
  if (kind == "00") return d;
  if (kind == "01") {
    d.type = Decoded::Type::LargePage;
    return d;
  }
  d.type = Decoded::Type::SmallPage;
  d.output = two.to_ulong() / 0x1000 * 0x1000 + va % 0x1000;
  d.ap = field(two, {9, 5, 4});
  d.tex_c_b = field(two, {8, 7, 6, 3, 2});
  d.xn = two[0], d.not_global = two[11], d.shared = two[10];
  return d;
}

// Table B3-8, SCTLR.AFE = 0: AP[2:0] -> rights at PL1 and PL0.
struct Ap {
  Access pl1, pl0;
};
Ap table_b3_8(const std::string& ap) {
  if (ap == "000") return {Access::None, Access::None};
  if (ap == "001") return {kR | kW, Access::None};
  if (ap == "010") return {kR | kW, kR};
  if (ap == "011") return {kR | kW, kR | kW};
  if (ap == "101") return {kR, Access::None};
  if (ap == "110" || ap == "111") return {kR, kR};
  ADD_FAILURE() << "AP " << ap << " is reserved";
  return {};
}

void expect_same_walk(const Fixture& f, u32 va) {
  const Decoded want = hardware_walk(f.words, kTableBase, va);
  const Translation got = f.tables.walk({va});
  SCOPED_TRACE(testing::Message() << std::hex << "va " << va);
  ASSERT_NE(want.type, Decoded::Type::Supersection);
  ASSERT_NE(want.type, Decoded::Type::LargePage);
  ASSERT_EQ(got.mapped, want.type == Decoded::Type::Section || want.type == Decoded::Type::SmallPage);
  if (!got.mapped) {
    EXPECT_EQ(got.status, want.second_level ? FaultStatus::TranslationPage : FaultStatus::TranslationSection);
    EXPECT_EQ(got.user, Access::None);
    return;
  }
  EXPECT_EQ(got.address.raw, want.output);
  EXPECT_EQ(got.section, want.type == Decoded::Type::Section);
  EXPECT_EQ(want.domain, 0u);
  EXPECT_EQ(want.not_secure, kNormalDram.contains(u32(want.output))) << "B3.5.1: NS is the output's world";
  const Ap rights = table_b3_8(want.ap);
  EXPECT_EQ(got.user, allows(rights.pl0, kR) && !want.xn ? rights.pl0 | kX : rights.pl0);
  EXPECT_EQ(got.privileged, allows(rights.pl1, kR) && !want.xn && !want.pxn ? rights.pl1 | kX : rights.pl1);
}

// --- Words -----------------------------------------------------------------------------------------

TEST(PageTables, InitClearsEverything) {
  const Fixture f;
  for (const u32 word : f.words) ASSERT_EQ(word, 0u);
  EXPECT_EQ(f.tables.base(), kTableBase);
  EXPECT_EQ(f.tables.words().size(), f.words.size());
}

TEST(PageTables, InitRefusesSmallAndMisalignedMemory) {
  std::vector<u32> words(kFirstLevelWords);
  PageTables tables;
  EXPECT_EQ(tables.init({std::span{words}.first(kFirstLevelWords - 1), kTableBase}).error(), Error::Invalid);
  // TTBR0 with TTBCR.N = 0 holds bits 31:14 of the base (B4.1.154).
  for (const u32 off : {4u, 0x400u, 0x1000u, 0x2000u})
    EXPECT_EQ(tables.init({words, {kTableBase.raw + off}}).error(), Error::Invalid) << off;
  EXPECT_TRUE(bool(tables.init({words, {kTableBase.raw + 0x4000}})));
}

TEST(PageTables, SectionDescriptorsOfAnApplet) {
  const struct {
    Access access;
    u32 word;
  } kCases[] = {
      //             base         NS 0 nG S AP2 TEX AP10 0 dom XN C B 1 PXN
      {Access::None, 0b100110000000'0'0'1'0'0'001'01'0'0000'1'1'1'1'1},
      {kR, 0b100110000000'0'0'1'0'1'001'11'0'0000'1'1'1'1'1},
      {kR | kW, 0b100110000000'0'0'1'0'0'001'11'0'0000'1'1'1'1'1},
      {kR | kX, 0b100110000000'0'0'1'0'1'001'11'0'0000'0'1'1'1'1},
      {kR | kW | kX, 0b100110000000'0'0'1'0'0'001'11'0'0000'0'1'1'1'1},
  };
  for (const auto& c : kCases) {
    Fixture f;
    ASSERT_TRUE(bool(f.tables.map_user({{0x10000000}, {0x98000000}, 0x100000, c.access}, Grain::Largest)));
    EXPECT_EQ(std::bitset<32>{f.words[0x100]}, std::bitset<32>{c.word}) << u32(c.access);
  }
}

TEST(PageTables, PageDescriptorsOfAnApplet) {
  const struct {
    Access access;
    u32 word;
  } kCases[] = {
      //             base                  nG S AP2 TEX AP10 C B 1 XN
      {Access::None, 0b10011000000000000101'1'0'0'001'01'1'1'1'1},
      {kR, 0b10011000000000000101'1'0'1'001'11'1'1'1'1},
      {kR | kW, 0b10011000000000000101'1'0'0'001'11'1'1'1'1},
      {kR | kX, 0b10011000000000000101'1'0'1'001'11'1'1'1'0},
      {kR | kW | kX, 0b10011000000000000101'1'0'0'001'11'1'1'1'0},
  };
  for (const auto& c : kCases) {
    Fixture f;
    ASSERT_TRUE(bool(f.tables.map_user({{0x10003000}, {0x98005000}, 0x1000, c.access}, Grain::Largest)));
    EXPECT_EQ(std::bitset<32>{f.words[kFirstLevelWords + 3]}, std::bitset<32>{c.word}) << u32(c.access);
    // First level: page table base, domain 0, SBZ, NS 0, PXN 1, type 01.
    EXPECT_EQ(f.words[0x100], (kTableBase.raw + 4 * kFirstLevelWords) | 0b00'0000'0'0'1'01);
  }
}

TEST(PageTables, SupervisorSpansBelongToPl1AloneAndAreNeverExecuted) {
  Fixture f;
  ASSERT_TRUE(bool(f.tables.map_supervisor({Owner::Supervisor, "s", {0x90000000}, 0x200000})));
  ASSERT_TRUE(bool(f.tables.map_supervisor({Owner::Device, "d", {0x02000000}, 0x100000})));
  //                                    base         NS 0 nG S AP2 TEX AP10 0 dom XN C B 1 PXN
  EXPECT_EQ(f.words[0x900], u32{0b100100000000'0'0'0'0'0'001'01'0'0000'1'1'1'1'1});
  EXPECT_EQ(f.words[0x901], u32{0b100100000001'0'0'0'0'0'001'01'0'0000'1'1'1'1'1});
  EXPECT_EQ(f.words[0x902], 0u);
  EXPECT_EQ(f.words[0x020], u32{0b000000100000'0'0'0'0'0'000'01'0'0000'1'0'1'1'1});  // shareable device
  for (const u32 va : {0x90000000u, 0x901fffffu, 0x02012345u}) {
    const Translation t = f.tables.walk({va});
    EXPECT_TRUE(t.mapped);
    EXPECT_EQ(t.address.raw, va);
    EXPECT_EQ(t.user, Access::None);
    EXPECT_EQ(t.privileged, kR | kW);
    for (const Access want : {kR, kW, kX}) EXPECT_TRUE(f.tables.user_fault({va}, want));
  }
}

TEST(PageTables, SupervisorSpansHaveExactlyTheRightsOfPl1) {
  const struct {
    Access access;
    u32 word;
  } kCases[] = {
      //             base         NS 0 nG S AP2 TEX AP10 0 dom XN C B 1 PXN
      {Access::None, 0b100100000000'0'0'0'0'0'001'00'0'0000'1'1'1'1'1},
      {kR, 0b100100000000'0'0'0'0'1'001'01'0'0000'1'1'1'1'1},
      {kR | kX, 0b100100000000'0'0'0'0'1'001'01'0'0000'0'1'1'1'0},
      {kR | kW, 0b100100000000'0'0'0'0'0'001'01'0'0000'1'1'1'1'1},
  };
  for (const auto& c : kCases) {
    Fixture f;
    ASSERT_TRUE(bool(f.tables.map_supervisor({Owner::Supervisor, "s", {0x90000000}, 0x100000, c.access})));
    EXPECT_EQ(std::bitset<32>{f.words[0x900]}, std::bitset<32>{c.word}) << u32(c.access);
    EXPECT_EQ(f.tables.walk({0x90000000}).privileged, c.access);
    EXPECT_EQ(f.tables.walk({0x90000000}).user, Access::None);
    // Table B3-23: PL0 meets a permission fault even where PL1 has no right either.
    EXPECT_EQ(f.tables.user_fault({0x90000000}, kR), std::optional<u32>{0x00d});
  }
}

TEST(PageTables, MemoryOfTheNormalWorldIsMarkedSo) {
  Fixture f;
  ASSERT_TRUE(bool(f.tables.map_supervisor(kNormalDram)));
  EXPECT_EQ(f.words[0x800], u32{0b100000000000'1'0'0'0'0'001'01'0'0000'1'1'1'1'1});
}

TEST(PageTables, EverySpanOfTheMemoryMapCanBeMapped) {
  Fixture f;
  for (const Span& span : kMemoryMap) EXPECT_TRUE(bool(f.tables.map_supervisor(span))) << span.name;
  for (u32 va = 0; va < 0xfff00000; va += 0x100000) EXPECT_EQ(f.tables.walk({va}).user, Access::None);
}

TEST(PageTables, WriteOrExecuteAloneBringsReadBecauseApCannotSayLess) {
  Fixture f;
  ASSERT_TRUE(bool(f.tables.map_user({{0x10000000}, {0x98000000}, 0x1000, kW}, Grain::Pages)));
  ASSERT_TRUE(bool(f.tables.map_user({{0x10001000}, {0x98001000}, 0x1000, kX}, Grain::Pages)));
  EXPECT_EQ(f.tables.walk({0x10000000}).user, kR | kW);
  EXPECT_EQ(f.tables.walk({0x10001000}).user, kR | kX);
}

// --- Sections and pages ----------------------------------------------------------------------------

TEST(PageTables, WholeAlignedMebibytesBecomeSections) {
  Fixture f;
  ASSERT_TRUE(
      bool(f.tables.map_user({{0x100ff000}, {0x980ff000}, 0x1000 + 0x300000 + 0x1000, kR}, Grain::Largest)));
  EXPECT_FALSE(f.tables.walk({0x100ff000}).section);
  for (const u32 va : {0x10100000u, 0x10200000u, 0x10300000u, 0x103fffffu})
    EXPECT_TRUE(f.tables.walk({va}).section) << va;
  EXPECT_FALSE(f.tables.walk({0x10400000}).section);
  EXPECT_FALSE(f.tables.walk({0x10401000}).mapped);
  EXPECT_EQ(f.tables.walk({0x10401000}).status, FaultStatus::TranslationPage);
}

TEST(PageTables, SectionsNeedPhysicalAlignmentToo) {
  Fixture f;
  ASSERT_TRUE(bool(f.tables.map_user({{0x10000000}, {0x98001000}, 0x100000, kR}, Grain::Largest)));
  EXPECT_FALSE(f.tables.walk({0x10000000}).section);
  EXPECT_EQ(f.tables.walk({0x100fffff}).address.raw, 0x98100fffu);
}

TEST(PageTables, GrainPagesNeverUsesSections) {
  Fixture f;
  ASSERT_TRUE(bool(f.tables.map_user({{0x10000000}, {0x98000000}, 0x200000, kR}, Grain::Pages)));
  EXPECT_FALSE(f.tables.walk({0x10000000}).section);
  EXPECT_FALSE(f.tables.walk({0x101fffff}).section);
  EXPECT_EQ(f.tables.walk({0x101fffff}).address.raw, 0x981fffffu);
}

// --- Refusals --------------------------------------------------------------------------------------

TEST(PageTables, MappingTwiceIsRefused) {
  Fixture f;
  ASSERT_TRUE(bool(f.tables.map_user({{0x10000000}, {0x98000000}, 0x100000, kR}, Grain::Largest)));
  ASSERT_TRUE(bool(f.tables.map_user({{0x10200000}, {0x98200000}, 0x1000, kR}, Grain::Largest)));
  const auto again = [&](u32 va, u32 size, Grain grain) {
    return f.tables.map_user({{va}, {0x99000000}, size, kR | kW}, grain).error();
  };
  EXPECT_EQ(again(0x10000000, 0x100000, Grain::Largest), Error::Invalid);
  EXPECT_EQ(again(0x10000000, 0x1000, Grain::Largest), Error::Invalid);
  EXPECT_EQ(again(0x100ff000, 0x1000, Grain::Pages), Error::Invalid);
  EXPECT_EQ(again(0x10200000, 0x1000, Grain::Pages), Error::Invalid);
  EXPECT_EQ(again(0x10200000, 0x100000, Grain::Largest), Error::Invalid);
  EXPECT_EQ(f.tables.map_supervisor({Owner::Device, "d", {0x10000000}, 0x100000}).error(), Error::Invalid);
  EXPECT_EQ(f.tables.map_supervisor({Owner::Device, "d", {0x10200000}, 0x100000}).error(), Error::Invalid);
  // What stood there still does.
  EXPECT_EQ(f.tables.walk({0x10000000}).address.raw, 0x98000000u);
  EXPECT_EQ(f.tables.walk({0x10200000}).address.raw, 0x98200000u);
  EXPECT_EQ(f.tables.walk({0x10200000}).user, kR);
}

TEST(PageTables, SupervisorMemoryCannotBeGrantedToAnApplet) {
  Fixture f;
  ASSERT_TRUE(bool(f.tables.map_supervisor(kSupervisorDram)));
  for (const Grain grain : {Grain::Largest, Grain::Pages})
    EXPECT_EQ(f.tables.map_user({{0x90000000}, {0x98000000}, 0x1000, kR}, grain).error(), Error::Invalid);
  EXPECT_EQ(f.tables.walk({0x90000000}).user, Access::None);
}

TEST(PageTables, MisalignedRegionsAreRefused) {
  Fixture f;
  for (const Grain grain : {Grain::Largest, Grain::Pages}) {
    for (const u32 off : {1u, 4u, 0x800u, 0xfffu}) {
      EXPECT_EQ(f.tables.map_user({{0x10000000 + off}, {0x98000000}, 0x1000, kR}, grain).error(),
                Error::Invalid);
      EXPECT_EQ(f.tables.map_user({{0x10000000}, {0x98000000 + off}, 0x1000, kR}, grain).error(),
                Error::Invalid);
      EXPECT_EQ(f.tables.map_user({{0x10000000}, {0x98000000}, 0x1000 + off, kR}, grain).error(),
                Error::Invalid);
    }
  }
  EXPECT_EQ(f.tables.map_supervisor({Owner::Device, "d", {0x02001000}, 0x100000}).error(), Error::Invalid);
  EXPECT_EQ(f.tables.map_supervisor({Owner::Device, "d", {0x02000000}, 0x101000}).error(), Error::Invalid);
  for (const u32 word : f.words) ASSERT_EQ(word, 0u);
}

TEST(PageTables, RegionsThatWrapAreRefused) {
  Fixture f;
  EXPECT_EQ(f.tables.map_user({{0xfffff000}, {0x98000000}, 0x2000, kR}, Grain::Pages).error(),
            Error::Invalid);
  EXPECT_EQ(f.tables.map_user({{0x10000000}, {0xfffff000}, 0x2000, kR}, Grain::Pages).error(),
            Error::Invalid);
  EXPECT_EQ(f.tables.map_user({{0x10000000}, {0x98000000}, 0xfffff000, kR}, Grain::Largest).error(),
            Error::Invalid);
  for (const u32 word : f.words) ASSERT_EQ(word, 0u);
}

TEST(PageTables, RunningOutOfSecondLevelTablesIsNoMemory) {
  Fixture f{2};
  ASSERT_TRUE(bool(f.tables.map_user({{0x10000000}, {0x98000000}, 0x200000, kR}, Grain::Pages)));
  EXPECT_EQ(f.tables.map_user({{0x10200000}, {0x98200000}, 0x1000, kR}, Grain::Pages).error(),
            Error::NoMemory);
  EXPECT_TRUE(bool(f.tables.map_user({{0x10200000}, {0x98200000}, 0x100000, kR}, Grain::Largest)));

  Fixture partial{0};
  partial.words.resize(partial.words.size() + kSecondLevelWords - 1);
  ASSERT_TRUE(bool(partial.tables.init({partial.words, kTableBase})));
  EXPECT_EQ(partial.tables.map_user({{0x10000000}, {0x98000000}, 0x1000, kR}, Grain::Pages).error(),
            Error::NoMemory);
}

// --- protect ---------------------------------------------------------------------------------------

TEST(PageTables, ProtectChangesOnePageAndNothingElse) {
  Fixture f, untouched;
  const Region region{{0x10000000}, {0x98000000}, 0x3000, kR | kW};
  ASSERT_TRUE(bool(f.tables.map_user(region, Grain::Pages)));
  ASSERT_TRUE(bool(untouched.tables.map_user(region, Grain::Pages)));
  for (const Access access : {Access::None, kR, kR | kW, kR | kX}) {
    ASSERT_TRUE(bool(f.tables.protect({0x10001000}, access)));
    EXPECT_EQ(f.tables.walk({0x10001000}).user, access);
    EXPECT_EQ(f.tables.walk({0x10001fff}).address.raw, 0x98001fffu);
  }
  ASSERT_TRUE(bool(f.tables.protect({0x10001000}, kR | kW)));
  EXPECT_EQ(f.words, untouched.words);
}

TEST(PageTables, ProtectRefusesSectionsAndHoles) {
  Fixture f;
  ASSERT_TRUE(bool(f.tables.map_user({{0x10000000}, {0x98000000}, 0x100000, kR}, Grain::Largest)));
  ASSERT_TRUE(bool(f.tables.map_user({{0x10200000}, {0x98200000}, 0x1000, kR}, Grain::Pages)));
  ASSERT_TRUE(bool(f.tables.map_supervisor(kSupervisorDram)));
  const auto before = f.words;
  EXPECT_EQ(f.tables.protect({0x10000000}, kR | kW).error(), Error::Invalid);
  EXPECT_EQ(f.tables.protect({0x10100000}, kR | kW).error(), Error::Invalid);
  EXPECT_EQ(f.tables.protect({0x10201000}, kR | kW).error(), Error::Invalid);
  EXPECT_EQ(f.tables.protect(VirtAddr{kSupervisorDram.base.raw}, kR | kW).error(), Error::Invalid);
  EXPECT_EQ(f.words, before);
}

// --- user_fault ------------------------------------------------------------------------------------

TEST(PageTables, FaultStatusOfEveryKindOfAccess) {
  Fixture f;
  ASSERT_TRUE(bool(f.tables.map_user({{0x10000000}, {0x98000000}, 0x100000, kR | kX}, Grain::Largest)));
  ASSERT_TRUE(bool(f.tables.map_user({{0x10100000}, {0x98100000}, 0x1000, kR | kX}, Grain::Largest)));
  ASSERT_TRUE(bool(f.tables.map_user({{0x10101000}, {0x98101000}, 0x1000, kR | kW}, Grain::Largest)));
  ASSERT_TRUE(bool(f.tables.map_user({{0x10102000}, {0x98102000}, 0x1000, Access::None}, Grain::Largest)));
  // Table B3-23: translation 00101 / 00111, permission 01101 / 01111; WnR is bit 11 (B4.1.51).
  const struct {
    u32 va;
    std::optional<u32> read, write, execute;
  } kCases[] = {
      {0x10000000, {}, 0x80d, {}},       {0x10100000, {}, 0x80f, {}},       {0x10101000, {}, {}, 0x00f},
      {0x10102000, 0x00f, 0x80f, 0x00f}, {0x10103000, 0x007, 0x807, 0x007}, {0x10200000, 0x005, 0x805, 0x005},
      {0x00000000, 0x005, 0x805, 0x005}, {0xffffffff, 0x005, 0x805, 0x005},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(f.tables.user_fault({c.va}, kR), c.read) << std::hex << c.va;
    EXPECT_EQ(f.tables.user_fault({c.va}, kW), c.write) << std::hex << c.va;
    EXPECT_EQ(f.tables.user_fault({c.va}, kX), c.execute) << std::hex << c.va;
  }
}

// --- Ends of the address space ---------------------------------------------------------------------

TEST(PageTables, TheLastMebibyteMapsUpToItsLastByte) {
  for (const Grain grain : {Grain::Largest, Grain::Pages}) {
    Fixture f;
    ASSERT_TRUE(bool(f.tables.map_user({{0xfff00000}, {0x9ff00000}, 0x100000, kR}, grain)));
    EXPECT_EQ(f.tables.walk({0xffffffff}).address.raw, 0x9fffffffu);
    EXPECT_EQ(f.tables.walk({0xfff00000}).address.raw, 0x9ff00000u);
    EXPECT_FALSE(f.tables.walk({0xffefffff}).mapped);
    EXPECT_FALSE(f.tables.walk({0}).mapped);
  }
}

TEST(PageTables, TheFirstPageIsOrdinaryToTheTables) {
  Fixture f;
  ASSERT_TRUE(bool(f.tables.map_user({{0}, {0x98000000}, 0x1000, kR}, Grain::Largest)));
  EXPECT_EQ(f.tables.walk({0xfff}).address.raw, 0x98000fffu);
  EXPECT_FALSE(f.tables.walk({0x1000}).mapped);
}

TEST(PageTables, RegionsEndExactly) {
  Fixture f;
  ASSERT_TRUE(bool(f.tables.map_user({{0x10001000}, {0x98001000}, 0x2000, kR}, Grain::Pages)));
  EXPECT_FALSE(f.tables.walk({0x10000fff}).mapped);
  EXPECT_TRUE(f.tables.walk({0x10001000}).mapped);
  EXPECT_TRUE(f.tables.walk({0x10002fff}).mapped);
  EXPECT_FALSE(f.tables.walk({0x10003000}).mapped);
}

// --- Everything at once ----------------------------------------------------------------------------

TEST(PageTables, AgreesWithASecondDecoderOnRandomRegions) {
  std::mt19937 random{1};
  const auto below = [&](u32 bound) { return u32(random() % bound); };
  for (u32 round = 0; round < 20; ++round) {
    Fixture f{40};
    for (const Span& span : kMemoryMap) {
      if (below(2) == 0) continue;
      ASSERT_TRUE(bool(f.tables.map_supervisor(span)));
    }
    std::vector<Region> granted;
    for (u32 n = 0; n < 20; ++n) {
      Region r{{0x10000000 + below(0x2000) * 0x1000}, {0x98000000 + below(0x2000) * 0x1000}, 0, Access::None};
      if (below(2) != 0) r.base.raw &= 0xfff00000, r.backing.raw &= 0xfff00000;
      r.size = (1 + below(0x300)) * 0x1000;
      r.access = std::array{Access::None, kR, kR | kW, kR | kX, kR | kW | kX}[below(5)];
      const bool overlaps = std::any_of(granted.begin(), granted.end(), [&](const Region& g) {
        return r.base.raw < g.end() && g.base.raw < r.end();
      });
      const Grain grain = below(2) != 0 ? Grain::Pages : Grain::Largest;
      if (overlaps) continue;
      const auto result = f.tables.map_user(r, grain);
      if (!result) break;  // a section may be broken by a page region; what follows is unspecified
      granted.push_back(r);
    }
    for (const Region& r : granted) {
      for (u32 n = 0; n < 20; ++n) {
        const u32 offset = n == 0 ? 0 : (n == 1 ? r.size - 1 : below(r.size));
        expect_same_walk(f, r.base.raw + offset);
        const Decoded d = hardware_walk(f.words, kTableBase, r.base.raw + offset);
        EXPECT_EQ(d.output, r.backing.raw + offset);
        EXPECT_EQ(f.tables.walk({r.base.raw + offset}).user, r.access);
        EXPECT_FALSE(allows(f.tables.walk({r.base.raw + offset}).privileged, kX));
        EXPECT_TRUE(d.pxn);
        EXPECT_TRUE(d.not_global);
        EXPECT_EQ(d.tex_c_b, "00111");  // Table B3-10: write-back, write-allocate
        EXPECT_EQ(d.xn, !allows(r.access, kX));
      }
    }
    for (u32 n = 0; n < 500; ++n) expect_same_walk(f, u32(random()));
    expect_same_walk(f, 0);
    expect_same_walk(f, 0xffffffff);
  }
}

}  // namespace
}  // namespace gotee
