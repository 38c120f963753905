// SPDX-License-Identifier: BSD-3-Clause
//
// Runs generated programs on the machine that it is linked with, and prints one line for each: how it began
// and how it ended. differential_test.py compares the lines of two machines.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>

#include "core/mem/page_table.h"
#include "tests/contract/rig.h"
#include "tests/qemu/differential/program.h"

namespace gotee::differential {
namespace {

using namespace contract;

/// What every program finds in memory: a value of its own in each word, text and guard included.
class Memory {
 public:
  explicit Memory(Rig& rig) : rig_{rig}, first_(kEnd - kBase), now_(kEnd - kBase) {
    for (u32 at = 0; at < first_.size(); at += 4) {
      const u32 value = (at + 1) * 0x9e3779b1 ^ at >> 7;
      std::memcpy(&first_[at], &value, 4);
    }
  }

  void reset(const Program& program) {
    rig_.machine().write(backing_of(0, kBase), first_);
    rig_.machine().write(backing_of(0, kIsland), std::span{first_}.first(kPageSize));
    for (const auto& [address, value] : program.words) rig_.set_word(0, address, value);
  }

  /// A hash of all that the program could write, but for what it left UNKNOWN.
  u64 hash(const Unknown& unknown) {
    rig_.machine().read(backing_of(0, kBase), now_);
    std::array<u8, kPageSize> island{};
    rig_.machine().read(backing_of(0, kIsland), island);
    for (u32 i = 0; i < unknown.size; ++i) {
      const u32 at = unknown.base + i;
      if (at >= kBase && at < kEnd) now_[at - kBase] = 0;
      if (at >= kIsland && at < kIsland + kPageSize) island[at - kIsland] = 0;
    }
    return hash_of(island, hash_of(now_, 0xcbf29ce484222325));
  }

 private:
  static u64 hash_of(std::span<const u8> bytes, u64 hash) {
    for (std::size_t at = 0; at < bytes.size(); at += 8) {
      u64 part = 0;
      std::memcpy(&part, &bytes[at], 8);
      hash = (hash ^ part) * 0x100000001b3;
      hash ^= hash >> 29;
    }
    return hash;
  }

  Rig& rig_;
  std::vector<u8> first_, now_;
};

constexpr const char* kKinds[] = {"undefined",  "supervisor-call", "prefetch-abort",
                                  "data-abort", "expired",         "monitor-call"};

void print_state(const Context& context, const Unknown& unknown) {
  for (u32 r = 0; r < 16; ++r) {
    if ((unknown.registers >> r & 1) != 0) {
      std::printf(" r%u:UNKNOWN", r);
    } else {
      std::printf(" r%u:%08x", r, context.r[r]);
    }
  }
  u64 hash = 0xcbf29ce484222325;
  for (u32 i = 0; i < 32; ++i) {
    hash = (hash ^ ((unknown.doubles >> i & 1) != 0 ? 0 : context.d[i])) * 0x100000001b3;
    hash ^= hash >> 29;
  }
  std::printf(" cpsr:%08x fpscr:%08x tpidrurw:%08x d:%016llx", context.cpsr, context.fpscr, context.tpidrurw,
              static_cast<unsigned long long>(hash));
}

void run(Rig& rig, Memory& memory, u32 number, const Program& program) {
  memory.reset(program);
  const u32 fits = std::min(u32(program.code.size()), kConstants - program.start);
  rig.place(program.start, std::span{program.code}.first(fits), program.thumb);
  Context context = program.context;
  const Trap trap = rig.run(context);
  Unknown unknown;
  for (const Unknown& u : program.unknown) {
    if (trap.kind == TrapKind::DataAbort && u.pc == trap.pc.raw) unknown = u;
  }
  std::printf("case:%u | %s | %08x:", number, program.description.c_str(), program.start);
  for (const u8 byte : program.code) std::printf("%02x", byte);
  std::printf(" | trap:%s pc:%08x far:%08x fsr:%08x", kKinds[u32(trap.kind)], trap.pc.raw, trap.address.raw,
              trap.status);
  print_state(context, unknown);
  std::printf(" memory:%016llx\n", static_cast<unsigned long long>(memory.hash(unknown)));
}

constexpr u32 kAtOnce = 4000;  // programs for which one rig has room

void run_some(u32 seed, u32 first, u32 count) {
  Rig rig;
  Memory memory{rig};
  for (u32 i = first; i < first + count; ++i) run(rig, memory, i, generate(seed, i));
}

}  // namespace
}  // namespace gotee::differential

int main(int argc, char** argv) {
  using namespace gotee;
  if (argc < 3) {
    std::fprintf(stderr, "usage: %s SEED COUNT [FIRST]\n", argv[0]);
    return 2;
  }
  const auto number = [&](int i) { return u32(std::strtoul(argv[i], nullptr, 0)); };
  const u32 seed = number(1), count = number(2), first = argc > 3 ? number(3) : 0;
  try {
    for (u32 done = 0; done < count; done += differential::kAtOnce) {
      differential::run_some(seed, first + done, std::min(count - done, differential::kAtOnce));
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", argv[0], error.what());
    return 1;
  } catch (...) {  // sim::EngineError
    std::fprintf(stderr, "%s: the machine failed\n", argv[0]);
    return 1;
  }
  return 0;
}
