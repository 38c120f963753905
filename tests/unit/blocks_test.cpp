// SPDX-License-Identifier: BSD-3-Clause
//
// Block analysis: which registers a block needs aligned, and whether that is really enough.
// Ref: [ARM ARM] DDI 0406C.d, A3.2.1 (which instructions fault when misaligned, whatever SCTLR.A).
#include "hal/sim/blocks.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <functional>
#include <random>
#include <vector>

namespace gotee::sim {
namespace {

constexpr u32 kBase = 0x10010000;

Block analyse_bytes(const std::vector<u8>& bytes, bool thumb, u32 size) {
  const FetchCode fetch = [&](u32 at) -> std::span<const u8> {
    if (at < kBase || at - kBase >= bytes.size()) return {};
    return std::span{bytes}.subspan(at - kBase).first(std::min<std::size_t>(4, bytes.size() - (at - kBase)));
  };
  return analyse(kBase, size, thumb, fetch);
}

/// `code_words` of them are the block; what follows is a literal pool.
Block arm(const std::vector<u32>& words, std::size_t code_words = SIZE_MAX) {
  std::vector<u8> bytes;
  for (const u32 w : words) bytes.insert(bytes.end(), {u8(w), u8(w >> 8), u8(w >> 16), u8(w >> 24)});
  return analyse_bytes(bytes, false, u32(4 * std::min(words.size(), code_words)));
}
Block thumb(const std::vector<u16>& halves, std::size_t code_halves = SIZE_MAX) {
  std::vector<u8> bytes;
  for (const u16 h : halves) bytes.insert(bytes.end(), {u8(h), u8(h >> 8)});
  return analyse_bytes(bytes, true, u32(2 * std::min(halves.size(), code_halves)));
}

constexpr u16 r(u32 n) { return u16(1u << n); }
constexpr u16 kSp = r(13);

using Check = std::array<i64, 3>;  // source, delta, alignment
std::vector<Check> checks(const Block& block) {
  std::vector<Check> out;
  for (const AlignmentCheck& c : block.checks) out.push_back({c.source, c.delta, c.alignment});
  return out;
}

// --- Counting ------------------------------------------------------------------------------------------

TEST(Blocks, CountArmInstructions) {
  const Block b = arm({0xe1a00000, 0xe2811004, 0xe12fff1e});
  EXPECT_EQ(b.starts, (std::vector<u32>{kBase, kBase + 4, kBase + 8}));
  EXPECT_EQ(b.end, kBase + 12);
  EXPECT_EQ(b.inside_it, (std::vector<bool>{false, false, false}));
}

TEST(Blocks, CountThumbInstructionsOfBothSizes) {
  const Block b = thumb({0x2001 /* movs */, 0xf44f, 0x7080 /* mov.w */, 0x4770 /* bx lr */});
  EXPECT_EQ(b.starts, (std::vector<u32>{kBase, kBase + 2, kBase + 6}));
  EXPECT_EQ(b.end, kBase + 8);
}

TEST(Blocks, KnowWhatStandsUnderAnIt) {
  // ittet eq (mask 0101 with firstcond 0: T E T); four instructions, one of them wide; then one more.
  const Block b = thumb({0xbf0b, 0x2001, 0xf04f, 0x0001, 0x2002, 0x2003, 0x2004});
  EXPECT_EQ(b.starts.size(), 6u);
  EXPECT_EQ(b.inside_it, (std::vector<bool>{false, true, true, true, true, false}));
  EXPECT_EQ(thumb({0xbf08, 0x2001, 0x2002}).inside_it, (std::vector<bool>{false, true, false}));
  EXPECT_EQ(thumb({0xbf00, 0x2001}).inside_it, (std::vector<bool>{false, false}));  // nop
}

TEST(Blocks, AnEmptyBlockNeedsNothingAndKeepsEverything) {
  const Block b = arm({});
  EXPECT_TRUE(b.starts.empty());
  EXPECT_EQ(b.needs, 0);
  EXPECT_EQ(b.keeps & 0x7fff, 0x7fff);
  EXPECT_EQ(b.gains, 0);
}

// --- Needs -----------------------------------------------------------------------------------------------

TEST(Blocks, TheInstructionsOfA3_2_1NeedTheirBase) {
  const struct {
    const char* text;
    u32 code;
    u16 needs;
  } kCases[] = {
      {"push {r4, lr}", 0xe92d4010, kSp},
      {"pop {r4, pc}", 0xe8bd8010, kSp},
      {"ldmia r1!, {r2, r3}", 0xe8b1000c, r(1)},
      {"stmdb r1, {r2, r3}", 0xe901000c, r(1)},
      {"ldmib r1, {r2, r3}", 0xe991000c, r(1)},
      {"ldrd r2, r3, [r1, #8]", 0xe1c120d8, r(1)},
      {"strd r2, r3, [r1], #8", 0xe0c120f8, r(1)},
      {"vldr d0, [r1, #4]", 0xed910b01, r(1)},
      {"vstr s0, [r1]", 0xed810a00, r(1)},
      {"vldmia r1!, {d0, d1}", 0xecb10b04, r(1)},
      {"vpush {d8}", 0xed2d8b02, kSp},
      // and those that fault only with SCTLR.A
      {"push {r4}", 0xe52d4004, 0},
      {"ldr r2, [r1]", 0xe5912000, 0},
      {"strh r2, [r1]", 0xe1c120b0, 0},
      {"ldrsb r2, [r1]", 0xe1d120d0, 0},
      {"vld1.8 {d0}, [r1]", 0xf421070f, 0},
  };
  for (const auto& c : kCases) {
    const Block b = arm({c.code});
    EXPECT_EQ(b.needs, c.needs) << c.text;
    EXPECT_FALSE(b.unknown) << c.text;
    EXPECT_TRUE(b.checks.empty()) << c.text;
  }
}

TEST(Blocks, ThumbInstructionsNeedTheSame) {
  EXPECT_EQ(thumb({0xb510}).needs, kSp);           // push {r4, lr}
  EXPECT_EQ(thumb({0xbd10}).needs, kSp);           // pop {r4, pc}
  EXPECT_EQ(thumb({0xc90c}).needs, r(1));          // ldmia r1!, {r2, r3}
  EXPECT_EQ(thumb({0xc10c}).needs, r(1));          // stmia r1!, {r2, r3}
  EXPECT_EQ(thumb({0xe9d1, 0x2302}).needs, r(1));  // ldrd r2, r3, [r1, #8]
  EXPECT_EQ(thumb({0xe92d, 0x4ff0}).needs, kSp);   // push.w {r4-r11, lr}
  EXPECT_EQ(thumb({0xed91, 0x0b01}).needs, r(1));  // vldr d0, [r1, #4]
  EXPECT_EQ(thumb({0x9801}).needs, 0);             // ldr r0, [sp, #4]
}

TEST(Blocks, ExclusiveStoresAndSwapsNeedTheirBaseToo) {              // A3.2.1; LDREX is checked by the engine
  EXPECT_EQ(arm({0xe1812f90}).needs, r(1));                          // strex r2, r0, [r1]
  EXPECT_EQ(arm({0xe1a12f94}).needs, r(1) | doubleword_aligned(1));  // strexd r2, r4, r5, [r1]
  EXPECT_EQ(checks(arm({0xe1e12f90})), (std::vector<Check>{{1, 0, 2}}));  // strexh r2, r0, [r1]
  EXPECT_EQ(arm({0xe1c12f90}).needs, 0);                                  // strexb r2, r0, [r1]
  EXPECT_EQ(thumb({0xe841, 0x0201}).needs, r(1));                         // strex r2, r0, [r1, #4]
  EXPECT_EQ(arm({0xe1012090}).needs, r(1));                               // swp r2, r0, [r1]
  for (const u32 load : {0xe1912f9fu, 0xe1b12f9fu, 0xe1f12f9fu}) EXPECT_EQ(arm({load}).needs, 0);
}

TEST(Blocks, WhatStandsAtTheWordAlignedPcIsAlignedUnlessTheOffsetIsNot) {  // A8.8.73, A3.2.1
  EXPECT_FALSE(arm({0xe1cf20d8}).unknown);                                 // ldrd r2, r3, [pc, #8]
  EXPECT_FALSE(arm({0xed9f0b02}).unknown);                                 // vldr d0, [pc, #8]
  EXPECT_TRUE(arm({0xe1cf20d6}).unknown);                                  // ldrd r2, r3, [pc, #6]
  EXPECT_TRUE(arm({0xe14f20f1}).unknown);                                  // strd r2, r3, [pc, #-1]
  EXPECT_TRUE(arm({0xe18f20d0}).unknown);                                  // ldrd r2, r3, [pc, r0]
  EXPECT_TRUE(arm({0xe18f20d0}).demanding[0]);
  EXPECT_FALSE(arm({0xe1cf20d8}).demanding[0]);
}

TEST(Blocks, AnIndexMakesTheAddressUnknown) {
  for (const u32 code : {0xe18420d0u, 0xe10420d0u, 0xe18420f0u, 0xe10420f0u})
    EXPECT_TRUE(arm({code}).unknown);
}

TEST(Blocks, AConditionalAccessIsDemandedAllTheSame) {
  EXPECT_EQ(arm({0x08b1000c}).needs, r(1));        // ldmiaeq
  EXPECT_EQ(thumb({0xbf08, 0xc90c}).needs, r(1));  // it eq; ldmia
}

TEST(Blocks, OffsetsThatAreNoMultipleOfFourBecomeChecks) {
  // add r1, r1, #2; ldmia r1, {r2, r3}
  const Block b = arm({0xe2811002, 0xe891000c});
  EXPECT_EQ(b.needs, 0);
  EXPECT_FALSE(b.unknown);
  EXPECT_EQ(checks(b), (std::vector<Check>{{1, 2, 4}}));
}

TEST(Blocks, VectorLoadsThatAskForMoreBecomeChecks) {
  // vld1.8 {d0}, [r1:64]: doublewords are followed like words
  EXPECT_EQ(arm({0xf421071f}).needs, word_aligned(1) | doubleword_aligned(1));
  EXPECT_EQ(checks(arm({0xe2811004, 0xf421071f})), (std::vector<Check>{{1, 4, 8}}));  // add r1, r1, #4 first
  EXPECT_EQ(checks(arm({0xf4210a2f})), (std::vector<Check>{{1, 0, 16}}));  // vld1.8 {d0, d1}, [r1:128]
  EXPECT_EQ(checks(arm({0xf421023f})), (std::vector<Check>{{1, 0, 32}}));  // vld1.8 {d0-d3}, [r1:256]
  EXPECT_EQ(checks(arm({0xf401023f})), (std::vector<Check>{{1, 0, 32}}));  // vst1
  // vld1.8 {d0, d1}, [r1:128]!, twice: the second stands 16 bytes further
  EXPECT_EQ(checks(arm({0xf4210a2d, 0xf4210a2d})), (std::vector<Check>{{1, 0, 16}, {1, 16, 16}}));
  EXPECT_EQ(checks(thumb({0xf921, 0x0a2f})), (std::vector<Check>{{1, 0, 16}}));
}

// --- Following registers -----------------------------------------------------------------------------------

TEST(Blocks, FollowMovesAndSums) {
  EXPECT_EQ(arm({0xe1a02001, 0xe892000c}).needs, r(1));                                // mov r2, r1; ldm r2
  EXPECT_EQ(arm({0xe2812008, 0xe892000c}).needs, r(1));                                // add r2, r1, #8
  EXPECT_EQ(arm({0xe2412008, 0xe892000c}).needs, r(1));                                // sub
  EXPECT_EQ(checks(arm({0xe2412001, 0xe892000c})), (std::vector<Check>{{1, -1, 4}}));  // sub r2, r1, #1
  EXPECT_EQ(arm({0xe28db008, 0xe24bd008, 0xe8bd8800}).needs, kSp);  // fp = sp + 8; sp = fp - 8; pop {fp, pc}
  EXPECT_EQ(thumb({0xaf02, 0x46bd, 0xbd80}).needs, kSp);  // add r7, sp, #8; mov sp, r7; pop {r7, pc}
  EXPECT_EQ(arm({0xe5b12004, 0xe891000c}).needs, r(1));   // ldr r2, [r1, #4]!; ldm r1
}

TEST(Blocks, ConstantsAreCheckedWhereTheyAre) {
  // movw r1, #0x1000; movt r1, #0x1002; ldm r1, {r2, r3}
  const Block good = arm({0xe3011000, 0xe3411002, 0xe891000c});
  EXPECT_EQ(good.needs, 0);
  EXPECT_FALSE(good.unknown);
  EXPECT_TRUE(good.checks.empty());
  EXPECT_TRUE(arm({0xe3011002, 0xe3411002, 0xe891000c}).unknown);  // movw r1, #0x1002
  EXPECT_FALSE(arm({0xe3a01010, 0xe891000c}).unknown);             // mov r1, #16
  EXPECT_TRUE(arm({0xe3a01011, 0xe891000c}).unknown);              // mov r1, #17
}

TEST(Blocks, LiteralsAreConstants) {
  // ldr r1, [pc, #0]; ldm r1, {r2, r3}; pc + 8 is the word after the next
  EXPECT_FALSE(arm({0xe59f1000, 0xe891000c, 0x10020000}, 2).unknown);
  EXPECT_TRUE(arm({0xe59f1000, 0xe891000c, 0x10020002}, 2).unknown);
  EXPECT_TRUE(arm({0xe59f1f00, 0xe891000c}).unknown) << "a literal that cannot be fetched";
}

TEST(Blocks, ThumbLiteralsAreReadFromTheAlignedPc) {
  // At kBase + 2: pc = kBase + 6, aligned kBase + 4; #4 makes kBase + 8.
  EXPECT_FALSE(thumb({0xbf00, 0x4901, 0xc90c, 0xbf00, 0x0000, 0x1002}, 3).unknown);
  EXPECT_TRUE(thumb({0xbf00, 0x4901, 0xc90c, 0xbf00, 0x0002, 0x1002}, 3).unknown);
}

TEST(Blocks, WhatWasLoadedIsUnknown) {
  EXPECT_TRUE(arm({0xe5912000, 0xe892000c}).unknown);    // ldr r2, [r1]; ldm r2
  EXPECT_TRUE(arm({0xe8910006, 0xe892000c}).unknown);    // ldm r1, {r1, r2}; ldm r2
  EXPECT_TRUE(arm({0xe0812003, 0xe892000c}).unknown);    // add r2, r1, r3
  EXPECT_TRUE(arm({0x01a02001, 0xe892000c}).unknown);    // moveq r2, r1: perhaps
  EXPECT_TRUE(thumb({0xbf08, 0x460a, 0xca18}).unknown);  // it eq; mov r2, r1; ldm r2
  EXPECT_TRUE(arm({0xe18120d3}).unknown);                // ldrd r2, r3, [r1, r3]: two registers
  EXPECT_FALSE(arm({0xe5912000, 0xe891000c}).unknown);   // r1 itself is not touched
}

TEST(Blocks, AnUnknownValueThatIsOverwrittenDoesNotMatter) {
  const Block b = arm({0xe5912000, 0xe1a02001, 0xe8920018});  // ldr r2, [r1]; mov r2, r1; ldm r2, {r3, r4}
  EXPECT_FALSE(b.unknown);
  EXPECT_EQ(b.needs, r(1));
}

// --- Keeps and gains
// ------------------------------------------------------------------------------------------

TEST(Blocks, KeepWhatMovesByMultiplesOfFour) {
  EXPECT_EQ(arm({0xe2811004}).keeps & r(1), r(1));              // add r1, r1, #4
  EXPECT_EQ(arm({0xe2811002}).keeps & r(1), 0);                 // #2
  EXPECT_EQ(arm({0xe2811002, 0xe2811002}).keeps & r(1), r(1));  // #2, twice
  EXPECT_EQ(arm({0xe92d4010}).keeps & kSp, kSp);
  EXPECT_EQ(arm({0xe5912000}).keeps & r(2), 0);  // loaded
  EXPECT_EQ(arm({0xe1a02001}).keeps & r(2), 0);  // r1's alignment, not r2's
  EXPECT_EQ(arm({0xe1a00000}).keeps & 0x7fff, 0x7fff);
}

TEST(Blocks, GainWhatIsAlignedIfTheNeedsHeld) {
  const Block push = arm({0xe92d4010});
  EXPECT_EQ(push.gains & kSp, kSp);
  const Block constant = arm({0xe3a01010});  // mov r1, #16
  EXPECT_EQ(constant.gains, word_aligned(1) | doubleword_aligned(1));
  EXPECT_EQ(arm({0xe3a01014}).gains, word_aligned(1));  // mov r1, #20
  EXPECT_EQ(arm({0xe3a01011}).gains, 0);
  const Block copied = arm({0xe92d4010, 0xe28db004});  // push; add fp, sp, #4
  EXPECT_EQ(copied.gains, kSp | r(11));
  EXPECT_EQ(arm({0xe1a02001}).gains, 0) << "r1 was never checked";
}

TEST(Blocks, AConditionalConstantIsNoGain) { EXPECT_EQ(arm({0x03a01010}).gains & r(1), 0); }

TEST(Blocks, CallsWriteTheLinkRegister) {
  EXPECT_EQ(arm({0xeb000000}).keeps & r(14), 0);
  EXPECT_EQ(thumb({0xf000, 0xf800}).keeps & r(14), 0);
  EXPECT_EQ(thumb({0x4790}).keeps & r(14), 0);  // blx r2
}

// --- Soundness
// -----------------------------------------------------------------------------------------------

/// Straight-line code for the registers r0-r7 and sp, and what each instruction does, told by the generator
/// itself: it assembles from fields and never asks the decoder.
class Program {
 public:
  explicit Program(u32 seed) : random_{seed} {
    const u32 length = 1 + below(12);
    for (u32 n = 0; n < length; ++n) add();
  }
  const std::vector<u32>& words() const { return words_; }

