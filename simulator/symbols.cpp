// SPDX-License-Identifier: BSD-3-Clause
//
// From addresses to functions, files and lines, and from registers to a backtrace.
// Ref: [DWARF5] 3.3, 6.2, 6.4; [EHABI32] IHI 0038; [gABI] chapter 4.
#include "simulator/symbols.h"

#include <utility>

#include "simulator/debug_frame.h"
#include "simulator/debug_info.h"
#include "simulator/elf_view.h"
#include "simulator/names.h"
#include "simulator/symbol_table.h"

namespace gotee::sim {
namespace {

constexpr u32 kCompressed = 0x800;

std::string name_of(const DebugInfo::Scope& scope) {
  if (!scope.linkage.empty()) {
    const std::string plain = demangle(scope.linkage);
    if (plain != scope.linkage || scope.name.empty()) return clean(plain);
  }
  return clean(scope.name);
}

}  // namespace

/// Every part is opened when it is first needed.
struct Symbols::Image {
  Image(std::span<const u8> bytes, u32 loaded_at) : file{bytes}, bias{loaded_at}, elf{bytes} {}

  const std::vector<ElfView::Section>& headers() {
    if (!sections) sections = elf.sections();
    return *sections;
  }
  const SymbolTable& table() {
    if (!symbols) symbols.emplace(elf, headers());
    return *symbols;
  }
  DebugInfo& debug() {
    if (!info) info.emplace(file, headers());
    return *info;
  }
  const DebugFrame& frames() {
    if (!unwind_tables) unwind_tables.emplace(debug_frame_section());
    return *unwind_tables;
  }

  std::span<const u8> debug_frame_section() {
    for (const auto& section : headers()) {
      if (section.name == ".debug_frame" && (section.flags & kCompressed) == 0) return section.bytes;
    }
    return debug().section("debug_frame");
  }

  std::optional<u32> function_start(u32 address) {
    if (const auto symbol = table().find(address)) return symbol->address;
    const auto place = debug().find(address);
    if (place && place->function != 0) return place->function;
    return std::nullopt;
  }

  /// `address` is the image's own.
  std::vector<SourceLocation> find_all(u32 address) {
    if (!elf.executable(address)) return {};
    const auto place = debug().find(address);
    auto found = place ? locations(*place, address) : std::vector<SourceLocation>(1);
    // Functions of unnamed namespaces have no linkage name in DWARF: the symbol table tells their scope.
    SourceLocation& outermost = found.back();
    const bool scoped = outermost.inlined || outermost.function.find("::") != std::string::npos;
    if (!scoped) use_symbol(address, outermost);
    const bool nothing = found.size() == 1 && outermost.function.empty() && outermost.line == 0;
    return nothing ? std::vector<SourceLocation>{} : found;
  }

  /// One for each function, innermost first; without any, the line alone.
  static std::vector<SourceLocation> locations(const DebugInfo::Place& place, u32 address) {
    std::vector<SourceLocation> found;
    SourceLocation where;
    where.file = clean(place.file);
    where.line = place.line;
    for (std::size_t i = place.scopes.size(); i-- > 0;) {
      const DebugInfo::Scope& scope = place.scopes[i];
      where.function = name_of(scope);
      where.offset = where.function.empty() ? 0 : address - scope.begin;
      where.inlined = scope.inlined;
      found.push_back(where);
      where = {};
      where.file = clean(scope.call_file);
      where.line = scope.call_line;
    }
    if (found.empty()) found.push_back(where);
    return found;
  }

  /// Takes the symbol's name where there is none, or where it is C++ and DWARF gave the last part only.
  void use_symbol(u32 address, SourceLocation& where) {
    const auto symbol = table().find(address);
    if (!symbol || (!where.function.empty() && !symbol->name.starts_with("_Z"))) return;
    std::string name = clean(demangle(symbol->name));
    if (!where.function.empty() && name.starts_with("_Z")) return;
    where.function = std::move(name);
    where.offset = address - symbol->address;
  }

  std::span<const u8> file;
  u32 bias;
  ElfView elf;
  std::optional<std::vector<ElfView::Section>> sections;
  std::optional<SymbolTable> symbols;
  std::optional<DebugInfo> info;
  std::optional<DebugFrame> unwind_tables;
};

Symbols::Symbols(std::span<const u8> image, u32 bias) : image_{std::make_unique<Image>(image, bias)} {}
Symbols::~Symbols() = default;
Symbols::Symbols(Symbols&&) noexcept = default;
Symbols& Symbols::operator=(Symbols&&) noexcept = default;

std::vector<SourceLocation> Symbols::find_all(u32 pc) const {
  return image_->find_all((pc & ~1u) - image_->bias);
}

std::optional<SourceLocation> Symbols::find(u32 pc) const {
  auto all = find_all(pc);
  if (all.empty()) return std::nullopt;
  return std::move(all.front());
}

Backtrace Symbols::backtrace(const Registers& registers, const ReadMemory& read, std::size_t most) const {
  const ReadMemory careful = read ? read : [](u32, std::span<u8>) { return false; };
  const auto start = [this](u32 address) { return image_->function_start(address); };
  const Unwinder unwinder{image_->elf, image_->frames(), start, image_->bias};
  const auto walk = unwinder.walk(registers, careful, most);

  Backtrace trace;
  trace.method = walk.method;
  for (const FrameState& state : walk.frames) {
    const u32 instruction = state.instruction() & ~1u;
    auto all = find_all(instruction);
    if (all.empty()) all.emplace_back();
    for (SourceLocation& where : all) {
      if (trace.frames.size() == most) return trace;
      if (!where.function.empty()) where.offset += state.pc() - instruction;
      trace.frames.push_back({state.pc(), std::move(where)});
    }
  }
  return trace;
}

}  // namespace gotee::sim
