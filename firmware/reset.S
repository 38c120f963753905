// SPDX-License-Identifier: BSD-3-Clause
//
// From whatever state a boot loader left to C++: Secure SVC mode, caches and MMU off, memory in its place.
// Ref: [ARM ARM] DDI 0406C.d, B1.9.1 (reset), B2.2.7 (set/way maintenance), B4.1 (registers);
// [CORTEX-A7] DDI 0464F, 4.3.31 (ACTLR).
        .syntax unified
        .arm
        .fpu    neon-vfpv4

        .equ    SCTLR_M, 1 << 0
        .equ    SCTLR_C, 1 << 2
        .equ    SCTLR_RESET, 0x00c50078         // [CORTEX-A7] 4.3.27: the value after reset
        .equ    ACTLR_SMP, 1 << 6               // caches and exclusives do not work without it
        .equ    CPACR_VFP, 0xf << 20            // B4.1.40: cp10 and cp11, full access
        .equ    FPEXC_EN, 1 << 30
        .equ    CNTKCTL_PL0, 0x3                // B8.1.9: PL0PCTEN, PL0VCTEN: GoTEE applets read CNTPCT

        .section .text.start, "ax", %progbits
        .global _start
        .type   _start, %function
_start:
        cpsid   aif, #0x13
        ldr     r0, =gotee_vectors
        mcr     p15, 0, r0, c12, c0, 0          // VBAR: from now on a fault is reported, not lost

        // What a loader wrote may still be in the data cache: clean it if it was on, drop it if it was not.
        mrc     p15, 0, r8, c1, c0, 0           // SCTLR
        bl      maintain_data_cache
        bic     r0, r8, #SCTLR_C | SCTLR_M
        mcr     p15, 0, r0, c1, c0, 0
        isb
        bl      maintain_data_cache             // lines that came in while it was being cleaned
        ldr     r0, =SCTLR_RESET
        mcr     p15, 0, r0, c1, c0, 0
        mov     r0, #0
        mcr     p15, 0, r0, c7, c5, 0           // ICIALLU
        mcr     p15, 0, r0, c7, c5, 6           // BPIALL
        mcr     p15, 0, r0, c8, c7, 0           // TLBIALL
        dsb
        isb
        mrc     p15, 0, r0, c1, c0, 1           // ACTLR
        orr     r0, r0, #ACTLR_SMP
        mcr     p15, 0, r0, c1, c0, 1
        ldr     r0, =CPACR_VFP
        mcr     p15, 0, r0, c1, c0, 2           // CPACR
        isb
        mov     r0, #FPEXC_EN
        vmsr    fpexc, r0
        mov     r0, #CNTKCTL_PL0
        mcr     p15, 0, r0, c14, c1, 0          // CNTKCTL

        ldr     r0, =__rodata_start
        ldr     r1, =__rodata_load
        ldr     r2, =__rodata_end
        bl      copy
        ldr     r0, =__data_start
        ldr     r1, =__data_load
        ldr     r2, =__data_end
        bl      copy
        ldr     r0, =__bss_start
        ldr     r1, =__bss_end
        mov     r2, #0
1:      cmp     r0, r1
        strlo   r2, [r0], #4
        blo     1b

        ldr     sp, =__stack_top
        bl      gotee_set_exception_stacks
        bl      gotee_main                      // does not return
2:      wfi
        b       2b

// Words from r1 to r0, until r0 is r2.
copy:   cmp     r0, r2
        ldrlo   r3, [r1], #4
        strlo   r3, [r0], #4
        blo     copy
        bx      lr

// Every line of both data caches, by set and way: cleaned and invalidated when SCTLR in r8 has the cache on,
// else only invalidated. Overwrites r0-r7, r9, r10.
maintain_data_cache:
        mov     r10, #2                         // CSSELR: level 2 first, then level 1 (level << 1)
1:      mcr     p15, 2, r10, c0, c0, 0          // CSSELR
        isb
        mrc     p15, 1, r0, c0, c0, 0           // CCSIDR
        and     r1, r0, #7
        add     r1, r1, #4                      // log2 of the line's bytes
        ubfx    r2, r0, #3, #10                 // ways - 1
        ubfx    r3, r0, #13, #15                // sets - 1
        clz     r4, r2                          // the way field's position
2:      mov     r5, r3                          // set
3:      orr     r6, r10, r2, lsl r4
        orr     r6, r6, r5, lsl r1
        tst     r8, #SCTLR_C
        mcrne   p15, 0, r6, c7, c14, 2          // DCCISW
        mcreq   p15, 0, r6, c7, c6, 2           // DCISW
        subs    r5, r5, #1
        bge     3b
        subs    r2, r2, #1
        bge     2b
        subs    r10, r10, #2
        bge     1b
        dsb
        isb
        bx      lr

        .ltorg
