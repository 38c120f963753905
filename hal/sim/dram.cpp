// SPDX-License-Identifier: BSD-3-Clause
//
// Host memory for the simulated machine.
#include "hal/sim/dram.h"

#include <sys/mman.h>

#include <cstring>
#include <new>

#include "core/base/panic.h"

namespace gotee::sim {
namespace {

constexpr u64 kFourGib = u64{1} << 32;

u8* reserve(u64 size, int protection) {
  void* host = mmap(nullptr, size, protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (host == MAP_FAILED) throw std::bad_alloc{};
  return static_cast<u8*>(host);
}

}  // namespace

Dram::Dram() : host_{reserve(kSize, PROT_READ | PROT_WRITE)} {}
Dram::~Dram() { munmap(host_, kSize); }

u8* Dram::at(PhysAddr base, u64 size) const {
  GOTEE_INVARIANT(holds(base, size));
  return host_ + (base.raw - kBase);
}

void Dram::clear(PhysAddr base, u32 size) const {
  u8* host = at(base, size);
  // Dropping whole pages gives zeros without touching them.
  if (base.raw % kPageSize == 0 && size % kPageSize == 0 && madvise(host, size, MADV_DONTNEED) == 0) return;
  std::memset(host, 0, size);
}

Void::Void() : host_{reserve(kFourGib, PROT_NONE)} {}
Void::~Void() { munmap(host_, kFourGib); }

}  // namespace gotee::sim
