// SPDX-License-Identifier: BSD-3-Clause
//
// A machine with two applet spaces, and a way to make them do one deed. The contract is written against this;
// each backend says how to make itself and how a deed comes about (rig_fake.cpp, rig_sim.cpp).
#pragma once
#include <array>
#include <memory>
#include <string>

#include "core/mem/address_space.h"
#include "hal/machine.h"
#include "tests/contract/deed.h"

namespace gotee::contract {

// The regions of both spaces; between and behind them, up to kEnd, read-write.
inline constexpr u32 kBase = 0x10000000, kText = 0x10010000, kThumbText = 0x10011000;
inline constexpr u32 kConstants = 0x10012000, kData = 0x10013000, kGuard = 0x10014000, kRest = 0x10015000;
inline constexpr u32 kHeap = 0x10100000, kEnd = 0x10400000;
inline constexpr u32 kIsland = 0x10500000;  // one more page of data, with nothing behind it
inline constexpr std::array<PhysAddr, 2> kBacking = {PhysAddr{0x98000000}, PhysAddr{0x9c000000}};

/// Physical address of an applet's virtual one.
inline PhysAddr backing_of(u32 space, u32 address) { return {kBacking[space].raw + (address - kBase)}; }

// --- What a backend defines -------------------------------------------------------------------------

using BackendPointer = std::unique_ptr<hal::Backend, void (*)(hal::Backend*)>;
BackendPointer make_backend();
/// The next run in a space with these tables begins with this deed. Nothing to do where there is a processor.
void prepare(hal::Backend& backend, const PageTables& tables, const Deed& deed, Instant deadline);
/// What the machine printed so far.
std::string console_of(const hal::Backend& backend);

// --- The same for all ---------------------------------------------------------------------------------

class Rig {
 public:
  explicit Rig(Grain grain = Grain::Largest);

  hal::Machine& machine() { return machine_; }
  hal::Backend& backend() { return *backend_; }
  AddressSpace& space(u32 index = 0) { return spaces_[index]; }

  /// A context about to do the deed to `address`; every other register holds a value of its own.
  static Context about_to(const Deed& deed, u32 address);
  /// Run until it traps. Nothing in the rig runs for longer than a millisecond, but for Endless.
  Trap perform(const Deed& deed, Context& context, u32 space = 0);
  Trap perform_until(const Deed& deed, Context& context, Instant deadline, u32 space = 0);
  /// Other text for space 0: `code` at `address`, and supervisor calls of its instruction set in all the rest
  /// of those two pages. It stands in memory that has held no code before, because an emulator that shares
  /// its memory does not see the host write there; there is room for some thousand times.
  void place(u32 address, std::span<const u8> code, bool thumb);
  /// Run space 0 until it traps, for a millisecond at most.
  Trap run(Context& context);
  /// Where the code of a deed stands.
  static u32 code_of(const Deed& deed);
  /// A word of a space's memory, by its virtual address.
  u32 word(u32 space, u32 address);
  void set_word(u32 space, u32 address, u32 value);

 private:
  void build(u32 index, Grain grain, PhysAddr text_backing, std::span<const u8> text);

  BackendPointer backend_;
  hal::Machine machine_;
  std::array<AddressSpace, 2> spaces_;
  Grain grain_;
  u32 placed_ = 0;
};

}  // namespace gotee::contract
