#include "support/rtc/simulation.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"

namespace vis::test {

namespace sfu = media::sfu;

namespace {

template <typename Send>
void for_each_datagram(std::span<const sfu::EgressRun> runs, Send send) {
  for (const sfu::EgressRun& run : runs) {
    for (Bytes rest = run.bytes; !rest.empty();) {
      const Bytes datagram = rest.first(std::min<std::size_t>(run.segment_size, rest.size()));
      send(run.to, datagram);
      rest = rest.subspan(datagram.size());
    }
  }
}

}  // namespace

class Simulation::ServerEgress final : public sfu::EgressSink {
 public:
  explicit ServerEgress(Simulation& simulation) : simulation_(simulation) {}
  void send(std::span<const sfu::EgressRun> runs) override {
    if (simulation_.diverted_ != nullptr) return simulation_.diverted_->send(runs);
    for_each_datagram(runs, [this](const SocketAddress& to, Bytes datagram) {
      ++simulation_.server_datagrams;
      simulation_.carry(false, to, datagram);
    });
  }

 private:
  Simulation& simulation_;
};

class Simulation::ClientEgress final : public sfu::EgressSink {
 public:
  ClientEgress(Simulation& simulation, const Peer& peer) : simulation_(simulation), peer_(peer) {}
  void send(std::span<const sfu::EgressRun> runs) override {
    for_each_datagram(runs, [this](const SocketAddress&, Bytes datagram) {
      simulation_.carry(true, peer_.address, datagram);
    });
  }

 private:
  Simulation& simulation_;
  const Peer& peer_;
};

class Simulation::NoData final : public sfu::DataPlane {
 public:
  void open(sfu::TransportId, const sfu::DataAssociation&) override {}
  void receive(sfu::TransportId, Bytes) override {}
  void close(sfu::TransportId) override {}
};

class Simulation::Link final : public sfu::NeighbourLink {
 public:
  Link(unsigned from, Server& to) : from_(from), to_(to) {}
  void post(sfu::NeighbourMessage message) override {
    to_.mail.push_back({.from = from_, .message = std::move(message)});
  }
  void wake() override { to_.woken = true; }

