// SPDX-License-Identifier: BSD-3-Clause
//
// How a test on the host and the agent in QEMU talk: a mailbox in the Normal world's DRAM, which QEMU shares
// with the host as a file.
#pragma once
#include <array>
#include <atomic>

#include "core/base/result.h"
#include "core/exec/banked.h"
#include "core/exec/context.h"
#include "core/fault/trap.h"

namespace gotee::qemu {

enum class Command : u32 {
  Run,
  RunNormal,
  Protect,
  Now,
  Idle,
  Define,
  Refresh,
  ReadUser,
  WriteUser,
  Clear,
  PublishCode,
  Random,
  Console,
  Led,
  Exit,
  Misbehave
};

/// What the supervisor itself is made to do wrong, in Mailbox::address. None of it comes back.
enum class Crime : u32 {
  ReadNull,
  WriteText,
  WriteConstants,
  ExecuteData,
  ExecuteStack,
  ExecuteAppletMemory,
  OverflowStack,
  ReadReserve,
  Undefined,
  Hang,
};

/// At the start of the Normal world's DRAM. Both sides are little-endian and align alike.
struct Mailbox {
  static constexpr u32 kAgentReady = 0x41474e54;
  static constexpr std::size_t kDataSize = 8192;

  std::atomic<u32> ready;       // kAgentReady once the agent listens
  std::atomic<u32> agent_turn;  // 1: the agent is to act; 0: it has answered
  Command command;
  u32 space, address, size;  // arguments
  u64 time;                  // Run: deadline; Idle: until; Now: the answer
  Error error;               // the answer of what returns a Result
  u32 padding;
  Trap trap;               // the answer of Run
  Context context;         // Run: in and out
  BankedRegisters banked;  // RunNormal: in and out
  std::array<u8, kDataSize> data;
};
static_assert(sizeof(Trap) == 16 && sizeof(Context) == 336 && offsetof(Mailbox, data) == 480);

}  // namespace gotee::qemu
