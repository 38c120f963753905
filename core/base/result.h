// SPDX-License-Identifier: BSD-3-Clause
//
// How errors travel: a value or an Error, without exceptions.
#pragma once
#include <string_view>
#include <type_traits>

#include "core/base/panic.h"
#include "core/base/types.h"

namespace gotee {

/// Why an operation failed. Values are applet ABI (calls from 16 up return them in r0): append only.
enum class Error : u32 {
  Ok = 0,  // reserved so that r0 == 0 means success
  Invalid,
  Denied,
  NotFound,
  Busy,
  NoMemory,
  TimedOut,
  Unsupported,
  Device,
};

constexpr std::string_view error_name(Error error) {
  switch (error) {
    case Error::Ok: return "ok";
    case Error::Invalid: return "invalid argument";
    case Error::Denied: return "denied";
    case Error::NotFound: return "not found";
    case Error::Busy: return "busy";
    case Error::NoMemory: return "out of memory";
    case Error::TimedOut: return "timed out";
    case Error::Unsupported: return "unsupported";
    case Error::Device: return "device failure";
  }
  return "unknown error";
}

struct Unit {};

/// A value or an Error, never both. No exceptions, no heap, no default state.
template <class T = Unit>
class [[nodiscard]] Result {
  static_assert(std::is_trivially_copyable_v<T>, "Result carries plain values; pass owners by reference");

 public:
  constexpr Result(T value) : value_{value} {}
  constexpr Result(Error error) : error_{error} { GOTEE_INVARIANT(error != Error::Ok); }

  constexpr explicit operator bool() const { return error_ == Error::Ok; }
  constexpr Error error() const { return error_; }

  constexpr const T& operator*() const {
    GOTEE_INVARIANT(error_ == Error::Ok);
    return value_;
  }
  constexpr const T* operator->() const { return &**this; }

 private:
  T value_{};
  Error error_ = Error::Ok;
};

inline constexpr Unit kOk{};

/// Return early from the enclosing function when `expr` failed.
#define GOTEE_TRY(expr)                                          \
  do {                                                           \
    if (auto gotee_r = (expr); !gotee_r) return gotee_r.error(); \
  } while (false)

}  // namespace gotee
