#include "support/rtc/simulation.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"

namespace vis::test {

namespace sfu = media::sfu;

class Simulation::ServerEgress final : public sfu::EgressSink {
 public:
  explicit ServerEgress(Simulation& simulation) : simulation_(simulation) {}
  void send(std::span<const sfu::EgressRun> runs) override {
    for (const sfu::EgressRun& run : runs) {
      for (Bytes rest = run.bytes; !rest.empty();) {
        const Bytes datagram = rest.first(std::min<std::size_t>(run.segment_size, rest.size()));
        ++simulation_.server_datagrams;
        simulation_.carry(false, run.to, datagram);
        rest = rest.subspan(datagram.size());
      }
    }
  }

 private:
  Simulation& simulation_;
};

class Simulation::ClientEgress final : public sfu::EgressSink {
 public:
  ClientEgress(Simulation& simulation, const SocketAddress& client)
      : simulation_(simulation), client_(client) {}
  void send(std::span<const sfu::EgressRun> runs) override {
    for (const sfu::EgressRun& run : runs) {
      for (Bytes rest = run.bytes; !rest.empty();) {
        const Bytes datagram = rest.first(std::min<std::size_t>(run.segment_size, rest.size()));
        simulation_.carry(true, client_, datagram);
        rest = rest.subspan(datagram.size());
      }
    }
  }

