// SPDX-License-Identifier: BSD-3-Clause
//
// Which function an address lies in, by the ELF symbol table.
// Ref: [gABI] chapter 4, symbol table; [AAELF32] IHI 0044, 5.5 symbols.
#pragma once
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/base/types.h"
#include "simulator/elf_view.h"

namespace gotee::sim {

class SymbolTable {
 public:
  struct Symbol {
    std::string_view name;  // as the file has it, not cleaned
    u32 address = 0;        // bit 0 cleared
    u32 size = 0;           // 0 where the file does not say
    bool function = false;  // else a label without a type, as assembly has them
    bool global = false;
  };

  SymbolTable() = default;

  /// Reads .symtab, or where that is stripped .dynsym. Mapping symbols ($a, $t, $d) and what is not code are
  /// left out. The bytes that the sections view must outlive this.
  SymbolTable(const ElfView& elf, std::span<const ElfView::Section> sections);

  /// The symbol that covers `address`: a function with a size before any label; nothing when all that come
  /// before it end before it.
  std::optional<Symbol> find(u32 address) const;

 private:
  std::vector<Symbol> symbols_;  // sorted by address, the better name last
};

}  // namespace gotee::sim
