// SPDX-License-Identifier: BSD-3-Clause
//
// What was measured, and how it is shown: as a table, and as JSON of schema gotee-bench/1.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "core/base/types.h"

namespace gotee::bench {

/// Middle of the samples; of an even number, the mean of the middle two. 0 for none.
double median(std::vector<double> samples);
/// 0 for none.
double geometric_mean(const std::vector<double>& values);

/// CPU seconds of one kernel on each engine, one sample for each round.
struct KernelTimes {
  std::string name;
  u64 instructions = 0;
  std::vector<double> gotee, unicorn, qemu;  // qemu stays empty when there is none
  std::string not_measured{};                // not empty: why

  /// gotee-sim's speed over the other's.
  double over_unicorn() const { return median(unicorn) / median(gotee); }
  double over_qemu() const { return median(qemu) / median(gotee); }
};

/// One number with its goal, or the reason why there is none.
struct Figure {
  enum class Goal : u8 { None, AtLeast, AtMost };

  std::string id;    // in JSON
  std::string what;  // in the table
  std::string unit;
  double value = 0;
  Goal goal_kind = Goal::None;
  double goal = 0;
  std::string not_measured{};                           // not empty: why
  std::vector<std::pair<std::string, double>> parts{};  // what the value was made of

  bool met() const { return goal_kind == Goal::AtLeast ? value >= goal : value <= goal; }
};

struct Versions {
  std::string unicorn;
  std::optional<std::string> qemu_user, qemu_system;
};

struct Results {
  Versions versions;
  u32 rounds = 0;
  std::vector<KernelTimes> kernels;
  std::vector<Figure> figures;
};

std::string to_table(const Results& results);
std::string to_json(const Results& results);

}  // namespace gotee::bench
