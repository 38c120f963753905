// SPDX-License-Identifier: BSD-3-Clause
//
// Loads and stores of general registers. Ref: [ARM ARM] DDI 0406C.d, A5.2.8, A5.3, A5.5, A6.2.4,
// A6.3.5 to A6.3.9.
#include "tests/qemu/differential/writer.h"

namespace gotee::differential {
namespace {

u32 at(u32 number, u32 bit) { return number << bit; }

/// A base register. r13 now and then, but not in Thumb, where it must stay a multiple of four (A6.1.2).
u32 choose_base(Writer& w) {
  if (!w.thumb() && w.dice.chance(8)) return kSp;
  return w.target(w.dice.chance(70) && w.free(kLow) != 0 ? kLow : kGeneral);
}

// --- One register ---------------------------------------------------------------------------------------

struct Single {
  const char* name;
  u32 size;
  bool load, is_signed;
};
constexpr Single kSingles[] = {{"ldrb", 1, true, false},  {"ldrsb", 1, true, true}, {"ldrh", 2, true, false},
                               {"ldrsh", 2, true, true},  {"ldr", 4, true, false},  {"strb", 1, false, false},
                               {"strh", 2, false, false}, {"str", 4, false, false}};

enum class Form : u8 { Offset, Pre, Post, Unprivileged, Register };
constexpr const char* kFormNames[] = {"", " pre-indexed", " post-indexed", " unprivileged",
                                      " register offset"};

/// P, U and W, where A32 has them (A5.3).
u32 a32_indexing(Form form, bool up) {
  const u32 pre = form == Form::Post || form == Form::Unprivileged ? 0 : 1u << 24;
  const u32 wback = form == Form::Pre || form == Form::Unprivileged ? 1u << 21 : 0;
  return pre | wback | (up ? 1u << 23 : 0);
}

/// The second operand by immediate or register: `wide` for words and bytes, else for the extra forms
/// (A5.2.8).
u32 a32_single(const Single& s, Form form, bool up, u32 t, u32 base, u32 offset) {
  const u32 head = 0xe0000000 | a32_indexing(form, up) | (s.load ? 1u << 20 : 0) | at(base, 16) | at(t, 12);
  const bool extra = s.size == 2 || s.is_signed;
  if (!extra) return head | 0x04000000 | (s.size == 1 ? 1u << 22 : 0) | offset;
  const u32 op = !s.is_signed ? 0xb0 : (s.size == 1 ? 0xd0 : 0xf0);
  return head | 1u << 22 | op | (offset & 0xf0) << 4 | (offset & 0xf);
}

u32 a32_single_register(const Single& s, Form form, bool up, u32 t, u32 base, u32 index, u32 shift) {
  const u32 head =
      0xe0000000 | a32_indexing(form, up) | (s.load ? 1u << 20 : 0) | at(base, 16) | at(t, 12) | index;
  if (s.size != 2 && !s.is_signed) return head | 0x06000000 | (s.size == 1 ? 1u << 22 : 0) | shift << 7;
  return head | (!s.is_signed ? 0xb0 : (s.size == 1 ? 0xd0 : 0xf0));
}

u32 t32_head(const Single& s, u32 t, u32 base) {
  return 0xf8000000 | (s.is_signed ? 1u << 24 : 0) | (s.size >> 1) << 21 | (s.load ? 1u << 20 : 0) |
         at(base, 16) | at(t, 12);
}

Ending single_register_offset(Writer& w, const Single& s, u32 base, u32 address) {
  const u32 index =
      w.target(w.dice.chance(60) && (w.free(kLow) & ~(1u << base)) != 0 ? kLow & ~(1u << base)
                                                                        : kGeneral & ~(1u << base));
  w.reserve(base);
  const bool plain = s.size == 2 || s.is_signed;
  const Form form = w.thumb() ? Form::Offset : Form(w.dice.below(3));
  const bool up = w.thumb() || w.dice.chance(70);
  const u32 shift = w.thumb() ? w.dice.below(4) : (plain ? 0 : w.dice.below(32));
  const bool narrow = w.thumb() && base < 8 && index < 8 && w.free(kLow) != 0 && w.dice.chance(50);
  const u32 value = w.dice.chance(50) ? w.dice.below(64) : w.dice.word();
  const u32 amount = value << (narrow ? 0 : shift);
  w.prepare(index, value);
  w.prepare(base, form == Form::Post ? address : (up ? address - amount : address + amount));
  return {.write = [=](Writer& v) {
    const u32 t = v.target(narrow ? kLow : kGeneral);
    v.may_abort({.base = address, .size = s.load ? 0 : s.size});
    if (!v.thumb()) return v.put_conditional(a32_single_register(s, form, up, t, base, index, shift));
    if (!narrow) return v.put(t32_head(s, t, base) | shift << 4 | index);
    constexpr u32 kOp[] = {6, 3, 5, 7, 4, 2, 1, 0};  // in the order of kSingles (A6.2.4)
    u32 op = 0;
    for (u32 i = 0; i < 8; ++i) op = std::string_view{kSingles[i].name} == s.name ? kOp[i] : op;
    v.put(0x5000 | op << 9 | index << 6 | base << 3 | t);
  }};
}

Ending single_narrow(Writer& w, const Single& s, u32 base, u32 address) {  // A6.2.4, imm5 and imm8 from SP
  const u32 steps = w.dice.below(base == kSp ? 256 : 32);
  w.prepare(base, address - steps * s.size);
  return {.write = [=](Writer& v) {
    const u32 t = v.target(kLow);
    v.may_abort({.base = address, .size = s.load ? 0 : s.size});
    if (base == kSp) return v.put((s.load ? 0x9800 : 0x9000) | t << 8 | steps);
    const u32 op = s.size == 4 ? 0x6000 : (s.size == 1 ? 0x7000 : 0x8000);
    v.put(op | (s.load ? 0x800 : 0) | steps << 6 | base << 3 | t);
  }};
}

Ending plan_single(Writer& w) {
  const Single s = w.dice.one_of(kSingles);
  const bool stack = w.thumb() && s.size == 4 && w.dice.chance(15);  // narrow, from SP
  const u32 base = stack ? kSp : choose_base(w), address = w.aim(s.size, s.size, !stack);
  const auto form = stack ? Form::Offset : Form(w.dice.below(5));
  w.say(std::string{s.name} + kFormNames[u32(form)]);
  if (form == Form::Register) return single_register_offset(w, s, base, address);
  const bool has_narrow = form == Form::Offset && w.thumb() && !s.is_signed && base < 8;
  if (stack || (has_narrow && w.dice.chance(60))) return single_narrow(w, s, base, address);
  const bool extra = s.size == 2 || s.is_signed;
  const bool wide = w.thumb() ? form == Form::Offset && w.dice.chance(50) : !extra;  // twelve bits of offset
  const bool up = (w.thumb() && (wide || form == Form::Unprivileged)) || w.dice.chance(60);
  u32 offset = w.dice.below(wide ? 0x1000 : 0x100);
  if (!w.thumb() && w.dice.chance(20)) offset = 0;
  const u32 signed_offset = up ? offset : 0 - offset;
  const bool after = form == Form::Post || (form == Form::Unprivileged && !w.thumb());
  w.prepare(base, after ? address : address - signed_offset);
  return {.write = [=](Writer& v) {
    const u32 t = v.target();
    v.may_abort({.base = address, .size = s.load ? 0 : s.size});
    if (!v.thumb()) return v.put_conditional(a32_single(s, form, up, t, base, offset));
    const u32 head = t32_head(s, t, base);
    if (wide) return v.put(head | 1u << 23 | offset);
    constexpr u32 kIndexing[] = {0xc00, 0xd00, 0x900, 0xe00};  // P, U, W of A6.3.7; U is added below
    const u32 plus = up && form != Form::Unprivileged ? 1u << 9 : 0;
    // P = 1, U = 1, W = 0 is the unprivileged form: an offset of eight bits is negative.
    if (form == Form::Offset) return v.put(up ? head | 1u << 23 | offset : head | 0xc00 | offset);
    v.put(head | kIndexing[u32(form)] | plus | offset);
  }};
}

// --- Two registers ---------------------------------------------------------------------------------------

Ending plan_dual(Writer& w) {
  const bool load = w.dice.chance(50);
  const u32 address = w.aim(8, 4);
  const auto form = Form(w.dice.below(3));
  w.say(std::string{load ? "ldrd" : "strd"} + kFormNames[u32(form)]);
  const u32 base = choose_base(w);
  const bool up = w.dice.chance(60);
  const u32 offset = w.thumb() ? 4 * w.dice.below(256) : w.dice.below(256);
  w.prepare(base, form == Form::Post ? address : address - (up ? offset : 0 - offset));
  return {.write = [=](Writer& v) {
    u32 t = v.target(), t2 = 0;
    if (v.thumb()) {
      const u32 others = kGeneral & ~(1u << t);
      t2 = v.free(others) != 0 ? v.target(others) : v.any(others & ~(1u << base));
    } else {
      u32 pairs = 0;  // an even register and the next; r14 has none
      for (u32 even = 0; even < 12; even += 2) {
        if ((v.free() >> even & 3) == 3) pairs |= 1u << even;
      }
      if (pairs == 0) pairs = base > 1 ? 1 : 4;  // none of these is the base, and nothing follows
      t = v.dice.of_set(pairs), t2 = t + 1;
    }
    const u32 both = 1u << t | 1u << t2;
    v.may_abort({.registers = load ? both & ~(1u << base) : 0, .base = address, .size = load ? 0u : 8u});
    if (v.thumb()) {
      const u32 pre = form == Form::Post ? 0 : 1u << 24, wback = form == Form::Offset ? 0 : 1u << 21;
      return v.put(0xe8400000 | pre | (up ? 1u << 23 : 0) | wback | (load ? 1u << 20 : 0) | at(base, 16) |
                   at(t, 12) | at(t2, 8) | offset / 4);
    }
    v.put_conditional(0xe0400000 | a32_indexing(form, up) | (load ? 0xd0 : 0xf0) | at(base, 16) | at(t, 12) |
                      (offset & 0xf0) << 4 | (offset & 0xf));
  }};
}

// --- Many registers --------------------------------------------------------------------------------------

Ending plan_multiple(Writer& w) {
  const bool load = w.dice.chance(50), wback = w.dice.chance(50);
  const bool stack = w.dice.chance(25);  // PUSH, POP
  const u32 base = stack ? kSp : choose_base(w);
  w.reserve(base);
  // Not r13, and not what the body still needs; stores take anything. With write-back not the base.
  const bool narrow = w.thumb() && (stack || base < 8) && w.dice.chance(50);
  const bool with_base = !wback && !stack && !(narrow && !load);
  const u32 others = (load ? w.free() : kGeneral) & ~(1u << base);
  const u32 allowed = others | (with_base ? 1u << base : 0);
  u32 list = 0;
  while (u32(__builtin_popcount(list)) < (w.thumb() && !narrow ? 2 : 1))
    list = w.dice.word() & allowed & (narrow ? kLow : ~0u);
  const u32 bytes = 4 * u32(__builtin_popcount(list));
  const u32 address = w.aim(bytes, 4, !(stack && w.thumb()));
  // Increment or decrement, before or after; a stack has one way each, T32 has two.
  const bool down = stack ? !load : !narrow && w.dice.chance(50);
  const bool before = stack ? !load : (w.thumb() ? down : w.dice.chance(50));
  const bool writes_back = stack || (narrow ? !load || (list >> base & 1) == 0 : wback);
  w.say(std::string{stack ? (load ? "pop" : "push") : (load ? "ldm" : "stm")} + (down ? "d" : "i") +
        (before ? "b" : "a") + (writes_back ? "!" : "") + " of " + std::to_string(bytes));
  const u32 lowest = down ? (before ? 0 - bytes : 4 - bytes) : (before ? 4 : 0);
  w.prepare(base, address - lowest);
  return {.write = [=](Writer& v) {
    v.may_abort({.registers = load && bytes > 4 ? list & ~(1u << base) : 0,
                 .base = address,
                 .size = load ? 0 : bytes});
    const u32 direction = (before ? 1u << 24 : 0) | (down ? 0 : 1u << 23) | (writes_back ? 1u << 21 : 0);
    const u32 wide = direction | (load ? 1u << 20 : 0) | at(base, 16) | list;
    if (!v.thumb()) return v.put_conditional(0xe8000000 | wide);
    if (!narrow) return v.put(0xe8000000 | wide);
    if (stack) return v.put((load ? 0xbc00 : 0xb400) | list);
    v.put((load ? 0xc800 : 0xc000) | base << 8 | list);
  }};
}

// --- Others ----------------------------------------------------------------------------------------------

Ending plan_preload(Writer& w) {  // A8.8.126: a hint, which never aborts
  const u32 base = choose_base(w), address = w.aim(1, 1), offset = w.dice.below(0x1000);
  w.say("preload");
  w.prepare(base, address - offset);
  const u32 which = w.dice.below(3);  // PLD, PLDW, PLI
  return {.write = [=](Writer& v) {
    constexpr u32 kA32[] = {0xf5d0f000, 0xf590f000, 0xf4d0f000},
                  kT32[] = {0xf890f000, 0xf8b0f000, 0xf990f000};
    v.put((v.thumb() ? kT32 : kA32)[which] | at(base, 16) | offset);
  }};
}

}  // namespace

Ending plan_access(Writer& w) {
  switch (w.dice.below(10)) {
    case 0:
    case 1: return plan_dual(w);
    case 2:
    case 3:
    case 4: return plan_multiple(w);
    case 5:
      if (w.dice.chance(30)) return plan_preload(w);
      [[fallthrough]];
    default: return plan_single(w);
  }
}

Ending plan_exclusive(Writer& w) {  // A3.4. A store stands behind the load that makes it possible
  const u32 size = w.dice.of({1, 2, 4, 8});
  const bool stores = w.dice.chance(50);
  const u32 base = choose_base(w), address = w.aim(size, size);
  const u32 offset = w.thumb() && size == 4 ? 4 * w.dice.below(256) : 0;
  w.say((stores ? "ldrex, strex of " : "ldrex of ") + std::to_string(size));
  w.prepare(base, address - offset);
  const u32 length = stores ? 2 : 1;
  return {.write =
              [=](Writer& v) {
                // Registers that differ from each other and from the base; nothing else needs them any more.
                u32 left = kGeneral & ~(1u << base);
                const auto take = [&](u32 among) {
                  const u32 r = v.dice.of_set(left & among);
                  left &= ~(1u << r);
                  return r;
                };
                const u32 t = take(size == 8 && !v.thumb() ? 0x0555 & left >> 1 : kGeneral);
                u32 t2 = t + 1;
                if (size == 8 && v.thumb()) t2 = take(kGeneral);
                if (size == 8) left &= ~(1u << t2);
                const u32 status = take(kGeneral);
                v.may_abort({.registers = size == 8 ? 1u << t | 1u << t2 : 0});
                const u32 fields = at(base, 16) | at(t, 12);
                const u32 log = u32(__builtin_ctz(size));
                constexpr u32 kA32[] = {0xe1d00f9f, 0xe1f00f9f, 0xe1900f9f, 0xe1b00f9f};
                constexpr u32 kT32[] = {0xe8d00f4f, 0xe8d00f5f, 0xe8500f00, 0xe8d0007f};
                const u32 pair = size == 8 ? at(t2, 8) : 0;
                v.put(v.thumb() ? kT32[log] | fields | pair | offset / 4 : kA32[log] | fields);
                if (!stores) return;
                v.may_abort({.base = address, .size = size});
                constexpr u32 kStoreA32[] = {0xe1c00f90, 0xe1e00f90, 0xe1800f90, 0xe1a00f90};
                constexpr u32 kStoreT32[] = {0xe8c00f40, 0xe8c00f50, 0xe8400000, 0xe8c00070};
                if (!v.thumb()) return v.put(kStoreA32[log] | at(base, 16) | at(status, 12) | t);
                v.put(kStoreT32[log] | fields | pair | (size == 4 ? at(status, 8) | offset / 4 : status));
              },
          .length = length,
          .conditional = !stores};  // the store alone would be IMPLEMENTATION DEFINED
}

void write_safe_access(Writer& w) {
  const bool load = w.dice.chance(50);
  const u32 base = at(w.safe(), 16), direction = load ? 1u << 20 : 0;
  const u32 t = load ? w.target() : w.any();
  const u32 up = w.dice.below(2) << 23, words = w.dice.below(128);
  switch (w.dice.below(5)) {
    case 0: {  // LDM, STM
      const u32 list = w.dice.word() & (load ? w.free() : kGeneral);
      if (__builtin_popcount(list) < 2) break;
      const bool down = w.dice.chance(50);
      return w.put_conditional(0xe8000000 | (down ? 1u << 24 : 1u << 23) | direction | base | list);
    }
    case 1:  // VLDR, VSTR
      return w.put_conditional(0xed000a00 | up | direction | base | (w.dice.word() & 0x0040f100) | words);
    case 2: {  // LDRD, STRD
      if (!w.thumb()) break;
      const u32 others = kGeneral & ~(1u << t);
      if (load && w.free(others) == 0) break;
      const u32 t2 = load ? w.target(others) : w.any();
      return w.put(0xe9400000 | up | direction | base | at(t, 12) | at(t2, 8) | words);
    }
    default: break;
  }
  const u32 offset = w.dice.below(kSafeReach);
  if (w.thumb()) return w.put(0xf8800000 | w.dice.below(3) << 21 | direction | base | at(t, 12) | offset);
  w.put_conditional(0xe5000000 | up | w.dice.below(2) << 22 | direction | base | at(t, 12) | offset);
}

}  // namespace gotee::differential
