// SPDX-License-Identifier: BSD-3-Clause
//
// A response read 1, 2 and 3 bytes at a time is the same 39 bytes, and then its end. Prints "short reads
// whole"; returns 1 if a byte differs, 2 if a read gives more than was asked, 3 if the end does not come.
#include <stdio.h>
#include <string.h>

#include "gotee/gotee.h"

static const char kRequest[] = "{\"method\":\"RPC.Echo\",\"params\":[\"hello\"],\"id\":0}\n";
static const char kResponse[] = "{\"id\":0,\"result\":\"hello\",\"error\":null}\n";
enum { kResponseLength = sizeof kResponse - 1 };
_Static_assert(sizeof kRequest - 1 == 48 && kResponseLength == 39, "as GoTEE sends them");

static int read_in_pieces(int capacity) {
  char response[kResponseLength + 4];
  gotee_rpc_request(kRequest, sizeof kRequest - 1);
  for (int used = 0; used < kResponseLength;) {
    memset(response + used, '#', 4);
    const int got = gotee_rpc_response(response + used, (size_t)capacity);
    if (got < 1 || got > capacity || response[used + got] != '#') return 2;
    if (memcmp(response + used, kResponse + used, (size_t)got) != 0) return 1;
    used += got;
  }
  return gotee_rpc_response(response, sizeof response) > 0 ? 3 : 0;
}

int main(void) {
  for (int capacity = 1; capacity <= 3; ++capacity) {
    const int wrong = read_in_pieces(capacity);
    if (wrong != 0) return wrong;
  }
  puts("short reads whole");
  return 0;
}
