#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "base/socket_address.hpp"
#include "base/time.hpp"
#include "media/ice/candidate.hpp"
#include "media/ice/output.hpp"
#include "media/sfu/data_plane.hpp"
#include "media/sfu/egress.hpp"
#include "media/sfu/events.hpp"
#include "media/sfu/neighbourhood.hpp"

namespace vis::media::sfu {

/// A transport address by which clients reach this worker: a host candidate.
struct LocalAddress {
  SocketAddress address;  ///< As clients are told it.
  ice::Transport transport = ice::Transport::Udp;
  std::uint8_t socket = 0;  ///< As ice::Path::local counts them.
};

/// What one worker's engine is built with.
struct EngineConfig {
  /// At most limits::kIceLocalCandidates, the preferred ones first.
  std::vector<LocalAddress> addresses;
  /// With which all ICE user name fragments of this engine begin, so that whoever sees one knows
  /// whose it is. At most 4 characters.
  std::string ufrag_prefix;
  /// Packets that may be held for retransmission and forwarding at once.
  std::size_t max_slabs = std::size_t{256} * 1024;
  /// Microphones of a room that are sent on at once; 0 = all. At most limits::kSpeakers.
  std::size_t max_speakers = 0;
  /// Dates the DTLS certificate.
  WallTime started_at{};
  /// AES by OpenSSL where ipsec-mb is not wanted; both are tested.
  bool prefer_openssl = false;
};

/// Numbers since the engine was built.
struct EngineCounters {
  std::uint64_t rtp_received = 0;
  std::uint64_t rtp_forwarded = 0;
  std::uint64_t rtp_retransmitted = 0;
  std::uint64_t rtp_paced = 0;        ///< Packets that had to wait before they left.
  std::uint64_t rtp_overflowed = 0;   ///< Packets that waited in vain.
  std::uint64_t padding_sent = 0;     ///< Packets of probes.
  std::uint64_t probes_repeated = 0;  ///< The same, of media that was sent before.
  std::uint64_t rtp_rejected = 0;     ///< Not authentic, replayed, malformed or of no known stream.
  std::uint64_t rtcp_received = 0;
  std::uint64_t rtcp_rejected = 0;
  std::uint64_t stun_rejected = 0;
  std::uint64_t dtls_rejected = 0;    ///< From addresses that no ICE check vouches for.
  std::uint64_t unknown_dropped = 0;  ///< Neither STUN, DTLS nor RTP.
  std::uint64_t srtp_rejected = 0;    ///< Of `rtp_rejected`: not authentic, or replayed.
  std::uint64_t slabs_exhausted = 0;
  std::uint64_t sound_repeated = 0;  ///< Packets written in RED, for whoever takes them.
  std::uint64_t nacks_sent = 0;      ///< Packets asked for again, of publishers.
  std::uint64_t nacks_received = 0;
  std::uint64_t key_frame_requests_sent = 0;
  std::uint64_t key_frame_requests_ignored = 0;  ///< Of these, after many that had no answer.
  std::uint64_t key_frame_requests_received = 0;
  std::uint64_t key_frames = 0;         ///< Of all publishers.
  std::uint64_t rtp_to_neighbours = 0;  ///< Packets given to other workers' engines, ...
  std::uint64_t rtp_from_neighbours = 0;
  std::uint64_t neighbour_rings_full = 0;  ///< ... and those for which there was no room.
};

/// The selective forwarding unit of one worker: its rooms, their peer connections and tracks, and
/// the path of every packet. Pure: datagrams, commands and time go in, runs of datagrams and events
/// come out. Lives on the worker's thread.
///
/// `on_datagram` decrypts and takes note; `flush`, once per batch of datagrams, forwards what has
/// gathered, so that the packets of one subscriber leave together. Commands that name a transport,
/// room or track that is gone are ignored: the other side will have heard of it by an event.
class Engine final {
 public:
  struct Ports {
    RandomSource& random;
    EgressSink& egress;
    DataPlane& data;
  };
  /// Unavailable when the crypto libraries cannot give a certificate or a context.
  static Result<std::unique_ptr<Engine>> create(EngineConfig config, Ports ports);
  ~Engine();

  void open_room(TimePoint now, const RoomId& room);
  void close_room(TimePoint now, const RoomId& room);

  void open_transport(TimePoint now, TransportConfig config);
  void close_transport(TimePoint now, TransportId transport);
  void start_offer(TimePoint now, TransportId transport);
  void restart_ice(TimePoint now, TransportId transport);
  void apply_offer(TimePoint now, TransportId transport, const std::string& sdp,
                   std::uint32_t offer_id);
  void apply_answer(TimePoint now, TransportId transport, const std::string& sdp);
  void add_candidate(TimePoint now, TransportId transport, const std::string& candidate);

  void publish(TimePoint now, TransportId transport, PublishConfig config);
  void unpublish(TimePoint now, TransportId transport, const TrackId& track);
  void set_muted(TimePoint now, const RoomId& room, const TrackId& track, bool muted);
  void subscribe(TimePoint now, TransportId transport, SubscribeConfig config);
  void unsubscribe(TimePoint now, TransportId transport, const TrackId& track);
  void set_layer_target(TimePoint now, TransportId transport, const TrackId& track,
                        LayerTarget target);

  // ---- rooms on several workers ----

  /// Another worker's engine can be reached from now on. What `ways` refers to outlives this
  /// engine.
  void connect(unsigned worker, const Neighbour::Ways& ways);
  /// That engine has a part of the room as well.
  void spread_room(const RoomId& room, unsigned worker);
  void on_neighbour_message(TimePoint now, unsigned worker, NeighbourMessage message);
  /// Notes which packets have come from other engines. Messages of theirs that have come are to be
  /// handled next, and then `take_from_neighbours` called.
  void look_at_neighbours();
  void take_from_neighbours(TimePoint now);

  void on_datagram(TimePoint now, MutableBytes datagram, const ice::Path& path);
  /// An SCTP packet of the data plane, to leave inside DTLS.
  void send_sctp(TimePoint now, TransportId transport, Bytes packet);
  /// Forwards and sends what has gathered since the last flush.
  void flush(TimePoint now);

  void on_deadline(TimePoint now);
  std::optional<TimePoint> next_deadline() const;

  /// What happened since the last call, in order.
  std::vector<Event> take_events();
  const EngineCounters& counters() const;

  class Impl;
  explicit Engine(std::unique_ptr<Impl> impl);  ///< For `create`.

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace vis::media::sfu