 private:
  unsigned from_;
  Server& to_;
};

/// A peer and what carries its datagrams.
struct Simulation::Party {
  explicit Party(Simulation& simulation) : egress(simulation, peer) {}
  Peer peer;
  ClientEgress egress;
  Rewrite rewrite;
};

Simulation::Simulation(std::uint64_t seed, const Options& options)
    : random_(seed),
      default_link_(options.link),
      ipv6_(options.ipv6),
      server_egress_(std::make_unique<ServerEgress>(*this)),
      no_data_(std::make_unique<NoData>()),
      data_(options.data) {
  for (unsigned worker = 0; worker < options.workers; ++worker) add_server(options);
  connect_servers();
}

void Simulation::add_server(const Options& options) {
  Server& server = *servers_.emplace_back(std::make_unique<Server>());
  server.address = *SocketAddress::parse(ipv6_ ? "[2001:db8::1]:7882" : "192.0.2.1:7882");
  server.address.port = static_cast<std::uint16_t>(server.address.port + servers_.size() - 1);
  sfu::EngineConfig config;
  config.addresses = {{.address = server.address}};
  config.max_speakers = options.max_speakers;
  config.started_at = wall_from_unix_ms(1'700'000'000'000);
  sfu::DataPlane& data = data_ != nullptr ? static_cast<sfu::DataPlane&>(*data_) : *no_data_;
  server.engine = *sfu::Engine::create(
      std::move(config), {.random = random_, .egress = *server_egress_, .data = data});
  server.engine->open_room(now_, room_);
}

void Simulation::connect_servers() {
  for (unsigned from = 0; from < servers_.size(); ++from) {
    for (unsigned to = 0; to < servers_.size(); ++to) {
      if (from == to) continue;
      auto& link = links_[{from, to}] = std::make_unique<Link>(from, *servers_[to]);
      engine(from).connect(to,
                           {.link = *link, .to = rings_[{from, to}], .from = rings_[{to, from}]});
      engine(from).spread_room(room_, to);
    }
  }
}

Simulation::~Simulation() = default;

// ---- peers ----

Simulation::Peer& Simulation::add_peer(PeerOptions options) {
  Party& party = *parties_.emplace_back(std::make_unique<Party>(*this));
  const std::size_t number = parties_.size();
  const auto high = static_cast<std::uint8_t>(number >> 8);
  const auto low = static_cast<std::uint8_t>(number);
  const IpAddress ip =
      ipv6_ ? IpAddress::v6({0x20, 0x01, 0x0D, 0xB8, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, high, low})
            : IpAddress::v4({198, 51, high, low});
  Peer& peer = party.peer;
  peer.id = sfu::TransportId{number};
  peer.worker = options.worker;
  peer.address = options.address.value_or(SocketAddress{.ip = ip, .port = 5000});
  peer.link = default_link_;
  party.rewrite = std::move(options.rewrite);
  options.client.address = peer.address;
  peer.client =
      std::make_unique<ClientPeer>(std::move(options.client), random_, crypto_, party.egress);
  return peer;
}

Simulation::Peer& Simulation::add_publisher(const PublisherOptions& options) {
  Peer& peer = add_peer({.client = {.address = {},
                                    .offers = true,
                                    .gcm = options.gcm,
                                    .data = options.data,
                                    .setup = options.setup},
                         .address = options.address,
                         .rewrite = options.rewrite,
                         .worker = options.worker});
  peer.cut = options.cut;
  engine_of(peer).open_transport(now_, {.id = peer.id,
                                        .room = options.room.empty() ? room_ : options.room,
                                        .role = sfu::TransportRole::Publisher,
                                        .ice_lite = options.ice_lite,
                                        .denied_publish_codecs = {}});
  for (const PeerTrack& track : options.tracks) publish(peer, track);
  offer(peer);
  return peer;
}

void Simulation::publish(Peer& peer, const PeerTrack& track) {
  sfu::PublishConfig config;
  config.track = sfu::TrackId{"TR_" + track.cid};
  config.kind =
      track.kind == media::sdp::MediaKind::Audio ? sfu::TrackKind::Audio : sfu::TrackKind::Video;
  config.cid = track.cid;
  config.microphone = track.kind == media::sdp::MediaKind::Audio;
  config.encrypted = track.encrypted;
  engine_of(peer).publish(now_, peer.id, std::move(config));
  peer.client->add_track(track);
}

Simulation::Peer& Simulation::add_player(std::vector<PeerTrack> sections) {
  Peer& peer =
      add_peer({.client = {.address = {}, .offers = true, .plays = true}, .worker = last_worker()});
  engine_of(peer).open_transport(now_, {.id = peer.id,
                                        .room = room_,
                                        .role = sfu::TransportRole::Player,
                                        .denied_publish_codecs = {}});
  for (PeerTrack& section : sections) peer.client->add_track(std::move(section));
  offer(peer);
  return peer;
}

void Simulation::unsubscribe(Peer& peer, const std::string& track) {
  engine_of(peer).unsubscribe(now_, peer.id, sfu::TrackId{track});
  handle_events();
}

void Simulation::offer(Peer& peer) {
  std::string sdp = peer.client->create_offer();
  if (const Rewrite& rewrite = party_of(peer).rewrite) sdp = rewrite(std::move(sdp));
  engine_of(peer).apply_offer(now_, peer.id, sdp, ++next_offer_);
  handle_events();
}

void Simulation::end_engines() {
  for (const auto& server : servers_) server->engine.reset();
}

Simulation::Peer& Simulation::add_subscriber(const SubscriberOptions& options) {
  Peer& peer = add_peer({.client = {.address = {},
                                    .offers = false,
                                    .gcm = options.gcm,
                                    .asks_retransmission = options.asks_retransmission,
                                    .setup = options.setup},
                         .address = options.address,
                         .rewrite = options.rewrite,
                         .worker = options.worker.value_or(last_worker())});
  engine_of(peer).open_transport(now_, {.id = peer.id,
                                        .room = options.room.empty() ? room_ : options.room,
                                        .role = sfu::TransportRole::Subscriber,
                                        .ice_lite = options.ice_lite,
                                        .denied_publish_codecs = {},
                                        .min_playout_delay = options.min_playout_delay,
                                        .max_playout_delay = options.max_playout_delay});
  engine_of(peer).start_offer(now_, peer.id);
  handle_events();
  return peer;
}

void Simulation::subscribe(Peer& peer, const std::string& track, sfu::LayerTarget target) {
  engine_of(peer).subscribe(
      now_, peer.id,
      {.track = sfu::TrackId{track}, .stream_id = "PA_x|" + track, .target = target});
  handle_events();
}

void Simulation::close(Peer& peer) {
  engine_of(peer).close_transport(now_, peer.id);
  handle_events();
}

Simulation::Peer* Simulation::peer_at(const SocketAddress& address) {
  const auto found =
      std::ranges::find(parties_, address, [](const auto& party) { return party->peer.address; });
  return found == parties_.end() ? nullptr : &(*found)->peer;
}

Simulation::Party& Simulation::party_of(const Peer& peer) {
  return **std::ranges::find(parties_, peer.id, [](const auto& party) { return party->peer.id; });
}

// ---- network ----

void Simulation::carry(bool to_server, const SocketAddress& client, Bytes bytes) {
  Captured datagram{
      .to_server = to_server, .client = client, .bytes = ByteVector(bytes.begin(), bytes.end())};
  Peer* const peer = peer_at(client);
  if (peer == nullptr) {
    strays.push_back(std::move(datagram));
    return;
  }
  if (to_server && recording_ != nullptr) {
    recording_->push_back(std::move(datagram.bytes));
    return;
  }
  if (tap) tap(datagram);
  if (peer->cut) return;
  if (!to_server && peer->downlink != nullptr) {
    const auto at = peer->downlink->send(now_, bytes.size());
    if (at) in_flight_.push({.at = *at, .order = order_++, .datagram = std::move(datagram)});
    return;
  }
  constexpr double kUnit = 1'000'000;
  if (static_cast<double>(random_.below(1'000'000)) < peer->link.loss * kUnit) return;
  Duration delay = peer->link.delay;
  if (peer->link.jitter > Duration::zero()) {
    delay += Duration{random_.below(static_cast<std::uint64_t>(peer->link.jitter.count()))};
  }
  in_flight_.push({.at = now_ + delay, .order = order_++, .datagram = std::move(datagram)});
}

std::vector<ByteVector> Simulation::record(Peer& peer, const std::function<void()>& act) {
  std::vector<ByteVector> datagrams;
  peer.client->flush();
  recording_ = &datagrams;
  act();
  peer.client->flush();
  recording_ = nullptr;
  return datagrams;
}

void Simulation::inject(const SocketAddress& from, ByteVector bytes) {
  in_flight_.push({.at = now_,
                   .order = order_++,
                   .datagram = {.to_server = true, .client = from, .bytes = std::move(bytes)}});
}

void Simulation::run_for(Duration duration, Duration interval, std::function<void()> every) {
  const TimePoint end = now_ + duration;
  TimePoint next = now_ + (every ? interval : duration);
  while (now_ < end) {
    step(std::min(next, end));
    if (now_ < next || !every) continue;
    every();
    for (const auto& party : parties_) party->peer.client->flush();
    next += interval;
  }
}

void Simulation::step(TimePoint until) {
  TimePoint next = until;
  const auto consider = [&](std::optional<TimePoint> deadline) {
    if (deadline) next = std::min(next, *deadline);
  };
  if (!in_flight_.empty()) consider(in_flight_.top().at);
  for (const auto& server : servers_) {
    if (server->stalled) continue;
    if (!server->mail.empty() || server->woken) consider(now_);
    consider(server->engine->next_deadline());
  }
  if (data_ != nullptr) consider(data_->next_deadline());
  for (const auto& party : parties_) consider(party->peer.client->next_deadline());
  now_ = std::max(now_, next);
  for (unsigned worker = 0; worker < servers_.size(); ++worker) take_mail(worker);
  while (!in_flight_.empty() && in_flight_.top().at <= now_) {
    Captured datagram = in_flight_.top().datagram;
    in_flight_.pop();
    deliver(datagram);
  }
  if (data_ != nullptr) data_->on_step(now_, engine());
  for (const auto& server : servers_) {
    if (server->stalled) continue;
    sfu::Engine& engine = *server->engine;
    engine.take_from_neighbours(now_);
    if (const auto due = engine.next_deadline(); due && *due <= now_) engine.on_deadline(now_);
    engine.flush(now_);
  }
  for (const auto& party : parties_) {
    ClientPeer& client = *party->peer.client;
    if (const auto due = client.next_deadline(); due && *due <= now_) client.on_deadline(now_);
    client.flush();
  }
  handle_events();
}

void Simulation::take_mail(unsigned worker) {
  Server& server = *servers_[worker];
  if (server.stalled) return;
  server.woken = false;
  server.engine->look_at_neighbours();
  for (Server::Mail& each : std::exchange(server.mail, {})) {
    server.engine->on_neighbour_message(now_, each.from, std::move(each.message));
  }
}

void Simulation::deliver(Captured& datagram) {
  Peer* const peer = peer_at(datagram.client);
  if (datagram.to_server) {
    if (peer != nullptr && servers_[peer->worker]->stalled) return;
    engine(peer == nullptr ? 0 : peer->worker)
        .on_datagram(now_, datagram.bytes, {.remote = datagram.client});
  } else if (peer != nullptr) {
    peer->client->on_datagram(now_, datagram.bytes, servers_[peer->worker]->address);
    peer->client->flush();
  }
}

// ---- events ----

void Simulation::handle_events() {
  for (unsigned worker = 0; worker < servers_.size(); ++worker) {
    if (!servers_[worker]->stalled) handle_events(worker);
  }
}

void Simulation::handle_events(unsigned worker) {
  for (const sfu::Event& event : engine(worker).take_events()) {
    // What the engine says of a transport that the test opened by itself is the test's affair.
    const auto of_peer = [&](sfu::TransportId id, auto act) {
      for (const auto& party : parties_) {
        if (party->peer.id == id) act(party->peer);
      }
    };
    if (const auto* description = std::get_if<sfu::LocalDescription>(&event)) {
      of_peer(description->transport, [&](Peer& peer) { handle(peer, *description); });
    } else if (const auto* changed = std::get_if<sfu::TransportChanged>(&event)) {
      of_peer(changed->transport, [&](Peer& peer) { handle(peer, *changed); });
    } else if (const auto* failed = std::get_if<sfu::NegotiationFailed>(&event)) {
      of_peer(failed->transport,
              [&](Peer& peer) { peer.negotiation_error = failed->error.message; });
    } else if (const auto* refused = std::get_if<sfu::SubscriptionRefused>(&event)) {
      of_peer(refused->transport,
              [&](Peer& peer) { peer.refused_tracks.push_back(refused->track.str()); });
    } else if (const auto* levels = std::get_if<sfu::AudioLevels>(&event)) {
      handle(*levels);
    } else if (const auto* track = std::get_if<sfu::TrackBound>(&event)) {
      bound.push_back(*track);
    } else if (const auto* end = std::get_if<sfu::TrackEnded>(&event)) {
      ended.push_back(end->track.str());
    } else if (const auto* pause = std::get_if<sfu::StreamPaused>(&event)) {
      paused.push_back(*pause);
    } else if (const auto* quality = std::get_if<sfu::QualityReport>(&event)) {
      quality_reports.push_back(*quality);
    } else if (const auto* counted = std::get_if<sfu::RoomSample>(&event)) {
      sample = samples[worker] = *counted;
    }
  }
}

void Simulation::handle(Peer& peer, const sfu::TransportChanged& changed) {
  peer.state_connected = changed.state == sfu::TransportState::Connected;
  if (changed.state == sfu::TransportState::Failed) peer.state_failed = true;
  peer.state_reason = changed.reason;
}

void Simulation::handle(const sfu::AudioLevels& levels) {
  for (const sfu::AudioLevels::Level& level : levels.levels) {
    audio_levels.push_back(
        {.track = level.track.str(), .dbov = level.dbov, .active_percent = level.active_percent});
  }
}

void Simulation::handle(Peer& peer, const sfu::LocalDescription& description) {
  if (!description.is_offer) {
    const auto applied = peer.client->apply_answer(now_, description.sdp);
    VIS_ASSERT(applied.has_value());
  } else {
    peer.offers_seen.push_back(description.sdp);
    if (peer.unhelpful) return;
    auto answer = peer.client->answer(now_, description.sdp);
    VIS_ASSERT(answer.has_value());
    if (const Rewrite& rewrite = party_of(peer).rewrite) answer = rewrite(*std::move(answer));
    engine_of(peer).apply_answer(now_, peer.id, *answer);
  }
  peer.client->flush();
}

}  // namespace vis::test
