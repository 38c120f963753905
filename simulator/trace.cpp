// SPDX-License-Identifier: BSD-3-Clause
//
// Recording and printing. A full trace prints millions of lines a second, so lines are put together by hand.
#include "simulator/trace.h"

#include <array>

#include "core/fault/instruction.h"
#include "hal/sim/engine.h"

namespace gotee::sim {
namespace {

constexpr u8 kCpsrIndex = 16, kFpscrIndex = 17, kVfpIndex = 32;

/// Could this instruction write VFP or Advanced SIMD registers? (A5.6, A5.7, A6.3.18)
bool is_vector(u32 code, u32 size, bool thumb) {
  if (thumb) return size == 4 && ((code & 0xec00) == 0xec00 || (code & 0xff00) == 0xf900);
  const u32 major = (code >> 24) & 15;
  return major >= 12 ? major != 15 : code >> 28 == 15 && (major == 2 || major == 3 || major == 4);
}

void hex(std::string& out, u64 value, int digits) {
  std::array<char, 16> text{};
  for (int i = digits; i-- > 0; value >>= 4) text[std::size_t(i)] = "0123456789abcdef"[value & 15];
  out.append(text.data(), std::size_t(digits));
}

void dec(std::string& out, u64 value, std::size_t width = 0) {
  std::array<char, 20> text{};
  std::size_t n = 0;
  do {
    text[n++] = char('0' + value % 10);
    value /= 10;
  } while (value != 0);
  for (std::size_t i = n; i < width; ++i) out.push_back(' ');
  while (n > 0) out.push_back(text[--n]);
}

void put_name(std::string& out, u8 index) {
  if (index >= kVfpIndex) {
    out.push_back('d');
    dec(out, index - kVfpIndex);
  } else if (index == kCpsrIndex) {
    out.append("cpsr");
  } else if (index == kFpscrIndex) {
    out.append("fpscr");
  } else if (index == 13) {
    out.append("sp");
  } else if (index == 14) {
    out.append("lr");
  } else {
    out.push_back('r');
    dec(out, index);
  }
}

int digits_of(u8 index) { return index >= kVfpIndex ? 16 : 8; }

u32 code_at(const Engine& engine, u32 pc, u32 size) {
  const auto bytes = engine.fetch(pc);
  u32 code = 0;
  for (u32 i = 0; i < size && i < bytes.size(); ++i) code |= u32(bytes[i]) << (8 * i);
  return code;
}

}  // namespace

std::string register_name(u8 index) {
  std::string name;
  put_name(name, index);
  return name;
}

void TraceRecorder::instruction(const Engine& engine, u64 number, u32 pc, u32 size, bool executed) {
  complete(engine);
  entry_.number = number;
  entry_.pc = pc;
  entry_.size = size;
  entry_.thumb = (core_[16] & kCpsrThumb) != 0;
  entry_.executed = executed;
  entry_.code = code_at(engine, pc, size);
  if (!entry_.thumb && entry_.code >> 28 < 14)
    entry_.executed = condition_holds(entry_.code >> 28, core_[16]);
  entry_.writes.clear();
  entry_.memory.clear();
  open_ = true;
  vector_ = is_vector(entry_.code, size, entry_.thumb);
  if (vector_) {
    engine.read_vfp(vfp_);
    fpscr_ = engine.read_fpscr();
  }
}

void TraceRecorder::note_core(const std::array<u32, 17>& now) {
  for (u8 i = 0; i < 17; ++i) {
    if (i != 15 && now[i] != core_[i]) entry_.writes.push_back({i, now[i]});
  }
}

void TraceRecorder::complete(const Engine& engine) {
  std::array<u32, 17> now{};
  engine.read_core(now);
  if (open_) {
    if (primed_) note_core(now);
    if (vector_) {
      std::array<u64, 32> vfp{};
      engine.read_vfp(vfp);
      for (u8 i = 0; i < 32; ++i) {
        if (vfp[i] != vfp_[i]) entry_.writes.push_back({u8(kVfpIndex + i), vfp[i]});
      }
      if (const u32 fpscr = engine.read_fpscr(); fpscr != fpscr_)
        entry_.writes.push_back({kFpscrIndex, fpscr});
    }
    sink_(entry_);
    open_ = false;
  }
  core_ = now;
  primed_ = true;
}

void TraceRecorder::memory(bool write, u32 address, u32 size, u64 value) {
  if (open_) entry_.memory.push_back({write, address, size, value});
}

void TraceRecorder::stopped(const Engine& /*engine*/, const Context& /*context*/) {
  // The entry stays open: what a system call gives back belongs to its SVC.
}

void TraceRecorder::finish() {
  if (open_) sink_(entry_);
  open_ = false;
}

void append_text(std::string& out, const TraceEntry& entry, Disassembler& disassembler,
                 std::string_view applet) {
  if (!applet.empty()) out.append(applet).push_back(' ');
  dec(out, entry.number, 10);
  out.append("  ");
  hex(out, entry.pc, 8);
  out.append("  ");
  if (entry.size == 2) {
    hex(out, entry.code & 0xffff, 4);
    out.append("    ");
  } else if (entry.thumb) {  // as the manual prints it: first halfword first
    hex(out, (entry.code << 16) | (entry.code >> 16), 8);
  } else {
    hex(out, entry.code, 8);
  }
  out.append("  ");
  const std::string& text = disassembler.text(entry.pc, entry.code, entry.size, entry.thumb);
  out.append(text);
  if (entry.writes.empty() && entry.memory.empty() && entry.executed) {
    out.push_back('\n');
    return;
  }
  for (std::size_t i = text.size(); i < 32; ++i) out.push_back(' ');
  if (!entry.executed) out.append("  (condition failed)");
  for (const MemoryAccess& m : entry.memory) {
    out.append("  [");
    hex(out, m.address, 8);
    out.append(m.write ? "]<-" : "]->");
    hex(out, m.value, int(2 * m.size));
  }
  for (const RegisterWrite& w : entry.writes) {
    out.append("  ");
    put_name(out, w.index);
    out.push_back('=');
    hex(out, w.value, digits_of(w.index));
  }
  out.push_back('\n');
}

void append_jsonl(std::string& out, const TraceEntry& entry, Disassembler& disassembler,
                  std::string_view applet) {
  out.append("{\"n\":");
  dec(out, entry.number);
  if (!applet.empty()) out.append(",\"applet\":\"").append(applet).push_back('"');
  out.append(",\"pc\":\"0x");
  hex(out, entry.pc, 8);
  out.append("\",\"text\":\"").append(disassembler.text(entry.pc, entry.code, entry.size, entry.thumb));
  out.append(entry.executed ? "\",\"writes\":{" : "\",\"executed\":false,\"writes\":{");
  const char* comma = "";
  for (const RegisterWrite& w : entry.writes) {
    out.append(comma).push_back('"');
    put_name(out, w.index);
    out.append("\":\"0x");
    hex(out, w.value, digits_of(w.index));
    out.push_back('"');
    comma = ",";
  }
  out.append("},\"memory\":[");
  comma = "";
  for (const MemoryAccess& m : entry.memory) {
    out.append(comma).append(m.write ? "{\"op\":\"write\",\"address\":\"0x"
                                     : "{\"op\":\"read\",\"address\":\"0x");
    hex(out, m.address, 8);
    out.append("\",\"size\":");
    dec(out, m.size);
    out.append(",\"value\":\"0x");
    hex(out, m.value, int(2 * m.size));
    out.append("\"}");
    comma = ",";
  }
  out.append("]}\n");
}

}  // namespace gotee::sim
