// SPDX-License-Identifier: BSD-3-Clause
//
// Does this Unicorn answer as the architecture does? Asked at every start, of a scratch machine.
// Ref: [ARM ARM] DDI 0406C.d, B3.13 (fault reporting), Table B3-23 (status codes).
#include <unicorn/unicorn.h>

#include <cstring>
#include <string>

#include "core/base/text.h"
#include "core/mem/address_space.h"
#include "hal/sim/backend.h"

namespace gotee::sim {
namespace {

constexpr u32 kText = kRegionBase.raw, kData = kRegionBase.raw + kPageSize;
// Two addresses that nothing else in the saved context can hold.
constexpr u32 kFirstProbe = 0x9a5c3e14, kSecondProbe = 0x9b61d728;

/// One page of code, one of data, and room for tables, in the middle of DRAM that no applet uses yet.
class Scratch {
 public:
  explicit Scratch(HiddenState hidden) : engine_{dram_, hidden, [] { return u64{0}; }} {
    constexpr PhysAddr kTables{0x90100000};
    constexpr u32 kWords = kFirstLevelWords + kSecondLevelWords;
    const TableMemory memory{{reinterpret_cast<u32*>(dram_.at(kTables, kWords * 4)), kWords}, kTables};
    GOTEE_INVARIANT(bool(space_.init(memory, Grain::Pages)));
    GOTEE_INVARIANT(
        bool(space_.grant({{kText}, kAppletDram.base, kPageSize, Access::Read | Access::Execute})));
    GOTEE_INVARIANT(bool(space_.grant(
        {{kData}, {kAppletDram.base.raw + kPageSize}, kPageSize, Access::Read | Access::Write})));
    constexpr u32 kCode[] = {
        0xe5901000,  // +0  ldr r1, [r0]
        0xef000000,  // +4  svc #0
        0xe5801000,  // +8  str r1, [r0]
        0xef000000,  // +12
        0xe12fff10,  // +16 bx r0
        0xe8900006,  // +20 ldm r0, {r1, r2}
        0xef000000,  // +24
        0xee010f10,  // +28 mcr p15, 0, r0, c1, c0, 0
        0xe1901f9f,  // +32 ldrex r1, [r0]
        0xef000000,  // +36
        0xe1801f92,  // +40 strex r1, r2, [r0]
        0xef000000,  // +44
    };
    std::memcpy(dram_.at(kAppletDram.base, sizeof kCode), kCode, sizeof kCode);
    std::memset(dram_.at({kAppletDram.base.raw + kPageSize}, kPageSize), 0x5a, kPageSize);
    engine_.define(memory, space_.regions());
  }

  Trap run(u32 offset, u32 r0) {
    Context context;
    context.r[0] = r0;
    context.r[kPc] = kText + offset;
    return engine_.run(context, 4);
  }
  Engine& engine() { return engine_; }

