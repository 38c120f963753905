// SPDX-License-Identifier: BSD-3-Clause
//
// Functions, files and lines out of DWARF, read by elfutils.
// Ref: [DWARF5] 3.3 subroutine entries, 6.2 line numbers, 7.7 forms.
#include "simulator/debug_info.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <gelf.h>
#include <libelf.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <vector>

#include "simulator/byte_reader.h"

namespace gotee::sim {
namespace {

constexpr u64 kMostBytes = u64{256} << 20;     // of all debug sections, uncompressed
constexpr u64 kMostLineBytes = u64{32} << 20;  // a byte of .debug_line can become a row of forty
constexpr std::size_t kMostUnits = 65536;
constexpr std::size_t kMostUnitRanges = 1u << 20;
constexpr std::size_t kMostDepth = 64;
constexpr unsigned kMostLineless = 64;
constexpr std::size_t kLongestPath = 4096;
// For one look-up. A debugging entry costs one, a list of ranges its length in the worst case.
constexpr u64 kFuel = u64{1} << 28;
constexpr u32 kCompressed = 0x800;

/// ".debug_info" and ".zdebug_info" are both "debug_info".
std::string_view plain_name(std::string_view name) {
  if (name.starts_with(".z")) return name.substr(2);
  return name.starts_with(".") ? name.substr(1) : name;
}
bool is_debug(std::string_view name) { return plain_name(name).starts_with("debug_"); }

/// What the section takes in memory, by its own account.
u64 uncompressed_size(const ElfView::Section& section) {
  if ((section.flags & kCompressed) != 0) {
    ByteReader header{section.bytes};
    header.word();  // ch_type
    return header.word();
  }
  constexpr std::string_view kMagic = "ZLIB";
  if (section.name.starts_with(".zdebug") && section.bytes.size() >= 12 &&
      std::equal(kMagic.begin(), kMagic.end(), section.bytes.begin())) {
    u64 size = 0;
    for (const u8 b : section.bytes.subspan(4, 8)) size = size << 8 | b;
    return size;
  }
  return section.bytes.size();
}

bool acceptable(std::span<const ElfView::Section> sections) {
  u64 total = 0;
  for (const auto& section : sections) {
    if (section.name == ".gnu_debugaltlink" || plain_name(section.name) == "debug_sup") return false;
    // libelf decompresses by the flag, libdw by the name: count what either may touch.
    if (!is_debug(section.name) && (section.flags & kCompressed) == 0) continue;
    const u64 size = uncompressed_size(section);
    if (size > kMostBytes || (total += size) > kMostBytes) return false;
    if (plain_name(section.name) == "debug_line" && size > kMostLineBytes) return false;
  }
  return total > 0;
}

bool is_code(int tag) {
  return tag == DW_TAG_subprogram || tag == DW_TAG_inlined_subroutine || tag == DW_TAG_lexical_block ||
         tag == DW_TAG_try_block || tag == DW_TAG_catch_block;
}
bool is_container(int tag) {
  return tag == DW_TAG_namespace || tag == DW_TAG_module || tag == DW_TAG_structure_type ||
         tag == DW_TAG_class_type || tag == DW_TAG_union_type || tag == DW_TAG_enumeration_type ||
         tag == DW_TAG_interface_type;
}

struct ElfEnd {
  void operator()(Elf* elf) const { elf_end(elf); }
};
struct DwarfEnd {
  void operator()(Dwarf* dwarf) const { dwarf_end(dwarf); }
};

}  // namespace

struct DebugInfo::Reader {
  explicit Reader(std::span<const u8> image) {
    if (elf_version(EV_CURRENT) == EV_NONE) return;
    // libelf asks for a pointer to what it could write to, and does not write in this mode.
    auto* bytes = const_cast<char*>(reinterpret_cast<const char*>(image.data()));
    elf.reset(elf_memory(bytes, image.size()));
    if (!elf) return;
    dwarf.reset(dwarf_begin_elf(elf.get(), DWARF_C_READ, nullptr));
    if (dwarf) remember_sections();
  }

  std::optional<Place> find(u32 address) {
    if (!dwarf) return std::nullopt;
    if (!indexed) index_units();
    fuel = kFuel;
    std::optional<Place> place;
    for (const UnitRange& range : unit_ranges) {
      if (address < range.begin || address >= range.end) continue;
      place = find_in(units[range.unit], address);
      if (place->line != 0 || !place->scopes.empty()) return place;
    }
    return place;
  }

  struct Section {
    std::string_view name;
    std::span<const u8> bytes;
  };
  struct UnitRange {
    u32 begin = 0;
    u32 end = 0;
    std::size_t unit = 0;
  };

  bool burn(u64 amount) {
    const bool enough = fuel >= amount;
    fuel -= enough ? amount : fuel;
    return enough;
  }

