// SPDX-License-Identifier: BSD-3-Clause
//
// The DCP's driver against a model that really enciphers and hashes. Ref: [MCIMX28RM] 13.2.6.4 (work
// packets), 13.3 (registers); FIPS 197, FIPS 180-4 and NIST SP 800-38A for the expected values.
#include "hal/imx6ul/drivers/dcp.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include "tests/unit/imx6ul/register_model.h"

namespace gotee::imx6ul {
namespace {

using Bytes = std::vector<u8>;
using Block = std::array<u8, 16>;

// --- AES-128 as FIPS 197 words it, over GF(2^8), and SHA-256 as FIPS 180-4 words it -----------------

u8 xtime(u8 x) { return u8(x << 1 ^ (x >> 7 != 0 ? 0x1b : 0)); }
u8 mul(u8 x, u8 y) {
  u8 product = 0;
  for (; y != 0; y >>= 1, x = xtime(x)) {
    if ((y & 1) != 0) product ^= x;
  }
  return product;
}
struct Boxes {
  std::array<u8, 256> forward{}, backward{};
  Boxes() {
    for (int x = 0; x < 256; ++x) {
      u8 inverse = 0;
      for (int y = 1; y < 256 && x != 0; ++y) {
        if (mul(u8(x), u8(y)) == 1) inverse = u8(y);
      }
      u8 s = 0x63;
      for (int i = 0; i < 5; ++i) s ^= std::rotl(inverse, i);
      forward[std::size_t(x)] = s;
      backward[s] = u8(x);
    }
  }
};
const Boxes& boxes() {
  static const Boxes instance;
  return instance;
}
std::array<Block, 11> expand(const Block& key) {
  std::array<u8, 176> w{};
  std::copy(key.begin(), key.end(), w.begin());
  u8 rcon = 1;
  for (std::size_t i = 16; i < 176; i += 4) {
    std::array<u8, 4> t{w[i - 4], w[i - 3], w[i - 2], w[i - 1]};
    if (i % 16 == 0) {
      std::rotate(t.begin(), t.begin() + 1, t.end());
      for (u8& b : t) b = boxes().forward[b];
      t[0] ^= rcon;
      rcon = xtime(rcon);
    }
    for (std::size_t b = 0; b < 4; ++b) w[i + b] = w[i + b - 16] ^ t[b];
  }
  std::array<Block, 11> keys{};
  for (std::size_t i = 0; i < 176; ++i) keys[i / 16][i % 16] = w[i];
  return keys;
}
void add(Block& state, const Block& key) {
  for (std::size_t i = 0; i < 16; ++i) state[i] ^= key[i];
}
void mix(Block& state, std::array<u8, 4> factors) {
  for (std::size_t c = 0; c < 16; c += 4) {
    const std::array<u8, 4> in{state[c], state[c + 1], state[c + 2], state[c + 3]};
    for (std::size_t r = 0; r < 4; ++r) {
      state[c + r] = 0;
      for (std::size_t i = 0; i < 4; ++i) state[c + r] ^= mul(in[i], factors[(i + 4 - r) % 4]);
    }
  }
}
Block encipher(Block state, const Block& key) {
  const auto keys = expand(key);
  add(state, keys[0]);
  for (std::size_t round = 1; round <= 10; ++round) {
    Block next{};
    for (std::size_t i = 0; i < 16; ++i) next[i] = boxes().forward[state[(i + 4 * (i % 4)) % 16]];
    if (round < 10) mix(next, {2, 3, 1, 1});
    add(next, keys[round]);
    state = next;
  }
  return state;
}
Block decipher(Block state, const Block& key) {
  const auto keys = expand(key);
  for (std::size_t round = 10; round >= 1; --round) {
    add(state, keys[round]);
    if (round < 10) mix(state, {14, 11, 13, 9});
    Block next{};
    for (std::size_t i = 0; i < 16; ++i) next[(i + 4 * (i % 4)) % 16] = boxes().backward[state[i]];
    state = next;
  }
  add(state, keys[0]);
  return state;
}

u32 root_bits(double root) { return u32(u64(root * 4294967296.0) & 0xffffffff); }
struct Sha256 {
  std::array<u32, 8> h{};
  Bytes pending;
  u64 length = 0;

