// SPDX-License-Identifier: BSD-3-Clause
//
// The same image on gotee-sim's engine and on Unicorn alone.
#pragma once
#include "simulator/session.h"

namespace gotee::bench {

struct Run {
  double seconds = 0;  // of CPU time, from the first instruction to the last; loading is not part of it
  u64 instructions = 0;
  std::string console;  // what the applet (and gotee) printed
};

/// CPU time of this process so far, in seconds.
double cpu_seconds();

/// An image as gotee-sim would load it. Throws Failure.
sim::AppletImage read_image(const std::string& path);

/// gotee-sim's engine with everything that a run without options has: exact counting, preemption, alignment.
/// Throws Failure unless the applet exits by itself.
Run run_gotee(const sim::AppletImage& image);

/// Unicorn in the same MMU configuration with one hook, for SVC, called a handful of times. Does not count
/// instructions. Throws Failure unless the image exits by itself.
Run run_unicorn(const sim::AppletImage& image);

/// Two copies of an image that compete.
struct Competition {
  double seconds = 0;
  u64 slices = 0;  // times that one of them was given the processor
};
/// `quantum` is in instructions. Throws Failure unless both exit by themselves.
Competition compete(const sim::AppletImage& image, u64 quantum);

/// NANOTIME calls served, and the CPU time for them. Throws Failure unless the applet exits by itself.
struct Calls {
  double seconds = 0;
  u64 calls = 0;
};
Calls call_nanotime(const sim::AppletImage& image);

}  // namespace gotee::bench
