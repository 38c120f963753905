// SPDX-License-Identifier: BSD-3-Clause
//
// The way into user mode and the way back; copies that the hardware checks with the rights of PL0.
// Ref: [ARM ARM] DDI 0406C.d, B1.8 (exceptions), B9.3.5 and B9.3.17 (LDM and STM of user registers).
        .syntax unified
        .arm
        .fpu    neon-vfpv4

        .equ    MODE_SVC, 0x13
        .equ    CPSR_I, 0x80
        .equ    CPSR_F, 0x40
        .equ    CPSR_T, 0x20
        .equ    CONTEXT_PC, 60          // core/exec/context.h asserts these
        .equ    CONTEXT_CPSR, 64
        .equ    CONTEXT_FPSCR, 68
        .equ    CONTEXT_D, 72
        .equ    CONTEXT_TPIDRURW, 328

        .equ    RESET, 0                // hal/imx6ul/trap.h, Exception
        .equ    UNDEFINED, 1
        .equ    SUPERVISOR, 2
        .equ    PREFETCH_ABORT, 3
        .equ    DATA_ABORT, 4
        .equ    IRQ, 6
        .equ    FIQ, 7

        .section .text.trap, "ax", %progbits

// Exception gotee_enter_user(Context* context, FaultRegisters* faults)
//
// Both arguments stay on top of the supervisor's stack while user code runs: there the exception entries find
// them.
        .global gotee_enter_user
        .type   gotee_enter_user, %function
