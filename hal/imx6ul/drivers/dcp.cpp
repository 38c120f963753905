// SPDX-License-Identifier: BSD-3-Clause
//
// Data Co-Processor of the i.MX6ULL and ULZ.
// Ref: [MCIMX28RM] 13.2.6.4 (work packets), 13.3 (registers).
#include "hal/imx6ul/drivers/dcp.h"

#include <algorithm>
#include <array>

#include "hal/imx6ul/drivers/bytes.h"

namespace gotee::imx6ul {
namespace {

// What lies where in the DMA memory.
constexpr u32 kPacket = 0x00;   // 8 words
constexpr u32 kPayload = 0x20;  // key and initial vector, or digest
constexpr u32 kData = 0x40;

constexpr u32 kInterrupt = 1u << 0;     // [MCIMX28RM] 13.2.6.4.2, INTERRUPT_ENABLE: shows in HW_DCP_STAT
constexpr u32 kCountDown = 1u << 1;     // [MCIMX28RM] 13.2.6.4.2, DECR_SEMAPHORE
constexpr u32 kEnableCipher = 1u << 5;  // [MCIMX28RM] 13.2.6.4.2, ENABLE_CIPHER
constexpr u32 kEnableHash = 1u << 6;    // [MCIMX28RM] 13.2.6.4.2, ENABLE_HASH
constexpr u32 kEncrypt = 1u << 8;       // [MCIMX28RM] 13.2.6.4.2, CIPHER_ENCRYPT
constexpr u32 kCipherInit = 1u << 9;    // [MCIMX28RM] 13.2.6.4.2, CIPHER_INIT: the payload has the vector
constexpr u32 kPayloadKey = 1u << 11;   // [MCIMX28RM] 13.2.6.4.2, PAYLOAD_KEY: and first of all the key
constexpr u32 kHashInit = 1u << 12;     // [MCIMX28RM] 13.2.6.4.2, HASH_INIT
constexpr u32 kHashTerm = 1u << 13;     // [MCIMX28RM] 13.2.6.4.2, HASH_TERM: the payload gets the digest
constexpr u32 kCbc = 1u << 4;           // [MCIMX28RM] 13.2.6.4.3, CIPHER_MODE; CIPHER_SELECT 0 is AES-128
constexpr Field kKeySelect{8, 8};       // [MCIMX28RM] 13.2.6.4.3, KEY_SELECT
constexpr u32 kSha256 = 2u << 16;       // [MCIMX28RM] 13.2.6.4.3, HASH_SELECT

constexpr u32 kBlock = 16;

// The block does not hash nothing. FIPS 180-4: SHA-256 of the empty message.
constexpr std::array<u8, 32> kEmptyDigest = {0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4,
                                             0xc8, 0x99, 0x6f, 0xb9, 0x24, 0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b,
                                             0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55};

}  // namespace

struct Dcp::Packet {
  u32 control0 = 0, control1 = 0, bytes = 0;
};

bool Dcp::present() const {
  const u32 control = io_.probe(Reg::Control).value_or(0);
  return kHasCipher.get(control) == 1 && kHasHash.get(control) == 1;
}

Result<> Dcp::start() {
  ready_ = false;
  if (dma_ % kDmaAlign != 0 || !present()) return Error::Device;
  // The reset takes effect only while the clock runs, and stops it.
  io_.write(Reg::ControlClear, kReset.put(1));
  if (!io_.wait(Reg::Control, kReset, 0)) return Error::Device;
  io_.write(Reg::ControlClear, kGate.put(1));
  io_.write(Reg::ControlSet, kReset.put(1));
  if (!io_.wait(Reg::Control, kGate, 1)) return Error::Device;
  io_.write(Reg::ControlClear, kReset.put(1));
  if (!io_.wait(Reg::Control, kReset, 0)) return Error::Device;
  io_.write(Reg::ControlClear, kGate.put(1));
  if (!io_.wait(Reg::Control, kGate, 0)) return Error::Device;

  io_.write(Reg::ControlClear, kContextCaching.put(1) | kContextSwitching.put(1) | kInterrupts.mask());
  io_.write(Reg::Channels, kChannel0.put(1));
  wipe_memory(dma_, kDmaBytes);
  ready_ = true;
  return kOk;
}

Result<> Dcp::set_key(u32 slot, std::span<const u8, 16> key) {
  if (slot > 3) return Error::Invalid;
  if (!ready_) return Error::Device;
  for (u32 word = 0; word < 4; ++word) {
    const auto b = key.subspan(4 * word, 4);
    io_.write(Reg::Key, kKeyIndex.put(slot) | kKeyWord.put(word));
    io_.write(Reg::KeyData, u32{b[0]} | u32{b[1]} << 8 | u32{b[2]} << 16 | u32{b[3]} << 24);
  }
  return kOk;
}

/// In place on the data in DMA memory. False when the block failed; it is then not used again.
bool Dcp::run(const Packet& packet) {
  const std::array<u32, 8> words = {0,  // no next packet
                                    packet.control0 | kInterrupt | kCountDown,
                                    packet.control1,
                                    dma_ + kData,
                                    dma_ + kData,
                                    packet.bytes,
                                    dma_ + kPayload,
                                    0};  // the block's
  for (u32 i = 0; i < words.size(); ++i) store32(dma_ + kPacket + 4 * i, words[i]);
  // Reading them back holds the doorbell until all of them have reached memory.
  for (u32 i = 0; i < words.size(); ++i) {
    if (load32(dma_ + kPacket + 4 * i) != words[i]) return ready_ = false;
  }
  io_.write(Reg::StatusClear, kChannel0.put(1));
  io_.write(Reg::ChannelStatusClear, 0xff);
  io_.write(Reg::ChannelPacket, dma_ + kPacket);
  io_.write(Reg::ChannelSemaphore, 1);
  ready_ = io_.wait(Reg::Status, kChannel0, 1) && kErrors.get(io_.read(Reg::ChannelStatus)) == 0;
  io_.write(Reg::StatusClear, kChannel0.put(1));
  return ready_;
}

Result<> Dcp::cipher(Direction direction, DcpKey key, std::span<const u8> iv, std::span<u8> data) {
  if (data.empty() || data.size() % kBlock != 0 || key.select_ == DcpKey::kNone) return Error::Invalid;
  const bool cbc = !iv.empty(), own_key = key.select_ == DcpKey::kPayload;
  Packet packet;
  packet.control0 = kEnableCipher;
  if (direction == Direction::Encrypt) packet.control0 |= kEncrypt;
  if (cbc) packet.control0 |= kCipherInit, packet.control1 |= kCbc;
  if (own_key) {
    packet.control0 |= kPayloadKey;
  } else {
    // OTP_KEY stays 0: it would override KEY_SELECT with the bare fuse key.
    packet.control1 |= kKeySelect.put(key.select_);
  }

  const bool unique = key.select_ == DcpKey::kUnique;
  bool ok = ready_ && (!unique || kOtpKeyReady.get(io_.read(Reg::Status)) == 1);
  std::array<u8, kBlock> vector{};
  std::copy(iv.begin(), iv.end(), vector.begin());
  for (std::span<u8> rest = data; ok && !rest.empty();) {
    const auto now = rest.first(std::min<std::size_t>(rest.size(), kChunk));
    std::array<u8, kBlock> next{};
    if (direction == Direction::Decrypt) std::copy(now.end() - kBlock, now.end(), next.begin());
    if (own_key) store_bytes(dma_ + kPayload, key.payload_);
    if (cbc) store_bytes(dma_ + kPayload + (own_key ? kBlock : 0), vector);
    store_bytes(dma_ + kData, now);
    packet.bytes = u32(now.size());
    ok = run(packet);
    if (ok) load_bytes(dma_ + kData, now);
    if (direction == Direction::Encrypt) std::copy(now.end() - kBlock, now.end(), next.begin());
    vector = next;
    rest = rest.subspan(now.size());
  }
  wipe_memory(dma_, kDmaBytes);
  if (ok) return kOk;
  wipe(data);
  return Error::Device;
}

Result<> Dcp::ecb(Direction direction, DcpKey key, std::span<u8> data) {
  return cipher(direction, key, {}, data);
}

Result<> Dcp::cbc(Direction direction, DcpKey key, std::span<const u8, 16> iv, std::span<u8> data) {
  return cipher(direction, key, iv, data);
}

Result<> Dcp::sha256(std::span<const u8> message, std::span<u8, 32> digest) {
  bool ok = ready_;
  if (ok && message.empty()) {
    std::copy(kEmptyDigest.begin(), kEmptyDigest.end(), digest.begin());
    return kOk;
  }
  Packet packet{.control0 = kEnableHash | kHashInit, .control1 = kSha256};
  for (auto rest = message; ok && !rest.empty();) {
    const auto now = rest.first(std::min<std::size_t>(rest.size(), kChunk));
    rest = rest.subspan(now.size());
    store_bytes(dma_ + kData, now);
    packet.bytes = u32(now.size());
    if (rest.empty()) packet.control0 |= kHashTerm;
    ok = run(packet);
    packet.control0 &= ~kHashInit;
  }
  if (ok) {
    load_bytes(dma_ + kPayload, digest);
    std::reverse(digest.begin(), digest.end());  // the block writes its last byte first
  } else {
    wipe(digest);
  }
  wipe_memory(dma_, kDmaBytes);
  return ok ? Result<>{kOk} : Error::Device;
}

Result<> Dcp::derive(std::span<const u8, 16> diversifier, std::span<u8, 16> key) {
  std::copy(diversifier.begin(), diversifier.end(), key.begin());
  return ecb(Direction::Encrypt, DcpKey::unique(), key);
}

}  // namespace gotee::imx6ul
