// SPDX-License-Identifier: BSD-3-Clause
//
// A Fault is a Trap with its meaning: who touched what, with which right, and who owns it.
#pragma once
#include "core/base/text.h"
#include "core/exec/context.h"
#include "core/fault/trap.h"
#include "core/mem/address_space.h"

namespace gotee {

enum class FaultKind : u8 { DataAbort, PrefetchAbort, Undefined, Breakpoint, BadSyscall, Lockstep };

/// As the report schema spells it (design 4.3).
std::string_view kind_name(FaultKind kind);
/// The exception mode that GoTEE names in its log: ABT, UND or SVC.
std::string_view mode_name(FaultKind kind);

/// Kept unchanged from the trap until it is printed.
struct Fault {
  FaultKind kind = FaultKind::Undefined;
  Access access = Access::None;  // the right that was missing; None where no address is involved
  u32 size = 0;                  // bytes of the access, 0 when not known
  VirtAddr address;
  VirtAddr pc;  // of the offending instruction
  bool thumb = false;
  bool normal_world = false;  // who did it: the Normal world's guest, or an applet
  u32 status = 0;             // IFSR or DFSR
  Ownership owner;
  FixedText<96> reason;
  u32 instruction = 0;       // its bytes; T32 with the first halfword in the low half
  u32 instruction_size = 0;  // 0 when it cannot be read
  Context context;
};

/// Give a trap other than Supervisor or Expired its meaning. `code` holds the bytes at trap.pc, `code_size`
/// how many of them could be read.
Fault explain(const Trap& trap, const Context& context, const AddressSpace& space, u32 code, u32 code_size);

/// One sentence without a newline: "applet 'crash' tried to read 4 bytes at 0x90010000, which belongs to the
/// supervisor (PL0 has no rights): permission fault, section".
void describe(const Fault& fault, std::string_view applet, Text& out);

/// Registers in GoTEE's layout: four lines, each with its newline.
void describe(const Context& context, Text& out);

/// "rwx" with dashes for what is missing.
std::string_view rights_text(Access access);
std::string_view access_verb(Access access);

}  // namespace gotee
