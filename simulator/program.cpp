// SPDX-License-Identifier: BSD-3-Clause
//
// Loading, running, and telling: the report first, for whoever reads the explanation may be gone.
#include "simulator/program.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "simulator/images.h"
#include "simulator/interrupt.h"
#include "simulator/report.h"

namespace gotee::sim {

bool wants_colour() {
  const char* no_colour = std::getenv("NO_COLOR");
  return ::isatty(STDERR_FILENO) == 1 && (no_colour == nullptr || *no_colour == 0);
}

Program::Program(Options options)
    : options_{std::move(options)},
      progress_{!options_.quiet},
      session_{options_.session, sinks(),
               options_.applets.size() + (options_.normal_path.empty() ? 0 : 1) > 1} {}

ExitCode Program::run() {
  if (!load() || !open_files()) return ExitCode::Usage;
  session_.run();
  interrupts_of_run_ = interrupts();
  progress_.clear();
  console_.flush();
  ExitCode code = session_.exit_code();
  if (trace_file_) remember(trace_file_->commit());
  gather_evidence();
  write_report(code);
  explain();
  if (say_errors()) code = ExitCode::Usage;
  spdlog::debug("{} instructions, virtual time {} ns, exit code {}", session_.backend().executed(),
                session_.backend().clock.now().ns, int(code));
  return code;
}

SessionSinks Program::sinks() {
  SessionSinks s;
  s.console = [this](std::string_view text) {
    progress_.clear();
    console_.write(text);
    if (!console_.error().empty()) session_.stop();
  };
  s.led = [this](hal::Led led, bool on) {
    console_.flush();
    spdlog::info("LED {}: {}", led == hal::Led::Blue ? "blue" : "white", on ? "on" : "off");
  };
  s.pause = [this] {
    if (interrupts() != 0) session_.stop();
    console_.breathe();
    progress_.update(session_.backend().executed(), session_.backend().clock.now());
  };
  return s;
}

bool Program::load() {
  const bool applets = std::all_of(options_.applets.begin(), options_.applets.end(),
                                   [this](const std::string& path) { return load_one(path, false); });
  return applets && (options_.normal_path.empty() || load_one(options_.normal_path, true));
}

bool Program::load_one(const std::string& path, bool normal_world) {
  const auto refuse = [&](const std::string& why) {
    console_.flush();
    spdlog::error("{}: {}", printable(path), printable(why));
    return false;
  };
  auto read = read_image(path);
  if (const auto* why = std::get_if<std::string>(&read)) return refuse(*why);
  auto& image = std::get<AppletImage>(read);
  image.name = distinct_name(image.name, images_);
  image.normal_world = normal_world;
  if (const auto refused = session_.load(image)) {
    const bool memory = refused->starts_with("no room: applets share");
    return refuse(*refused + (memory ? " (--ram)" : ""));
  }
  if (!normal_world) describe_loaded(path);
  images_.push_back(std::move(image));
  return true;
}

void Program::describe_loaded(const std::string& path) const {
  const Applet& applet = session_.kernel().applets().back();
  for (const Region& r : applet.memory.regions()) {
    spdlog::debug("{}: 0x{:08x}-0x{:08x} {}", applet.name.view(), r.base.raw, r.end() - 1,
                  rights_text(r.access));
    if (!allows(r.access, Access::Write | Access::Execute)) continue;
    spdlog::warn(
        "{}: 0x{:08x}-0x{:08x} is writable and executable, as --allow-wx permits; no real gotee would run it",
        printable(path), r.base.raw, r.end() - 1);
  }
}

/// Before the run, so that a file that cannot be written costs nobody a run.
bool Program::open_files() {
  if (!options_.report_path.empty()) report_file_ = std::make_unique<OutputFile>(options_.report_path);
  if (!options_.trace_path.empty()) start_trace();
  std::optional<std::string> error;
  if (report_file_) error = report_file_->error();
  if (!error && trace_file_) error = trace_file_->error();
  if (!error) return true;
  console_.flush();
  spdlog::error("{}", *error);
  return false;
}

void Program::start_trace() {
  trace_file_ = std::make_unique<TraceFile>(options_.trace_path, disassembler_, [this] { session_.stop(); });
  for (const Applet& applet : session_.kernel().applets()) {
    trace_file_->follow(session_.engine(applet.id),
                        images_.size() > 1 ? applet.name.view() : std::string_view{});
  }
}

void Program::gather_evidence() {
  if (options_.quiet && !report_file_) return;
  std::vector<u32> faulted;
  for (const Applet& applet : session_.kernel().applets()) {
    if (was_stopped(applet)) faulted.push_back(applet.id);
  }
  auto last = replay(faulted);
  std::size_t next = 0;
  for (const Applet& applet : session_.kernel().applets()) {
    if (!was_stopped(applet) && applet.outcome != Outcome::Running) continue;
    const bool replayed = was_stopped(applet) && !last.empty();
    evidence_.push_back(gather(session_, images_[applet.id], applet.id,
                               replayed ? std::move(last[next++]) : LastInstructions{}, disassembler_));
    evidence_.back().trace_given_up = was_stopped(applet) && !replayed;
  }
}

/// In the order of `applets`; empty when it was interrupted.
std::vector<LastInstructions> Program::replay(std::span<const u32> applets) {
  if (applets.empty()) return {};
  spdlog::debug("replaying for the last {} instructions", options_.last);
  progress_.start("replaying: ");
  const auto go_on = [&](u64 instructions, Instant virtual_time) {
    progress_.update(instructions, virtual_time);
    return interrupts() == interrupts_of_run_;
  };
  auto last = replay_last(options_.session, images_, session_, applets, options_.last, go_on);
  progress_.clear();
  return last ? std::move(*last) : std::vector<LastInstructions>{};
}

void Program::write_report(ExitCode code) {
  if (!report_file_) return;
  report_file_->write(report_json(session_, options_.session, images_, evidence_, code, disassembler_));
  remember(report_file_->commit());
}

void Program::explain() const {
  if (options_.quiet) return;
  const Style style{wants_colour()};
  for (const Evidence& e : evidence_) {
    put_error(was_stopped(*e.applet) ? explain_fault(e, disassembler_, style)
                                     : explain_unfinished(e, ending(), style));
  }
}

/// Why an applet that is still running was not allowed to go on.
Ending Program::ending() const {
  if (session_.deadlocked()) return Ending::Deadlock;
  if (!session_.backend().stop_asked) return Ending::Budget;
  return interrupts_of_run_ != 0 ? Ending::Interrupted : Ending::Unwritable;
}

void Program::remember(std::optional<std::string> error) {
  if (error) errors_.push_back(std::move(*error));
}

bool Program::say_errors() const {
  for (const std::string& error : errors_) spdlog::error("{}", error);
  if (!console_.error().empty()) spdlog::error("{}", console_.error());
  return !errors_.empty() || !console_.error().empty();
}

}  // namespace gotee::sim
