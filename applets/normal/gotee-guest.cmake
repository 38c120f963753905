# SPDX-License-Identifier: BSD-3-Clause
#
# gotee_add_guest(<name> SOURCE file.c OUTPUT_DIRECTORY dir [BARE]): a guest of the Normal world, <dir>/<name>.elf.
# BARE: no start-up code, the source defines _start.
include_guard(GLOBAL)

function(gotee_add_guest name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "BARE" "SOURCE;OUTPUT_DIRECTORY" "")
  set(here "${CMAKE_CURRENT_FUNCTION_LIST_DIR}")
  get_filename_component(source "${arg_SOURCE}" ABSOLUTE)
  set(output "${arg_OUTPUT_DIRECTORY}/${name}.elf")
  set(start "${here}/start.S")
  if(arg_BARE)
    set(start "")
  endif()
  file(MAKE_DIRECTORY "${arg_OUTPUT_DIRECTORY}")
  add_custom_command(
    OUTPUT "${output}"
    COMMAND ${GOTEE_ARM_GCC} -mcpu=cortex-a7 -mfpu=vfpv4 -mfloat-abi=hard -std=gnu11 -O2 -g -Wall -Wextra -Werror
            -ffreestanding -nostdlib -mno-unaligned-access -I${here} -T "${here}/guest.ld"
            -Wl,--fatal-warnings,-z,max-page-size=4096 ${start} "${source}" -lgcc -o "${output}"
    DEPENDS ${start} "${here}/guest.h" "${here}/guest.ld" "${source}"
    COMMENT "Building guest ${name}.elf"
    VERBATIM)
  add_custom_target(${name}_guest ALL DEPENDS "${output}")
endfunction()
