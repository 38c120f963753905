// SPDX-License-Identifier: BSD-3-Clause
//
// The helpers of gotee/gotee.h that are too long to be inline.
#include <stdarg.h>
#include <stdio.h>

#include "gotee/gotee.h"

void gotee_log(const char* format, ...) {
  const unsigned seconds = (unsigned)(gotee_nanotime() / 1000000000u);
  printf("%02u:%02u:%02u ", seconds / 3600, seconds / 60 % 60, seconds % 60);
  va_list arguments;
  va_start(arguments, format);
  vprintf(format, arguments);
  va_end(arguments);
  putchar('\n');
}

int gotee_rpc_call(const char* method, const char* params_json, char* out, size_t capacity) {
  char request[512];
  const int length =
      snprintf(request, sizeof request, "{\"method\":\"%s\",\"params\":%s,\"id\":0}\n", method, params_json);
  if (length < 0 || (size_t)length >= sizeof request) return -GOTEE_ERROR_INVALID;
  gotee_rpc_request(request, (size_t)length);

  // A response that does not fit is read to its end all the same: the next call must not find the rest of it.
  size_t used = 0;
  for (;;) {
    char piece[64];
    const int32_t got = gotee_rpc_response(piece, sizeof piece);
    if (got <= 0) return -GOTEE_ERROR_DEVICE;
    for (int32_t i = 0; i < got; ++i) {
      if (piece[i] == '\n') {
        if (used >= capacity) return -GOTEE_ERROR_NO_MEMORY;
        out[used] = '\0';
        return (int)used;
      }
      if (used < capacity) out[used] = piece[i];
      ++used;
    }
  }
}
