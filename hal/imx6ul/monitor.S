// SPDX-License-Identifier: BSD-3-Clause
//
// The way into the Normal world and the way back, through monitor mode.
// Ref: [ARM ARM] DDI 0406C.d, B1.5.1 (what security banks, and what it does not), B1.8 (exceptions), B4.1.129 (SCR).
        .syntax unified
        .arm
        .arch_extension sec
        .fpu    neon-vfpv4

        .equ    MODE_FIQ, 0x11
        .equ    MODE_IRQ, 0x12
        .equ    MODE_SVC, 0x13
        .equ    MODE_MON, 0x16
        .equ    MODE_ABT, 0x17
        .equ    MODE_UND, 0x1b

        // B4.1.129: Non-secure; FIQ and external aborts go to monitor mode. FW and AW stay 0: the Normal world
        // cannot mask either.
        .equ    SCR_NS, 1 << 0
        .equ    SCR_EA, 1 << 3
        .equ    SCR_NORMAL_WORLD, SCR_EA | (1 << 2) | SCR_NS
        .equ    ISR_A, 1 << 8           // B4.1.98: an asynchronous abort is pending
        .equ    CPACR_VFP, 0xf << 20
        .equ    FPEXC_EN, 1 << 30

        .equ    CONTEXT_PC, 60          // core/exec/context.h asserts these
        .equ    CONTEXT_CPSR, 64
        .equ    CONTEXT_FPSCR, 68
        .equ    CONTEXT_D, 72
        .equ    BANKED_FIQ_R8, 60       // core/exec/banked.h asserts these
        .equ    BANKED_CPACR, 80

        .equ    PREFETCH_ABORT, 3       // hal/imx6ul/trap.h, Exception
        .equ    DATA_ABORT, 4
        .equ    FIQ, 7
        .equ    MONITOR_CALL, 8

        // What monitor mode's sp points to while the Normal world runs.
        .equ    AREA_R0, 0              // r0-r2, lr of the exception
        .equ    AREA_LR, 12
        .equ    AREA_CONTEXT, 16
        .equ    AREA_BANKED, 20
        .equ    AREA_FAULTS, 24
        .equ    AREA_STACK, 28          // the supervisor's own

        .section .text.trap, "ax", %progbits

// sp, lr and spsr of one mode, from or to r1, which moves on.
        .macro  load_mode mode
        cps     #\mode
        ldr     sp, [r1], #4
        ldr     lr, [r1], #4
        ldr     r2, [r1], #4
        msr     spsr_cxsf, r2
        .endm
        .macro  store_mode mode
        cps     #\mode
        mrs     r2, spsr
        str     sp, [r1], #4
        str     lr, [r1], #4
        str     r2, [r1], #4
        .endm

// Exception gotee_enter_normal(Context* context, BankedRegisters* banked, FaultRegisters* faults)
        .global gotee_enter_normal
        .type   gotee_enter_normal, %function
