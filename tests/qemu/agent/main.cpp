// SPDX-License-Identifier: BSD-3-Clause
//
// The agent: one call of hal::Machine for each letter in the mailbox.
#include "core/mem/layout.h"
#include "firmware/bring_up.h"
#include "firmware/semihosting.h"
#include "hal/imx6ul/drivers/memory_map.h"
#include "hal/imx6ul/drivers/wdog.h"
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

/// The emulator forgets its translation of code when the guest stores there, but not when the host does.
void store_again(u32 base, u32 size) {
  for (u32 at = base & ~3u; at < base + size; at += 4) {
    auto* word = reinterpret_cast<volatile u32*>(at);
    *word = *word;
  }
}

using Function = void (*)();

void jump(u32 address) { reinterpret_cast<Function>(address)(); }

/// Each call takes a page of stack, and the last one is never reached.
[[gnu::noinline]] u32 overflow(u32 depth) {
  std::array<u8, kPageSize> page;
  page[depth % kPageSize] = u8(depth);
  __asm__ volatile("" : : "r"(page.data()) : "memory");
  return depth == 0xffffffff ? 0 : overflow(depth + 1) + page[0];
}

/// Half a second, the shortest that the watchdog knows.
void hang() {
  GOTEE_INVARIANT(bool(imx6ul::Wdog{imx6ul::kWdog2Base}.start({500'000'000})));
  for (;;) __asm__ volatile("");
}

void misbehave(Crime crime) {
  static u32 data[4] = {0xe12fff1e, 0xe12fff1e, 0xe12fff1e, 0xe12fff1e};  // bx lr
  u32 stack[4] = {0xe12fff1e, 0xe12fff1e, 0xe12fff1e, 0xe12fff1e};
  __asm__ volatile("" : : "r"(stack) : "memory");
  switch (crime) {
    case Crime::ReadNull: (void)*reinterpret_cast<volatile u32*>(0); break;
    case Crime::WriteText: *reinterpret_cast<volatile u32*>(kSupervisorText.base.raw) = 0; break;
    case Crime::WriteConstants: *reinterpret_cast<volatile u32*>(kSupervisorConstants.base.raw) = 0; break;
    case Crime::ExecuteData: jump(reinterpret_cast<u32>(data)); break;
    case Crime::ExecuteStack: jump(reinterpret_cast<u32>(stack)); break;
    case Crime::ExecuteAppletMemory: jump(kAppletDram.base.raw); break;
    case Crime::OverflowStack: (void)overflow(0); break;
    case Crime::ReadReserve: (void)*reinterpret_cast<volatile u32*>(kSupervisorReserve.base.raw); break;
    case Crime::Undefined: __asm__ volatile("udf #0"); break;
    case Crime::Hang: hang(); break;
  }
}

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
    case Command::PublishCode:
      store_again(box.address, box.size);
      machine.publish_code({box.address}, box.size);
      break;
    case Command::Random: box.error = error_of(machine.random(data)); break;
    case Command::Console: machine.console({reinterpret_cast<const char*>(data.data()), data.size()}); break;
    case Command::Led: box.error = error_of(machine.led(hal::Led(box.address), box.size != 0)); break;
    case Command::Exit: gotee_semihosting_exit(0); break;
    case Command::Misbehave: misbehave(Crime{box.address}); break;
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
