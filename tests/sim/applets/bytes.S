// SPDX-License-Identifier: BSD-3-Clause
//
// GoTEE's system calls change nothing but their results. Prints "é✓" through WRITE with garbage above bit 7, then
// "registers preserved", or, with exit status 1, one line for each register that a call did not give back,
// "register N lost": N is 0-14 for r0-r14, 16 for the flags, 17 for FPSCR, 32-63 for d0-d31.
#include "gotee/abi.h"

        .syntax unified
        .arm
        .fpu    neon-vfpv4

        .equ    FLAGS, 0xa80f0000       // N, C, Q and all of GE set, Z and V clear: [ARM ARM] DDI 0406C.d, A2.4
        .equ    FLAGS_MASK, 0xf80f0000
        .equ    FPSCR, 0xa8400091       // N, C, QC, round to plus infinity, IDC, IXC, IOC: A2.6

        .equ    REGISTERS, 0            // layout of `before` and `after`: r0-r12 and r14,
        .equ    DOUBLES, 14 * 4         // d0-d31
        .equ    SNAPSHOT, DOUBLES + 32 * 8

        .section .text._start, "ax", %progbits
        .global _start
        .type   _start, %function
_start:
        .fnstart
        .cantunwind
        ldr     r4, =calls
        ldr     r5, =calls_end
        mov     r6, #0                  // registers lost so far
1:      bl      try
        add     r4, r4, #16
        cmp     r4, r5
        blo     1b
        cmp     r6, #0
        bne     2f
        ldr     r0, =preserved
        bl      print
        mov     r0, #GOTEE_SYS_EXIT
        svc     #0
2:      mov     r0, #GOTEE_SYS_EXIT_STATUS
        mov     r1, #1
        svc     #0
        .fnend
        .size   _start, . - _start

// Make the call that r4 points at with a sentinel in every register; add what was lost to r6.
        .type   try, %function
try:    push    {r4-r11, lr}
        ldr     r0, =kept_sp
        str     sp, [r0]

        ldr     r1, =before             // r0-r2: number and arguments; the others keep their sentinels
        ldm     r4, {r5-r7}
        stm     r1, {r5-r7}
        add     r1, r1, #DOUBLES
        vldmia  r1!, {d0-d15}
        vldmia  r1!, {d16-d31}
        ldr     r1, =FPSCR
        vmsr    fpscr, r1
        ldr     r1, =FLAGS
        msr     apsr_nzcvqg, r1
        ldr     sp, =after              // needs no sentinel: its value is known
        ldr     r0, =before
        ldm     r0, {r0-r12, lr}
        svc     #0
        stm     sp, {r0-r12, lr}

        mov     r4, sp
        mrs     r5, cpsr
        vmrs    r6, fpscr
        ldr     r0, =after
        add     r1, r0, #DOUBLES
        vstmia  r1!, {d0-d15}
        vstmia  r1!, {d16-d31}
        ldr     r1, =kept_sp
        ldr     sp, [r1]
        mov     r8, #0                  // lost in this call

        mov     r9, r0
        cmp     r4, r9
        movne   r0, #13
        blne    lost
        ldr     r1, =FLAGS
        ldr     r2, =FLAGS_MASK
        and     r5, r5, r2
        cmp     r5, r1
        movne   r0, #16
        blne    lost
        ldr     r1, =FPSCR
        cmp     r6, r1
        movne   r0, #17
        blne    lost
        bl      compare

        mov     r0, r8
        pop     {r4-r11, lr}
        add     r6, r6, r0
        bx      lr

// Compare `before` with `after`, but for the results of the call; r9 = after, r8 counts.
        .type   compare, %function
