// SPDX-License-Identifier: BSD-3-Clause
//
// The random number generator of the CAAM.
// Ref: [IMX6ULSRM] chapter CAAM: 6.6.7.3 (command types), 6.6.8 (HEADER), 6.6.14 (FIFO STORE), 6.6.16
// (ALGORITHM OPERATION), job ring registers, RNG4 and TRNG registers.
#include "hal/imx6ul/drivers/caam.h"

#include <algorithm>
#include <array>

#include "hal/imx6ul/drivers/bytes.h"

namespace gotee::imx6ul {
namespace {

// What lies where in the DMA memory.
constexpr u32 kInputRing = 0x00;   // one pointer to a descriptor
constexpr u32 kOutputRing = 0x10;  // that pointer again, and the job's status
constexpr u32 kDescriptor = 0x40;
constexpr u32 kData = 0x80;
constexpr u32 kDataBytes = Caam::kDmaBytes - kData;

constexpr u32 kHeader = 0xb0800000;       // [IMX6ULSRM] 6.6.8, HEADER with ONE; plus its length in words
constexpr u32 kRngGenerate = 0x82500000;  // [IMX6ULSRM] 6.6.16, OPERATION class 1, RNG, state handle 0
constexpr u32 kRngInit = 1u << 2;         // [IMX6ULSRM] 6.6.16, AS: initialize
constexpr u32 kRngFreshNoise = 1u << 1;   // [IMX6ULSRM] 6.6.16, PR
constexpr u32 kStoreRandom = 0x60340000;  // [IMX6ULSRM] 6.6.14, FIFO STORE of random data; plus its length

constexpr u32 kStatusMask = 0xf00000ff;      // [IMX6ULSRM] job termination status: source, block, error
constexpr u32 kStatusBadNoise = 0x2000005b;  // [IMX6ULSRM] the same: CCB, RNG, hardware error

constexpr u32 kShortestSample = 3200, kLongestSample = 12800, kSampleStep = 400;  // clocks

/// [IMX6ULSRM] RTSCMISC to RTSCR6PL: NXP's limits for seeds of 512 raw bits.
struct Limit {
  u32 offset, value;
};
constexpr std::array kLimits = {
    Limit{0, 122 << 16 | 317}, Limit{4, 80 << 16 | 107}, Limit{8, 57 << 16 | 62},   // monobit, runs of 1, 2
    Limit{12, 39 << 16 | 39},  Limit{16, 27 << 16 | 26}, Limit{20, 19 << 16 | 18},  // runs of 3, 4, 5
    Limit{24, 18 << 16 | 17},                                                       // runs of 6 and more
};

}  // namespace

bool Caam::present() const {
  return io_.probe(Reg::Version).value_or(0) != 0 && kRngVersion.get(io_.read(Reg::BlockVersions)) >= 4;
}

Result<> Caam::start() {
  if (state_ == State::Ready) return kOk;
  if (state_ == State::Failed) return Error::Device;
  state_ = State::Failed;
  if (dma_ % kDmaAlign != 0 || !present() || !take_ring() || !instantiate()) return Error::Device;
  state_ = State::Ready;
  return kOk;
}

bool Caam::take_ring() const {
  io_.update(Reg::MasterConfig, kLongPointers, 0);
  io_.update(Reg::SecurityConfig, kNoDeterministic, 1);
  io_.update(Reg::RingStart, kRing0, 0);  // its owner can only change while it stands still
  io_.update(Reg::RingOwner, kOwnerNormal, 0);
  io_.update(Reg::RingMaster, kSequenceNormal, 0);
  io_.update(Reg::RingMaster, kPointerNormal, 0);
  const u32 master = io_.read(Reg::RingMaster);
  if (kOwnerNormal.get(io_.read(Reg::RingOwner)) != 0 || kSequenceNormal.get(master) != 0 ||
      kPointerNormal.get(master) != 0) {
    return false;
  }
  io_.update(Reg::RingStart, kRing0, 1);
  if (!reset_ring()) return false;

  wipe_memory(dma_, kDmaBytes);
  io_.write(Reg::InputBaseHigh, 0);
  io_.write(Reg::InputBase, dma_ + kInputRing);
  io_.write(Reg::InputSize, 1);
  io_.write(Reg::OutputBaseHigh, 0);
  io_.write(Reg::OutputBase, dma_ + kOutputRing);
  io_.write(Reg::OutputSize, 1);
  return true;
}

bool Caam::reset_ring() const {
  io_.update(Reg::RingConfig, kMaskInterrupt, 1);
  io_.write(Reg::RingCommand, kRingReset.put(1));
  if (!io_.wait(Reg::RingStatus, kHalt, 2)) return false;
  io_.write(Reg::RingCommand, kRingReset.put(1));
  return io_.wait(Reg::RingCommand, kRingReset, 0);
}

void Caam::program_noise(u32 delay) const {
  // Both bits: what was gathered before counts no more.
  u32 control = io_.read(Reg::TrngControl) | kProgram.put(1) | kTrngAccess.put(1);
  io_.write(Reg::TrngControl, control);
  io_.write(Reg::TrngSeed, kSampleDelay.put(delay) | kSampleSize.put(512));
  io_.write(Reg::TrngFreqMin, delay / 4);
  io_.write(Reg::TrngFreqMax, delay * 16);
  io_.write(Reg::TrngRuns, 2 << 16 | 32);
  io_.write(Reg::TrngPokerRange, 570);
  io_.write(Reg::TrngPokerMax, 1600);
  for (const Limit& limit : kLimits) io_.write(Reg::TrngMonobit, limit.value, limit.offset);
  control &= ~(kProgram.mask() | kTrngAccess.mask() | kSampleMode.mask());
  io_.write(Reg::TrngControl, control | kSampleMode.put(1) | kTrngError.put(1));  // raw samples
}

bool Caam::instantiate() const {
  const auto instantiated = [this] { return kInstantiated.get(io_.read(Reg::RngStatus)) != 0; };
  for (u32 delay = kShortestSample; delay <= kLongestSample && !instantiated(); delay += kSampleStep) {
    program_noise(delay);
    const std::array<u32, 2> descriptor = {kHeader | 2, kRngGenerate | kRngInit | kRngFreshNoise};
    const auto result = run(descriptor);
    if (!result || (*result != 0 && (*result & kStatusMask) != kStatusBadNoise)) return false;
  }
  return instantiated() && kDeterministic.get(io_.read(Reg::RngStatus)) == 0;
}

std::optional<u32> Caam::run(std::span<const u32> descriptor) const {
  store32(dma_ + kOutputRing, 0);
  for (u32 i = 0; i < descriptor.size(); ++i) store32(dma_ + kDescriptor + 4 * i, descriptor[i]);
  store32(dma_ + kInputRing, dma_ + kDescriptor);
  // Reading the last word back holds the doorbell until all of them have reached memory.
  if (load32(dma_ + kInputRing) != dma_ + kDescriptor) return std::nullopt;
  io_.write(Reg::InputAdded, 1);
  if (!io_.wait(Reg::OutputFull, kJobs, 1)) return std::nullopt;
  const u32 which = load32(dma_ + kOutputRing), status = load32(dma_ + kOutputRing + 4);
  io_.write(Reg::OutputRemoved, 1);
  if (which != dma_ + kDescriptor) return std::nullopt;
  return status;
}

Result<> Caam::read(std::span<u8> out) {
  std::span<u8> rest = out;
  while (!rest.empty() && state_ == State::Ready) {
    const u32 bytes = std::min<u32>(kDataBytes, u32(rest.size()));
    const u32 status = io_.read(Reg::RngStatus);
    const u32 fresh = kPredictionResistance.get(status) != 0 ? kRngFreshNoise : 0;
    const std::array<u32, 4> descriptor = {kHeader | 4, kRngGenerate | fresh, kStoreRandom | bytes,
                                           dma_ + kData};
    if (kInstantiated.get(status) == 0 || run(descriptor) != u32{0}) {
      state_ = State::Failed;
      break;
    }
    load_bytes(dma_ + kData, rest.first(bytes));
    wipe_memory(dma_ + kData, kDataBytes);  // also, so that data which never arrive are zeros
    rest = rest.subspan(bytes);
  }
  if (state_ == State::Ready) return kOk;
  wipe(out);
  return Error::Device;
}

}  // namespace gotee::imx6ul