gotee_enter_user:
        push    {r0, r1, r4-r11, lr}
        add     r2, r0, #CONTEXT_D
        vldmia  r2!, {d0-d15}
        vldmia  r2, {d16-d31}
        ldr     r2, [r0, #CONTEXT_FPSCR]
        ldr     r3, [r0, #CONTEXT_CPSR]
        ldr     lr, [r0, #CONTEXT_PC]
        vmsr    fpscr, r2
        ldr     r2, [r0, #CONTEXT_TPIDRURW]
        mcr     p15, 0, r2, c13, c0, 2
        orr     r3, r3, #CPSR_I         // the Normal world's interrupts wait while an applet runs; FIQ does not
        msr     spsr_cxsf, r3
        ldmia   r0, {r0-r14}^           // sp and lr of the user bank
        movs    pc, lr

// r2 = Context with r0-r15 stored, r0 = the user's CPSR, r3 = what to return.
leave_user:
        bic     r0, r0, #CPSR_I         // gotee_enter_user set it
        vmrs    r1, fpscr
        str     r0, [r2, #CONTEXT_CPSR]
        str     r1, [r2, #CONTEXT_FPSCR]
        mrc     p15, 0, r1, c13, c0, 2
        str     r1, [r2, #CONTEXT_TPIDRURW]
        add     r2, r2, #CONTEXT_D
        vstmia  r2!, {d0-d15}
        vstmia  r2, {d16-d31}
        mov     r1, #0
        mcr     p15, 0, r1, c7, c5, 6   // BPIALL: what PL0 trained must not steer the supervisor
        mov     r0, r3
        add     sp, sp, #8
        pop     {r4-r11, pc}

        .balign 32
        .global gotee_vectors
gotee_vectors:
        b       reset_entry
        b       undefined_entry
        b       supervisor_entry
        b       prefetch_abort_entry
        b       data_abort_entry
        b       reset_entry             // Hyp trap: Secure state has no Hyp mode
        b       irq_entry
        b       fiq_entry

// From user mode only: the supervisor has no SVC instruction of its own.
supervisor_entry:
        cpsid   f
        str     r2, [sp, #-4]!
        ldr     r2, [sp, #4]            // the Context
        stmia   r2, {r0-r14}^
        ldr     r0, [sp], #4
        str     r0, [r2, #8]
        str     lr, [r2, #CONTEXT_PC]
        mrs     r0, spsr
        mov     r3, #SUPERVISOR
        b       leave_user

// Every other exception has a mode and a banked sp, which points to a save area of four words. `behind` leads
// from lr to the preferred return address (B1.8.3). Leaves r0 = the user's CPSR, r2 = Context, sp = SVC's.
        .macro  exception_entry exception, behind, from_supervisor=in_supervisor
        .if \behind
        sub     lr, lr, #\behind
        .endif
        stmia   sp, {r0-r2, lr}
        mov     r1, sp
        mrs     r0, spsr
        mov     r2, #\exception
        tst     r0, #0xf                // the mode field is 0x10 for user mode, and no other ends in 0
        bne     \from_supervisor
        cpsid   f, #MODE_SVC
        ldr     r2, [sp]                // the Context
        add     lr, r2, #12
        stmia   lr, {r3-r14}^
        ldr     r3, [r1]
        ldr     lr, [r1, #4]
        stmia   r2, {r3, lr}
        ldr     r3, [r1, #8]
        ldr     lr, [r1, #12]
        str     r3, [r2, #8]
        str     lr, [r2, #CONTEXT_PC]
        .endm

// The fault registers into FaultRegisters, at \offset.
        .macro  read_faults opcode, offset
        ldr     r1, [sp, #4]
        mrc     p15, 0, r3, c5, c0, \opcode     // DFSR or IFSR
        str     r3, [r1, #\offset]
        mrc     p15, 0, r3, c6, c0, 2 * \opcode // DFAR or IFAR
        str     r3, [r1, #\offset + 4]
        .endm

undefined_entry:
        exception_entry UNDEFINED, 0
        tst     r0, #CPSR_T
        subne   lr, lr, #2
        subeq   lr, lr, #4
        str     lr, [r2, #CONTEXT_PC]
        mov     r3, #UNDEFINED
        b       leave_user

prefetch_abort_entry:
        exception_entry PREFETCH_ABORT, 4
        read_faults 1, 8
        mov     r3, #PREFETCH_ABORT
        b       leave_user

data_abort_entry:
        exception_entry DATA_ABORT, 8
        read_faults 0, 0
        mov     r3, #DATA_ABORT
        b       leave_user

irq_entry:
        exception_entry IRQ, 4
        mov     r3, #IRQ
        b       leave_user

fiq_entry:
        exception_entry FIQ, 4, fiq_in_supervisor
        mov     r3, #FIQ
        b       leave_user

// Only between an exception's first instruction and the one that masks FIQ: go back with it masked. It stays
// pending, and is taken as soon as user code runs.
fiq_in_supervisor:
        orr     r0, r0, #CPSR_F
        msr     spsr_cxsf, r0
        ldmia   r1, {r0-r2}
        movs    pc, lr

reset_entry:
        ldr     sp, =fault_area
        stmia   sp, {r0-r2, lr}
        mrs     r0, cpsr
        mov     r1, sp
        mov     r2, #RESET
        // falls through

// The supervisor itself raised it: r0 = CPSR then, r1 = the save area, r2 = the exception. A data abort at an
// instruction that .fixups lists goes on at its fix-up; everything else is the end.
in_supervisor:
        cmp     r2, #DATA_ABORT
        bne     supervisor_fault
        ldr     r2, =gotee_fixups
1:      ldr     lr, =gotee_fixups_end
        cmp     r2, lr
        moveq   r2, #DATA_ABORT
        beq     supervisor_fault
        ldr     lr, [r2], #8
        ldr     r0, [r1, #12]
        cmp     lr, r0
        bne     1b
        ldr     lr, [r2, #-4]
        ldmia   r1, {r0-r2}
        movs    pc, lr

supervisor_fault:
        ldr     sp, =fault_stack_top
        sub     sp, sp, #16
        mrc     p15, 0, r3, c5, c0, 0
        str     r3, [sp]
        mrc     p15, 0, r3, c6, c0, 0
        str     r3, [sp, #4]
        mrc     p15, 0, r3, c5, c0, 1
        str     r3, [sp, #8]
        mrc     p15, 0, r3, c6, c0, 2
        str     r3, [sp, #12]
        mov     r3, sp
        mov     lr, r2
        mov     r2, r0
        ldr     r1, [r1, #12]
        mov     r0, lr
        bl      gotee_supervisor_fault  // does not return

// Each banked mode's save area: called once, in SVC mode.
        .global gotee_set_exception_stacks
        .type   gotee_set_exception_stacks, %function
gotee_set_exception_stacks:
        ldr     r0, =exception_areas
        cps     #0x11                   // FIQ
        mov     sp, r0
        add     r0, r0, #16
        cps     #0x12                   // IRQ
        mov     sp, r0
        add     r0, r0, #16
        cps     #0x17                   // Abort
        mov     sp, r0
        add     r0, r0, #16
        cps     #0x1b                   // Undefined
        mov     sp, r0
        cps     #MODE_SVC
        bx      lr

        .macro  may_fault target, instruction:vararg
1000:   \instruction
        .pushsection .fixups, "a", %progbits
        .word   1000b, \target
        .popsection
        .endm

// bool gotee_copy_from_user(u8* to, u32 from, u32 size): words when both are aligned, else bytes.
        .global gotee_copy_from_user
        .type   gotee_copy_from_user, %function
gotee_copy_from_user:
        orr     r3, r0, r1
        tst     r3, #3
        bne     3f
1:      subs    r2, r2, #4
        blo     2f
        may_fault refused, ldrt r3, [r1], #4
        str     r3, [r0], #4
        b       1b
2:      add     r2, r2, #4
3:      subs    r2, r2, #1
        blo     copied
        may_fault refused, ldrbt r3, [r1], #1
        strb    r3, [r0], #1
        b       3b

// bool gotee_copy_to_user(u32 to, const u8* from, u32 size)
        .global gotee_copy_to_user
        .type   gotee_copy_to_user, %function
gotee_copy_to_user:
        orr     r3, r0, r1
        tst     r3, #3
        bne     3f
1:      subs    r2, r2, #4
        blo     2f
        ldr     r3, [r1], #4
        may_fault refused, strt r3, [r0], #4
        b       1b
2:      add     r2, r2, #4
3:      subs    r2, r2, #1
        blo     copied
        ldrb    r3, [r1], #1
        may_fault refused, strbt r3, [r0], #1
        b       3b

copied:
        mov     r0, #1
        bx      lr
refused:
        mov     r0, #0
        bx      lr

// bool gotee_probe(u32 address, u32* value)
        .global gotee_probe
        .type   gotee_probe, %function
gotee_probe:
        may_fault refused, ldr r0, [r0]
        dsb                             // an external abort comes no later than here
        str     r0, [r1]
        b       copied

// void gotee_clear(u32 base, u32 size)
        .global gotee_clear
        .type   gotee_clear, %function
gotee_clear:
        vmov.i32 q0, #0
        vmov    q1, q0
        vmov    q2, q0
        vmov    q3, q0
        vmov    q4, q0
        vmov    q5, q0
        vmov    q6, q0
        vmov    q7, q0
1:      cmp     r1, #0
        bxeq    lr
        vstmia  r0!, {d0-d15}
        sub     r1, r1, #128
        b       1b

        .ltorg

        .section .bss.exceptions, "aw", %nobits
        .balign 8
exception_areas:
        .space  4 * 16
fault_area:
        .space  16
        .space  4096
fault_stack_top:
