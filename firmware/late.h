// SPDX-License-Identifier: BSD-3-Clause
//
// Room for an object that is made when the machine is ready for it: no global constructors, no heap.
#pragma once
#include <cstddef>
#include <new>
#include <utility>

namespace gotee {

template <class T>
class Late {
 public:
  template <class... Args>
  T& make(Args&&... args) {
    return *new (storage_) T{std::forward<Args>(args)...};
  }
  /// The object, which must have been made.
  T& get() { return *std::launder(reinterpret_cast<T*>(storage_)); }

 private:
  alignas(T) std::byte storage_[sizeof(T)]{};
};

}  // namespace gotee
