// SPDX-License-Identifier: BSD-3-Clause
//
// Unwinding with .debug_frame, DWARF's call frame information.
// Ref: [DWARF5] 6.4 and 7.24; [AADWARF32] IHI 0040, register numbers.
#include "simulator/debug_frame.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "simulator/byte_reader.h"
#include "simulator/dwarf_expression.h"

namespace gotee::sim {
namespace {

constexpr std::size_t kMostRemembered = 16;
constexpr u32 kSection64Bit = 0xffffffff;  // 64-bit DWARF: nobody makes it for a 32-bit processor
constexpr u32 kCommonId = 0xffffffff;

/// Call frame instructions; the first three carry an operand in their low six bits.
enum CallFrame : u8 {
  kAdvanceLoc = 0x40,
  kOffset = 0x80,
  kRestore = 0xc0,
  kNop = 0x00,
  kAdvanceLoc1 = 0x02,
  kAdvanceLoc2 = 0x03,
  kAdvanceLoc4 = 0x04,
  kOffsetExtended = 0x05,
  kRestoreExtended = 0x06,
  kUndefined = 0x07,
  kSameValue = 0x08,
  kRegister = 0x09,
  kRememberState = 0x0a,
  kRestoreState = 0x0b,
  kDefCfa = 0x0c,
  kDefCfaRegister = 0x0d,
  kDefCfaOffset = 0x0e,
  kDefCfaExpression = 0x0f,
  kExpression = 0x10,
  kOffsetExtendedSf = 0x11,
  kDefCfaSf = 0x12,
  kDefCfaOffsetSf = 0x13,
  kValOffset = 0x14,
  kValOffsetSf = 0x15,
  kValExpression = 0x16,
  kGnuArgsSize = 0x2e,
  kGnuNegativeOffsetExtended = 0x2f,
};

/// Where a register of the caller is to be found.
struct Rule {
  enum class Kind : u8 {
    Unspecified,
    Undefined,
    Same,
    AtOffset,
    IsOffset,
    Register,
    AtExpression,
    IsExpression
  };
  Kind kind = Kind::Unspecified;
  u32 value = 0;  // bytes from the CFA, or the register's number
  std::span<const u8> expression;
};

/// The canonical frame address: the value of sp before the call.
struct CfaRule {
  u64 base = 16;  // a register's number; 16 is none
  u32 offset = 0;
  std::span<const u8> expression;  // instead, where not empty
};

/// One row of the table that the instructions describe.
struct Row {
  CfaRule cfa;
  std::array<Rule, 16> rules{};
};

/// A CIE.
struct Common {
  u64 code_factor = 1;
  u64 data_factor = 1;  // two's complement
  u64 return_register = kLr;
  std::span<const u8> program;
};

/// Runs call frame instructions up to the row for one address.
class RowBuilder {
 public:
  explicit RowBuilder(const Common& common) : common_{common} {}

  /// Runs until the location passes `distance` bytes from where the function begins. False when an
  /// instruction is malformed or not known.
  bool run(std::span<const u8> program, u64 distance) {
    ByteReader code{program};
    distance_ = distance;
    location_ = 0;
    reached_ = false;
    while (good_ && code.ok() && !reached_ && !code.empty()) step(code);
    return good_ && code.ok();
  }

  /// What is built so far becomes what DW_CFA_restore goes back to.
  void keep_as_initial() { initial_ = row_; }
  const Row& row() const { return row_; }

 private:
  using Kind = Rule::Kind;

  void advance(u64 delta) {
    const u64 bytes = delta * common_.code_factor;
    reached_ = bytes > distance_ - location_;
    if (!reached_) location_ += bytes;
  }
  u32 factored(u64 operand) const { return u32(operand * common_.data_factor); }

