// SPDX-License-Identifier: BSD-3-Clause
//
// One generated case: a short program, the state in which it starts, and what the architecture leaves open.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "core/exec/context.h"

namespace gotee::differential {

/// What is UNKNOWN after a data abort of the instruction at `pc`. Ref: [ARM ARM] DDI 0406C.d, B1.9.8: a load
/// of several general registers leaves them UNKNOWN, but for its base; a load of extension registers leaves
/// those UNKNOWN; a store leaves UNKNOWN what it stores to where that does not itself fault.
struct Unknown {
  u32 pc = 0;
  u32 registers = 0;  // r0-r14
  u32 doubles = 0;    // d0-d31
  u32 base = 0, size = 0;
};

inline constexpr u32 kZone = 0x200;

struct Program {
  bool thumb = false;
  u32 zone = 0;          // kZone bytes of text that it may take, and that it does not jump to
  u32 start = 0;         // in it
  std::vector<u8> code;  // from `start`; what follows in the text's pages are supervisor calls
  Context context;
  std::vector<std::pair<u32, u32>> words;  // memory that the program finds: address, value
  std::vector<Unknown> unknown;
  std::string description;  // of how it ends

  u32 end() const { return start + u32(code.size()); }
};

/// Case `number` of the list that `seed` stands for; always the same.
Program generate(u32 seed, u32 number);

}  // namespace gotee::differential