gotee_enter_normal:
        push    {r4-r11, lr}
        ldr     r3, =monitor_area
        str     r0, [r3, #AREA_CONTEXT]
        str     r1, [r3, #AREA_BANKED]
        str     r2, [r3, #AREA_FAULTS]
        str     sp, [r3, #AREA_STACK]

        add     r2, r0, #CONTEXT_D
        vldmia  r2!, {d0-d15}
        vldmia  r2, {d16-d31}
        ldr     r2, [r0, #CONTEXT_FPSCR]
        vmsr    fpscr, r2

        load_mode MODE_FIQ
        add     r3, r1, #BANKED_FIQ_R8 - 12
        ldmia   r3, {r8-r12}            // FIQ mode's own
        load_mode MODE_IRQ
        load_mode MODE_SVC
        load_mode MODE_ABT
        load_mode MODE_UND
        cps     #MODE_MON
        ldr     sp, =monitor_area
        ldr     r1, [sp, #AREA_BANKED]
        ldr     r2, [r1, #BANKED_CPACR]
        ldr     r3, [r1, #BANKED_CPACR + 4]
        vmsr    fpexc, r3
        mcr     p15, 0, r2, c1, c0, 2   // CPACR, after the last VFP instruction of ours
        ldr     r2, [r0, #CONTEXT_CPSR]
        ldr     lr, [r0, #CONTEXT_PC]
        bic     r2, r2, #0x40           // F: the secure timer always gets through
        msr     spsr_cxsf, r2
        clrex
        mov     r2, #SCR_NORMAL_WORLD
        mcr     p15, 0, r2, c1, c1, 0   // SCR
        isb
        ldmia   r0, {r0-r14}^           // sp and lr of user and system mode
        movs    pc, lr

        .balign 32
        .global gotee_monitor_vectors
gotee_monitor_vectors:
        b       monitor_unexpected
        b       monitor_unexpected
        b       monitor_call_entry
        b       monitor_prefetch_entry
        b       monitor_data_entry
        b       monitor_unexpected
        b       monitor_unexpected      // IRQ stays with the Normal world: SCR.IRQ is 0
        b       monitor_fiq_entry

// Secure state from the first instruction on that can fault: with SCR.NS set, system registers are still the
// Normal world's.
        .macro  leave_normal exception, behind
        .if \behind
        sub     lr, lr, #\behind
        .endif
        stmia   sp, {r0-r2, lr}
        mov     r0, #0
        mcr     p15, 0, r0, c1, c1, 0   // SCR
        isb
        mov     r2, #\exception
        b       leave_normal_world
        .endm

monitor_call_entry:
        leave_normal MONITOR_CALL, 0
monitor_prefetch_entry:
        leave_normal PREFETCH_ABORT, 4
monitor_data_entry:
        stmia   sp, {r0, r1}
        mrs     r0, spsr
        and     r0, r0, #0x1f
        cmp     r0, #MODE_MON
        ldmia   sp, {r0, r1}
        subseq  pc, lr, #8              // leave_normal_world wanted it taken; the area is free by then
        leave_normal DATA_ABORT, 8
monitor_fiq_entry:
        leave_normal FIQ, 4
monitor_unexpected:
        b       gotee_vectors           // reported as a fault of the supervisor

leave_normal_world:
        ldr     r1, [sp, #AREA_CONTEXT]
        add     r0, r1, #12
        stmia   r0, {r3-r12}
        add     r0, r1, #52
        stmia   r0, {sp, lr}^           // of user and system mode
        ldmia   sp, {r3-r5}
        stmia   r1, {r3-r5}
        ldr     r3, [sp, #AREA_LR]
        mrs     r4, spsr
        str     r3, [r1, #CONTEXT_PC]
        str     r4, [r1, #CONTEXT_CPSR]
        mov     r6, r2                  // the exception
        mov     r7, r1                  // the Context

        // A write that the bus refused may still be on its way back. It is the Normal world's, and must not be
        // taken while the supervisor or an applet runs: take it here, which leaves its status in DFSR.
        dsb
        mrc     p15, 0, r0, c12, c1, 0  // ISR
        tst     r0, #ISR_A
        beq     1f
        mov     r0, #SCR_EA
        mcr     p15, 0, r0, c1, c1, 0
        isb
        cpsie   a
        isb
        cpsid   a
        mov     r0, #0
        mcr     p15, 0, r0, c1, c1, 0
        isb
        mov     r6, #DATA_ABORT
1:

        ldr     r1, [sp, #AREA_BANKED]
        mrc     p15, 0, r3, c1, c0, 2
        str     r3, [r1, #BANKED_CPACR]
        ldr     r3, =CPACR_VFP
        mcr     p15, 0, r3, c1, c0, 2
        isb
        vmrs    r3, fpexc
        str     r3, [r1, #BANKED_CPACR + 4]
        mov     r3, #FPEXC_EN
        vmsr    fpexc, r3
        vmrs    r3, fpscr
        str     r3, [r7, #CONTEXT_FPSCR]
        add     r3, r7, #CONTEXT_D
        vstmia  r3!, {d0-d15}
        vstmia  r3, {d16-d31}

        ldr     r4, [sp, #AREA_FAULTS]
        mrc     p15, 0, r3, c5, c0, 0   // DFSR, DFAR, IFSR, IFAR: the secure ones, which an abort that is
        str     r3, [r4]                // taken to monitor mode sets (B3.13.4)
        mrc     p15, 0, r3, c6, c0, 0
        str     r3, [r4, #4]
        mrc     p15, 0, r3, c5, c0, 1
        str     r3, [r4, #8]
        mrc     p15, 0, r3, c6, c0, 2
        str     r3, [r4, #12]

        mov     r5, sp                  // monitor_area
        store_mode MODE_FIQ
        add     r3, r1, #BANKED_FIQ_R8 - 12
        stmia   r3, {r8-r12}
        store_mode MODE_IRQ
        store_mode MODE_SVC
        store_mode MODE_ABT
        store_mode MODE_UND
        mov     r3, #0
        mcr     p15, 0, r3, c7, c5, 6   // BPIALL: what the Normal world trained must not steer us
        clrex
        cpsid   aif, #MODE_SVC
        ldr     sp, [r5, #AREA_STACK]
        bl      gotee_set_exception_stacks
        mov     r0, r6
        pop     {r4-r11, pc}

// void gotee_prepare_normal(u32 sctlr, u32 nsacr): once. The Normal world's control register as after reset.
        .global gotee_prepare_normal
        .type   gotee_prepare_normal, %function
gotee_prepare_normal:
        mcr     p15, 0, r1, c1, c1, 2   // NSACR
        ldr     r2, =gotee_monitor_vectors
        mcr     p15, 0, r2, c12, c0, 1  // MVBAR
        mov     r3, lr
        cps     #MODE_MON
        mov     r2, #SCR_NS
        mcr     p15, 0, r2, c1, c1, 0
        isb
        mcr     p15, 0, r0, c1, c0, 0   // SCTLR of the Normal world
        mov     r2, #0
        mcr     p15, 0, r2, c1, c1, 0
        isb
        cps     #MODE_SVC
        bx      r3

        .ltorg

        .section .bss.exceptions, "aw", %nobits
        .balign 8
monitor_area:
        .space  32
