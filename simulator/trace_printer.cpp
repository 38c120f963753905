// SPDX-License-Identifier: BSD-3-Clause
//
// Lines put together by hand, in a buffer that is known to be large enough.
#include "simulator/trace_printer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace gotee::sim {
namespace {

constexpr std::size_t kNumberWidth = 10, kInstructionWidth = 32;
// More than any of them takes, in either form.
constexpr std::size_t kFixedRoom = 128, kAccessRoom = 96, kWriteRoom = 48;

constexpr auto kHexBytes = [] {
  std::array<std::array<char, 2>, 256> table{};
  for (std::size_t i = 0; i < 256; ++i) table[i] = {"0123456789abcdef"[i >> 4], "0123456789abcdef"[i & 15]};
  return table;
}();

/// Writes on without looking where the buffer ends.
struct Pen {
  char* at;

  void put(std::string_view text) {
    std::memcpy(at, text.data(), text.size());
    at += text.size();
  }
  void put(char c) { *at++ = c; }
  void hex(u64 value, u32 bytes) {
    for (u32 shift = 8 * bytes; shift != 0; shift -= 8) {
      std::memcpy(at, kHexBytes[(value >> (shift - 8)) & 0xff].data(), 2);
      at += 2;
    }
  }
};

u32 bytes_of(u8 index) { return index >= kVfpIndex ? 8 : 4; }

/// As the manual prints it: a word, or halfwords in order.
std::string instruction_bytes(const TraceEntry& entry) {
  if (entry.size == 2) return fmt::format("{:04x}    ", entry.code & 0xffff);
  return fmt::format("{:08x}", entry.thumb ? entry.code << 16 | entry.code >> 16 : entry.code);
}

}  // namespace

std::string_view DecimalCounter::text(u64 value) {
  if (value == value_ + 1) {
    std::size_t i = digits_.size() - 1;
    while (digits_[i] == '9') digits_[i--] = '0';
    ++digits_[i];
    begin_ = std::min(begin_, i);
  } else {
    const std::string all = fmt::format("{:020}", value);
    std::copy(all.begin(), all.end(), digits_.begin());
    begin_ = std::min(all.find_first_not_of('0'), digits_.size() - 1);
  }
  value_ = value;
  return {digits_.data() + begin_, digits_.size() - begin_};
}

TracePrinter::TracePrinter(Form form, Disassembler& disassembler, std::string_view applet)
    : form_{form}, disassembler_{disassembler}, applet_{applet}, kept_(kKept) {
  for (u8 i = 0; i < kRegisterIndices; ++i) {
    const std::string name = register_name(i);
    labels_[i] = form == Form::Text ? "  " + name + "=" : "\"" + name + "\":\"0x";
  }
  if (!applet_.empty()) applet_ = form == Form::Text ? applet_ + " " : ",\"applet\":\"" + applet_ + "\"";
}

std::string_view TracePrinter::line(const TraceEntry& entry) {
  const std::size_t size = form_ == Form::Text ? text_line(entry) : json_line(entry);
  return {line_.data(), size};
}

const TracePrinter::Kept& TracePrinter::keep(const TraceEntry& entry) {
  Kept& kept = kept_[(entry.pc >> 1) % kKept];
  // The bytes count as well: code may change under --allow-wx.
  if (kept.pc == entry.pc && kept.code == entry.code && kept.size == entry.size && kept.thumb == entry.thumb)
    return kept;
  const std::string& instruction = disassembler_.text(entry.pc, entry.code, entry.size, entry.thumb);
  kept = {entry.pc, entry.code, entry.size, entry.thumb, {}, 0};
  if (form_ == Form::Text) {
    kept.text = fmt::format("  {:08x}  {}  {}", entry.pc, instruction_bytes(entry), instruction);
    kept.plain = kept.text.size();
    if (instruction.size() < kInstructionWidth) kept.text.append(kInstructionWidth - instruction.size(), ' ');
  } else {
    kept.text = fmt::format("{},\"pc\":\"0x{:08x}\",\"text\":\"{}", applet_, entry.pc, instruction);
  }
  return kept;
}

char* TracePrinter::room_for(const TraceEntry& entry, const Kept& kept) {
  const std::size_t room = kFixedRoom + applet_.size() + kept.text.size() +
                           entry.memory.size() * kAccessRoom + entry.writes.size() * kWriteRoom;
  if (line_.size() < room) line_.resize(room);
  return line_.data();
}

std::size_t TracePrinter::text_line(const TraceEntry& entry) {
  const Kept& kept = keep(entry);
  Pen pen{room_for(entry, kept)};
  pen.put(applet_);
  const std::string_view number = number_.text(entry.number);
  for (std::size_t i = number.size(); i < kNumberWidth; ++i) pen.put(' ');
  pen.put(number);
  const bool changes = !entry.writes.empty() || !entry.memory.empty() || !entry.executed;
  pen.put(changes ? kept.text : std::string_view{kept.text}.substr(0, kept.plain));
  if (!entry.executed) pen.put("  (condition failed)");
  for (const MemoryAccess& m : entry.memory) {
    pen.put("  [");
    pen.hex(m.address, 4);
    pen.put(m.write ? "]<-" : "]->");
    pen.hex(m.value, m.size);
  }
  for (const RegisterWrite& w : entry.writes) {
    pen.put(labels_[w.index]);
    pen.hex(w.value, bytes_of(w.index));
  }
  pen.put('\n');
  return std::size_t(pen.at - line_.data());
}

std::size_t TracePrinter::json_line(const TraceEntry& entry) {
  const Kept& kept = keep(entry);
  Pen pen{room_for(entry, kept)};
  pen.put("{\"n\":");
  pen.put(number_.text(entry.number));
  pen.put(kept.text);
  pen.put(entry.executed ? "\",\"writes\":{" : "\",\"executed\":false,\"writes\":{");
  const char* comma = "";
  for (const RegisterWrite& w : entry.writes) {
    pen.put(comma);
    pen.put(labels_[w.index]);
    pen.hex(w.value, bytes_of(w.index));
    pen.put('"');
    comma = ",";
  }
  pen.put("},\"memory\":[");
  comma = "";
  for (const MemoryAccess& m : entry.memory) {
    pen.put(comma);
    pen.put(m.write ? "{\"op\":\"write\",\"address\":\"0x" : "{\"op\":\"read\",\"address\":\"0x");
    pen.hex(m.address, 4);
    pen.put("\",\"size\":");
    pen.put(char('0' + m.size));
    pen.put(",\"value\":\"0x");
    pen.hex(m.value, m.size);
    pen.put("\"}");
    comma = ",";
  }
  pen.put("]}\n");
  return std::size_t(pen.at - line_.data());
}

}  // namespace gotee::sim
