// SPDX-License-Identifier: BSD-3-Clause
//
// What trap.S offers to C++: the way into user mode and back, and what it says of each return.
#pragma once
#include "core/exec/banked.h"
#include "core/exec/context.h"

namespace gotee::imx6ul {

/// Which exception ended a run. trap.S numbers them so.
enum class Exception : u32 {
  Undefined = 1,
  Supervisor = 2,
  PrefetchAbort = 3,
  DataAbort = 4,
  Irq = 6,
  Fiq = 7,
  MonitorCall = 8,
};

/// The fault registers, read before anything else could overwrite them. trap.S stores them in this order.
struct FaultRegisters {
  u32 data_status, data_address, fetch_status, fetch_address;
};
static_assert(sizeof(FaultRegisters) == 16);

extern "C" {
/// Resume `context` in user mode until an exception; afterwards it holds the stopped state, with r15 as the
/// exception's preferred return address (B1.8.3).
Exception gotee_enter_user(Context* context, FaultRegisters* faults);

/// Let the Normal world have VFP and everything else that `nsacr` names, and give it a control register.
/// Once, before gotee_enter_normal.
void gotee_prepare_normal(u32 sctlr, u32 nsacr);
/// The same as gotee_enter_user for the Normal world, in whatever mode of it `context` says.
Exception gotee_enter_normal(Context* context, BankedRegisters* banked, FaultRegisters* faults);

/// Give every exception mode its save area. Once, in SVC mode, before the first exception.
void gotee_set_exception_stacks();

/// Copy with the rights of PL0 (LDRT, STRT). True when all was copied, false when the hardware refused a
/// byte.
bool gotee_copy_from_user(u8* to, u32 from, u32 size);
bool gotee_copy_to_user(u32 to, const u8* from, u32 size);
/// One word from a device that may not be there: false when the read aborted.
bool gotee_probe(u32 address, u32* value);
/// Fill with zeros; base and size are multiples of 128. Overwrites the vector registers.
void gotee_clear(u32 base, u32 size);

/// The exception vectors of the secure PL1 modes (VBAR).
extern const char gotee_vectors[];

/// A fault inside the supervisor: never returns. Called by trap.S on a stack of its own.
[[noreturn]] void gotee_supervisor_fault(u32 exception, u32 pc, u32 spsr, const FaultRegisters* faults);
}

}  // namespace gotee::imx6ul
