#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/bytes.hpp"
#include "base/limits/media_srtp.hpp"
#include "media/srtp/crypto.hpp"
#include "media/srtp/index_window.hpp"
#include "media/srtp/keys.hpp"

namespace vis::media::srtp {

class Ciphers;

/// Which packets of one SSRC were sent, so that none is encrypted twice under one nonce. Owned by
/// whoever owns the stream; as long as the keys live, one SSRC has one of these.
struct OutboundStream {
  IndexWindow<limits::kSrtpSentWindow> sent;
};

/// An RTP packet to protect: its header and where it will lie, and its payload in two parts, so
/// that a rewritten payload descriptor can precede a payload shared by all subscribers.
struct OutboundPacket {
  MutableBytes slot;  ///< The header is at its front; ciphertext and tag follow it.
  std::size_t header_size = 0;
  std::uint32_t roc = 0;  ///< Roll-over counter of the header's sequence number.
  Bytes prefix{};         ///< Bytes of this subscriber alone, often none.
  Bytes payload{};        ///< Not within the slot.
};

/// Protects what one transport sends (RFC 3711, RFC 7714). Used on the thread of its Crypto and
/// owned by the transport. Allocates at construction only. A nonce is never used twice: packet
/// indices that were used, or fell out of the window, are refused.
class OutboundContext final {
 public:
  /// `first_rtcp_index` is 0 but for a context that goes on with the keys of another.
  OutboundContext(Crypto& crypto, const SessionKeys& keys, std::uint32_t first_rtcp_index = 0);
  OutboundContext(OutboundContext&&) noexcept;
  OutboundContext& operator=(OutboundContext&&) noexcept;
  ~OutboundContext();

  Profile profile() const { return profile_; }

  /// Encrypts prefix and payload into the slot behind the header; encryption is the copy. Returns
  /// the size of the whole packet, header + payload + rtp_overhead(profile()), which the slot must
  /// hold; 0 when the packet index was refused. For AES-CM the slot is final after
  /// Crypto::flush().
  [[nodiscard]] std::size_t protect_rtp(OutboundStream& stream, const OutboundPacket& packet);

  /// Writes the protected form of a compound RTCP packet to `out`, which may begin where `packet`
  /// does and must hold rtcp_overhead(profile()) more. Final at once. Returns its size; 0 when the
  /// 2^31 indices of the key are used up.
  [[nodiscard]] std::size_t protect_rtcp(Bytes packet, MutableBytes out);

 private:
  void seal_rtp(const OutboundPacket& packet, std::uint64_t index, Bytes plain);
  void seal_rtcp(MutableBytes out, std::size_t size, std::uint32_t index);

  Crypto* crypto_;
  Profile profile_;
  std::array<std::uint8_t, kSaltBytes> rtp_salt_;
  std::array<std::uint8_t, kSaltBytes> rtcp_salt_;
  std::uint32_t next_rtcp_index_;
  std::unique_ptr<Ciphers> ciphers_;
};

}  // namespace vis::media::srtp
