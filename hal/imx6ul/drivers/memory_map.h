// SPDX-License-Identifier: BSD-3-Clause
//
// Where the blocks of the i.MX6UL family live, and which member of the family has which.
// Ref: [IMX6ULRM] i.MX 6UltraLite Applications Processor Reference Manual, chapter "Memory Maps";
//      [IMX6ULLRM] i.MX 6ULL Applications Processor Reference Manual, same chapter;
//      [CA7TRM] ARM Cortex-A7 MPCore TRM, DDI 0464.
#pragma once
#include "core/base/types.h"

namespace gotee::imx6ul {

/// The members of the family that differ in blocks, fuses and speed grades. The ULZ is a ULL to software.
enum class Chip : u8 { Unknown, Imx6ul, Imx6ull };

inline constexpr u32 kRomBase = 0x0000'0000;    // [IMX6ULRM] System memory map, boot ROM (ROMCP)
inline constexpr u32 kRomSize = 0x0001'8000;    // [IMX6ULRM] System memory map, 96 KiB
inline constexpr u32 kOcramBase = 0x0090'0000;  // [IMX6ULRM] System memory map, OCRAM
inline constexpr u32 kOcramSize = 0x0002'0000;  // [IMX6ULRM] System memory map, 128 KiB

inline constexpr u32 kGicDistributorBase = 0x00a0'1000;   // [IMX6ULRM] System memory map; [CA7TRM] GIC
inline constexpr u32 kGicCpuInterfaceBase = 0x00a0'2000;  // [IMX6ULRM] System memory map; [CA7TRM] GIC

inline constexpr u32 kUart7Base = 0x0201'8000;  // [IMX6ULRM] AIPS-1 memory map
inline constexpr u32 kUart1Base = 0x0202'0000;  // [IMX6ULRM] AIPS-1 memory map
inline constexpr u32 kUart8Base = 0x0202'4000;  // [IMX6ULRM] AIPS-1 memory map (UL; the ULL has it elsewhere)
inline constexpr u32 kGpt1Base = 0x0209'8000;   // [IMX6ULRM] AIPS-1 memory map
inline constexpr u32 kGpio1Base = 0x0209'c000;  // [IMX6ULRM] AIPS-1 memory map
inline constexpr u32 kGpio2Base = 0x020a'0000;  // [IMX6ULRM] AIPS-1 memory map
inline constexpr u32 kGpio3Base = 0x020a'4000;  // [IMX6ULRM] AIPS-1 memory map
inline constexpr u32 kGpio4Base = 0x020a'8000;  // [IMX6ULRM] AIPS-1 memory map
inline constexpr u32 kGpio5Base = 0x020a'c000;  // [IMX6ULRM] AIPS-1 memory map
inline constexpr u32 kWdog1Base = 0x020b'c000;  // [IMX6ULRM] AIPS-1 memory map
inline constexpr u32 kWdog2Base = 0x020c'0000;  // [IMX6ULRM] AIPS-1 memory map (the TrustZone watchdog)
inline constexpr u32 kCcmBase = 0x020c'4000;    // [IMX6ULRM] AIPS-1 memory map
inline constexpr u32 kCcmAnalogBase = 0x020c'8000;  // [IMX6ULRM] AIPS-1 memory map
inline constexpr u32 kPmuBase = kCcmAnalogBase;     // [IMX6ULRM] PMU: its registers lie inside CCM_ANALOG
inline constexpr u32 kSnvsHpBase = 0x020c'c000;     // [IMX6ULRM] AIPS-1 memory map
inline constexpr u32 kSrcBase = 0x020d'8000;        // [IMX6ULRM] AIPS-1 memory map
inline constexpr u32 kGpcBase = 0x020d'c000;        // [IMX6ULRM] AIPS-1 memory map
inline constexpr u32 kIomuxcBase = 0x020e'0000;     // [IMX6ULRM] AIPS-1 memory map
inline constexpr u32 kIomuxcGprBase = 0x020e'4000;  // [IMX6ULRM] AIPS-1 memory map
inline constexpr u32 kGpt2Base = 0x020e'8000;       // [IMX6ULRM] AIPS-1 memory map

inline constexpr u32 kCaamBase = 0x0214'0000;   // [IMX6ULRM] AIPS-2 memory map (UL only)
inline constexpr u32 kOcotpBase = 0x021b'c000;  // [IMX6ULRM] AIPS-2 memory map
inline constexpr u32 kCsuBase = 0x021c'0000;    // [IMX6ULRM] AIPS-2 memory map
inline constexpr u32 kTzascBase = 0x021d'0000;  // [IMX6ULRM] AIPS-2 memory map
inline constexpr u32 kWdog3Base = 0x021e'4000;  // [IMX6ULRM] AIPS-2 memory map
inline constexpr u32 kUart2Base = 0x021e'8000;  // [IMX6ULRM] AIPS-2 memory map
inline constexpr u32 kUart3Base = 0x021e'c000;  // [IMX6ULRM] AIPS-2 memory map
inline constexpr u32 kUart4Base = 0x021f'0000;  // [IMX6ULRM] AIPS-2 memory map
inline constexpr u32 kUart5Base = 0x021f'4000;  // [IMX6ULRM] AIPS-2 memory map
inline constexpr u32 kUart6Base = 0x021f'c000;  // [IMX6ULRM] AIPS-2 memory map

inline constexpr u32 kDcpBase = 0x0228'0000;       // [IMX6ULLRM] AIPS-3 memory map (ULL and ULZ only)
inline constexpr u32 kRngbBase = 0x0228'4000;      // [IMX6ULLRM] AIPS-3 memory map (ULL and ULZ only)
inline constexpr u32 kUart8UllBase = 0x0228'8000;  // [IMX6ULLRM] AIPS-3 memory map (ULL only)

}  // namespace gotee::imx6ul
