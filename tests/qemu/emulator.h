// SPDX-License-Identifier: BSD-3-Clause
//
// A QEMU that runs the agent (tests/qemu/agent), with its memory in reach of the host.
#pragma once
#include <string>

#include "core/mem/layout.h"
#include "tests/qemu/mailbox.h"

namespace gotee::qemu {

/// Starts QEMU; it ends with this object, or by itself when the test process dies. Throws std::runtime_error,
/// saying why, when QEMU cannot be started or the agent does not answer.
class Emulator {
 public:
  Emulator();
  ~Emulator();
  Emulator(const Emulator&) = delete;
  Emulator& operator=(const Emulator&) = delete;

  Mailbox& mailbox() { return *reinterpret_cast<Mailbox*>(dram_); }
  /// Have the agent act on the mailbox. Throws when it does not answer within 30 s, with the console's end.
  void call(Command command);
  /// Have the agent act on the mailbox, expecting that it never answers: the exit code with which QEMU ends.
  /// Throws when it does not end within 30 s.
  int call_without_return(Command command);
  /// Host address of a physical address; [at, at + size) must be DRAM.
  u8* dram(PhysAddr at, u64 size) const;
  /// All that the machine's console has printed, with carriage returns before newlines taken out.
  std::string console() const;

 private:
  void start();
  void wait_for_agent(const char* what, bool (*done)(const Mailbox&));

  std::string directory_;
  u8* dram_ = nullptr;
  int process_ = 0;
};

/// The one of this process.
Emulator& emulator();

}  // namespace gotee::qemu
