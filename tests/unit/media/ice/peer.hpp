#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "base/bytes.hpp"
#include "base/random.hpp"
#include "media/ice/agent.hpp"
#include "media/stun/builder.hpp"

namespace vis::media::ice {

inline SocketAddress address(std::string_view text) { return *SocketAddress::parse(text); }

inline Credentials credentials(std::string_view ufrag, char password) {
  return *Credentials::parse(ufrag, std::string(24, password));
}

/// The far end of an agent under test, writing its messages by hand: an honest peer as it is
/// made, an attacker after a change of any field.
struct HandmadePeer {
  std::string username;
  std::string password;
  bool controlling = true;
  std::uint64_t tie_breaker = 1;
  bool with_fingerprint = true;
  std::uint8_t next_id = 1;

  /// A peer that knows both descriptions.
  HandmadePeer(const Credentials& agent, const Credentials& own)
      : username(agent.ufrag + ":" + own.ufrag), password(agent.password.reveal()) {}

  ByteVector request(bool use_candidate = false) {
    std::array<std::uint8_t, stun::kMaxBuiltBytes> buffer{};
    stun::MessageBuilder builder{buffer, stun::Class::Request, id()};
    builder.add_username(username);
    builder.add_priority(candidate_priority(CandidateType::PeerReflexive, 65535));
    if (use_candidate) builder.add_use_candidate();
    if (controlling) {
      builder.add_ice_controlling(tie_breaker);
    } else {
      builder.add_ice_controlled(tie_breaker);
    }
    const Bytes message = builder.finish(stun::IntegrityKey{password});
    ByteVector bytes(message.begin(), message.end());
    if (!with_fingerprint) {
      bytes.resize(bytes.size() - 8);
      bytes[3] = static_cast<std::uint8_t>(bytes[3] - 8);
    }
    return bytes;
  }

 private:
  /// Unlike those of a peer of another name.
  stun::TransactionId id() {
    stun::TransactionId id{next_id++};
    const std::size_t name_bytes = std::min(username.size(), id.size() - 1);
    std::copy_n(username.end() - static_cast<std::ptrdiff_t>(name_bytes), name_bytes,
                id.begin() + 1);
    return id;
  }
};

/// An answer to a request that an agent sent.
inline ByteVector answer(const stun::Message& request, std::string_view password,
                         std::uint16_t error = 0) {
  std::array<std::uint8_t, stun::kMaxBuiltBytes> buffer{};
  const auto message_class = error == 0 ? stun::Class::SuccessResponse : stun::Class::ErrorResponse;
  stun::MessageBuilder builder{buffer, message_class, request.transaction_id};
  if (error == 0) {
    builder.add_xor_mapped_address(*SocketAddress::parse("192.0.2.1:7882"));
  } else {
    builder.add_error_code(error, "error");
  }
  const Bytes message = builder.finish(stun::IntegrityKey{password});
  return {message.begin(), message.end()};
}

/// Parses and hands over one datagram.
inline void deliver(Agent& agent, TimePoint now, std::pair<Bytes, Path> datagram, Output& out) {
  if (const auto message = stun::Message::parse(datagram.first)) {
    agent.on_stun(now, *message, datagram.second, out);
  }
}

}  // namespace vis::media::ice
