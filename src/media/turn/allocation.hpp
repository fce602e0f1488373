#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/socket_address.hpp"
#include "base/time.hpp"
#include "media/stun/integrity.hpp"
#include "media/stun/message.hpp"

namespace vis::media::turn {

enum class Carrier : std::uint8_t { Udp, Tcp, Tls };

/// What RFC 8656 calls a 5-tuple.
struct ClientId {
  Carrier carrier = Carrier::Udp;
  std::uint8_t local = 0;  ///< To which of our addresses it speaks, as its carrier counts them.
  SocketAddress address;

  friend bool operator==(const ClientId&, const ClientId&) = default;
};

/// What one client may send to and receive from our own addresses (RFC 8656 section 6). Only the
/// server of this folder makes them. Bounded by limits::kTurnChannels and the number of our own
/// addresses; the rest expires.
class Allocation final {
 public:
  static constexpr Duration kPermissionLifetime = 300s;
  static constexpr Duration kChannelLifetime = 600s;

  struct Identity {
    ClientId client;
    std::string username;
    stun::TransactionId made_by{};  ///< The request, which may be sent again.
    SocketAddress relayed;
  };
  Allocation(Identity identity, stun::IntegrityKey key, TimePoint expires_at)
      : identity_(std::move(identity)), key_(std::move(key)), expires_at_(expires_at) {}

  const ClientId& client() const { return identity_.client; }
  const std::string& username() const { return identity_.username; }
  const stun::TransactionId& made_by() const { return identity_.made_by; }
  const SocketAddress& relayed() const { return identity_.relayed; }
  const stun::IntegrityKey& key() const { return key_; }

  void refresh(TimePoint until) { expires_at_ = until; }
  bool expired(TimePoint now) const { return now >= expires_at_; }

  void permit(TimePoint now, const IpAddress& peer);
  bool permits(TimePoint now, const IpAddress& peer) const;

  enum class BindResult : std::uint8_t { Bound, Conflict, Full };
  /// `peer` counts our addresses as the server's configuration does.
  BindResult bind(TimePoint now, std::uint16_t channel, std::size_t peer);
  std::optional<std::size_t> peer_of(TimePoint now, std::uint16_t channel) const;
  std::optional<std::uint16_t> channel_of(TimePoint now, std::size_t peer) const;

 private:
  struct Permission {
    IpAddress peer;
    TimePoint expires_at;
  };
  struct Channel {
    std::uint16_t number = 0;
    std::size_t peer = 0;
    TimePoint expires_at;
  };

  Identity identity_;
  stun::IntegrityKey key_;
  TimePoint expires_at_;
  std::vector<Permission> permissions_;
  std::vector<Channel> channels_;
};

}  // namespace vis::media::turn

template <>
struct std::hash<vis::media::turn::ClientId> {
  std::size_t operator()(const vis::media::turn::ClientId& client) const noexcept {
    return std::hash<vis::SocketAddress>{}(client.address) * 3 +
           static_cast<std::size_t>(client.carrier) + client.local;
  }
};
