// SPDX-License-Identifier: BSD-3-Clause
//
// Hostile requests: answers are lines of JSON, the queue is bounded, splitting the bytes changes nothing.
#include <cstdlib>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "core/rpc/server.h"

using namespace gotee;

namespace {

void require(bool truth) {
  if (!truth) std::abort();
}

/// A second opinion on JSON, by recursive descent, as [RFC 8259] writes its grammar.
class Grammar {
 public:
  explicit Grammar(std::string_view text) : text_{text} {}
  bool whole_text() { return value() && at_ == text_.size(); }

 private:
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool eat(char c) {
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool eat(std::string_view word) {
    if (!text_.substr(at_).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }
  void blank() {
    while (eat(' ') || eat('\t') || eat('\n') || eat('\r')) {
    }
  }
  bool value() {
    blank();
    const bool good =
        object() || array() || string() || number() || eat("true") || eat("false") || eat("null");
    blank();
    return good && !broken_;
  }
  bool object() {
    if (!eat('{')) return false;
    blank();
    if (eat('}')) return true;
    do {
      blank();
      if (!string()) return broken();
      blank();
      if (!eat(':') || !value()) return broken();
    } while (eat(','));
    return eat('}') || broken();
  }
  bool array() {
    if (!eat('[')) return false;
    blank();
    if (eat(']')) return true;
    do {
      if (!value()) return broken();
    } while (eat(','));
    return eat(']') || broken();
  }
  bool string() {
    if (!eat('"')) return false;
    while (!eat('"')) {
      if (!character()) return broken();
    }
    return true;
  }
  bool character() {
    if (eat('\\')) {
      if (eat('u')) return hex() && hex() && hex() && hex();
      return eat('"') || eat('\\') || eat('/') || eat('b') || eat('f') || eat('n') || eat('r') || eat('t');
    }
    return utf8();
  }
  /// By decoding, where the code under test goes by the table of well-formed sequences.
  bool utf8() {
    if (at_ == text_.size()) return false;
    const u32 first = u8(text_[at_++]);
    if (first < 0x80) return first >= 0x20;
    const u32 more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
    if (first < 0xc0 || first > 0xf7 || text_.size() - at_ < more) return false;
    u32 point = first & (0x3f >> more);
    for (u32 i = 0; i < more; ++i) {
      const u32 next = u8(text_[at_++]);
      if (next >> 6 != 2) return false;
      point = point << 6 | (next & 0x3f);
    }
    const u32 least = more == 1 ? 0x80 : more == 2 ? 0x800 : 0x10000;
    return point >= least && point <= 0x10ffff && (point < 0xd800 || point > 0xdfff);
  }
  bool hex() {
    const char c = peek();
    const bool good = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (good) ++at_;
    return good;
  }
  bool digits() {
    const std::size_t start = at_;
    while (peek() >= '0' && peek() <= '9') ++at_;
    return at_ > start;
  }
  bool number() {
    const bool minus = eat('-');
    if (!eat('0') && !digits()) return minus && broken();
    if (eat('.') && !digits()) return broken();
    if (eat('e') || eat('E')) {
      if (!eat('+')) eat('-');
      if (!digits()) return broken();
    }
    return true;
  }
  bool broken() {
    broken_ = true;
    return false;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  bool broken_ = false;  // no other alternative may match any more
};

/// Both recognizers agree on whether all of `text` is one JSON text. Below its depth the Scanner is lenient.
void check_scanner(std::string_view text) {
  json::Scanner scanner;
  bool ended = false, good = true;
  const auto feed = [&](char c) {
    if (ended) {
      good = good && (c == ' ' || c == '\t' || c == '\n' || c == '\r');
      return;
    }
    const json::Part part = scanner.feed(u8(c));
    good = good && part != json::Part::Error;
    ended = !good || part == json::Part::End;
    if (part != json::Part::EndBefore) return;
    ended = true;
    good = c == ' ' || c == '\t' || c == '\n' || c == '\r';
  };
  for (const char c : text) feed(c);
  feed(' ');
  const bool accepted = ended && good;
  const bool valid = Grammar{text}.whole_text();
  require(scanner.too_deep() ? accepted || !valid : accepted == valid);
}

Result<> led(void*, std::string_view name, bool on) {
  if (name == "white") return Error::Denied;
  if (name == "blue") return on ? Result<>{kOk} : Result<>{Error::Device};
  return Error::NotFound;
}

std::span<const u8> bytes_of(std::string_view text) {
  return {reinterpret_cast<const u8*>(text.data()), text.size()};
}

std::string drain(rpc::Server& server, std::size_t piece) {
  std::string all;
  std::string buffer(piece, '\0');
  while (server.pending() > 0) {
    const std::size_t before = server.pending();
    require(before <= rpc::Answers::kCapacity);
    const std::size_t n = server.response({reinterpret_cast<u8*>(buffer.data()), buffer.size()});
    require(n > 0 && n <= piece && server.pending() == before - n);
    all.append(buffer, 0, n);
  }
  return all;
}

void check_lines(std::string_view answers) {
  while (!answers.empty()) {
    const std::size_t newline = answers.find('\n');
    require(newline != std::string_view::npos);
    const std::string_view line = answers.substr(0, newline);
    require(line.starts_with("{\"id\":") && Grammar{line}.whole_text());
    answers.remove_prefix(newline + 1);
  }
}

}  // namespace

/// Bytes 0 and 1 say where to split, and in what pieces to read; the rest is sent.
extern "C" int LLVMFuzzerTestOneInput(const u8* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view text{reinterpret_cast<const char*>(data) + 2, size - 2};
  const std::size_t split = (data[0] + 256u * data[1]) % (text.size() + 1);
  const rpc::Actions actions{nullptr, led};

  check_scanner(text);
  const auto whole = std::make_unique<rpc::Server>();
  const auto pieces = std::make_unique<rpc::Server>();
  const bool queued = whole->request(bytes_of(text), actions);
  const bool first = pieces->request(bytes_of(text.substr(0, split)), actions);
  const bool second = pieces->request(bytes_of(text.substr(split)), actions);
  require(queued == (first && second));

  const std::string answers = drain(*whole, 4096);
  require(answers == drain(*pieces, 1 + data[0]));
  check_lines(answers);
  return 0;
}