  /// Runs it: false when some access is misaligned. Conditional instructions are executed when `flags` says
  /// so.
  bool run(std::array<u32, 16>& r, std::mt19937& memory, u32 taken) const {
    for (std::size_t n = 0; n < words_.size(); ++n) {
      if (conditional_[n] && (taken >> n & 1) == 0) continue;
      if (!semantics_[n](r, memory)) return false;
    }
    return true;
  }

 private:
  using Semantics = std::function<bool(std::array<u32, 16>&, std::mt19937&)>;
  u32 below(u32 bound) { return u32(random_() % bound); }
  u32 any() { return below(9) == 8 ? 13 : below(8); }

  void emit(u32 code, Semantics semantics) {
    const bool conditional = below(6) == 0 && code >> 28 != 15;
    words_.push_back(conditional ? code & 0x0fffffff : code);  // EQ
    conditional_.push_back(conditional);
    semantics_.push_back(std::move(semantics));
  }
  void add() {
    switch (below(10)) {
      case 0: return add_block_transfer();
      case 1: return add_dual();
      case 2: return add_vfp();
      case 3: return add_simd();
      case 4: return add_move();
      case 5: return add_load();
      case 6: return add_wide();
      case 7: return add_unknown();
      default: return add_sum();
    }
  }

  void add_sum() {  // ADD, SUB immediate (A8.8.5, A8.8.222)
    constexpr u32 kValues[] = {4, 8, 2, 16, 1, 0, 32, 12, 24};
    const u32 d = any(), n = any(), imm = kValues[below(9)];
    const bool down = below(2) != 0;
    emit((down ? 0xe2400000u : 0xe2800000u) | n << 16 | d << 12 | imm, [=](auto& r, auto&) {
      r[d] = down ? r[n] - imm : r[n] + imm;
      return true;
    });
  }
  void add_move() {  // MOV register (A8.8.104)
    const u32 d = any(), m = any();
    emit(0xe1a00000 | d << 12 | m, [=](auto& r, auto&) { return r[d] = r[m], true; });
  }
  void add_wide() {  // MOVW, then perhaps MOVT (A8.8.102, A8.8.106)
    const u32 d = any(), low = below(0x10000) & (below(2) != 0 ? ~31u : ~0u), high = below(0x10000);
    emit(0xe3000000 | (low >> 12) << 16 | d << 12 | (low & 0xfff),
         [=](auto& r, auto&) { return r[d] = low, true; });
    if (below(2) != 0) {
      emit(0xe3400000 | (high >> 12) << 16 | d << 12 | (high & 0xfff),
           [=](auto& r, auto&) { return r[d] = (r[d] & 0xffff) | high << 16, true; });
    }
  }
  void add_unknown() {  // EOR, ADD with a register, LSL, ORR: values that nobody follows
    const u32 d = any(), n = any(), m = any();
    switch (below(3)) {
      case 0:
        return emit(0xe0200000 | n << 16 | d << 12 | m,
                    [=](auto& r, auto&) { return r[d] = r[n] ^ r[m], true; });
      case 1:
        return emit(0xe0800000 | n << 16 | d << 12 | m,
                    [=](auto& r, auto&) { return r[d] = r[n] + r[m], true; });
      default: return emit(0xe1a00080 | d << 12 | m, [=](auto& r, auto&) { return r[d] = r[m] << 1, true; });
    }
  }
  void add_load() {  // LDR with all three ways of indexing: never misaligned (A8.8.63)
    const u32 t = below(8), n = (t + 1 + below(7)) % 8, imm = below(16);
    const u32 mode = below(3);  // offset, pre-indexed, post-indexed
    const bool up = below(2) != 0;
    const u32 pw = mode == 0 ? 1u << 24 : (mode == 1 ? (1u << 24 | 1u << 21) : 0);
    emit(0xe4100000 | pw | u32(up) << 23 | n << 16 | t << 12 | imm, [=](auto& r, auto& memory) {
      if (mode != 0) r[n] = up ? r[n] + imm : r[n] - imm;
      r[t] = u32(memory());
      return true;
    });
  }
  void add_block_transfer() {  // LDM, STM (A8.8.57 to A8.8.61, A8.8.199 to A8.8.202)
    const u32 n = any(), list = (1 + below(255)) & ~(1u << n & 0xff);
    if (list == 0) return;
    const bool load = below(2) != 0, up = below(2) != 0, before = below(2) != 0, back = below(2) != 0;
    const u32 bytes = 4 * u32(std::popcount(list));
    emit(0xe8000000 | u32(before) << 24 | u32(up) << 23 | u32(back) << 21 | u32(load) << 20 | n << 16 | list,
         [=](auto& r, auto& memory) {
           if (r[n] % 4 != 0) return false;
           for (u32 i = 0; load && i < 8; ++i) {
             if ((list >> i & 1) != 0) r[i] = u32(memory());
           }
           if (back) r[n] = up ? r[n] + bytes : r[n] - bytes;
           return true;
         });
  }
  void add_dual() {  // LDRD, STRD immediate (A8.8.72, A8.8.210)
    const u32 t = 2 * below(3), n = 6 + below(2), imm = below(16);
    const bool load = below(2) != 0, up = below(2) != 0;
    const u32 mode = below(3);
    const u32 pw = mode == 0 ? 1u << 24 : (mode == 1 ? (1u << 24 | 1u << 21) : 0);
    emit(0xe0400000 | pw | u32(up) << 23 | n << 16 | t << 12 | (load ? 0xd0u : 0xf0u) | imm,
         [=](auto& r, auto& memory) {
           const u32 moved = up ? r[n] + imm : r[n] - imm, address = mode == 2 ? r[n] : moved;
           if (address % 4 != 0) return false;
           if (load) r[t] = u32(memory()), r[t + 1] = u32(memory());
           if (mode != 0) r[n] = moved;
           return true;
         });
  }
  void add_vfp() {  // VLDR, VLDM, VSTMDB (A8.8.333, A8.8.332, A8.8.412)
    const u32 n = any(), words = 2 * (1 + below(4));
    switch (below(3)) {
      case 0:
        return emit(0xed900b00 | n << 16 | words,
                    [=](auto& r, auto&) { return (r[n] + 4 * words) % 4 == 0; });
      case 1:
        return emit(0xecb00b00 | n << 16 | words, [=](auto& r, auto&) {
          if (r[n] % 4 != 0) return false;
          return r[n] += 4 * words, true;
        });
      default:
        return emit(0xed200b00 | n << 16 | words, [=](auto& r, auto&) {
          if (r[n] % 4 != 0) return false;
          return r[n] -= 4 * words, true;
        });
    }
  }
  void add_simd() {  // VLD1, VST1 multiple, with align 0 to 3 (A8.8.320, A8.8.404)
    constexpr struct {
      u32 type, registers, most;
    } kTypes[] = {{0b0111, 1, 1}, {0b1010, 2, 2}, {0b0010, 4, 3}};
    const auto t = kTypes[below(3)];
    const u32 n = any(), align = below(t.most + 1), load = below(2),
              m = std::array{15u, 13u, below(8)}[below(3)];
    emit(0xf4000000 | load << 21 | n << 16 | t.type << 8 | align << 4 | m, [=](auto& r, auto&) {
      if (align != 0 && r[n] % (4u << align) != 0) return false;
      if (m == 13) r[n] += 8 * t.registers;
      if (m < 13) r[n] += r[m];
      return true;
    });
  }

