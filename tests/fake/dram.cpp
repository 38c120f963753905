// SPDX-License-Identifier: BSD-3-Clause
//
// Sparse memory: pages appear when they are written.
#include "tests/fake/dram.h"

#include <algorithm>
#include <cstring>
#include <set>

namespace gotee::fake {
namespace {

constexpr u32 kTablesBase = kSupervisorTables.base.raw;

constexpr std::array<u8, kPageSize> kZeros{};

}  // namespace

template <class Visit>
void Dram::each_page(PhysAddr base, u64 size, Visit visit) {
  GOTEE_INVARIANT(base.raw >= kBase && base.raw + size <= kEnd);
  for (u64 done = 0; done < size;) {
    const u64 at = base.raw + done;
    const u64 bytes = std::min<u64>(size - done, kPageSize - at % kPageSize);
    visit(page_down(u32(at)), u32(at % kPageSize), std::size_t(done), std::size_t(bytes));
    done += bytes;
  }
}

bool Dram::in_tables(PhysAddr at) {
  return at.raw >= kTablesBase && at.raw < kTablesBase + kTablesStride * kSlots;
}

TableMemory Dram::tables(hal::Space space) {
  auto& words = tables_.at(std::size_t(space));
  words.resize(kTablesStride / 4);
  return {std::span{words}.first(kSpaceTableWords), table_slot(u32(space))};
}

const u8* Dram::find(u32 page) const {
  if (in_tables({page})) {
    const auto& words = tables_[(page - kTablesBase) / kTablesStride];
    if (words.empty()) return kZeros.data();
    return reinterpret_cast<const u8*>(words.data()) + (page - kTablesBase) % kTablesStride;
  }
  const auto found = pages_.find(page);
  return found == pages_.end() ? kZeros.data() : found->second.data();
}

u8* Dram::make(u32 page) {
  if (!in_tables({page})) return pages_[page].data();
  auto& words = tables_[(page - kTablesBase) / kTablesStride];
  words.resize(kTablesStride / 4);
  return reinterpret_cast<u8*>(words.data()) + (page - kTablesBase) % kTablesStride;
}

void Dram::read(PhysAddr from, std::span<u8> to) const {
  each_page(from, to.size(), [&](u32 page, u32 offset, std::size_t done, std::size_t bytes) {
    std::memcpy(to.data() + done, find(page) + offset, bytes);
  });
}

void Dram::write(PhysAddr to, std::span<const u8> from) {
  each_page(to, from.size(), [&](u32 page, u32 offset, std::size_t done, std::size_t bytes) {
    std::memcpy(make(page) + offset, from.data() + done, bytes);
  });
}

void Dram::clear(PhysAddr base, u64 size) {
  GOTEE_INVARIANT(base.raw >= kBase && base.raw + size <= kEnd);
  const u64 end = base.raw + size;
  const auto cut = [&](u32 page, u8* bytes) {  // what of a page lies in the range
    const u64 from = std::max<u64>(page, base.raw), to = std::min<u64>(u64{page} + kPageSize, end);
    if (from < to) std::memset(bytes + (from - page), 0, std::size_t(to - from));
  };
  for (auto& [page, bytes] : pages_) cut(page, bytes.data());
  std::erase_if(pages_, [&](const auto& entry) {
    return entry.first >= base.raw && u64{entry.first} + kPageSize <= end;
  });
  for (u32 page = kTablesBase; page < kTablesBase + kTablesStride * kSlots; page += kPageSize) {
    if (page < end && u64{page} + kPageSize > base.raw) cut(page, make(page));
  }
}

u32 Dram::word(PhysAddr at) const {
  std::array<u8, 4> b{};
  read(at, b);
  return u32(b[0]) | u32(b[1]) << 8 | u32(b[2]) << 16 | u32(b[3]) << 24;
}

std::vector<u8> Dram::bytes(PhysAddr from, std::size_t size) const {
  std::vector<u8> out(size);
  read(from, out);
  return out;
}

std::vector<PhysAddr> Dram::difference(const Dram& a, const Dram& b) {
  std::set<u32> pages;
  for (const Dram* dram : {&a, &b}) {
    for (const auto& entry : dram->pages_) pages.insert(entry.first);
    for (u32 space = 0; space < kSlots; ++space) {
      for (u32 at = 0; at < dram->tables_[space].size() * 4; at += kPageSize) {
        pages.insert(kTablesBase + space * kTablesStride + at);
      }
    }
  }
  std::vector<PhysAddr> out;
  for (const u32 page : pages) {
    const u8 *x = a.find(page), *y = b.find(page);
    if (std::memcmp(x, y, kPageSize) == 0) continue;
    for (u32 i = 0; i < kPageSize; ++i) {
      if (x[i] != y[i]) out.push_back({page + i});
    }
  }
  return out;
}

}  // namespace gotee::fake
