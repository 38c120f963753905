// SPDX-License-Identifier: BSD-3-Clause
//
// What a main OS built for GoTEE does first, in its order (TamaGo's start-up): it finds every register 0 in System
// mode, switches VFP on, touches CCM, WDOG1 and DIGPROG, prints through the monitor byte by byte, and exits. What is
// not as it expects it names.
        .syntax unified
        .arm
        .arch_extension sec
        .fpu    vfpv4

        .equ    MONITOR_EXIT, 0
        .equ    MONITOR_WRITE, 1
        .equ    CCM_CACRR, 0x020c4010
        .equ    ANALOG_DIGPROG, 0x020c8260
        .equ    WDOG1_WSR, 0x020bc002

        .section .text._start, "ax", %progbits
        .global _start
_start:
        orr     r0, r0, r1
        orr     r0, r0, r2
        orr     r0, r0, r3
        orr     r0, r0, r4
        orr     r0, r0, r5
        orr     r0, r0, r6
        orr     r0, r0, r7
        orr     r0, r0, r8
        orr     r0, r0, r9
        orr     r0, r0, r10
        orr     r0, r0, r11
        orr     r0, r0, r12
        orr     r0, r0, sp
        orrs    r0, r0, lr
        ldr     r4, =registers
        bne     fail
        mrs     r0, cpsr
        and     r0, r0, #0x1f
        cmp     r0, #0x1f
        ldr     r4, =mode
        bne     fail

        mrc     p15, 0, r0, c1, c0, 2
        orr     r0, r0, #(0xf << 20)
        mcr     p15, 0, r0, c1, c0, 2
        isb
        mov     r0, #(1 << 30)
        vmsr    fpexc, r0
        vmov.f64 d0, #1.0
        vadd.f64 d0, d0, d0

        ldr     r1, =CCM_CACRR
        ldr     r0, [r1]
        str     r0, [r1]
        ldr     r1, =WDOG1_WSR
        ldr     r0, =0x5555
        strh    r0, [r1]
        ldr     r0, =0xaaaa
        strh    r0, [r1]
        ldr     r1, =ANALOG_DIGPROG
        ldr     r0, [r1]
        lsr     r0, r0, #16
        cmp     r0, #0x64               // i.MX6UL: 0x0064; ULL: 0x0065
        cmpne   r0, #0x65
        ldr     r4, =digprog
        bne     fail
        ldr     r4, =good
fail:
1:      ldrb    r1, [r4], #1
        cmp     r1, #0
        movne   r0, #MONITOR_WRITE
        smcne   #0
        bne     1b                      // the monitor preserves every register, flags included
        mov     r0, #MONITOR_EXIT
        smc     #0

        .section .rodata, "a", %progbits
registers: .asciz "GoTEE guest: a register is not 0 at entry\n"
mode:   .asciz  "GoTEE guest: not entered in System mode\n"
digprog: .asciz "GoTEE guest: DIGPROG names no i.MX6UL\n"
good:   .asciz  "GoTEE guest: entered as expected, VFP, CCM, WDOG1 and DIGPROG at hand\n"
