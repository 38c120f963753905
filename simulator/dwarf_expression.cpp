// SPDX-License-Identifier: BSD-3-Clause
//
// The few DWARF operations that call frame information is made of.
// Ref: [DWARF5] 2.5 and 7.7.1.
#include "simulator/dwarf_expression.h"

#include <array>

#include "simulator/byte_reader.h"

namespace gotee::sim {
namespace {

enum Operation : u8 {
  kDeref = 0x06,
  kConst1u = 0x08,
  kConst1s = 0x09,
  kConst2u = 0x0a,
  kConst2s = 0x0b,
  kConst4u = 0x0c,
  kConst4s = 0x0d,
  kConstu = 0x10,
  kConsts = 0x11,
  kDup = 0x12,
  kDrop = 0x13,
  kAnd = 0x1a,
  kMinus = 0x1c,
  kNeg = 0x1f,
  kOr = 0x21,
  kPlus = 0x22,
  kPlusUconst = 0x23,
  kLit0 = 0x30,
  kLit31 = 0x4f,
  kBreg0 = 0x70,
  kBreg31 = 0x8f,
  kBregx = 0x92,
  kNop = 0x96,
};

class Evaluator {
 public:
  Evaluator(std::span<const u8> code, const FrameState& state, const ReadMemory& read)
      : code_{code}, state_{state}, read_{read} {}

  void push(u32 value) {
    if (depth_ == stack_.size()) {
      good_ = false;
    } else {
      stack_[depth_++] = value;
    }
  }

  std::optional<u32> run() {
    while (good_ && !code_.empty()) step(code_.byte());
    if (!good_ || !code_.ok() || depth_ == 0) return std::nullopt;
    return stack_[depth_ - 1];
  }

 private:
  u32 pop() {
    if (depth_ == 0) {
      good_ = false;
      return 0;
    }
    return stack_[--depth_];
  }

  void push_register(u64 number, std::int64_t offset) {
    if (number > kPc || !state_.knows(unsigned(number))) {
      good_ = false;
    } else {
      push(state_.r[std::size_t(number)] + u32(offset));
    }
  }

  void dereference() {
    const auto value = read_word(read_, pop());
    if (value) {
      push(*value);
    } else {
      good_ = false;
    }
  }

  void step(u8 op) {
    if (op >= kLit0 && op <= kLit31) return push(op - u32{kLit0});
    if (op >= kBreg0 && op <= kBreg31) return push_register(u64(op - kBreg0), code_.sleb());
    switch (op) {
      case kBregx: {
        const u64 number = code_.uleb();
        return push_register(number, code_.sleb());
      }
      case kConst1u: return push(code_.byte());
      case kConst1s: return push(u32(std::int8_t(code_.byte())));
      case kConst2u: return push(code_.half());
      case kConst2s: return push(u32(std::int16_t(code_.half())));
      case kConst4u:
      case kConst4s: return push(code_.word());
      case kConstu: return push(u32(code_.uleb()));
      case kConsts: return push(u32(code_.sleb()));
      case kPlusUconst: return push(pop() + u32(code_.uleb()));
      default: return operate(op);
    }
  }

  void operate(u8 op) {
    if (op == kNop) return;
    if (op == kDeref) return dereference();
    const u32 top = pop();
    switch (op) {
      case kDrop: return;
      case kDup: return push(top), push(top);
      case kNeg: return push(0u - top);
      case kAnd: return push(pop() & top);
      case kOr: return push(pop() | top);
      case kPlus: return push(pop() + top);
      case kMinus: return push(pop() - top);
      default: good_ = false;
    }
  }

  ByteReader code_;
  const FrameState& state_;
  const ReadMemory& read_;
  std::array<u32, 16> stack_{};
  std::size_t depth_ = 0;
  bool good_ = true;
};

}  // namespace

std::optional<u32> evaluate(std::span<const u8> expression, std::optional<u32> initial,
                            const FrameState& state, const ReadMemory& read) {
  Evaluator evaluator{expression, state, read};
  if (initial) evaluator.push(*initial);
  return evaluator.run();
}

}  // namespace gotee::sim