  static std::vector<u32> primes(std::size_t n) {
    std::vector<u32> found;
    for (u32 p = 2; found.size() < n; ++p) {
      if (std::none_of(found.begin(), found.end(), [&](u32 q) { return p % q == 0; })) found.push_back(p);
    }
    return found;
  }
  Sha256() {
    const auto p = primes(8);
    for (std::size_t i = 0; i < 8; ++i) h[i] = root_bits(std::sqrt(p[i]));
  }
  void update(const Bytes& data) {
    length += data.size();
    pending.insert(pending.end(), data.begin(), data.end());
    while (pending.size() >= 64) {
      block(pending.data());
      pending.erase(pending.begin(), pending.begin() + 64);
    }
  }
  Bytes final() {
    const u64 bits = length * 8;
    update(Bytes{0x80});
    while (pending.size() != 56) update(Bytes{0});
    Bytes size(8);
    for (std::size_t i = 0; i < 8; ++i) size[i] = u8(bits >> (56 - 8 * i));
    update(size);
    Bytes digest(32);
    for (std::size_t i = 0; i < 32; ++i) digest[i] = u8(h[i / 4] >> (24 - 8 * (i % 4)));
    return digest;
  }
  void block(const u8* m) {
    static const auto kPrimes = primes(64);
    std::array<u32, 64> w{};
    for (std::size_t i = 0; i < 64; ++i) {
      if (i < 16) {
        w[i] = u32{m[4 * i]} << 24 | u32{m[4 * i + 1]} << 16 | u32{m[4 * i + 2]} << 8 | m[4 * i + 3];
      } else {
        const u32 a = w[i - 15], b = w[i - 2];
        w[i] = w[i - 16] + w[i - 7] + (std::rotr(a, 7) ^ std::rotr(a, 18) ^ a >> 3) +
               (std::rotr(b, 17) ^ std::rotr(b, 19) ^ b >> 10);
      }
    }
    auto v = h;
    for (std::size_t i = 0; i < 64; ++i) {
      const u32 e = v[4], a = v[0];
      const u32 t1 = v[7] + (std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25)) +
                     ((e & v[5]) ^ (~e & v[6])) + root_bits(std::cbrt(kPrimes[i])) + w[i];
      const u32 t2 =
          (std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22)) + ((a & v[1]) ^ (a & v[2]) ^ (v[1] & v[2]));
      v = {t1 + t2, v[0], v[1], v[2], v[3] + t1, v[4], v[5], v[6]};
    }
    for (std::size_t i = 0; i < 8; ++i) h[i] += v[i];
  }
};

// --- The block -------------------------------------------------------------------------------------

constexpr u32 kBase = 0x02280000, kDma = 0x97f00080;
constexpr Block kUniqueKey = {9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 11, 12, 13, 14, 15, 16};
constexpr Block kFuseKey = {0xf5, 0xe5};

struct DmaModel : RegisterModel {
  DmaModel() : RegisterModel{kDma, Dcp::kDmaBytes} {}
  void write(u32 offset, u32 value) override { values[offset] = dead ? 0 : value; }
  Bytes bytes(u32 physical, u32 count) {
    EXPECT_LE(physical - kDma + count, Dcp::kDmaBytes) << std::hex << physical;
    Bytes result(count);
    for (u32 i = 0; i < count; ++i) result[i] = u8(word(physical + i) >> (8 * ((physical + i) % 4)));
    return result;
  }
  void put(u32 physical, const Bytes& data) {
    EXPECT_LE(physical - kDma + data.size(), Dcp::kDmaBytes) << std::hex << physical;
    for (u32 i = 0; i < data.size(); ++i) {
      const u32 shift = 8 * ((physical + i) % 4);
      word(physical + i) = (word(physical + i) & ~(0xffu << shift)) | u32{data[i]} << shift;
    }
  }
  bool dead = false;
  u32& word(u32 physical) { return values[(physical - kDma) & ~3u]; }
  bool clean() {
    return std::all_of(values.begin(), values.end(), [](const auto& at) { return at.second == 0; });
  }
};

