// SPDX-License-Identifier: BSD-3-Clause
//
// Bytes in and out of memory that a bus master shares with us, and the end of secrets.
#pragma once
#include <span>

#include "hal/imx6ul/mmio.h"

namespace gotee::imx6ul {

/// Overwrite with zeros, also when nobody reads the bytes again.
inline void wipe(std::span<u8> bytes) {
  for (volatile u8& byte : bytes) byte = 0;
}

/// Copy to physical memory at a word address, the last word filled up with zeros. The accesses are those of
/// registers: the memory is mapped as Device memory, and neither cached nor reordered.
inline void store_bytes(u32 address, std::span<const u8> from) {
  for (std::size_t i = 0; i < from.size(); i += 4) {
    u32 word = 0;
    for (std::size_t b = 0; b < 4 && i + b < from.size(); ++b) word |= u32{from[i + b]} << (8 * b);
    store32(address + u32(i), word);
  }
}

/// Copy from physical memory at a word address.
inline void load_bytes(u32 address, std::span<u8> to) {
  for (std::size_t i = 0; i < to.size(); i += 4) {
    const u32 word = load32(address + u32(i));
    for (std::size_t b = 0; b < 4 && i + b < to.size(); ++b) to[i + b] = u8(word >> (8 * b));
  }
}

/// Fill physical memory at a word address with zeros, in whole words.
inline void wipe_memory(u32 address, u32 bytes) {
  for (u32 i = 0; i < bytes; i += 4) store32(address + i, 0);
}

}  // namespace gotee::imx6ul
