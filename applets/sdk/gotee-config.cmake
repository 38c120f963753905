# SPDX-License-Identifier: BSD-3-Clause
#
# find_package(gotee): the function gotee_add_applet, and gotee_SIM, the path of the installed simulator
# (gotee_SIM-NOTFOUND where only the applet SDK is installed).

include("${CMAKE_CURRENT_LIST_DIR}/../sdk/gotee-applet.cmake")

get_filename_component(gotee_SIM "${CMAKE_CURRENT_LIST_DIR}/../../../bin/gotee-sim" ABSOLUTE)
if(NOT EXISTS "${gotee_SIM}")
  set(gotee_SIM "gotee_SIM-NOTFOUND")
endif()
