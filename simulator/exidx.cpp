// SPDX-License-Identifier: BSD-3-Clause
//
// Unwinding with the ARM exception tables.
// Ref: [EHABI32] IHI 0038, Exception Handling ABI for the Arm Architecture, chapters 5, 6 and 10.
#include "simulator/exidx.h"

#include <bit>

#include "simulator/byte_reader.h"

namespace gotee::sim::exidx {
namespace {

constexpr u32 kEntrySize = 8;
constexpr u32 kCannotUnwind = 1;
constexpr u32 kCompact = 1u << 31;

/// The target of the place-relative 31-bit offset `value` found at `place`.
u32 prel31(u32 place, u32 value) {
  const u32 sign = (value & 0x40000000) << 1;
  return place + ((value & 0x7fffffff) | sign);
}

void append(std::vector<u8>& out, u32 word, unsigned bytes) {
  while (bytes-- > 0) out.push_back(u8(word >> (8 * bytes)));
}

/// `head` holds `inline_bytes` instructions in its low bytes; `more` words follow it at `address`.
bool collect(const ElfView& elf, u32 head, unsigned inline_bytes, u32 address, u32 more,
             std::vector<u8>& out) {
  append(out, head, inline_bytes);
  for (u32 i = 0; i < more; ++i) {
    const auto word = elf.word(address + 4 * i);
    if (!word) return false;
    append(out, *word, 4);
  }
  return true;
}

bool compact(const ElfView& elf, u32 head, u32 next, std::vector<u8>& out) {
  switch ((head >> 24) & 0x7f) {
    case 0: return collect(elf, head, 3, next, 0, out);
    case 1:
    case 2: return collect(elf, head, 2, next, (head >> 16) & 0xff, out);
    default: return false;
  }
}

bool from_extab(const ElfView& elf, u32 address, std::vector<u8>& out) {
  const auto head = elf.word(address);
  if (!head) return false;
  if ((*head & kCompact) != 0) return compact(elf, *head, address + 4, out);
  const auto count_and_code = elf.word(address + 4);  // behind the address of the personality routine
  return count_and_code && collect(elf, *count_and_code, 3, address + 8, *count_and_code >> 24, out);
}

u32 function_at(const ElfView& elf, u32 entry) { return prel31(entry, elf.word(entry).value_or(0)) & ~1u; }

/// The last entry whose function begins at or before `address`. The table is sorted; where a hostile one is
/// not, the answer is wrong but still an entry.
std::optional<u32> search(const ElfView& elf, ElfView::Range table, u32 address) {
  if (elf.bytes(table.address, table.size).empty()) return std::nullopt;
  u32 low = 0;
  u32 high = table.size / kEntrySize;
  while (low < high) {
    const u32 middle = low + (high - low) / 2;
    if (function_at(elf, table.address + middle * kEntrySize) <= address) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low == 0) return std::nullopt;
  return table.address + (low - 1) * kEntrySize;
}

/// One run of the unwinding instructions. Ref: IHI 0038, 10.3, table 4.
class Interpreter {
 public:
  Interpreter(std::span<const u8> code, FrameState& state, const ReadMemory& read)
      : code_{code}, state_{state}, read_{read}, vsp_{state.sp()} {}

  Outcome run() {
    if (!state_.knows(kSp)) return Outcome::Malformed;
    state_.forget(kPc);
    while (!code_.empty() && !finished_ && outcome_ == Outcome::Done) step(code_.byte());
    if (outcome_ != Outcome::Done) return outcome_;
    if (!state_.knows(kPc)) {
      if (!state_.knows(kLr)) return Outcome::Malformed;
      state_.set(kPc, state_.r[kLr]);
    }
    state_.set(kSp, vsp_);
    return Outcome::Done;
  }

 private:
  void fail(Outcome outcome) { outcome_ = outcome; }
  void skip(u32 bytes) { vsp_ += bytes; }  // registers that nobody asks for
  void fstmfdx(u32 registers) { skip(8 * registers + 4); }
  void doubles(u32 registers) { skip(8 * registers); }
  /// The number of registers in an operand of start and count minus one.
  u32 counted() { return (operand() & 15u) + 1; }

