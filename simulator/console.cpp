// SPDX-License-Identifier: BSD-3-Clause
//
// Standard output, standard error and the progress line.
#include "simulator/console.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace gotee::sim {

Console::Console() : terminal_{::isatty(STDOUT_FILENO) == 1} {}

void Console::write(std::string_view text) {
  if (!error_.empty()) return;
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) {
    error_ = std::string{"cannot write to standard output: "} + std::strerror(errno);
  }
  pending_ = true;
  if (terminal_) flush();
}

void Console::flush() {
  pending_ = false;
  if (error_.empty() && std::fflush(stdout) != 0) {
    error_ = std::string{"cannot write to standard output: "} + std::strerror(errno);
  }
}

void Console::breathe() {
  if (!pending_) return;
  const auto now = Clock::now();
  if (now - flushed_ < std::chrono::milliseconds{100}) return;
  flushed_ = now;
  flush();
}

void put_error(std::string_view text) { (void)std::fwrite(text.data(), 1, text.size(), stderr); }

Progress::Progress(bool wanted) : wanted_{wanted && ::isatty(STDERR_FILENO) == 1} {}

void Progress::start(std::string_view label) {
  label_ = label;
  started_ = Clock::now();
}

void Progress::update(u64 instructions, Instant virtual_time) {
  if (!wanted_) return;
  const auto now = Clock::now();
  if (now - born_ < std::chrono::seconds{2} || now - last_ < std::chrono::milliseconds{200}) return;
  last_ = now;
  shown_ = true;
  const double seconds = std::chrono::duration<double>(now - started_).count();
  const u64 virtual_seconds = virtual_time.ns / 1'000'000'000;
  put_error(fmt::format("\r\033[K{}{:.0f} M instructions, {:.0f} MIPS, virtual time {:02}:{:02}:{:02}",
                        label_, double(instructions) / 1e6, double(instructions) / 1e6 / seconds,
                        virtual_seconds / 3600, virtual_seconds / 60 % 60, virtual_seconds % 60));
}

void Progress::clear() {
  if (shown_) put_error("\r\033[K");
  shown_ = false;
}

}  // namespace gotee::sim
