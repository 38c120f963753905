// SPDX-License-Identifier: BSD-3-Clause
//
// Unicorn and as little else as possible: what gotee-sim's engine is compared with.
#pragma once
#include <unicorn/unicorn.h>

#include <string>
#include <vector>

#include "core/exec/applet.h"
#include "hal/sim/dram.h"

namespace gotee::bench {

/// A Cortex-A7 in user mode with the MMU on and the applet's own tables. Its only hook is the one for SVC,
/// which serves EXIT and WRITE on the spot.
class BareUnicorn {
 public:
  /// Ready to run a loaded applet that has not run yet; the applet's memory is used, not copied. Throws
  /// Failure.
  BareUnicorn(const sim::Dram& dram, const Applet& applet);
  ~BareUnicorn();
  BareUnicorn(const BareUnicorn&) = delete;
  BareUnicorn& operator=(const BareUnicorn&) = delete;

  /// Runs until EXIT. Throws Failure when anything else happens.
  void run();
  /// What the applet printed.
  const std::string& console() const { return console_; }

 private:
  static void on_interrupt(uc_engine* uc, uint32_t number, void* self);
  void map_memory(const sim::Dram& dram, const AddressSpace& memory);
  void build_tables(const PageTables& tables);
  void set_system_registers(u32 tables);
  void set_cp15(u32 crn, u32 crm, u32 op1, u32 op2, u32 value);

  uc_engine* uc_ = nullptr;
  std::vector<u32> tables_;  // as the applet's, with every output address the virtual one
  void* mapped_tables_ = nullptr;
  Context start_;
  std::string console_;
  bool exited_ = false;
};

}  // namespace gotee::bench
