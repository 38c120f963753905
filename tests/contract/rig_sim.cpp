// SPDX-License-Identifier: BSD-3-Clause
//
// The contract's deeds on Unicorn: the code is there, it only has to run.
#include "hal/sim/backend.h"
#include "tests/contract/rig.h"

namespace gotee::contract {
namespace {

struct Printing : hal::Backend {
  Printing() : Backend{hal::Backend::Options{}} {
    on_console = [this](std::string_view text) { printed += text; };
  }
  std::string printed;
};

}  // namespace

BackendPointer make_backend() {
  return {new Printing, [](hal::Backend* backend) { delete static_cast<Printing*>(backend); }};
}

void prepare(hal::Backend&, const PageTables&, const Deed&, Instant) {}

std::string console_of(const hal::Backend& backend) { return static_cast<const Printing&>(backend).printed; }

}  // namespace gotee::contract