 private:
  Dram dram_;
  AddressSpace space_;
  Engine engine_;
};

u32 word_at(std::span<const u8> bytes, std::size_t offset) {
  u32 word = 0;
  std::memcpy(&word, bytes.data() + offset, 4);
  return word;
}

/// The place that holds the address of each of two LDREX, as 64 bits.
std::size_t find_monitor(Scratch& scratch) {
  constexpr u32 kFirst = kData + 0x1a8, kSecond = kData + 0xe58;
  (void)scratch.run(32, kFirst);
  const auto saved = scratch.engine().saved_context();
  const std::vector<u8> first{saved.begin(), saved.end()};
  (void)scratch.run(32, kSecond);
  const auto second = scratch.engine().saved_context();
  std::vector<std::size_t> found;
  for (std::size_t at = 0; at + 8 <= first.size(); at += 8) {
    const bool long_enough = word_at(first, at + 4) == 0 && word_at(second, at + 4) == 0;
    if (long_enough && word_at(first, at) == kFirst && word_at(second, at) == kSecond) found.push_back(at);
  }
  if (found.size() == 1) return found[0];
  throw EngineError{"cannot find the exclusive monitor of this Unicorn"};
}

/// The place that holds the faulting address after both probes, with the status word in front of it.
HiddenState calibrate() {
  Scratch scratch{{}};
  std::vector<std::size_t> candidates;
  (void)scratch.run(0, kFirstProbe);
  const auto first = scratch.engine().saved_context();
  for (std::size_t at = 4; at + 4 <= first.size(); at += 4) {
    if (word_at(first, at) == kFirstProbe) candidates.push_back(at);
  }
  (void)scratch.run(0, kSecondProbe);
  const auto second = scratch.engine().saved_context();
  const u32 status = fsr_of(FaultStatus::PermissionSection, false);
  for (const std::size_t at : candidates) {
    if (word_at(second, at) != kSecondProbe) continue;
    for (const std::size_t near : {at - 4, at - 8}) {
      if (word_at(second, near) == status) return {at, near, find_monitor(scratch)};
    }
  }
  throw EngineError{"cannot find the fault registers of this Unicorn"};
}

struct Expectation {
  const char* crime;
  u32 offset;
  u32 r0;
  Trap trap;
};

}  // namespace

HiddenState self_check() {
  const HiddenState hidden = calibrate();
  Scratch scratch{hidden};
  constexpr u32 kSupervisor = 0x90010000, kNowhere = 0xa0000004;
  const auto status = [](FaultStatus s, bool write = false) { return fsr_of(s, write); };
  const Expectation expectations[] = {
      {"a load of supervisor memory",
       0,
       kSupervisor,
       {TrapKind::DataAbort, {kText}, {kSupervisor}, status(FaultStatus::PermissionSection)}},
      {"a store to supervisor memory",
       8,
       kSupervisor,
       {TrapKind::DataAbort, {kText + 8}, {kSupervisor}, status(FaultStatus::PermissionSection, true)}},
      {"a store to text",
       8,
       kText + 64,
       {TrapKind::DataAbort, {kText + 8}, {kText + 64}, status(FaultStatus::PermissionPage, true)}},
      {"a load from nowhere",
       0,
       kNowhere,
       {TrapKind::DataAbort, {kText}, {kNowhere}, status(FaultStatus::TranslationSection)}},
      {"a jump to data",
       16,
       kData,
       {TrapKind::PrefetchAbort, {kData}, {kData}, status(FaultStatus::PermissionPage)}},
      {"a jump to null", 16, 0, {TrapKind::PrefetchAbort, {0}, {0}, status(FaultStatus::TranslationSection)}},
      {"a misaligned LDM",
       20,
       kData + 2,
       {TrapKind::DataAbort, {kText + 20}, {kData + 2}, status(FaultStatus::Alignment)}},
      {"an aligned LDM", 20, kData + 4, {TrapKind::Supervisor, {kText + 28}, {}, 0}},
      {"a write of SCTLR", 28, 0, {TrapKind::Undefined, {kText + 28}, {}, 0}},
      {"a misaligned STREX",
       40,
       kData + 2,
       {TrapKind::DataAbort, {kText + 40}, {kData + 2}, status(FaultStatus::Alignment, true)}},
  };
  for (const Expectation& e : expectations) {
    const Trap got = scratch.run(e.offset, e.r0);
    if (got == e.trap) continue;
    TextBuffer<200> text;
    text.put("this Unicorn answers ")
        .put(e.crime)
        .put(" wrongly: trap ")
        .dec(u32(got.kind))
        .put(" pc 0x")
        .hex(got.pc.raw);
    text.put(" address 0x").hex(got.address.raw).put(" status 0x").hex(got.status).put(", expected trap ");
    text.dec(u32(e.trap.kind)).put(" pc 0x").hex(e.trap.pc.raw).put(" address 0x").hex(e.trap.address.raw);
    throw EngineError{std::string{text.put(" status 0x").hex(e.trap.status).view()}};
  }
  return hidden;
}

}  // namespace gotee::sim
