// SPDX-License-Identifier: BSD-3-Clause
//
// Child processes, and what they cost.
#pragma once
#include <optional>
#include <string>
#include <vector>

namespace gotee::bench {

struct Finished {
  double cpu_seconds = 0;   // user and system time of the child
  double wall_seconds = 0;  // from before its start to after its end
  int exit_code = 0;
  std::string output;  // standard output and standard error
};

/// Runs `arguments[0]` with no input, to its end. Throws Failure when it cannot be started or dies of a
/// signal.
Finished run_process(const std::vector<std::string>& arguments);

/// Where a program stands on PATH; nothing when it is not there.
std::optional<std::string> find_program(const std::string& name);

/// The version that a program of QEMU says it has, as "7.2.22".
std::string qemu_version(const std::string& program);

}  // namespace gotee::bench
