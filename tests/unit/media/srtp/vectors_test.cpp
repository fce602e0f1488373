#include <gtest/gtest.h>

#include <string_view>

#include "base/encoding.hpp"
#include "media/srtp/aes.hpp"
#include "media/srtp/hmac_sha1.hpp"
#include "media/srtp/tag_queue.hpp"
#include "unit/media/srtp/fixture.hpp"

namespace vis::media::srtp {
namespace {

class SrtpVectors : public ::testing::TestWithParam<Backend> {};
INSTANTIATE_TEST_SUITE_P(all, SrtpVectors, ::testing::ValuesIn(kBackends),
                         [](const auto& info) { return name(info.param); });

ByteVector from_hex(std::string_view text) { return hex_decode(text).value(); }

// RFC 7714 section 16: session key and salt, for RTP and RTCP alike.
SessionKeys rfc_7714_keys() {
  SessionKeys keys;
  keys.profile = Profile::AeadAes128Gcm;
  std::ranges::copy(from_hex("000102030405060708090a0b0c0d0e0f"), keys.rtp.cipher.begin());
  std::ranges::copy(from_hex("517569642070726f2071756f"), keys.rtp.salt.begin());
  keys.rtcp = keys.rtp;
  return keys;
}

TEST_P(SrtpVectors, rfc_7714_section_16_1_1_rtp) {
  const ByteVector plain = from_hex(
      "8040f17b8041f8d35501a0b2"
      "47616c6c696120657374206f6d6e69732064697669736120696e207061727465732074726573");
  const ByteVector expected = from_hex(
      "8040f17b8041f8d35501a0b2"
      "f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf8833"
      "899d7f27beb16a9152cf765ee4390cce");
  Crypto crypto{GetParam()};
  const SessionKeys keys = rfc_7714_keys();
  OutboundContext outbound{crypto, keys};
  InboundContext inbound{crypto, keys};
  OutboundStream sent;
  InboundStream received;
  ByteVector slot(expected.size());
  std::copy_n(plain.begin(), 12, slot.begin());
  ASSERT_EQ(outbound.protect_rtp(
                sent, {.slot = slot, .header_size = 12, .payload = Bytes{plain}.subspan(12)}),
            expected.size());
  EXPECT_EQ(hex_encode(slot), hex_encode(expected));
  EXPECT_EQ(unprotect(inbound, received, expected), plain);
}

TEST_P(SrtpVectors, rfc_7714_section_17_1_rtcp) {
  const ByteVector plain = from_hex(
      "81c8000d4d617273"
      "4e5450314e545032525450200000042a0000e9304c756e61"
      "deadbeefdeadbeefdeadbeefdeadbeefdeadbeef");
  const ByteVector expected = from_hex(
      "81c8000d4d617273"
      "63e94885dcdab67ca727d7662f6b7e997ff5c0f76c06f32dc676a5f1730d6fda4ce09b46863"
      "03ded0bb9275bc84aa45896cf4d2fc5abf87245d9eade800005d4");
  Crypto crypto{GetParam()};
  const SessionKeys keys = rfc_7714_keys();
  OutboundContext outbound{crypto, keys, 0x5d4};
  InboundContext inbound{crypto, keys};
  InboundRtcpStream received;
  EXPECT_EQ(hex_encode(protect_rtcp(outbound, plain)), hex_encode(expected));
  EXPECT_EQ(unprotect_rtcp(inbound, received, expected), plain);
}

TEST_P(SrtpVectors, rfc_3711_appendix_b2_key_stream) {
  Crypto crypto{GetParam()};
  CipherKey key;
  std::ranges::copy(from_hex("2b7e151628aed2a6abf7158809cf4f3c"), key.begin());
  CmCounter counter;
  std::ranges::copy(from_hex("f0f1f2f3f4f5f6f7f8f9fafbfcfd0000"), counter.begin());
  AesCm cipher{crypto, key};
  constexpr std::size_t kBlocks = 0xFF02;
  ByteVector stream(16 * kBlocks);
  cipher.crypt(counter, stream, stream.data());
  const auto block = [&](std::size_t at) { return hex_encode(Bytes{stream}.subspan(16 * at, 16)); };
  EXPECT_EQ(block(0), "e03ead0935c95e80e166b16dd92b4eb4");
  EXPECT_EQ(block(1), "d23513162b02d0f72a43a2fe4a5f97ab");
  EXPECT_EQ(block(2), "41e95b3bb0a2e8dd477901e4fca894c0");
  EXPECT_EQ(block(0xFEFF), "ec8cdf7398607cb0f2d21675ea9ea1e4");
  EXPECT_EQ(block(0xFF00), "362b7c3c6773516318a077d7fc5073ae");
  EXPECT_EQ(block(0xFF01), "6a2cc3787889374fbeb4c81b17ba6c44");
}

TEST(HmacSha1, is_that_of_rfc_2202) {
  std::array<std::uint8_t, kAuthenticationKeyBytes> key;
  key.fill(0x0B);
  EXPECT_EQ(hex_encode(hmac_sha1(HmacSha1Key{key}, as_bytes("Hi There"))),
            "b617318655057264e28bc0b6fb378c8ef146be00");
  EXPECT_EQ(hex_encode(hmac_sha1(HmacSha1Key{key}, as_bytes("Hi "), as_bytes("There"))),
            "b617318655057264e28bc0b6fb378c8ef146be00");
}

}  // namespace
}  // namespace vis::media::srtp