  u8 operand() {
    const u8 value = code_.byte();
    if (!code_.ok()) fail(Outcome::Malformed);
    return value;
  }

  void step(u8 op) {
    if (op < 0x40) return skip((u32(op) << 2) + 4);
    if (op < 0x80) return skip(0u - ((u32(op & 0x3f) << 2) + 4));
    if (op < 0x90) return pop_masked(op);
    if (op < 0xa0) return move_to_sp(op & 15);
    if (op < 0xb0) return pop(((1u << ((op & 7) + 1)) - 1) << 4 | u32(op & 8) << (kLr - 3));
    if (op >= 0xb8 && op < 0xc0) return fstmfdx((op & 7u) + 1);
    if (op >= 0xc0 && op < 0xc6) return doubles((op & 7u) + 1);  // wR10 to wR[10 + nnn]
    if (op >= 0xd0 && op < 0xd8) return doubles((op & 7u) + 1);  // D8 to D[8 + nnn], VPUSH
    other(op);
  }

  void other(u8 op) {
    switch (op) {
      case 0xb0: finished_ = true; return;
      case 0xb1: return pop_low();
      case 0xb2: return grow_by_uleb();
      case 0xb3: return fstmfdx(counted());
      case 0xb4: return skip(4);  // return address authentication code
      case 0xb5: return;          // vsp is its modifier: nothing moves
      case 0xc6: return doubles(counted());
      case 0xc7: return pop_wmmx_control();
      case 0xc8:
      case 0xc9: return doubles(counted());
      default: return fail(Outcome::Malformed);  // spare
    }
  }

  void pop_masked(u8 op) {
    const u32 mask = u32(op & 15) << 8 | operand();
    if (mask == 0) return fail(Outcome::Refused);
    pop(mask << 4);
  }

  void pop_low() {
    const u8 mask = operand();
    if (mask == 0 || mask > 15) return fail(Outcome::Malformed);
    pop(mask);
  }

  void pop_wmmx_control() {
    const u8 mask = operand();
    if (mask == 0 || mask > 15) return fail(Outcome::Malformed);
    skip(4 * u32(std::popcount(mask)));
  }

  void grow_by_uleb() {
    const u64 words = code_.uleb();
    if (!code_.ok() || words > UINT32_MAX / 8) return fail(Outcome::Malformed);
    skip(0x204 + (u32(words) << 2));
  }

  void move_to_sp(unsigned from) {
    if (from == kSp || from == kPc || !state_.knows(from)) return fail(Outcome::Malformed);
    vsp_ = state_.r[from];
  }

  void pop(u32 mask) {
    bool loaded_sp = false;
    u32 at = vsp_;
    for (unsigned i = 0; i < 16; ++i) {
      if (((mask >> i) & 1) == 0) continue;
      const auto value = read_word(read_, at);
      if (!value) return fail(Outcome::Unreadable);
      state_.set(i, *value);
      loaded_sp = loaded_sp || i == kSp;
      at += 4;
    }
    vsp_ = loaded_sp ? state_.r[kSp] : at;
  }

  ByteReader code_;
  FrameState& state_;
  const ReadMemory& read_;
  u32 vsp_;
  bool finished_ = false;
  Outcome outcome_ = Outcome::Done;
};

}  // namespace

std::optional<Entry> find(const ElfView& elf, u32 address) {
  const auto table = elf.exidx();
  if (!table) return std::nullopt;
  const auto place = search(elf, *table, address);
  if (!place) return std::nullopt;
  const auto content = elf.word(*place + 4);
  if (!content) return std::nullopt;

  Entry entry;
  entry.function = function_at(elf, *place);
  if (*content == kCannotUnwind) {
    entry.cannot_unwind = true;
    return entry;
  }
  const bool usable = (*content & kCompact) != 0
                          ? (*content >> 24) == 0x80 && compact(elf, *content, 0, entry.instructions)
                          : from_extab(elf, prel31(*place + 4, *content), entry.instructions);
  if (!usable) return std::nullopt;
  return entry;
}

Outcome execute(std::span<const u8> instructions, FrameState& state, const ReadMemory& read) {
  return Interpreter{instructions, state, read}.run();
}

}  // namespace gotee::sim::exidx
