#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <queue>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "base/time.hpp"
#include "media/sfu/engine.hpp"
#include "support/rtc/client_peer.hpp"

namespace vis::test {

/// One direction of a link between a client and the server.
struct LinkOptions {
  double loss = 0;  ///< 0..1
  Duration delay = 5ms;
  Duration jitter{};  ///< Added at random, so packets overtake each other.
};

/// A room on a real engine, real clients of it, and seeded links between them, in simulated time:
/// ten seconds cost milliseconds, and a failure replays from its seed.
class Simulation final {
 public:
  explicit Simulation(std::uint64_t seed, LinkOptions link = {});
  ~Simulation();

  /// A peer connection of one client, with its end at the server.
  struct Peer {
    media::sfu::TransportId id{};
    SocketAddress address;
    std::unique_ptr<ClientPeer> client;
    LinkOptions link;
    bool cut = false;  ///< Nothing passes either way.
    bool state_connected = false;
    bool state_failed = false;
    std::string negotiation_error;
    std::vector<std::string> offers_seen;
  };

  struct PublisherOptions {
    std::vector<PeerTrack> tracks;
    bool ice_lite = true;
    bool gcm = true;
  };
  Peer& add_publisher(const PublisherOptions& options);
  Peer& add_subscriber(bool ice_lite = true);
  void subscribe(Peer& peer, const std::string& track, media::sfu::LayerTarget target = {});

  TimePoint now() const { return now_; }
  media::sfu::Engine& engine() { return *engine_; }
  SeededRandom& random() { return random_; }
  const media::sfu::RoomId& room() const { return room_; }
  /// Runs until `end`, calling `every` each `interval` if given.
  void run_for(Duration duration, Duration interval = 1h, std::function<void()> every = {});
  /// Sends a datagram to the server as if from that address.
  void inject(const SocketAddress& from, ByteVector bytes);

  struct HeardLevel {
    std::string track;
    std::uint8_t dbov = 127;
    std::uint8_t active_percent = 0;
  };
  std::vector<HeardLevel> audio_levels;
  std::vector<media::sfu::TrackBound> bound;
  std::vector<media::sfu::QualityReport> quality_reports;
  std::uint64_t server_datagrams = 0;

 private:
  class ServerEgress;
  class ClientEgress;
  class NoData;
  struct InFlight {
    TimePoint at;
    std::uint64_t order = 0;
    bool to_server = false;
    SocketAddress client;
    ByteVector bytes;
    bool operator<(const InFlight& other) const {
      return at != other.at ? at > other.at : order > other.order;
    }
  };

  Peer& add_peer(bool offers, bool gcm);
  Peer* peer_at(const SocketAddress& address);
  void carry(bool to_server, const SocketAddress& client, Bytes bytes);
  void step(TimePoint until);
  void handle_events();
  void handle(const media::sfu::LocalDescription& description);

  SeededRandom random_;
  LinkOptions default_link_;
  TimePoint now_{1000s};
  media::sfu::RoomId room_{"RM_simulation"};
  SocketAddress server_ = *SocketAddress::parse("192.0.2.1:7882");
  media::srtp::Crypto crypto_;
  std::unique_ptr<ServerEgress> server_egress_;
  std::unique_ptr<NoData> data_;
  std::vector<std::unique_ptr<ClientEgress>> client_egress_;
  std::unique_ptr<media::sfu::Engine> engine_;
  std::vector<std::unique_ptr<Peer>> peers_;
  std::priority_queue<InFlight> in_flight_;
  std::uint64_t order_ = 0;
};

}  // namespace vis::test
