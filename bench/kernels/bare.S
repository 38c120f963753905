// SPDX-License-Identifier: BSD-3-Clause
//
// Kernels on the bare machine: SVC mode, MMU off, VFP on, semihosting for output and the way out.
// Ref: [ARM ARM] DDI 0406C.d, B4.1.40 (CPACR), B4.1.57 (FPEXC); Semihosting for AArch32 and AArch64, 3.0.
        .syntax unified
        .arm
        .fpu    neon-vfpv4
        .text

        .global _start
        .type   _start, %function
_start:
        ldr     sp, =stack_end
        mrc     p15, 0, r0, c1, c0, 2
        orr     r0, r0, #0xf << 20      // CPACR: cp10 and cp11
        mcr     p15, 0, r0, c1, c0, 2
        isb
        mov     r0, #1 << 30            // FPEXC.EN
        vmsr    fpexc, r0
        mov     r11, #0
        bl      main
        mov     r0, #0x18               // SYS_EXIT
        ldr     r1, =0x20026            // ADP_Stopped_ApplicationExit
        svc     #0x123456
        b       .
        .size   _start, . - _start
        .ltorg

        .global bench_put
        .type   bench_put, %function
bench_put:
        push    {r0, lr}
        mov     r0, #0x03               // SYS_WRITEC
        mov     r1, sp
        svc     #0x123456
        pop     {r0, pc}
        .size   bench_put, . - bench_put

        .bss
        .p2align 3
        .space  65536
stack_end:

        .section .note.GNU-stack, "", %progbits
