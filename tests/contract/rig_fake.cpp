// SPDX-License-Identifier: BSD-3-Clause
//
// The contract's deeds on the fake machine: a script that asks the core's own tables.
#include "tests/contract/rig.h"
#include "tests/fake/deeds.h"

namespace gotee::contract {

BackendPointer make_backend() {
  return {new hal::Backend, [](hal::Backend* backend) { delete backend; }};
}

void prepare(hal::Backend& backend, const PageTables& tables, const Deed& deed, Instant deadline) {
  static_assert(u8(fake::Deed::Act::Endless) == u8(Deed::Act::Endless));  // the same list
  const fake::Deed act{
      fake::Deed::Act(deed.act), deed.length,          deed.size,      deed.alignment, deed.base,
      u32(deed.offset),          u32(deed.write_back), deed.registers, deed.vector};
  backend.script.push_back([&backend, &tables, act, deadline](Context& context) {
    return fake::perform(backend, tables, context, act, deadline);
  });
}

std::string console_of(const hal::Backend& backend) { return backend.console; }

}  // namespace gotee::contract
