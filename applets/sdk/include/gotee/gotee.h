// SPDX-License-Identifier: BSD-3-Clause
//
// What an applet may ask of the supervisor: one function per system call, and three helpers over them.
#ifndef GOTEE_GOTEE_H
#define GOTEE_GOTEE_H

#ifndef __arm__
#error "gotee/gotee.h is for applets (32-bit ARM); tests on the host include gotee/abi.h"
#endif

#include <stddef.h>
#include <stdint.h>

#include "gotee/abi.h"

#ifdef __cplusplus
extern "C" {
#endif

/// A deadline that never comes.
#define GOTEE_FOREVER UINT64_MAX

/// End this applet cleanly, at once: no atexit handler runs and stdio is not flushed (exit() does both).
__attribute__((noreturn)) static inline void gotee_exit(void) {
  register uint32_t r0 __asm__("r0") = GOTEE_SYS_EXIT;
  __asm__ volatile("svc #0" : : "r"(r0));
  __builtin_unreachable();
}

/// Print one byte.
static inline void gotee_write(uint8_t byte) {
  register uint32_t r0 __asm__("r0") = GOTEE_SYS_WRITE;
  register uint32_t r1 __asm__("r1") = byte;
  __asm__ volatile("svc #0" : : "r"(r0), "r"(r1));
}

/// Nanoseconds on the supervisor's clock, never 0 and never going back.
static inline uint64_t gotee_nanotime(void) {
  register uint32_t r0 __asm__("r0") = GOTEE_SYS_NANOTIME;
  register uint32_t r1 __asm__("r1");
  __asm__ volatile("svc #0" : "+r"(r0), "=r"(r1));
  return (uint64_t)r1 << 32 | r0;
}

/// Fill `buffer` with random bytes. A buffer that is not wholly this applet's own ends the applet.
static inline void gotee_getrandom(void* buffer, size_t length) {
  register uint32_t r0 __asm__("r0") = GOTEE_SYS_GETRANDOM;
  register void* r1 __asm__("r1") = buffer;
  register size_t r2 __asm__("r2") = length;
  __asm__ volatile("svc #0" : : "r"(r0), "r"(r1), "r"(r2) : "memory");
}

/// Hand (a piece of) a JSON-RPC request to the supervisor.
static inline void gotee_rpc_request(const void* buffer, size_t length) {
  register uint32_t r0 __asm__("r0") = GOTEE_SYS_RPC_REQ;
  register const void* r1 __asm__("r1") = buffer;
  register size_t r2 __asm__("r2") = length;
  __asm__ volatile("svc #0" : : "r"(r0), "r"(r1), "r"(r2) : "memory");
}

/// Take the next piece of the response. Returns how many bytes came, 0 or less at its end.
static inline int32_t gotee_rpc_response(void* buffer, size_t capacity) {
  register uint32_t r0 __asm__("r0") = GOTEE_SYS_RPC_RES;
  register void* r1 __asm__("r1") = buffer;
  register size_t r2 __asm__("r2") = capacity;
  __asm__ volatile("svc #0" : "+r"(r0) : "r"(r1), "r"(r2) : "memory");
  return (int32_t)r0;
}

/// Let another applet run first, if one can.
static inline uint32_t gotee_yield(void) {
  register uint32_t r0 __asm__("r0") = GOTEE_SYS_YIELD;
  __asm__ volatile("svc #0" : "+r"(r0));
  return r0;
}

/// Sleep until gotee_nanotime() is at least `deadline`.
static inline uint32_t gotee_sleep_until(uint64_t deadline) {
  register uint32_t r0 __asm__("r0") = GOTEE_SYS_SLEEP_UNTIL;
  register uint32_t r1 __asm__("r1") = (uint32_t)deadline;
  register uint32_t r2 __asm__("r2") = (uint32_t)(deadline >> 32);
  __asm__ volatile("svc #0" : "+r"(r0) : "r"(r1), "r"(r2));
  return r0;
}

/// End this applet at once with its own verdict: 0 is a clean exit, anything else a failure.
__attribute__((noreturn)) static inline void gotee_exit_status(uint32_t status) {
  register uint32_t r0 __asm__("r0") = GOTEE_SYS_EXIT_STATUS;
  register uint32_t r1 __asm__("r1") = status;
  __asm__ volatile("svc #0" : : "r"(r0), "r"(r1));
  __builtin_unreachable();
}

/// Wait for any notification bit of `mask`, at most until `deadline`. Returns 0 with the bits in `*taken`, or
/// GOTEE_ERROR_TIMED_OUT.
static inline uint32_t gotee_wait(uint32_t mask, uint64_t deadline, uint32_t* taken) {
  register uint32_t r0 __asm__("r0") = GOTEE_SYS_WAIT;
  register uint32_t r1 __asm__("r1") = mask;
  register uint32_t r2 __asm__("r2") = (uint32_t)deadline;
  register uint32_t r3 __asm__("r3") = (uint32_t)(deadline >> 32);
  __asm__ volatile("svc #0" : "+r"(r0), "+r"(r1) : "r"(r2), "r"(r3));
  *taken = r1;
  return r0;
}

/// Raise notification bits of the applet that was loaded as number `applet`, counting from 0.
static inline uint32_t gotee_notify(uint32_t applet, uint32_t bits) {
  register uint32_t r0 __asm__("r0") = GOTEE_SYS_NOTIFY;
  register uint32_t r1 __asm__("r1") = applet;
  register uint32_t r2 __asm__("r2") = bits;
  __asm__ volatile("svc #0" : "+r"(r0) : "r"(r1), "r"(r2));
  return r0;
}

/// Have the supervisor count `seconds` (1 to 60) aloud, one line a second, while the applets go on.
static inline uint32_t gotee_count(uint32_t seconds) {
  register uint32_t r0 __asm__("r0") = GOTEE_SYS_COUNT;
  register uint32_t r1 __asm__("r1") = seconds;
  __asm__ volatile("svc #0" : "+r"(r0) : "r"(r1));
  return r0;
}

/// Sleep for `ns` nanoseconds from now.
static inline uint32_t gotee_sleep_ns(uint64_t ns) {
  const uint64_t now = gotee_nanotime();
  return gotee_sleep_until(ns > UINT64_MAX - now ? UINT64_MAX : now + ns);
}

/// Print one line through stdout: "HH:MM:SS " by the supervisor's clock, the text, a newline. The formats are
/// those of newlib's printf, which as packaged by Debian has no %zu, %td and %jd.
__attribute__((format(printf, 1, 2))) void gotee_log(const char* format, ...);

/// One whole net/rpc/jsonrpc exchange. `params_json` is the array of parameters, brackets included, and goes
/// out as it is. The response line, without its newline, is left in `out`, terminated by a NUL.
/// Returns its length, or -GOTEE_ERROR_INVALID for a request of more than 511 bytes, -GOTEE_ERROR_NO_MEMORY
/// for a response that needs more than `capacity` bytes, -GOTEE_ERROR_DEVICE when it ends before its newline.
int gotee_rpc_call(const char* method, const char* params_json, char* out, size_t capacity);

#ifdef __cplusplus
}
#endif

#endif
