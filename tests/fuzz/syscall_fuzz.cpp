// SPDX-License-Identifier: BSD-3-Clause
//
// Two hostile applets: whatever they ask, nobody else's memory changes, the machine goes on, and every
// register that a call does not document comes back as it was. A panic escapes as an exception, and is a
// finding.
#include <algorithm>
#include <cstdlib>
#include <optional>

#include "tests/fake/world.h"

using namespace gotee;

namespace {

constexpr u32 kSteps = 400;  // at most, for one input
constexpr u32 kStepsWithoutInput = 8;

void require(bool truth) {
  if (!truth) std::abort();
}

/// The input, as a stream that ends in zeros.
class Bytes {
 public:
  Bytes(const u8* data, std::size_t size) : left_{data, size} {}
  bool empty() const { return left_.empty(); }
  u8 byte() {
    if (left_.empty()) return 0;
    const u8 value = left_[0];
    left_ = left_.subspan(1);
    return value;
  }
  u32 word() {
    u32 value = 0;
    for (u32 i = 0; i < 4; ++i) value |= u32(byte()) << (8 * i);
    return value;
  }
  std::span<const u8> take(std::size_t size) {
    const auto taken = left_.first(std::min(size, left_.size()));
    left_ = left_.subspan(taken.size());
    return taken;
  }

 private:
  std::span<const u8> left_;
};

/// One of the two, as it must find itself when it runs again.
struct Expectation {
  Context context;
  bool called = false;
  u32 results = 0;  // mask of registers that the last call may change
};

/// Where core may write for the call that an applet has in progress, as the applet's own registers say.
struct Window {
  u64 base = 0, end = 0;
};

class Game {
 public:
  explicit Game(Bytes input) : input_{input} {
    world_.backend.otherwise = [this](hal::Space space, Context& c) { return act(u32(space), c); };
  }

  void play() {
    world_.backend.writes.clear();
    const std::vector<u32> tables = table_words();
    for (u32 i = 0, idle = 0; i < kSteps && idle < kStepsWithoutInput; ++i) {
      idle = input_.empty() ? idle + 1 : 0;
      actor_.reset();
      const Kernel::Step step = world_.kernel.step();
      check_writes();
      if (step == Kernel::Step::Finished || step == Kernel::Step::Deadlock) break;
    }
    require(table_words() == tables);
    world_.kernel.finish();
    for (const Applet& applet : world_.kernel.applets()) check_end(applet);
  }

 private:
  std::vector<u32> table_words() {
    std::vector<u32> all;
    for (u32 space = 0; space < 2; ++space) {
      const auto words = world_.machine.tables(hal::Space(space)).words;
      all.insert(all.end(), words.begin(), words.end());
    }
    return all;
  }

  /// Every write of this step lies in the buffer of a call in progress: of the applet that has just run, or
  /// of one whose call is served in pieces.
  void check_writes() {
    for (const auto& write : world_.backend.writes) {
      const auto inside = [&](u32 index) {
        return (!actor_ || *actor_ == index) && write.base.raw >= windows_[index].base &&
               write.base.raw + write.size <= windows_[index].end;
      };
      require(write.size == 0 || inside(0) || inside(1));
    }
    world_.backend.writes.clear();
  }

  static void check_end(const Applet& applet) {
    TextBuffer<600> text;
    if (applet.outcome != Outcome::Faulted) return;
    describe(applet.fault, applet.name.view(), text);
    require(!text.truncated() && !text.view().empty() && text.view().find('\n') == std::string_view::npos);
  }

  void check_registers(u32 index, const Context& now) {
    Expectation& e = expected_[index];
    if (!e.called) return;
    for (u32 r = 0; r < 16; ++r) require((e.results >> r & 1) != 0 || now.r[r] == e.context.r[r]);
    require(now.cpsr == e.context.cpsr && now.fpscr == e.context.fpscr && now.d == e.context.d);
    e.called = false;
  }

  /// One turn of an applet.
  Trap act(u32 index, Context& c) {
    actor_ = index;
    check_registers(index, c);
    windows_[index] = {};
    const u8 kind = input_.byte();
    world_.backend.per_run = {u64{1} << (kind >> 3)};
    switch (kind & 7) {
      case 0: return fake::expired()(c);
      case 1: return store(c, index);
      case 2: return trap(c);
      default: return call(c, index);
    }
  }

  Trap store(Context& c, u32 index) {
    world_.backend.entropy = input_.byte() < 0xf0;
    const u32 at = fake::kData + input_.byte();
    world_.backend.dram.write(world_.backing(at, index), input_.take(input_.byte()));
    return fake::expired()(c);
  }

  Trap trap(Context& c) {
    const u8 kind = input_.byte();
    if (input_.empty() || kind < 0xc0) return fake::expired()(c);  // most games should go on
    const u32 pc = address(), at = address(), status = input_.word() & 0x1fff;
    switch (kind & 3) {
      case 0: return fake::undefined(pc)(c);
      case 1: return fake::prefetch_abort(pc, status)(c);
      default: return fake::data_abort(pc, at, status)(c);
    }
  }

  Trap call(Context& c, u32 index) {
    u32 number = input_.byte() & 0x1f;
    if (number == 0x1f) number = input_.word();
    const u32 r1 = address(), r2 = length(), r3 = input_.byte() < 0x80 ? 0 : input_.word();
    for (u32 r = 4; r < 15; ++r) c.r[r] = 0x01010101 * r + number;
    c.r[kPc] = fake::kText + 4 * (input_.byte() & 0x3f);
    const Trap trap = fake::svc(number, r1, r2, r3)(c);
    expected_[index] = {c, true, results_of(number)};
    windows_[index] = window_of(index, number, r1, r2);
    return trap;
  }

  static u32 results_of(u32 number) {
    switch (number) {
      case 2:                // NANOTIME
      case 19: return 0b11;  // WAIT
      case 5: return 0b01;   // RPC_RES
      default: return number >= 16 ? 0b01 : 0;
    }
  }

  /// The physical buffer of a call that may write, as far as the applet may write there.
  Window window_of(u32 index, u32 number, u32 base, u32 size) const {
    if (number != 3 && number != 5) return {};
    const AddressSpace& memory = world_.applet(index).memory;
    const u64 end = u64{base} + size;
    for (const Region& r : memory.regions()) {
      if (!allows(r.access, Access::Write) || base < r.base.raw || end > r.end()) continue;
      const u64 to = r.backing.raw + (base - r.base.raw);
      return {to, to + size};
    }
    return {};
  }

  u32 address() {
    constexpr u32 kEdges[] = {0,           0x1000,      0x10000000,   fake::kText, fake::kConstants,
                              fake::kData, fake::kData, fake::kGuard, fake::kHeap, fake::kEnd,
                              0x80000000,  0x90000000,  0x90200000,   0x98000000,  0x9c000000,
                              0xffffffff};
    const u8 choice = input_.byte();
    if (choice >= 0xe0) return input_.word();
    return kEdges[choice & 15] + (choice >= 0x80 ? 0u - input_.byte() : u32{input_.byte()});
  }

  u32 length() {
    const u8 choice = input_.byte();
    if (choice < 0xc0) return choice;
    return choice < 0xe0 ? u32(choice & 0x1f) << 8 : input_.word();
  }

  Bytes input_;
  fake::World world_{2};
  std::array<Expectation, 2> expected_{};
  std::array<Window, 2> windows_{};
  std::optional<u32> actor_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const u8* data, std::size_t size) {
  Game{Bytes{data, size}}.play();
  return 0;
}
