// SPDX-License-Identifier: BSD-3-Clause
//
// The command line, by CLI11.
#include "simulator/options.h"

#include <capstone/capstone.h>
#include <fmt/format.h>
#include <unicorn/unicorn.h>

#include <CLI/CLI.hpp>
#include <cctype>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <span>

#include "simulator/output_file.h"
#include "simulator/style.h"

namespace gotee::sim {
namespace {

constexpr const char* kExamples = R"(
Examples:
  gotee-sim hello.elf                         run an applet
  gotee-sim --trace run.txt crash.elf         write every instruction, and what it changed, to run.txt
  gotee-sim --report run.json crash.elf       the same facts as on the terminal, as JSON
  gotee-sim --max-instructions 1000000 x.elf  give up after a million instructions
  gotee-sim --ram 32M a.elf b.elf c.elf       several applets at once, 32 MiB each
  gotee-sim --normal guest.elf hello.elf      with a guest in the Normal world
  gotee-sim --lockstep=50 hello.elf           run in lockstep; flip a bit before every second comparison

Exit codes:
  0 every applet exited    2 bad usage or image refused       4 an applet failed by its own word
  1 a bug in gotee         3 an applet was stopped            5 a budget ran out, or nothing can run
                                                              6 lockstep contexts disagreed
)";

std::string version_text() {
  unsigned major = 0, minor = 0;
  const unsigned whole = uc_version(&major, &minor);
  int cs_major = 0, cs_minor = 0;
  cs_version(&cs_major, &cs_minor);
  return fmt::format("gotee-sim {} (Unicorn {}.{}.{}, Capstone {}.{})", GOTEE_VERSION, major, minor,
                     (whole >> 8) & 0xff, cs_major, cs_minor);
}

int usage_error(const std::string& message) {
  std::cerr << "gotee-sim: " << printable(message) << "\ngotee-sim: try 'gotee-sim --help'\n";
  return int(ExitCode::Usage);
}

/// A whole number from `least` to `most`, and nothing else: no sign, no rest, no overflow.
std::optional<u64> whole_number(const std::string& text, u64 least, u64 most) {
  u64 value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < least || value > most)
    return std::nullopt;
  return value;
}

CLI::Validator whole(u64 least, u64 most, const std::string& expected) {
  return {[=](const std::string& text) {
            return whole_number(text, least, most) ? std::string{} : "'" + text + "' is not " + expected;
          },
          ""};
}

CLI::Validator seconds() {
  return {[](const std::string& text) {
            char* end = nullptr;
            const double value = std::strtod(text.c_str(), &end);
            const bool good = end != text.c_str() && *end == 0 && value >= 1e-9 && value <= 1e9;
            return good ? std::string{} : "'" + text + "' is not a number of seconds from 1e-9 to 1e9";
          },
          ""};
}

/// "16M", "16 MiB", "16777216": a number, and perhaps a unit.
std::optional<u64> memory_size(const std::string& text) {
  u64 value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{}) return std::nullopt;
  std::string unit{end, text.data() + text.size()};
  unit.erase(0, unit.find_first_not_of(' '));
  for (char& c : unit) c = char(std::toupper(static_cast<unsigned char>(c)));
  for (const std::string_view rest : {"IB", "B"}) {
    if (unit.ends_with(rest)) unit.resize(unit.size() - rest.size());
  }
  constexpr std::string_view kUnits = " KMG";
  const auto power = unit.empty() ? 0 : kUnits.find(unit);
  if (unit.size() > 1 || power == std::string_view::npos || value > kMaxRegionSize) return std::nullopt;
  value <<= 10 * power;
  const bool fits = value != 0 && value <= kMaxRegionSize && value % kSectionSize == 0;
  return fits ? std::optional{value} : std::nullopt;
}

CLI::Validator ram() {
  return {[](const std::string& text) {
            return memory_size(text) ? std::string{}
                                     : "'" + text + "' is not a size from 1M to 128M in whole MiB, as in 16M";
          },
          ""};
}

CLI::Validator file_name() {
  return {[](const std::string& text) {
            return text.empty() ? std::string{"a file name is missing"} : std::string{};
          },
          ""};
}

/// The text of --lockstep[=PERCENT].
std::optional<std::string> read_lockstep(const std::string& text, SessionOptions& session) {
  session.lockstep = true;
  if (text == "true") return std::nullopt;  // the flag without a value
  const auto percent = whole_number(text, 0, 100);
  if (!percent) return "--lockstep: '" + text + "' is not a percentage from 0 to 100";
  session.inject_percent = u32(*percent);
  return std::nullopt;
}

