#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "media/sdp/session_description.hpp"

/// What must be true of every description that a client sends, whatever it negotiates.
namespace vis::media::negotiation {

struct IceCredentials {
  std::string ufrag;
  std::string pwd;

  friend bool operator==(const IceCredentials&, const IceCredentials&) = default;
};

/// The client's end of the transport, and our role in DTLS.
struct RemoteTransport {
  IceCredentials ice;
  bool ice_lite = false;
  /// At most one for each hash function, sha-256 among them. The certificate must match every one
  /// that can be computed, sha-256 at least.
  std::vector<sdp::Fingerprint> fingerprints;
  std::vector<std::string> candidates;  ///< `candidate:...`, as written.
  bool end_of_candidates = false;
  sdp::Setup local_setup = sdp::Setup::Passive;  ///< Active: we send the ClientHello.

  friend bool operator==(const RemoteTransport&, const RemoteTransport&) = default;
};

/// The client's end of the data channels.
struct RemoteData {
  std::string mid;
  std::uint16_t sctp_port = 5000;
  std::uint64_t max_message_size = 65536;  ///< In bytes; 0 = no limit.

  friend bool operator==(const RemoteData&, const RemoteData&) = default;
};

/// Refuses what has no mids, no single BUNDLE group around all sections (one section alone needs
/// none), no rtcp-mux, or gives one header extension id two meanings.
Result<void> check_structure(const sdp::SessionDescription& description);

/// Reads the transport off the first section of the BUNDLE group, as RFC 8843 section 9 has it.
/// Refuses missing or contradicting fingerprints, missing ICE credentials, `setup:holdconn` and a
/// missing setup. `local_setup` is left for the caller; `setup` is what the client said.
/// The description has passed `check_structure`.
struct TransportReading {
  RemoteTransport transport;
  sdp::Setup setup = sdp::Setup::ActPass;
};
Result<TransportReading> read_transport(const sdp::SessionDescription& description);

/// Refuses another certificate or another DTLS role under the same ICE credentials.
Result<void> check_continuity(const RemoteTransport& before, const RemoteTransport& after);

inline bool ice_restarted(const RemoteTransport& before, const RemoteTransport& after) {
  return before.ice != after.ice;
}

}  // namespace vis::media::negotiation