  void remember_sections() {
    std::size_t names = 0;
    if (elf_getshdrstrndx(elf.get(), &names) != 0) return;
    for (Elf_Scn* scn = nullptr; (scn = elf_nextscn(elf.get(), scn)) != nullptr;) {
      GElf_Shdr header;
      if (gelf_getshdr(scn, &header) == nullptr) continue;
      const char* name = elf_strptr(elf.get(), names, header.sh_name);
      if (name == nullptr || !is_debug(name)) continue;
      const Elf_Data* data = elf_getdata(scn, nullptr);
      if (data == nullptr || data->d_buf == nullptr) continue;
      sections.push_back({name, {static_cast<const u8*>(data->d_buf), data->d_size}});
      if (plain_name(name) == "debug_ranges" || plain_name(name) == "debug_rnglists")
        ranges_cost = std::max<u64>(ranges_cost, data->d_size / 64);
    }
  }

  void index_units() {
    indexed = true;
    fuel = kFuel;
    Dwarf_CU* unit = nullptr;
    Dwarf_Die die;
    while (units.size() < kMostUnits &&
           dwarf_get_units(dwarf.get(), unit, &unit, nullptr, nullptr, &die, nullptr) == 0) {
      if (!burn(1 + ranges_cost)) return;
      std::ptrdiff_t at = 0;
      Dwarf_Addr base = 0;
      Dwarf_Addr begin = 0;
      Dwarf_Addr end = 0;
      while ((at = dwarf_ranges(&die, at, &base, &begin, &end)) > 0) {
        if (unit_ranges.size() == kMostUnitRanges) return;
        if (begin >= end || begin > UINT32_MAX) continue;
        unit_ranges.push_back({u32(begin), u32(std::min<u64>(end, UINT32_MAX)), units.size()});
      }
      units.push_back(die);
    }
  }

  Place find_in(Dwarf_Die& unit, u32 address) {
    Place place;
    find_line(unit, address, place);
    find_function(unit, address, place, false);
    // Members of local classes, lambdas among them, stand inside functions that have no code themselves.
    if (place.function == 0) find_function(unit, address, place, true);
    return place;
  }

