// SPDX-License-Identifier: BSD-3-Clause
//
// The command line (design 4.2).
#pragma once
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "simulator/session.h"

namespace gotee::sim {

struct Options {
  std::vector<std::string> applets;  // paths
  std::string normal_path;           // of a guest for the Normal world; empty: there is none
  SessionOptions session;
  u64 last = 16;
  std::string trace_path;
  std::string report_path;
  bool quiet = false;
  bool verbose = false;
};

/// What the command line came to: options, or an exit code after help, version or an error was printed.
std::variant<Options, int> parse_options(int argc, char** argv);

}  // namespace gotee::sim
