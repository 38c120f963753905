// SPDX-License-Identifier: BSD-3-Clause
//
// Symbols and backtraces: programs are run under Unicorn to a stop whose calls are known from their source,
// the opcodes of the exception tables are checked against IHI 0038, and broken images must only ever know
// less.
#include "simulator/symbols.h"

#include <gtest/gtest.h>
#include <unicorn/unicorn.h>

#include <array>
#include <fstream>
#include <initializer_list>
#include <iterator>
#include <map>
#include <ostream>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "simulator/calls.h"
#include "simulator/debug_frame.h"
#include "simulator/exidx.h"
#include "simulator/names.h"

namespace gotee::sim {
namespace {

using Bytes = std::vector<u8>;

constexpr u32 kBase = 0x10000000;
constexpr u32 kSize = 0x100000;

Bytes load(const std::string& name) {
  std::ifstream file{std::string{GOTEE_TEST_SYMBOLS_DIR "/"} + name + ".elf", std::ios::binary};
  EXPECT_TRUE(file) << name;
  return {std::istreambuf_iterator<char>{file}, {}};
}

u32 word(const Bytes& bytes, std::size_t at) {
  return little_endian(std::span{bytes}.subspan(at).first<4>());
}

/// Runs an image until BKPT or an instruction that cannot be fetched. Test images are trusted.
class Program {
 public:
  explicit Program(const Bytes& image) {
    EXPECT_EQ(uc_open(UC_ARCH_ARM, UC_MODE_ARM, &uc_), UC_ERR_OK);
    uc_ctl_set_cpu_model(uc_, UC_CPU_ARM_CORTEX_A15);
    uc_mem_map(uc_, kBase, kSize, UC_PROT_ALL);
    const u32 headers = word(image, 28);
    for (u32 i = 0; i < image[44]; ++i) {
      const u32 at = headers + 32 * i;
      if (word(image, at) == 1)
        uc_mem_write(uc_, word(image, at + 8), &image[word(image, at + 4)], word(image, at + 16));
    }
    next_ = word(image, 24);
    set(UC_ARM_REG_SP, kBase + kSize);
    uc_hook hook = 0;
    uc_hook_add(uc_, &hook, UC_HOOK_CODE, reinterpret_cast<void*>(&Program::on_code), nullptr, 1, 0);
  }
  ~Program() { uc_close(uc_); }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  void run() {
    uc_emu_start(uc_, next_, 0xfffffffe, 0, 100000);
    const u32 size = thumb() ? 2 : 4;
    next_ = (get(UC_ARM_REG_PC) + size) | (thumb() ? 1 : 0);
  }
  Registers registers() const {
    Registers all;
    for (int i = 0; i < 13; ++i) all.r[std::size_t(i)] = get(UC_ARM_REG_R0 + i);
    all.r[13] = get(UC_ARM_REG_SP);
    all.r[14] = get(UC_ARM_REG_LR);
    all.r[15] = get(UC_ARM_REG_PC);
    all.cpsr = get(UC_ARM_REG_CPSR);
    return all;
  }
  ReadMemory memory() const {
    return [this](u32 at, std::span<u8> out) {
      return uc_mem_read(uc_, at, out.data(), out.size()) == UC_ERR_OK;
    };
  }

 private:
  static void on_code(uc_engine* uc, u64 address, u32 size, void*) {
    std::array<u8, 4> code{};
    uc_mem_read(uc, address, code.data(), size);
    const bool arm = size == 4 && (little_endian(code) & 0xfff000f0) == 0xe1200070;
    const bool thumb = size == 2 && code[1] == 0xbe;
    if (!arm && !thumb) return;
    uc_emu_stop(uc);
  }
  u32 get(int reg) const {
    u32 value = 0;
    uc_reg_read(uc_, reg, &value);
    return value;
  }
  void set(int reg, u32 value) { uc_reg_write(uc_, reg, &value); }
  bool thumb() const { return (get(UC_ARM_REG_CPSR) & 0x20) != 0; }

