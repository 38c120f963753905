// SPDX-License-Identifier: BSD-3-Clause
//
// Reading images and naming applets.
#include "simulator/images.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "simulator/style.h"

namespace gotee::sim {
namespace {

constexpr std::size_t kLargestImage = 256u << 20;
constexpr std::size_t kLongestName = 32;  // of Applet::name

std::string stem(const std::string& path) {
  std::string name = path.substr(path.find_last_of('/') + 1);
  if (const auto dot = name.find_last_of('.'); dot != std::string::npos && dot != 0) name.resize(dot);
  for (char& c : name) {
    // The name is cut somewhere and goes into JSON as it is.
    if (c == '"' || c == '\\' || static_cast<unsigned char>(c) >= 0x80) c = '?';
  }
  return printable(name);
}

}  // namespace

std::variant<AppletImage, std::string> read_image(const std::string& path) {
  std::FILE* file = std::fopen(path.c_str(), "rb");
  if (file == nullptr) return fmt::format("cannot be opened: {}", std::strerror(errno));
  AppletImage image{stem(path), path, {}};
  std::array<u8, 65536> piece{};
  std::size_t n = 0;
  while ((n = std::fread(piece.data(), 1, piece.size(), file)) != 0 && image.bytes.size() <= kLargestImage) {
    image.bytes.insert(image.bytes.end(), piece.begin(), piece.begin() + std::ptrdiff_t(n));
  }
  const int error = std::ferror(file) != 0 ? errno : 0;
  std::fclose(file);
  if (error != 0) return fmt::format("cannot be read: {}", std::strerror(error));
  if (image.bytes.size() > kLargestImage) return "is larger than 256 MiB, expected an applet";
  return image;
}

std::string distinct_name(const std::string& name, const std::vector<AppletImage>& others) {
  const auto taken = [&](const std::string& candidate) {
    return std::any_of(others.begin(), others.end(),
                       [&](const AppletImage& image) { return image.name == candidate; });
  };
  std::string candidate = name.substr(0, kLongestName);
  for (int n = 2; taken(candidate); ++n) {
    const std::string suffix = fmt::format("#{}", n);
    candidate = name.substr(0, kLongestName - suffix.size()) + suffix;
  }
  return candidate;
}

}  // namespace gotee::sim
