// SPDX-License-Identifier: BSD-3-Clause
//
// Instructions as text, by Capstone, each decoded once.
#pragma once
#include <string>
#include <unordered_map>

#include "core/base/types.h"

namespace gotee::sim {

class Disassembler {
 public:
  Disassembler();
  ~Disassembler();
  Disassembler(const Disassembler&) = delete;
  Disassembler& operator=(const Disassembler&) = delete;

  /// "ldr r1, [r0]", or ".word 0x..." for bytes that are no instruction. `code` as core/fault/instruction.h
  /// has it.
  const std::string& text(u32 pc, u32 code, u32 size, bool thumb);

 private:
  std::size_t arm_ = 0, thumb_ = 0;  // csh
  std::unordered_map<u64, std::string> cache_;
};

}  // namespace gotee::sim
