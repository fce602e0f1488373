#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "base/time.hpp"
#include "media/sfu/engine.hpp"
#include "support/network.hpp"
#include "support/rtc/client_peer.hpp"

namespace vis::test {

/// One direction of a link between a client and the server.
struct LinkOptions {
  double loss = 0;  ///< 0..1
  Duration delay = 5ms;
  Duration jitter{};  ///< Added at random, so packets overtake each other.
};

/// A data plane that lives in simulated time.
class SimulatedData : public media::sfu::DataPlane {
 public:
  /// Called in every step, after the datagrams of that moment.
  virtual void on_step(TimePoint now, media::sfu::Engine& engine) = 0;
  virtual std::optional<TimePoint> next_deadline() const = 0;
};

/// A room on a real engine, real clients of it, and seeded links between them, in simulated time:
/// ten seconds cost milliseconds, and a failure replays from its seed. Or on the engines of several
/// workers, which take turns, and hear of each other a turn later.
class Simulation final {
 public:
  static constexpr TimePoint kStart{1000s};

  struct Options {
    LinkOptions link{};
    bool ipv6 = false;
    std::size_t max_speakers = 0;
    unsigned workers = 1;           ///< The room is on all of them.
    SimulatedData* data = nullptr;  ///< Outlives the simulation; null: SCTP goes nowhere.
  };
  explicit Simulation(std::uint64_t seed, LinkOptions link = {})
      : Simulation(seed, Options{.link = link}) {}
  Simulation(std::uint64_t seed, const Options& options);
  ~Simulation();

  /// A peer connection of one client, with its end at the server.
  struct Peer {
    media::sfu::TransportId id{};
    unsigned worker = 0;
    SocketAddress address;
    std::unique_ptr<ClientPeer> client;
    LinkOptions link;
    /// In place of `link`, towards the client. Peers behind one bottleneck share it.
    std::shared_ptr<Network> downlink;
    bool cut = false;        ///< Nothing passes either way.
    bool unhelpful = false;  ///< Does not answer the server's offers.
    bool state_connected = false;
    bool state_failed = false;
    std::string state_reason;
    std::string negotiation_error;
    std::vector<std::string> offers_seen;
    std::vector<std::string> refused_tracks;
  };

  /// Changes a description of the client on its way to the server.
  using Rewrite = std::function<std::string(std::string)>;

  struct PublisherOptions {
    std::vector<PeerTrack> tracks;
    bool ice_lite = true;
    bool gcm = true;
    bool data = false;
    std::optional<media::sdp::Setup> setup{};
    Rewrite rewrite{};
    bool cut = false;                        ///< From the first.
    media::sfu::RoomId room{};               ///< Of the simulation, unless said.
    std::optional<SocketAddress> address{};  ///< Any, unless said.
    unsigned worker = 0;
  };
  Peer& add_publisher(const PublisherOptions& options);
  struct SubscriberOptions {
    bool ice_lite = true;
    bool gcm = true;
    bool asks_retransmission = true;
    std::optional<SocketAddress> address{};  ///< Any, unless said.
    std::optional<media::sdp::Setup> setup{};
    Rewrite rewrite{};
    media::sfu::RoomId room{};         ///< Of the simulation, unless said.
    std::optional<unsigned> worker{};  ///< The last, unless said.
    std::chrono::milliseconds min_playout_delay{};
    std::chrono::milliseconds max_playout_delay{};
  };
  Peer& add_subscriber(const SubscriberOptions& options);
  Peer& add_subscriber() { return add_subscriber(SubscriberOptions{}); }
  /// Offers once to receive in sections like these tracks.
  Peer& add_player(std::vector<PeerTrack> sections);
  /// Announces a further track of a publisher, which `offer` then carries.
  void publish(Peer& peer, const PeerTrack& track);
  /// The client offers (again).
  void offer(Peer& peer);
  void subscribe(Peer& peer, const std::string& track, media::sfu::LayerTarget target = {});
  /// The server lets the peer's transport go; the client does not know.
  void close(Peer& peer);
  void unsubscribe(Peer& peer, const std::string& track);

