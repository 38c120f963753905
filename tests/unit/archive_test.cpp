// SPDX-License-Identifier: BSD-3-Clause
//
// Archives of images: what tools/pack_images.py writes is read, what lies is refused.
#include "core/loader/archive.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace gotee {
namespace {

void put(std::vector<u8>& out, u32 value) {
  for (u32 i = 0; i < 4; ++i) out.push_back(u8(value >> (8 * i)));
}

/// The format, written down a second time.
std::vector<u8> archive(const std::vector<std::pair<std::string, std::string>>& images, u32 kind = 1) {
  std::vector<u8> out{'G', 'T', 'A', 'R'};
  put(out, u32(images.size()));
  u32 offset = u32(8 + 44 * images.size());
  for (const auto& [name, body] : images) {
    for (u32 i = 0; i < 32; ++i) out.push_back(i < name.size() ? u8(name[i]) : u8{0});
    put(out, kind), put(out, offset), put(out, u32(body.size()));
    offset += u32(body.size());
  }
  for (const auto& [name, body] : images) out.insert(out.end(), body.begin(), body.end());
  return out;
}

std::string text(std::span<const u8> bytes) { return {bytes.begin(), bytes.end()}; }

TEST(Archive, GivesEachImageBack) {
  const auto bytes = archive({{"hello", "one"}, {std::string(32, 'n'), "twenty-two"}, {"empty", ""}});
  const auto opened = Archive::open(bytes);
  ASSERT_TRUE(opened);
  ASSERT_EQ(opened->size(), 3u);
  EXPECT_EQ((*opened)[0].name, "hello");
  EXPECT_EQ(text((*opened)[0].bytes), "one");
  EXPECT_EQ((*opened)[0].kind, ImageKind::Applet);
  EXPECT_EQ((*opened)[1].name, std::string(32, 'n')) << "a name may fill its field";
  EXPECT_EQ(text((*opened)[1].bytes), "twenty-two");
  EXPECT_TRUE((*opened)[2].bytes.empty());
}

TEST(Archive, KnowsTheNormalWorldsImage) {
  const auto bytes = archive({{"guest", "g"}}, 2);
  const auto opened = Archive::open(bytes);
  ASSERT_TRUE(opened);
  EXPECT_EQ((*opened)[0].kind, ImageKind::NormalWorld);
}

TEST(Archive, MayBeFollowedByAnything) {
  auto bytes = archive({{"a", "b"}});
  bytes.resize(bytes.size() + 1000, 0xff);
  EXPECT_TRUE(Archive::open(bytes));
}

TEST(Archive, RefusesEveryTruncation) {
  const auto bytes = archive({{"a", "body"}, {"b", "body"}});
  for (std::size_t n = 0; n < bytes.size(); ++n) EXPECT_FALSE(Archive::open(std::span{bytes}.first(n))) << n;
}

TEST(Archive, RefusesLies) {
  const auto with = [](std::size_t at, u32 value) {
    auto bytes = archive({{"a", "body"}});
    for (u32 i = 0; i < 4; ++i) bytes[at + i] = u8(value >> (8 * i));
    return Archive::open(bytes).has_value();
  };
  constexpr std::size_t kMagic = 0, kCount = 4, kKind = 40, kOffset = 44, kSize = 48;
  EXPECT_TRUE(with(kOffset, 52)) << "the truth";
  EXPECT_FALSE(with(kMagic, 0));
  for (const u32 count : {2u, 17u, 0x10000000u, 0xffffffffu}) EXPECT_FALSE(with(kCount, count)) << count;
  for (const u32 kind : {0u, 3u, 0xffffffffu}) EXPECT_FALSE(with(kKind, kind)) << kind;
  for (const u32 offset : {53u, 57u, 0x80000000u, 0xffffffffu}) EXPECT_FALSE(with(kOffset, offset)) << offset;
  for (const u32 size : {5u, 0x80000000u, 0xffffffffu}) EXPECT_FALSE(with(kSize, size)) << size;
}

}  // namespace
}  // namespace gotee
