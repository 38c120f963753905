// SPDX-License-Identifier: BSD-3-Clause
//
// Which function an address lies in, by the ELF symbol table.
// Ref: [gABI] chapter 4, symbol table; [AAELF32] IHI 0044, 5.5 symbols.
#include "simulator/symbol_table.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <tuple>

#include "simulator/byte_reader.h"

namespace gotee::sim {
namespace {

constexpr u32 kSymbolTable = 2;
constexpr u32 kDynamicSymbols = 11;
constexpr std::size_t kSymbolSize = 16;
constexpr u8 kNoType = 0;
constexpr u8 kFunction = 2;
constexpr u16 kUndefinedSection = 0;
constexpr std::size_t kMostLabels = 64;  // looked past for the function that they stand in

std::string_view text_at(std::span<const u8> strings, u32 offset) {
  if (offset >= strings.size()) return {};
  const auto rest = strings.subspan(offset);
  const auto end = std::find(rest.begin(), rest.end(), u8{0});
  if (end == rest.end()) return {};
  return {reinterpret_cast<const char*>(rest.data()), std::size_t(end - rest.begin())};
}

bool is_mapping_symbol(std::string_view name) {
  if (name.size() < 2 || name[0] != '$') return false;
  const bool kind = name[1] == 'a' || name[1] == 't' || name[1] == 'd' || name[1] == 'x';
  return kind && (name.size() == 2 || name[2] == '.');
}

bool covers(const SymbolTable::Symbol& s, u32 address) { return s.size != 0 && address - s.address < s.size; }

/// Of several names for one address the last is taken: the shortest, where nothing else tells them apart.
auto order(const SymbolTable::Symbol& s) {
  return std::tuple{s.address, s.function, s.size != 0, s.global, SIZE_MAX - s.name.size()};
}

}  // namespace

SymbolTable::SymbolTable(const ElfView& elf, std::span<const ElfView::Section> sections) {
  const auto of_type = [&](u32 type) {
    return std::find_if(sections.begin(), sections.end(), [&](const auto& s) { return s.type == type; });
  };
  auto table = of_type(kSymbolTable);
  if (table == sections.end()) table = of_type(kDynamicSymbols);
  if (table == sections.end() || table->link >= sections.size()) return;
  const auto strings = sections[table->link].bytes;

  ByteReader reader{table->bytes};
  while (reader.remaining() >= kSymbolSize) {
    Symbol symbol;
    const u32 name = reader.word();
    symbol.address = reader.word() & ~1u;
    symbol.size = reader.word();
    const u8 info = reader.byte();
    reader.byte();  // st_other
    const u16 section = reader.half();
    symbol.function = (info & 15) == kFunction;
    symbol.global = (info >> 4) != 0;
    if (section == kUndefinedSection || (!symbol.function && (info & 15) != kNoType)) continue;
    if (!elf.executable(symbol.address)) continue;
    symbol.name = text_at(strings, name);
    if (!symbol.name.empty() && !is_mapping_symbol(symbol.name)) symbols_.push_back(symbol);
  }
  std::stable_sort(symbols_.begin(), symbols_.end(),
                   [](const Symbol& a, const Symbol& b) { return order(a) < order(b); });
}

std::optional<SymbolTable::Symbol> SymbolTable::find(u32 address) const {
  const auto after = std::upper_bound(symbols_.begin(), symbols_.end(), address,
                                      [](u32 wanted, const Symbol& s) { return wanted < s.address; });
  const auto most = std::min(kMostLabels, std::size_t(after - symbols_.begin()));
  for (std::size_t i = 1; i <= most; ++i) {
    if (covers(*(after - std::ptrdiff_t(i)), address)) return *(after - std::ptrdiff_t(i));
  }
  if (most == 0 || (after - 1)->size != 0) return std::nullopt;
  return *(after - 1);
}

}  // namespace gotee::sim
