// SPDX-License-Identifier: BSD-3-Clause
//
// hal::Machine on the host, done by hal/imx6ul in QEMU: each call is one letter to the agent.
#include <algorithm>
#include <stdexcept>

#include "tests/qemu/backend.h"

namespace gotee::hal {
namespace {

using qemu::Command;
using qemu::emulator;
using qemu::Mailbox;

Mailbox& letter(Space space = {}, u32 address = 0, std::size_t size = 0) {
  Mailbox& box = emulator().mailbox();
  box.space = u32(space), box.address = address, box.size = u32(size);
  return box;
}

Result<> send(Command command) {
  emulator().call(command);
  const Error error = emulator().mailbox().error;
  return error == Error::Ok ? Result<>{kOk} : Result<>{error};
}

/// A buffer in letters of the mailbox's size.
template <class Each>
Result<> in_pieces(std::size_t size, Each each) {
  for (std::size_t done = 0; done < size;) {
    const std::size_t bytes = std::min(size - done, Mailbox::kDataSize);
    GOTEE_TRY(each(done, bytes));
    done += bytes;
  }
  return kOk;
}

}  // namespace

Trap Machine::run(Context& context, Space space, Instant deadline) {
  Mailbox& box = letter(space);
  box.time = deadline.ns;
  box.context = context;
  emulator().call(Command::Run);
  context = box.context;
  return box.trap;
}

Trap Machine::run_normal(Context& context, BankedRegisters& banked, Instant deadline) {
  Mailbox& box = letter();
  box.time = deadline.ns;
  box.context = context;
  box.banked = banked;
  emulator().call(Command::RunNormal);
  context = box.context;
  banked = box.banked;
  return box.trap;
}

Result<> Machine::protect(PhysAddr base, u32 size) {
  letter({}, base.raw, size);
  return send(Command::Protect);
}

void Machine::idle(Instant until) {
  letter().time = until.ns;
  emulator().call(Command::Idle);
}

TableMemory Machine::tables(Space space) {
  const PhysAddr base = table_slot(u32(space));
  constexpr u32 kWords = kSpaceTableWords;
  return {{reinterpret_cast<u32*>(emulator().dram(base, kWords * 4)), kWords}, base};
}

Result<> Machine::define(Space space, std::span<const Region>) {
  letter(space);
  return send(Command::Define);
}

void Machine::refresh(Space space, VirtAddr page) {
  letter(space, page.raw);
  emulator().call(Command::Refresh);
}

Result<> Machine::read_user(Space space, VirtAddr from, std::span<u8> to) {
  return in_pieces(to.size(), [&](std::size_t done, std::size_t bytes) -> Result<> {
    const Mailbox& box = letter(space, u32(from.raw + done), bytes);
    GOTEE_TRY(send(Command::ReadUser));
    std::copy_n(box.data.begin(), bytes, to.begin() + std::ptrdiff_t(done));
    return kOk;
  });
}

Result<> Machine::write_user(Space space, VirtAddr to, std::span<const u8> from) {
  return in_pieces(from.size(), [&](std::size_t done, std::size_t bytes) {
    Mailbox& box = letter(space, u32(to.raw + done), bytes);
    std::copy_n(from.begin() + std::ptrdiff_t(done), bytes, box.data.begin());
    return send(Command::WriteUser);
  });
}

// The emulator has no caches: what the host writes is there.
void Machine::read(PhysAddr from, std::span<u8> to) {
  std::copy_n(emulator().dram(from, to.size()), to.size(), to.begin());
}
void Machine::write(PhysAddr to, std::span<const u8> from) {
  std::copy(from.begin(), from.end(), emulator().dram(to, from.size()));
}

void Machine::clear(PhysAddr base, u32 size) {
  letter({}, base.raw, size);
  emulator().call(Command::Clear);
}

void Machine::publish_code(PhysAddr base, u32 size) {
  letter({}, base.raw, size);
  emulator().call(Command::PublishCode);
}

Instant Machine::now() {
  letter();
  emulator().call(Command::Now);
  return {emulator().mailbox().time};
}

Result<> Machine::random(std::span<u8> out) {
  return in_pieces(out.size(), [&](std::size_t done, std::size_t bytes) -> Result<> {
    const Mailbox& box = letter({}, 0, bytes);
    GOTEE_TRY(send(Command::Random));
    std::copy_n(box.data.begin(), bytes, out.begin() + std::ptrdiff_t(done));
    return kOk;
  });
}

void Machine::console(std::string_view text) {
  Mailbox& box = letter({}, 0, text.size());
  std::copy(text.begin(), text.end(), box.data.begin());
  emulator().call(Command::Console);
}

Result<> Machine::led(Led led, bool on) {
  letter({}, u32(led), on ? 1 : 0);
  return send(Command::Led);
}

}  // namespace gotee::hal
