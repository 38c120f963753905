// SPDX-License-Identifier: BSD-3-Clause
//
// The configuration of hal/sim/engine.cpp, put together once more without the engine.
// Ref: [ARM ARM] DDI 0406C.d, B3.5 (tables), B4.1 (system registers).
#include "bench/bare_unicorn.h"

#include <sys/mman.h>

#include <cstring>

#include "bench/error.h"
#include "core/syscall/numbers.h"

namespace gotee::bench {
namespace {

constexpr u32 kSupervisorCall = 2;  // QEMU's number of the exception

void check(uc_err error, const char* what) {
  if (error != UC_ERR_OK) throw Failure{std::string{"bare Unicorn: "} + what + ": " + uc_strerror(error)};
}

}  // namespace

BareUnicorn::BareUnicorn(const sim::Dram& dram, const Applet& applet) : start_{applet.context} {
  check(uc_open(UC_ARCH_ARM, UC_MODE_ARM, &uc_), "uc_open");
  check(uc_ctl_set_cpu_model(uc_, UC_CPU_ARM_CORTEX_A7), "choosing a Cortex-A7");
  uc_hook hook = 0;
  check(uc_hook_add(uc_, &hook, UC_HOOK_INTR, reinterpret_cast<void*>(on_interrupt), this, 1, 0), "hook");
  map_memory(dram, applet.memory);
  build_tables(applet.memory.tables());
  set_system_registers(applet.memory.tables().base().raw);
}

BareUnicorn::~BareUnicorn() {
  if (uc_ != nullptr) uc_close(uc_);
  if (mapped_tables_ != nullptr) munmap(mapped_tables_, tables_.size() * sizeof(u32));
}

void BareUnicorn::map_memory(const sim::Dram& dram, const AddressSpace& memory) {
  // An applet's region is one piece, in its own addresses and behind them.
  const Region& first = memory.regions().front();
  const u64 size = memory.regions().back().end() - first.base.raw;
  check(uc_mem_map_ptr(uc_, first.base.raw, size, UC_PROT_ALL, dram.at(first.backing, size)), "memory");
}

void BareUnicorn::build_tables(const PageTables& tables) {
  const std::span<const u32> from = tables.words();
  tables_.assign(from.begin(), from.end());
  for (u32 mib = 0; mib < kFirstLevelWords; ++mib) {
    const u32 first = from[mib];
    if (first == 0) continue;
    if ((first & 3) != 1) {
      tables_[mib] = (first & (kSectionSize - 1)) | mib * kSectionSize;
      continue;
    }
    const u32 second = ((first & ~0x3ffu) - tables.base().raw) / u32{sizeof(u32)};
    for (u32 i = 0; i < kSecondLevelWords; ++i) {
      u32& word = tables_[second + i];
      if (word != 0) word = (word & (kPageSize - 1)) | (mib * kSectionSize + i * kPageSize);
    }
  }
  const std::size_t bytes = tables_.size() * sizeof(u32);
  mapped_tables_ = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped_tables_ == MAP_FAILED) throw Failure{"bare Unicorn: no memory for tables"};
  std::memcpy(mapped_tables_, tables_.data(), bytes);
  check(uc_mem_map_ptr(uc_, tables.base().raw, bytes, UC_PROT_ALL, mapped_tables_), "tables");
}

void BareUnicorn::set_cp15(u32 crn, u32 crm, u32 op1, u32 op2, u32 value) {
  uc_arm_cp_reg reg{15, 0, 0, crn, crm, op1, op2, value};
  check(uc_reg_write(uc_, UC_ARM_REG_CP_REG, &reg), "a system register");
}

void BareUnicorn::set_system_registers(u32 tables) {
  set_cp15(1, 0, 0, 2, 0xf << 20);  // CPACR: cp10 and cp11
  u32 fpexc = 1u << 30;
  check(uc_reg_write(uc_, UC_ARM_REG_FPEXC, &fpexc), "FPEXC");
  set_cp15(2, 0, 0, 0, tables);  // TTBR0
  set_cp15(2, 0, 0, 2, 0);       // TTBCR
  set_cp15(3, 0, 0, 0, 1);       // DACR: domain 0 client
  uc_arm_cp_reg sctlr{15, 0, 0, 1, 0, 0, 0, 0};
  check(uc_reg_read(uc_, UC_ARM_REG_CP_REG, &sctlr), "SCTLR");
  set_cp15(1, 0, 0, 0, (u32(sctlr.val) | 1u) & ~2u);  // M, not A
  u32 cpsr = start_.cpsr;
  check(uc_reg_write(uc_, UC_ARM_REG_CPSR, &cpsr), "CPSR");
  u32 sp = start_.r[kSp];
  check(uc_reg_write(uc_, UC_ARM_REG_SP, &sp), "SP");
}

void BareUnicorn::run() {
  check(uc_emu_start(uc_, start_.pc().raw | (start_.thumb() ? 1 : 0), 0, 0, 0), "running");
  if (!exited_) throw Failure{"bare Unicorn: the image stopped before its exit"};
}

void BareUnicorn::on_interrupt(uc_engine* uc, uint32_t number, void* self) {
  auto& bare = *static_cast<BareUnicorn*>(self);
  u32 call = 0, argument = 0;
  uc_reg_read(uc, UC_ARM_REG_R0, &call);
  uc_reg_read(uc, UC_ARM_REG_R1, &argument);
  if (number == kSupervisorCall && Sysno(call) == Sysno::Write) {
    bare.console_ += char(argument & 0xff);
    return;
  }
  bare.exited_ = number == kSupervisorCall && Sysno(call) == Sysno::Exit;
  uc_emu_stop(uc);
}

}  // namespace gotee::bench
