// SPDX-License-Identifier: BSD-3-Clause
//
// An applet, or the Normal world's guest: identity, rights, life cycle and what the supervisor remembers of
// it.
#pragma once
#include "core/exec/banked.h"
#include "core/exec/context.h"
#include "core/fault/fault.h"
#include "core/mem/user.h"
#include "core/monitor/lockstep.h"
#include "core/rpc/server.h"
#include "core/syscall/table.h"
#include "hal/machine.h"

namespace gotee {

enum class Outcome : u8 { Running, Exited, Panicked, Faulted, Lockstep };

/// A system call that is served one piece at a time.
struct Operation {
  enum class Kind : u8 { None, Random, RpcRequest, Wait } kind = Kind::None;
  UserRange left;
};

struct Applet {
  u32 id = 0;  // in order of loading; also its context in the scheduler
  FixedText<32> name;
  FixedText<33> label;  // the name and a space, for log lines
  VirtAddr entry;
  hal::Space space{};
  AddressSpace memory;
  Context context;
  bool normal_world = false;  // not an applet: privileged, in the other world, served by monitor calls
  BankedRegisters banked;     // of the Normal world

  Outcome outcome = Outcome::Running;
  u32 exit_status = 0;
  Fault fault;  // when Faulted or Lockstep

  u32 posted = 0;   // notifications not yet taken
  u32 waiting = 0;  // mask of a Wait in progress, else 0
  Operation operation;
  u32 polls = 0;  // clock polls in a row
  Instant last_poll;
  FixedText<256> line;  // console bytes up to the next newline
  rpc::Server rpc;
  std::array<u64, kSyscallCount> calls{};  // how often each system call was made
  Lockstep lockstep;

  /// A system call's result, for the applet and its shadow alike.
  void set_register(u32 index, u32 value) { context.r[index] = lockstep.shadow.r[index] = value; }
};

}  // namespace gotee
