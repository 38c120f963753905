// SPDX-License-Identifier: BSD-3-Clause
//
// JSON a byte at a time: no tree, no heap, no recursion. Ref: [RFC 8259]; UTF-8 as in [Unicode] Table 3-7.
#pragma once
#include <optional>
#include <string_view>

#include "core/base/text.h"
#include "core/base/types.h"

namespace gotee::json {

/// What the byte just fed is, seen from the outermost value. Between two names or values there is always at
/// least one Blank, so that a change of part is the start of a new one.
enum class Part : u8 {
  Blank,      // white space, punctuation, or a byte of an outermost value that is no container
  Name,       // of a member's name, quotes included
  Value,      // of an element or a member's value, with all that is nested in it
  End,        // the last byte of the outermost value
  EndBefore,  // the outermost value, a number, ended before this byte: feed the byte once more
  Error,      // this byte can neither start nor continue a value; explain() says why
};

/// Recognizes one JSON text after another, split anywhere. After End, EndBefore and Error the next byte
/// starts afresh. Containers nested deeper than kMaxDepth are only checked for strings and counted for their
/// end.
class Scanner {
 public:
  static constexpr u32 kMaxDepth = 32;

  Part feed(u8 byte);

  /// First byte of the current or just ended outermost value; 0 before there is one.
  char first() const { return first_; }
  bool too_deep() const { return too_deep_; }
  /// After Error: which byte, and where in the grammar it was found.
  void explain(Text& out) const;

 private:
  enum class State : u8 {
    Value,         // before a value
    FirstElement,  // after '['
    FirstName,     // after '{'
    NextName,      // after ',' in an object
    Colon,
    After,  // after a value in a container
    Deep,   // between tokens, below kMaxDepth
    Done,
    Failed,
    String,  // from here on: within a token
    Escape,
    Hex,
    Utf8,
    Literal,
    Minus,  // from here on: within a number
    Zero,
    Integer,
    Point,
    Fraction,
    Exponent,
    ExponentSign,
    ExponentDigits,
  };

  static bool in_token(State s) { return s >= State::String; }
  static bool in_number(State s) { return s >= State::Minus; }

  void step(u8 byte);
  void between(u8 byte);
  void value(u8 byte);
  void name(u8 byte);
  void after(u8 byte);
  void deep(u8 byte);
  void string(u8 byte);
  void lead(u8 byte);
  void continuation(u8 byte);
  void escape(u8 byte);
  void hex(u8 byte);
  void literal(u8 byte);
  void number(u8 byte);
  void number_end(u8 byte);
  void open(bool object);
  void close();
  void finish_token();
  void fail(u8 byte);
  bool in_object() const { return (objects_ >> (depth_ - 1) & 1) != 0; }

  State state_ = State::Value;
  State failed_in_ = State::Value;
  bool in_name_ = false;
  bool too_deep_ = false;
  char first_ = 0;
  u8 bad_byte_ = 0;
  u8 left_ = 0;                    // digits of \u, or continuation bytes, still to come
  u8 low_ = 0, high_ = 0;          // bounds of the next continuation byte
  const char* literal_ = nullptr;  // what is left of it
  u32 objects_ = 0;                // bit n: the container at depth n + 1 is an object
  u64 depth_ = 0;
};

/// One element, or one member with its name, as written in the text.
struct Child {
  std::string_view name;  // with its quotes; empty in an array
  std::string_view value;
};

/// Walks over the children of a container that Scanner has accepted. In other text it may end early.
class Children {
 public:
  explicit Children(std::string_view container) : text_{container} {}
  std::optional<Child> next();

 private:
  Scanner scanner_;
  std::string_view text_;
  std::size_t at_ = 0;
};

/// The value of the last member called `name` (see is_name) in a flat or nested object; empty when there is
/// none.
std::string_view member(std::string_view object, std::string_view name);

/// Whether the string `quoted`, as written in the text, spells `name`; the case of ASCII letters is ignored,
/// as Go does for the names of members.
bool is_name(std::string_view quoted, std::string_view name);

/// Appends the text of the string `quoted`, as written in an accepted text, as UTF-8. A surrogate without its
/// other half becomes U+FFFD. False when `quoted` is no string or does not fit.
bool unescape(std::string_view quoted, Text& out);

/// Writes `text`, UTF-8, as the inside of a JSON string to anything with put(char) and put(string_view).
template <class Sink>
void escape(std::string_view text, Sink& out) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out.put('\\');
      out.put(c);
    } else if (u8(c) < 0x20 || c == '<' || c == '>' || c == '&') {  // Go keeps HTML out of its answers
      out.put("\\u00");
      out.put(kDigits[u8(c) >> 4]);
      out.put(kDigits[u8(c) & 15]);
    } else {
      out.put(c);
    }
  }
}

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; }

}  // namespace gotee::json
