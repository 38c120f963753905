// SPDX-License-Identifier: BSD-3-Clause
//
// The hardware seam: everything core/ may ask of a machine, and nothing else.
//
// Machine is one ordinary class. Its members are defined exactly once per program, by whichever
// backend the build links: hal/imx6ul (TrustZone), hal/sim (Unicorn) or tests/fake (a script).
// There is nothing virtual to pay for and nothing templated to read; a backend that misses a
// member does not link. tests/contract holds every backend to the same expectations.
#pragma once
#include <span>

#include "core/base/result.h"
#include "core/exec/banked.h"
#include "core/exec/context.h"
#include "core/fault/trap.h"
#include "core/mem/page_table.h"
#include "core/mem/region.h"

namespace gotee::hal {

struct Backend;  // a backend's own state; core never sees inside

/// One address space (an ASID on hardware), numbered from 0.
enum class Space : u8 {};
inline constexpr std::size_t kMaxSpaces = 8;

/// Where the tables stand that say what the Normal world may reach; run_normal() runs there.
inline constexpr Space kNormalSpace{kMaxSpaces};

/// The LEDs of the USB armory Mk II.
enum class Led : u8 { White, Blue };

class Machine {
 public:
  explicit constexpr Machine(Backend& backend) : backend_{backend} {}
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  // --- Execution: the only way into applet code, and the only way back -------------------------
  /// Resume `context` in `space` until it traps or `deadline` passes, and for at least one instruction.
  /// Afterwards `context` holds the stopped state and the Trap says why, with the fault registers read
  /// before anything else.
  [[nodiscard]] Trap run(Context& context, Space space, Instant deadline);
  /// The same for the Normal world, which is privileged in its own state: until it calls the monitor
  /// (MonitorCall), touches what is kept from it (an abort whose status is an external abort), or `deadline`
  /// passes. Its own exceptions are its own affair.
  [[nodiscard]] Trap run_normal(Context& context, BankedRegisters& banked, Instant deadline);
  /// Nothing but a clock poll happens before `until`: wait for an interrupt, or let the clock jump.
  void idle(Instant until);

  // --- Memory ----------------------------------------------------------------------------------
  /// Memory for a space's translation tables, big enough for kMaxRegionSize in pages. The same every time.
  [[nodiscard]] TableMemory tables(Space space);
  /// From now on `space` is what its tables say: `regions` are all that PL0 can reach there, anything
  /// else traps. Once, at load. NotFound when there is no such space.
  Result<> define(Space space, std::span<const Region> regions);
  /// Keep [base, base + size) from the Normal world: processor and bus masters alike. Unsupported where the
  /// machine has no means to (an emulator without TZASC), any other error where it has and they fail: then
  /// the Normal world must not run.
  Result<> protect(PhysAddr base, u32 size);
  /// Core changed the descriptor of one page: maintain what caches it.
  void refresh(Space space, VirtAddr page);
  /// Copy from and to the memory that PL0 reaches in `space`, with PL0's rights: Denied at the first byte
  /// that it may not read (write); the bytes before it have been copied.
  Result<> read_user(Space space, VirtAddr from, std::span<u8> to);
  Result<> write_user(Space space, VirtAddr to, std::span<const u8> from);
  /// Copy from and to physical DRAM: what core itself placed there.
  void read(PhysAddr from, std::span<u8> to);
  void write(PhysAddr to, std::span<const u8> from);
  /// Fill physical DRAM with zeros.
  void clear(PhysAddr base, u32 size);
  /// Code was written there: make it visible to instruction fetch.
  void publish_code(PhysAddr base, u32 size);

  // --- Services --------------------------------------------------------------------------------
  [[nodiscard]] Instant now();          // monotonic since boot, never 0
  Result<> random(std::span<u8> out);   // full-entropy bytes, or Error::Device and nothing usable
  void console(std::string_view text);  // raw bytes, in order
  Result<> led(Led led, bool on);       // Unsupported where the board has none

 private:
  [[maybe_unused]] Backend& backend_;  // a backend may have no use for it
};

}  // namespace gotee::hal
