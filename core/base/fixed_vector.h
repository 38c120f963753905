// SPDX-License-Identifier: BSD-3-Clause
//
// A vector whose capacity is decided at compile time.
#pragma once
#include <array>
#include <span>

#include "core/base/panic.h"
#include "core/base/types.h"

namespace gotee {

template <class T, std::size_t N>
class FixedVector {
 public:
  /// False, and nothing added, when the vector is full.
  [[nodiscard]] constexpr bool push(const T& item) {
    if (size_ == N) return false;
    items_[size_++] = item;
    return true;
  }
  constexpr void clear() { size_ = 0; }
  constexpr std::size_t size() const { return size_; }
  constexpr bool empty() const { return size_ == 0; }
  static constexpr std::size_t capacity() { return N; }
  constexpr T& operator[](std::size_t i) {
    GOTEE_INVARIANT(i < size_);
    return items_[i];
  }
  constexpr const T& operator[](std::size_t i) const {
    GOTEE_INVARIANT(i < size_);
    return items_[i];
  }
  constexpr T* begin() { return items_.data(); }
  constexpr T* end() { return items_.data() + size_; }
  constexpr const T* begin() const { return items_.data(); }
  constexpr const T* end() const { return items_.data() + size_; }
  constexpr std::span<const T> span() const { return {items_.data(), size_}; }

 private:
  std::array<T, N> items_{};
  std::size_t size_ = 0;
};

}  // namespace gotee