  std::mt19937 random_;
  std::vector<u32> words_;
  std::vector<bool> conditional_;
  std::vector<Semantics> semantics_;
};

bool holds(const Block& block, const std::array<u32, 16>& start) {
  for (u32 i = 0; i < 15; ++i) {
    if ((block.needs & word_aligned(i)) != 0 && start[i] % 4 != 0) return false;
    if ((block.needs & doubleword_aligned(i)) != 0 && start[i] % 8 != 0) return false;
  }
  return std::all_of(block.checks.begin(), block.checks.end(), [&](const AlignmentCheck& c) {
    return (start[c.source] + u32(c.delta)) % c.alignment == 0;
  });
}

std::array<u32, 16> random_registers(std::mt19937& random) {
  // Mostly aligned, so that demands hold often enough to mean something.
  constexpr u32 kMasks[] = {~31u, ~31u, ~15u, ~3u, ~1u, ~0u};
  std::array<u32, 16> r{};
  for (u32& value : r) value = u32(random()) & kMasks[random() % 6];
  return r;
}

TEST(BlocksSoundness, WhenTheDemandsHoldNothingIsMisaligned) {
  std::mt19937 random{1};
  u32 held = 0, known = 0;
  for (u32 seed = 0; seed < 6000; ++seed) {
    const Program program{seed};
    const Block block = arm(program.words());
    ASSERT_EQ(block.starts.size(), program.words().size());
    if (block.unknown) continue;
    ++known;
    for (u32 n = 0; n < 8; ++n) {
      const std::array<u32, 16> start = random_registers(random);
      if (!holds(block, start)) continue;
      ++held;
      std::array<u32, 16> end = start;
      ASSERT_TRUE(program.run(end, random, u32(random()))) << "seed " << seed;
      for (u32 i = 0; i < 15; ++i) {
        if ((block.gains & doubleword_aligned(i)) != 0) {
          ASSERT_EQ(end[i] % 8, 0u) << "gains r" << i << ", seed " << seed;
        }
        if ((block.keeps & doubleword_aligned(i)) != 0) {
          ASSERT_EQ(end[i] % 8, start[i] % 8) << "keeps r" << i << ", seed " << seed;
        }
        if ((block.gains >> i & 1) != 0) {
          ASSERT_EQ(end[i] % 4, 0u) << "gains r" << i << ", seed " << seed;
        }
        if ((block.keeps >> i & 1) != 0) {
          ASSERT_EQ(end[i] % 4, start[i] % 4) << "keeps r" << i << ", seed " << seed;
        }
      }
    }
  }
  EXPECT_GT(known, 1000u);
  EXPECT_GT(held, 3000u);
}

TEST(BlocksSoundness, WhenADemandFailsSomethingUnconditionalIsMisaligned) {
  // Precision: a demand is never invented. Every instruction is executed here, and none jumps.
  std::mt19937 random{2};
  u32 failed = 0;
  for (u32 seed = 0; seed < 3000; ++seed) {
    const Program program{seed};
    const Block block = arm(program.words());
    if (block.unknown) continue;
    for (u32 n = 0; n < 8; ++n) {
      const std::array<u32, 16> start = random_registers(random);
      if (holds(block, start)) continue;
      ++failed;
      std::array<u32, 16> end = start;
      ASSERT_FALSE(program.run(end, random, ~0u)) << "seed " << seed;
    }
  }
  EXPECT_GT(failed, 1000u);
}

}  // namespace
}  // namespace gotee::sim
