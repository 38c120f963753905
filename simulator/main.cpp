// SPDX-License-Identifier: BSD-3-Clause
//
// gotee-sim: runs applets on the portable core, and explains what goes wrong.
#include <fcntl.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include "simulator/interrupt.h"
#include "simulator/options.h"
#include "simulator/program.h"

namespace gotee {

void panic(const char* what) { throw sim::EngineError{std::string{"broken invariant: "} + what}; }

}  // namespace gotee

namespace gotee::sim {
namespace {

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

int guarded_main(int argc, char** argv) {
  occupy_standard_streams();
  catch_signals();
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
