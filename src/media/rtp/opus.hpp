#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "base/time.hpp"

namespace vis::media::rtp {

/// The RTP clock of Opus is 48 kHz whatever the audio bandwidth (RFC 7587 section 4.1).
inline constexpr std::uint32_t kOpusClockRate = 48'000;

/// An Opus payload as an SFU sees it.
struct OpusPayload {
  /// Silence: a table-of-contents byte and at most one more. An encoder in DTX mode sends one such
  /// packet every 400 ms, to refresh comfort noise (RFC 7587 section 3.1.3).
  static bool is_dtx(Bytes payload) { return payload.size() <= 2; }

  /// How much time the payload covers, from the table of contents (RFC 6716 section 3.1). Nothing
  /// for an empty payload or more than the 120 ms that the RFC allows.
  static std::optional<Duration> duration(Bytes payload);
};

}  // namespace vis::media::rtp
