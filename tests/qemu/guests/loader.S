// SPDX-License-Identifier: BSD-3-Clause
//
// A boot loader that leaves the machine in a mess: MMU and caches on, domains at manager, vectors elsewhere, another
// mode, a stack that is none, VFP off. Then it jumps to the firmware.
        .syntax unified
        .arm

        .section .text._start, "ax", %progbits
        .global _start
_start:
        ldr     r0, =table              // sections, flat: normal memory, cached, full access
        mov     r1, #0
        movw    r2, #0x0c0e             // AP = 11, C = B = 1, section
1:      orr     r3, r2, r1, lsl #20
        str     r3, [r0, r1, lsl #2]
        add     r1, r1, #1
        cmp     r1, #4096
        bne     1b
        mov     r1, #0
        mcr     p15, 0, r1, c2, c0, 2   // TTBCR
        mcr     p15, 0, r0, c2, c0, 0   // TTBR0
        mvn     r1, #0
        mcr     p15, 0, r1, c3, c0, 0   // DACR: manager everywhere
        mov     r1, #0
        mcr     p15, 0, r1, c8, c7, 0
        dsb
        isb
        mrc     p15, 0, r1, c1, c0, 0
        orr     r1, r1, #0x1000
        orr     r1, r1, #0x0005
        orr     r1, r1, #0x0800
        mcr     p15, 0, r1, c1, c0, 0   // SCTLR: M, C, Z, I
        isb
        mvn     r1, #31
        mcr     p15, 0, r1, c12, c0, 0  // VBAR: nothing there
        mvn     sp, #0
        cps     #0x1f
        mvn     sp, #2
        ldr     pc, =0x90000000

        .ltorg
        .section .bss
        .balign 16384
table:  .space  16384
