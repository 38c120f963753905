// SPDX-License-Identifier: BSD-3-Clause
//
// One instruction, as code and as what the manual says of it.
// Ref: [ARM ARM] DDI 0406C.d, A8.8 (encodings), A3.2.1 (alignment).
#pragma once
#include <span>

#include "core/mem/region.h"

namespace gotee::contract {

struct Deed {
  enum class Act : u8 { Load, Store, Jump, SupervisorCall, Undefined, Breakpoint, Endless };

  const char* name;
  Act act = Act::Load;
  bool thumb = false;
  u32 code = 0;  // A32, or T32 with the first halfword in the low half
  u32 length = 4;
  u32 size = 0;         // bytes of memory
  u32 alignment = 1;    // demanded whatever SCTLR.A says
  u16 registers = 0;    // r0-r15 loaded or stored
  bool vector = false;  // VFP or Advanced SIMD registers from d0 instead
  u32 base = 0;         // register with the address
  i32 offset = 0;       // from it to the lowest byte accessed
  i32 write_back = 0;   // added to it on success

  Access access() const {
    return act == Act::Load ? Access::Read : (act == Act::Store ? Access::Write : Access::Execute);
  }
  /// General registers whose value is UNKNOWN after a data abort (B1.9.8): those of a load of several. The
  /// base register is restored, and a load of one leaves its register alone.
  u16 unknown_after_abort() const {
    const bool several = (registers & (registers - 1)) != 0;
    return act == Act::Load && several ? registers : u16{0};
  }
};

/// Every way to load, store or jump that the contract holds a machine to.
std::span<const Deed> accesses();
/// What PL0 may not execute, or what does not exist: all end as Undefined.
std::span<const Deed> undefined_deeds();

extern const Deed kLoadWord, kStoreWord, kJump, kThumbJump, kCall, kCallWithNumber, kThumbCall, kBreakpoint,
    kThumbBreakpoint, kEndless;

}  // namespace gotee::contract
