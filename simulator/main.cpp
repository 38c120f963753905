// SPDX-License-Identifier: BSD-3-Clause
//
// gotee-sim: runs applets on the portable core, and explains what goes wrong.
#include <fcntl.h>
#include <fmt/format.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "simulator/console.h"
#include "simulator/explain.h"
#include "simulator/options.h"
#include "simulator/output_file.h"
#include "simulator/report.h"

namespace gotee {

void panic(const char* what) { throw sim::EngineError{std::string{"broken invariant: "} + what}; }

}  // namespace gotee

namespace gotee::sim {
namespace {

constexpr std::uintmax_t kLargestImage = 256u << 20;

volatile std::sig_atomic_t interrupted = 0;
void on_interrupt(int /*signal*/) { interrupted = 1; }

/// Standard error is a terminal and nobody set NO_COLOR (no-color.org: an empty value counts as unset).
bool wants_colour() {
  const char* no_colour = std::getenv("NO_COLOR");
  return ::isatty(STDERR_FILENO) == 1 && (no_colour == nullptr || *no_colour == 0);
}

/// Takes the place of a standard stream that the caller closed, lest a file of ours become one. Writing there
/// fails.
void occupy_standard_streams() {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
    if (::fcntl(fd, F_GETFD) == -1) (void)::open("/dev/null", O_RDONLY);
  }
}

void set_up_logging(const Options& options) {
  const auto mode = wants_colour() ? spdlog::color_mode::always : spdlog::color_mode::never;
  auto logger = spdlog::stderr_color_st("gotee-sim", mode);
  logger->set_pattern("%n: %^%v%$");
  logger->set_level(options.verbose ? spdlog::level::debug
                    : options.quiet ? spdlog::level::err
                                    : spdlog::level::info);
  spdlog::set_default_logger(logger);
}

std::string stem(const std::string& path) {
  std::string name = path.substr(path.find_last_of('/') + 1);
  if (const auto dot = name.find_last_of('.'); dot != std::string::npos && dot != 0) name.resize(dot);
  for (char& c : name) {
    // The name is cut at 32 bytes and goes into JSON as it is.
    if (c == '"' || c == '\\' || static_cast<unsigned char>(c) >= 0x80) c = '?';
  }
  return printable(name);
}

std::optional<AppletImage> read_image(const std::string& path) {
  const auto refuse = [&](const std::string& why) {
    spdlog::error("{}: {}", printable(path), why);
    return std::nullopt;
  };
  std::FILE* file = std::fopen(path.c_str(), "rb");
  if (file == nullptr) return refuse(fmt::format("cannot be opened: {}", std::strerror(errno)));
  AppletImage image{stem(path), path, {}};
  std::array<u8, 65536> piece{};
  std::size_t n = 0;
  while ((n = std::fread(piece.data(), 1, piece.size(), file)) != 0 && image.bytes.size() <= kLargestImage) {
    image.bytes.insert(image.bytes.end(), piece.begin(), piece.begin() + std::ptrdiff_t(n));
  }
  const int error = std::ferror(file) != 0 ? errno : 0;
  std::fclose(file);
  if (error != 0) return refuse(fmt::format("cannot be read: {}", std::strerror(error)));
  if (image.bytes.size() > kLargestImage) return refuse("is larger than 256 MiB, expected an applet");
  return image;
}

/// One run of the program, from images to exit code.
class Program {
 public:
  explicit Program(Options options)
      : options_{std::move(options)},
        progress_{!options_.quiet},
        session_{options_.session, sinks(), options_.applets.size() > 1} {}

  ExitCode run() {
    if (!load() || !open_files()) return ExitCode::Usage;
    session_.run();
    progress_.clear();
    for (auto& recorder : recorders_) recorder->finish();
    console_.flush();
    ExitCode code = session_.exit_code();
    explain();
    if (!finish_trace() | !write_report(code)) code = ExitCode::Usage;
    if (!console_.error().empty()) {
      spdlog::error("{}", console_.error());
      code = ExitCode::Usage;
    }
    spdlog::debug("{} instructions, virtual time {} ns, exit code {}", session_.backend().executed(),
                  session_.backend().clock.now().ns, int(code));
    return code;
  }

 private:
  SessionSinks sinks() {
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
      if (interrupted != 0) session_.stop();
      progress_.update(session_.backend().executed(), session_.backend().clock.now());
    };
    return s;
  }