  // Registers beyond r15 are those of the floating-point unit, which no caller is found by.
  void rule(u64 number, Kind kind, u32 value = 0, std::span<const u8> expression = {}) {
    if (number < row_.rules.size()) row_.rules[std::size_t(number)] = {kind, value, expression};
  }
  void restore(u64 number) {
    if (number < row_.rules.size()) row_.rules[std::size_t(number)] = initial_.rules[std::size_t(number)];
  }
  void base(u64 number) {
    row_.cfa.base = number;
    row_.cfa.expression = {};
  }
  static std::span<const u8> block(ByteReader& code) {
    const u64 size = code.uleb();
    return code.take(size);
  }
  void remember() {
    good_ = depth_ < remembered_.size();
    if (good_) remembered_[depth_++] = row_;
  }
  void recall() {
    good_ = depth_ > 0;
    if (good_) row_ = remembered_[--depth_];
  }

  void step(ByteReader& code) {
    const u8 op = code.byte();
    const u64 low = op & 0x3f;
    switch (op & 0xc0) {
      case kAdvanceLoc: return advance(low);
      case kOffset: return rule(low, Kind::AtOffset, factored(code.uleb()));
      case kRestore: return restore(low);
      default: break;
    }
    switch (op) {
      case kNop: return;
      case kAdvanceLoc1: return advance(code.byte());
      case kAdvanceLoc2: return advance(code.half());
      case kAdvanceLoc4: return advance(code.word());
      case kRememberState: return remember();
      case kRestoreState: return recall();
      case kDefCfaOffset: row_.cfa.offset = u32(code.uleb()); return;
      case kDefCfaOffsetSf: row_.cfa.offset = factored(u64(code.sleb())); return;
      case kDefCfaExpression: row_.cfa.expression = block(code); return;
      case kGnuArgsSize: code.uleb(); return;
      default: return with_register(code, op, code.uleb());
    }
  }

  void with_register(ByteReader& code, u8 op, u64 number) {
    switch (op) {
      case kOffsetExtended: return rule(number, Kind::AtOffset, factored(code.uleb()));
      case kOffsetExtendedSf: return rule(number, Kind::AtOffset, factored(u64(code.sleb())));
      case kGnuNegativeOffsetExtended: return rule(number, Kind::AtOffset, 0u - factored(code.uleb()));
      case kValOffset: return rule(number, Kind::IsOffset, factored(code.uleb()));
      case kValOffsetSf: return rule(number, Kind::IsOffset, factored(u64(code.sleb())));
      case kRestoreExtended: return restore(number);
      case kUndefined: return rule(number, Kind::Undefined);
      case kSameValue: return rule(number, Kind::Same);
      case kRegister: return rule(number, Kind::Register, u32(std::min<u64>(code.uleb(), 16)));
      case kExpression: return rule(number, Kind::AtExpression, 0, block(code));
      case kValExpression: return rule(number, Kind::IsExpression, 0, block(code));
      case kDefCfa: base(number), row_.cfa.offset = u32(code.uleb()); return;
      case kDefCfaSf: base(number), row_.cfa.offset = factored(u64(code.sleb())); return;
      case kDefCfaRegister: return base(number);
      default: good_ = false;  // DW_CFA_set_loc too: no compiler for ARM emits it
    }
  }

