// SPDX-License-Identifier: BSD-3-Clause
//
// gotee-bench: how fast gotee-sim is, as ratios to what else there is, measured side by side.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <sstream>

#include "bench/error.h"
#include "bench/measure.h"
#include "bench/process.h"
#include "hal/sim/engine.h"
#include "simulator/output_file.h"

namespace gotee {

void panic(const char* what) { throw bench::Failure{std::string{"broken invariant: "} + what}; }

}  // namespace gotee

namespace gotee::bench {
namespace {

struct Options {
  Setting setting;
  std::string json_path;
};

std::vector<std::string> split(const std::string& names) {
  std::vector<std::string> list;
  std::istringstream stream{names};
  for (std::string name; std::getline(stream, name, ',');) list.push_back(name);
  return list;
}

std::vector<std::string> all_kernels() { return split(GOTEE_BENCH_KERNELS); }

void find_competitors(Setting& s) {
  s.qemu_user = find_program("qemu-arm");
  s.qemu_system = find_program("qemu-system-arm");
  s.versions.unicorn = unicorn_version();
  if (s.qemu_user) s.versions.qemu_user = qemu_version(*s.qemu_user);
  if (s.qemu_system) s.versions.qemu_system = qemu_version(*s.qemu_system);
}

KernelTimes kernel_or_reason(const Setting& setting, const std::string& kernel) {
  try {
    return measure_kernel(setting, kernel);
  } catch (const Failure& failure) {
    return {kernel, 0, {}, {}, {}, failure.what};
  }
}

struct Step {
  const char* id;
  Figure (*measure)(const Setting&);
};
const Step kSteps[] = {{"trace", measure_trace},
                       {"report", measure_report},
                       {"nanotime", measure_nanotime},
                       {"preemption", measure_preemption}};

Figure figure_or_reason(const Setting& setting, const Step& step) {
  try {
    return step.measure(setting);
  } catch (const Failure& failure) {
    Figure none{step.id, step.id, ""};
    none.not_measured = failure.what;
    return none;
  }
}

Results measure(const Setting& setting) {
  const auto say = [](const std::string& what) { fmt::print(stderr, "gotee-bench: {}\n", what); };
  Results results{setting.versions, setting.rounds, {}, {}};
  for (const std::string& kernel : setting.kernels) {
    say(kernel);
    results.kernels.push_back(kernel_or_reason(setting, kernel));
  }
  results.figures.push_back(engine_over_unicorn(results.kernels));
  if (setting.kernels != all_kernels()) results.figures.back().goal_kind = Figure::Goal::None;  // a part only
  results.figures.push_back(engine_over_unicorn_at_worst(results.kernels));
  results.figures.push_back(engine_over_qemu(setting, results.kernels));
  for (const Step& step : kSteps) {
    say(step.id);
    results.figures.push_back(figure_or_reason(setting, step));
  }
  return results;
}

int run(const Options& options) {
  const Results results = measure(options.setting);
  fmt::print("{}", to_table(results));
  if (options.json_path.empty()) return 0;
  sim::OutputFile file{options.json_path};
  file.write(to_json(results));
  if (const auto error = file.commit()) throw Failure{*error};
  return 0;
}

int guarded_main(int argc, char** argv) {
  Options options;
  Setting& s = options.setting;
  s.images = GOTEE_BENCH_IMAGES;
  s.simulator = GOTEE_BENCH_SIMULATOR;
  s.demo = GOTEE_BENCH_DEMO;
  CLI::App app{"Measures gotee-sim against bare Unicorn and QEMU, in turn, by CPU time.", "gotee-bench"};
  app.add_option("--json", options.json_path, "write the results to FILE (schema gotee-bench/1)")
      ->type_name("FILE");
  app.add_option("--rounds", s.rounds, "runs of each kernel on each engine (default 5)")
      ->check(CLI::Range(1, 1000));
  app.add_option("--kernel", s.kernels, "this kernel only; may be repeated")
      ->check(CLI::IsMember(all_kernels()));
  CLI11_PARSE(app, argc, argv);
  if (s.kernels.empty()) s.kernels = all_kernels();
  try {
    find_competitors(s);
    return run(options);
  } catch (const Failure& failure) {
    fmt::print(stderr, "gotee-bench: {}\n", failure.what);
  } catch (const sim::EngineError& error) {
    fmt::print(stderr, "gotee-bench: {}\n", error.what);
  }
  return 1;
}

}  // namespace
}  // namespace gotee::bench

int main(int argc, char** argv) { return gotee::bench::guarded_main(argc, argv); }
