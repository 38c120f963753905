// SPDX-License-Identifier: BSD-3-Clause
//
// What is run, and what becomes of the times.
#include "bench/measure.h"

#include <fmt/format.h>
#include <unicorn/unicorn.h>

#include <cstdlib>

#include "bench/engines.h"
#include "bench/error.h"
#include "bench/process.h"

namespace gotee::bench {
namespace {

constexpr u32 kShortRuns = 20;  // of programs that take milliseconds
constexpr u64 kShortQuantum = 1000, kDefaultQuantum = sim::SessionOptions{}.quantum;

std::string image_path(const Setting& s, const std::string& name) { return s.images + "/" + name + ".elf"; }

/// "checksum 0123abcd" out of what a run printed.
std::string checksum(const std::string& console, const std::string& who) {
  const std::size_t at = console.find("checksum ");
  if (at == std::string::npos) throw Failure{who + ": no checksum in: " + console};
  return console.substr(at, console.find_first_of("\r\n", at) - at);
}

void expect_same(const std::string& expected, const std::string& console, const std::string& who) {
  if (checksum(console, who) != expected) throw Failure{who + ": computed something else"};
}

Finished run_expecting(const std::vector<std::string>& arguments, int exit_code) {
  Finished finished = run_process(arguments);
  if (finished.exit_code == exit_code) return finished;
  throw Failure{fmt::format("{}: exit code {}: {}", arguments[0], finished.exit_code, finished.output)};
}

/// Before 8.1 the switch was called otherwise.
std::vector<std::string> one_instruction_at_a_time(const std::string& version) {
  char* end = nullptr;
  const long major = std::strtol(version.c_str(), &end, 10);
  const long minor = *end == '.' ? std::strtol(end + 1, nullptr, 10) : 0;
  if (major < 8 || (major == 8 && minor < 1)) return {"-singlestep"};
  return {"-accel", "tcg,one-insn-per-tb=on"};
}

std::vector<std::string> qemu_system_command(const Setting& s, bool trace) {
  std::vector<std::string> command{
      *s.qemu_system, "-M",       "mcimx6ul-evk", "-kernel",  image_path(s, "trace_bare"),
      "-semihosting", "-display", "none",         "-monitor", "none",
      "-serial",      "none"};
  if (trace) {
    for (const std::string& word : one_instruction_at_a_time(*s.versions.qemu_system))
      command.push_back(word);
    command.insert(command.end(), {"-d", "exec,cpu,nochain", "-D", "/dev/null"});
  }
  return command;
}

/// The mean of one ratio over all kernels into `figure`.
Figure mean(Figure figure, const std::vector<KernelTimes>& kernels, double (KernelTimes::*ratio)() const) {
  std::vector<double> ratios;
  for (const KernelTimes& k : kernels) {
    if (!k.not_measured.empty()) figure.not_measured = "no result for " + k.name;
    ratios.push_back((k.*ratio)());
  }
  figure.value = geometric_mean(ratios);
  return figure;
}

/// The least ratio, and whose it is, for what a mean hides.
Figure worst(Figure figure, const std::vector<KernelTimes>& kernels, double (KernelTimes::*ratio)() const) {
  const KernelTimes* slowest = nullptr;
  for (const KernelTimes& k : kernels) {
    if (!k.not_measured.empty()) figure.not_measured = "no result for " + k.name;
    if (slowest == nullptr || (k.*ratio)() < (slowest->*ratio)()) slowest = &k;
  }
  if (slowest == nullptr || !figure.not_measured.empty()) return figure;
  figure.value = (slowest->*ratio)();
  figure.what += ", worst (" + slowest->name + ")";
  return figure;
}

/// A later library is faster, and the same bookkeeping weighs more.
double engine_goal() { return unicorn_version().starts_with("2.0.") ? 0.80 : 0.75; }

/// CPU seconds with and without a trace.
struct TraceTimes {
  std::vector<double> traced, plain;
  double cost() const { return median(traced) - median(plain); }
};

}  // namespace

std::string unicorn_version() {
  unsigned major = 0, minor = 0;
  const unsigned whole = uc_version(&major, &minor);
  return fmt::format("{}.{}.{}", major, minor, (whole >> 8) & 0xff);
}

KernelTimes measure_kernel(const Setting& setting, const std::string& kernel) {
  const sim::AppletImage image = read_image(image_path(setting, "bench_" + kernel));
  KernelTimes times{kernel, 0, {}, {}, {}, {}};
  for (u32 round = 0; round < setting.rounds; ++round) {
    const Run gotee = run_gotee(image);
    const std::string expected = checksum(gotee.console, "gotee-sim");
    times.instructions = gotee.instructions;
    times.gotee.push_back(gotee.seconds);

    const Run unicorn = run_unicorn(image);
    expect_same(expected, unicorn.console, "bare Unicorn, " + kernel);
    times.unicorn.push_back(unicorn.seconds);

    if (!setting.qemu_user) continue;
    const Finished qemu =
        run_expecting({*setting.qemu_user, "-cpu", "cortex-a7", image_path(setting, kernel + "_linux")}, 0);
    expect_same(expected, qemu.output, "qemu-arm, " + kernel);
    times.qemu.push_back(qemu.cpu_seconds);
  }
  return times;
}

Figure engine_over_unicorn(const std::vector<KernelTimes>& kernels) {
  return mean({"engine_over_unicorn", "speed over bare Unicorn, geometric mean", "", 0, Figure::Goal::AtLeast,
               engine_goal()},
              kernels, &KernelTimes::over_unicorn);
}

Figure engine_over_unicorn_at_worst(const std::vector<KernelTimes>& kernels) {
  return worst({"engine_over_unicorn_at_worst", "speed over bare Unicorn", "", 0, Figure::Goal::AtLeast,
                engine_goal()},
               kernels, &KernelTimes::over_unicorn);
}

Figure engine_over_qemu(const Setting& setting, const std::vector<KernelTimes>& kernels) {
  Figure figure{"engine_over_qemu_arm", "speed over qemu-arm, geometric mean", ""};
  if (setting.qemu_user) return mean(figure, kernels, &KernelTimes::over_qemu);
  figure.not_measured = "qemu-arm is not installed";
  return figure;
}

Figure measure_trace(const Setting& setting) {
  Figure figure{
      "trace_over_qemu", "full trace, speed over qemu-system-arm", "times", 0, Figure::Goal::AtLeast, 20};
  if (!setting.qemu_system) {
    figure.not_measured = "qemu-system-arm is not installed";
    return figure;
  }
  const std::string path = image_path(setting, "bench_trace");
  const Run run = run_gotee(read_image(path));
  const std::string expected = checksum(run.console, "gotee-sim");
  TraceTimes gotee, qemu;
  const auto sample = [&](std::vector<double>& to, const std::vector<std::string>& command) {
    const Finished finished = run_expecting(command, 0);
    expect_same(expected, finished.output, command[0]);
    to.push_back(finished.cpu_seconds);
  };
  for (u32 round = 0; round < setting.rounds; ++round) {
    for (u32 i = 0; i < 4; ++i) {  // these are short
      sample(gotee.traced, {setting.simulator, "--quiet", "--trace", "/dev/null", path});
      sample(gotee.plain, {setting.simulator, "--quiet", path});
    }
    sample(qemu.traced, qemu_system_command(setting, true));
    sample(qemu.plain, qemu_system_command(setting, false));
  }
  // Both without what the same run costs when nothing is traced.
  figure.value = qemu.cost() / gotee.cost();
  const auto count = double(run.instructions);
  figure.parts = {{"instructions", count},
                  {"gotee_instructions_per_second", count / gotee.cost()},
                  {"qemu_instructions_per_second", count / qemu.cost()},
                  {"gotee_traced_seconds", median(gotee.traced)},
                  {"gotee_plain_seconds", median(gotee.plain)},
                  {"qemu_traced_seconds", median(qemu.traced)},
                  {"qemu_plain_seconds", median(qemu.plain)}};
  return figure;
}

Figure measure_report(const Setting& setting) {
  std::vector<double> milliseconds;
  for (u32 i = 0; i < kShortRuns; ++i) {
    const Finished run = run_expecting({setting.simulator, setting.demo}, int(ExitCode::Faulted));
    milliseconds.push_back(run.wall_seconds * 1e3);
  }
  return {"report_milliseconds",
          "process start to violation report, wall",
          "ms",
          median(milliseconds),
          Figure::Goal::AtMost,
          60};
}

Figure measure_nanotime(const Setting& setting) {
  const sim::AppletImage image = read_image(image_path(setting, "bench_nanotime"));
  std::vector<double> rates;
  for (u32 round = 0; round < setting.rounds; ++round) {
    const Calls calls = call_nanotime(image);
    rates.push_back(double(calls.calls) / calls.seconds / 1e6);
  }
  return {"nanotime_millions_per_second", "NANOTIME round trips", "million/s", median(rates)};
}

Figure measure_preemption(const Setting& setting) {
  const sim::AppletImage image = read_image(image_path(setting, "bench_compete"));
  std::vector<double> microseconds;
  double slices = 0;
  for (u32 round = 0; round < setting.rounds; ++round) {
    const Competition fine = compete(image, kShortQuantum), coarse = compete(image, kDefaultQuantum);
    slices = double(fine.slices - coarse.slices);
    microseconds.push_back((fine.seconds - coarse.seconds) / slices * 1e6);
  }
  return {"preemption_microseconds",
          fmt::format("preemption, quantum {} over {}", kShortQuantum, kDefaultQuantum),
          "us",
          median(microseconds),
          Figure::Goal::None,
          0,
          "",
          {{"preemptions", slices}}};
}

}  // namespace gotee::bench
