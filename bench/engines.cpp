// SPDX-License-Identifier: BSD-3-Clause
//
// Runs inside this process.
#include "bench/engines.h"

#include <ctime>
#include <fstream>
#include <iterator>

#include "bench/bare_unicorn.h"
#include "bench/error.h"
#include "core/syscall/table.h"

namespace gotee::bench {
namespace {

sim::Session make_session(const sim::SessionOptions& options, std::string& console, bool several) {
  sim::SessionSinks sinks;
  sinks.console = [&console](std::string_view text) { console += text; };
  return {options, std::move(sinks), several};
}

void load(sim::Session& session, const sim::AppletImage& image) {
  if (const auto refused = session.load(image)) throw Failure{image.path + ": " + *refused};
}

void expect_exit(const sim::Session& session, const sim::AppletImage& image) {
  if (session.exit_code() != ExitCode::Ok) throw Failure{image.path + ": did not exit by itself"};
}

double timed_run(sim::Session& session, const sim::AppletImage& image) {
  const double started = cpu_seconds();
  session.run();
  const double seconds = cpu_seconds() - started;
  expect_exit(session, image);
  return seconds;
}

}  // namespace

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return double(now.tv_sec) + double(now.tv_nsec) / 1e9;
}

sim::AppletImage read_image(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  sim::AppletImage image{"kernel", path, {std::istreambuf_iterator<char>{file}, {}}};
  if (!file || image.bytes.empty()) throw Failure{path + ": cannot be read"};
  return image;
}

Run run_gotee(const sim::AppletImage& image) {
  Run run;
  sim::Session session = make_session({}, run.console, false);
  load(session, image);
  run.seconds = timed_run(session, image);
  run.instructions = session.executed(0);
  return run;
}

Run run_unicorn(const sim::AppletImage& image) {
  // The session loads the image and builds the tables; it never runs.
  std::string ignored;
  sim::Session session = make_session({}, ignored, false);
  load(session, image);
  BareUnicorn bare{session.backend().dram, session.kernel().applets()[0]};
  Run run;
  const double started = cpu_seconds();
  bare.run();
  run.seconds = cpu_seconds() - started;
  run.console = bare.console();
  return run;
}

Competition compete(const sim::AppletImage& image, u64 quantum) {
  std::string ignored;
  sim::SessionOptions options;
  options.quantum = quantum;
  sim::Session session = make_session(options, ignored, true);
  load(session, image);
  load(session, image);
  Competition result;
  const double started = cpu_seconds();
  session.kernel().start();
  while (session.kernel().step() == Kernel::Step::Ran) ++result.slices;
  result.seconds = cpu_seconds() - started;
  expect_exit(session, image);
  return result;
}

Calls call_nanotime(const sim::AppletImage& image) {
  std::string ignored;
  sim::Session session = make_session({}, ignored, false);
  load(session, image);
  Calls result;
  result.seconds = timed_run(session, image);
  result.calls = session.kernel().applets()[0].calls[*find_syscall(u32(Sysno::Nanotime))];
  return result;
}

}  // namespace gotee::bench
