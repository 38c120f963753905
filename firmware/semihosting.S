// SPDX-License-Identifier: BSD-3-Clause
//
// The call is an SVC: on a machine where nobody takes it, it arrives in these vectors and is returned from.
        .syntax unified
        .arm

        .equ    SYS_EXIT_EXTENDED, 0x20
        .equ    ADP_STOPPED_APPLICATION_EXIT, 0x20026

        .section .text.semihosting, "ax", %progbits
        .balign 32
vectors:
        .rept   8
        movs    pc, lr                          // only SVC comes here; everything else is masked
        .endr

// void gotee_semihosting_exit(int code)
        .global gotee_semihosting_exit
        .type   gotee_semihosting_exit, %function
gotee_semihosting_exit:
        push    {r0, lr}
        ldr     r1, =vectors
        mcr     p15, 0, r1, c12, c0, 0          // VBAR
        isb
        ldr     r2, [sp]
        ldr     r3, =ADP_STOPPED_APPLICATION_EXIT
        push    {r2}
        push    {r3}
        mov     r1, sp
        mov     r0, #SYS_EXIT_EXTENDED
        svc     #0x123456
        add     sp, sp, #8
        ldr     r1, =gotee_vectors
        mcr     p15, 0, r1, c12, c0, 0
        isb
        pop     {r0, pc}
