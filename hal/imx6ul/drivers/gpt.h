// SPDX-License-Identifier: BSD-3-Clause
//
// General Purpose Timer: a free-running 32-bit counter.
// Ref: [IMX6ULRM] chapter "General Purpose Timer (GPT)".
#pragma once
#include "core/base/result.h"
#include "hal/imx6ul/mmio.h"

namespace gotee::imx6ul {

/// One GPT (GPT1 or GPT2). Both of its clock gates must be on before any call.
class Gpt {
 public:
  enum class Reg : u32 {
    Control = 0x00,    // [IMX6ULRM] GPT: GPTx_CR
    Prescale = 0x04,   // [IMX6ULRM] GPT: GPTx_PR
    Status = 0x08,     // [IMX6ULRM] GPT: GPTx_SR, write 1 to clear
    Interrupt = 0x0c,  // [IMX6ULRM] GPT: GPTx_IR
    Compare3 = 0x18,   // [IMX6ULRM] GPT: GPTx_OCR3
    Counter = 0x24,    // [IMX6ULRM] GPT: GPTx_CNT, read only
  };
  static constexpr Field kEnable{0};             // [IMX6ULRM] GPTx_CR.EN
  static constexpr Field kFromZero{1};           // [IMX6ULRM] GPTx_CR.ENMOD: enabling resets the counter
  static constexpr Field kRunInWait{3};          // [IMX6ULRM] GPTx_CR.WAITEN
  static constexpr Field kClock{6, 3};           // [IMX6ULRM] GPTx_CR.CLKSRC
  static constexpr Field kFreeRun{9};            // [IMX6ULRM] GPTx_CR.FRR
  static constexpr Field kCrystalOn{10};         // [IMX6ULRM] GPTx_CR.EN_24M
  static constexpr Field kReset{15};             // [IMX6ULRM] GPTx_CR.SWR, clears itself
  static constexpr Field kDivide{0, 12};         // [IMX6ULRM] GPTx_PR.PRESCALER, divides by n + 1
  static constexpr Field kDivideCrystal{12, 4};  // [IMX6ULRM] GPTx_PR.PRESCALER24M, divides by n + 1
  static constexpr Field kAllFlags{0, 6};        // [IMX6ULRM] GPTx_SR: ROV, IF2-1, OF3-1

  enum class Clock : u32 {  // [IMX6ULRM] GPTx_CR.CLKSRC
    Ipg = 0b001,
    Crystal = 0b101,
  };
  static constexpr u32 kCrystalHz = 24'000'000;  // [IMX6ULRM] CCM: the reference oscillator

  explicit constexpr Gpt(u32 base) : io_{base} {}

  /// Whether a timer answers here: no register of the GPT is never 0, so OCR3, which this driver does not
  /// use, is written, read back and restored.
  bool present() const;

  /// Count up from 0, wrapping at 2^32, at the rate of `clock` divided by `divider`, also while the core
  /// waits for an interrupt. Refuses (Invalid) a divider of 0 or one that the prescalers cannot make: above
  /// 4096, or, with the crystal, any that is not the product of 1-16 and 1-4096. The crystal is sampled by
  /// the ipg clock: ask for no more than a quarter of ipg (a divider of 2 or more at 66 MHz). TimedOut when
  /// the block stays in reset, Device when it does not start.
  Result<> start(Clock clock, u32 divider) const;

  /// Ticks since start(), modulo 2^32.
  u32 count() const { return io_.read(Reg::Counter); }

  /// Stop counting; count() keeps its value until the next start().
  void stop() const { io_.update(Reg::Control, kEnable, 0); }

 private:
  Mmio<Reg> io_;
};

}  // namespace gotee::imx6ul
