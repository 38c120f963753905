// SPDX-License-Identifier: BSD-3-Clause
//
// What each system call does.
#include <algorithm>

#include "core/monitor/kernel.h"

namespace gotee {
namespace {

// Buffers are served in pieces of this size, so that no call holds the supervisor for long.
constexpr u32 kPiece = 1024;
using Piece = std::array<u8, kPiece>;  // left uninitialized: what is used of it is filled first

/// Nobody's random numbers stay on the supervisor's stack.
void wipe(std::span<u8> bytes) {
  std::fill(bytes.begin(), bytes.end(), u8{0});
  __asm__ volatile("" : : "r"(bytes.data()) : "memory");  // not to be optimised away
}

// Reading the clock this often in a row, with little else in between, is sleeping by polling.
constexpr u32 kPollStreak = 8;
constexpr Duration kPollGap{20'000};
constexpr u32 kPollDoublings = 10;  // the longest jump is 2^10 microseconds

/// An applet's instant. Applets read the time as a signed number, which never gets there: that is for ever.
Instant instant(u32 low, u32 high) {
  const u64 ns = u64{high} << 32 | low;
  return ns >= u64{INT64_MAX} ? kNever : Instant{ns};
}

Next answer(Applet& applet, const Result<>& result) {
  applet.set_register(0, u32(result.error()));
  return Next::Resume;
}

/// The buffer in r1 and r2, or the end of the applet.
std::optional<UserRange> buffer(Kernel& kernel, Applet& applet, Access access, std::string_view call) {
  const VirtAddr base{applet.context.r[1]};
  const u32 size = applet.context.r[2];
  // Lockstep keeps pages read-only that the applet may write; open them before the proof.
  if (access == Access::Write) lockstep_open(kernel.machine(), applet, base, size);
  const auto proof = UserRange::prove(applet.memory, base, size, access);
  if (proof.proved) return proof.range;
  TextBuffer<96> reason;
  reason.put("the buffer of ").put(call).put(", ").dec(size).put(" bytes at 0x").hex(base.raw, 8);
  kernel.refuse_call(applet, reason.put(", is not the applet's").view(), access, proof.denied, 0);
  return std::nullopt;
}

Next sys_exit(Kernel& kernel, Applet& applet) {
  kernel.exit(applet, Outcome::Exited, 0);
  return Next::Stopped;
}

Next sys_exit_status(Kernel& kernel, Applet& applet) {
  const u32 status = applet.context.r[1];
  kernel.exit(applet, status == 0 ? Outcome::Exited : Outcome::Panicked, status);
  return Next::Stopped;
}

Next sys_write(Kernel& kernel, Applet& applet) {
  kernel.put(applet, char(applet.context.r[1] & 0xff));  // Go sign-extends the byte
  return Next::Resume;
}

void stop_polling(Kernel& kernel, Applet& applet) {
  if (applet.polls == 0) return;
  applet.polls = 0;
  kernel.scheduler().set_polling(applet.id, false);
}

/// The time now, which an applet that does nothing but ask it may have been put to sleep for.
Instant notice_polling(Kernel& kernel, Applet& applet) {
  Instant now = kernel.machine().now();
  if (now.ns - applet.last_poll.ns > kPollGap.ns) stop_polling(kernel, applet);
  applet.last_poll = now;
  if (++applet.polls < kPollStreak) return now;
  kernel.scheduler().set_polling(applet.id, true);
  if (!kernel.scheduler().only_polling()) return now;
  const u32 doublings = std::min(applet.polls - kPollStreak, kPollDoublings);
  const Instant until = now + Duration{u64{1000} << doublings};
  kernel.machine().idle(std::min(until, kernel.scheduler().next_wake()));
  applet.last_poll = now = kernel.machine().now();
  return now;
}

Next sys_nanotime(Kernel& kernel, Applet& applet) {
  const u64 ns = notice_polling(kernel, applet).ns;
  applet.set_register(0, u32(ns));
  applet.set_register(1, u32(ns >> 32));
  return Next::Resume;
}

Next begin(Kernel& kernel, Applet& applet, Operation::Kind kind, Access access, std::string_view call) {
  const auto range = buffer(kernel, applet, access, call);
  if (!range) return Next::Stopped;
  if (range->size() == 0) return Next::Resume;
  applet.operation = {kind, *range};
  return continue_operation(kernel, applet);
}

Next sys_get_random(Kernel& kernel, Applet& applet) {
  return begin(kernel, applet, Operation::Kind::Random, Access::Write, "getrandom");
}

Next sys_rpc_request(Kernel& kernel, Applet& applet) {
  return begin(kernel, applet, Operation::Kind::RpcRequest, Access::Read, "rpc_request");
}

Next sys_rpc_response(Kernel& kernel, Applet& applet) {
  const auto range = buffer(kernel, applet, Access::Write, "rpc_response");
  if (!range) return Next::Stopped;
  Piece piece;
  const std::size_t size =
      applet.rpc.response(std::span{piece}.first(std::min<std::size_t>(range->size(), kPiece)));
  kernel.write_user(applet, *range, std::span{piece}.first(size));
  applet.set_register(0, u32(size));
  return Next::Resume;
}

Next sys_yield(Kernel& kernel, Applet& applet) {
  kernel.scheduler().yield();
  return answer(applet, kOk);
}

Next sys_sleep_until(Kernel& kernel, Applet& applet) {
  const Instant until = instant(applet.context.r[1], applet.context.r[2]);
  if (until > kernel.machine().now()) {
    kernel.flush(applet);
    kernel.scheduler().sleep(applet.id, until);
  }
  return answer(applet, kOk);
}

/// A Wait that ended, in whichever way.
void finish_wait(Applet& applet) {
  const u32 taken = applet.posted & applet.waiting;
  applet.posted &= ~taken;
  applet.waiting = 0;
  applet.set_register(0, u32(taken == 0 ? Error::TimedOut : Error::Ok));
  applet.set_register(1, taken);
}

Next sys_wait(Kernel& kernel, Applet& applet) {
  const u32 mask = applet.context.r[1];
  const Instant until = instant(applet.context.r[2], applet.context.r[3]);
  if (mask == 0) return answer(applet, Error::Invalid);
  applet.waiting = mask;
  if ((applet.posted & mask) != 0 || until <= kernel.machine().now()) {
    finish_wait(applet);
    return Next::Resume;
  }
  kernel.flush(applet);
  applet.operation = {Operation::Kind::Wait, {}};
  kernel.scheduler().wait(applet.id, until);
  return Next::Resume;
}

Next sys_notify(Kernel& kernel, Applet& applet) {
  Applet* target = kernel.applet(applet.context.r[1]);
  if (target == nullptr || target->outcome != Outcome::Running) return answer(applet, Error::NotFound);
  target->posted |= applet.context.r[2];
  if ((target->posted & target->waiting) != 0) kernel.scheduler().wake(target->id);
  return answer(applet, kOk);
}

Next sys_count(Kernel& kernel, Applet& applet) {
  return answer(applet, kernel.count_aloud(applet.context.r[1]));
}

Next continue_random(Kernel& kernel, Applet& applet) {
  Piece piece;
  Operation& op = applet.operation;
  const auto bytes = std::span{piece}.first(std::min(op.left.size(), kPiece));
  if (!kernel.machine().random(bytes)) {
    op = {};
    kernel.refuse_call(applet, "there is no entropy, and no substitute for it");  // fail closed
    return Next::Stopped;
  }
  kernel.write_user(applet, op.left, bytes);
  wipe(bytes);
  op.left = op.left.skip(u32(bytes.size()));
  return Next::Resume;
}

Next continue_rpc(Kernel& kernel, Applet& applet) {
  Piece piece;
  Operation& op = applet.operation;
  const auto bytes = std::span{piece}.first(std::min(op.left.size(), kPiece));
  kernel.read_user(applet, op.left, bytes);
  const rpc::Actions actions{&kernel, [](void* self, std::string_view name, bool on) {
                               return static_cast<Kernel*>(self)->led(name, on);
                             }};
  if (!applet.rpc.request(bytes, actions)) {
    op = {};
    kernel.refuse_call(applet, "RPC answers pile up unread: read each response before the next request");
    return Next::Stopped;
  }
  op.left = op.left.skip(u32(bytes.size()));
  return Next::Resume;
}

}  // namespace

constexpr std::array<Syscall, kSyscallCount> kSyscalls = {{
    {Sysno::Exit, "exit", sys_exit},
    {Sysno::Write, "write", sys_write},
    {Sysno::Nanotime, "nanotime", sys_nanotime},
    {Sysno::GetRandom, "getrandom", sys_get_random},
    {Sysno::RpcRequest, "rpc_request", sys_rpc_request},
    {Sysno::RpcResponse, "rpc_response", sys_rpc_response},
    {Sysno::Yield, "yield", sys_yield},
    {Sysno::SleepUntil, "sleep_until", sys_sleep_until},
    {Sysno::ExitStatus, "exit_status", sys_exit_status},
    {Sysno::Wait, "wait", sys_wait},
    {Sysno::Notify, "notify", sys_notify},
    {Sysno::Count, "count", sys_count},
}};

// Two dense runs, 0-5 and 16-21, so that looking a number up is arithmetic.
constexpr u32 kGoteeCalls = 6, kOwnBase = 16;
static_assert([] {
  for (u32 i = 0; i < kSyscallCount; ++i) {
    if (u32(kSyscalls[i].number) != (i < kGoteeCalls ? i : i - kGoteeCalls + kOwnBase)) return false;
  }
  return true;
}());

std::optional<std::size_t> find_syscall(u32 number) {
  if (number < kGoteeCalls) return number;
  if (number >= kOwnBase && number - kOwnBase < kSyscallCount - kGoteeCalls)
    return number - kOwnBase + kGoteeCalls;
  return std::nullopt;
}

Next dispatch(Kernel& kernel, Applet& applet) {
  const u32 number = applet.context.r[0];
  const auto index = find_syscall(number);
  if (!index) {
    TextBuffer<96> reason;
    kernel.refuse_call(applet, reason.put("there is no system call ").dec(number).view());
    return Next::Stopped;
  }
  ++applet.calls[*index];
  if (kSyscalls[*index].number != Sysno::Nanotime) stop_polling(kernel, applet);
  return kSyscalls[*index].handler(kernel, applet);
}

Next continue_operation(Kernel& kernel, Applet& applet) {
  Next next = Next::Resume;
  switch (applet.operation.kind) {
    case Operation::Kind::None: return next;
    case Operation::Kind::Wait:
      finish_wait(applet);
      applet.operation = {};
      return next;
    case Operation::Kind::Random: next = continue_random(kernel, applet); break;
    case Operation::Kind::RpcRequest: next = continue_rpc(kernel, applet); break;
  }
  if (applet.operation.left.size() == 0) applet.operation = {};
  return next;
}

}  // namespace gotee