  const Common& common_;
  u64 distance_ = 0;
  u64 location_ = 0;  // never beyond distance_
  bool reached_ = false;
  bool good_ = true;
  Row row_;
  Row initial_;
  std::array<Row, kMostRemembered> remembered_{};
  std::size_t depth_ = 0;
};

/// Everything behind an entry's length.
struct Unit {
  u32 body = 0;  // its offset in the section
  std::span<const u8> bytes;
};

std::optional<Unit> unit_at(std::span<const u8> section, u64 offset) {
  if (offset > section.size()) return std::nullopt;
  ByteReader reader{section.subspan(std::size_t(offset))};
  const u32 length = reader.word();
  if (!reader.ok() || length == kSection64Bit) return std::nullopt;
  const Unit unit{u32(offset) + 4, reader.take(length)};
  if (!reader.ok()) return std::nullopt;
  return unit;
}

std::optional<Common> common_at(std::span<const u8> section, u32 offset) {
  const auto unit = unit_at(section, offset);
  if (!unit) return std::nullopt;
  ByteReader reader{unit->bytes};
  if (reader.word() != kCommonId) return std::nullopt;
  const u8 version = reader.byte();
  // An augmentation may change what everything after it means; only .eh_frame has use for one.
  if (version == 0 || version > 4 || reader.byte() != 0) return std::nullopt;
  if (version == 4 && (reader.byte() != 4 || reader.byte() != 0)) return std::nullopt;  // address, segment
  Common common;
  common.code_factor = reader.uleb();
  common.data_factor = u64(reader.sleb());
  common.return_register = version == 1 ? reader.byte() : reader.uleb();
  common.program = reader.take(reader.remaining());
  if (!reader.ok() || common.return_register >= kPc) return std::nullopt;
  return common;
}

std::optional<u32> canonical_frame_address(const CfaRule& rule, const FrameState& state,
                                           const ReadMemory& read) {
  if (!rule.expression.empty()) return evaluate(rule.expression, std::nullopt, state, read);
  if (rule.base > kPc || !state.knows(unsigned(rule.base))) return std::nullopt;
  return state.r[std::size_t(rule.base)] + rule.offset;
}

std::optional<u32> recover(const Rule& rule, u32 number, u32 cfa, const FrameState& state,
                           const ReadMemory& read) {
  const auto same = [&](u32 i) { return state.knows(i) ? std::optional{state.r[i]} : std::nullopt; };
  switch (rule.kind) {
    case Rule::Kind::Undefined: return std::nullopt;
    case Rule::Kind::Unspecified:
    case Rule::Kind::Same: return same(number);
    case Rule::Kind::AtOffset: return read_word(read, cfa + rule.value);
    case Rule::Kind::IsOffset: return cfa + rule.value;
    case Rule::Kind::Register: return same(rule.value);
    case Rule::Kind::AtExpression: {
      const auto address = evaluate(rule.expression, cfa, state, read);
      return address ? read_word(read, *address) : std::nullopt;
    }
    case Rule::Kind::IsExpression: return evaluate(rule.expression, cfa, state, read);
  }
  return std::nullopt;
}

std::optional<FrameState> apply(const Row& row, u64 return_register, const FrameState& state,
                                const ReadMemory& read) {
  const auto cfa = canonical_frame_address(row.cfa, state, read);
  if (!cfa) return std::nullopt;
  FrameState caller = state;
  caller.set(kSp, *cfa);
  for (u32 i = 0; i < kPc; ++i) {
    const Rule& rule = row.rules[i];
    if (i == kSp && rule.kind == Rule::Kind::Unspecified) continue;
    if (const auto value = recover(rule, i, *cfa, state, read)) {
      caller.set(i, *value);
    } else {
      caller.forget(i);
    }
  }
  const u32 from = u32(return_register);
  if (!caller.knows(from)) return std::nullopt;
  caller.set(kPc, caller.r[from]);
  return caller;
}

}  // namespace

DebugFrame::DebugFrame(std::span<const u8> section) : section_{section} {
  u64 offset = 0;
  while (const auto unit = unit_at(section, offset)) {
    offset = u64{unit->body} + unit->bytes.size();
    ByteReader reader{unit->bytes};
    const u32 common = reader.word();
    const u32 begin = reader.word() & ~1u;  // Thumb
    const u32 size = reader.word();
    if (!reader.ok() || common == kCommonId || size == 0) continue;
    const auto program_size = u32(reader.remaining());
    functions_.push_back({begin, size, common, unit->body + 12, program_size});
  }
  std::stable_sort(functions_.begin(), functions_.end(),
                   [](const Function& a, const Function& b) { return a.begin < b.begin; });
}

std::optional<FrameState> DebugFrame::caller(u32 address, const FrameState& state,
                                             const ReadMemory& read) const {
  auto function = std::upper_bound(functions_.begin(), functions_.end(), address,
                                   [](u32 wanted, const Function& f) { return wanted < f.begin; });
  if (function == functions_.begin()) return std::nullopt;
  --function;
  const u32 distance = address - function->begin;
  if (distance >= function->size) return std::nullopt;

  const auto common = common_at(section_, function->common);
  if (!common) return std::nullopt;
  RowBuilder builder{*common};
  if (!builder.run(common->program, UINT64_MAX)) return std::nullopt;
  builder.keep_as_initial();
  if (!builder.run(section_.subspan(function->program, function->program_size), distance))
    return std::nullopt;
  return apply(builder.row(), common->return_register, state, read);
}

}  // namespace gotee::sim
