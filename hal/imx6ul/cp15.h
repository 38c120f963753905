// SPDX-License-Identifier: BSD-3-Clause
//
// System control coprocessor: one inline function per register or operation that this machine uses.
// Ref: [ARM ARM] DDI 0406C.d, B4.1 (VMSA system control registers), B8 (Generic Timer).
#pragma once
#include "core/base/types.h"

namespace gotee::imx6ul::cp15 {

#define GOTEE_CP15_READ(name, op1, crn, crm, op2)                                       \
  inline u32 name() {                                                                   \
    u32 value;                                                                          \
    __asm__ volatile("mrc p15, " #op1 ", %0, " #crn ", " #crm ", " #op2 : "=r"(value)); \
    return value;                                                                       \
  }
#define GOTEE_CP15_WRITE(name, op1, crn, crm, op2)                                                  \
  inline void name(u32 value) {                                                                     \
    __asm__ volatile("mcr p15, " #op1 ", %0, " #crn ", " #crm ", " #op2 : : "r"(value) : "memory"); \
  }
#define GOTEE_CP15_READ64(name, op1, crm)                                               \
  inline u64 name() {                                                                   \
    u64 value;                                                                          \
    __asm__ volatile("mrrc p15, " #op1 ", %Q0, %R0, " #crm : "=r"(value) : : "memory"); \
    return value;                                                                       \
  }
#define GOTEE_CP15_WRITE64(name, op1, crm)                                             \
  inline void name(u64 value) {                                                        \
    __asm__ volatile("mcrr p15, " #op1 ", %Q0, %R0, " #crm : : "r"(value) : "memory"); \
  }

GOTEE_CP15_READ(sctlr, 0, c1, c0, 0)             // B4.1.130
GOTEE_CP15_WRITE(set_sctlr, 0, c1, c0, 0)        // B4.1.130
GOTEE_CP15_WRITE(set_ttbr0, 0, c2, c0, 0)        // B4.1.154
GOTEE_CP15_WRITE(set_ttbcr, 0, c2, c0, 2)        // B4.1.153
GOTEE_CP15_WRITE(set_dacr, 0, c3, c0, 0)         // B4.1.43
GOTEE_CP15_WRITE(set_contextidr, 0, c13, c0, 1)  // B4.1.36

GOTEE_CP15_WRITE(invalidate_icache, 0, c7, c5, 0)     // ICIALLU, B6.2.1
GOTEE_CP15_WRITE(invalidate_predictor, 0, c7, c5, 6)  // BPIALL
GOTEE_CP15_WRITE(clean_dcache_line, 0, c7, c11, 1)    // DCCMVAU, to the point of unification
GOTEE_CP15_WRITE(invalidate_tlb, 0, c8, c7, 0)        // TLBIALL
GOTEE_CP15_WRITE(invalidate_tlb_page, 0, c8, c7, 1)   // TLBIMVA: address and ASID
GOTEE_CP15_WRITE(invalidate_tlb_asid, 0, c8, c7, 2)   // TLBIASID

GOTEE_CP15_READ(cntfrq, 0, c14, c0, 0)         // B8.1.8
GOTEE_CP15_WRITE(set_cntfrq, 0, c14, c0, 0)    // B8.1.8
GOTEE_CP15_WRITE(set_cntp_ctl, 0, c14, c2, 1)  // B8.1.10, the secure bank in Secure state
GOTEE_CP15_READ64(cntpct_unordered, 0, c14)    // B8.1.12
GOTEE_CP15_WRITE64(set_cntp_cval, 2, c14)      // B8.1.11

#undef GOTEE_CP15_READ
#undef GOTEE_CP15_WRITE
#undef GOTEE_CP15_READ64
#undef GOTEE_CP15_WRITE64

inline void isb() { __asm__ volatile("isb" : : : "memory"); }
inline void dsb() { __asm__ volatile("dsb" : : : "memory"); }
inline void wfi() { __asm__ volatile("dsb\n\twfi" : : : "memory"); }

/// The counter, not read before what stands earlier in the program (B8.1.2).
inline u64 cntpct() {
  isb();
  return cntpct_unordered();
}

}  // namespace gotee::imx6ul::cp15
