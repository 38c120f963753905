// SPDX-License-Identifier: BSD-3-Clause
//
// Where an applet starts: User mode, general registers 0, SP at the end of its region, .bss already zero.
        .syntax unified
        .arm

        .section .text._start, "ax", %progbits
        .global _start
        .type   _start, %function
_start:
        .fnstart
        .cantunwind             // the outermost frame: a backtrace ends here
        ldr     r0, =__region_end
        cmp     sp, r0          // a larger region than linked for: the guard lies under our own end
        movhi   sp, r0
        bic     sp, sp, #7      // [AAPCS32] 6.2.1.2
        mov     r11, #0
        ldr     r0, =__libc_fini_array
        bl      atexit
        bl      __libc_init_array
        mov     r0, #0          // argc
        ldr     r1, =no_arguments
        mov     r2, r1          // envp
        bl      main
        bl      exit
        .fnend
        .size   _start, . - _start
        .ltorg

// newlib brackets the init and fini arrays with these two.
        .section .text._init, "ax", %progbits
        .global _init, _fini
        .type   _init, %function
        .type   _fini, %function
_init:
_fini:
        .fnstart
        bx      lr
        .fnend

        .section .rodata.no_arguments, "a", %progbits
        .p2align 2
no_arguments:
        .word   0

// C++ static destructors register themselves under this handle.
        .section .rodata.dso_handle, "a", %progbits
        .global __dso_handle
        .p2align 2
__dso_handle:
        .word   0
