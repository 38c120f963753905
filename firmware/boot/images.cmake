# SPDX-License-Identifier: BSD-3-Clause
#
# gotee_add_boot_images(<target> <board>): beside <target>.elf its memory image <target>.bin, and <target>.imx, which
# the boot ROM takes over SDP or from eMMC and SD.
find_program(GOTEE_MKIMAGE mkimage DOC "makes boot images (package u-boot-tools)")
find_program(GOTEE_OBJCOPY arm-none-eabi-objcopy DOC "makes memory images (package binutils-arm-none-eabi)")

function(gotee_add_boot_images target board)
  if(NOT GOTEE_MKIMAGE OR NOT GOTEE_OBJCOPY)
    message(FATAL_ERROR "gotee: ${target}.imx cannot be made: mkimage is '${GOTEE_MKIMAGE}', arm-none-eabi-objcopy is "
                        "'${GOTEE_OBJCOPY}'. On Debian: apt install u-boot-tools binutils-arm-none-eabi")
  endif()
  set(boot "${CMAKE_SOURCE_DIR}/firmware/boot")
  if(NOT EXISTS "${boot}/${board}.cfg")
    message(FATAL_ERROR "gotee_add_boot_images(${target}): no ${boot}/${board}.cfg")
  endif()
  set(base "${CMAKE_BINARY_DIR}/${target}")
  set(configuration "${CMAKE_CURRENT_BINARY_DIR}/${target}.cfg")
  add_custom_command(
    OUTPUT "${base}.bin" "${base}.imx"
    COMMAND ${GOTEE_OBJCOPY} -O binary $<TARGET_FILE:${target}> "${base}.bin"
    COMMAND ${CMAKE_COMMAND} -E cat "${boot}/common.cfg" "${boot}/${board}.cfg" > "${configuration}"
    COMMAND ${GOTEE_MKIMAGE} -n "${configuration}" -T imximage -e 0x90000000 -d "${base}.bin" "${base}.imx" > "${configuration}.log"
    DEPENDS ${target} "${boot}/common.cfg" "${boot}/${board}.cfg"
    COMMENT "Making boot image ${target}.imx"
    VERBATIM)
  add_custom_target(${target}_boot_images ALL DEPENDS "${base}.bin" "${base}.imx")
endfunction()
