// SPDX-License-Identifier: BSD-3-Clause
//
// From an accepted image to an applet that is ready to run.
#include <algorithm>

#include "core/monitor/kernel.h"

namespace gotee {
namespace {

constexpr Access kReadWrite = Access::Read | Access::Write;

elf::Refusal refusal(std::string_view text) { return elf::Refusal{text}; }

/// Segments in order of address: the loader keeps them in the order of the file.
FixedVector<elf::Segment, 16> sorted(const elf::Image& elf) {
  FixedVector<elf::Segment, 16> segments = elf.segments;
  std::sort(segments.begin(), segments.end(),
            [](const auto& a, const auto& b) { return a.address < b.address; });
  return segments;
}

}  // namespace

std::optional<elf::Refusal> Kernel::load(std::string_view name, std::span<const u8> image,
                                         const LoadOptions& options) {
  const u32 size = options.region_size;
  if (size == 0 || size > kMaxRegionSize || size % kSectionSize != 0) {
    return refusal("the region's size must be a multiple of 1 MiB, at most 128 MiB");
  }
  elf::Image elf;
  if (auto refused = elf::parse(image, {kRegionBase, size, options.allow_writable_executable}, elf))
    return refused;
  const u32 copies = options_.lockstep ? 2 : 1;
  if (count_ == kMaxApplets || next_space_ + copies > hal::kMaxSpaces) {
    return refusal("no room: eight address spaces at most (lockstep needs two for each applet)");
  }
  if (u64{next_backing_.raw} + u64{size} * copies > kAppletDram.end()) {
    TextBuffer<200> text;
    text.put("no room: applets share 128 MiB of secure memory and this one needs ")
        .dec(size >> 20 << (copies - 1));
    return refusal(text.put(" MiB more; give each a smaller region").view());
  }
  Applet& applet = name_next(name, elf.entry);
  if (auto refused = place(applet, image, elf, size)) return refused;
  ++count_;
  scheduler_.add(applet.id, true);

  say_loaded(applet, kRegionBase, image.size());
  return std::nullopt;
}

void Kernel::say_loaded(const Applet& applet, VirtAddr base, std::size_t size) {
  TextBuffer<160> text;
  text.put("loaded ")
      .put(applet.normal_world ? "normal world " : "applet ")
      .put(label(applet))
      .put("addr:0x")
      .hex(base.raw, 8)
      .put(" size:")
      .dec(size);
  say(text.put(" entry:0x").hex(applet.entry.raw, 8).put('\n').view());
}

Applet& Kernel::name_next(std::string_view name, VirtAddr entry) {
  Applet& applet = applets_[count_];
  applet.id = count_;
  applet.name.assign(name);
  applet.label.assign(applet.name.view());
  (void)applet.label.push(' ');
  applet.entry = entry;
  return applet;
}

std::optional<elf::Refusal> Kernel::place(Applet& applet, std::span<const u8> image, const elf::Image& elf,
                                          u32 size) {
  const Grain grain = options_.lockstep ? Grain::Pages : Grain::Largest;
  applet.space = hal::Space(next_space_);
  if (!map(applet.memory, applet.space, next_backing_, size, elf, grain))
    return refusal("too many segments to map");
  applet.context = {};
  applet.context.r[kPc] = elf.entry.raw & ~1u;
  applet.context.r[kSp] = kRegionBase.raw + size;
  applet.context.cpsr = kCpsrUser | ((elf.entry.raw & 1) != 0 ? kCpsrThumb : 0);
  if (options_.lockstep) {
    Lockstep& pair = applet.lockstep;
    pair.space = hal::Space(next_space_ + 1);
    if (!map(pair.memory, pair.space, {next_backing_.raw + size}, size, elf, grain)) {
      return refusal("too many segments to map");
    }
    lockstep_begin(applet);
    fill(pair.memory, pair.space, {next_backing_.raw + size}, size, image, elf);
  }
  fill(applet.memory, applet.space, next_backing_, size, image, elf);
  next_space_ += options_.lockstep ? 2 : 1;
  next_backing_.raw += options_.lockstep ? 2 * size : size;
  return std::nullopt;
}

bool Kernel::map(AddressSpace& memory, hal::Space space, PhysAddr backing, u32 size, const elf::Image& elf,
                 Grain grain) {
  if (!memory.init(machine_.tables(space), grain)) return false;
  const u32 end = kRegionBase.raw + size;
  u32 at = kRegionBase.raw;
  const auto grant = [&](u32 to, Access access) {
    if (to <= at) return true;
    const Region region{{at}, {backing.raw + (at - kRegionBase.raw)}, to - at, access};
    at = to;
    return bool(memory.grant(region));
  };
  // Segments with exactly their rights; what lies between them is read-write, never executable.
  for (const elf::Segment& s : sorted(elf)) {
    const u32 up = page_down(s.address.raw + s.memory_size - 1) + kPageSize;
    if (!grant(page_down(s.address.raw), kReadWrite) || !grant(up, s.access)) return false;
  }
  return grant(end, kReadWrite);
}

void Kernel::fill(const AddressSpace& memory, hal::Space space, PhysAddr backing, u32 size,
                  std::span<const u8> image, const elf::Image& elf) {
  machine_.clear(backing, size);  // bss, and nothing left over from anybody else
  for (const elf::Segment& s : elf.segments) {
    const PhysAddr to{backing.raw + (s.address.raw - kRegionBase.raw)};
    machine_.write(to, image.subspan(s.file_offset, s.file_size));
    if (allows(s.access, Access::Execute)) machine_.publish_code(to, s.file_size);
  }
  GOTEE_INVARIANT(bool(machine_.define(space, memory.regions())));
}

}  // namespace gotee
