// SPDX-License-Identifier: BSD-3-Clause
//
// Names out of images, made fit to be shown.
// Ref: [Itanium C++ ABI] 5.1; [Unicode] 3.9 table 3-7, well-formed UTF-8.
#include "simulator/names.h"

#include <cxxabi.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <memory>

namespace gotee::sim {
namespace {

constexpr std::size_t kMostShown = 256;
// The demangler keeps state on the stack in proportion to the name, and each reference to an earlier part of
// it can double what comes out.
constexpr std::size_t kMostMangled = 512;
constexpr std::size_t kMostReferences = 16;
constexpr std::size_t kMostPacks = 1;

/// Continuation bytes after `lead`, or nothing for what cannot begin a character.
int continuation_bytes(unsigned char lead) {
  if (lead < 0x80) return 0;
  if (lead >= 0xc2 && lead <= 0xdf) return 1;
  if (lead >= 0xe0 && lead <= 0xef) return 2;
  if (lead >= 0xf0 && lead <= 0xf4) return 3;
  return -1;
}

bool showable(std::uint32_t c, int continuation) {
  constexpr std::array<std::uint32_t, 4> kLeast = {0, 0x80, 0x800, 0x10000};
  if (c < kLeast[std::size_t(continuation)] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff)) return false;
  if (c < 0x20 || (c >= 0x7f && c <= 0x9f)) return false;
  const bool turns = c == 0x061c || (c >= 0x200e && c <= 0x200f) || (c >= 0x202a && c <= 0x202e) ||
                     (c >= 0x2066 && c <= 0x2069);
  const bool breaks = c == 0x2028 || c == 0x2029;
  return !turns && !breaks;
}

/// The length of the character that `text` begins with, or 0 where it cannot be shown.
std::size_t character(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const int more = continuation_bytes(lead);
  if (more < 0 || std::size_t(more) >= text.size()) return 0;
  std::uint32_t c = more == 0 ? lead : lead & (0x3fu >> more);
  for (int i = 1; i <= more; ++i) {
    const auto next = static_cast<unsigned char>(text[std::size_t(i)]);
    if ((next & 0xc0) != 0x80) return 0;
    c = c << 6 | (next & 0x3fu);
  }
  return showable(c, more) ? std::size_t(more) + 1 : 0;
}

std::size_t count(std::string_view text, std::string_view wanted) {
  std::size_t n = 0;
  for (auto at = text.find(wanted); at != std::string_view::npos; at = text.find(wanted, at + wanted.size()))
    ++n;
  return n;
}

/// Counts what looks like a substitution (S_, S0_, ...) or a template parameter (T_, T0_, ...).
std::size_t references(std::string_view name) {
  std::size_t n = 0;
  for (std::size_t i = 0; i + 1 < name.size(); ++i) {
    if (name[i] != 'S' && name[i] != 'T') continue;
    const char next = name[i + 1];
    if (next == '_' || (next >= '0' && next <= '9') || (name[i] == 'S' && next >= 'A' && next <= 'Z')) ++n;
  }
  return n;
}

bool bounded(std::string_view name) {
  return name.size() <= kMostMangled && references(name) <= kMostReferences &&
         count(name, "Dp") + count(name, "sp") + count(name, "sP") + count(name, "sZ") <= kMostPacks;
}

/// The length of the `::h` and 16 digits that end a name in Rust's legacy mangling.
std::size_t rust_hash(std::string_view name) {
  constexpr std::size_t kSize = 19;
  if (name.size() <= kSize) return 0;
  const auto tail = name.substr(name.size() - kSize);
  const auto hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  const bool is_hash = tail.substr(0, 3) == "::h" && std::all_of(tail.begin() + 3, tail.end(), hex);
  return is_hash ? kSize : 0;
}

struct Escape {
  std::string_view code;
  char character;
};
constexpr std::array kRustEscapes = {Escape{"SP", '@'}, Escape{"BP", '*'}, Escape{"RF", '&'},
                                     Escape{"LT", '<'}, Escape{"GT", '>'}, Escape{"LP", '('},
                                     Escape{"RP", ')'}, Escape{"C", ','}};

/// What stands between two dollars, or NUL.
char rust_escape(std::string_view code) {
  const auto known =
      std::find_if(kRustEscapes.begin(), kRustEscapes.end(), [&](const Escape& e) { return e.code == code; });
  if (known != kRustEscapes.end()) return known->character;
  if (code.size() != 3 || code[0] != 'u') return 0;
  unsigned value = 0;
  std::from_chars(code.data() + 1, code.data() + code.size(), value, 16);
  return value >= 0x20 && value < 0x7f ? char(value) : '\0';
}

std::string rust_legacy(std::string_view name) {
  std::string out;
  while (!name.empty()) {
    const bool segment = out.empty() || out.ends_with("::");
    if (segment && name.starts_with("_$")) name.remove_prefix(1);
    if (name.starts_with("..")) {
      out += "::";
      name.remove_prefix(2);
      continue;
    }
    const auto end = name[0] == '$' ? name.find('$', 1) : std::string_view::npos;
    const char c = end != std::string_view::npos ? rust_escape(name.substr(1, end - 1)) : '\0';
    out += c != 0 ? c : name[0];
    name.remove_prefix(c != 0 ? end + 1 : 1);
  }
  return out;
}

}  // namespace

std::string clean(std::string_view text) {
  std::string out;
  while (!text.empty() && out.size() < kMostShown) {
    const std::size_t size = character(text);
    if (out.size() + size > kMostShown) break;
    if (size == 0) {
      out += '?';
      text.remove_prefix(1);
    } else {
      out += text.substr(0, size);
      text.remove_prefix(size);
    }
  }
  return out;
}

std::string demangle(std::string_view name) {
  if (!name.starts_with("_Z") || !bounded(name)) return std::string{name};
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> plain{
      abi::__cxa_demangle(std::string{name}.c_str(), nullptr, nullptr, &status), &std::free};
  if (status != 0 || !plain) return std::string{name};
  const std::string_view text{plain.get()};
  const std::size_t hash = rust_hash(text);
  return hash == 0 ? std::string{text} : rust_legacy(text.substr(0, text.size() - hash));
}

}  // namespace gotee::sim
