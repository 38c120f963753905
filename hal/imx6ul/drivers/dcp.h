// SPDX-License-Identifier: BSD-3-Clause
//
// Data Co-Processor of the i.MX6ULL and ULZ: AES-128, SHA-256, and a key that no software can read.
// Ref: [MCIMX28RM] i.MX28 Applications Processor Reference Manual, chapter 13, which documents the same
// block.
#pragma once
#include <span>

#include "core/base/result.h"
#include "hal/imx6ul/mmio.h"

namespace gotee::imx6ul {

/// Which AES-128 key an operation uses.
class DcpKey {
 public:
  /// One of the 4 write-only slots, see Dcp::set_key().
  static constexpr DcpKey slot(u8 index) { return DcpKey{index < 4 ? index : kNone, {}}; }
  /// The key of this very chip. It is unique only where the SNVS is in its trusted or secure state: on an
  /// open device it is a constant of NXP's, which the caller must know (SNVS) and not take for a secret.
  static constexpr DcpKey unique() { return DcpKey{kUnique, {}}; }
  /// These bytes, which must live until the operation is over.
  static constexpr DcpKey bytes(std::span<const u8, 16> key) { return DcpKey{kPayload, key}; }

 private:
  friend class Dcp;
  static constexpr u8 kUnique = 0xfe;                 // [MCIMX28RM] 13.2.6.4.3, KEY_SELECT
  static constexpr u8 kPayload = 0x80, kNone = 0x81;  // ours, no values of the manual's
  constexpr DcpKey(u8 select, std::span<const u8> payload) : select_{select}, payload_{payload} {}

  u8 select_;  // [MCIMX28RM] 13.2.6.4.3, KEY_SELECT
  std::span<const u8> payload_;
};

class Dcp {
 public:
  enum class Reg : u32 {
    Control = 0x000,             // [MCIMX28RM] HW_DCP_CTRL
    ControlSet = 0x004,          // [MCIMX28RM] HW_DCP_CTRL_SET
    ControlClear = 0x008,        // [MCIMX28RM] HW_DCP_CTRL_CLR
    Status = 0x010,              // [MCIMX28RM] HW_DCP_STAT
    StatusClear = 0x018,         // [MCIMX28RM] HW_DCP_STAT_CLR
    Channels = 0x020,            // [MCIMX28RM] HW_DCP_CHANNELCTRL
    Key = 0x060,                 // [MCIMX28RM] HW_DCP_KEY
    KeyData = 0x070,             // [MCIMX28RM] HW_DCP_KEYDATA
    ChannelPacket = 0x100,       // [MCIMX28RM] HW_DCP_CH0CMDPTR
    ChannelSemaphore = 0x110,    // [MCIMX28RM] HW_DCP_CH0SEMA
    ChannelStatus = 0x120,       // [MCIMX28RM] HW_DCP_CH0STAT
    ChannelStatusClear = 0x128,  // [MCIMX28RM] HW_DCP_CH0STAT_CLR
  };
  static constexpr Field kReset{31, 1};             // [MCIMX28RM] HW_DCP_CTRL, SFTRST
  static constexpr Field kGate{30, 1};              // [MCIMX28RM] HW_DCP_CTRL, CLKGATE
  static constexpr Field kHasCipher{29, 1};         // [MCIMX28RM] HW_DCP_CTRL, PRESENT_CRYPTO
  static constexpr Field kHasHash{28, 1};           // [MCIMX28RM] HW_DCP_CTRL, PRESENT_SHA
  static constexpr Field kContextCaching{22, 1};    // [MCIMX28RM] HW_DCP_CTRL, ENABLE_CONTEXT_CACHING
  static constexpr Field kContextSwitching{21, 1};  // [MCIMX28RM] HW_DCP_CTRL, ENABLE_CONTEXT_SWITCHING
  static constexpr Field kInterrupts{0, 9};    // [MCIMX28RM] HW_DCP_CTRL, CHANNEL and CSC interrupt enables
  static constexpr Field kOtpKeyReady{28, 1};  // [MCIMX28RM] HW_DCP_STAT, OTP_KEY_READY
  static constexpr Field kChannel0{0, 1};      // [MCIMX28RM] HW_DCP_STAT, IRQ; HW_DCP_CHANNELCTRL, ENABLE
  static constexpr Field kKeyIndex{4, 2};      // [MCIMX28RM] HW_DCP_KEY, INDEX
  static constexpr Field kKeyWord{0, 2};       // [MCIMX28RM] HW_DCP_KEY, SUBWORD
  static constexpr Field kErrors{1, 6};        // [MCIMX28RM] HW_DCP_CH0STAT, ERROR_x and HASH_MISMATCH

  static constexpr u32 kChunk = 1024;            // bytes that pass through the DMA memory at once
  static constexpr u32 kDmaBytes = kChunk + 64;  // of physical memory that the DCP can reach
  static constexpr u32 kDmaAlign = 64;

  /// `dma` is kDmaBytes of memory at a multiple of kDmaAlign that nobody else uses, in Secure memory (and the
  /// DCP a Secure master, see csu_policy.h), mapped as Device memory at its physical address: no caches are
  /// maintained here. Keys and data pass through it and are wiped at once.
  constexpr Dcp(u32 base, PhysAddr dma) : io_{base}, dma_{dma.raw} {}

  /// Such a block, with both its engines, answers here. Its clock must run.
  bool present() const;
  /// Reset the block and switch channel 0 on. Device when it is absent or does not answer.
  Result<> start();

  /// Write `key` to one of the 4 slots, from which nobody reads it back. Invalid: no such slot. Device before
  /// start() or after a failure.
  Result<> set_key(u32 slot, std::span<const u8, 16> key);

  enum class Direction : u8 { Decrypt, Encrypt };
  /// AES-128 in place. Invalid when `data` is empty or no multiple of 16 bytes, or there is no such key.
  /// Device when the block reports an error, never answers, or its unique key is not ready: `data` is then
  /// all zeros. A block that failed does nothing more until the next start().
  Result<> ecb(Direction direction, DcpKey key, std::span<u8> data);
  Result<> cbc(Direction direction, DcpKey key, std::span<const u8, 16> iv, std::span<u8> data);

  /// SHA-256 of `message`. Device as above; `digest` is then all zeros.
  Result<> sha256(std::span<const u8> message, std::span<u8, 32> digest);

  /// A key of this very chip for one purpose: the encryption of `diversifier` under DcpKey::unique(), and as
  /// good as that. Device as above.
  Result<> derive(std::span<const u8, 16> diversifier, std::span<u8, 16> key);

 private:
  struct Packet;
  Result<> cipher(Direction direction, DcpKey key, std::span<const u8> iv, std::span<u8> data);
  bool run(const Packet& packet);

  Mmio<Reg> io_;
  u32 dma_;
  bool ready_ = false;
};

}  // namespace gotee::imx6ul
