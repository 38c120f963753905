// SPDX-License-Identifier: BSD-3-Clause
//
// The instruction trace as text: a line for people, or a JSON object, for each instruction.
#pragma once
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/disassembler.h"
#include "simulator/trace.h"

namespace gotee::sim {

/// Counts in decimal without dividing: the next number is a digit away.
class DecimalCounter {
 public:
  DecimalCounter() { digits_.fill('0'); }
  std::string_view text(u64 value);

 private:
  std::array<char, 20> digits_;  // right-aligned, zeros before
  std::size_t begin_ = 19;
  u64 value_ = 0;
};

/// Prints one applet's entries; millions of lines a second, so what an instruction's lines have in common is
/// kept.
class TracePrinter {
 public:
  enum class Form : u8 { Text, JsonLines };

  /// `applet` is shown when not empty, and `disassembler` must outlive this.
  TracePrinter(Form form, Disassembler& disassembler, std::string_view applet = {});

  /// The line with its newline, which stays valid until the next call.
  std::string_view line(const TraceEntry& entry);

 private:
  static constexpr std::size_t kKept = 4096;
  struct Kept {
    u32 pc = 0xffffffff;
    u32 code = 0;
    u32 size = 0;
    bool thumb = false;
    std::string text;       // from the address on; in Form::Text padded to where the changes begin
    std::size_t plain = 0;  // how much of it is not padding
  };

  const Kept& keep(const TraceEntry& entry);
  std::size_t text_line(const TraceEntry& entry);
  std::size_t json_line(const TraceEntry& entry);
  char* room_for(const TraceEntry& entry, const Kept& kept);

  Form form_;
  Disassembler& disassembler_;
  std::string applet_;
  std::array<std::string, kRegisterIndices> labels_;  // what stands before a register's value
  std::vector<Kept> kept_;                            // by pc
  DecimalCounter number_;
  std::vector<char> line_;
};

}  // namespace gotee::sim
