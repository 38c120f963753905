# SPDX-License-Identifier: BSD-3-Clause
#
# gotee_add_applet: build an applet with the arm-none-eabi compiler, whatever the languages and the compiler
# of the project that calls it.
#
#   gotee_add_applet(<name> SOURCES a.c b.cpp c.S
#                    [RAM 16M]               size of the applet's region (up to 128M)
#                    [STACK 1M]              size of its stack, at the end of the region
#                    [THUMB]                 compile to Thumb instead of ARM code
#                    [OPTIONS ...]           more options for every compilation
#                    [OUTPUT_DIRECTORY dir]  where <name>.elf goes, else the current binary directory
#                    [BARE])                 no start-up code and no library: define _start yourself
#
# makes <name>.elf and the target <name>_applet, which is part of `all` and whose property GOTEE_APPLET is the
# path of the image. The global property GOTEE_APPLETS lists the paths of all of them.
# Options in the variable GOTEE_APPLET_OPTIONS apply to every applet, and to the start-up code they share.

include_guard(GLOBAL)
cmake_policy(PUSH)
cmake_policy(VERSION 3.20)

# Finds the compiler once, and says what to install when a part of it is missing.
function(_gotee_find_compiler)
  find_program(GOTEE_ARM_GCC arm-none-eabi-gcc DOC "C compiler for applets")
  find_program(GOTEE_ARM_GXX arm-none-eabi-g++ DOC "C++ compiler for applets")
  set(missing "")
  if(NOT GOTEE_ARM_GCC)
    list(APPEND missing "arm-none-eabi-gcc")
  endif()
  if(NOT GOTEE_ARM_GXX)
    list(APPEND missing "arm-none-eabi-g++")
  endif()
  if(NOT missing)
    foreach(library IN ITEMS libc.a libstdc++.a)
      execute_process(COMMAND ${GOTEE_ARM_GXX} ${ARGN} -print-file-name=${library}
                      OUTPUT_VARIABLE path OUTPUT_STRIP_TRAILING_WHITESPACE)
      if(NOT IS_ABSOLUTE "${path}")
        list(APPEND missing "${library} for it")
      endif()
    endforeach()
  endif()
  if(missing)
    list(JOIN missing ", " missing)
    message(FATAL_ERROR "gotee: applets cannot be built, missing: ${missing}. On Debian and Ubuntu: "
                        "apt install gcc-arm-none-eabi libnewlib-arm-none-eabi "
                        "libstdc++-arm-none-eabi-newlib")
  endif()
endfunction()

# Adds the command that compiles `source` to `object`. Makefiles do not notice a changed command by
# themselves: `stamp` is a file that changes with the options.
function(_gotee_compile source object stamp)
  get_filename_component(extension "${source}" LAST_EXT)
  if(extension STREQUAL ".c")
    set(compiler ${GOTEE_ARM_GCC} -std=gnu11)
  elseif(extension MATCHES "^\\.(cpp|cc|cxx)$")
    set(compiler ${GOTEE_ARM_GXX} -std=c++20 -fno-exceptions -fno-rtti)
  elseif(extension MATCHES "^\\.[sS]$")
    set(compiler ${GOTEE_ARM_GCC} -x assembler-with-cpp)
  else()
    message(FATAL_ERROR "gotee_add_applet: ${source}: not a .c, .cpp, .cc, .cxx, .S or .s file")
  endif()
  get_filename_component(directory "${object}" DIRECTORY)
  file(MAKE_DIRECTORY "${directory}")
  file(RELATIVE_PATH shown "${CMAKE_BINARY_DIR}" "${object}")
  add_custom_command(
    OUTPUT "${object}"
    COMMAND ${compiler} ${ARGN} -MD -MF "${object}.d" -MQ "${object}" -c "${source}" -o "${object}"
    DEPENDS "${source}" "${stamp}"
    DEPFILE "${object}.d"
    COMMENT "Building applet object ${shown}"
    VERBATIM)
endfunction()

# The objects that every applet but a bare one links, compiled once per build.
function(_gotee_add_sdk)
  if(TARGET gotee_sdk)
    return()
  endif()
  set(directory "${CMAKE_CURRENT_BINARY_DIR}/gotee_sdk.dir")
  file(CONFIGURE OUTPUT "${directory}/options" CONTENT "${ARGN}\n" @ONLY)
  set(objects "")
  foreach(file IN ITEMS start.S newlib.c gotee.c)
    _gotee_compile("${CMAKE_CURRENT_FUNCTION_LIST_DIR}/${file}" "${directory}/${file}.o"
                   "${directory}/options" ${ARGN})
    list(APPEND objects "${directory}/${file}.o")
  endforeach()
  add_custom_target(gotee_sdk DEPENDS ${objects})
  set_target_properties(gotee_sdk PROPERTIES GOTEE_OBJECTS "${objects}")