struct DcpModel : RegisterModel {
  explicit DcpModel(DmaModel& memory) : RegisterModel{kBase, 0x4000}, dma{memory} {
    control = 0xf0800000;
    values[0x10] = 1u << 28;  // the unique key is ready
  }
  u32 read(u32 offset) override {
    if (offset == 0x00) return control;
    return offset == 0x70 ? 0 : values[offset];  // keys are write-only
  }
  void write(u32 offset, u32 value) override {
    if (offset == 0x04 || offset == 0x08) {
      control = offset == 0x04 ? control | value : control & ~value;
      if ((control >> 31) != 0 && !ignores_reset) reset();
    } else if (offset == 0x18) {
      values[0x10] &= ~value;
    } else if (offset == 0x128) {
      values[0x120] &= ~value;
    } else if (offset == 0x70) {
      const u32 where = values[0x60];
      for (u32 b = 0; b < 4; ++b) slots[where >> 4 & 3][4 * (where & 3) + b] = u8(value >> (8 * b));
      values[0x60] = (where & ~3u) | ((where + 1) & 3);
    } else if (offset == 0x110) {
      if (!stuck && control >> 30 == 0 && (values[0x20] & 1) != 0 && value == 1) run(values[0x100]);
    } else {
      values[offset] = value;
    }
  }
  void reset() {
    control |= 1u << 30;
    values[0x20] = 0;
    slots = {};
  }

  void run(u32 packet) {
    ++packets;
    const u32 control0 = dma.word(packet + 4), control1 = dma.word(packet + 8);
    const u32 source = dma.word(packet + 12), target = dma.word(packet + 16), count = dma.word(packet + 20);
    EXPECT_EQ(control0 & 0b111, 0b011u);  // interrupt, semaphore, no chain
    if (packets == fail_at) {
      values[0x120] |= error;
    } else if ((control0 >> 5 & 1) != 0) {
      dma.put(target, cipher(control0, control1, dma.word(packet + 24), dma.bytes(source, count)));
    } else if ((control0 >> 6 & 1) != 0) {
      hash(control0, control1, dma.word(packet + 24), dma.bytes(source, count));
    }
    values[0x10] |= 1;
  }

  Bytes cipher(u32 control0, u32 control1, u32 payload, Bytes data) {
    EXPECT_EQ(data.size() % 16, 0u);
    Block key = kFuseKey;  // OTP_KEY overrides the selection
    if ((control0 >> 11 & 1) != 0) {
      const Bytes bytes = dma.bytes(payload, 16);
      std::copy(bytes.begin(), bytes.end(), key.begin());
      payload += 16;
    } else if ((control0 >> 10 & 1) == 0) {
      const u32 select = control1 >> 8 & 0xff;
      EXPECT_TRUE(select < 4 || select == 0xfe);
      key = select == 0xfe ? kUniqueKey : slots[select & 3];
    }
    const bool cbc = (control1 & 0xf0) == 0x10, encrypt = (control0 >> 8 & 1) != 0;
    if ((control0 >> 9 & 1) != 0) {
      const Bytes bytes = dma.bytes(payload, 16);
      std::copy(bytes.begin(), bytes.end(), vector.begin());
    }
    for (auto at = data.begin(); at != data.end(); at += 16) {
      Block in{}, out{};
      std::copy(at, at + 16, in.begin());
      if (encrypt) {
        if (cbc) add(in, vector);
        vector = out = encipher(in, key);
      } else {
        out = decipher(in, key);
        if (cbc) add(out, vector);
        vector = in;
      }
      std::copy(out.begin(), out.end(), at);
    }
    return data;
  }

