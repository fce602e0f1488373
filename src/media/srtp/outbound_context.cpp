#include "media/srtp/outbound_context.hpp"

#include <cstring>

#include "base/assert.hpp"
#include "base/byte_order.hpp"
#include "media/srtp/ciphers.hpp"
#include "media/srtp/nonce.hpp"
#include "media/srtp/tag_queue.hpp"
#include "media/srtp/wire.hpp"

namespace vis::media::srtp {

OutboundContext::OutboundContext(Crypto& crypto, const SessionKeys& keys,
                                 std::uint32_t first_rtcp_index)
    : crypto_(&crypto),
      profile_(keys.profile),
      rtp_salt_(keys.rtp.salt),
      rtcp_salt_(keys.rtcp.salt),
      next_rtcp_index_(first_rtcp_index),
      ciphers_(std::make_unique<Ciphers>(crypto, keys, Direction::Seal)) {}

OutboundContext::OutboundContext(OutboundContext&&) noexcept = default;
OutboundContext& OutboundContext::operator=(OutboundContext&&) noexcept = default;
OutboundContext::~OutboundContext() = default;

std::size_t OutboundContext::protect_rtp(OutboundStream& stream, const OutboundPacket& packet) {
  crypto_->owner_.check();
  const std::size_t payload_size = packet.prefix.size() + packet.payload.size();
  const std::size_t size = packet.header_size + payload_size + rtp_overhead(profile_);
  VIS_ASSERT(packet.header_size >= kRtpFixedHeaderBytes && size <= packet.slot.size());

  const std::uint16_t sequence = load_be<std::uint16_t>(packet.slot.data() + kRtpSequenceAt);
  const std::uint64_t index = (std::uint64_t{packet.roc} << 16) | sequence;
  if (stream.sent.status(index) != IndexWindow<limits::kSrtpSentWindow>::Status::Fresh) return 0;
  stream.sent.mark(index);

  Bytes plain = packet.payload;
  if (!packet.prefix.empty()) {
    // Two parts are joined in the slot and encrypted in place: cheaper than the ciphers' own
    // scatter interface.
    std::uint8_t* const body = packet.slot.data() + packet.header_size;
    std::memcpy(body, packet.prefix.data(), packet.prefix.size());
    if (!packet.payload.empty()) {
      std::memcpy(body + packet.prefix.size(), packet.payload.data(), packet.payload.size());
    }
    plain = Bytes{body, payload_size};
  }
  seal_rtp(packet, index, plain);
  return size;
}

void OutboundContext::seal_rtp(const OutboundPacket& packet, std::uint64_t index, Bytes plain) {
  std::uint8_t* const header = packet.slot.data();
  std::uint8_t* const body = header + packet.header_size;
  std::uint8_t* const tag = body + plain.size();
  const std::uint32_t ssrc = load_be<std::uint32_t>(header + kRtpSsrcAt);
  switch (profile_) {
    case Profile::AeadAes128Gcm:
      ciphers_->gcm().rtp.seal({.nonce = rtp_nonce(rtp_salt_, ssrc, index),
                                .associated = Bytes{header, packet.header_size},
                                .text = plain},
                               body, tag);
      return;
    case Profile::Aes128CmHmacSha1_80: {
      CmCiphers& cm = ciphers_->cm();
      cm.rtp.crypt(packet_counter(rtp_salt_, ssrc, index), plain, body);
      // The roll-over counter is authenticated but not sent; it waits where the tag will be.
      store_be(tag, packet.roc);
      const Bytes message{header, packet.header_size + plain.size() + sizeof packet.roc};
      if (crypto_->tags_) {
        crypto_->tags_->push(cm.rtp_authentication, message, tag);
      } else {
        const auto digest = hmac_sha1(cm.rtp_authentication, message);
        std::memcpy(tag, digest.data(), tag_bytes(profile_));
      }
      return;
    }
  }
  std::unreachable();
}

std::size_t OutboundContext::protect_rtcp(Bytes packet, MutableBytes out) {
  crypto_->owner_.check();
  const std::size_t size = packet.size() + rtcp_overhead(profile_);
  VIS_ASSERT(packet.size() >= kRtcpClearBytes && size <= out.size());
  if (next_rtcp_index_ > kRtcpMaxIndex) return 0;
  std::memmove(out.data(), packet.data(), packet.size());
  seal_rtcp(out, packet.size(), next_rtcp_index_++);
  return size;
}

void OutboundContext::seal_rtcp(MutableBytes out, std::size_t size, std::uint32_t index) {
  std::uint8_t* const header = out.data();
  std::uint8_t* const body = header + kRtcpClearBytes;
  const Bytes plain{body, size - kRtcpClearBytes};
  const std::uint32_t ssrc = load_be<std::uint32_t>(header + kRtcpSsrcAt);
  switch (profile_) {
    case Profile::AeadAes128Gcm: {
      std::uint8_t* const tag = header + size;
      store_be(tag + kGcmTagBytes, kRtcpEncrypted | index);
      const RtcpAssociated associated = gcm_rtcp_associated(header, tag + kGcmTagBytes);
      ciphers_->gcm().rtcp.seal(
          {.nonce = rtcp_nonce(rtcp_salt_, ssrc, index), .associated = associated, .text = plain},
          body, tag);
      return;
    }
    case Profile::Aes128CmHmacSha1_80: {
      CmCiphers& cm = ciphers_->cm();
      cm.rtcp.crypt(packet_counter(rtcp_salt_, ssrc, index), plain, body);
      store_be(header + size, kRtcpEncrypted | index);
      const auto digest = hmac_sha1(cm.rtcp_authentication, Bytes{header, size + kRtcpIndexBytes});
      std::memcpy(header + size + kRtcpIndexBytes, digest.data(), tag_bytes(profile_));
      return;
    }
  }
  std::unreachable();
}

}  // namespace vis::media::srtp
