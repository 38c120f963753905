// SPDX-License-Identifier: BSD-3-Clause
//
// Standard output, and the progress line that must not get in its way.
#pragma once
#include <chrono>
#include <string>
#include <string_view>

#include "core/base/types.h"

namespace gotee::sim {

/// What applets and supervisor print, byte for byte. Remembers the first failure to write.
class Console {
 public:
  Console();
  void write(std::string_view text);
  void flush();
  /// The run goes on, maybe for long: nobody shall wait for what was printed more than a moment ago.
  void breathe();
  /// Empty while everything could be written.
  const std::string& error() const { return error_; }

 private:
  using Clock = std::chrono::steady_clock;
  bool terminal_;
  bool pending_ = false;
  Clock::time_point flushed_ = Clock::now();
  std::string error_;
};

/// Writes to standard error. Who closed it wants to hear nothing: that it fails changes nothing.
void put_error(std::string_view text);

/// One line on standard error, rewritten in place, for runs longer than two seconds on a terminal.
class Progress {
 public:
  explicit Progress(bool wanted);
  /// Another stretch of work begins, which `label` names.
  void start(std::string_view label);
  void update(u64 instructions, Instant virtual_time);
  /// Take the line away, before anything else is printed.
  void clear();

 private:
  using Clock = std::chrono::steady_clock;
  bool wanted_;
  bool shown_ = false;
  std::string label_;
  Clock::time_point born_ = Clock::now();
  Clock::time_point started_ = born_;
  Clock::time_point last_ = Clock::now();
};

}  // namespace gotee::sim
