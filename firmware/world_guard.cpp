// SPDX-License-Identifier: BSD-3-Clause
//
// TZASC and CSU, set from their tables, verified and locked.
#include "firmware/world_guard.h"

#include "firmware/board.h"
#include "hal/imx6ul/drivers/csu.h"
#include "hal/imx6ul/drivers/memory_map.h"
#include "hal/imx6ul/drivers/tzasc.h"

namespace gotee {
namespace {

using namespace imx6ul;

constexpr u32 kSecureRegion = 1;

Tzasc tzasc() { return Tzasc{kTzascBase, kIomuxcGprBase}; }

Result<> guard_memory(PhysAddr base, u32 size) {
  Tzasc guard = tzasc();
  if (!guard.filtering()) return Error::Denied;  // bypassed: only boot code could have ended that
  GOTEE_TRY(guard.set_action(Tzasc::Action::Abort));
  GOTEE_TRY(guard.set_region(kSecureRegion, base, size, Tzasc::Permissions::SecureOnly));
  for (u32 region = kSecureRegion + 1; region < guard.regions(); ++region)
    GOTEE_TRY(guard.disable_region(region));
  GOTEE_TRY(guard.set_default(Tzasc::Permissions::Both));
  guard.clear_violation();
  return guard.lock();
}

Result<> guard_devices() {
  const Csu csu{kCsuBase};
  const bool dcp = Ccm{kCcmBase, kCcmAnalogBase}.chip() == Chip::Imx6ull;
  // The console stays ours: a Normal world that prints there could speak in the supervisor's name.
  const CsuChoice choice{kBoard.console_slave, true, dcp};
  GOTEE_TRY(csu.apply(choice));
  if (csu.verify(choice)) return Error::Device;
  return csu.lock();
}

}  // namespace

Result<> keep_normal_world_out(PhysAddr base, u32 size) {
  if (!tzasc().present()) return Error::Unsupported;
  // Devices first: a bus master that is still taken for secure could reach whatever memory is guarded.
  GOTEE_TRY(guard_devices());
  return guard_memory(base, size);
}

std::array<std::string_view, 2> missing_guards() {
  return {tzasc().present() ? std::string_view{}
                            : "TZASC absent: nothing keeps the normal world off secure memory",
          Csu{kCsuBase}.present() ? std::string_view{}
                                  : "CSU absent: nothing keeps the normal world off devices and DMA"};
}

}  // namespace gotee
