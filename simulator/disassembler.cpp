// SPDX-License-Identifier: BSD-3-Clause
//
// Capstone, behind a cache: a decode costs more than the rest of a trace line.
#include "simulator/disassembler.h"

#include <capstone/capstone.h>

#include <array>
#include <cstdio>

namespace gotee::sim {

Disassembler::Disassembler() {
  (void)cs_open(CS_ARCH_ARM, cs_mode(CS_MODE_ARM), &arm_);
  (void)cs_open(CS_ARCH_ARM, cs_mode(CS_MODE_THUMB), &thumb_);
}

Disassembler::~Disassembler() {
  if (arm_ != 0) cs_close(&arm_);
  if (thumb_ != 0) cs_close(&thumb_);
}

const std::string& Disassembler::text(u32 pc, u32 code, u32 size, bool thumb) {
  // The bytes are part of the key: code may change under --allow-wx.
  const u64 key = (u64{pc} << 32 | code) ^ (thumb ? 1 : 0);
  const auto found = cache_.find(key);
  if (found != cache_.end()) return found->second;
  const std::array<u8, 4> bytes = {u8(code), u8(code >> 8), u8(code >> 16), u8(code >> 24)};
  cs_insn* insn = nullptr;
  const std::size_t n = cs_disasm(thumb ? thumb_ : arm_, bytes.data(), size, pc, 1, &insn);
  std::string line;
  if (n != 0) {
    line = insn->mnemonic;
    if (insn->op_str[0] != 0) line.append(" ").append(insn->op_str);
    cs_free(insn, n);
  } else {
    std::array<char, 24> word{};
    std::snprintf(word.data(), word.size(), size == 2 ? ".short 0x%04x" : ".word 0x%08x", code);
    line = word.data();
  }
  return cache_.emplace(key, std::move(line)).first->second;
}

}  // namespace gotee::sim
