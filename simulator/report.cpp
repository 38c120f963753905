// SPDX-License-Identifier: BSD-3-Clause
//
// The report. Field names are a contract: fields may be added, never changed.
#include "simulator/report.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "simulator/trace_printer.h"

namespace gotee::sim {
namespace {

using Json = nlohmann::ordered_json;

std::string hex32(u32 value) { return fmt::format("0x{:08x}", value); }

std::string_view outcome_name(Outcome outcome) {
  switch (outcome) {
    case Outcome::Exited: return "exited";
    case Outcome::Panicked: return "panicked";
    case Outcome::Faulted: return "faulted";
    case Outcome::Lockstep: return "lockstep";
    case Outcome::Running: break;
  }
  return "budget";
}

Json registers_json(const Context& context) {
  Json json = Json::object();
  for (u8 i = 0; i < 15; ++i) json[register_name(i)] = hex32(context.r[i]);
  json["pc"] = hex32(context.r[kPc]);
  json["cpsr"] = hex32(context.cpsr);
  return json;
}

Json trace_json(const std::vector<TraceEntry>& trace, Disassembler& disassembler) {
  Json json = Json::array();
  TracePrinter printer{TracePrinter::Form::JsonLines, disassembler};  // as in a trace file
  for (const TraceEntry& entry : trace) json.push_back(Json::parse(printer.line(entry)));
  return json;
}

void put_location(Json& json, const SourceLocation& where) {
  if (!where.function.empty()) json["function"] = where.function;
  if (where.file.empty()) return;
  json["file"] = where.file.substr(where.file.find_last_of('/') + 1);
  json["line"] = where.line;
}

/// The instruction's bytes as the manual prints them: a word, or halfwords in order.
std::string instruction_bytes(const Fault& f) {
  if (f.instruction_size == 2) return fmt::format("{:04x}", f.instruction & 0xffff);
  return fmt::format("{:08x}", f.thumb ? (f.instruction << 16) | (f.instruction >> 16) : f.instruction);
}

Json fault_json(const Evidence& e, Disassembler& disassembler) {
  const Fault& f = e.applet->fault;
  Json json;
  json["kind"] = kind_name(f.kind);
  if (f.access != Access::None) {
    json["access"] = access_verb(f.access);
    if (f.size != 0) json["size"] = f.size;
  }
  json["address"] = hex32(f.address.raw);
  json["pc"] = hex32(f.pc.raw);
  json["thumb"] = f.thumb;
  json["status"] = hex32(f.status);
  json["reason"] = f.reason.view();
  json["owner"] = owner_name(f.owner.owner);
  json["rights"] = rights_text(f.owner.rights);
  TextBuffer<512> sentence;
  describe(f, e.applet->name.view(), sentence);
  json["sentence"] = sentence.view();
  if (f.instruction_size != 0)
    json["instruction"] = {{"bytes", instruction_bytes(f)}, {"text", e.instruction}};
  if (e.where) put_location(json, *e.where);
  if (e.called_from) put_location(json["called_from"], *e.called_from);
  json["registers"] = registers_json(f.context);
  json["backtrace_method"] = describe(e.backtrace.method);
  Json frames = Json::array();
  for (const Frame& frame : e.backtrace.frames) {
    Json one = {{"pc", hex32(frame.pc)}};
    put_location(one, frame.where);
    if (frame.where.inlined) one["inlined"] = true;
    frames.push_back(one);
  }
  json["backtrace"] = frames;
  json["trace"] = trace_json(e.trace, disassembler);
  if (e.trace_given_up) json["trace_interrupted"] = true;
  return json;
}

}  // namespace

std::string report_json(const Session& session, const SessionOptions& options,
                        const std::vector<AppletImage>& images, const std::vector<Evidence>& evidence,
                        ExitCode exit_code, Disassembler& disassembler) {
  Json json;
  json["schema"] = "gotee-report/1";
  json["exit_code"] = int(exit_code);
  json["seed"] = options.seed;
  json["virtual_ns"] = session.backend().clock.now().ns;
  json["applets"] = Json::array();
  for (const Applet& applet : session.kernel().applets()) {
    Json one;
    one["name"] = applet.name.view();
    one["image"] = images[applet.id].path.substr(images[applet.id].path.find_last_of('/') + 1);
    if (applet.normal_world) one["world"] = "normal";
    one["entry"] = hex32(applet.entry.raw);
    one["outcome"] = outcome_name(applet.outcome);
    if (applet.outcome == Outcome::Panicked) one["exit_status"] = applet.exit_status;
    one["instructions"] = session.executed(applet.id);
    Json calls = Json::object();
    for (std::size_t i = 0; i < kSyscallCount; ++i) {
      if (applet.calls[i] != 0) calls[std::string{kSyscalls[i].name}] = applet.calls[i];
    }
    one["syscalls"] = calls;
    for (const Evidence& e : evidence) {
      if (e.applet == &applet && was_stopped(applet)) one["fault"] = fault_json(e, disassembler);
    }
    json["applets"].push_back(one);
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace gotee::sim
