// SPDX-License-Identifier: BSD-3-Clause
//
// Colour for terminals, and text that is safe to show on one.
#pragma once
#include <string>
#include <string_view>

namespace gotee::sim {

/// Wraps text in SGR sequences, or leaves it alone when colour is off.
struct Style {
  bool colour = false;
  std::string bold(std::string_view s) const { return paint("1", s); }
  std::string red(std::string_view s) const { return paint("1;31", s); }
  std::string dim(std::string_view s) const { return paint("2", s); }
  std::string cyan(std::string_view s) const { return paint("36", s); }

 private:
  std::string paint(std::string_view code, std::string_view s) const {
    if (!colour) return std::string{s};
    return "\033[" + std::string{code} + "m" + std::string{s} + "\033[0m";
  }
};

/// Names come from images and command lines: control characters become '?', so that none reaches a terminal.
inline std::string printable(std::string_view text) {
  std::string clean{text};
  for (char& c : clean) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  }
  return clean;
}

}  // namespace gotee::sim