endfunction()

function(gotee_add_applet name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "THUMB;BARE" "RAM;STACK;OUTPUT_DIRECTORY" "SOURCES;OPTIONS")
  if(arg_UNPARSED_ARGUMENTS OR arg_KEYWORDS_MISSING_VALUES OR NOT arg_SOURCES)
    message(FATAL_ERROR "gotee_add_applet(${name}): expected SOURCES and known keywords, each with its "
                        "value; got: ${ARGN}")
  endif()

  set(sdk "${CMAKE_CURRENT_FUNCTION_LIST_DIR}")
  set(machine -mcpu=cortex-a7 -mfpu=neon-vfpv4 -mfloat-abi=hard)
  _gotee_find_compiler(${machine})
  set(common ${machine} -O2 -g -funwind-tables -ffunction-sections -fdata-sections -I${sdk}/include
             ${GOTEE_APPLET_OPTIONS})
  set(options ${common} ${arg_OPTIONS})
  if(arg_THUMB)
    list(APPEND options -mthumb)
  endif()

  set(linker_options "")
  foreach(size IN ITEMS RAM STACK)
    if(arg_${size})
      if(NOT arg_${size} MATCHES "^(0x[0-9a-fA-F]+|[0-9]+[KM]?)$")
        message(FATAL_ERROR "gotee_add_applet(${name}): ${size} ${arg_${size}}: expected bytes, K or M, "
                            "as in 64M")
      endif()
      list(APPEND linker_options "-Wl,--defsym=GOTEE_${size}_SIZE=${arg_${size}}")
    endif()
  endforeach()

  set(directory "${CMAKE_CURRENT_BINARY_DIR}/${name}_applet.dir")
  file(CONFIGURE OUTPUT "${directory}/options" CONTENT "${options} ${linker_options} ${arg_BARE}\n" @ONLY)
  set(linker ${GOTEE_ARM_GCC})
  set(objects "")
  foreach(source IN LISTS arg_SOURCES)
    get_filename_component(source "${source}" ABSOLUTE BASE_DIR "${CMAKE_CURRENT_SOURCE_DIR}")
    file(RELATIVE_PATH object "${CMAKE_CURRENT_SOURCE_DIR}" "${source}")
    string(REPLACE "../" "up/" object "${object}")
    set(object "${directory}/${object}.o")
    _gotee_compile("${source}" "${object}" "${directory}/options" ${options})
    list(APPEND objects "${object}")
    if(source MATCHES "\\.(cpp|cc|cxx)$")
      set(linker ${GOTEE_ARM_GXX})
    endif()
  endforeach()

  if(arg_BARE)
    set(start "")
    set(libraries -nostdlib)
  else()
    _gotee_add_sdk(${common})
    get_target_property(start gotee_sdk GOTEE_OBJECTS)
    set(libraries -nostartfiles -lm)
  endif()

  if(NOT arg_OUTPUT_DIRECTORY)
    set(arg_OUTPUT_DIRECTORY "${CMAKE_CURRENT_BINARY_DIR}")
  endif()
  get_filename_component(output "${arg_OUTPUT_DIRECTORY}/${name}.elf" ABSOLUTE
                         BASE_DIR "${CMAKE_CURRENT_BINARY_DIR}")
  get_filename_component(output_directory "${output}" DIRECTORY)
  file(MAKE_DIRECTORY "${output_directory}")
  add_custom_command(
    OUTPUT "${output}"
    COMMAND ${linker} ${machine} ${start} ${objects} -T "${sdk}/applet.ld" ${linker_options} ${libraries}
            -Wl,--gc-sections,--fatal-warnings,-z,max-page-size=4096 -o "${output}"
    DEPENDS ${start} ${objects} "${sdk}/applet.ld" "${directory}/options"
    COMMENT "Linking applet ${name}.elf"
    VERBATIM)

  add_custom_target(${name}_applet ALL DEPENDS "${output}")
  set_target_properties(${name}_applet PROPERTIES GOTEE_APPLET "${output}")
  if(NOT arg_BARE)
    add_dependencies(${name}_applet gotee_sdk)
  endif()
  set_property(GLOBAL APPEND PROPERTY GOTEE_APPLETS "${output}")
endfunction()

cmake_policy(POP)