  TimePoint now() const { return now_; }
  media::sfu::Engine& engine(unsigned worker = 0) { return *servers_[worker]->engine; }
  /// With all that they hold. Nothing more can be done but to end the simulation.
  void end_engines();
  const media::sfu::EngineCounters& counters(unsigned worker = 0) const {
    return servers_[worker]->engine->counters();
  }
  SeededRandom& random() { return random_; }
  const media::sfu::RoomId& room() const { return room_; }
  /// Gives what the server sends to `sink` from now on, not to the clients; null: to them again.
  void divert(media::sfu::EgressSink* sink) { diverted_ = sink; }
  /// The datagrams that the client sends on account of `act`, which nobody carries.
  std::vector<ByteVector> record(Peer& peer, const std::function<void()>& act);
  const SocketAddress& server() const { return servers_.front()->address; }
  /// Leaves out the time until then: what would have happened in it happens late.
  void skip_to(TimePoint now) { now_ = std::max(now_, now); }
  /// That worker does nothing until it is called again with false; its datagrams are lost.
  void stall(unsigned worker, bool stalled) { servers_[worker]->stalled = stalled; }
  /// Runs until `end`, calling `every` each `interval` if given.
  void run_for(Duration duration, Duration interval = 1h, std::function<void()> every = {});

  // ---- what an attacker can do ----

  /// Sends a datagram to the server as if from that address.
  void inject(const SocketAddress& from, ByteVector bytes);
  struct Captured {
    bool to_server = false;
    SocketAddress client;
    ByteVector bytes;
  };
  /// Sees every datagram of the peers as it leaves, lost or not.
  std::function<void(const Captured&)> tap;
  /// What the server has sent to addresses where no peer is.
  std::vector<Captured> strays;
  /// From now on the peer's datagrams come from there, as behind a NAT that has forgotten it.
  void rebind(Peer& peer, const SocketAddress& address) { peer.address = address; }

  // ---- what the engine told ----

  struct HeardLevel {
    std::string track;
    std::uint8_t dbov = 127;
    std::uint8_t active_percent = 0;
  };
  std::vector<HeardLevel> audio_levels;
  std::vector<media::sfu::TrackBound> bound;
  std::vector<std::string> ended;  ///< Tracks.
  std::vector<media::sfu::StreamPaused> paused;
  std::vector<media::sfu::QualityReport> quality_reports;
  std::optional<media::sfu::RoomSample> sample;        ///< The last.
  std::map<unsigned, media::sfu::RoomSample> samples;  ///< The last of each worker.
  std::uint64_t server_datagrams = 0;

 private:
  class ServerEgress;
  class ClientEgress;
  class NoData;
  class Link;
  struct Party;
  /// What one worker is.
  struct Server {
    SocketAddress address;
    std::unique_ptr<media::sfu::Engine> engine;
    struct Mail {
      unsigned from = 0;
      media::sfu::NeighbourMessage message;
    };
    std::vector<Mail> mail;
    bool stalled = false;
    bool woken = false;  ///< There are packets of other workers.
  };
  struct InFlight {
    TimePoint at;
    std::uint64_t order = 0;
    Captured datagram;
    bool operator<(const InFlight& other) const {
      return at != other.at ? at > other.at : order > other.order;
    }
  };

  void add_server(const Options& options);
  void connect_servers();
  struct PeerOptions {
    ClientPeer::Options client;
    std::optional<SocketAddress> address{};
    Rewrite rewrite{};
    unsigned worker = 0;
  };
  Peer& add_peer(PeerOptions options);
  media::sfu::Engine& engine_of(const Peer& peer) { return engine(peer.worker); }
  unsigned last_worker() const { return static_cast<unsigned>(servers_.size()) - 1; }
  void take_mail(unsigned worker);
  Peer* peer_at(const SocketAddress& address);
  Party& party_of(const Peer& peer);
  void carry(bool to_server, const SocketAddress& client, Bytes bytes);
  void step(TimePoint until);
  void deliver(Captured& datagram);
  void handle_events();
  void handle_events(unsigned worker);
  void handle(Peer& peer, const media::sfu::LocalDescription& description);
  void handle(Peer& peer, const media::sfu::TransportChanged& changed);
  void handle(const media::sfu::AudioLevels& levels);

  SeededRandom random_;
  LinkOptions default_link_;
  bool ipv6_;
  TimePoint now_ = kStart;
  media::sfu::RoomId room_{"RM_simulation"};
  media::srtp::Crypto crypto_;
  std::unique_ptr<ServerEgress> server_egress_;
  std::unique_ptr<NoData> no_data_;
  SimulatedData* data_;
  /// By the workers that they lead from and to.
  std::map<std::pair<unsigned, unsigned>, media::sfu::SlabRing> rings_;
  std::map<std::pair<unsigned, unsigned>, std::unique_ptr<Link>> links_;
  std::vector<std::unique_ptr<Server>> servers_;
  std::vector<std::unique_ptr<Party>> parties_;
  std::priority_queue<InFlight> in_flight_;
  media::sfu::EgressSink* diverted_ = nullptr;
  std::vector<ByteVector>* recording_ = nullptr;
  std::uint64_t order_ = 0;
  std::uint32_t next_offer_ = 0;
};

}  // namespace vis::test
