// SPDX-License-Identifier: BSD-3-Clause
//
// What newlib asks of a system, in terms of gotee's system calls: a console, a clock, a heap, a way out.
// Ref: [newlib] The Red Hat newlib C Library, "System Calls".
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>
#include <unistd.h>

#include "gotee/gotee.h"

enum { kNanosecondsPerSecond = 1000000000 };

static int refuse(int reason) {
  errno = reason;
  return -1;
}

int _write(int file, const char* bytes, int length) {
  (void)file;
  for (int i = 0; i < length; ++i) gotee_write((uint8_t)bytes[i]);
  return length;
}

int _read(int file, char* bytes, int length) {
  (void)file, (void)bytes, (void)length;
  return 0;  // nobody types: end of file
}

// A character device, so that stdio buffers by line: a line that was printed is seen even if the next
// instruction faults.
int _fstat(int file, struct stat* status) {
  (void)file;
  *status = (struct stat){.st_mode = S_IFCHR};
  return 0;
}

int _isatty(int file) {
  (void)file;
  return 1;
}

int _close(int file) {
  (void)file;
  return refuse(EBADF);
}

int _lseek(int file, int offset, int whence) {
  (void)file, (void)offset, (void)whence;
  return refuse(ESPIPE);
}

int _open(const char* path, int flags, int mode) {
  (void)path, (void)flags, (void)mode;
  return refuse(ENOENT);
}

int _stat(const char* path, struct stat* status) {
  (void)path, (void)status;
  return refuse(ENOENT);
}

int _link(const char* from, const char* to) {
  (void)from, (void)to;
  return refuse(ENOSYS);
}

int _unlink(const char* path) {
  (void)path;
  return refuse(ENOENT);
}

// The heap is what lies between .bss and the stack guard. Both ends are symbols of applet.ld.
void* _sbrk(ptrdiff_t increment) {
  extern char __heap_start[], __heap_end[];
  static char* top = __heap_start;
  if (increment > __heap_end - top || increment < __heap_start - top) {
    errno = ENOMEM;
    return (void*)-1;
  }
  char* const old = top;
  top += increment;
  return old;
}

__attribute__((noreturn)) void _exit(int status) {
  if (status == 0) gotee_exit();
  gotee_exit_status((uint32_t)status);
}

int _getpid(void) { return 1; }

// abort() ends here, through raise(); a signal without a handler ends the applet as a shell would say it.
int _kill(int process, int signal) {
  (void)process;
  _Static_assert(GOTEE_STATUS_ABORTED == 128 + SIGABRT, "abort() must give the documented status");
  gotee_exit_status(128u + (uint32_t)signal);
}

int _gettimeofday(struct timeval* now, void* zone) {
  (void)zone;
  const uint64_t ns = gotee_nanotime();
  now->tv_sec = (time_t)(ns / kNanosecondsPerSecond);
  now->tv_usec = (suseconds_t)(ns % kNanosecondsPerSecond / 1000);
  return 0;
}

clock_t _times(struct tms* used) {
  const clock_t ticks = (clock_t)(gotee_nanotime() / (kNanosecondsPerSecond / CLOCKS_PER_SEC));
  *used = (struct tms){.tms_utime = ticks};
  return ticks;
}

int getentropy(void* buffer, size_t length) {
  if (length > 256) return refuse(EIO);
  gotee_getrandom(buffer, length);
  return 0;
}

// -funwind-tables makes every object ask for these, and they would bring libgcc's unwinder along, though
// without exceptions nobody unwinds. When libstdc++ does throw, they say that it goes no further: it then
// calls abort().
enum { kUnwindFailure = 9 };  // _URC_FAILURE of [EHABI32]
__attribute__((weak)) int __aeabi_unwind_cpp_pr0(void) { return kUnwindFailure; }
__attribute__((weak)) int __aeabi_unwind_cpp_pr1(void) { return kUnwindFailure; }
__attribute__((weak)) int __aeabi_unwind_cpp_pr2(void) { return kUnwindFailure; }
