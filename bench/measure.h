// SPDX-License-Identifier: BSD-3-Clause
//
// The measurements. Each runs what it compares in turn, round by round, and checks that all did the same
// work.
#pragma once
#include "bench/figures.h"

namespace gotee::bench {

/// Where things are, and how often to run them.
struct Setting {
  std::string images;     // folder of the images of bench/kernels
  std::string simulator;  // gotee-sim
  std::string demo;       // mississippi.elf
  std::vector<std::string> kernels;
  u32 rounds = 5;
  std::optional<std::string> qemu_user, qemu_system;  // paths; nothing when not installed
  Versions versions;
};

/// The library's version, as "2.0.1".
std::string unicorn_version();

/// One kernel on gotee-sim's engine, on bare Unicorn and under qemu-arm. Throws Failure, as all of these do.
KernelTimes measure_kernel(const Setting& setting, const std::string& kernel);
/// Over all kernels; not measured when one of them is not.
Figure engine_over_unicorn(const std::vector<KernelTimes>& kernels);
Figure engine_over_unicorn_at_worst(const std::vector<KernelTimes>& kernels);
Figure engine_over_qemu(const Setting& setting, const std::vector<KernelTimes>& kernels);

/// A full trace in text, against that of qemu-system-arm.
Figure measure_trace(const Setting& setting);
/// From process start to the end of the violation report of the demo.
Figure measure_report(const Setting& setting);
Figure measure_nanotime(const Setting& setting);
Figure measure_preemption(const Setting& setting);

}  // namespace gotee::bench
