// SPDX-License-Identifier: BSD-3-Clause
//
// Writing a program: instructions, the roles of registers, and the address that its last access aims at.
// Encodings are those of [ARM ARM] DDI 0406C.d, A5 to A8. Only what it defines is written: nothing
// UNPREDICTABLE, nothing whose result is UNKNOWN, nothing IMPLEMENTATION DEFINED.
#pragma once
#include <functional>
#include <string_view>

#include "tests/qemu/differential/dice.h"
#include "tests/qemu/differential/program.h"

namespace gotee::differential {

inline constexpr u32 kAlways = 0xe;                   // A8.3: the condition field of A32, and T32's VFP
inline constexpr u32 kGeneral = 0x5fff, kLow = 0xff;  // r0-r12 and r14; what 16-bit Thumb reaches
inline constexpr u32 kSafeReach = 0x7f0;              // what body accesses stay within, from Writer::safe()

class Writer {
 public:
  Writer(Dice& dice, Program& program);

  Dice& dice;
  Program& program;

  bool thumb() const { return program.thumb; }
  u32 here() const { return program.end(); }

  // --- Instructions -----------------------------------------------------------------------------------
  /// An instruction as the manual prints it: A32, 16-bit Thumb, or 32-bit Thumb, its first half on top.
  void put(u32 code);
  /// The same, of which nobody knows more: A32 gets a random condition now and then, where it has one.
  void put_conditional(u32 code);
  /// Begin an IT block of `count` instructions with a random condition.
  void it(u32 count);

  // --- Registers --------------------------------------------------------------------------------------
  /// The register that holds the middle of memory which every program may use freely, kSafeReach each way.
  u32 safe() const { return safe_; }
  /// Any register's number, to be read.
  u32 any(u32 among = kGeneral) { return dice.of_set(among); }
  /// A register that nothing needs any more.
  u32 target(u32 among = kGeneral) { return dice.of_set(free(among)); }
  u32 free(u32 among = kGeneral) const { return among & ~reserved_; }
  void reserve(u32 number) { reserved_ |= 1u << number; }
  /// The register will hold `value` from the start.
  void set(u32 number, u32 value);
  /// The register will hold `value` when the body has run, by one of the ways in which programs come by an
  /// address; from now on nothing else may change it.
  void prepare(u32 number, u32 value);
  /// What prepare() left to be written somewhere in the body, if anything.
  void write_preparation();

  // --- The last access --------------------------------------------------------------------------------
  /// An address near a boundary for an access of `size` bytes that well-behaved programs align to `natural`;
  /// `misalign`: this one need not be well-behaved.
  u32 aim(u32 size, u32 natural, bool misalign = true);
  /// An address near a boundary to jump to, with the Thumb bit for `to_thumb`, at most `reach` away.
  u32 aim_jump(bool to_thumb, i64 reach = i64{1} << 32);
  /// Memory that holds `value`, and that nothing changes: its offset from safe(), a positive multiple of 4.
  u32 place(u32 value);
  /// Describe the last access.
  void say(std::string_view what);
  /// The instruction at here(), about to be written, may abort with this left open.
  void may_abort(Unknown what);

 private:
  enum class Way : u8 { Add, Subtract, Move, Halves, Load };
  struct Preparation {
    Way way;
    u32 number, from, value;
  };
  void write_immediate(u32 number, u32 from, u32 amount, bool subtract);

  u32 reserved_ = 0;
  u32 safe_ = 0;
  u32 placed_ = 0;
  std::vector<Preparation> preparations_;
};

// Each writes one or a few instructions that cannot trap. `in_it`: inside an IT block.
void write_a32(Writer& w);
void write_t32(Writer& w, bool in_it);
void write_vfp(Writer& w);
void write_neon(Writer& w);
void write_safe_access(Writer& w);

/// How a program ends. The registers that it needs are chosen and prepared before the body is written, the
/// instructions themselves after it.
struct Ending {
  std::function<void(Writer&)> write;
  u32 length = 1;           // instructions that `write` writes
  bool jumps = false;       // must be the last of an IT block
  bool conditional = true;  // may stand in an IT block
};
Ending plan_access(Writer& w);
Ending plan_exclusive(Writer& w);
Ending plan_vector_access(Writer& w);
Ending plan_jump(Writer& w);

}  // namespace gotee::differential
