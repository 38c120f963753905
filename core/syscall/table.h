// SPDX-License-Identifier: BSD-3-Clause
//
// The native system calls: one constexpr table, one dispatcher.
#pragma once
#include <array>
#include <string_view>

#include "core/syscall/numbers.h"

namespace gotee {

class Kernel;
struct Applet;

/// What becomes of the caller. A mistake that an applet can handle comes back in r0 and resumes; a mistake
/// that it can only make by being broken (a pointer it may not use, a call that does not exist) is its end.
enum class Next : u8 { Resume, Stopped };
using Handler = Next (*)(Kernel&, Applet&);

struct Syscall {
  Sysno number;
  std::string_view name;  // as reports and traces print it
  Handler handler;
};

inline constexpr std::size_t kSyscallCount = 12;
extern const std::array<Syscall, kSyscallCount> kSyscalls;

/// Index into kSyscalls, or nothing for a number that no call has.
std::optional<std::size_t> find_syscall(u32 number);

/// Serve the call that `applet` has just made.
Next dispatch(Kernel& kernel, Applet& applet);

/// Go on with a call that handles its buffer in pieces, so that no call holds the supervisor for long.
Next continue_operation(Kernel& kernel, Applet& applet);

}  // namespace gotee
