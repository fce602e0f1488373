#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <tuple>

#include "base/byte_order.hpp"
#include "base/bytes.hpp"
#include "base/random.hpp"
#include "media/srtp/crypto.hpp"
#include "media/srtp/inbound_context.hpp"
#include "media/srtp/keys.hpp"
#include "media/srtp/outbound_context.hpp"

namespace vis::media::srtp {

inline constexpr std::array kProfiles{Profile::AeadAes128Gcm, Profile::Aes128CmHmacSha1_80};
inline constexpr std::array kBackends{Backend::IpsecMb, Backend::OpenSsl};

inline std::string name(Profile profile) {
  return profile == Profile::AeadAes128Gcm ? "gcm" : "cm_sha1";
}
inline std::string name(Backend backend) {
  return backend == Backend::IpsecMb ? "ipsec_mb" : "openssl";
}

inline MasterKey test_master_key(Profile profile, std::uint64_t seed = 1) {
  SeededRandom random{seed};
  MasterKey master;
  random.fill(master.key);
  random.fill(MutableBytes{master.salt}.first(salt_bytes(profile)));
  return master;
}

/// An RTP packet in the clear.
struct PlainRtp {
  std::uint32_t ssrc = 0x01020304;
  std::uint16_t sequence = 1;
  std::uint32_t roc = 0;
  std::size_t csrcs = 0;
  std::size_t extension_words = 0;
  std::size_t payload_size = 100;

  std::size_t header_size() const {
    return 12 + 4 * csrcs + (extension_words > 0 ? 4 + 4 * extension_words : 0);
  }
  ByteVector bytes() const {
    ByteVector packet(header_size() + payload_size);
    for (std::size_t i = 0; i < packet.size(); ++i) packet[i] = static_cast<std::uint8_t>(i * 7);
    packet[0] = static_cast<std::uint8_t>(0x80 | (extension_words > 0 ? 0x10 : 0) | csrcs);
    packet[1] = 96;
    store_be(packet.data() + 2, sequence);
    store_be(packet.data() + 8, ssrc);
    if (extension_words > 0) {
      store_be<std::uint16_t>(packet.data() + 12 + 4 * csrcs, 0xBEDE);
      store_be(packet.data() + 14 + 4 * csrcs, static_cast<std::uint16_t>(extension_words));
    }
    return packet;
  }
};

/// A receiver report without blocks, followed by `more` bytes.
inline ByteVector plain_rtcp(std::uint32_t ssrc, std::size_t more) {
  ByteVector packet(8 + more);
  for (std::size_t i = 0; i < packet.size(); ++i) packet[i] = static_cast<std::uint8_t>(i * 5);
  packet[0] = 0x80;
  packet[1] = 201;
  store_be<std::uint16_t>(packet.data() + 2, 1);
  store_be(packet.data() + 4, ssrc);
  return packet;
}

/// Protects a whole packet, and finishes it.
inline ByteVector protect(Crypto& crypto, OutboundContext& context, OutboundStream& stream,
                          const PlainRtp& rtp) {
  const ByteVector plain = rtp.bytes();
  ByteVector slot(plain.size() + rtp_overhead(context.profile()));
  const std::size_t header_size = rtp.header_size();
  std::copy_n(plain.begin(), header_size, slot.begin());
  const std::size_t size =
      context.protect_rtp(stream, {.slot = slot,
                                   .header_size = header_size,
                                   .roc = rtp.roc,
                                   .payload = Bytes{plain}.subspan(header_size)});
  crypto.flush();
  slot.resize(size);
  return slot;
}

/// The packet in the clear, or why it was refused.
inline std::expected<ByteVector, Refusal> unprotect(InboundContext& context, InboundStream& stream,
                                                    Bytes packet) {
  ByteVector out(packet.size());
  const auto size = context.unprotect_rtp(stream, packet, out);
  if (!size) return std::unexpected(size.error());
  out.resize(*size);
  return out;
}

inline std::expected<ByteVector, Refusal> unprotect_rtcp(InboundContext& context,
                                                         InboundRtcpStream& stream, Bytes packet) {
  ByteVector out(packet.size());
  const auto size = context.unprotect_rtcp(stream, packet, out);
  if (!size) return std::unexpected(size.error());
  out.resize(*size);
  return out;
}

inline ByteVector protect_rtcp(OutboundContext& context, Bytes packet) {
  ByteVector out(packet.size() + rtcp_overhead(context.profile()));
  out.resize(context.protect_rtcp(packet, out));
  return out;
}

/// Both ends of one direction.
struct Ends {
  Ends(Profile profile, Backend backend, std::uint64_t seed = 1)
      : crypto(backend),
        keys(SessionKeys::derive(profile, test_master_key(profile, seed))),
        outbound(crypto, keys),
        inbound(crypto, keys) {}

  Crypto crypto;
  SessionKeys keys;
  OutboundContext outbound;
  InboundContext inbound;
  OutboundStream sent;
  InboundStream received;
};

/// Runs a test with both profiles on both backends.
class SrtpTest : public ::testing::TestWithParam<std::tuple<Profile, Backend>> {
 protected:
  Profile profile() const { return std::get<0>(GetParam()); }
  Backend backend() const { return std::get<1>(GetParam()); }
};

}  // namespace vis::media::srtp

#define VIS_SRTP_SUITE(suite)                                                             \
  INSTANTIATE_TEST_SUITE_P(                                                               \
      all, suite,                                                                         \
      ::testing::Combine(::testing::ValuesIn(kProfiles), ::testing::ValuesIn(kBackends)), \
      [](const auto& info) {                                                              \
        return name(std::get<0>(info.param)) + "_" + name(std::get<1>(info.param));       \
      })
