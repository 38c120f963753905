// SPDX-License-Identifier: BSD-3-Clause
//
// ARMv7 short-descriptor translation tables.
// Ref: [ARM ARM] DDI 0406C.d, Figures B3-4 and B3-5 (descriptors), Table B3-8 (AP), Table B3-10 (TEX, C, B).
#include "core/mem/page_table.h"

#include <algorithm>

namespace gotee {
namespace {

// First level (Figure B3-4). Domain 0 throughout.
constexpr u32 kTypeMask = 3, kTable = 1, kSection = 2;
constexpr u32 kTablePxn = 1u << 2;
constexpr u32 kSectionPxn = 1u << 0, kSectionXn = 1u << 4, kSectionNotGlobal = 1u << 17;
constexpr u32 kSectionNonSecure = 1u << 19;  // the output address is the Normal world's
constexpr u32 kSectionNormal =
    (1u << 12) | (1u << 3) | (1u << 2);  // TEX=001 C=1 B=1: write-back, write-allocate
constexpr u32 kSectionDevice = 1u << 2;  // TEX=000 C=0 B=1: shareable device
// Second level (Figure B3-5).
constexpr u32 kSmallPage = 2, kPageXn = 1u << 0, kPageNotGlobal = 1u << 11;
constexpr u32 kPageNormal = (1u << 6) | (1u << 3) | (1u << 2);

// AP[2:0] with SCTLR.AFE = 0 (Table B3-8).
constexpr u32 kApNone = 0b000, kApPrivileged = 0b001, kApPrivilegedReadOnly = 0b101;
constexpr u32 kApReadWrite = 0b011, kApReadOnly = 0b111;

constexpr u32 ap_of(Access access) {
  if (allows(access, Access::Write)) return kApReadWrite;
  return access == Access::None ? kApPrivileged : kApReadOnly;
}
constexpr u32 section_ap(u32 ap) { return ((ap & 4) << 13) | ((ap & 3) << 10); }
constexpr u32 page_ap(u32 ap) { return ((ap & 4) << 7) | ((ap & 3) << 4); }

constexpr u32 user_section(PhysAddr to, Access access) {
  const u32 xn = allows(access, Access::Execute) ? 0 : kSectionXn;
  return to.raw | kSectionNotGlobal | section_ap(ap_of(access)) | kSectionNormal | xn | kSection |
         kSectionPxn;
}
constexpr u32 user_page(PhysAddr to, Access access) {
  const u32 xn = allows(access, Access::Execute) ? 0 : kPageXn;
  return to.raw | kPageNotGlobal | page_ap(ap_of(access)) | kPageNormal | xn | kSmallPage;
}

constexpr u32 supervisor_section(const Span& span) {
  u32 bits = kSection | (span.owner == Owner::Device || span.device ? kSectionDevice : kSectionNormal);
  if (span.owner == Owner::NormalWorld) bits |= kSectionNonSecure;
  if (!allows(span.privileged, Access::Execute)) bits |= kSectionXn | kSectionPxn;
  if (span.privileged == Access::None) return bits | section_ap(kApNone);
  return bits | section_ap(allows(span.privileged, Access::Write) ? kApPrivileged : kApPrivilegedReadOnly);
}

struct Rights {
  Access user, privileged;
};
constexpr Rights rights_of(u32 ap, bool xn, bool pxn) {
  constexpr Access kRead = Access::Read, kBoth = Access::Read | Access::Write;
  Rights r{Access::None, Access::None};
  switch (ap) {
    case 0b001: r = {Access::None, kBoth}; break;
    case 0b010: r = {kRead, kBoth}; break;
    case 0b011: r = {kBoth, kBoth}; break;
    case 0b101: r = {Access::None, kRead}; break;
    case 0b110:  // deprecated, same as 0b111
    case 0b111: r = {kRead, kRead}; break;
    default: break;  // 0b000 no access; 0b100 reserved
  }
  // B3.7.2: a fetch needs read permission at its level and XN clear; at PL1 also PXN clear.
  if (!xn && allows(r.user, kRead)) r.user = r.user | Access::Execute;
  if (!xn && !pxn && allows(r.privileged, kRead)) r.privileged = r.privileged | Access::Execute;
  return r;
}

}  // namespace

Result<> PageTables::init(TableMemory memory) {
  if (memory.words.size() < kFirstLevelWords || memory.base.raw % (kFirstLevelWords * 4) != 0)
    return Error::Invalid;
  std::fill(memory.words.begin(), memory.words.end(), 0u);
  memory_ = memory;
  used_words_ = kFirstLevelWords;
  return kOk;
}

Result<u32*> PageTables::second_level(u32 mib) {
  u32& first = memory_.words[mib];
  if ((first & kTypeMask) == kTable) return &memory_.words[((first & ~0x3ffu) - memory_.base.raw) / 4];
  if (first != 0) return Error::Invalid;
  if (memory_.words.size() - used_words_ < kSecondLevelWords) return Error::NoMemory;
  u32* table = &memory_.words[used_words_];
  // PXN on the whole table: PL1 never executes an applet's memory.
  first = (memory_.base.raw + used_words_ * 4) | kTablePxn | kTable;
  used_words_ += kSecondLevelWords;
  return table;
}

Result<> PageTables::map_user(const Region& region, Grain grain) {
  if (region.base.raw % kPageSize != 0 || region.backing.raw % kPageSize != 0 ||
      region.size % kPageSize != 0 || region.end() > u64{1} << 32 ||
      u64{region.backing.raw} + region.size > u64{1} << 32) {
    return Error::Invalid;
  }
  for (u32 done = 0; done < region.size;) {
    const u32 at = region.base.raw + done;
    const PhysAddr to{region.backing.raw + done};
    const bool whole =
        at % kSectionSize == 0 && to.raw % kSectionSize == 0 && region.size - done >= kSectionSize;
    u32& first = memory_.words[at / kSectionSize];
    if (grain == Grain::Largest && whole && first == 0) {
      first = user_section(to, region.access);
      done += kSectionSize;
      continue;
    }
    const auto table = second_level(at / kSectionSize);
    if (!table) return table.error();
    u32& second = (*table)[(at / kPageSize) % kSecondLevelWords];
    if (second != 0) return Error::Invalid;
    second = user_page(to, region.access);
    done += kPageSize;
  }
  return kOk;
}

Result<> PageTables::map_supervisor(const Span& span) { return map_sections(span, supervisor_section(span)); }

Result<> PageTables::map_own(const Span& span) {
  return map_sections(span, kSection | kSectionNormal | section_ap(kApReadWrite));
}

Result<> PageTables::map_sections(const Span& span, u32 bits) {
  if (span.base.raw % kSectionSize != 0 || span.size % kSectionSize != 0) return Error::Invalid;
  for (u32 mib = span.base.raw / kSectionSize; mib < span.end() / kSectionSize; ++mib) {
    u32& first = memory_.words[mib];
    if (first != 0) return Error::Invalid;
    first = mib * kSectionSize | bits;
  }
  return kOk;
}

Result<> PageTables::protect(VirtAddr page, Access access) {
  const u32 first = memory_.words[page.raw / kSectionSize];
  if ((first & kTypeMask) != kTable) return Error::Invalid;
  const auto table = second_level(page.raw / kSectionSize);
  if (!table) return table.error();
  u32& second = (*table)[(page.raw / kPageSize) % kSecondLevelWords];
  if ((second & kSmallPage) == 0) return Error::Invalid;
  second = user_page({second & ~(kPageSize - 1)}, access);
  return kOk;
}

Translation PageTables::walk(VirtAddr at) const {
  Translation t;
  const u32 first = memory_.words[at.raw / kSectionSize];
  if ((first & kTypeMask) == 0) return t;
  if ((first & kTypeMask) != kTable) {  // a section; this code builds no supersections
    const u32 ap = ((first >> 13) & 4) | ((first >> 10) & 3);
    const Rights rights = rights_of(ap, (first & kSectionXn) != 0, (first & kSectionPxn) != 0);
    return {true,
            {},
            {(first & ~(kSectionSize - 1)) | (at.raw & (kSectionSize - 1))},
            rights.user,
            rights.privileged,
            true};
  }
  const u32 table = ((first & ~0x3ffu) - memory_.base.raw) / 4;
  GOTEE_INVARIANT(table + kSecondLevelWords <= memory_.words.size());
  const u32 second = memory_.words[table + (at.raw / kPageSize) % kSecondLevelWords];
  if ((second & kTypeMask) == 0) {
    t.status = FaultStatus::TranslationPage;
    return t;
  }
  const u32 ap = ((second >> 7) & 4) | ((second >> 4) & 3);
  const Rights rights = rights_of(ap, (second & kPageXn) != 0, (first & kTablePxn) != 0);
  return {
      true, {}, {(second & ~(kPageSize - 1)) | (at.raw & (kPageSize - 1))}, rights.user, rights.privileged,
      false};
}

std::optional<u32> PageTables::user_fault(VirtAddr at, Access want) const {
  const Translation t = walk(at);
  if (!t.mapped) return fsr_of(t.status, want == Access::Write);
  if (allows(t.user, want)) return std::nullopt;
  return fsr_of(t.section ? FaultStatus::PermissionSection : FaultStatus::PermissionPage,
                want == Access::Write);
}

}  // namespace gotee
