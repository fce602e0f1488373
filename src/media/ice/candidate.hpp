#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/socket_address.hpp"

namespace vis::media::ice {

enum class CandidateType : std::uint8_t { Host, ServerReflexive, PeerReflexive, Relay };
enum class Transport : std::uint8_t { Udp, Tcp };
/// RFC 6544: who opens the connection.
enum class TcpType : std::uint8_t { Active, Passive, SimultaneousOpen };

/// A transport address that one side offers (RFC 8445 section 5.1, RFC 8839 section 5.1). A value.
///
///   candidate:1467250027 1 udp 2122260223 192.0.2.1 46243 typ srflx raddr 10.0.1.1 rport 8998
struct Candidate {
  std::string foundation = "1";
  std::uint16_t component = 1;
  Transport transport = Transport::Udp;
  std::uint32_t priority = 0;
  SocketAddress address;  ///< Only the port counts while `hostname` is set.
  /// What stands in place of an IP address, such as the mDNS name by which a browser hides one.
  /// The agent does not resolve names: the peer's own checks reveal the address.
  std::string hostname;
  CandidateType type = CandidateType::Host;
  std::optional<SocketAddress> related;  ///< The base of a reflexive or relayed candidate.
  std::optional<TcpType> tcp_type;       ///< Always there when the transport is TCP.
  std::string ufrag;                     ///< Of the generation it belongs to; often left out.
  /// Of our own: by which of our addresses it is reached, as Path::local counts them. Two
  /// candidates share one where a NAT gives the address a second name. Not part of the text.
  std::uint8_t socket = 0;

  bool is_mdns() const;

  /// A host candidate of our own; `local_preference` orders them, the highest first.
  static Candidate host(const SocketAddress& address, std::uint16_t local_preference = 65535);
  /// A host candidate where we listen for TCP connections (RFC 6544).
  static Candidate tcp_passive(const SocketAddress& address, std::uint16_t local_preference = 8191);

  /// Reads an SDP attribute value or an RTCIceCandidate string, with `candidate:` before it or
  /// not. Unknown extensions are skipped. InvalidArgument when malformed, Unsupported for a
  /// transport or type of which we know nothing, LimitExceeded when too long.
  static Result<Candidate> parse(std::string_view text);
  /// With `candidate:` before it, as both SDP (after `a=`) and RTCIceCandidate want it.
  std::string format() const;

  friend bool operator==(const Candidate&, const Candidate&) = default;
};

/// RFC 8445 section 5.1.2.1, with the type preferences recommended there.
std::uint32_t candidate_priority(CandidateType type, std::uint16_t local_preference,
                                 std::uint16_t component = 1);

}  // namespace vis::media::ice
