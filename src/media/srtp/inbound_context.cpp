#include "media/srtp/inbound_context.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/assert.hpp"
#include "base/byte_order.hpp"
#include "media/srtp/ciphers.hpp"
#include "media/srtp/nonce.hpp"
#include "media/srtp/wire.hpp"

namespace vis::media::srtp {
namespace {

constexpr std::uint64_t kIndexLimit = std::uint64_t{1} << 48;

template <std::size_t kBits>
std::optional<Refusal> refusal(const IndexWindow<kBits>& window, std::uint64_t index) {
  using Status = typename IndexWindow<kBits>::Status;
  switch (window.status(index)) {
    case Status::Fresh: return std::nullopt;
    case Status::Used: return Refusal::Replayed;
    case Status::TooOld: return Refusal::TooOld;
  }
  std::unreachable();
}

/// Copies the part that is not encrypted, unless it is there already.
void copy_clear(Bytes clear, MutableBytes out) {
  if (out.data() != clear.data()) std::memcpy(out.data(), clear.data(), clear.size());
}

}  // namespace

std::expected<std::uint64_t, Refusal> InboundStream::estimate_index(std::uint16_t sequence) const {
  if (received.empty()) return sequence;
  const std::uint64_t highest = received.highest();
  const auto ahead = static_cast<std::int16_t>(
      static_cast<std::uint16_t>(sequence - static_cast<std::uint16_t>(highest)));
  const std::int64_t index = static_cast<std::int64_t>(highest) + ahead;
  if (index < 0) return std::unexpected(Refusal::TooOld);
  if (static_cast<std::uint64_t>(index) >= kIndexLimit) {
    return std::unexpected(Refusal::KeyExhausted);
  }
  return static_cast<std::uint64_t>(index);
}

InboundContext::InboundContext(Crypto& crypto, const SessionKeys& keys)
    : crypto_(&crypto),
      profile_(keys.profile),
      rtp_salt_(keys.rtp.salt),
      rtcp_salt_(keys.rtcp.salt),
      ciphers_(std::make_unique<Ciphers>(crypto, keys, Direction::Open)) {}

InboundContext::InboundContext(InboundContext&&) noexcept = default;
InboundContext& InboundContext::operator=(InboundContext&&) noexcept = default;
InboundContext::~InboundContext() = default;

std::expected<std::size_t, Refusal> InboundContext::unprotect_rtp(InboundStream& stream,
                                                                  Bytes packet, MutableBytes out) {
  crypto_->owner_.check();
  VIS_ASSERT(out.size() >= packet.size());
  const std::optional<std::size_t> header_size = rtp_header_size(packet);
  if (!header_size || packet.size() < *header_size + rtp_overhead(profile_)) {
    return std::unexpected(Refusal::Malformed);
  }
  const auto index = stream.estimate_index(load_be<std::uint16_t>(packet.data() + kRtpSequenceAt));
  if (!index) return std::unexpected(index.error());
  if (const auto refused = refusal(stream.received, *index)) return std::unexpected(*refused);
  if (!open_rtp(packet, *header_size, *index, out)) {
    return std::unexpected(Refusal::AuthenticationFailed);
  }
  stream.received.mark(*index);
  copy_clear(packet.first(*header_size), out);
  return packet.size() - rtp_overhead(profile_);
}

bool InboundContext::open_rtp(Bytes packet, std::size_t header_size, std::uint64_t index,
                              MutableBytes out) {
  const std::size_t clear_size = packet.size() - rtp_overhead(profile_);
  const Bytes header = packet.first(header_size);
  const Bytes body = packet.subspan(header_size, clear_size - header_size);
  const std::uint8_t* const tag = packet.data() + clear_size;
  const MutableBytes plain = out.subspan(header_size, body.size());
  const std::uint32_t ssrc = load_be<std::uint32_t>(packet.data() + kRtpSsrcAt);
  switch (profile_) {
    case Profile::AeadAes128Gcm: {
      const GcmInput input{
          .nonce = rtp_nonce(rtp_salt_, ssrc, index), .associated = header, .text = body};
      if (ciphers_->gcm().rtp.open(input, plain.data(), tag)) return true;
      std::ranges::fill(plain, std::uint8_t{0});
      return false;
    }
    case Profile::Aes128CmHmacSha1_80: {
      CmCiphers& cm = ciphers_->cm();
      std::array<std::uint8_t, sizeof(std::uint32_t)> roc;
      store_be(roc.data(), static_cast<std::uint32_t>(index >> 16));
      const auto digest = hmac_sha1(cm.rtp_authentication, packet.first(clear_size), roc);
      if (CRYPTO_memcmp(digest.data(), tag, tag_bytes(profile_)) != 0) return false;
      cm.rtp.crypt(packet_counter(rtp_salt_, ssrc, index), body, plain.data());
      return true;
    }
  }
  std::unreachable();
}

std::optional<std::uint32_t> InboundContext::rtcp_sender(Bytes packet) {
  if (packet.size() < kRtcpClearBytes) return std::nullopt;
  return load_be<std::uint32_t>(packet.data() + kRtcpSsrcAt);
}

std::expected<std::size_t, Refusal> InboundContext::unprotect_rtcp(InboundRtcpStream& stream,
                                                                   Bytes packet, MutableBytes out) {
  crypto_->owner_.check();
  VIS_ASSERT(out.size() >= packet.size());
  if (packet.size() < kRtcpClearBytes + rtcp_overhead(profile_) || (packet[0] >> 6) != 2) {
    return std::unexpected(Refusal::Malformed);
  }
  const std::size_t clear_size = packet.size() - rtcp_overhead(profile_);
  // AEAD puts the tag before the index, AES-CM behind it.
  const std::size_t index_at =
      profile_ == Profile::AeadAes128Gcm ? clear_size + kGcmTagBytes : clear_size;
  const std::uint32_t word = load_be<std::uint32_t>(packet.data() + index_at);
  if ((word & kRtcpEncrypted) == 0) return std::unexpected(Refusal::NotEncrypted);
  const std::uint32_t index = word & kRtcpMaxIndex;
  if (const auto refused = refusal(stream.received, index)) return std::unexpected(*refused);
  if (!open_rtcp(packet, index, out)) return std::unexpected(Refusal::AuthenticationFailed);
  stream.received.mark(index);
  copy_clear(packet.first(kRtcpClearBytes), out);
  return clear_size;
}

bool InboundContext::open_rtcp(Bytes packet, std::uint32_t index, MutableBytes out) {
  const std::size_t clear_size = packet.size() - rtcp_overhead(profile_);
  const Bytes body = packet.subspan(kRtcpClearBytes, clear_size - kRtcpClearBytes);
  const std::uint8_t* const trailer = packet.data() + clear_size;
  const MutableBytes plain = out.subspan(kRtcpClearBytes, body.size());
  const std::uint32_t ssrc = load_be<std::uint32_t>(packet.data() + kRtcpSsrcAt);
  switch (profile_) {
    case Profile::AeadAes128Gcm: {
      const RtcpAssociated associated = gcm_rtcp_associated(packet.data(), trailer + kGcmTagBytes);
      const GcmInput input{
          .nonce = rtcp_nonce(rtcp_salt_, ssrc, index), .associated = associated, .text = body};
      if (ciphers_->gcm().rtcp.open(input, plain.data(), trailer)) return true;
      std::ranges::fill(plain, std::uint8_t{0});
      return false;
    }
    case Profile::Aes128CmHmacSha1_80: {
      CmCiphers& cm = ciphers_->cm();
      const Bytes message = packet.first(clear_size + kRtcpIndexBytes);
      const auto digest = hmac_sha1(cm.rtcp_authentication, message);
      const std::uint8_t* const tag = trailer + kRtcpIndexBytes;
      if (CRYPTO_memcmp(digest.data(), tag, tag_bytes(profile_)) != 0) return false;
      cm.rtcp.crypt(packet_counter(rtcp_salt_, ssrc, index), body, plain.data());
      return true;
    }
  }
  std::unreachable();
}

}  // namespace vis::media::srtp
