// SPDX-License-Identifier: BSD-3-Clause
//
// Statistics and output.
#include "bench/figures.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace gotee::bench {
namespace {

double mips(const KernelTimes& k, const std::vector<double>& seconds) {
  return double(k.instructions) / median(seconds) / 1e6;
}

std::string kernel_line(const KernelTimes& k) {
  if (!k.not_measured.empty()) return fmt::format("  {:<12} not measured: {}\n", k.name, k.not_measured);
  std::string line =
      fmt::format("  {:<12} {:>9.1f} {:>11.1f} {:>11.1f} {:>8.2f}", k.name, double(k.instructions) / 1e6,
                  mips(k, k.gotee), mips(k, k.unicorn), k.over_unicorn());
  if (!k.qemu.empty()) line += fmt::format(" {:>11.1f} {:>8.2f}", mips(k, k.qemu), k.over_qemu());
  return line + "\n";
}

std::string goal_text(const Figure& f) {
  if (f.goal_kind == Figure::Goal::None) return "-";
  return fmt::format("{} {:g}", f.goal_kind == Figure::Goal::AtLeast ? ">=" : "<=", f.goal);
}

std::string figure_line(const Figure& f) {
  if (!f.not_measured.empty()) return fmt::format("  {:<50} not measured: {}\n", f.what, f.not_measured);
  const char* met = f.goal_kind == Figure::Goal::None ? "" : f.met() ? "met" : "MISSED";
  const int digits = f.value < 10 ? 2 : f.value < 100 ? 1 : 0;
  std::string text = fmt::format("  {:<50} {:>9.{}f} {:<12} {:>8}  {}\n", f.what, f.value, digits, f.unit,
                                 goal_text(f), met);
  for (const auto& [name, value] : f.parts) text += fmt::format("      {:<46} {:>9.6g}\n", name, value);
  return text;
}

nlohmann::ordered_json version_json(const std::optional<std::string>& version) {
  return version ? nlohmann::ordered_json(*version) : nlohmann::ordered_json(nullptr);
}

nlohmann::ordered_json kernel_json(const KernelTimes& k) {
  nlohmann::ordered_json j;
  j["name"] = k.name;
  if (!k.not_measured.empty()) {
    j["not_measured"] = k.not_measured;
    return j;
  }
  j["instructions"] = k.instructions;
  j["gotee_seconds"] = k.gotee;
  j["unicorn_seconds"] = k.unicorn;
  j["speed_over_unicorn"] = k.over_unicorn();
  if (k.qemu.empty()) {
    j["qemu_arm_seconds"] = nullptr;
    j["speed_over_qemu_arm"] = nullptr;
  } else {
    j["qemu_arm_seconds"] = k.qemu;
    j["speed_over_qemu_arm"] = k.over_qemu();
  }
  return j;
}

nlohmann::ordered_json figure_json(const Figure& f) {
  nlohmann::ordered_json j;
  j["id"] = f.id;
  j["what"] = f.what;
  if (!f.not_measured.empty()) {
    j["value"] = nullptr;
    j["not_measured"] = f.not_measured;
    return j;
  }
  j["value"] = f.value;
  j["unit"] = f.unit;
  if (f.goal_kind != Figure::Goal::None) {
    j["goal"] = {{f.goal_kind == Figure::Goal::AtLeast ? "at_least" : "at_most", f.goal}};
    j["met"] = f.met();
  }
  for (const auto& [name, value] : f.parts) j["parts"][name] = value;
  return j;
}

}  // namespace

double median(std::vector<double> samples) {
  if (samples.empty()) return 0;
  std::sort(samples.begin(), samples.end());
  const std::size_t half = samples.size() / 2;
  return samples.size() % 2 != 0 ? samples[half] : (samples[half - 1] + samples[half]) / 2;
}

double geometric_mean(const std::vector<double>& values) {
  if (values.empty()) return 0;
  double logs = 0;
  for (const double v : values) logs += std::log(v);
  return std::exp(logs / double(values.size()));
}

std::string to_table(const Results& results) {
  std::string text =
      fmt::format("Unicorn {}, qemu-arm {}, qemu-system-arm {}, medians of {} rounds\n\n",
                  results.versions.unicorn, results.versions.qemu_user.value_or("not installed"),
                  results.versions.qemu_system.value_or("not installed"), results.rounds);
  if (!results.kernels.empty()) {
    text += "  kernel        million   gotee-sim     Unicorn    speed    qemu-arm    speed\n";
    text += "           instructions        MIPS        MIPS    ratio        MIPS    ratio\n";
    for (const KernelTimes& k : results.kernels) text += kernel_line(k);
    text += "\n";
  }
  for (const Figure& f : results.figures) text += figure_line(f);
  return text;
}

std::string to_json(const Results& results) {
  nlohmann::ordered_json j;
  j["schema"] = "gotee-bench/1";
  j["versions"]["unicorn"] = results.versions.unicorn;
  j["versions"]["qemu_arm"] = version_json(results.versions.qemu_user);
  j["versions"]["qemu_system_arm"] = version_json(results.versions.qemu_system);
  j["rounds"] = results.rounds;
  j["kernels"] = nlohmann::ordered_json::array();
  for (const KernelTimes& k : results.kernels) j["kernels"].push_back(kernel_json(k));
  j["figures"] = nlohmann::ordered_json::array();
  for (const Figure& f : results.figures) j["figures"].push_back(figure_json(f));
  return j.dump(2) + "\n";
}

}  // namespace gotee::bench
