// SPDX-License-Identifier: BSD-3-Clause
//
// All that is known of one stopped applet; the terminal and the report both print from it.
#pragma once
#include "simulator/disassembler.h"
#include "simulator/session.h"
#include "simulator/symbols.h"
#include "simulator/trace.h"

namespace gotee::sim {

/// Stopped by the supervisor, for a fault or because lockstep contexts disagreed.
inline bool was_stopped(const Applet& applet) {
  return applet.outcome == Outcome::Faulted || applet.outcome == Outcome::Lockstep;
}

struct Evidence {
  const Applet* applet = nullptr;
  Context context;          // at the end
  VirtAddr pc;              // of the instruction that matters: the offender, or the call that waits
  std::string instruction;  // text, empty when there is none to read
  std::optional<SourceLocation> where;
  std::optional<SourceLocation> called_from;  // the user's own line, when `where` lies in the SDK's headers
  std::optional<SourceLocation>
      jumped_from;  // of the last instruction, when the fault is the fetch behind it
  Backtrace backtrace;
  std::vector<TraceEntry> trace;
  bool trace_given_up = false;  // the replay for it was interrupted
};

/// The state of an applet after its end (or when the budget ran out), with names from its image.
Evidence gather(const Session& session, const AppletImage& image, u32 index, std::vector<TraceEntry> trace,
                Disassembler& disassembler);

/// One stretch of the applet's address space with one owner and one set of rights.
struct MapLine {
  u64 base = 0, end = 0;
  std::string_view owner;
  Access rights = Access::None;
  std::string_view purpose;  // what the applet keeps there, or the span's name
};
/// The whole space, holes included, in order of address.
std::vector<MapLine> memory_map(const AddressSpace& space);

}  // namespace gotee::sim
