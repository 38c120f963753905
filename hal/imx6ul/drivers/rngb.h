// SPDX-License-Identifier: BSD-3-Clause
//
// RNGB, the random number generator of the i.MX6ULL and ULZ: noise source, seed, and SHA-1 generator in one.
// Ref: [IMX6ULLRM] 44 (RNGB), 44.5.2 (automatic seeding).
#pragma once
#include <span>

#include "core/base/result.h"
#include "hal/imx6ul/mmio.h"

namespace gotee::imx6ul {

class Rngb {
 public:
  enum class Reg : u32 {
    Version = 0x00,  // [IMX6ULLRM] RNG_VER
    Command = 0x04,  // [IMX6ULLRM] RNG_CMD
    Control = 0x08,  // [IMX6ULLRM] RNG_CR
    Status = 0x0c,   // [IMX6ULLRM] RNG_SR
    Error = 0x10,    // [IMX6ULLRM] RNG_ESR
    Output = 0x14,   // [IMX6ULLRM] RNG_OUT
  };
  static constexpr Field kType{28, 4};              // [IMX6ULLRM] RNG_VER, TYPE: 1 is RNGB
  static constexpr Field kSelfTest{0, 1};           // [IMX6ULLRM] RNG_CMD, ST
  static constexpr Field kSeed{1, 1};               // [IMX6ULLRM] RNG_CMD, GS
  static constexpr Field kClearInterrupt{4, 1};     // [IMX6ULLRM] RNG_CMD, CI
  static constexpr Field kClearError{5, 1};         // [IMX6ULLRM] RNG_CMD, CE
  static constexpr Field kReset{6, 1};              // [IMX6ULLRM] RNG_CMD, SR: clears itself
  static constexpr Field kAutoReseed{4, 1};         // [IMX6ULLRM] RNG_CR, AR
  static constexpr Field kMaskDone{5, 1};           // [IMX6ULLRM] RNG_CR, MASKDONE
  static constexpr Field kMaskError{6, 1};          // [IMX6ULLRM] RNG_CR, MASKERR
  static constexpr Field kSelfTestDone{4, 1};       // [IMX6ULLRM] RNG_SR, STDN
  static constexpr Field kSeedDone{5, 1};           // [IMX6ULLRM] RNG_SR, SDN
  static constexpr Field kLevel{8, 4};              // [IMX6ULLRM] RNG_SR, FIFO_LVL: words ready
  static constexpr Field kError{16, 1};             // [IMX6ULLRM] RNG_SR, ERR: see RNG_ESR
  static constexpr Field kSelfTestFailed{21, 3};    // [IMX6ULLRM] RNG_SR, ST_PF: generator, noise, reseed
  static constexpr u32 kStatisticsError = 1u << 3;  // [IMX6ULLRM] RNG_ESR, SATE

  explicit constexpr Rngb(u32 base) : io_{base} {}

  /// Such a block answers here. Its clock must run.
  bool present() const { return kType.get(io_.probe(Reg::Version).value_or(0)) == 1; }

  /// Reset, self test, first seed; from then on it reseeds by itself. A seed whose noise failed the
  /// statistical tests is drawn again a few times, as healthy noise fails them now and then. Any other
  /// trouble, also an absent block, is Device, now and for ever.
  Result<> start();
  /// Fill `out` from the generator. Device when it reports an error or stops delivering, now and for ever;
  /// `out` is then all zeros. Also Device before start().
  Result<> read(std::span<u8> out);

 private:
  enum class State : u8 { Off, Ready, Failed };
  bool self_test() const;
  bool seed() const;
  std::optional<u32> next_word() const;

  Mmio<Reg> io_;
  State state_ = State::Off;
};

}  // namespace gotee::imx6ul
