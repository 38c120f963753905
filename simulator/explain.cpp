// SPDX-License-Identifier: BSD-3-Clause
//
// The explanation, section by section.
#include "simulator/explain.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>

#include "simulator/trace_printer.h"

namespace gotee::sim {
namespace {

constexpr std::uintmax_t kLargestSource = 16u << 20;
constexpr std::size_t kLongestLine = 160;

std::string base_name(const std::string& path) { return path.substr(path.find_last_of('/') + 1); }

std::string location(const std::optional<SourceLocation>& where) {
  if (!where) return "?";
  std::string text = printable(where->function.empty() ? "?" : where->function);
  if (!where->file.empty()) text += fmt::format(" ({}:{})", printable(base_name(where->file)), where->line);
  return text;
}

/// The line of source itself, when the file is still where the image says it was.
std::string source_line(const SourceLocation& where) {
  // The image chose this name: nothing but a plain file of sensible size is opened for it.
  std::error_code error;
  if (where.line <= 0 || !std::filesystem::is_regular_file(where.file, error)) return {};
  if (std::filesystem::file_size(where.file, error) > kLargestSource || error) return {};
  std::ifstream file{where.file};
  std::string line;
  for (int n = 0; n < where.line && std::getline(file, line);) ++n;
  if (!file) return {};
  line.erase(0, line.find_first_not_of(" \t"));
  return printable(line.substr(0, kLongestLine));
}

void put_where(std::string& out, const Evidence& e, VirtAddr pc, bool thumb, const Style& style) {
  out += fmt::format("\n  {}  pc 0x{:08x}{}\n", style.bold("in " + location(e.where)), pc.raw,
                     thumb ? " (Thumb)" : "");
  if (e.jumped_from) out += fmt::format("      jumped there from {}\n", location(e.jumped_from));
  if (!e.instruction.empty()) out += fmt::format("      {}\n", style.cyan(e.instruction));
  if (e.called_from) out += fmt::format("      called from {}\n", style.bold(location(e.called_from)));
  const auto& where = e.jumped_from ? e.jumped_from : e.called_from ? e.called_from : e.where;
  if (!where) return;
  const std::string line = source_line(*where);
  if (!line.empty()) out += fmt::format("      {} {}\n", style.dim(fmt::format("{} |", where->line)), line);
}

bool repeats(const Frame& a, const Frame& b) {
  return a.pc == b.pc && a.where.function == b.where.function && a.where.line == b.where.line;
}

void put_backtrace(std::string& out, const Evidence& e, const Style& style) {
  const auto how = describe(e.backtrace.method);
  out += "\n" + style.bold("backtrace") + style.dim(fmt::format(" (by {})", how)) + "\n";
  const auto& frames = e.backtrace.frames;
  for (std::size_t i = 0; i < frames.size();) {
    const SourceLocation& where = frames[i].where;
    std::size_t same = 0;  // recursion: one line for all calls from one place, some of which may be inlined
    bool inlined = true;
    for (; i + same < frames.size() && repeats(frames[i], frames[i + same]); ++same)
      inlined = inlined && frames[i + same].where.inlined;
    out +=
        fmt::format("  #{:<2} 0x{:08x}  {}", i, frames[i].pc, where.function.empty() ? "?" : location(where));
    if (inlined) out += style.dim("  (inlined)");
    out += same > 1 ? fmt::format("  ({} times)\n", same) : "\n";
    i += same;
  }
}

void put_registers(std::string& out, const Context& context, const Style& style) {
  TextBuffer<400> text;
  describe(context, text);
  out += "\n" + style.bold("registers") + "\n" + std::string{text.view()};
}

void put_trace(std::string& out, const Evidence& e, Disassembler& disassembler, const Style& style) {
  if (e.trace_given_up)
    out += "\n" + style.bold("last instructions") + ": not collected, their replay was interrupted\n";
  if (e.trace.empty()) return;
  out += "\n" + style.bold(fmt::format("last {} instructions", e.trace.size())) +
         style.dim("  (number, address, bytes, instruction, what it changed)") + "\n";
  const bool aborted_on_fetch = e.applet->fault.kind == FaultKind::PrefetchAbort;
  TracePrinter printer{TracePrinter::Form::Text, disassembler};
  for (std::size_t i = 0; i < e.trace.size(); ++i) {
    std::string line{printer.line(e.trace[i])};
    const bool offender = i + 1 == e.trace.size() && !aborted_on_fetch;
    if (offender)
      line = "  " + style.red(">" + line.substr(1, line.size() - 2)) + style.red("  <- stopped here") + "\n";
    out += offender ? line : "  " + line;
  }
}

void put_map(std::string& out, const Evidence& e, VirtAddr address, const Style& style) {
  const auto lines = memory_map(e.applet->memory);
  std::size_t at = 0;
  while (at + 1 < lines.size() && address.raw >= lines[at].end) ++at;
  out += "\n" + style.bold(fmt::format("memory around 0x{:08x}", address.raw)) +
         style.dim(e.applet->normal_world ? "  (rights of the normal world)"
                                          : "  (rights of the applet at PL0)") +
         "\n";
  for (std::size_t i = at > 2 ? at - 2 : 0; i < std::min(at + 3, lines.size()); ++i) {
    const MapLine& l = lines[i];
    const std::string line = fmt::format("0x{:08x}-0x{:08x}  {}  {:<12}  {}", l.base, l.end - 1,
                                         rights_text(l.rights), l.owner, l.purpose);
    out += i == at ? "  " + style.red("> " + line) + "\n" : "    " + line + "\n";
  }
}

std::string_view why_unfinished(Ending ending) {
  switch (ending) {
    case Ending::Budget: return "was still running when its budget ran out";
    case Ending::Deadlock: return "waits for something that can never come";
    case Ending::Interrupted: return "was still running when it was interrupted";
    case Ending::Unwritable: break;
  }
  return "was still running when its output could no longer be written";
}

}  // namespace

std::string explain_fault(const Evidence& e, Disassembler& disassembler, const Style& style) {
  const Fault& fault = e.applet->fault;
  TextBuffer<512> sentence;
  describe(fault, e.applet->name.view(), sentence);
  std::string out = "\n" + style.red(printable(sentence.view())) + "\n";
  put_where(out, e, fault.pc, fault.thumb, style);
  put_backtrace(out, e, style);
  put_registers(out, fault.context, style);
  put_trace(out, e, disassembler, style);
  put_map(out, e, fault.address, style);
  return out;
}

std::string explain_unfinished(const Evidence& e, Ending ending, const Style& style) {
  const std::string sentence =
      fmt::format("{} '{}' {}", e.applet->normal_world ? "the normal world's" : "applet",
                  printable(e.applet->name.view()), why_unfinished(ending));
  std::string out = "\n" + style.red(sentence) + "\n";
  put_where(out, e, e.pc, e.context.thumb(), style);
  put_backtrace(out, e, style);
  put_registers(out, e.context, style);
  return out;
}

}  // namespace gotee::sim
