// SPDX-License-Identifier: BSD-3-Clause
//
// The DRAM, as host memory: untouched pages cost nothing.
#pragma once
#include "core/mem/layout.h"

namespace gotee::sim {

class Dram {
 public:
  static constexpr u32 kBase = kNormalDram.base.raw;
  static constexpr u32 kSize = kNormalDram.size + kSupervisorDram.size + kAppletDram.size;

  /// Throws std::bad_alloc when the host refuses the address space.
  Dram();
  ~Dram();
  Dram(const Dram&) = delete;
  Dram& operator=(const Dram&) = delete;

  static constexpr bool holds(PhysAddr base, u64 size) {
    return base.raw >= kBase && u64{base.raw} + size <= u64{kBase} + kSize;
  }
  /// Host address of a physical address; panics when [base, base + size) is not DRAM.
  u8* at(PhysAddr base, u64 size) const;
  void clear(PhysAddr base, u32 size) const;

 private:
  u8* host_;
};

/// Address space of the host that traps when touched; what an engine sees where no memory is.
class Void {
 public:
  Void();
  ~Void();
  Void(const Void&) = delete;
  Void& operator=(const Void&) = delete;
  u8* at(u32 address) const { return host_ + address; }

 private:
  u8* host_;
};

}  // namespace gotee::sim
