// SPDX-License-Identifier: BSD-3-Clause
//
// On-chip fuses: where they are shadowed, and what a few of them mean.
// Ref: [IMX6ULRM] chapters "On-Chip OTP Controller (OCOTP_CTRL)" and "Fusemap"; [IMX6ULLRM] same chapters.
#include "hal/imx6ul/drivers/ocotp.h"

namespace gotee::imx6ul {
namespace {

struct Fuse {
  u32 bank, word;
};
constexpr Fuse kCfg0{0, 1};  // [IMX6ULRM] OCOTP: HW_OCOTP_CFG0, 0x410, unique id 31-0
constexpr Fuse kCfg1{0, 2};  // [IMX6ULRM] OCOTP: HW_OCOTP_CFG1, 0x420, unique id 63-32
constexpr Fuse kCfg3{0, 4};  // [IMX6ULRM] OCOTP: HW_OCOTP_CFG3, 0x440, configuration and manufacturing
constexpr Fuse kCfg4{0, 5};  // [IMX6ULRM] OCOTP: HW_OCOTP_CFG4, 0x450, BOOT_CFG1-4
constexpr Fuse kCfg5{0, 6};  // [IMX6ULRM] OCOTP: HW_OCOTP_CFG5, 0x460, security configuration
constexpr u32 kSrkBank = 3;  // [IMX6ULRM] OCOTP: HW_OCOTP_SRK0-7, 0x580

}  // namespace

Result<u32> Ocotp::read(u32 bank, u32 word) const {
  const u32 banks = chip_ == Chip::Imx6ul ? kBanksUl : kBanksUll;
  if (bank >= banks || word >= kWordsPerBank) return Error::Invalid;
  // While the shadow registers are being loaded they do not hold the fuses.
  if (!io_.wait(Reg::Control, kBusy, 0)) return Error::TimedOut;

  io_.write(Reg::ControlClear, kError.mask());
  const u32 gap = bank > kLastBankBeforeGap ? kGap : 0;
  const u32 value = io_.read(Reg::Shadow, (bank * kWordsPerBank + word) * 0x10 + gap);
  if (kError.get(io_.read(Reg::Control)) != 0) {
    io_.write(Reg::ControlClear, kError.mask());
    return Error::Denied;
  }
  return value;
}

Result<u64> Ocotp::unique_id() const {
  const auto low = read(kCfg0.bank, kCfg0.word);
  GOTEE_TRY(low);
  const auto high = read(kCfg1.bank, kCfg1.word);
  GOTEE_TRY(high);
  return u64{*high} << 32 | *low;
}

Result<std::array<u32, 8>> Ocotp::srk_hash() const {
  std::array<u32, 8> hash{};
  for (u32 word = 0; word < hash.size(); ++word) {
    const auto value = read(kSrkBank, word);
    GOTEE_TRY(value);
    hash[word] = *value;
  }
  return hash;
}

Result<bool> Ocotp::closed() const {
  const auto value = read(kCfg5.bank, kCfg5.word);
  GOTEE_TRY(value);
  return kClosed.get(*value) != 0;
}

Result<u32> Ocotp::boot_config() const { return read(kCfg4.bank, kCfg4.word); }

Result<bool> Ocotp::boot_from_fuses() const {
  const auto value = read(kCfg5.bank, kCfg5.word);
  GOTEE_TRY(value);
  return kBootFuses.get(*value) != 0;
}

Result<u32> Ocotp::max_arm_mhz() const {
  const auto value = read(kCfg3.bank, kCfg3.word);
  GOTEE_TRY(value);
  const u32 grade = kSpeedGrade.get(*value);
  if (chip_ == Chip::Imx6ul) {  // [IMX6ULRM] Fusemap: SPEED_GRADING
    if (grade == 0b01) return 528u;
    if (grade == 0b10) return 696u;
  }
  if (chip_ == Chip::Imx6ull) {  // [IMX6ULLRM] Fusemap: SPEED_GRADING
    if (grade == 0b01) return 528u;
    if (grade == 0b10) return 792u;
    if (grade == 0b11) return 900u;
  }
  return Error::Unsupported;
}

}  // namespace gotee::imx6ul
