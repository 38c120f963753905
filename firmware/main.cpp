// SPDX-License-Identifier: BSD-3-Clause
//
// The firmware's wiring: from reset to the last applet.
#include "core/loader/archive.h"
#include "core/monitor/exit_code.h"
#include "core/monitor/kernel.h"
#include "firmware/bring_up.h"
#include "firmware/late.h"
#include "firmware/semihosting.h"
#include "hal/imx6ul/cp15.h"

namespace gotee {
namespace {

extern "C" const u8 __images_start[];

constinit Late<Kernel> kernel_room;

/// True when every image was accepted. The others run all the same.
bool load_images(hal::Machine& machine, Kernel& kernel, const Archive& archive) {
  bool all = true;
  for (std::size_t i = 0; i < archive.size(); ++i) {
    const ArchivedImage image = archive[i];
    const auto refused = image.kind == ImageKind::Applet ? kernel.load(image.name, image.bytes, {})
                                                         : kernel.load_normal_world(image.name, image.bytes);
    if (refused) {
      all = false;
      TextBuffer<300> text;
      text.put("00:00:00 PL1 refused ").put(image.name).put(": ").put(refused->view()).put('\n');
      machine.console(text.view());
    }
  }
  return all;
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

/// Tell an emulator; on a board, halt. The watchdog then resets it: a board that has nothing left to do
/// starts anew.
[[noreturn]] void end(ExitCode code) {
  gotee_semihosting_exit(int(code));
  for (;;) imx6ul::cp15::wfi();
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
  hal::Machine& machine = bring_up();
  announce(machine);
  guard_supervisor();
  const auto archive = Archive::open({__images_start, kSupervisorImages.size});
  if (!archive) {
    machine.console("00:00:00 PL1 there are no images in this firmware, or none that can be read\n");
    end(ExitCode::Usage);
  }
  KernelOptions options;
  options.name_applets = archive->size() > 1;
  Kernel& kernel = kernel_room.make(machine, options);
  const bool all_loaded = load_images(machine, kernel, *archive);
  run(kernel);
  for (const Applet& applet : kernel.applets()) explain(machine, applet);
  const ExitCode code = all_loaded ? exit_code_of(kernel.applets()) : ExitCode::Usage;
  end(code);
}

}  // namespace gotee