/// What CLI11 would take for something else: an empty value for none, and a value apart for an applet.
std::optional<std::string> misread_lockstep(std::span<char*> arguments) {
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    const std::string_view argument{arguments[i]};
    if (argument == "--lockstep=") return "--lockstep=: a percentage is missing";
    if (argument != "--lockstep" || i + 1 == arguments.size()) continue;
    const std::string next{arguments[i + 1]};
    if (whole_number(next, 0, 100) && !std::filesystem::exists(next))
      return "--lockstep: its percentage stands behind a '=': --lockstep=" + next;
  }
  return std::nullopt;
}

/// An output that would take the place of another, or of an applet.
std::optional<std::string> clash(const Options& o) {
  if (!o.trace_path.empty() && !o.report_path.empty() && same_file(o.trace_path, o.report_path))
    return "--trace and --report are both to be written to '" + o.report_path + "'";
  for (const auto& [option, path] : {std::pair{"--trace", &o.trace_path}, {"--report", &o.report_path}}) {
    for (const std::string& applet : o.applets) {
      if (!path->empty() && same_file(*path, applet))
        return fmt::format("{}: '{}' is an applet that is to be run", option, *path);
    }
    if (!path->empty() && !o.normal_path.empty() && same_file(*path, o.normal_path))
      return fmt::format("{}: '{}' is a guest that is to be run", option, *path);
  }
  return std::nullopt;
}

/// Prints what was asked for; a failure to do so is no success.
int print(const std::string& text) {
  std::cout << text << std::flush;
  if (std::cout) return int(ExitCode::Ok);
  std::cerr << "gotee-sim: cannot write to standard output\n";
  return int(ExitCode::Usage);
}

}  // namespace

std::variant<Options, int> parse_options(int argc, char** argv) {
  Options o;
  std::string lockstep;
  std::string ram_size;
  double max_time = 0;
  CLI::App app{"Runs TEE applets (ARM ELF images) on this computer, with the privileges of the i.MX6UL.",
               "gotee-sim"};
  app.footer(kExamples);
  app.get_formatter()->column_width(24);
  app.set_version_flag("--version", version_text());
  app.add_option("APPLET", o.applets, "applet images (ET_EXEC ELF32 ARM)")->option_text("APPLET...");
  app.add_option("--normal", o.normal_path, "run this guest in the Normal world, beside the applets")
      ->check(file_name())
      ->option_text("GUEST");
  app.add_option("--trace", o.trace_path, "write every instruction with what it changed (.jsonl: JSON lines)")
      ->check(file_name())
      ->option_text("FILE");
  app.add_option("--report", o.report_path, "write a JSON report, schema gotee-report/1")
      ->check(file_name())
      ->option_text("FILE");
  app.add_option("--last", o.last, "instructions shown with a fault (default 16)")
      ->check(whole(0, 100'000, "a whole number from 0 to 100000"))
      ->option_text("N");
  app.add_option("--max-instructions", o.session.max_instructions, "stop after N instructions in all")
      ->check(whole(1, UINT64_MAX, "a whole number above 0"))
      ->option_text("N");
  app.add_option("--max-time", max_time, "stop after this much virtual time")
      ->check(seconds())
      ->option_text("SECONDS");
  app.add_option("--quantum", o.session.quantum, "instructions before another applet's turn (default 500000)")
      ->check(whole(1, u64{1} << 40, "a whole number from 1 to 2^40"))
      ->option_text("N");
  app.add_option("--seed", o.session.seed, "of the random numbers (default 0)")
      ->check(whole(0, UINT64_MAX, "a whole number"))
      ->option_text("N");
  app.add_option("--ram", ram_size, "memory of each applet, 1M to 128M (default 64M)")
      ->check(ram())
      ->option_text("SIZE");
  app.add_flag("--realtime", o.session.realtime, "follow the wall clock; the default skips idle time");
  app.add_flag("--lockstep", lockstep, "run each applet twice and compare; =PERCENT injects faults");
  app.add_flag("--allow-wx", o.session.allow_wx, "accept segments that are writable and executable");
  auto* quiet = app.add_flag("--quiet", o.quiet, "no explanations and no messages but errors");
  app.add_flag("--verbose", o.verbose, "say what the simulator does")->excludes(quiet)->option_text(" ");
  if (const auto wrong = misread_lockstep({argv, std::size_t(argc)})) return usage_error(*wrong);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    return print(app.help());
  } catch (const CLI::CallForVersion&) {
    return print(version_text() + "\n");
  } catch (const CLI::ParseError& error) {
    return usage_error(error.what());
  }
  if (app.count("--lockstep") != 0) {
    if (const auto wrong = read_lockstep(lockstep, o.session)) return usage_error(*wrong);
  }
  if (!ram_size.empty()) o.session.region_size = u32(*memory_size(ram_size));
  if (o.applets.empty() && o.normal_path.empty()) return usage_error("APPLET is required");
  if (const auto wrong = clash(o)) return usage_error(*wrong);
  if (max_time > 0) o.session.max_virtual_ns = u64(max_time * 1e9);
  return o;
}

}  // namespace gotee::sim