  static void find_line(Dwarf_Die& unit, u32 address, Place& place) {
    Dwarf_Lines* lines = nullptr;
    std::size_t size = 0;
    if (dwarf_getsrclines(&unit, &lines, &size) != 0) return;
    std::size_t low = 0;
    std::size_t high = size;
    while (low < high) {
      const std::size_t middle = low + (high - low) / 2;
      if (address_of(lines, middle) <= address) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    // Line 0 is code that belongs to no line; the line before it says more than none.
    for (unsigned i = 0; i < kMostLineless && low > 0; ++i, --low) {
      Dwarf_Line* row = dwarf_onesrcline(lines, low - 1);
      bool ends = true;
      if (row == nullptr || dwarf_lineendsequence(row, &ends) != 0 || ends) return;
      if (dwarf_lineno(row, &place.line) == 0 && place.line > 0) {
        place.file = bounded(dwarf_linesrc(row, nullptr, nullptr));
        return;
      }
      place.line = 0;
    }
  }

  static std::string bounded(const char* file) {
    return file != nullptr ? std::string{file, strnlen(file, kLongestPath)} : std::string{};
  }

  static Dwarf_Addr address_of(Dwarf_Lines* lines, std::size_t index) {
    Dwarf_Addr address = UINT64_MAX;
    Dwarf_Line* row = dwarf_onesrcline(lines, index);
    if (row == nullptr || dwarf_lineaddr(row, &address) != 0) return UINT64_MAX;
    return address;
  }

  /// Follows the debugging entries that contain the address inwards. The depth is bounded, and siblings only
  /// ever lead forward, so that a hostile tree ends.
  void find_function(Dwarf_Die& unit, u32 address, Place& place, bool inside_abstract) {
    std::array<Dwarf_Die, kMostDepth> path;
    std::size_t depth = 0;
    if (dwarf_child(&unit, path.data()) != 0) return;
    for (;;) {
      if (!burn(1)) return;
      const Visit visit = look_at(path[depth], depth, address, place, inside_abstract);
      if (visit == Visit::Enter && depth + 1 < kMostDepth &&
          dwarf_child(&path[depth], &path[depth + 1]) == 0) {
        ++depth;
        continue;
      }
      while (!next(path[depth])) {
        if (depth == 0) return;
        --depth;
      }
    }
  }

  static bool next(Dwarf_Die& die) {
    Dwarf_Die sibling;
    const Dwarf_Off here = dwarf_dieoffset(&die);
    if (dwarf_siblingof(&die, &sibling) != 0 || dwarf_dieoffset(&sibling) <= here) return false;
    die = sibling;
    return true;
  }

  enum class Visit { Enter, Pass };

  Visit look_at(Dwarf_Die& die, std::size_t depth, u32 address, Place& place, bool inside_abstract) {
    const int tag = dwarf_tag(&die);
    if (is_container(tag)) return Visit::Enter;
    if (!is_code(tag)) return Visit::Pass;
    bool anywhere = true;
    const auto begin = range_with(die, address, anywhere);
    if (!begin) {
      const bool enters = tag == DW_TAG_lexical_block || (tag == DW_TAG_subprogram && inside_abstract);
      return enters && anywhere ? Visit::Enter : Visit::Pass;
    }
    if (tag == DW_TAG_subprogram) {
      place.function = *begin;
      place.scopes = {scope_of(die, depth, *begin)};
    } else if (tag == DW_TAG_inlined_subroutine) {
      // A sibling that claims the same address takes the place of what stands beside it.
      while (!place.scopes.empty() && place.scopes.back().depth >= depth) place.scopes.pop_back();
      place.scopes.push_back(scope_of(die, depth, *begin));
      Scope& scope = place.scopes.back();
      scope.inlined = true;
      scope.call_line = number(die, DW_AT_call_line);
      scope.call_file = file_of(die, DW_AT_call_file);
    }
    return Visit::Enter;
  }

  Scope scope_of(Dwarf_Die& die, std::size_t depth, u32 begin) const {
    Scope scope;
    scope.begin = begin;
    scope.depth = depth;
    scope.name = text(die, DW_AT_name);
    scope.linkage = text(die, DW_AT_linkage_name);
    if (scope.linkage.empty()) scope.linkage = text(die, DW_AT_MIPS_linkage_name);
    return scope;
  }

  /// Where the range of `die` that contains the address begins; `anywhere` when it has no ranges at all.
  std::optional<u32> range_with(Dwarf_Die& die, u32 address, bool& anywhere) {
    const u64 cost = dwarf_hasattr(&die, DW_AT_ranges) != 0 ? 1 + ranges_cost : 1;
    if (!burn(cost)) return std::nullopt;
    std::ptrdiff_t at = 0;
    Dwarf_Addr base = 0;
    Dwarf_Addr begin = 0;
    Dwarf_Addr end = 0;
    while ((at = dwarf_ranges(&die, at, &base, &begin, &end)) > 0 && burn(1)) {
      anywhere = false;
      if (address >= begin && address < end) return u32(begin);
    }
    return std::nullopt;
  }

  static int number(Dwarf_Die& die, unsigned attribute) {
    Dwarf_Attribute found;
    Dwarf_Word value = 0;
    if (dwarf_attr(&die, attribute, &found) == nullptr || dwarf_formudata(&found, &value) != 0) return 0;
    return int(std::min<u64>(value, INT32_MAX));
  }

  /// The file that an attribute names by its number in the unit's table.
  static std::string file_of(Dwarf_Die& die, unsigned attribute) {
    Dwarf_Attribute found;
    Dwarf_Word index = 0;
    Dwarf_Die unit;
    Dwarf_Files* files = nullptr;
    std::size_t size = 0;
    if (dwarf_attr(&die, attribute, &found) == nullptr || dwarf_formudata(&found, &index) != 0) return {};
    if (dwarf_diecu(&die, &unit, nullptr, nullptr) == nullptr) return {};
    if (dwarf_getsrcfiles(&unit, &files, &size) != 0 || index >= size) return {};
    return bounded(dwarf_filesrc(files, index, nullptr, nullptr));
  }

  /// A string, or what it stands for in the entry that this one is an instance of.
  std::string_view text(Dwarf_Die& die, unsigned attribute) const {
    Dwarf_Attribute found;
    if (dwarf_attr_integrate(&die, attribute, &found) == nullptr) return {};
    const char* string = dwarf_formstring(&found);
    return string != nullptr ? within_section(string) : std::string_view{};
  }

  /// libdw does not look for the end of a string that stands in .debug_info itself.
  std::string_view within_section(const char* string) const {
    const auto at = reinterpret_cast<std::uintptr_t>(string);
    for (const Section& section : sections) {
      const auto begin = reinterpret_cast<std::uintptr_t>(section.bytes.data());
      if (at < begin || at - begin >= section.bytes.size()) continue;
      return {string, strnlen(string, section.bytes.size() - (at - begin))};
    }
    return {};
  }

  std::unique_ptr<Elf, ElfEnd> elf;
  std::unique_ptr<Dwarf, DwarfEnd> dwarf;
  std::vector<Section> sections;
  std::vector<Dwarf_Die> units;
  std::vector<UnitRange> unit_ranges;
  bool indexed = false;
  u64 ranges_cost = 0;
  u64 fuel = 0;
};

DebugInfo::DebugInfo(std::span<const u8> image, std::span<const ElfView::Section> sections) {
  if (acceptable(sections)) reader_ = std::make_unique<Reader>(image);
}

DebugInfo::~DebugInfo() = default;

std::optional<DebugInfo::Place> DebugInfo::find(u32 address) {
  return reader_ ? reader_->find(address) : std::nullopt;
}

std::span<const u8> DebugInfo::section(std::string_view name) const {
  if (!reader_) return {};
  for (const auto& section : reader_->sections) {
    if (plain_name(section.name) == name) return section.bytes;
  }
  return {};
}

}  // namespace gotee::sim