  bool load() {
    for (const std::string& path : options_.applets) {
      auto image = read_image(path);
      if (!image) return false;
      if (const auto refused = session_.load(*image)) {
        console_.flush();
        const char* hint = refused->starts_with("no room") ? " (--ram)" : "";
        spdlog::error("{}: {}{}", printable(path), printable(*refused), hint);
        return false;
      }
      const Applet& applet = session_.kernel().applets().back();
      for (const Region& r : applet.memory.regions()) {
        spdlog::debug("{}: 0x{:08x}-0x{:08x} {}", applet.name.view(), r.base.raw, r.end() - 1,
                      rights_text(r.access));
        if (allows(r.access, Access::Write | Access::Execute)) {
          spdlog::warn(
              "{}: 0x{:08x}-0x{:08x} is writable and executable, as --allow-wx permits; no real gotee would "
              "run it",
              printable(path), r.base.raw, r.end() - 1);
        }
      }
      images_.push_back(std::move(*image));
    }
    return true;
  }

  /// Before the run, so that a file that cannot be written costs nobody a run.
  bool open_files() {
    if (!options_.report_path.empty()) report_file_ = std::make_unique<OutputFile>(options_.report_path);
    if (!options_.trace_path.empty()) start_trace();
    const auto opened = [this](const OutputFile* file) {
      if (file == nullptr || !file->error()) return true;
      console_.flush();
      spdlog::error("{}", *file->error());
      return false;
    };
    return opened(report_file_.get()) && opened(trace_file_.get());
  }

  void start_trace() {
    trace_file_ = std::make_unique<OutputFile>(options_.trace_path);
    const bool json = options_.trace_path.ends_with(".jsonl");
    for (const Applet& applet : session_.kernel().applets()) {
      const std::string name = images_.size() > 1 ? std::string{applet.name.view()} : std::string{};
      recorders_.push_back(std::make_unique<TraceRecorder>([this, json, name](const TraceEntry& entry) {
        (json ? append_jsonl : append_text)(trace_text_, entry, disassembler_, name);
        if (trace_text_.size() < kTraceChunk) return;
        trace_file_->write(trace_text_);
        trace_text_.clear();
        if (trace_file_->error()) session_.stop();
      }));
      session_.engine(applet.id).observe(0, recorders_.back().get());
    }
  }

  bool finish_trace() {
    if (!trace_file_) return true;
    trace_file_->write(trace_text_);
    if (const auto error = trace_file_->commit()) {
      spdlog::error("{}", *error);
      return false;
    }
    return true;
  }

  void explain() {
    if (options_.quiet && options_.report_path.empty()) return;
    const Style style{wants_colour()};
    for (const Applet& applet : session_.kernel().applets()) {
      const AppletImage& image = images_[applet.id];
      if (applet.outcome == Outcome::Faulted || applet.outcome == Outcome::Lockstep) {
        auto trace = replay_last(options_.session, images_, session_, applet.id, options_.last);
        evidence_.push_back(gather(session_, image, applet.id, std::move(trace), disassembler_));
        if (!options_.quiet) fmt::print(stderr, "{}", explain_fault(evidence_.back(), disassembler_, style));
      } else if (applet.outcome == Outcome::Running && !options_.quiet) {
        const Evidence e = gather(session_, image, applet.id, {}, disassembler_);
        fmt::print(stderr, "{}", explain_unfinished(e, session_.deadlocked(), style));
      }
    }
  }

  bool write_report(ExitCode code) {
    if (!report_file_) return true;
    report_file_->write(report_json(session_, options_.session, images_, evidence_, code, disassembler_));
    if (const auto error = report_file_->commit()) {
      spdlog::error("{}", *error);
      return false;
    }
    return true;
  }

  static constexpr std::size_t kTraceChunk = 1 << 20;

  Options options_;
  Console console_;
  Progress progress_;
  Session session_;
  std::vector<AppletImage> images_;
  Disassembler disassembler_;
  std::unique_ptr<OutputFile> report_file_;
  std::unique_ptr<OutputFile> trace_file_;
  std::string trace_text_;
  std::vector<std::unique_ptr<TraceRecorder>> recorders_;
  std::vector<Evidence> evidence_;
};

int guarded_main(int argc, char** argv) {
  occupy_standard_streams();
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  std::signal(SIGINT, on_interrupt);
  std::signal(SIGTERM, on_interrupt);
  try {
    auto parsed = parse_options(argc, argv);
    if (const int* code = std::get_if<int>(&parsed)) return *code;
    auto& options = std::get<Options>(parsed);
    set_up_logging(options);
    return int(Program{std::move(options)}.run());
  } catch (const EngineError& error) {
    spdlog::critical("a bug in the simulator or its engine: {}", error.what);
  } catch (const std::exception& error) {
    spdlog::critical("a bug in the simulator: {}", error.what());
  }
  return int(ExitCode::Bug);
}

}  // namespace
}  // namespace gotee::sim

int main(int argc, char** argv) { return gotee::sim::guarded_main(argc, argv); }
