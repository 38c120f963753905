// SPDX-License-Identifier: BSD-3-Clause
//
// A kernel on the fake machine with applets of the standard layout, ready for a script.
#pragma once
#include <memory>
#include <string>

#include "core/monitor/kernel.h"
#include "tests/fake/backend.h"
#include "tests/fake/image.h"
#include "tests/fake/steps.h"

namespace gotee::fake {

// The layout of every applet here: one page each; the rest of the region is read-write.
inline constexpr u32 kConstants = kText + kPageSize, kData = kConstants + kPageSize;
inline constexpr u32 kGuard = kData + kPageSize, kHeap = kGuard + kPageSize;
inline constexpr u32 kEnd = kRegionBase.raw + kRegionSize;

/// Text full of `svc #0`, a page of constants, a page of data, a guard.
inline const std::vector<u8>& standard_image() {
  static const std::vector<u8> kImage = [] {
    const std::vector<u32> calls(kPageSize / 4, 0xef000000);
    const std::vector<u8> constants(kPageSize, 0xc0), data(kPageSize, 0xda);
    return Image{}
        .text(calls)
        .segment(kConstants, constants, kPageSize, Access::Read)
        .segment(kData, data, kPageSize, Access::Read | Access::Write)
        .segment(kGuard, {}, kPageSize, Access::None)
        .build();
  }();
  return kImage;
}

struct World {
  explicit World(u32 applets = 1, const KernelOptions& options = kOneCallAStep) : kernel{machine, options} {
    constexpr const char* kNames[] = {"a", "b", "c", "d"};
    for (u32 i = 0; i < applets; ++i) {
      GOTEE_INVARIANT(!kernel.load(kNames[i], standard_image(), {}));
    }
    kernel.start();
    backend.console.clear();
  }

  std::deque<Step>& script(u32 applet = 0) { return backend.space_script[applet]; }
  const Applet& applet(u32 index = 0) const { return kernel.applets()[index]; }
  /// Steps until the scripts are used up, everything is over, or (a bug) `most` steps were made.
  Kernel::Step play(u32 most = 100'000) {
    Kernel::Step step = Kernel::Step::Ran;
    for (u32 i = 0; i < most; ++i) {
      step = kernel.step();
      if (step == Kernel::Step::Finished || step == Kernel::Step::Deadlock) break;
    }
    return step;
  }
  /// Physical address of an applet's memory, as its own tables say.
  PhysAddr backing(u32 address, u32 index = 0) const {
    return applet(index).memory.tables().walk({address}).address;
  }
  std::vector<u8> bytes(u32 address, std::size_t size, u32 index = 0) const {
    return backend.dram.bytes(backing(address, index), size);
  }
  void put(u32 address, std::string_view text, u32 index = 0) {
    backend.dram.write(backing(address, index), {reinterpret_cast<const u8*>(text.data()), text.size()});
  }

  hal::Backend backend;
  hal::Machine machine{backend};
  Kernel kernel;
};

}  // namespace gotee::fake
