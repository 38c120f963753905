// SPDX-License-Identifier: BSD-3-Clause
//
// Gathering what can be said of a stopped applet.
#include "simulator/evidence.h"

#include <algorithm>

namespace gotee::sim {
namespace {

std::string_view purpose_of(Access access) {
  if (allows(access, Access::Write | Access::Execute)) return "writable code";
  if (allows(access, Access::Execute)) return "text";
  if (allows(access, Access::Write)) return "data, heap, stack";
  return allows(access, Access::Read) ? "constants" : "guard";
}

/// Every system call is an inline function in a header: where one is at fault, the line that counts is the
/// first one outside of the SDK.
std::optional<SourceLocation> users_line(const std::vector<Frame>& frames) {
  constexpr std::string_view kHeaders = "include/gotee/";
  const std::string& innermost = frames.front().where.file;
  const auto at = innermost.rfind(kHeaders);
  if (at == std::string::npos) return std::nullopt;
  const std::string sdk = innermost.substr(0, at);  // its sources stand beside its headers
  for (const Frame& frame : frames) {
    const std::string& file = frame.where.file;
    const bool own = file.find(kHeaders) == std::string::npos && (sdk.empty() || !file.starts_with(sdk));
    if (!file.empty() && own) return frame.where;
  }
  return std::nullopt;
}

}  // namespace

Evidence gather(const Session& session, const AppletImage& image, u32 index, std::vector<TraceEntry> trace,
                Disassembler& disassembler) {
  const Applet& applet = session.kernel().applets()[index];
  const bool running = applet.outcome == Outcome::Running;
  Evidence e;
  e.applet = &applet;
  e.context = running ? applet.context : applet.fault.context;
  e.trace = std::move(trace);
  // An applet that waits stands behind its system call: the call is what matters.
  const u32 back = running && session.deadlocked() ? (e.context.thumb() ? 2 : 4) : 0;
  const VirtAddr pc = running ? VirtAddr{e.context.r[kPc] - back} : applet.fault.pc;
  if (!running && applet.fault.instruction_size != 0) {
    const Fault& f = applet.fault;
    e.instruction = disassembler.text(f.pc.raw, f.instruction, f.instruction_size, f.thumb);
  }
  const Symbols symbols{image.bytes};
  e.pc = pc;
  e.where = symbols.find(pc.raw);
  const bool fetch = !running && applet.fault.kind == FaultKind::PrefetchAbort;
  if (fetch && !e.trace.empty()) e.jumped_from = symbols.find(e.trace.back().pc);
  const auto read = [&](u32 address, std::span<u8> out) {
    const auto copy = [&](PhysAddr from, u32 offset, u32 size) {
      std::copy_n(session.backend().dram.at(from, size), size, out.begin() + offset);
    };
    return bool(each_piece(applet.memory.tables(), {address}, u32(out.size()), Access::Read, copy));
  };
  Registers registers{e.context.r, e.context.cpsr};
  registers.r[kPc] = pc.raw;
  e.backtrace = symbols.backtrace(registers, read);
  e.called_from = users_line(e.backtrace.frames);
  return e;
}

std::vector<MapLine> memory_map(const AddressSpace& space) {
  std::vector<MapLine> lines;
  for (const Region& r : space.regions()) {
    const Ownership own = space.owner(r.base);
    const bool applet = own.owner == Owner::Applet;
    lines.push_back(
        {r.base.raw, r.end(), owner_name(own.owner), r.access, applet ? purpose_of(r.access) : own.name});
  }
  for (const Span& s : kMemoryMap) {
    if (space.find({s.base.raw}) != nullptr) continue;  // the Normal world's own
    lines.push_back({s.base.raw, s.end(), owner_name(s.owner), Access::None, s.name});
  }
  std::sort(lines.begin(), lines.end(), [](const MapLine& a, const MapLine& b) { return a.base < b.base; });
  std::vector<MapLine> whole;
  u64 at = 0;
  const auto hole = [&](u64 end) {
    if (end > at) whole.push_back({at, end, owner_name(Owner::Nobody), Access::None, "nothing mapped"});
  };
  for (const MapLine& line : lines) {
    hole(line.base);
    whole.push_back(line);
    at = line.end;
  }
  hole(u64{1} << 32);
  return whole;
}

}  // namespace gotee::sim
