// SPDX-License-Identifier: BSD-3-Clause
//
// The agent: one call of hal::Machine for each letter in the mailbox.
#include "core/mem/layout.h"
#include "firmware/bring_up.h"
#include "firmware/semihosting.h"
#include "tests/qemu/mailbox.h"

namespace gotee::qemu {
namespace {

Error error_of(const Result<>& result) { return result.error(); }

/// The test's clock: it stands still while the agent waits for a letter, so that how long the host takes
/// between two of them is no part of what a test measures.
class TestClock {
 public:
  explicit TestClock(hal::Machine& machine) : machine_{machine}, since_{machine.now()} {}
  void letter_came() { waited_.ns += machine_.now().ns - since_.ns; }
  void answered() { since_ = machine_.now(); }
  u64 now() const { return machine_.now().ns - waited_.ns; }
  Instant machine_time(u64 ns) const { return Instant{ns} + waited_; }

 private:
  hal::Machine& machine_;
  Instant since_;
  Duration waited_;
};

void serve(hal::Machine& machine, const TestClock& clock, Mailbox& box) {
  const hal::Space space{u8(box.space)};
  const auto data = std::span{box.data}.first(box.size <= Mailbox::kDataSize ? box.size : 0);
  switch (box.command) {
    case Command::Run: {
      Context context = box.context;
      box.trap = machine.run(context, space, clock.machine_time(box.time));
      box.context = context;
      break;
    }
    case Command::RunNormal: {
      Context context = box.context;
      BankedRegisters banked = box.banked;
      box.trap = machine.run_normal(context, banked, clock.machine_time(box.time));
      box.context = context;
      box.banked = banked;
      break;
    }
    case Command::Protect: box.error = error_of(machine.protect({box.address}, box.size)); break;
    case Command::Now: box.time = clock.now(); break;
    case Command::Idle: machine.idle(clock.machine_time(box.time)); break;
    case Command::Define: box.error = error_of(machine.define(space, {})); break;
    case Command::Refresh: machine.refresh(space, {box.address}); break;
    case Command::ReadUser: box.error = error_of(machine.read_user(space, {box.address}, data)); break;
    case Command::WriteUser: box.error = error_of(machine.write_user(space, {box.address}, data)); break;
    case Command::Clear: machine.clear({box.address}, box.size); break;
    case Command::PublishCode: machine.publish_code({box.address}, box.size); break;
    case Command::Random: box.error = error_of(machine.random(data)); break;
    case Command::Console: machine.console({reinterpret_cast<const char*>(data.data()), data.size()}); break;
    case Command::Led: box.error = error_of(machine.led(hal::Led(box.address), box.size != 0)); break;
    case Command::Exit: gotee_semihosting_exit(0); break;
  }
}

}  // namespace

extern "C" [[noreturn]] void gotee_main() {
  hal::Machine& machine = bring_up();
  auto& box = *reinterpret_cast<Mailbox*>(kNormalDram.base.raw);
  box.agent_turn.store(0);
  box.ready.store(Mailbox::kAgentReady);
  for (TestClock clock{machine};;) {
    while (box.agent_turn.load() == 0) {
    }
    clock.letter_came();
    serve(machine, clock, box);
    clock.answered();
    box.agent_turn.store(0);
  }
}

}  // namespace gotee::qemu
