// SPDX-License-Identifier: BSD-3-Clause
//
// From trap to blame.
// Ref: [ARM ARM] DDI 0406C.d, B1.8 (exceptions), B3.13 (what the fault registers say).
#include "core/fault/fault.h"

#include "core/fault/instruction.h"
#include "core/fault/status.h"

namespace gotee {

std::string_view kind_name(FaultKind kind) {
  switch (kind) {
    case FaultKind::DataAbort: return "data-abort";
    case FaultKind::PrefetchAbort: return "prefetch-abort";
    case FaultKind::Undefined: return "undefined";
    case FaultKind::Breakpoint: return "breakpoint";
    case FaultKind::BadSyscall: return "bad-syscall";
    case FaultKind::Lockstep: return "lockstep";
  }
  return "unknown";
}

std::string_view mode_name(FaultKind kind) {
  switch (kind) {
    case FaultKind::Undefined: return "UND";
    case FaultKind::BadSyscall:
    case FaultKind::Lockstep: return "SVC";
    default: return "ABT";
  }
}

std::string_view rights_text(Access access) {
  constexpr std::string_view kText[8] = {"---", "r--", "-w-", "rw-", "--x", "r-x", "-wx", "rwx"};
  return kText[u8(access) & 7];
}

std::string_view access_verb(Access access) {
  if (allows(access, Access::Write)) return "write";
  return access == Access::Execute ? "execute" : "read";
}

Fault explain(const Trap& trap, const Context& context, const AddressSpace& space, u32 code, u32 code_size) {
  Fault f;
  f.pc = trap.pc;
  f.thumb = context.thumb();
  f.context = context;
  const Instruction decoded = decode(code, f.thumb);
  if (code_size >= decoded.length) {
    f.instruction = decoded.length == 2 ? code & 0xffff : code;
    f.instruction_size = decoded.length;
  }
  switch (trap.kind) {
    case TrapKind::DataAbort:
      f.kind = FaultKind::DataAbort;
      f.access = (trap.status & kStatusWrite) != 0 ? Access::Write : Access::Read;
      f.size = f.instruction_size != 0 ? decoded.size : 0;
      break;
    case TrapKind::PrefetchAbort:
      f.kind =
          fault_status(trap.status) == FaultStatus::Debug ? FaultKind::Breakpoint : FaultKind::PrefetchAbort;
      f.access = f.kind == FaultKind::Breakpoint ? Access::None : Access::Execute;
      f.size = f.thumb ? 2 : 4;
      break;
    default: f.kind = FaultKind::Undefined; break;
  }
  if (f.access == Access::None) {
    f.owner = space.owner(trap.pc);
    f.address = trap.pc;
    f.status = trap.status;
    f.reason.assign(f.kind == FaultKind::Breakpoint ? "breakpoint instruction"
                                                    : "undefined or privileged instruction");
    return f;
  }
  f.address = trap.address;
  f.status = trap.status;
  f.owner = space.owner(trap.address);
  f.reason.assign(reason(fault_status(trap.status)));
  return f;
}

namespace {

void put_owner(const Fault& fault, Text& out) {
  out.put(", ");
  if (fault_status(fault.status) == FaultStatus::Alignment && fault.kind == FaultKind::DataAbort) {
    out.put("which is not aligned as this instruction demands");
    return;
  }
  if (fault.owner.owner == Owner::Nobody) {
    out.put(fault.address.raw < kPageSize ? "a null pointer" : "where nothing is mapped");
    return;
  }
  out.put("which belongs to ");
  switch (fault.owner.owner) {
    case Owner::Applet: out.put(fault.owner.name); break;
    case Owner::Device: out.put("a device (").put(fault.owner.name).put(")"); break;
    default: out.put("the ").put(owner_name(fault.owner.owner)); break;
  }
  out.put(fault.normal_world ? " (the normal world has " : " (PL0 has ");
  switch (u8(fault.owner.rights)) {
    case 0: out.put("no rights"); break;
    case u8(Access::Read): out.put("only the right to read"); break;
    default: out.put("the rights ").put(rights_text(fault.owner.rights)); break;
  }
  out.put(")");
}

}  // namespace

void describe(const Fault& fault, std::string_view applet, Text& out) {
  out.put(fault.normal_world ? "the normal world's '" : "applet '").put(applet).put("' ");
  if (fault.kind == FaultKind::Lockstep) {
    out.put("and its lockstep shadow disagree at 0x").hex(fault.pc.raw, 8).put(": ").put(fault.reason.view());
    return;
  }
  if (fault.access == Access::None) {
    switch (fault.kind) {
      case FaultKind::BadSyscall:
        out.put(fault.normal_world ? "made a bad monitor call at 0x" : "made a bad system call at 0x");
        break;
      case FaultKind::Breakpoint: out.put("hit a breakpoint at 0x"); break;
      default: out.put("executed an instruction that PL0 may not, at 0x"); break;
    }
    out.hex(fault.pc.raw, 8).put(": ").put(fault.reason.view());
    return;
  }
  out.put(fault.kind == FaultKind::BadSyscall ? "asked the supervisor to " : "tried to ");
  out.put(access_verb(fault.access));
  if (fault.access != Access::Execute && fault.size != 0) {
    out.put(" ").dec(fault.size).put(fault.size == 1 ? " byte" : " bytes");
  }
  out.put(" at 0x").hex(fault.address.raw, 8);
  put_owner(fault, out);
  out.put(": ").put(fault.reason.view());
  if (fault.normal_world && fault.owner.owner == Owner::Supervisor) out.put(", from the TZASC");
}

namespace {

/// B1.3.1: the mode field.
std::string_view processor_mode(u32 cpsr) {
  switch (cpsr & kCpsrMode) {
    case 0x10: return "USR";
    case 0x11: return "FIQ";
    case 0x12: return "IRQ";
    case 0x13: return "SVC";
    case 0x17: return "ABT";
    case 0x1b: return "UND";
    case 0x1f: return "SYS";
    default: return "?";
  }
}

}  // namespace

void describe(const Context& context, Text& out) {
  const auto one = [&](std::string_view name, u32 value) {
    for (std::size_t i = name.size(); i < 5; ++i) out.put(' ');
    out.put(name).put(":").hex(value, 8);
  };
  constexpr std::string_view kNames[16] = {"r0", "r1", "r2",  "r3",  "r4",  "r5", "r6", "r7",
                                           "r8", "r9", "r10", "r11", "r12", "sp", "lr", "pc"};
  for (u32 i = 0; i < 16; ++i) {
    one(kNames[i], context.r[i]);
    if (i == 15) out.put(" spsr:").hex(context.cpsr, 8).put(" (").put(processor_mode(context.cpsr)).put(')');
    if (i % 4 == 3) out.put('\n');
  }
}

}  // namespace gotee
