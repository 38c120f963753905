// SPDX-License-Identifier: BSD-3-Clause
//
// Random choices that are the same on every host: the standard fixes mt19937, but not the distributions.
#pragma once
#include <initializer_list>
#include <random>

#include "core/base/types.h"

namespace gotee::differential {

class Dice {
 public:
  Dice(u32 seed, u32 number) {
    std::seed_seq sequence{seed, number};
    engine_.seed(sequence);
  }

  u32 word() { return u32(engine_()); }
  u32 below(u32 end) { return word() % end; }
  /// Both ends included.
  u32 between(u32 first, u32 last) { return first + below(last - first + 1); }
  bool chance(u32 percent) { return below(100) < percent; }
  template <class T, std::size_t N>
  const T& one_of(const T (&choices)[N]) {
    return choices[below(N)];
  }
  u32 of(std::initializer_list<u32> choices) { return choices.begin()[below(u32(choices.size()))]; }
  /// One of the set bits' numbers; `set` is not empty.
  u32 of_set(u32 set) {
    for (u32 skip = below(u32(__builtin_popcount(set))); skip != 0; --skip) set &= set - 1;
    return u32(__builtin_ctz(set));
  }
  /// A word for a register: often one at which arithmetic turns over.
  u32 value() {
    switch (below(4)) {
      case 0: return of({0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 0x7fff8000, 0x80007f80});
      case 1: return below(256);
      default: return word();
    }
  }

 private:
  std::mt19937 engine_;
};

}  // namespace gotee::differential
