// SPDX-License-Identifier: BSD-3-Clause
//
// The system call ABI in numbers alone, for C, C++, assembly, and tests on the host.
//
// `svc #0`, call number in r0, arguments from r1. Calls 0 to 5 are GoTEE's and never change; every register
// but the documented results comes back as it was.
#ifndef GOTEE_ABI_H
#define GOTEE_ABI_H

// clang-format off
#define GOTEE_SYS_EXIT         0  // does not return
#define GOTEE_SYS_WRITE        1  // r1 = byte, bits above 7 ignored
#define GOTEE_SYS_NANOTIME     2  // -> r0 low, r1 high: nanoseconds, always above 0
#define GOTEE_SYS_GETRANDOM    3  // r1 = buffer, r2 = length
#define GOTEE_SYS_RPC_REQ      4  // r1 = buffer, r2 = length
#define GOTEE_SYS_RPC_RES      5  // r1 = buffer, r2 = capacity -> r0 = bytes, 0 or negative at the end

// From 16 up: -> r0 = GOTEE_OK or one of GOTEE_ERROR_*.
#define GOTEE_SYS_YIELD        16
#define GOTEE_SYS_SLEEP_UNTIL  17  // r1 low, r2 high: absolute, on the clock of NANOTIME
#define GOTEE_SYS_EXIT_STATUS  18  // r1 = status, 0 is a clean exit; does not return
#define GOTEE_SYS_WAIT         19  // r1 = mask, r2 low, r3 high: deadline -> r1 = the bits taken
#define GOTEE_SYS_NOTIFY       20  // r1 = applet in load order, r2 = bits
#define GOTEE_SYS_COUNT        21  // r1 = seconds, 1 to 60: the supervisor counts them aloud

#define GOTEE_OK                 0
#define GOTEE_ERROR_INVALID      1
#define GOTEE_ERROR_DENIED       2
#define GOTEE_ERROR_NOT_FOUND    3
#define GOTEE_ERROR_BUSY         4
#define GOTEE_ERROR_NO_MEMORY    5
#define GOTEE_ERROR_TIMED_OUT    6
#define GOTEE_ERROR_UNSUPPORTED  7
#define GOTEE_ERROR_DEVICE       8

// Virtual memory of an applet: sizes are the defaults, RAM and STACK of gotee_add_applet change them.
#define GOTEE_REGION_BASE     0x10000000
#define GOTEE_REGION_SIZE     0x04000000
#define GOTEE_TEXT_BASE       0x10010000
#define GOTEE_STACK_SIZE      0x00100000
#define GOTEE_GUARD_SIZE      0x00010000  // under the stack, no access at all

#define GOTEE_STATUS_ABORTED  134  // status of an applet that called abort(): 128 + SIGABRT
// clang-format on

#endif