  void hash(u32 control0, u32 control1, u32 payload, const Bytes& data) {
    EXPECT_EQ(control1 >> 16 & 0xf, 2u);
    EXPECT_FALSE(data.empty());
    if ((control0 >> 12 & 1) != 0) sha = {};
    const bool last = (control0 >> 13 & 1) != 0;
    EXPECT_TRUE(last || data.size() % 64 == 0);
    sha.update(data);
    if (!last) return;
    Bytes digest = sha.final();
    std::reverse(digest.begin(), digest.end());
    dma.put(payload, digest);
  }

  DmaModel& dma;
  std::array<Block, 4> slots{};
  Block vector{};
  Sha256 sha;
  u32 control = 0, packets = 0, fail_at = 0, error = 1u << 2;
  bool stuck = false, ignores_reset = false;
};

Bytes from_hex(std::string_view text) {
  Bytes bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    bytes.push_back(u8(std::stoi(std::string{text.substr(i, 2)}, nullptr, 16)));
  }
  return bytes;
}
Block block(std::string_view text) {
  const Bytes bytes = from_hex(text);
  Block result{};
  std::copy(bytes.begin(), bytes.end(), result.begin());
  return result;
}

constexpr auto kEncrypt = Dcp::Direction::Encrypt, kDecrypt = Dcp::Direction::Decrypt;
// SP 800-38A, F.1.1 and F.2.1
const Block kKey = block("2b7e151628aed2a6abf7158809cf4f3c"), kIv = block("000102030405060708090a0b0c0d0e0f");
const Bytes kPlain = from_hex(
    "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
    "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710");
const Bytes kEcb = from_hex(
    "3ad77bb40d7a3660a89ecaf32466ef97f5d3d58503b9699de785895a96fdbaaf"
    "43b1cd7f598ece23881b00e3ed0306887b0c785e27e8ad3f8223207104725dd4");
const Bytes kCbc = from_hex(
    "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2"
    "73bed6b8e3c1743b7116e69e222295163ff1caa1681fac09120eca307586e1a7");

struct DcpTest : testing::Test {
  DcpTest() { EXPECT_TRUE(dcp.start()); }
  Bytes sha256(const Bytes& message) {
    Bytes digest(32, 0xaa);
    EXPECT_TRUE(dcp.sha256(message, std::span<u8, 32>{digest}));
    return digest;
  }
  DmaModel dma;
  DcpModel model{dma};
  Dcp dcp{kBase, {kDma}};
};

TEST_F(DcpTest, StartsWithChannel0AndWithoutContexts) {
  EXPECT_TRUE(dcp.present());
  EXPECT_EQ(model.control & 0xc06001ff, 0u);
  EXPECT_EQ(model.values[0x20], 1u);
}

TEST_F(DcpTest, AesKnownAnswersWithAKeyInThePacket) {
  Bytes data = kPlain;
  ASSERT_TRUE(dcp.ecb(kEncrypt, DcpKey::bytes(kKey), data));
  EXPECT_EQ(data, kEcb);
  ASSERT_TRUE(dcp.ecb(kDecrypt, DcpKey::bytes(kKey), data));
  EXPECT_EQ(data, kPlain);
  ASSERT_TRUE(dcp.cbc(kEncrypt, DcpKey::bytes(kKey), kIv, data));
  EXPECT_EQ(data, kCbc);
  ASSERT_TRUE(dcp.cbc(kDecrypt, DcpKey::bytes(kKey), kIv, data));
  EXPECT_EQ(data, kPlain);
}

TEST_F(DcpTest, AesKnownAnswersWithEachSlot) {
  for (u8 slot = 0; slot < 4; ++slot) {
    Bytes data = kPlain;
    ASSERT_TRUE(dcp.set_key(slot, kKey));
    ASSERT_TRUE(dcp.cbc(kEncrypt, DcpKey::slot(slot), kIv, data));
    EXPECT_EQ(data, kCbc);
    ASSERT_TRUE(dcp.set_key(slot, Block{}));
  }
}

