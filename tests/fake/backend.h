// SPDX-License-Identifier: BSD-3-Clause
//
// A machine that follows a script and remembers everything it was asked.
#pragma once
#include <array>
#include <deque>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "hal/machine.h"
#include "tests/fake/dram.h"

namespace gotee::fake {

/// What one run() comes to: it may edit the context, and returns why it stopped.
using Step = std::function<Trap(Context&)>;

}  // namespace gotee::fake

namespace gotee::hal {

struct Backend {
  // --- What is to happen. A run takes the next step of its own space, else of the common script, else asks
  // `otherwise`; when there is nothing of all that, it panics.
  std::deque<fake::Step> script;
  std::array<std::deque<fake::Step>, kMaxSpaces> space_script;
  std::function<Trap(Space, Context&)> otherwise;
  std::deque<fake::Step> normal_script;  // of run_normal; it panics when that is over

  Instant clock{1000};
  Duration per_run{2};              // what a run() takes
  bool entropy = true;              // false: random() fails
  Error protect_error = Error::Ok;  // what protect() answers
  u8 next_random = 1;               // the bytes just count up
  fake::Dram dram;

  // --- What has happened
  struct Run {
    Space space{};
    Instant deadline;
    Instant at;  // when it began
  };
  struct Refresh {
    Space space{};
    VirtAddr page;
    bool operator==(const Refresh&) const = default;
  };
  struct Write {  // or clear
    PhysAddr base;
    u64 size = 0;
  };
  struct Random {
    std::size_t size = 0;
    std::size_t runs = 0;  // how many runs came before it
  };
  struct Idle {
    Instant from, until;
  };
  std::vector<Run> runs;
  std::array<std::vector<Region>, kMaxSpaces + 1> regions;  // the last: the Normal world's
  struct Protection {
    PhysAddr base;
    u32 size = 0;
    bool operator==(const Protection&) const = default;
  };
  std::vector<Protection> protections;
  std::size_t normal_runs = 0;
  std::vector<Refresh> refreshes;
  std::vector<Write> writes;  // by core; what a step does to `dram` is the applet's own doing
  std::vector<Write> published;
  std::vector<Random> randoms;
  std::vector<Idle> idles;
  std::string console;
  std::vector<std::pair<Led, bool>> leds;
};

}  // namespace gotee::hal
