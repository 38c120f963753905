// SPDX-License-Identifier: BSD-3-Clause
//
// Remote procedure calls to the supervisor. Prints the supervisor's answer to an echo, to both LEDs, and to a
// method that does not exist; the last is an answer whose "error" says so, not the end of the applet.
#include "gotee/gotee.h"

static int call(const char* method, const char* params) {
  char answer[256];
  const int length = gotee_rpc_call(method, params, answer, sizeof answer);
  if (length < 0) {
    gotee_log("PL0 %s gave no answer: error %d", method, -length);
    return 1;
  }
  gotee_log("PL0 %s%s answered %s", method, params, answer);
  return 0;
}

int main(void) {
  return call("RPC.Echo", "[\"hello\"]") |                        //
         call("RPC.LED", "[{\"Name\":\"white\",\"On\":true}]") |  //
         call("RPC.LED", "[{\"Name\":\"blue\",\"On\":true}]") |   //
         call("RPC.SelfDestruct", "[\"now\"]");
}
