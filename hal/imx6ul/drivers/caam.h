// SPDX-License-Identifier: BSD-3-Clause
//
// The random number generator of the CAAM (i.MX6UL): its noise source seeds an SP 800-90A generator in
// hardware, state handle 0, which is asked through job ring 0.
// Ref: [IMX6ULSRM] i.MX 6UltraLite Security Reference Manual, chapter CAAM.
#pragma once
#include <span>

#include "core/base/result.h"
#include "hal/imx6ul/mmio.h"

namespace gotee::imx6ul {

class Caam {
 public:
  enum class Reg : u32 {
    MasterConfig = 0x0004,    // [IMX6ULSRM] MCFGR
    SecurityConfig = 0x000c,  // [IMX6ULSRM] SCFGR
    RingOwner = 0x0010,       // [IMX6ULSRM] JR0MIDR_MS
    RingMaster = 0x0014,      // [IMX6ULSRM] JR0MIDR_LS
    RingStart = 0x005c,       // [IMX6ULSRM] JRSTARTR
    TrngControl = 0x0600,     // [IMX6ULSRM] RTMCTL
    TrngRuns = 0x0604,        // [IMX6ULSRM] RTSCMISC
    TrngPokerRange = 0x0608,  // [IMX6ULSRM] RTPKRRNG
    TrngPokerMax = 0x060c,    // [IMX6ULSRM] RTPKRMAX
    TrngSeed = 0x0610,        // [IMX6ULSRM] RTSDCTL
    TrngFreqMin = 0x0618,     // [IMX6ULSRM] RTFRQMIN
    TrngFreqMax = 0x061c,     // [IMX6ULSRM] RTFRQMAX
    TrngMonobit = 0x0620,     // [IMX6ULSRM] RTSCML
    TrngRun1 = 0x0624,        // [IMX6ULSRM] RTSCR1L, the limits of longer runs 4 apart up to RTSCR6PL
    RngStatus = 0x06c0,       // [IMX6ULSRM] RDSTA
    BlockVersions = 0x0fec,   // [IMX6ULSRM] CHAVID_LS
    Version = 0x0ff8,         // [IMX6ULSRM] CAAMVID_MS
    InputBase = 0x1004,       // [IMX6ULSRM] IRBAR_JR0, its lower half
    InputBaseHigh = 0x1000,   // [IMX6ULSRM] IRBAR_JR0, its upper half
    InputSize = 0x100c,       // [IMX6ULSRM] IRSR_JR0
    InputAdded = 0x101c,      // [IMX6ULSRM] IRJAR_JR0
    OutputBase = 0x1024,      // [IMX6ULSRM] ORBAR_JR0, its lower half
    OutputBaseHigh = 0x1020,  // [IMX6ULSRM] ORBAR_JR0, its upper half
    OutputSize = 0x102c,      // [IMX6ULSRM] ORSR_JR0
    OutputRemoved = 0x1034,   // [IMX6ULSRM] ORJRR_JR0
    OutputFull = 0x103c,      // [IMX6ULSRM] ORSFR_JR0
    RingStatus = 0x104c,      // [IMX6ULSRM] JRINTR_JR0
    RingConfig = 0x1054,      // [IMX6ULSRM] JRCFGR_JR0_LS
    RingCommand = 0x106c,     // [IMX6ULSRM] JRCR_JR0
  };
  static constexpr Field kLongPointers{16, 1};         // [IMX6ULSRM] MCFGR, PS: 0 is 32-bit pointers
  static constexpr Field kNoDeterministic{9, 1};       // [IMX6ULSRM] SCFGR, RNGSH0
  static constexpr Field kOwnerNormal{3, 1};           // [IMX6ULSRM] JR0MIDR_MS, JROWN_NS
  static constexpr Field kSequenceNormal{3, 1};        // [IMX6ULSRM] JR0MIDR_LS, SEQ_NS
  static constexpr Field kPointerNormal{19, 1};        // [IMX6ULSRM] JR0MIDR_LS, NONSEQ_NS
  static constexpr Field kRing0{0, 1};                 // [IMX6ULSRM] JRSTARTR, start JR0
  static constexpr Field kProgram{16, 1};              // [IMX6ULSRM] RTMCTL, PRGM
  static constexpr Field kTrngError{12, 1};            // [IMX6ULSRM] RTMCTL, ERR: write 1 to clear
  static constexpr Field kTrngAccess{5, 1};            // [IMX6ULSRM] RTMCTL, TRNG_ACC
  static constexpr Field kSampleMode{0, 2};            // [IMX6ULSRM] RTMCTL, SAMP_MODE
  static constexpr Field kSampleDelay{16, 16};         // [IMX6ULSRM] RTSDCTL, ENT_DLY: clocks a sample
  static constexpr Field kSampleSize{0, 16};           // [IMX6ULSRM] RTSDCTL, SAMP_SIZE: bits a seed
  static constexpr Field kInstantiated{0, 1};          // [IMX6ULSRM] RDSTA, IF0
  static constexpr Field kPredictionResistance{4, 1};  // [IMX6ULSRM] RDSTA, PR0
  static constexpr Field kDeterministic{8, 1};         // [IMX6ULSRM] RDSTA, TF0: test instance
  static constexpr Field kRngVersion{16, 4};           // [IMX6ULSRM] CHAVID_LS, RNGVID
  static constexpr Field kJobs{0, 10};                 // [IMX6ULSRM] ORSFR_JR0
  static constexpr Field kHalt{2, 2};                  // [IMX6ULSRM] JRINTR_JR0, HALT: 1 in progress, 2 done
  static constexpr Field kMaskInterrupt{0, 1};         // [IMX6ULSRM] JRCFGR_JR0_LS, IMSK
  static constexpr Field kRingReset{0, 1};  // [IMX6ULSRM] JRCR_JR0, RESET: once flushes, twice resets

  static constexpr u32 kDmaBytes = 0x100;  // of physical memory that the CAAM can reach
  static constexpr u32 kDmaAlign = 64;

  /// `dma` is kDmaBytes of memory at a multiple of kDmaAlign that nobody else uses, in Secure memory, mapped
  /// as Device memory at its physical address.
  constexpr Caam(u32 base, PhysAddr dma) : io_{base}, dma_{dma.raw} {}

  /// There is a CAAM here with the generator that this driver knows. Its clocks must run.
  bool present() const;

  /// Take job ring 0 for the Secure world and instantiate the generator, with ever longer samples while the
  /// noise fails its tests in hardware, unless boot code has done so. Any other trouble, also an absent
  /// block, a ring that stays the Normal world's or an instance in deterministic test mode, is Device, now
  /// and for ever.
  Result<> start();
  /// Fill `out` from the generator; with fresh noise for each request where it was instantiated for that.
  /// Device on any trouble, now and for ever; `out` is then all zeros. Also Device before start().
  Result<> read(std::span<u8> out);

 private:
  enum class State : u8 { Off, Ready, Failed };
  bool take_ring() const;
  bool reset_ring() const;
  void program_noise(u32 delay) const;
  bool instantiate() const;
  std::optional<u32> run(std::span<const u32> descriptor) const;

  Mmio<Reg> io_;
  u32 dma_;
  State state_ = State::Off;
};

}  // namespace gotee::imx6ul
