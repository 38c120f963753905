// SPDX-License-Identifier: BSD-3-Clause
//
// A processor made of a table walk: what the architecture makes of one instruction of an applet, followed by
// `svc #0`. Ref: [ARM ARM] DDI 0406C.d, A3.2.1 (alignment), B3.12.4 (alignment before MMU faults), B3.13.
#pragma once
#include "tests/fake/backend.h"

namespace gotee::fake {

/// One instruction, as far as memory is concerned.
struct Deed {
  enum class Act : u8 { Load, Store, Jump, SupervisorCall, Undefined, Breakpoint, Endless } act = Act::Load;
  u32 length = 4;       // of the instruction
  u32 size = 0;         // bytes loaded or stored
  u32 alignment = 1;    // demanded of the address
  u32 base = 0;         // register with the address
  u32 offset = 0;       // from it to the lowest byte
  u32 write_back = 0;   // added to the base register, if nothing faults
  u16 registers = 0;    // r0-r15 loaded or stored, one word (or less) each
  bool vector = false;  // d0 and up instead
};

/// The trap of this instruction at the context's pc, or that of the SVC behind it; context and memory as they
/// are then. A jump is taken to lead to an SVC too. Endless is a loop that counts in r1, until `deadline`.
Trap perform(hal::Backend& backend, const PageTables& tables, Context& context, const Deed& deed,
             Instant deadline);

}  // namespace gotee::fake
