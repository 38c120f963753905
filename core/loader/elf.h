// SPDX-License-Identifier: BSD-3-Clause
//
// Applet images: what a static ELF32 ARM executable asks for, checked before any of it is believed.
// Ref: [gABI] System V Application Binary Interface, chapters 4 and 5; [AAELF32] IHI 0044, ELF for the Arm
// Architecture.
#pragma once
#include <optional>
#include <span>

#include "core/base/fixed_vector.h"
#include "core/base/text.h"
#include "core/base/types.h"
#include "core/mem/region.h"

namespace gotee::elf {

/// One PT_LOAD as the file has it; rounding to pages is the caller's affair. Bytes from file_size up to
/// memory_size are zero. file_offset is 0 when file_size is: there is nothing to read.
struct Segment {
  VirtAddr address;
  u32 memory_size = 0;  // never 0
  u32 file_offset = 0;
  u32 file_size = 0;  // at most memory_size
  Access access = Access::None;
};

inline constexpr std::size_t kMaxSegments = 16;
inline constexpr u32 kMaxProgramHeaders = 64;

struct Image {
  VirtAddr entry;  // as in e_entry: bit 0 set means Thumb
  FixedVector<Segment, kMaxSegments> segments;
  bool writable_executable = false;  // at least one segment is both; only when the limits allow it
};

/// The region for the image, page-aligned and no part of the supervisor's, and what the caller puts up with.
struct Limits {
  VirtAddr base;
  u32 size = 0;
  bool allow_writable_executable = false;
  std::string_view region_name = "the applet's region";  // as a refusal calls it
};

/// Why an image was refused: one line naming the field, where it stands, what was found and what was
/// expected.
using Refusal = FixedText<200>;

/// The rights that p_flags ask for. Rights that ARMv7 short descriptors cannot express are rounded up: write
/// or execute alone brings read with it. Bits beyond PF_R, PF_W and PF_X are ignored.
Access access_of(u32 p_flags);

/// Checks a whole ET_EXEC ELF32 little-endian ARM image; every field is hostile and read once. Nothing when
/// accepted: then `out` is complete, its segments lie within the region, do not overlap, and share a page
/// only where their rights are the same. Otherwise the first reason found, and `out` is as it was. Section
/// headers and p_paddr are not looked at; program headers of unknown types and PT_TLS are ignored.
std::optional<Refusal> parse(std::span<const u8> file, const Limits& limits, Image& out);

}  // namespace gotee::elf