  uc_engine* uc_ = nullptr;
  u32 next_ = 0;
};

struct Expected {
  std::string function;
  int line;
};
using Calls = std::vector<Expected>;

// The stops of tests/sim/symbols/nested.c, in their order.
const std::array<Calls, 3> kStops = {
    Calls{{"leaf", 101}, {"middle", 202}, {"outer", 301}, {"run", 402}, {"_start", 501}},
    Calls{{"middle", 203}, {"outer", 301}, {"run", 402}, {"_start", 501}},
    Calls{{"", 0}, {"outer", 303}, {"run", 402}, {"_start", 501}},
};

void expect_calls(const Symbols& names, const Backtrace& trace, const Calls& calls, bool lines) {
  ASSERT_EQ(trace.frames.size(), calls.size());
  for (std::size_t i = 0; i < calls.size(); ++i) {
    const u32 pc = trace.frames[i].pc;
    const auto where = names.find(i == 0 ? pc : pc - 1);
    EXPECT_EQ(where ? where->function : "", calls[i].function) << "frame " << i;
    if (!lines) continue;
    EXPECT_EQ(trace.frames[i].where.function, calls[i].function) << "frame " << i;
    EXPECT_EQ(trace.frames[i].where.line, calls[i].line) << "frame " << i;
    EXPECT_EQ(trace.frames[i].where.file.ends_with("nested.c"), calls[i].line != 0) << "frame " << i;
  }
}

struct Case {
  std::string image;
  UnwindMethod method;
  bool lines = false;
  std::string names = {};  // the image that has the names, where this one is stripped
};

void PrintTo(const Case& tested, std::ostream* out) { *out << tested.image; }

class Unwinding : public testing::TestWithParam<Case> {};

TEST_P(Unwinding, finds_every_caller_from_every_stop) {
  const Case& tested = GetParam();
  const Bytes image = load(tested.image);
  const Bytes named = load(tested.names.empty() ? tested.image : tested.names);
  const Symbols symbols{image};
  const Symbols names{named};
  Program program{image};
  for (const Calls& calls : kStops) {
    program.run();
    SCOPED_TRACE(calls[0].function);
    const Backtrace trace = symbols.backtrace(program.registers(), program.memory());
    EXPECT_EQ(trace.method, tested.method) << describe(trace.method);
    expect_calls(names, trace, calls, tested.lines);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Images, Unwinding,
    testing::Values(Case{"debug_arm", UnwindMethod::DebugFrame, true},
                    Case{"debug_thumb", UnwindMethod::DebugFrame, true},
                    Case{"compressed_arm", UnwindMethod::DebugFrame, true},
                    Case{"exidx_arm", UnwindMethod::Exidx}, Case{"exidx_thumb", UnwindMethod::Exidx},
                    Case{"exidx_arm_stripped", UnwindMethod::Exidx, false, "exidx_arm"},
                    Case{"exidx_thumb_stripped", UnwindMethod::Exidx, false, "exidx_thumb"},
                    Case{"pointers_arm", UnwindMethod::FramePointers},
                    Case{"pointers_thumb", UnwindMethod::FramePointers},
                    Case{"pointers_arm_stripped", UnwindMethod::FramePointers, false, "pointers_arm"},
                    Case{"pointers_thumb_stripped", UnwindMethod::FramePointers, false, "pointers_thumb"},
                    Case{"bare_arm", UnwindMethod::FramePointers},
                    Case{"bare_thumb", UnwindMethod::FramePointers},
                    Case{"apcs_arm", UnwindMethod::FramePointers},
                    Case{"apcs_arm_stripped", UnwindMethod::FramePointers, false, "apcs_arm"}),
    [](const auto& tested) { return tested.param.image; });

TEST(Symbols, without_a_stack_a_leaf_still_finds_its_caller) {
  const Bytes image = load("bare_arm");
  Program program{image};
  program.run();
  const auto trace = Symbols{image}.backtrace(program.registers(), nullptr);
  ASSERT_EQ(trace.frames.size(), 2u);
  EXPECT_EQ(trace.method, UnwindMethod::LinkRegister);
  EXPECT_EQ(trace.frames[1].where.function, "middle");
}

TEST(Symbols, the_first_instruction_of_a_function_finds_its_caller_in_lr) {
  for (const char* name : {"debug_arm", "exidx_arm", "pointers_arm", "bare_arm"}) {
    const Bytes image = load(name);
    const Symbols symbols{image};
    Program program{image};
    program.run();
    program.run();  // in middle, after the call of leaf
    Registers at_entry = program.registers();
    const u32 entry = at_entry.r[15] - symbols.find(at_entry.r[15])->offset;
    const auto in_outer = symbols.backtrace(at_entry, program.memory()).frames.at(1).pc;
    at_entry.r[15] = entry;
    at_entry.r[14] = in_outer;
    const auto trace = symbols.backtrace(at_entry, program.memory(), 2);
    ASSERT_EQ(trace.frames.size(), 2u) << name;
    EXPECT_EQ(trace.frames[1].pc, in_outer) << name;
  }
}

TEST(Symbols, an_image_loaded_elsewhere_is_understood_with_its_bias) {
  constexpr u32 kBias = 0x4000000;
  const Bytes image = load("debug_arm");
  const Symbols here{image};
  const Symbols there{image, kBias};
  Program program{image};
  program.run();
  Registers registers = program.registers();
  registers.r[15] += kBias;
  registers.r[14] += kBias;
  const auto trace = there.backtrace(registers, program.memory(), 2);
  ASSERT_EQ(trace.frames.size(), 2u);
  EXPECT_EQ(trace.frames[1].where.function, "middle");
  EXPECT_FALSE(there.find(registers.r[15] - kBias));
}

TEST(Symbols, most_bounds_the_frames) {
  const Bytes image = load("debug_arm");
  Program program{image};
  program.run();
  const Symbols symbols{image};
  EXPECT_EQ(symbols.backtrace(program.registers(), program.memory(), 0).frames.size(), 0u);
  EXPECT_EQ(symbols.backtrace(program.registers(), program.memory(), 1).frames.size(), 1u);
  EXPECT_EQ(symbols.backtrace(program.registers(), program.memory(), 3).frames.size(), 3u);
}

TEST(Symbols, inlined_code_has_a_frame_of_its_own_at_the_pc_of_the_function_around_it) {
  const Bytes image = load("inlined_arm");
  Program program{image};
  program.run();
  const Symbols symbols{image};
  const auto frames = symbols.backtrace(program.registers(), program.memory()).frames;
  ASSERT_EQ(frames.size(), 4u);
  const std::array<Expected, 4> expected = {Expected{"vault::spring(int)", 91},
                                            {"vault::check(int)", 102},
                                            {"vault::Door::open(int)", 202},
                                            {"_start", 302}};
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(frames[i].where.function, expected[i].function) << i;
    EXPECT_EQ(frames[i].where.line, expected[i].line) << i;
    EXPECT_TRUE(frames[i].where.file.ends_with(i == 0 ? "spring.h" : "inlined.cpp")) << frames[i].where.file;
    EXPECT_EQ(frames[i].where.inlined, i < 2) << i;
    EXPECT_EQ(frames[i].pc == frames[0].pc, i < 3) << i;
  }
  EXPECT_EQ(symbols.find(frames[0].pc)->function, expected[0].function);
}

TEST(Symbols, most_bounds_the_inlined_frames_too) {
  const Bytes image = load("inlined_arm");
  Program program{image};
  program.run();
  const Symbols symbols{image};
  for (std::size_t most = 0; most < 4; ++most)
    EXPECT_EQ(symbols.backtrace(program.registers(), program.memory(), most).frames.size(), most);
}

TEST(Symbols, a_member_function_is_demangled_and_counted_from_its_start) {
  const Bytes image = load("inlined_arm");
  const Symbols symbols{image};
  const u32 text = 0x10010000;
  for (u32 pc = text; pc < text + 64; pc += 4) {
    const auto where = symbols.find(pc);
    if (!where || where->function != "vault::Door::open(int)") continue;
    EXPECT_EQ(symbols.find(pc - where->offset)->function, where->function);
    EXPECT_EQ(symbols.find(pc | 1)->line, where->line);
    return;
  }
  FAIL() << "no such function";
}

TEST(Symbols, nothing_is_known_outside_code) {
  const Bytes image = load("debug_arm");
  const Symbols symbols{image};
  for (const u32 pc : {0u, 0x10000000u, 0x90000000u, 0xffffffffu}) EXPECT_FALSE(symbols.find(pc)) << pc;
}

TEST(Names, control_characters_and_broken_text_never_reach_a_terminal) {
  EXPECT_EQ(clean("a\x1b[31mb\n\x7f"), "a?[31mb??");
  EXPECT_EQ(clean("\xc3\xa9"), "\xc3\xa9");  // U+00E9
  EXPECT_EQ(clean("\xc2\x9b"
                  "31m"),
            "??31m");  // U+009B is a control sequence introducer
  EXPECT_EQ(clean("\xe2\x80\xae"
                  "x"),
            "???x");                                       // U+202E turns the text after it
  EXPECT_EQ(clean("\xc0\x9b\xed\xa0\x80\xff"), "??????");  // overlong, surrogate, no lead
  EXPECT_EQ(clean("\xe2\x82"), "??");                      // cut short
  EXPECT_EQ(clean(std::string(1000, 'x')).size(), 256u);
  EXPECT_EQ(clean(std::string(255, 'x') + "\xc3\xa9").size(), 255u);
}

TEST(Names, mangled_names_are_read_and_dangerous_ones_left_alone) {
  EXPECT_EQ(demangle("_ZN5vault4Door4openEi"), "vault::Door::open(int)");
  EXPECT_EQ(demangle("_ZN4core9panicking5panic17h0123456789abcdefE"), "core::panicking::panic");
  EXPECT_EQ(demangle("_ZN52_$LT$u32$u20$as$u20$core..fmt..Display$u2b$$RF$T$GT$3fmt17h0123456789abcdefE"),
            "<u32 as core::fmt::Display+&T>::fmt");
  EXPECT_EQ(demangle("main"), "main");
  EXPECT_EQ(demangle("_Z"), "_Z");
  const std::string doubling = [] {
    std::string name = "_Z1f1AIiiE";
    for (int i = 0; i < 60; ++i) name += "S_IS" + std::string(1, char('0' + i % 10)) + "_S_E";
    return name;
  }();
  EXPECT_EQ(demangle(doubling), doubling);
}

// ---- The unwinding instructions, IHI 0038 10.3 table 4 ----

constexpr u32 kStack = 0x2000;

/// Words from kStack up, each of which holds its own index.
bool counting_stack(u32 at, std::span<u8> out) {
  if (at < kStack || at >= kStack + 0x1000 || out.size() != 4) return false;
  const u32 value = (at - kStack) / 4;
  for (std::size_t i = 0; i < 4; ++i) out[i] = u8(value >> (8 * i));
  return true;
}

struct Undone {
  exidx::Outcome outcome;
  FrameState state;
};

Undone run(std::initializer_list<u8> code) {
  FrameState state;
  for (u32 i = 0; i < 16; ++i) state.r[i] = 0x1000 * i + 0x800;
  state.r[kSp] = kStack;
  state.r[kLr] = 0xcafe;
  const Bytes bytes{code};
  const auto outcome = exidx::execute(bytes, state, counting_stack);
  return {outcome, state};
}

void expect_sp(std::initializer_list<u8> code, u32 sp) {
  const Undone done = run(code);
  EXPECT_EQ(done.outcome, exidx::Outcome::Done) << int(*code.begin());
  EXPECT_EQ(done.state.sp(), sp) << int(*code.begin());
}

TEST(Exidx, finish_alone_returns_to_lr) {
  for (const Undone& done : {run({0xb0}), run({}), run({0xb0, 0x80, 0x00})}) {
    EXPECT_EQ(done.outcome, exidx::Outcome::Done);
    EXPECT_EQ(done.state.pc(), 0xcafeu);
    EXPECT_EQ(done.state.sp(), kStack);
  }
}

TEST(Exidx, vsp_moves_as_the_table_says) {
  expect_sp({0x00}, kStack + 4);
  expect_sp({0x3f}, kStack + 0x100);
  expect_sp({0x40}, kStack - 4);
  expect_sp({0x7f}, kStack - 0x100);
  expect_sp({0x9b}, 0x1000 * 11 + 0x800);  // vsp = r11
  expect_sp({0xb2, 0x00}, kStack + 0x204);
  expect_sp({0xb2, 0x81, 0x01}, kStack + 0x204 + (0x81 << 2));
  expect_sp({0xb3, 0x83}, kStack + 4 * 8 + 4);  // D8-D11 by FSTMFDX
  expect_sp({0xb4}, kStack + 4);
  expect_sp({0xb5}, kStack);
  expect_sp({0xb9}, kStack + 2 * 8 + 4);     // D8-D9 by FSTMFDX
  expect_sp({0xc2}, kStack + 3 * 8);         // wR10-wR12
  expect_sp({0xc6, 0x01}, kStack + 2 * 8);   // wR0-wR1
  expect_sp({0xc7, 0x05}, kStack + 2 * 4);   // wCGR0, wCGR2
  expect_sp({0xc8, 0x0f}, kStack + 16 * 8);  // D16-D31 by VPUSH
  expect_sp({0xc9, 0x83}, kStack + 4 * 8);   // D8-D11 by VPUSH
  expect_sp({0xd7}, kStack + 8 * 8);         // D8-D15 by VPUSH
}

TEST(Exidx, registers_are_popped_in_ascending_order) {
  const Undone four_and_lr = run({0xab});  // r4-r7, r14
  EXPECT_EQ(four_and_lr.state.r[4], 0u);
  EXPECT_EQ(four_and_lr.state.r[7], 3u);
  EXPECT_EQ(four_and_lr.state.r[kLr], 4u);
  EXPECT_EQ(four_and_lr.state.pc(), 4u);
  EXPECT_EQ(four_and_lr.state.sp(), kStack + 20);

  const Undone four = run({0xa0});  // r4
  EXPECT_EQ(four.state.r[4], 0u);
  EXPECT_EQ(four.state.pc(), 0xcafeu);

  const Undone masked = run({0x88, 0x80});  // r11, r15
  EXPECT_EQ(masked.state.r[11], 0u);
  EXPECT_EQ(masked.state.pc(), 1u);
  EXPECT_EQ(masked.state.sp(), kStack + 8);

  const Undone low = run({0xb1, 0x0a});  // r1, r3
  EXPECT_EQ(low.state.r[1], 0u);
  EXPECT_EQ(low.state.r[3], 1u);

  const Undone through_sp = run({0x82, 0x01});  // r4, r13
  EXPECT_EQ(through_sp.state.sp(), 1u);
}

// IHI 0038 10.3: "r11-relative" frame, mov vsp, r11; pop {r11, lr} as compilers emit it.
TEST(Exidx, a_frame_pointer_function_is_undone) {
  FrameState state;
  state.r[11] = kStack + 8;
  state.r[kSp] = kStack - 0x400;
  const Bytes code = {0x9b, 0x41, 0x84, 0x80, 0xb0};  // vsp = r11; vsp -= 8; pop {r11, r14}
  ASSERT_EQ(exidx::execute(code, state, counting_stack), exidx::Outcome::Done);
  EXPECT_EQ(state.r[11], 0u);
  EXPECT_EQ(state.pc(), 1u);
  EXPECT_EQ(state.sp(), kStack + 8);
}

TEST(Exidx, refusals_and_reserved_opcodes_stop) {
  EXPECT_EQ(run({0x80, 0x00}).outcome, exidx::Outcome::Refused);
  for (const u8 op : std::initializer_list<u8>{0x9d, 0x9f, 0xb6, 0xb7, 0xca, 0xcf, 0xd8, 0xff})
    EXPECT_EQ(run({op}).outcome, exidx::Outcome::Malformed) << int(op);
  for (const u8 operand : std::initializer_list<u8>{0x00, 0x10, 0xff}) {
    EXPECT_EQ(run({0xb1, operand}).outcome, exidx::Outcome::Malformed);
    EXPECT_EQ(run({0xc7, operand}).outcome, exidx::Outcome::Malformed);
  }
  for (const u8 op : std::initializer_list<u8>{0x81, 0xb1, 0xb2, 0xb3, 0xc6, 0xc7, 0xc8, 0xc9})
    EXPECT_EQ(run({op}).outcome, exidx::Outcome::Malformed) << "cut short: " << int(op);
  EXPECT_EQ(run({0xb2, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}).outcome, exidx::Outcome::Malformed);
  EXPECT_EQ(run({0x40, 0xa0}).outcome, exidx::Outcome::Unreadable);
}

TEST(Exidx, a_register_that_calls_clobber_is_not_trusted_in_a_caller) {
  FrameState state;
  state.r[kSp] = kStack;
  state = state.returned_to(0x8000);
  const Bytes finish = {0xb0};
  EXPECT_EQ(exidx::execute(finish, state, counting_stack), exidx::Outcome::Malformed);
}

// ---- .debug_frame ----

Bytes debug_frame(std::initializer_list<u8> program) {
  Bytes section = {14, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 1, 0, 2, 0x7c, 14, 0x0c, 13, 0, 0, 0};
  const Bytes code{program};
  const auto put = [&](u32 value) {
    for (int i = 0; i < 4; ++i) section.push_back(u8(value >> (8 * i)));
  };
  put(u32(12 + code.size()));
  put(0);
  put(0x8000);
  put(0x100);
  section.insert(section.end(), code.begin(), code.end());
  return section;
}

std::optional<FrameState> unwind(std::initializer_list<u8> program, u32 address) {
  const Bytes section = debug_frame(program);
  FrameState state;
  for (u32 i = 0; i < 16; ++i) state.r[i] = 0x1000 * i + 0x800;
  state.r[kSp] = kStack;
  state.r[kLr] = 0xcafe;
  return DebugFrame{section}.caller(address, state, counting_stack);
}

TEST(DebugFrame, rows_follow_the_location) {
  // At 0: nothing. From 4: push {r4, lr}. From 8: sub sp, #8 more.
  const std::initializer_list<u8> code = {0x42, 0x0e, 8, 0x84, 2, 0x8e, 1, 0x42, 0x0e, 16};
  EXPECT_EQ(unwind(code, 0x8000)->pc(), 0xcafeu);
  EXPECT_EQ(unwind(code, 0x8004)->pc(), 1u);
  EXPECT_EQ(unwind(code, 0x8004)->r[4], 0u);
  EXPECT_EQ(unwind(code, 0x8004)->sp(), kStack + 8);
  EXPECT_EQ(unwind(code, 0x8008)->pc(), 3u);
  EXPECT_FALSE(unwind(code, 0x7fff));
  EXPECT_FALSE(unwind(code, 0x8100));
}

TEST(DebugFrame, every_kind_of_rule_is_applied) {
  EXPECT_EQ(unwind({0x09, 14, 3}, 0x8000)->pc(), 0x3800u);                         // register
  EXPECT_EQ(unwind({0x14, 14, 0x7f}, 0x8000)->pc(), kStack - 4 * 0x7f);            // val_offset
  EXPECT_EQ(unwind({0x15, 14, 0x7f}, 0x8000)->pc(), kStack + 4);                   // val_offset_sf
  EXPECT_EQ(unwind({0x11, 14, 0x7e}, 0x8000)->pc(), 2u);                           // offset_extended_sf
  EXPECT_EQ(unwind({0x2f, 14, 3}, 0x8000)->pc(), 3u);                              // negative_offset_extended
  EXPECT_EQ(unwind({0x16, 14, 2, 0x73, 4}, 0x8000)->pc(), 0x3804u);                // val_expression: breg3 4
  EXPECT_EQ(unwind({0x10, 14, 2, 0x23, 12}, 0x8000)->pc(), 3u);                    // expression: plus_uconst
  EXPECT_EQ(unwind({0x0f, 4, 0x7d, 8, 0x06, 0x33 /* lit3 */}, 0x8000)->sp(), 3u);  // def_cfa_expression
  EXPECT_EQ(unwind({0x13, 0x7f, 0x05, 14, 0}, 0x8000)->sp(), kStack + 4);          // def_cfa_offset_sf
  EXPECT_EQ(unwind({0x12, 13, 0x7e, 0x08, 14}, 0x8000)->sp(), kStack + 8);         // def_cfa_sf, same_value
  EXPECT_EQ(unwind({0x0a, 0x0e, 99, 0x0b}, 0x8000)->sp(), kStack);                 // remember, restore
  EXPECT_EQ(unwind({0x09, 14, 3, 0xce}, 0x8000)->pc(), 0xcafeu);                   // restore r14
  EXPECT_FALSE(unwind({0x07, 14}, 0x8000));                                        // undefined: outermost
}

TEST(DebugFrame, hostile_instructions_find_nothing) {
  EXPECT_TRUE(unwind({0x05, 0xff, 0xff, 0xff, 0xff, 0x0f, 1}, 0x8000));  // a huge register costs nothing
  EXPECT_FALSE(unwind({0x0b}, 0x8000));
  EXPECT_FALSE(unwind({0x3f, 0}, 0x8000));
  EXPECT_FALSE(unwind({0x05, 0xff}, 0x8000));
  EXPECT_FALSE(unwind({0x0c, 99, 0}, 0x8000));
  EXPECT_FALSE(unwind({0x16, 14, 0xff, 0x7f}, 0x8000));
  EXPECT_FALSE(unwind({0x16, 14, 1, 0x06}, 0x8000) && unwind({0x16, 14, 1, 0x22}, 0x8000));
  EXPECT_FALSE(unwind(
      {0x0a, 0x0a, 0x0a, 0x0a, 0x0a, 0x0a, 0x0a, 0x0a, 0x0a, 0x0a, 0x0a, 0x0a, 0x0a, 0x0a, 0x0a, 0x0a, 0x0a},
      0x8000));
}

// ---- Calls ----

TEST(Calls, a_return_address_follows_the_call_that_it_returns_from) {
  const Bytes arm = load("bare_arm");
  Program program{arm};
  program.run();
  const u32 lr = program.registers().r[14];
  const ElfView elf{arm};
  EXPECT_TRUE(follows_call(elf, lr));
  EXPECT_FALSE(follows_call(elf, lr + 4));
  EXPECT_FALSE(follows_call(elf, lr + 2));
  EXPECT_FALSE(follows_call(elf, lr | 1));
  EXPECT_EQ(call_target(elf, lr), 0x10010000u);

  const Bytes thumb = load("bare_thumb");
  Program other{thumb};
  other.run();
  EXPECT_TRUE(follows_call(ElfView{thumb}, other.registers().r[14]));
  EXPECT_EQ(call_target(ElfView{thumb}, other.registers().r[14]), 0x10010000u);
}

// ---- Frame pointers alone ----

constexpr u32 kText = 0x10010000;

/// An image that is nothing but calls: no symbols, no tables, and no prologue to be recognised.
Bytes nothing_but_calls() {
  Bytes image = {0x7f, 'E', 'L', 'F', 1, 1, 1};
  const auto put = [&](std::size_t at, u32 value, std::size_t size = 4) {
    if (image.size() < at + size) image.resize(at + size);
    for (std::size_t i = 0; i < size; ++i) image[at + i] = u8(value >> (8 * i));
  };
  put(18, 40, 2);  // e_machine: ARM
  put(28, 52);     // e_phoff
  put(42, 32, 2);
  put(44, 1, 2);
  const std::array<u32, 8> load = {1, 84, kText, kText, 256, 256, 5, 4};
  for (std::size_t i = 0; i < load.size(); ++i) put(52 + 4 * i, load[i]);
  for (std::size_t i = 0; i < 64; ++i) put(84 + 4 * i, 0xebfffffe);  // bl .
  return image;
}

std::vector<u32> chain(u32 frame_pointer, const std::map<u32, u32>& words) {
  const Bytes image = nothing_but_calls();
  Registers registers;
  registers.r[11] = frame_pointer;
  registers.r[13] = kStack;
  registers.r[15] = kText + 4;
  const auto memory = [&](u32 at, std::span<u8> out) {
    const auto found = words.find(at);
    const u32 value = found == words.end() ? 0 : found->second;
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = u8(value >> (8 * i));
    return at >= kStack && at < kStack + 0x100;
  };
  const auto trace = Symbols{image}.backtrace(registers, memory);
  std::vector<u32> pcs;
  for (const Frame& frame : trace.frames) pcs.push_back(frame.pc);
  return pcs;
}

const std::vector<u32> kChain = {kText + 4, kText + 8, kText + 12, kText + 16};

TEST(FrameRecords, every_layout_that_compilers_use_is_followed) {
  const u32 s = kStack;
  // Clang, Rust and AAPCS32: the pointer is to {fp, lr}.
  EXPECT_EQ(
      chain(s,
            {{s, s + 16}, {s + 4, kText + 8}, {s + 16, s + 32}, {s + 20, kText + 12}, {s + 36, kText + 16}}),
      kChain);
  // GCC: the pointer is to the second of {fp, lr}.
  EXPECT_EQ(
      chain(s + 4,
            {{s, s + 20}, {s + 4, kText + 8}, {s + 16, s + 36}, {s + 20, kText + 12}, {s + 36, kText + 16}}),
      kChain);
  // GCC -mapcs-frame: the pointer is to the last of {fp, sp, lr, pc}.
  EXPECT_EQ(chain(s + 12, {{s, s + 28},
                           {s + 8, kText + 8},
                           {s + 12, kText},
                           {s + 16, s + 44},
                           {s + 24, kText + 12},
                           {s + 28, kText},
                           {s + 40, kText + 16},
                           {s + 44, kText}}),
            kChain);
}

TEST(FrameRecords, a_chain_that_does_not_grow_or_is_not_code_ends) {
  const u32 s = kStack;
  const std::vector<u32> alone = {kText + 4};
  EXPECT_EQ(chain(s, {{s, s}, {s + 4, kText + 8}}), alone);             // points to itself
  EXPECT_EQ(chain(s + 16, {{s + 16, s}, {s + 20, kText + 8}}), alone);  // points down
  EXPECT_EQ(chain(s, {{s, s + 18}, {s + 4, kText + 8}}), alone);        // not aligned
  EXPECT_EQ(chain(s + 2, {{s, s + 16}, {s + 4, kText + 8}}), alone);    // not aligned
  EXPECT_EQ(chain(s, {{s, s + 16}, {s + 4, kText}}), alone);            // no call stands before the text
  EXPECT_EQ(chain(s, {{s, s + 16}, {s + 4, kText + 0x200}}), alone);    // not code
  EXPECT_EQ(chain(s - 4, {{s - 4, s + 16}, {s, kText + 8}}), alone);    // below sp
  EXPECT_EQ(chain(0xfffffffc, {}), alone);
}

// ---- Hostile images and stacks ----

/// Asks everything there is to ask. The answers do not matter.
void ask(const Bytes& image, const Registers& registers, const ReadMemory& memory) {
  const Symbols symbols{image};
  for (const u32 pc : {0u, 0x10010000u, 0x10010024u, 0x10010060u, 0xfffffffeu}) {
    const auto where = symbols.find(pc);
    EXPECT_LE(where ? where->function.size() : 0, 256u);
  }
  const auto trace = symbols.backtrace(registers, memory);
  EXPECT_LE(trace.frames.size(), 32u);
}

const std::array<const char*, 6> kVictims = {
    "debug_arm",  "debug_thumb", "compressed_arm", "exidx_arm_stripped", "pointers_thumb_stripped",
    "inlined_arm"};

TEST(HostileImages, a_file_cut_short_is_survived) {
  for (const char* name : kVictims) {
    const Bytes image = load(name);
    Program program{image};
    program.run();
    for (std::size_t size = 0; size < image.size(); size += 97) {
      const Bytes cut{image.begin(), image.begin() + std::ptrdiff_t(size)};
      ask(cut, program.registers(), program.memory());
    }
  }
}

TEST(HostileImages, random_bytes_are_survived) {
  std::mt19937 random{1};
  for (int i = 0; i < 200; ++i) {
    Bytes bytes(random() % 4096);
    for (u8& b : bytes) b = u8(random());
    const Bytes head = {0x7f, 'E', 'L', 'F', 1, 1, 1};
    if (i % 2 == 0 && bytes.size() > 52)
      std::copy(head.begin(), head.end(), bytes.begin()), bytes[18] = 40, bytes[19] = 0;
    ask(bytes, Registers{}, nullptr);
  }
}

TEST(HostileImages, flipped_bytes_are_survived) {
  std::mt19937 random{2};
  for (const char* name : kVictims) {
    const Bytes image = load(name);
    Program program{image};
    program.run();
    for (int i = 0; i < 300; ++i) {
      Bytes broken = image;
      for (u32 n = 1 + random() % 16; n > 0; --n) broken[random() % broken.size()] = u8(random());
      ask(broken, program.registers(), program.memory());
    }
  }
}

TEST(HostileStacks, random_registers_and_memory_are_survived) {
  std::mt19937 random{3};
  for (const char* name : kVictims) {
    const Bytes image = load(name);
    const Symbols symbols{image};
    const auto memory = [&random](u32, std::span<u8> out) {
      const u32 likely = 0x10010000 + random() % 256;  // a return address, often enough
      for (std::size_t i = 0; i < out.size(); ++i) out[i] = u8(likely >> (8 * (i % 4)));
      return random() % 16 != 0;
    };
    for (int i = 0; i < 300; ++i) {
      Registers registers;
      for (u32& r : registers.r) r = random() % 4 == 0 ? u32(random()) : 0x10010000 + random() % 256;
      registers.cpsr = u32(random());
      EXPECT_LE(symbols.backtrace(registers, memory).frames.size(), 32u);
    }
  }
}

TEST(HostileStacks, a_frame_chain_that_loops_ends) {
  const Bytes image = load("pointers_arm_stripped");
  Program program{image};
  program.run();
  Registers registers = program.registers();
  const u32 link = registers.r[14];
  registers.r[11] = registers.r[13];
  const auto memory = [&](u32 at, std::span<u8> out) {
    const u32 value = (at & 4) != 0 ? link : registers.r[13];
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = u8(value >> (8 * i));
    return true;
  };
  EXPECT_LE(Symbols{image}.backtrace(registers, memory).frames.size(), 32u);
}

}  // namespace
}  // namespace gotee::sim
