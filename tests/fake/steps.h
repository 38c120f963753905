// SPDX-License-Identifier: BSD-3-Clause
//
// Steps for a script: the traps that an applet can cause.
#pragma once
#include "core/fault/status.h"
#include "core/monitor/kernel.h"
#include "tests/fake/backend.h"

namespace gotee::fake {

/// Kernel::step() then takes exactly one step of a script.
inline constexpr KernelOptions kOneCallAStep{.burst = 1};

/// `svc #0` with these registers. The instruction stands where the context is; pc ends behind it.
inline Step svc(u32 number, u32 r1 = 0, u32 r2 = 0, u32 r3 = 0) {
  return [=](Context& c) {
    c.r[0] = number, c.r[1] = r1, c.r[2] = r2, c.r[3] = r3;
    c.r[kPc] += c.thumb() ? 2 : 4;
    return Trap{TrapKind::Supervisor, c.pc(), {}, 0};
  };
}

inline Step data_abort(u32 pc, u32 address, u32 status) {
  return [=](Context& c) {
    c.r[kPc] = pc;
    return Trap{TrapKind::DataAbort, {pc}, {address}, status};
  };
}

/// A jump to `address`, which may not be executed: pc and the faulting address are the same.
inline Step prefetch_abort(u32 address, u32 status) {
  return [=](Context& c) {
    c.r[kPc] = address;
    return Trap{TrapKind::PrefetchAbort, {address}, {address}, status};
  };
}

inline Step undefined(u32 pc) {
  return [=](Context& c) {
    c.r[kPc] = pc;
    return Trap{TrapKind::Undefined, {pc}, {}, 0};
  };
}

inline Step expired() {
  return [](Context& c) { return Trap{TrapKind::Expired, c.pc(), {}, 0}; };
}

/// Look at (or change) the context before `next` happens; the results of the call before have arrived.
template <class Look>
Step after(Look look, Step next) {
  return [look = std::move(look), next = std::move(next)](Context& c) {
    look(c);
    return next(c);
  };
}

}  // namespace gotee::fake
