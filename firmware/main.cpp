// SPDX-License-Identifier: BSD-3-Clause
//
// The firmware's wiring: from reset to the last applet.
#include <memory>
#include <new>

#include "core/loader/archive.h"
#include "core/monitor/exit_code.h"
#include "core/monitor/kernel.h"
#include "firmware/board.h"
#include "firmware/semihosting.h"
#include "hal/imx6ul/backend.h"
#include "hal/imx6ul/cp15.h"
#include "hal/imx6ul/drivers/memory_map.h"

namespace gotee {
namespace {

extern "C" const u8 __images_start[];

/// Room for an object that is made when the machine is ready for it.
template <class T>
class Late {
 public:
  template <class... Args>
  T& make(Args&&... args) {
    return *new (storage_) T{std::forward<Args>(args)...};
  }

 private:
  alignas(T) std::byte storage_[sizeof(T)];
};

constinit Late<Kernel> kernel_room;

void load_images(hal::Machine& machine, Kernel& kernel) {
  const auto archive = Archive::open({__images_start, kSupervisorImages.size});
  if (!archive) return machine.console("00:00:00 PL1 there are no images in this firmware\n");
  for (std::size_t i = 0; i < archive->size(); ++i) {
    const ArchivedImage image = (*archive)[i];
    if (image.kind != ImageKind::Applet) continue;
    if (const auto refused = kernel.load(image.name, image.bytes, {})) {
      TextBuffer<300> text;
      text.put("00:00:00 PL1 refused ").put(image.name).put(": ").put(refused->view()).put('\n');
      machine.console(text.view());
    }
  }
}

/// The same facts that gotee-sim reports, on one line each.
void explain(hal::Machine& machine, const Applet& applet) {
  if (applet.outcome != Outcome::Faulted && applet.outcome != Outcome::Lockstep) return;
  TextBuffer<400> text;
  describe(applet.fault, applet.name.view(), text);
  text.put("\n  pc:0x").hex(applet.fault.pc.raw, 8).put(" address:0x").hex(applet.fault.address.raw, 8);
  text.put(" status:0x").hex(applet.fault.status, 8).put(" kind:").put(kind_name(applet.fault.kind));
  machine.console(text.put('\n').view());
}

void run(Kernel& kernel) {
  kernel.start();
  for (;;) {
    const Kernel::Step step = kernel.step();
    if (step == Kernel::Step::Finished || step == Kernel::Step::Deadlock) break;
  }
  kernel.finish();
}

}  // namespace

extern "C" [[noreturn]] void gotee_main() {
  imx6ul::start_mmu();
  board_init();
  hal::Backend backend{imx6ul::Uart{kBoard.console},
                       imx6ul::Gic{imx6ul::kGicDistributorBase, imx6ul::kGicCpuInterfaceBase},
                       imx6ul::Clock{imx6ul::cp15::cntfrq()},
                       {nullptr, board_led, nullptr}};
  backend.console.init(kBoard.console_clock, kBoard.console_baud);
  imx6ul::start_interrupts(backend);
  hal::Machine machine{backend};
  Kernel& kernel = kernel_room.make(machine, KernelOptions{});
  load_images(machine, kernel);
  run(kernel);
  for (const Applet& applet : kernel.applets()) explain(machine, applet);
  backend.console.drain();
  gotee_semihosting_exit(int(exit_code_of(kernel.applets())));
  for (;;) imx6ul::cp15::wfi();
}

}  // namespace gotee
