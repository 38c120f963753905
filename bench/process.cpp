// SPDX-License-Identifier: BSD-3-Clause
//
// posix_spawn and wait4: a fork of this process, with its gigabytes of address space, would cost by itself.
#include "bench/process.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <sstream>

#include "bench/error.h"

namespace gotee::bench {
namespace {

double seconds(const timeval& t) { return double(t.tv_sec) + double(t.tv_usec) / 1e6; }

pid_t spawn(const std::vector<std::string>& arguments, int output) {
  std::vector<char*> argv;
  for (const std::string& a : arguments) argv.push_back(const_cast<char*>(a.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO);
  pid_t child = 0;
  const int error = posix_spawn(&child, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw Failure{arguments[0] + ": " + std::strerror(error)};
  return child;
}

std::string read_all(int from) {
  std::string text;
  std::array<char, 65536> piece{};
  for (;;) {
    const ssize_t n = read(from, piece.data(), piece.size());
    if (n > 0) text.append(piece.data(), std::size_t(n));
    if (n == 0 || (n < 0 && errno != EINTR)) return text;
  }
}

}  // namespace

Finished run_process(const std::vector<std::string>& arguments) {
  std::array<int, 2> pipe_ends{};
  if (pipe2(pipe_ends.data(), O_CLOEXEC) != 0) throw Failure{std::string{"pipe: "} + std::strerror(errno)};
  const auto started = std::chrono::steady_clock::now();
  const pid_t child = spawn(arguments, pipe_ends[1]);
  close(pipe_ends[1]);
  Finished finished;
  finished.output = read_all(pipe_ends[0]);
  close(pipe_ends[0]);
  int status = 0;
  rusage used{};
  while (wait4(child, &status, 0, &used) < 0) {
    if (errno != EINTR) throw Failure{std::string{"wait4: "} + std::strerror(errno)};
  }
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - started;
  if (!WIFEXITED(status)) throw Failure{arguments[0] + ": died: " + finished.output};
  finished.cpu_seconds = seconds(used.ru_utime) + seconds(used.ru_stime);
  finished.wall_seconds = wall.count();
  finished.exit_code = WEXITSTATUS(status);
  return finished;
}

std::optional<std::string> find_program(const std::string& name) {
  const char* path = std::getenv("PATH");
  std::istringstream folders{path != nullptr ? path : ""};
  for (std::string folder; std::getline(folders, folder, ':');) {
    std::string candidate = folder + "/" + name;
    if (access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return std::nullopt;
}

std::string qemu_version(const std::string& program) {
  const std::string text = run_process({program, "--version"}).output;
  const std::size_t from = text.find("version ");
  if (from == std::string::npos) return "unknown";
  const std::size_t number = from + std::strlen("version ");
  return text.substr(number, text.find_first_not_of("0123456789.", number) - number);
}

}  // namespace gotee::bench
