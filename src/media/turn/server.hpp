#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/bytes.hpp"
#include "base/limits/media_turn.hpp"
#include "base/random.hpp"
#include "base/secret.hpp"
#include "base/socket_address.hpp"
#include "base/time.hpp"
#include "media/turn/allocation.hpp"
#include "media/turn/credentials.hpp"
#include "media/turn/message.hpp"

namespace vis::media::turn {

/// Both clocks: credentials expire by the calendar, the rest by the monotonic one.
struct Now {
  TimePoint monotonic;
  WallTime wall;
};

/// Why a request was not granted or a datagram not relayed.
enum class Refusal : std::uint8_t {
  Malformed,
  Unauthenticated,  ///< No credential yet, or a wrong one.
  ExpiredCredential,
  ForeignPeer,  ///< An address that is not ours.
  Quota,        ///< Of one credential.
  Capacity,     ///< Of the server.
  NoAllocation,
  NotPermitted,  ///< Data without a permission or a channel.
  Flood,         ///< Not even answered.
  Unsupported,
};
inline constexpr std::size_t kRefusals = 10;

struct Counters {
  std::uint64_t allocations_made = 0;
  std::uint64_t relayed_to_peers = 0;
  std::uint64_t relayed_to_clients = 0;
  std::array<std::uint64_t, kRefusals> refused{};
};

/// A TURN server (RFC 8656) that relays to the transport addresses of our own SFU and to nothing
/// else. As both ends of the relayed leg are ours, a relayed transport address is a name and no
/// socket: what is sent from it is handed to the SFU with that name as its source.
///
/// Clients are authenticated by credentials that CredentialAuthority issues; they are judged when
/// an allocation is made, and a call outlives them. Whatever a client sends leaves at most one
/// datagram to be passed on.
///
/// Engine: no I/O and no clock. Lives on one thread. Bounded by the kTurn limits; what exceeds them
/// is refused by the RFC's error and counted.
class Server final {
 public:
  struct Config {
    std::string realm;
    Secret secret;
    /// Where the SFU is, as clients are told it: the only peers there are. Not empty.
    std::vector<SocketAddress> peers;
  };
  /// `random` must outlive the server.
  Server(Config config, RandomSource& random);

  /// To a client, by the way that its own messages come.
  struct ToClient {
    ClientId client;
    Bytes message;
  };
  /// To our own address `peer`, as Config::peers counts them, as if it came from `relayed`.
  struct ToPeer {
    std::size_t peer = 0;
    SocketAddress relayed;
    Bytes data;
  };
  /// At most one of both. The bytes are good until the next call.
  struct Output {
    std::optional<ToClient> to_client;
    std::optional<ToPeer> to_peer;
  };

  /// One message: a datagram of UDP, or what message_size() cut off a stream.
  Output on_message(const Now& now, const ClientId& client, Bytes message);
  /// What the SFU sends from `peer` to a relayed address.
  std::optional<ToClient> on_peer_data(TimePoint now, std::size_t peer,
                                       const SocketAddress& relayed, Bytes data);
  /// The client's connection is gone, and what it had allocated with it.
  void on_disconnect(const ClientId& client);
  void on_deadline(TimePoint now);
  std::optional<TimePoint> next_deadline() const;

  std::size_t allocations() const { return allocations_.size(); }
  const Counters& counters() const { return counters_; }

 private:
  using Allocations = std::unordered_map<ClientId, std::unique_ptr<Allocation>>;
  /// A request whose sender has shown a credential.
  struct Request {
    const Now& now;
    const ClientId& client;
    const Message& message;
    Allocation* allocation = nullptr;
    const stun::IntegrityKey& key;
  };

  Output on_request(const Now& now, const ClientId& client, const Message& message);
  Output on_authenticated(const Request& request);
  Output on_binding(const ClientId& client, const Message& message);
  Output on_allocate(const Request& request);
  Output on_refresh(const Request& request);
  Output on_create_permission(const Request& request);
  Output on_channel_bind(const Request& request);
  Output on_send(TimePoint now, const ClientId& client, const Message& message);
  Output on_channel_data(TimePoint now, const ClientId& client, Bytes bytes);

  Output allocated(const Request& request, const Allocation& allocation);
  Output granted(const Request& request);
  Output refuse(const Request& request, std::uint16_t code, Refusal why);
  Output challenge(const Now& now, const ClientId& client, const Message& message,
                   std::uint16_t code);
  Output answer_without_key(const ClientId& client, const Message& message, std::uint16_t code);
  Output drop(Refusal why);
  bool may_challenge(TimePoint now, const IpAddress& source);

  Allocation* find(TimePoint now, const ClientId& client);
  void erase(Allocations::iterator allocation);
  std::optional<std::size_t> peer_number(const SocketAddress& peer) const;
  bool is_own(const IpAddress& ip) const;
  std::optional<SocketAddress> new_relayed_address(const Message& message);
  Duration lifetime_of(const Message& message) const;

  Config config_;
  RandomSource& random_;
  CredentialAuthority credentials_;
  NonceAuthority nonces_;
  Allocations allocations_;
  std::unordered_map<std::uint16_t, Allocation*> by_port_;  ///< Of the relayed address.
  std::unordered_map<std::string, std::size_t> per_username_;
  std::optional<TimePoint> next_sweep_;
  /// How many answers went to sources without credentials in this second, by a hash of the source.
  static constexpr std::size_t kChallengeBuckets = 1024;
  std::array<std::uint32_t, kChallengeBuckets> challenges_{};
  TimePoint challenges_since_;
  std::uint64_t bucket_seed_;
  Counters counters_;
  std::array<std::uint8_t, limits::kTurnMessageBytes + 64> buffer_{};
};

}  // namespace vis::media::turn