compare:
        push    {r4-r7, r10, lr}
        ldr     r1, =kept_sp
        ldr     r1, [r1]
        ldr     r1, [r1]                // the r4 that `try` pushed: the call
        ldr     r10, [r1, #12]          // bit n: r<n> is a result
        ldr     r7, =before
        mov     r4, #0
1:      lsrs    r10, r10, #1
        bcs     2f
        ldr     r0, [r7, r4, lsl #2]
        ldr     r1, [r9, r4, lsl #2]
        cmp     r0, r1
        beq     2f
        cmp     r4, #13                 // thirteen words r0-r12, then r14
        movne   r0, r4
        moveq   r0, #14
        bl      lost
2:      add     r4, r4, #1
        cmp     r4, #14
        blo     1b

        add     r5, r7, #DOUBLES
        add     r6, r9, #DOUBLES
        mov     r4, #32
3:      ldrd    r0, r1, [r5], #8
        ldrd    r2, r3, [r6], #8
        eor     r0, r0, r2
        eor     r1, r1, r3
        orrs    r0, r0, r1
        movne   r0, r4
        blne    lost
        add     r4, r4, #1
        cmp     r4, #64
        blo     3b
        pop     {r4-r7, r10, pc}

// Print "register <r0> lost" and count it in r8.
        .type   lost, %function
lost:   push    {r4, r5, r6, lr}
        add     r8, r8, #1
        mov     r5, #0                  // tens
1:      cmp     r0, #10
        subhs   r0, r0, #10
        addhs   r5, r5, #1
        bhs     1b
        mov     r4, r0
        ldr     r0, =lost_head
        bl      print
        cmp     r5, #0
        addne   r1, r5, #'0'
        movne   r0, #GOTEE_SYS_WRITE
        svcne   #0
        add     r1, r4, #'0'
        mov     r0, #GOTEE_SYS_WRITE
        svc     #0
        ldr     r0, =lost_tail
        bl      print
        pop     {r4, r5, r6, pc}

// Print the string at r0. Trusts WRITE with nothing: its pointer is on the stack.
        .type   print, %function
print:  ldrb    r1, [r0], #1
        cmp     r1, #0
        bxeq    lr
        push    {r0, lr}
        mov     r0, #GOTEE_SYS_WRITE
        svc     #0
        pop     {r0, lr}
        b       print
        .ltorg

        .section .rodata.bytes, "a", %progbits
preserved:
        .asciz  "registers preserved\n"
lost_head:
        .asciz  "register "
lost_tail:
        .asciz  " lost\n"
request:
        .ascii  "{\"method\":\"RPC.Echo\",\"params\":[\"hello\"],\"id\":0}\n"
        .equ    REQUEST_LENGTH, . - request

        .p2align 2
// Number, r1, r2, the registers that are results.
calls:  .word   GOTEE_SYS_WRITE, 0xffffffc3, 0x51510102, 0     // é: sign-extended, as Go does
        .word   GOTEE_SYS_WRITE, 0xffffffa9, 0x51510102, 0
        .word   GOTEE_SYS_WRITE, 0x123456e2, 0x51510102, 0     // ✓: garbage above the byte
        .word   GOTEE_SYS_WRITE, 0x7fffff9c, 0x51510102, 0
        .word   GOTEE_SYS_WRITE, 0x80000093, 0x51510102, 0
        .word   GOTEE_SYS_WRITE, 0x0000010a, 0x51510102, 0
        .word   GOTEE_SYS_GETRANDOM, buffer, 16, 0
        .word   GOTEE_SYS_NANOTIME, 0x51510101, 0x51510102, 3
        .word   GOTEE_SYS_RPC_REQ, request, REQUEST_LENGTH, 0
        .word   GOTEE_SYS_RPC_RES, buffer, 64, 1
calls_end:

        .section .data.bytes, "aw", %progbits
        .p2align 3
before: .word   0, 0, 0
        .irp    n, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14
        .word   0x51510000 + 0x101 * \n
        .endr
        .irp    n, 0, 1, 2, 3, 4, 5, 6, 7
        .word   0xd0010000 + \n, 0xe0010000 + \n, 0xd0020000 + \n, 0xe0020000 + \n
        .word   0xd0030000 + \n, 0xe0030000 + \n, 0xd0040000 + \n, 0xe0040000 + \n
        .endr

        .section .bss.bytes, "aw", %nobits
        .p2align 3
after:  .space  SNAPSHOT
buffer: .space  64
kept_sp:
        .space  4
