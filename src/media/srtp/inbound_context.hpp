#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>

#include "base/bytes.hpp"
#include "base/limits/media_srtp.hpp"
#include "media/srtp/crypto.hpp"
#include "media/srtp/index_window.hpp"
#include "media/srtp/keys.hpp"

namespace vis::media::srtp {

class Ciphers;

/// Why a packet was not let in. Each is dropped and counted; none ends a call.
enum class Refusal : std::uint8_t {
  Malformed,             ///< Too short, or a length in its header points outside.
  NotEncrypted,          ///< SRTCP without the E flag, which the profiles forbid.
  Replayed,              ///< A packet of this index was let in before.
  TooOld,                ///< Behind the replay window.
  KeyExhausted,          ///< The index has passed 2^48: no more packets under this key.
  AuthenticationFailed,  ///< Not from who holds the key, or changed on the way.
};

/// What is known of the RTP packets of one SSRC: roll-over counter and replay window. Owned by
/// whoever owns the stream. For an SSRC not seen before, start with a fresh one and keep it only
/// when the packet was let in: until then nobody has proven anything.
struct InboundStream {
  IndexWindow<limits::kSrtpReplayWindow> received;

  /// The packet index nearest to the highest one so far (RFC 3711 section 3.3.1).
  std::expected<std::uint64_t, Refusal> estimate_index(std::uint16_t sequence) const;
};

/// The same for the RTCP packets of one sender SSRC.
struct InboundRtcpStream {
  IndexWindow<limits::kSrtcpReplayWindow> received;
};

/// Lets in what one transport receives, if it is authentic and new (RFC 3711, RFC 7714). Used on
/// the thread of its Crypto and owned by the transport. Allocates at construction only. A packet
/// that is refused changes nothing, in the stream or here; tags are compared in constant time.
class InboundContext final {
 public:
  InboundContext(Crypto& crypto, const SessionKeys& keys);
  InboundContext(InboundContext&&) noexcept;
  InboundContext& operator=(InboundContext&&) noexcept;
  ~InboundContext();

  Profile profile() const { return profile_; }

  /// Writes the packet in the clear to `out` and returns its size. `out` must hold as many bytes
  /// as `packet`, and is either the same memory or does not overlap it. When the packet is refused
  /// the payload in `out` is wiped.
  std::expected<std::size_t, Refusal> unprotect_rtp(InboundStream& stream, Bytes packet,
                                                    MutableBytes out);
  /// The same for a compound RTCP packet. Its sender's SSRC, which chooses the stream, is readable
  /// before: see `rtcp_sender`.
  std::expected<std::size_t, Refusal> unprotect_rtcp(InboundRtcpStream& stream, Bytes packet,
                                                     MutableBytes out);

  /// The SSRC in the clear part of an SRTCP packet.
  static std::optional<std::uint32_t> rtcp_sender(Bytes packet);

 private:
  bool open_rtp(Bytes packet, std::size_t header_size, std::uint64_t index, MutableBytes out);
  bool open_rtcp(Bytes packet, std::uint32_t index, MutableBytes out);

  Crypto* crypto_;
  Profile profile_;
  std::array<std::uint8_t, kSaltBytes> rtp_salt_;
  std::array<std::uint8_t, kSaltBytes> rtcp_salt_;
  std::unique_ptr<Ciphers> ciphers_;
};

}  // namespace vis::media::srtp
