// SPDX-License-Identifier: BSD-3-Clause
//
// The Normal world's access to system registers.
// Ref: [ARM ARM] DDI 0406C.d, A7.6 (coprocessor instructions), B3.17 (CP15 registers, by number).
#include "hal/sim/normal_world.h"

#include <algorithm>

#include "hal/sim/engine.h"

namespace gotee::sim {
namespace {

constexpr u32 kAny = 16, kRead = 1, kWrite = 2;

/// A set of CP15 registers, and how they may be accessed.
struct Permitted {
  u32 crn, opc1, crm, first_opc2, last_opc2;
  u32 access;
};
constexpr Permitted kPermitted[] = {
    {0, 0, kAny, 0, 7, kRead},         // MIDR, CTR, MPIDR, and what the processor can do
    {0, 1, 0, 0, 7, kRead},            // CCSIDR, CLIDR
    {0, 2, 0, 0, 0, kRead | kWrite},   // CSSELR
    {7, 0, 1, 0, 7, kWrite},           // ICIALLUIS, BPIALLIS
    {7, 0, 5, 0, 7, kWrite},           // ICIALLU, ICIMVAU, ISB, BPIALL
    {7, 0, 6, 1, 2, kWrite},           // DCIMVAC, DCISW
    {7, 0, 10, 1, 5, kWrite},          // DCCMVAC, DCCSW, DSB, DMB
    {7, 0, 11, 1, 1, kWrite},          // DCCMVAU
    {7, 0, 14, 1, 2, kWrite},          // DCCIMVAC, DCCISW
    {8, 0, kAny, 0, 3, kWrite},        // TLB operations
    {12, 0, 0, 0, 0, kRead | kWrite},  // VBAR
    {13, 0, 0, 1, 4, kRead | kWrite},  // CONTEXTIDR, TPIDRURW, TPIDRURO, TPIDRPRW
};

constexpr u32 bits(u32 w, u32 high, u32 low) { return (w >> low) & ((2u << (high - low)) - 1); }

bool permitted(u32 code) {
  const u32 access = bits(code, 20, 20) != 0 ? kRead : kWrite;
  const u32 crm = bits(code, 3, 0), opc2 = bits(code, 7, 5);
  return std::any_of(std::begin(kPermitted), std::end(kPermitted), [&](const Permitted& p) {
    return p.crn == bits(code, 19, 16) && p.opc1 == bits(code, 23, 21) && (p.crm == kAny || p.crm == crm) &&
           opc2 >= p.first_opc2 && opc2 <= p.last_opc2 && (p.access & access) != 0;
  });
}

constexpr u32 kCp15 = 15;

}  // namespace

bool left_to_processor(u32 code) {
  const bool one = bits(code, 27, 24) == 0b1110 && bits(code, 4, 4) != 0;  // MCR, MRC
  const bool two = bits(code, 27, 21) == 0b1100010;                        // MCRR, MRRC
  if ((!one && !two) || bits(code, 11, 9) == 0b101) return true;           // VFP answers to CPACR and FPEXC
  return one && bits(code, 31, 28) != 15 && bits(code, 11, 8) == kCp15 && permitted(code);
}

u32 first_guarded(const Block& block, bool thumb, const FetchCode& fetch) {
  for (u32 i = 0; i < block.starts.size(); ++i) {
    const auto bytes = fetch(block.starts[i]);
    if (bytes.size() < 4) continue;  // shorter than any of them
    const u32 raw = u32(bytes[0]) | u32(bytes[1]) << 8 | u32(bytes[2]) << 16 | u32(bytes[3]) << 24;
    if (thumb && (raw & 0xffff) >> 11 < 0b11101) continue;  // 16 bits (A6.1)
    if (left_to_processor(thumb ? raw << 16 | raw >> 16 : raw)) continue;
    u32 stop = i;
    while (stop > 0 && block.inside_it[stop]) --stop;
    return stop;
  }
  return u32(block.starts.size());
}

/// CPACR (B4.1.40), of which only who may use VFP is modelled.
bool Engine::emulate_cpacr(u32 pc) {
  const u32 code = code_at(pc).value_or(0), rt = bits(code, 15, 12);
  if (code >> 28 == 15 || (code & 0x0fef0fff) != 0x0e010f50 || rt == kPc) return false;
  if ((cpsr() & kCpsrMode) == kCpsrUser) return false;
  BankedRegisters banked;
  give(banked);
  if (bits(code, 20, 20) != 0) {
    set_register(rt, banked.cpacr);
  } else {
    set_vfp_access(register_value(rt), banked.fpexc);
  }
  return true;
}

/// The instruction at pc_ is not left to the processor, and its block begins with it.
std::optional<Trap> Engine::take_guarded() {
  const u32 pc = pc_ & ~1u;
  counted_ = first_counted_ = 0;
  if (observing_) on_instruction(uc_, pc, 4, this);
  const auto code = code_at(pc);
  const bool skipped = (pc_ & 1) == 0 && code && !condition_holds(*code >> 28, cpsr());
  if (!skipped && !emulate_counter(pc) && !emulate_cpacr(pc)) return Trap{TrapKind::Undefined, {pc}, {}, 0};
  step_over();
  return std::nullopt;
}

}  // namespace gotee::sim
