#include "media/srtp/keys.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/encoding.hpp"

namespace vis::media::srtp {
namespace {

template <std::size_t kSize>
std::array<std::uint8_t, kSize> from_hex(std::string_view text) {
  std::array<std::uint8_t, kSize> bytes{};
  std::ranges::copy(hex_decode(text).value(), bytes.begin());
  return bytes;
}

TEST(SessionKeys, are_those_of_rfc_3711_appendix_b3) {
  MasterKey master;
  master.key = from_hex<16>("e1f97a0d3e018be0d64fa32c06de4139");
  master.salt = from_hex<14>("0ec675ad498afeebb6960b3aabe6");
  const SessionKeys keys = SessionKeys::derive(Profile::Aes128CmHmacSha1_80, master);
  EXPECT_EQ(hex_encode(keys.rtp.cipher), "c61e7a93744f39ee10734afe3ff7a087");
  EXPECT_EQ(hex_encode(keys.rtp.salt), "30cbbc08863d8c85d49db34a9ae1");
  EXPECT_EQ(hex_encode(keys.rtp.authentication), "cebe321f6ff7716b6fd4ab49af256a156d38baa4");
}

TEST(SessionKeys, differ_between_rtp_and_rtcp) {
  const SessionKeys keys = SessionKeys::derive(Profile::AeadAes128Gcm, MasterKey{});
  EXPECT_NE(keys.rtp.cipher, keys.rtcp.cipher);
  EXPECT_NE(keys.rtp.authentication, keys.rtcp.authentication);
  EXPECT_NE(keys.rtp.salt, keys.rtcp.salt);
}

TEST(SessionKeys, an_aead_salt_has_twelve_bytes) {
  const SessionKeys keys = SessionKeys::derive(Profile::AeadAes128Gcm, MasterKey{});
  EXPECT_EQ(keys.rtp.salt[12], 0);
  EXPECT_EQ(keys.rtp.salt[13], 0);
}

TEST(DtlsKeys, are_split_in_the_order_of_rfc_5764) {
  for (const Profile profile : {Profile::AeadAes128Gcm, Profile::Aes128CmHmacSha1_80}) {
    ByteVector exported(DtlsKeys::exported_bytes(profile));
    for (std::size_t i = 0; i < exported.size(); ++i) exported[i] = static_cast<std::uint8_t>(i);
    const auto keys = DtlsKeys::split(profile, exported);
    ASSERT_TRUE(keys);
    EXPECT_EQ(keys->client.key[0], 0);
    EXPECT_EQ(keys->server.key[0], 16);
    EXPECT_EQ(keys->client.salt[0], 32);
    EXPECT_EQ(keys->server.salt[0], 32 + salt_bytes(profile));
    EXPECT_EQ(keys->server.salt[salt_bytes(profile) - 1], exported.back());
  }
}

TEST(DtlsKeys, refuses_a_block_of_another_size) {
  EXPECT_FALSE(DtlsKeys::split(Profile::AeadAes128Gcm, ByteVector(60)));
  EXPECT_FALSE(DtlsKeys::split(Profile::Aes128CmHmacSha1_80, ByteVector(56)));
}

}  // namespace
}  // namespace vis::media::srtp
