# SPDX-License-Identifier: BSD-3-Clause
#
# Toolchain file: freestanding code for the Cortex-A7 of the i.MX6UL.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR arm)
set(CMAKE_C_COMPILER arm-none-eabi-gcc)
set(CMAKE_CXX_COMPILER arm-none-eabi-g++)
set(CMAKE_ASM_COMPILER arm-none-eabi-gcc)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
set(cortex_a7 "-mcpu=cortex-a7 -mfpu=neon-vfpv4 -mfloat-abi=hard")
set(CMAKE_C_FLAGS_INIT ${cortex_a7})
set(CMAKE_CXX_FLAGS_INIT ${cortex_a7})
set(CMAKE_ASM_FLAGS_INIT ${cortex_a7})
