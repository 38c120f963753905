// SPDX-License-Identifier: BSD-3-Clause
//
// The JSON grammar as a state machine. Ref: [RFC 8259]; UTF-8 as in [Unicode] Table 3-7.
#include "core/rpc/json.h"

#include <algorithm>

namespace gotee::json {
namespace {

constexpr bool is_blank(u8 c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
constexpr bool is_digit(u8 c) { return c >= '0' && c <= '9'; }

constexpr int hex_digit(u8 c) {
  if (is_digit(c)) return c - '0';
  const u8 letter = u8(c | 0x20);
  return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

void put_utf8(Text& out, u32 point) {
  if (point < 0x80) {
    out.put(char(point));
  } else if (point < 0x800) {
    out.put(char(0xc0 | point >> 6)).put(char(0x80 | (point & 0x3f)));
  } else if (point < 0x10000) {
    out.put(char(0xe0 | point >> 12)).put(char(0x80 | (point >> 6 & 0x3f))).put(char(0x80 | (point & 0x3f)));
  } else {
    out.put(char(0xf0 | point >> 18)).put(char(0x80 | (point >> 12 & 0x3f)));
    out.put(char(0x80 | (point >> 6 & 0x3f))).put(char(0x80 | (point & 0x3f)));
  }
}

/// The code unit of the \uXXXX that starts at `at`, if there is one.
std::optional<u32> code_unit(std::string_view text, std::size_t at) {
  if (text.size() < 6 || at > text.size() - 6 || text[at] != '\\' || text[at + 1] != 'u') return std::nullopt;
  u32 unit = 0;
  for (std::size_t i = at + 2; i < at + 6; ++i) {
    const int digit = hex_digit(u8(text[i]));
    if (digit < 0) return std::nullopt;
    unit = unit << 4 | u32(digit);
  }
  return unit;
}

constexpr bool is_high_surrogate(u32 unit) { return unit >= 0xd800 && unit <= 0xdbff; }
constexpr bool is_low_surrogate(u32 unit) { return unit >= 0xdc00 && unit <= 0xdfff; }
constexpr u32 kReplacement = 0xfffd;

/// Decodes the escape at text[at], a backslash; returns where the text goes on.
std::size_t put_escape(std::string_view text, std::size_t at, Text& out) {
  if (const auto unit = code_unit(text, at)) {
    at += 6;
    if (is_high_surrogate(*unit)) {
      const u32 low = code_unit(text, at).value_or(0);
      if (!is_low_surrogate(low)) {
        put_utf8(out, kReplacement);
        return at;
      }
      put_utf8(out, 0x10000 + ((*unit - 0xd800) << 10) + (low - 0xdc00));
      return at + 6;
    }
    put_utf8(out, is_low_surrogate(*unit) ? kReplacement : *unit);
    return at;
  }
  const char c = at + 1 < text.size() ? text[at + 1] : '\\';
  switch (c) {
    case 'b': out.put('\b'); break;
    case 'f': out.put('\f'); break;
    case 'n': out.put('\n'); break;
    case 'r': out.put('\r'); break;
    case 't': out.put('\t'); break;
    default: out.put(c); break;
  }
  return at + 2;
}

}  // namespace

Part Scanner::feed(u8 byte) {
  if (state_ == State::Done || state_ == State::Failed) *this = Scanner{};
  const State state_before = state_;
  const u64 depth_before = depth_;
  if (first_ == 0 && !is_blank(byte)) first_ = char(byte);
  step(byte);
  if (state_ == State::Failed) return Part::Error;
  if (state_ == State::Done)
    return depth_before == 0 && in_number(state_before) ? Part::EndBefore : Part::End;
  if (depth_before > 1 || depth_ > 1) return Part::Value;
  const bool closed_token = in_token(state_before) && !in_number(state_before);
  if (depth_ == 0 || !(in_token(state_) || closed_token)) return Part::Blank;
  return in_name_ ? Part::Name : Part::Value;
}

void Scanner::step(u8 byte) {
  if (in_number(state_)) return number(byte);
  switch (state_) {
    case State::String: return string(byte);
    case State::Escape: return escape(byte);
    case State::Hex: return hex(byte);
    case State::Utf8: return continuation(byte);
    case State::Literal: return literal(byte);
    default: return between(byte);
  }
}

void Scanner::between(u8 byte) {
  if (is_blank(byte)) return;
  switch (state_) {
    case State::FirstElement: return byte == ']' ? close() : value(byte);
    case State::FirstName: return byte == '}' ? close() : name(byte);
    case State::NextName: return name(byte);
    case State::After: return after(byte);
    case State::Deep: return deep(byte);
    case State::Colon:
      if (byte != ':') return fail(byte);
      in_name_ = false;
      state_ = State::Value;
      return;
    default: return value(byte);
  }
}

void Scanner::value(u8 byte) {
  switch (byte) {
    case '{': return open(true);
    case '[': return open(false);
    case '"': state_ = State::String; return;
    case '-': state_ = State::Minus; return;
    case '0': state_ = State::Zero; return;
    case 't': literal_ = "rue"; break;
    case 'f': literal_ = "alse"; break;
    case 'n': literal_ = "ull"; break;
    default:
      if (!is_digit(byte)) return fail(byte);
      state_ = State::Integer;
      return;
  }
  state_ = State::Literal;
}

void Scanner::name(u8 byte) {
  if (byte != '"') return fail(byte);
  in_name_ = true;
  state_ = State::String;
}

void Scanner::after(u8 byte) {
  if (byte == u8(in_object() ? '}' : ']')) return close();
  if (byte != ',') return fail(byte);
  state_ = in_object() ? State::NextName : State::Value;
}

void Scanner::deep(u8 byte) {
  if (byte == '"') state_ = State::String;
  if (byte == '[' || byte == '{') ++depth_;
  if ((byte == ']' || byte == '}') && --depth_ == kMaxDepth) state_ = State::After;
}

void Scanner::open(bool object) {
  ++depth_;
  if (depth_ > kMaxDepth) {
    too_deep_ = true;
    state_ = State::Deep;
    return;
  }
  const u32 bit = 1u << (depth_ - 1);
  objects_ = object ? objects_ | bit : objects_ & ~bit;
  state_ = object ? State::FirstName : State::FirstElement;
}

void Scanner::close() {
  --depth_;
  finish_token();
}

void Scanner::finish_token() {
  if (depth_ > kMaxDepth) {
    state_ = State::Deep;
  } else if (in_name_) {
    state_ = State::Colon;
  } else {
    state_ = depth_ == 0 ? State::Done : State::After;
  }
}

void Scanner::string(u8 byte) {
  if (byte == '"') return finish_token();
  if (byte == '\\') {
    state_ = State::Escape;
  } else if (byte >= 0x80) {
    lead(byte);
  } else if (byte < 0x20) {
    fail(byte);
  }
}

void Scanner::lead(u8 byte) {
  if (byte < 0xc2 || byte > 0xf4) return fail(byte);
  left_ = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
  // No overlong forms, no surrogates, nothing past U+10FFFF.
  low_ = byte == 0xe0 ? 0xa0 : byte == 0xf0 ? 0x90 : 0x80;
  high_ = byte == 0xed ? 0x9f : byte == 0xf4 ? 0x8f : 0xbf;
  state_ = State::Utf8;
}

void Scanner::continuation(u8 byte) {
  if (byte < low_ || byte > high_) return fail(byte);
  low_ = 0x80, high_ = 0xbf;
  if (--left_ == 0) state_ = State::String;
}

void Scanner::escape(u8 byte) {
  if (byte == 'u') {
    left_ = 4;
    state_ = State::Hex;
  } else if (std::string_view{"\"\\/bfnrt"}.find(char(byte)) != std::string_view::npos) {
    state_ = State::String;
  } else {
    fail(byte);
  }
}

void Scanner::hex(u8 byte) {
  if (hex_digit(byte) < 0) return fail(byte);
  if (--left_ == 0) state_ = State::String;
}

void Scanner::literal(u8 byte) {
  if (byte != u8(*literal_)) return fail(byte);
  if (*++literal_ == '\0') finish_token();
}

void Scanner::number(u8 byte) {
  const bool digit = is_digit(byte);
  const bool exponent = byte == 'e' || byte == 'E';
  switch (state_) {
    case State::Minus:
      if (!digit) return fail(byte);
      state_ = byte == '0' ? State::Zero : State::Integer;
      return;
    case State::Zero:
    case State::Integer:
      if (digit && state_ == State::Integer) return;
      if (byte == '.') {
        state_ = State::Point;
        return;
      }
      break;
    case State::Point:
      if (!digit) return fail(byte);
      state_ = State::Fraction;
      return;
    case State::Fraction:
      if (digit) return;
      break;
    case State::Exponent:
      if (byte == '+' || byte == '-') {
        state_ = State::ExponentSign;
        return;
      }
      [[fallthrough]];
    case State::ExponentSign:
      if (!digit) return fail(byte);
      state_ = State::ExponentDigits;
      return;
    default:
      if (!digit) number_end(byte);
      return;
  }
  if (!exponent) return number_end(byte);
  state_ = State::Exponent;
}

void Scanner::number_end(u8 byte) {
  finish_token();
  if (state_ == State::After) between(byte);
}

void Scanner::fail(u8 byte) {
  failed_in_ = state_;
  bad_byte_ = byte;
  state_ = State::Failed;
}

void Scanner::explain(Text& out) const {
  out.put("invalid character '");
  if (bad_byte_ >= 0x20 && bad_byte_ < 0x7f) {
    if (bad_byte_ == '\'' || bad_byte_ == '\\') out.put('\\');
    out.put(char(bad_byte_));
  } else {
    out.put("\\x").hex(bad_byte_, 2);
  }
  out.put("' ");
  switch (failed_in_) {
    case State::FirstName:
    case State::NextName: out.put("looking for beginning of object key string"); return;
    case State::Colon: out.put("after object key"); return;
    case State::After: out.put(in_object() ? "after object key:value pair" : "after array element"); return;
    case State::String: out.put("in string literal"); return;
    case State::Escape: out.put("in string escape code"); return;
    case State::Hex: out.put("in \\u hexadecimal character escape"); return;
    case State::Utf8: out.put("in UTF-8 sequence"); return;
    case State::Literal: out.put("in literal (expecting '").put(*literal_).put("')"); return;
    default: break;
  }
  out.put(in_number(failed_in_) ? "in numeric literal" : "looking for beginning of value");
}

std::optional<Child> Children::next() {
  Child child;
  while (at_ < text_.size()) {
    const std::size_t here = at_++;
    const Part part = scanner_.feed(u8(text_[here]));
    const auto grow = [&](std::string_view& slice) {
      const std::size_t start = slice.empty() ? here : std::size_t(slice.data() - text_.data());
      slice = {text_.data() + start, at_ - start};
    };
    if (part == Part::Name) grow(child.name);
    if (part == Part::Value) grow(child.value);
    if (part > Part::Value) at_ = text_.size();
    if (part != Part::Value && !child.value.empty()) return child;
  }
  return std::nullopt;
}

std::string_view member(std::string_view object, std::string_view name) {
  std::string_view found;
  Children children{object};
  while (const auto child = children.next()) {
    if (is_name(child->name, name)) found = child->value;
  }
  return found;
}

bool is_name(std::string_view quoted, std::string_view name) {
  TextBuffer<32> text;
  return unescape(quoted, text) && std::ranges::equal(text.view(), name, {}, lower, lower);
}

bool unescape(std::string_view quoted, Text& out) {
  if (quoted.size() < 2 || quoted.front() != '"' || quoted.back() != '"') return false;
  const std::string_view text{quoted.data() + 1, quoted.size() - 2};
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == '\\') {
      at = put_escape(text, at, out);
    } else {
      out.put(text[at++]);
    }
  }
  return !out.truncated();
}

}  // namespace gotee::json
