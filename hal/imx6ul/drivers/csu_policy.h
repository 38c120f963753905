// SPDX-License-Identifier: BSD-3-Clause
//
// Which peripherals the Normal world may touch, and as which world each bus master speaks: the one table.
// Ref: [IMX6ULLRM] 11.2.3.1 (CSU peripheral access policy); [IMX6ULSRM] CSU: CSU_CSLn, CSU_SA.
#pragma once
#include <array>
#include <string_view>

#include "core/base/types.h"

namespace gotee::imx6ul {

/// Who may read and write a slave. [IMX6ULLRM] 11.2.3.1: NSW NUW SSW SUW, NSR NUR SSR SUR.
enum class SlaveAccess : u8 { Everyone = 0b1111'1111, SecureOnly = 0b0011'0011 };

/// Each CSL register governs two slaves: one in bits 7-0, one in bits 23-16.
enum class Half : u8 { Low = 0, High = 16 };

struct Slave {
  u8 csl = 0;  // register number
  Half half = Half::Low;
  constexpr bool operator==(const Slave&) const = default;
};

struct ProtectedSlave {
  Slave slave;
  std::string_view what;
};

inline constexpr u32 kCslRegisters = 40;  // [IMX6ULSRM] CSU_CSL0 to CSU_CSL39
inline constexpr u32 kCsuMasters = 16;    // [IMX6ULSRM] CSU_SA, two bits each

inline constexpr Slave kUart1Slave{21, Half::Low};  // [IMX6ULSRM] CSL slave modules mapping
inline constexpr Slave kUart2Slave{30, Half::Low};  // [IMX6ULSRM] CSL slave modules mapping

/// Everything that the Normal world does not get. Not here, and why:
/// - the CSU itself answers to Secure software alone; the CAAM asks who owns each job ring;
/// - SNVS_HP shares a slave with CCM, SRC and GPC, and IOMUXC and its GPRs hold the pads and clocks of every
///   device: no Normal-world system runs without them. What matters there must be locked in those blocks.
inline constexpr std::array kProtectedSlaves = {
    ProtectedSlave{{2, Half::High}, "GPIO3, GPIO4: the LEDs"},  // [IMX6ULSRM] CSL slave modules mapping
    ProtectedSlave{{3, Half::High}, "SNVS_LP"},                 // [IMX6ULSRM] CSL slave modules mapping
    ProtectedSlave{{5, Half::Low}, "WDOG2: ours"},              // [IMX6ULSRM] CSL slave modules mapping
    ProtectedSlave{{13, Half::Low}, "ROMCP: patches the ROM"},  // [IMX6ULSRM] CSL slave modules mapping
    ProtectedSlave{{14, Half::High}, "OCOTP: fuses"},           // [IMX6ULSRM] CSL slave modules mapping
    ProtectedSlave{{16, Half::High}, "TZASC1"},                 // [IMX6ULSRM] CSL slave modules mapping
    ProtectedSlave{{34, Half::Low}, "DCP"},                     // [IMX6ULLRM] CSL slave modules mapping
    ProtectedSlave{{34, Half::High}, "RNGB"},                   // [IMX6ULLRM] CSL slave modules mapping
    ProtectedSlave{{39, Half::High}, "OCRAM above its TrustZone address (GPR10)"},  // [IMX6ULSRM] the same
};

struct Master {
  u8 id = 0;
  bool secure = false;
  std::string_view what;
};

/// The masters that exist in the family. The CAAM carries its own world with each job ring.
inline constexpr std::array kMasters = {
    Master{0, true, "Cortex-A7: each access says its world"},  // [IMX6ULSRM] CSU_SA
    Master{2, false, "SDMA"},                                  // [IMX6ULSRM] CSU_SA
    Master{3, false, "PXP, CSI, LCDIF"},                       // [IMX6ULSRM] CSU_SA
    Master{4, false, "USB"},                                   // [IMX6ULSRM] CSU_SA
    Master{5, false, "test port"},                             // [IMX6ULSRM] CSU_SA
    Master{7, false, "raw NAND DMA"},                          // [IMX6ULSRM] CSU_SA
    Master{8, false, "APBH DMA"},                              // [IMX6ULSRM] CSU_SA
    Master{9, false, "ENET"},                                  // [IMX6ULSRM] CSU_SA
    Master{10, false, "USDHC1"},                               // [IMX6ULSRM] CSU_SA
    Master{11, false, "USDHC2"},                               // [IMX6ULSRM] CSU_SA
    Master{14, false, "debug port; DCP on the ULL"},           // [IMX6ULSRM] CSU_SA
};
inline constexpr u8 kDcpMaster = 14;  // shared with the debug port; not in the manual, known from the field

/// What a board chooses. Everything else is the tables'.
struct CsuChoice {
  Slave console = kUart1Slave;
  bool console_secure = false;  // or the Normal world may print, and read, on our console
  bool dcp_secure = false;      // ULL: the DCP reads keys and packets from Secure memory
};

constexpr SlaveAccess slave_access(Slave slave, const CsuChoice& choice) {
  if (choice.console_secure && slave == choice.console) return SlaveAccess::SecureOnly;
  for (const ProtectedSlave& p : kProtectedSlaves) {
    if (p.slave == slave) return SlaveAccess::SecureOnly;
  }
  return SlaveAccess::Everyone;
}

constexpr bool master_secure(const Master& master, const CsuChoice& choice) {
  return master.secure || (choice.dcp_secure && master.id == kDcpMaster);
}

constexpr bool slaves_are_sound() {
  for (std::size_t i = 0; i < kProtectedSlaves.size(); ++i) {
    const Slave slave = kProtectedSlaves[i].slave;
    if (slave.csl >= kCslRegisters || slave == kUart1Slave || slave == kUart2Slave) return false;
    for (std::size_t j = i + 1; j < kProtectedSlaves.size(); ++j) {
      if (slave == kProtectedSlaves[j].slave) return false;
    }
  }
  return true;
}
constexpr bool masters_are_sound() {
  for (std::size_t i = 0; i < kMasters.size(); ++i) {
    if (kMasters[i].id >= kCsuMasters || kMasters[i].secure != (kMasters[i].id == 0)) return false;
    if (i > 0 && kMasters[i].id <= kMasters[i - 1].id) return false;
  }
  return true;
}
static_assert(slaves_are_sound(), "a slave is named twice, is out of range, or is a console (CsuChoice)");
static_assert(masters_are_sound(), "masters in order, each once; nobody but the processor is Secure");

}  // namespace gotee::imx6ul
