// SPDX-License-Identifier: BSD-3-Clause
//
// Kernels as static Linux programs: start, print, exit. Ref: Linux syscall(2), EABI.
        .syntax unified
        .arm
        .text

        .global _start
        .type   _start, %function
_start:
        bic     sp, sp, #7
        mov     r11, #0
        bl      main
        mov     r7, #1                  // exit(r0)
        svc     #0
        .size   _start, . - _start

        .global bench_put
        .type   bench_put, %function
bench_put:
        push    {r0, r4, r7, lr}
        mov     r0, #1                  // write(1, sp, 1)
        mov     r1, sp
        mov     r2, #1
        mov     r7, #4
        svc     #0
        pop     {r0, r4, r7, pc}
        .size   bench_put, . - bench_put

        .section .note.GNU-stack, "", %progbits
