// SPDX-License-Identifier: BSD-3-Clause
//
// The trace reads only the registers that an instruction can have changed, and prints with what it kept of
// the instruction before. Neither may be seen.
#include "simulator/trace.h"

#include <fmt/format.h>

#include <array>

#include "hal/sim/engine.h"
#include "simulator/trace_printer.h"
#include "tests/sim/run.h"

namespace gotee::sim {
namespace {

struct Change {
  u64 number;
  u8 index;
  u64 value;
  bool operator==(const Change&) const = default;
};
void PrintTo(const Change& c, std::ostream* out) {
  *out << "instruction " << c.number << ": " << register_name(c.index) << "=" << std::hex << c.value;
}

/// Reads every register before every instruction.
class Plodder : public Observer {
 public:
  void instruction(const Engine& engine, u64 number, u32 /*pc*/, u32 /*size*/, bool /*executed*/) override {
    std::array<u32, 17> core{};
    std::array<u64, 32> vfp{};
    engine.read_core(core);
    engine.read_vfp(vfp);
    const u32 fpscr = engine.read_fpscr();
    for (u8 i = 0; number_ && i < 17; ++i) {
      if (i != kPc) note(i, core_[i], core[i]);
    }
    for (u8 i = 0; number_ && i < 32; ++i) note(u8(kVfpIndex + i), vfp_[i], vfp[i]);
    if (number_) note(kFpscrIndex, fpscr_, fpscr);
    number_ = number;
    core_ = core;
    vfp_ = vfp;
    fpscr_ = fpscr;
  }
  void memory(bool, u32, u32, u64) override {}
  void stopped(const Engine&, const Context&) override {}
  std::vector<Change> changes;

 private:
  void note(u8 index, u64 before, u64 after) {
    if (before != after) changes.push_back({*number_, index, after});
  }

  std::optional<u64> number_;
  std::array<u32, 17> core_{};
  std::array<u64, 32> vfp_{};
  u32 fpscr_ = 0;
};

/// What a run prints does not matter here.
std::unique_ptr<Session> observed(const AppletImage& image, const SessionOptions& options,
                                  Observer& observer) {
  SessionSinks sinks;
  sinks.console = [](std::string_view) {};
  auto session = std::make_unique<Session>(options, std::move(sinks), false);
  EXPECT_FALSE(session->load(image));
  session->engine(0).observe(0, &observer);
  session->run();
  return session;
}

class Tracing : public testing::TestWithParam<const char*> {};

TEST_P(Tracing, sees_every_change_of_a_register_and_no_other) {
  const std::string name = GetParam();
  SessionOptions options;
  options.max_instructions = 200'000;
  options.quantum = 997;
  const bool is_example = name == "float" || name == "containers" || name == "rpc";
  const AppletImage image = is_example ? example(name) : proof(name);
  Plodder plodder;
  observed(image, options, plodder);

  std::vector<Change> changes;
  u64 last = 0;
  TraceRecorder recorder{[&](const TraceEntry& entry) {
    for (const RegisterWrite& w : entry.writes) changes.push_back({entry.number, w.index, w.value});
    last = entry.number;
  }};
  observed(image, options, recorder);
  ASSERT_GT(last, 100u);
  ASSERT_EQ(changes.size(), plodder.changes.size());
  for (std::size_t i = 0; i < changes.size(); ++i) ASSERT_EQ(changes[i], plodder.changes[i]);
}

INSTANTIATE_TEST_SUITE_P(Applets, Tracing,
                         testing::Values("float", "containers", "rpc", "thumb", "preempt", "coroutines",
                                         "ldm", "bytes", "cntpct"),
                         [](const auto& tested) { return std::string{tested.param}; });

TEST(DecimalCounter, counts_as_printf_does) {
  DecimalCounter counter;
  for (u64 i = 0; i < 12'000; ++i) ASSERT_EQ(counter.text(i), fmt::format("{}", i));
  for (const u64 jump : {u64{5}, u64{0}, u64{99}, u64{100}, u64{999'999'999}, u64{1'000'000'000},
                         UINT64_MAX - 1, UINT64_MAX, u64{7}, u64{7}, u64{1}})
    EXPECT_EQ(counter.text(jump), fmt::format("{}", jump));
}

TraceEntry entry(u64 number, u32 pc, u32 code, u32 size, bool thumb) {
  TraceEntry e;
  e.number = number;
  e.pc = pc;
  e.code = code;
  e.size = size;
  e.thumb = thumb;
  return e;
}

TEST(TracePrinter, code_that_changed_is_printed_as_it_is_now) {
  Disassembler disassembler;
  TracePrinter printer{TracePrinter::Form::Text, disassembler};
  const u32 pc = 0x10010000;
  EXPECT_EQ(printer.line(entry(0, pc, 0xe3a00001, 4, false)), "         0  10010000  e3a00001  mov r0, #1\n");
  EXPECT_EQ(printer.line(entry(1, pc, 0xe3a00002, 4, false)), "         1  10010000  e3a00002  mov r0, #2\n");
  EXPECT_EQ(printer.line(entry(2, pc, 0x2003, 2, true)), "         2  10010000  2003      movs r0, #3\n");
  EXPECT_EQ(printer.line(entry(3, pc, 0x0004f04f, 4, true)),
            "         3  10010000  f04f0004  mov.w r0, #4\n");
}

TEST(TracePrinter, a_line_has_room_for_whatever_an_instruction_does) {
  Disassembler disassembler;
  TracePrinter text{TracePrinter::Form::Text, disassembler, "applet"};
  TracePrinter json{TracePrinter::Form::JsonLines, disassembler, "applet"};
  TraceEntry e = entry(UINT64_MAX, 0xfffffffc, 0xffffffff, 4, false);
  e.executed = false;
  for (u8 i = 0; i < kRegisterIndices; ++i) e.writes.push_back({i, UINT64_MAX});
  for (int i = 0; i < 256; ++i) e.memory.push_back({i % 2 == 0, 0xfffffff8, 8, UINT64_MAX});
  EXPECT_TRUE(text.line(e).ends_with("d31=ffffffffffffffff\n"));
  EXPECT_TRUE(json.line(e).ends_with("\"value\":\"0xffffffffffffffff\"}]}\n"));
}

}  // namespace
}  // namespace gotee::sim
