// SPDX-License-Identifier: BSD-3-Clause
//
// Where a guest starts: System mode of the Normal world, registers 0, MMU off. VFP is granted by the secure side
// and switched on here.
        .syntax unified
        .arm
        .arch_extension sec
        .fpu    vfpv4

        .section .text._start, "ax", %progbits
        .global _start
_start:
        ldr     sp, =__stack_top
        mov     r0, #(0xf << 20)
        mcr     p15, 0, r0, c1, c0, 2   // CPACR: cp10 and cp11
        isb
        mov     r0, #(1 << 30)
        vmsr    fpexc, r0
        bl      main
        mov     r0, #0
        smc     #0