TEST_F(DcpTest, ChainsAcrossPackets) {
  Bytes data(3 * Dcp::kChunk + 32);
  for (std::size_t i = 0; i < data.size(); ++i) data[i] = u8(i * i >> 3);
  const Bytes plain = data;
  ASSERT_TRUE(dcp.cbc(kEncrypt, DcpKey::bytes(kKey), kIv, data));
  EXPECT_EQ(model.packets, 4u);
  Block chain = kIv;
  for (std::size_t i = 0; i < data.size(); i += 16) {
    for (std::size_t b = 0; b < 16; ++b) chain[b] ^= plain[i + b];
    chain = encipher(chain, kKey);
    ASSERT_TRUE(std::equal(chain.begin(), chain.end(), data.begin() + std::ptrdiff_t(i))) << i;
  }
  ASSERT_TRUE(dcp.cbc(kDecrypt, DcpKey::bytes(kKey), kIv, data));
  EXPECT_EQ(data, plain);
}

TEST_F(DcpTest, Sha256KnownAnswers) {
  EXPECT_EQ(sha256({}), from_hex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
  EXPECT_EQ(sha256({'a', 'b', 'c'}),
            from_hex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
  const std::string_view two = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
  EXPECT_EQ(sha256(Bytes(two.begin(), two.end())),
            from_hex("248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"));
  EXPECT_EQ(sha256(Bytes(1'000'000, 'a')),
            from_hex("cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"));
}

TEST_F(DcpTest, Sha256OfWholeChunks) {
  for (const u32 size : {Dcp::kChunk - 1, Dcp::kChunk, Dcp::kChunk + 1, 2 * Dcp::kChunk}) {
    const Bytes message(size, 0x5a);
    Sha256 expected;
    expected.update(message);
    EXPECT_EQ(sha256(message), expected.final()) << size;
  }
}

TEST_F(DcpTest, DerivesFromTheUniqueKeyAndNotFromTheBareFuses) {
  Block key{};
  ASSERT_TRUE(dcp.derive(kIv, key));
  EXPECT_EQ(key, encipher(kIv, kUniqueKey));
  EXPECT_NE(key, encipher(kIv, kFuseKey));
}

TEST_F(DcpTest, AUniqueKeyThatIsNotReadyIsRefused) {
  model.values[0x10] = 0;
  Block key = kIv;
  EXPECT_EQ(dcp.derive(kIv, key).error(), Error::Device);
  EXPECT_EQ(key, Block{});
  EXPECT_EQ(model.packets, 0u);
}

TEST_F(DcpTest, NothingStaysInTheSharedMemory) {
  Bytes data = kPlain;
  ASSERT_TRUE(dcp.cbc(kEncrypt, DcpKey::bytes(kKey), kIv, data));
  EXPECT_TRUE(dma.clean());
  sha256(kPlain);
  EXPECT_TRUE(dma.clean());
  model.fail_at = model.packets + 1;
  EXPECT_FALSE(dcp.ecb(kEncrypt, DcpKey::bytes(kKey), data));
  EXPECT_TRUE(dma.clean());
}

TEST_F(DcpTest, RefusesWhatIsNoWholeBlock) {
  Bytes data(17);
  EXPECT_EQ(dcp.ecb(kEncrypt, DcpKey::bytes(kKey), data).error(), Error::Invalid);
  EXPECT_EQ(dcp.cbc(kEncrypt, DcpKey::bytes(kKey), kIv, {}).error(), Error::Invalid);
  EXPECT_EQ(model.packets, 0u);
}

TEST_F(DcpTest, RefusesSlotsThatDoNotExist) {
  Bytes data = kPlain;
  for (const u8 slot : {u8{4}, u8{0x80}, u8{0xfe}, u8{0xff}}) {
    EXPECT_EQ(dcp.ecb(kEncrypt, DcpKey::slot(slot), data).error(), Error::Invalid);
  }
  EXPECT_EQ(dcp.set_key(4, kKey).error(), Error::Invalid);
  EXPECT_EQ(data, kPlain);
}

TEST_F(DcpTest, EveryErrorBitIsAFailureThatLeavesNothing) {
  for (u32 bit = 1; bit <= 6; ++bit) {
    ASSERT_TRUE(dcp.start());
    model.packets = 0;
    model.fail_at = 2;
    model.error = 1u << bit;
    Bytes data(3 * Dcp::kChunk, 0x33);
    EXPECT_EQ(dcp.ecb(kEncrypt, DcpKey::bytes(kKey), data).error(), Error::Device) << bit;
    EXPECT_EQ(std::count(data.begin(), data.end(), 0), std::ptrdiff_t(data.size()));
    EXPECT_EQ(model.packets, 2u);
  }
}

TEST_F(DcpTest, AfterAFailureOnlyAStartHelps) {
  model.fail_at = 1;
  Bytes digest(32, 0xaa);
  EXPECT_EQ(dcp.sha256(kPlain, std::span<u8, 32>{digest}).error(), Error::Device);
  EXPECT_EQ(digest, Bytes(32, 0));
  Bytes data = kPlain;
  EXPECT_EQ(dcp.ecb(kEncrypt, DcpKey::bytes(kKey), data).error(), Error::Device);
  EXPECT_EQ(dcp.set_key(0, kKey).error(), Error::Device);
  EXPECT_EQ(model.packets, 1u);
  ASSERT_TRUE(dcp.start());
  data = kPlain;
  ASSERT_TRUE(dcp.ecb(kEncrypt, DcpKey::bytes(kKey), data));
  EXPECT_EQ(data, kEcb);
}

TEST_F(DcpTest, ABlockThatNeverAnswersIsGivenUp) {
  model.stuck = true;
  Bytes data = kPlain;
  EXPECT_EQ(dcp.ecb(kEncrypt, DcpKey::bytes(kKey), data).error(), Error::Device);
  EXPECT_EQ(data, Bytes(kPlain.size(), 0));
}

TEST_F(DcpTest, ABlockThatDoesNotResetIsNotStarted) {
  model.ignores_reset = true;
  EXPECT_EQ(dcp.start().error(), Error::Device);
  Bytes data = kPlain;
  EXPECT_EQ(dcp.ecb(kEncrypt, DcpKey::bytes(kKey), data).error(), Error::Device);
}

TEST_F(DcpTest, NothingWorksBeforeTheStart) {
  Dcp other{kBase, {kDma}};
  Bytes data = kPlain, digest(32);
  EXPECT_EQ(other.ecb(kEncrypt, DcpKey::bytes(kKey), data).error(), Error::Device);
  EXPECT_EQ(other.sha256({}, std::span<u8, 32>{digest}).error(), Error::Device);
}

TEST_F(DcpTest, MemoryAtAnOddPlaceIsRefused) {
  EXPECT_EQ((Dcp{kBase, {kDma + 16}}.start().error()), Error::Device);
}

TEST_F(DcpTest, MemoryThatDoesNotHoldThePacketIsAFailure) {
  dma.dead = true;
  Bytes data = kPlain;
  EXPECT_EQ(dcp.ecb(kEncrypt, DcpKey::bytes(kKey), data).error(), Error::Device);
  EXPECT_EQ(data, Bytes(kPlain.size(), 0));
  EXPECT_EQ(model.packets, 0u);
}

TEST(DcpAbsent, IsDevice) {
  DmaModel dma;
  Dcp dcp{kBase, {kDma}};
  EXPECT_FALSE(dcp.present());
  EXPECT_EQ(dcp.start().error(), Error::Device);
  Block key{};
  EXPECT_EQ(dcp.derive(kIv, key).error(), Error::Device);
}

TEST(DcpAbsent, ABlockWithoutHashIsNotTaken) {
  DmaModel dma;
  DcpModel model{dma};
  model.control = 0xe0800000;
  Dcp dcp{kBase, {kDma}};
  EXPECT_FALSE(dcp.present());
}

}  // namespace
}  // namespace gotee::imx6ul
