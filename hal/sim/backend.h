// SPDX-License-Identifier: BSD-3-Clause
//
// The simulated machine's own state: clock, memory, engines, and where output goes.
#pragma once
#include <array>
#include <functional>
#include <memory>
#include <random>
#include <string_view>

#include "hal/machine.h"
#include "hal/sim/clock.h"
#include "hal/sim/engine.h"
#include "hal/sim/time_line.h"

namespace gotee::hal {

struct Backend {
  struct Options {
    u64 seed = 0;                         // of the random numbers
    u64 instruction_budget = UINT64_MAX;  // for all applets together
    Instant time_budget = kNever;
    sim::Clock::Mode clock = sim::Clock::Mode::Virtual;
    std::vector<u64> recording;  // for Clock::Mode::Replay
  };

  /// Throws sim::EngineError when the library fails its self-check.
  explicit Backend(const Options& chosen);

  sim::Engine* engine(Space space) const { return engines[std::size_t(space)].get(); }
  /// The clock goes no further: the budget, or what it can count.
  Instant end_of_time() const { return std::min(options.time_budget, sim::kEndOfTime); }
  /// What a counter shows to a space that is about to execute its engine's next instruction.
  Instant seen_by(Space space) const;
  /// Instructions executed by all engines.
  u64 executed() const;
  /// Nothing may run any more: a budget is spent, or somebody asked to stop.
  bool spent() const {
    return stop_asked || executed() >= options.instruction_budget || clock.now() >= end_of_time();
  }

  Options options;
  sim::Clock clock;
  sim::Dram dram;
  std::array<std::unique_ptr<sim::Engine>, kMaxSpaces + 1> engines;  // the last: the Normal world's
  std::mt19937_64 random;
  std::array<sim::TimeLine, kMaxSpaces + 1> time_lines;  // for the counters
  std::array<bool, kMaxSpaces + 1> in_lockstep{};        // a pair is an even space and the next
  struct {
    PhysAddr base;
    u32 size = 0;
  } secure;  // what the TZASC keeps from the Normal world
  bool stop_asked = false;

  std::function<void(std::string_view)> on_console;  // required
  std::function<void(Led, bool)> on_led;             // optional
  std::function<void()> on_pause;                    // optional: called now and then during long runs
};

}  // namespace gotee::hal

namespace gotee::sim {

/// Runs known faults on a scratch machine and finds where this version of Unicorn keeps what it does not
/// name. Throws EngineError, saying what was wrong, when an answer is not the architecture's.
HiddenState self_check();

}  // namespace gotee::sim
