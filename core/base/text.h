// SPDX-License-Identifier: BSD-3-Clause
//
// Bounded text: formatting without a heap, without printf and without overruns.
#pragma once
#include <algorithm>
#include <array>
#include <span>
#include <string_view>

#include "core/base/types.h"

namespace gotee {

/// Writes into a caller's buffer and never beyond it. What does not fit is dropped and remembered.
class Text {
 public:
  explicit constexpr Text(std::span<char> buffer) : buffer_{buffer} {}

  constexpr Text& put(char c) {
    if (size_ < buffer_.size()) {
      buffer_[size_++] = c;
    } else {
      truncated_ = true;
    }
    return *this;
  }
  constexpr Text& put(std::string_view text) {
    for (const char c : text) put(c);
    return *this;
  }
  /// Lower-case hexadecimal, zero-padded to `digits` (at most 16), without a prefix.
  constexpr Text& hex(u64 value, u32 digits = 1) {
    u32 needed = 1;
    while (needed < 16 && (value >> (4 * needed)) != 0) ++needed;
    for (u32 i = std::max<u32>(needed, std::min<u32>(digits, 16)); i-- > 0;)
      put("0123456789abcdef"[(value >> (4 * i)) & 15]);
    return *this;
  }
  /// Decimal, padded with zeros to `width` (at most 20).
  constexpr Text& dec(u64 value, u32 width = 1) {
    std::array<char, 20> digits{};
    u32 n = 0;
    do {
      digits[n++] = char('0' + value % 10);
      value /= 10;
    } while (value != 0);
    while (n < std::min<u32>(width, 20)) digits[n++] = '0';
    while (n > 0) put(digits[--n]);
    return *this;
  }
  constexpr void clear() { size_ = 0, truncated_ = false; }
  constexpr std::string_view view() const { return {buffer_.data(), size_}; }
  constexpr bool truncated() const { return truncated_; }

 private:
  std::span<char> buffer_;
  std::size_t size_ = 0;
  bool truncated_ = false;
};

/// A Text with its own N bytes, for use on the stack.
template <std::size_t N>
class TextBuffer : public Text {
 public:
  constexpr TextBuffer() : Text{storage_} {}
  TextBuffer(const TextBuffer&) = delete;
  TextBuffer& operator=(const TextBuffer&) = delete;

 private:
  std::array<char, N> storage_;  // left as it is: nobody reads beyond what was put
};

/// At most N bytes of text held by value; longer text is cut.
template <std::size_t N>
class FixedText {
 public:
  constexpr FixedText() = default;
  constexpr FixedText(std::string_view text) { assign(text); }
  constexpr void assign(std::string_view text) {
    size_ = u32(std::min(text.size(), N));
    std::copy_n(text.data(), size_, bytes_.data());
  }
  /// False, and nothing added, when the byte does not fit.
  constexpr bool push(char c) {
    if (size_ == N) return false;
    bytes_[size_++] = c;
    return true;
  }
  constexpr void clear() { size_ = 0; }
  constexpr bool empty() const { return size_ == 0; }
  constexpr std::string_view view() const { return {bytes_.data(), size_}; }

 private:
  std::array<char, N> bytes_{};
  u32 size_ = 0;
};

}  // namespace gotee