 private:
  Simulation& simulation_;
  SocketAddress client_;
};

class Simulation::NoData final : public sfu::DataPlane {
 public:
  void open(sfu::TransportId, const sfu::DataAssociation&) override {}
  void receive(sfu::TransportId, Bytes) override {}
  void close(sfu::TransportId) override {}
};

Simulation::Simulation(std::uint64_t seed, LinkOptions link)
    : random_(seed),
      default_link_(link),
      server_egress_(std::make_unique<ServerEgress>(*this)),
      data_(std::make_unique<NoData>()) {
  sfu::EngineConfig config;
  config.addresses = {server_};
  config.started_at = wall_from_unix_ms(1'700'000'000'000);
  engine_ = *sfu::Engine::create(std::move(config),
                                 {.random = random_, .egress = *server_egress_, .data = *data_});
  engine_->open_room(now_, room_);
}

Simulation::~Simulation() = default;

Simulation::Peer& Simulation::add_peer(bool offers, bool gcm) {
  auto peer = std::make_unique<Peer>();
  const auto number = static_cast<std::uint8_t>(peers_.size() + 1);
  peer->id = sfu::TransportId{number};
  peer->address = {.ip = IpAddress::v4({198, 51, 100, number}), .port = 5000};
  peer->link = default_link_;
  client_egress_.push_back(std::make_unique<ClientEgress>(*this, peer->address));
  peer->client = std::make_unique<ClientPeer>(
      ClientPeer::Options{.address = peer->address, .offers = offers, .gcm = gcm}, random_, crypto_,
      *client_egress_.back());
  peers_.push_back(std::move(peer));
  return *peers_.back();
}

Simulation::Peer& Simulation::add_publisher(const PublisherOptions& options) {
  Peer& peer = add_peer(true, options.gcm);
  engine_->open_transport(now_, {.id = peer.id,
                                 .room = room_,
                                 .role = sfu::TransportRole::Publisher,
                                 .ice_lite = options.ice_lite,
                                 .denied_publish_codecs = {}});
  for (const PeerTrack& track : options.tracks) {
    sfu::PublishConfig config;
    config.track = sfu::TrackId{"TR_" + track.cid};
    config.kind =
        track.kind == media::sdp::MediaKind::Audio ? sfu::TrackKind::Audio : sfu::TrackKind::Video;
    config.cid = track.cid;
    config.microphone = track.kind == media::sdp::MediaKind::Audio;
    engine_->publish(now_, peer.id, std::move(config));
    peer.client->add_track(track);
  }
  engine_->apply_offer(now_, peer.id, peer.client->create_offer(), 1);
  handle_events();
  return peer;
}

Simulation::Peer& Simulation::add_subscriber(bool ice_lite) {
  Peer& peer = add_peer(false, true);
  engine_->open_transport(now_, {.id = peer.id,
                                 .room = room_,
                                 .role = sfu::TransportRole::Subscriber,
                                 .ice_lite = ice_lite,
                                 .denied_publish_codecs = {}});
  engine_->start_offer(now_, peer.id);
  handle_events();
  return peer;
}

void Simulation::subscribe(Peer& peer, const std::string& track, sfu::LayerTarget target) {
  engine_->subscribe(
      now_, peer.id,
      {.track = sfu::TrackId{track}, .stream_id = "PA_x|" + track, .target = target});
  handle_events();
}

Simulation::Peer* Simulation::peer_at(const SocketAddress& address) {
  const auto found = std::ranges::find(peers_, address, [](const auto& p) { return p->address; });
  return found == peers_.end() ? nullptr : found->get();
}

void Simulation::carry(bool to_server, const SocketAddress& client, Bytes bytes) {
  Peer* const peer = peer_at(client);
  if (peer == nullptr || peer->cut) return;
  constexpr double kUnit = 1'000'000;
  if (static_cast<double>(random_.below(1'000'000)) < peer->link.loss * kUnit) return;
  Duration delay = peer->link.delay;
  if (peer->link.jitter > Duration::zero()) {
    delay += Duration{random_.below(static_cast<std::uint64_t>(peer->link.jitter.count()))};
  }
  in_flight_.push({.at = now_ + delay,
                   .order = order_++,
                   .to_server = to_server,
                   .client = client,
                   .bytes = ByteVector(bytes.begin(), bytes.end())});
}

void Simulation::inject(const SocketAddress& from, ByteVector bytes) {
  in_flight_.push({.at = now_,
                   .order = order_++,
                   .to_server = true,
                   .client = from,
                   .bytes = std::move(bytes)});
}

void Simulation::run_for(Duration duration, Duration interval, std::function<void()> every) {
  const TimePoint end = now_ + duration;
  TimePoint next = now_ + (every ? interval : duration);
  while (now_ < end) {
    step(std::min(next, end));
    if (now_ < next || !every) continue;
    every();
    for (const auto& peer : peers_) peer->client->flush();
    next += interval;
  }
}

void Simulation::step(TimePoint until) {
  TimePoint next = until;
  const auto consider = [&](std::optional<TimePoint> deadline) {
    if (deadline) next = std::min(next, *deadline);
  };
  if (!in_flight_.empty()) consider(in_flight_.top().at);
  consider(engine_->next_deadline());
  for (const auto& peer : peers_) consider(peer->client->next_deadline());
  now_ = std::max(now_, next);
  while (!in_flight_.empty() && in_flight_.top().at <= now_) {
    InFlight datagram = in_flight_.top();
    in_flight_.pop();
    if (datagram.to_server) {
      engine_->on_datagram(now_, datagram.bytes, datagram.client);
    } else if (Peer* const peer = peer_at(datagram.client)) {
      peer->client->on_datagram(now_, datagram.bytes, server_);
      peer->client->flush();
    }
  }
  if (const auto due = engine_->next_deadline(); due && *due <= now_) engine_->on_deadline(now_);
  engine_->flush(now_);
  for (const auto& peer : peers_) {
    if (const auto due = peer->client->next_deadline(); due && *due <= now_) {
      peer->client->on_deadline(now_);
    }
    peer->client->flush();
  }
  handle_events();
}

void Simulation::handle_events() {
  for (const sfu::Event& event : engine_->take_events()) {
    const auto peer_of = [&](sfu::TransportId id) -> Peer& {
      return **std::ranges::find(peers_, id, [](const auto& p) { return p->id; });
    };
    if (const auto* description = std::get_if<sfu::LocalDescription>(&event)) {
      handle(*description);
    } else if (const auto* changed = std::get_if<sfu::TransportChanged>(&event)) {
      Peer& peer = peer_of(changed->transport);
      peer.state_connected = changed->state == sfu::TransportState::Connected;
      if (changed->state == sfu::TransportState::Failed) peer.state_failed = true;
    } else if (const auto* refused = std::get_if<sfu::NegotiationFailed>(&event)) {
      peer_of(refused->transport).negotiation_error = refused->error.message;
    } else if (const auto* levels = std::get_if<sfu::AudioLevels>(&event)) {
      for (const auto& level : levels->levels) {
        audio_levels.push_back({.track = level.track.str(),
                                .dbov = level.dbov,
                                .active_percent = level.active_percent});
      }
    } else if (const auto* track = std::get_if<sfu::TrackBound>(&event)) {
      bound.push_back(*track);
    } else if (const auto* quality = std::get_if<sfu::QualityReport>(&event)) {
      quality_reports.push_back(*quality);
    }
  }
}

void Simulation::handle(const sfu::LocalDescription& description) {
  Peer& peer =
      **std::ranges::find(peers_, description.transport, [](const auto& p) { return p->id; });
  if (!description.is_offer) {
    const auto applied = peer.client->apply_answer(now_, description.sdp);
    VIS_ASSERT(applied.has_value());
  } else {
    peer.offers_seen.push_back(description.sdp);
    const auto answer = peer.client->answer(now_, description.sdp);
    VIS_ASSERT(answer.has_value());
    engine_->apply_answer(now_, peer.id, *answer);
  }
  peer.client->flush();
}

}  // namespace vis::test
