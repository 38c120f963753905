// SPDX-License-Identifier: BSD-3-Clause
//
// Block analysis: one pass, once for each translated block.
#include "hal/sim/blocks.h"

#include <array>
#include <optional>

namespace gotee::sim {
namespace {

/// A register's value: `source` as it was at the start of the block, plus `delta`. kConstant stands for zero.
struct Value {
  std::optional<u8> source;
  u32 delta = 0;
};

class Follower {
 public:
  explicit Follower(Block& block) : block_{block} {
    for (u8 r = 0; r < 16; ++r) values_[r] = {r, 0};
  }

  void demand(const Instruction& i) {
    if (!demanding(i)) return;
    const Value base = i.base == 15 ? Value{} : values_[i.base];
    if (!base.source || i.index != kNoRegister) {
      block_.unknown = true;
      return;
    }
    const u32 delta = base.delta + u32(i.offset);
    if (*base.source == kConstant) {
      if (delta % i.alignment != 0)
        block_.unknown = true;  // wrong for certain: let the precise check find it
    } else if (i.alignment == 4 && delta % 4 == 0) {
      block_.needs |= word_aligned(*base.source);
    } else if (i.alignment == 8 && delta % 8 == 0) {
      block_.needs |= doubleword_aligned(*base.source) | word_aligned(*base.source);
    } else {
      block_.checks.push_back({*base.source, i32(delta), i.alignment});
    }
  }

  void apply(const Instruction& i, bool conditional, const FetchCode& fetch, u32 pc_value) {
    Value known;
    if (i.known.to != kNoRegister && !conditional) {
      if (i.literal) {
        known = literal(i, fetch, pc_value);
      } else if (i.known.from == kConstant) {
        known = {kConstant, u32(i.known.delta)};
      } else if (i.known.from != kNoRegister && i.known.from != 15 && values_[i.known.from].source) {
        known = {values_[i.known.from].source, values_[i.known.from].delta + u32(i.known.delta)};
      }
    }
    for (u32 r = 0; r < 16; ++r) {
      if ((i.writes >> r & 1) != 0) values_[r] = {};
    }
    if (i.known.to != kNoRegister) values_[i.known.to] = known;
  }

  void finish() {
    for (u32 r = 0; r < 15; ++r) {
      const Value v = values_[r];
      if (!v.source) continue;
      const AlignedSet facts =
          (v.delta % 4 == 0 ? word_aligned(r) : 0) | (v.delta % 8 == 0 ? doubleword_aligned(r) : 0);
      if (*v.source == r) block_.keeps |= facts;
      if (*v.source == kConstant) block_.gains |= facts;
      if (*v.source >= 15) continue;
      if ((block_.needs & word_aligned(*v.source)) != 0) block_.gains |= facts & word_aligned(r);
      if ((block_.needs & doubleword_aligned(*v.source)) != 0) block_.gains |= facts;
    }
  }

 private:
  // Literal pools stand in memory that is never written (W^X), so their words are constants.
  static Value literal(const Instruction& i, const FetchCode& fetch, u32 pc_value) {
    const auto word = fetch((pc_value & ~3u) + u32(i.offset));
    if (word.size() < 4) return {};
    return {kConstant, u32(word[0]) | u32(word[1]) << 8 | u32(word[2]) << 16 | u32(word[3]) << 24};
  }

  Block& block_;
  std::array<Value, 16> values_{};
};

}  // namespace

bool demanding(const Instruction& i) {
  if (i.alignment <= 1 || i.base == kNoRegister) return false;
  if (i.exclusive && i.access == Access::Read) return false;
  return i.base != 15 || i.index != kNoRegister || u32(i.offset) % i.alignment != 0;
}

Block analyse(u32 address, u32 size, bool thumb, const FetchCode& fetch) {
  Block block;
  block.end = address + size;
  Follower follower{block};
  u32 under_it = 0;
  for (u32 at = address; at - address < size;) {
    const auto bytes = fetch(at);
    u32 code = 0;
    for (std::size_t b = 0; b < bytes.size(); ++b) code |= u32(bytes[b]) << (8 * b);
    const Instruction i = decode(code, thumb);
    block.starts.push_back(at);
    block.inside_it.push_back(under_it != 0);
    block.demanding.push_back(demanding(i));
    follower.demand(i);
    follower.apply(i, i.conditional || under_it != 0, fetch, at + (thumb ? 4 : 8));
    under_it = i.it_length != 0 ? i.it_length : under_it - (under_it != 0 ? 1 : 0);
    at += i.length;
  }
  follower.finish();
  return block;
}

}  // namespace gotee::sim
