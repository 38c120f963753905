// SPDX-License-Identifier: BSD-3-Clause
//
// hal::Machine without a processor.
#include <algorithm>

#include "core/mem/user.h"
#include "tests/fake/backend.h"

namespace gotee::hal {
namespace {

fake::Step take(std::deque<fake::Step>& script) {
  fake::Step step = std::move(script.front());
  script.pop_front();
  return step;
}

}  // namespace

Trap Machine::run(Context& context, Space space, Instant deadline) {
  Backend& b = backend_;
  GOTEE_INVARIANT(std::size_t(space) < kMaxSpaces && !b.regions[std::size_t(space)].empty());
  b.runs.push_back({space, deadline, b.clock});
  b.clock = b.clock + b.per_run;
  auto& own = b.space_script[std::size_t(space)];
  if (!own.empty()) return take(own)(context);
  if (!b.script.empty()) return take(b.script)(context);
  if (b.otherwise) return b.otherwise(space, context);
  panic("the fake machine was asked to run, but its script is over");
}

Trap Machine::run_normal(Context& context, BankedRegisters& /*banked*/, Instant /*deadline*/) {
  Backend& b = backend_;
  GOTEE_INVARIANT(!b.regions[std::size_t(kNormalSpace)].empty() && !b.normal_script.empty());
  ++b.normal_runs;
  b.clock = b.clock + b.per_run;
  return take(b.normal_script)(context);
}

void Machine::idle(Instant until) {
  backend_.idles.push_back({backend_.clock, until});
  backend_.clock = std::max(backend_.clock, until);
}

TableMemory Machine::tables(Space space) { return backend_.dram.tables(space); }

Result<> Machine::protect(PhysAddr base, u32 size) {
  backend_.protections.push_back({base, size});
  return backend_.protect_error == Error::Ok ? Result<>{kOk} : Result<>{backend_.protect_error};
}

Result<> Machine::define(Space space, std::span<const Region> regions) {
  if (std::size_t(space) > std::size_t(kNormalSpace)) return Error::NotFound;
  auto& known = backend_.regions[std::size_t(space)];
  GOTEE_INVARIANT(known.empty() && !regions.empty());  // once, at load
  known.assign(regions.begin(), regions.end());
  return kOk;
}

void Machine::refresh(Space space, VirtAddr page) {
  GOTEE_INVARIANT(std::size_t(space) < kMaxSpaces && !backend_.regions[std::size_t(space)].empty());
  backend_.refreshes.push_back({space, page});
}

Result<> Machine::read_user(Space space, VirtAddr from, std::span<u8> to) {
  return each_piece(PageTables{tables(space)}, from, u32(to.size()), Access::Read,
                    [&](PhysAddr at, u32 offset, u32 size) { read(at, to.subspan(offset, size)); });
}
Result<> Machine::write_user(Space space, VirtAddr to, std::span<const u8> from) {
  return each_piece(PageTables{tables(space)}, to, u32(from.size()), Access::Write,
                    [&](PhysAddr at, u32 offset, u32 size) { write(at, from.subspan(offset, size)); });
}

void Machine::read(PhysAddr from, std::span<u8> to) { backend_.dram.read(from, to); }
void Machine::write(PhysAddr to, std::span<const u8> from) {
  backend_.writes.push_back({to, from.size()});
  backend_.dram.write(to, from);
}
void Machine::clear(PhysAddr base, u32 size) {
  backend_.writes.push_back({base, size});
  backend_.dram.clear(base, size);
}
void Machine::publish_code(PhysAddr base, u32 size) { backend_.published.push_back({base, size}); }

Instant Machine::now() { return backend_.clock; }

Result<> Machine::random(std::span<u8> out) {
  backend_.randoms.push_back({out.size(), backend_.runs.size()});
  if (!backend_.entropy) return Error::Device;
  for (u8& byte : out) byte = backend_.next_random++;
  return kOk;
}

void Machine::console(std::string_view text) { backend_.console += text; }

Result<> Machine::led(Led led, bool on) {
  backend_.leds.emplace_back(led, on);
  return led == Led::White ? Result<>{Error::Denied} : Result<>{kOk};  // the secure world keeps that one
}

}  // namespace gotee::hal
