// SPDX-License-Identifier: BSD-3-Clause
//
// The contract's deeds on hal/imx6ul in QEMU: the code is there, it only has to run.
#include "tests/contract/rig.h"
#include "tests/qemu/backend.h"

namespace gotee::contract {

BackendPointer make_backend() {
  // A machine is made once for each test; the emulator is one for all of them, so its memory is cleaned.
  hal::Backend* backend = new hal::Backend;
  hal::Machine{*backend}.clear(kAppletDram.base, kAppletDram.size);
  return {backend, [](hal::Backend* b) { delete b; }};
}

void prepare(hal::Backend&, const PageTables&, const Deed&, Instant) {}

std::string console_of(const hal::Backend& backend) {
  return qemu::emulator().console().substr(backend.console_start);
}

}  // namespace gotee::contract
