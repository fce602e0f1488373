#include "media/sfu/engine.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "base/limits/media_sfu.hpp"
#include "media/dtls/certificate.hpp"
#include "media/dtls/context.hpp"
#include "media/sfu/deadline_table.hpp"
#include "media/sfu/engine_context.hpp"
#include "media/sfu/room.hpp"
#include "media/sfu/stray_media.hpp"
#include "media/sfu/transport.hpp"
#include "media/stun/message.hpp"

namespace vis::media::sfu {
namespace {

/// How often rooms are looked at as a whole, and every how many looks they report.
constexpr Duration kReviewInterval = 200ms;
constexpr unsigned kReviewsPerAudioReport = 2;
constexpr unsigned kReviewsPerQualityReport = 25;
constexpr unsigned kReviewsPerSample = 25;
/// Packets of 20 ms in an audio report's interval.
constexpr std::uint32_t kAudioPacketsPerReport =
    kReviewInterval * kReviewsPerAudioReport / Duration{20ms};

/// Loud for so much of a report's interval, it is speech.
constexpr std::uint8_t kSpeechPercent = 40;

/// Which protocol a datagram speaks, by its first bytes (RFC 7983, RFC 5761).
enum class Protocol : std::uint8_t { Stun, Dtls, Rtp, Rtcp, Unknown };

Protocol protocol_of(Bytes datagram) {
  if (stun::looks_like_stun(datagram)) return Protocol::Stun;
  if (datagram.size() < 2) return Protocol::Unknown;
  if (datagram[0] >= 20 && datagram[0] <= 63) return Protocol::Dtls;
  if (datagram[0] < 128 || datagram[0] > 191) return Protocol::Unknown;
  return datagram[1] >= 192 && datagram[1] <= 223 ? Protocol::Rtcp : Protocol::Rtp;
}

srtp::Backend backend_for(const EngineConfig& config) {
  return config.prefer_openssl ? srtp::Backend::OpenSsl : srtp::Crypto::best_backend();
}

}  // namespace

class Engine::Impl final {
 public:
  Impl(EngineConfig config, Ports ports, dtls::Certificate certificate)
      : config_(std::move(config)),
        data_(ports.data),
        certificate_(std::move(certificate)),
        dtls_(certificate_),
        context_(ports.random, ports.egress, config_.max_slabs, backend_for(config_)) {
    context_.ufrag_prefix = config_.ufrag_prefix;
  }
  ~Impl() { context_.neighbours.close(); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  EngineContext& context() { return context_; }
  const EngineContext& context() const { return context_; }

  void open_room(RoomId room) {
    auto opened = std::make_unique<Room>(context_, room, config_.max_speakers);
    rooms_.try_emplace(std::move(room), std::move(opened));
  }

  void close_room(TimePoint now, const RoomId& room) {
    const auto found = rooms_.find(room);
    if (found == rooms_.end()) return;
    const std::vector<Transport*> transports = found->second->transports();
    for (Transport* const transport : transports) close_transport(now, transport->id());
    rooms_.erase(found);
  }

  Room* find_room(const RoomId& room) const {
    const auto found = rooms_.find(room);
    return found == rooms_.end() ? nullptr : found->second.get();
  }

  void open_transport(TimePoint now, TransportConfig config) {
    Room* const room = find_room(config.room);
    if (room == nullptr || transports_.contains(config.id)) return;
    const TransportId id = config.id;
    Entry& entry = transports_[id];
    entry.slot = take_slot(id);
    entry.transport =
        std::make_unique<Transport>(std::move(config), config_.addresses,
                                    Transport::Ports{.context = context_,
                                                     .data = data_,
                                                     .dtls = dtls_,
                                                     .fingerprint = certificate_.fingerprint(),
                                                     .room = *room});
    room->add_transport(*entry.transport);
    if (!review_at_) schedule_review(now);
  }

  void close_transport(TimePoint now, TransportId id) {
    const auto found = transports_.find(id);
    if (found == transports_.end()) return;
    Transport& transport = *found->second.transport;
    transport.room().remove_tracks_of(now, transport);
    transport.room().remove_transport(transport);
    context_.addresses.remove(transport);
    deadlines_.set(found->second.slot, std::nullopt);
    slots_[found->second.slot].reset();
    // Runs that wait to be sent may hold packets under this transport's keys.
    context_.send_all();
    transports_.erase(found);
  }

  /// Runs `act` on a transport, if it is still there.
  template <typename Act>
  void with(TransportId id, Act act) {
    const auto found = transports_.find(id);
    if (found == transports_.end()) return;
    context_.touch(id);
    act(*found->second.transport);
  }

  void on_datagram(TimePoint now, MutableBytes datagram, const ice::Path& path) {
    switch (protocol_of(datagram)) {
      case Protocol::Stun: return on_stun(now, datagram, path);
      case Protocol::Dtls: return on_dtls(now, datagram, path);
      case Protocol::Rtp:
        if (Transport* const transport = context_.addresses.by_selected(path)) {
          transport->on_rtp(now, datagram);
          context_.touch(transport->id());
        } else {
          ++context_.counters.rtp_rejected;
          strays_.on_stray(now, path);
        }
        return;
      case Protocol::Rtcp:
        if (Transport* const transport = context_.addresses.by_selected(path)) {
          transport->on_rtcp(now, datagram);
          context_.touch(transport->id());
        } else {
          ++context_.counters.rtcp_rejected;
          strays_.on_stray(now, path);
        }
        return;
      case Protocol::Unknown: ++context_.counters.unknown_dropped; return;
    }
    std::unreachable();
  }

  void flush(TimePoint now) {
    context_.abs_send_time = rtp::abs_send_time(now);
    // First, so that the others work on it while we do.
    context_.neighbours.pass_on(now, context_.dirty_layers);
    // A layer may gather more while others are forwarded only in a later batch, so one pass is all.
    for (Layer* const layer : context_.dirty_layers) {
      layer->receiver().fan_out(now, *layer);
    }
    context_.send_all();
    for (Layer* const layer : context_.dirty_layers) layer->clear_pending();
    context_.dirty_layers.clear();
    for (const TransportId id : context_.touched) {
      if (const auto found = transports_.find(id); found != transports_.end()) {
        note_deadline(found->second);
      }
    }
    context_.touched.clear();
  }

  // ---- what engines of other workers tell ----

  void on_neighbour_message(TimePoint now, Neighbour& from, NeighbourMessage message) {
    std::visit([&](auto& each) { handle(now, from, each); }, message);
  }

  void on_deadline(TimePoint now) {
    context_.abs_send_time = rtp::abs_send_time(now);
    deadlines_.run_due(now, [&](std::size_t slot) {
      if (!slots_[slot]) return;
      const auto found = transports_.find(*slots_[slot]);
      found->second.transport->on_deadline(now);
      deadlines_.set(slot, found->second.transport->next_deadline());
    });
    if (review_at_ && *review_at_ <= now) review(now);
  }

  std::optional<TimePoint> next_deadline() const {
    const auto transports = deadlines_.next();
    if (!review_at_) return transports;
    return transports ? std::min(*transports, *review_at_) : *review_at_;
  }

 private:
  struct Entry {
    std::unique_ptr<Transport> transport;
    std::size_t slot = 0;
  };

  void handle(TimePoint now, Neighbour& from, TrackAnnounced& announced) {
    if (Room* const room = find_room(announced.room)) {
      room->on_announced(now, from, std::move(announced));
    }
  }
  void handle(TimePoint now, Neighbour& from, const TrackWithdrawn& withdrawn) {
    Room* const room = find_room(withdrawn.room);
    const Receiver* const receiver = from.track(withdrawn.track);
    if (room == nullptr || receiver == nullptr) return;
    const TrackId track = receiver->id();
    if (receiver->is_backup()) return room->remove_backup(now, track);
    room->remove_track(now, track);
  }
  void handle(TimePoint now, Neighbour& from, const TrackMuteChanged& changed) {
    Receiver* const receiver = from.track(changed.track);
    if (receiver != nullptr) receiver->set_muted(now, changed.muted);
  }
  static void handle(TimePoint, Neighbour& from, const ClockReported& reported) {
    Receiver* const receiver = from.track(reported.track);
    if (receiver == nullptr || !receiver->bound()) return;
    receiver->remote_layer(reported.layer, reported.source).set_clock(reported.clock);
  }
  static void handle(TimePoint now, Neighbour& from, const LayerEnded& ended) {
    Receiver* const receiver = from.track(ended.track);
    if (receiver == nullptr) return;
    if (Layer* const layer = receiver->layer(ended.layer)) layer->on_goodbye();
    receiver->review_layers(now);
  }
  void handle(TimePoint now, Neighbour&, const PublisherSpeaks& speaks) {
    if (const Room* const room = find_room(speaks.room)) room->on_speech(now, speaks.publisher);
  }
  void handle(TimePoint now, Neighbour& from, const TrackWatched& watched) {
    Receiver* const receiver = context_.neighbours.track(watched.track);
    if (receiver != nullptr) receiver->set_watched(now, from, watched.watched);
  }
  void handle(TimePoint now, const Neighbour& from, const KeyFrameWanted& wanted) {
    Receiver* const receiver = context_.neighbours.track(wanted.track);
    if (receiver != nullptr) receiver->on_key_frame_wanted(now, from, wanted);
  }

  std::size_t take_slot(TransportId id) {
    const auto free = std::ranges::find_if(slots_, [](const auto& slot) { return !slot; });
    const auto slot = static_cast<std::size_t>(free - slots_.begin());
    if (free == slots_.end()) slots_.emplace_back();
    slots_[slot] = id;
    return slot;
  }

  void note_deadline(const Entry& entry) {
    deadlines_.set(entry.slot, entry.transport->next_deadline());
  }

  void on_stun(TimePoint now, Bytes datagram, const ice::Path& path) {
    const auto message = stun::Message::parse(datagram);
    if (!message) {
      ++context_.counters.stun_rejected;
      return;
    }
    Transport* transport = nullptr;
    if (const auto ufrag = ice::Agent::local_ufrag_of(*message)) {
      transport = context_.addresses.by_ufrag(*ufrag);
    } else {
      transport = context_.addresses.by_checked(path);
    }
    // A path has one owner. Whoever else checks from there has a spoofed source, or a port that
    // a NAT took from a client which is gone: that one is silent soon.
    const Transport* const owner = context_.addresses.by_selected(path);
    const bool owned = owner != nullptr && owner != transport && owner->is_heard();
    if (transport == nullptr || owned) {
      ++context_.counters.stun_rejected;
      return;
    }
    transport->on_stun(now, *message, path);
    context_.touch(transport->id());
  }

  void on_dtls(TimePoint now, Bytes datagram, const ice::Path& path) {
    Transport* const transport = context_.addresses.by_selected(path);
    if (transport == nullptr) {
      ++context_.counters.dtls_rejected;
      return;
    }
    transport->on_dtls(now, datagram);
    context_.touch(transport->id());
  }

  void schedule_review(TimePoint now) { review_at_ = now + kReviewInterval; }

  void review(TimePoint now) {
    ++reviews_;
    for (const auto& [id, room] : rooms_) {
      room->for_each_track([&](Receiver& receiver) { receiver.review_layers(now); });
      for (Transport* const transport : room->transports()) transport->allocate(now);
      if (reviews_ % kReviewsPerAudioReport == 0) report_audio(now, *room);
      if (reviews_ % kReviewsPerQualityReport == 0) report_quality(now, *room);
      if (reviews_ % kReviewsPerSample == 0) report_sample(now, *room);
    }
    review_at_.reset();
    if (!transports_.empty()) schedule_review(now);
  }

  void report_audio(TimePoint now, const Room& room) {
    AudioLevels report{.room = room.id(), .levels = {}};
    room.for_each_track([&](Receiver& receiver) {
      if (!receiver.config().microphone || receiver.is_remote()) return;
      if (const auto heard = receiver.audio_meter().take_report(kAudioPacketsPerReport)) {
        report.levels.push_back(
            {.track = receiver.id(), .dbov = heard->dbov, .active_percent = heard->active_percent});
        if (heard->active_percent < kSpeechPercent) return;
        room.on_speech(now, receiver.publisher_id());
        room.tell_others_of_speech(receiver.publisher_id());
      }
    });
    if (!report.levels.empty()) context_.events.emplace_back(std::move(report));
  }

  void report_quality(TimePoint now, const Room& room) {
    QualityReport report{.room = room.id(), .transports = {}};
    for (Transport* const transport : room.transports()) {
      report.transports.push_back(transport->take_quality(now));
    }
    if (!report.transports.empty()) context_.events.emplace_back(std::move(report));
  }

  void report_sample(TimePoint now, const Room& room) {
    RoomSample sample{.room = room.id(), .transports = {}, .layers = {}, .subscriptions = {}};
    std::size_t senders = 0;
    std::size_t tracks = 0;
    room.for_each_track([&](const Receiver& receiver) {
      senders += receiver.senders().size();
      ++tracks;
    });
    sample.transports.reserve(room.transports().size());
    sample.layers.reserve(tracks * Receiver::kLayers);
    sample.subscriptions.reserve(std::min(senders, limits::kSampledSubscriptions));
    for (const Transport* const transport : room.transports()) transport->add_to(sample, now);
    room.for_each_track([&](const Receiver& receiver) {
      if (receiver.is_remote()) return;
      receiver.for_each_layer(
          [&](const Layer& layer) { sample.layers.push_back(layer.sample(now)); });
    });
    if (!sample.transports.empty()) context_.events.emplace_back(std::move(sample));
  }

  EngineConfig config_;
  DataPlane& data_;
  dtls::Certificate certificate_;
  dtls::Context dtls_;
  EngineContext context_;
  StrayMedia strays_{context_};
  std::unordered_map<RoomId, std::unique_ptr<Room>> rooms_;
  std::unordered_map<TransportId, Entry> transports_;
  std::vector<std::optional<TransportId>> slots_;  ///< Of `deadlines_`.
  DeadlineTable deadlines_;
  std::optional<TimePoint> review_at_;
  unsigned reviews_ = 0;
};

Result<std::unique_ptr<Engine>> Engine::create(EngineConfig config, Ports ports) {
  auto certificate = dtls::Certificate::generate(config.started_at);
  if (!certificate) return std::unexpected(std::move(certificate.error()));
  auto impl = std::make_unique<Impl>(std::move(config), ports, *std::move(certificate));
  return std::make_unique<Engine>(std::move(impl));
}

Engine::Engine(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Engine::~Engine() = default;

void Engine::open_room(TimePoint, const RoomId& room) { impl_->open_room(room); }
void Engine::close_room(TimePoint now, const RoomId& room) { impl_->close_room(now, room); }

void Engine::open_transport(TimePoint now, TransportConfig config) {
  impl_->open_transport(now, std::move(config));
}
void Engine::close_transport(TimePoint now, TransportId transport) {
  impl_->close_transport(now, transport);
}
void Engine::start_offer(TimePoint now, TransportId transport) {
  impl_->with(transport, [&](Transport& t) { t.start_offer(now); });
}
void Engine::restart_ice(TimePoint now, TransportId transport) {
  impl_->with(transport, [&](Transport& t) { t.restart_ice(now); });
}
void Engine::apply_offer(TimePoint now, TransportId transport, const std::string& sdp,
                         std::uint32_t offer_id) {
  impl_->with(transport, [&](Transport& t) { t.apply_offer(now, sdp, offer_id); });
}
void Engine::apply_answer(TimePoint now, TransportId transport, const std::string& sdp) {
  impl_->with(transport, [&](Transport& t) { t.apply_answer(now, sdp); });
}
void Engine::add_candidate(TimePoint now, TransportId transport, const std::string& candidate) {
  impl_->with(transport, [&](Transport& t) { t.add_candidate(now, candidate); });
}

void Engine::publish(TimePoint now, TransportId transport, PublishConfig config) {
  impl_->with(transport, [&](Transport& t) {
    Receiver& receiver = t.room().announce(now, t, std::move(config));
    t.publish(now, receiver);
    if (Receiver* const backup = t.room().find_backup(receiver.id())) t.publish(now, *backup);
  });
}
void Engine::unpublish(TimePoint now, TransportId transport, const TrackId& track) {
  impl_->with(transport, [&](Transport& t) { t.room().remove_track(now, track); });
}
void Engine::set_muted(TimePoint now, const RoomId& room, const TrackId& track, bool muted) {
  if (const Room* const found = impl_->find_room(room)) found->set_muted(now, track, muted);
}
void Engine::subscribe(TimePoint now, TransportId transport, SubscribeConfig config) {
  impl_->with(transport, [&](Transport& t) { t.subscribe(now, config, t.room().find(config)); });
}
void Engine::unsubscribe(TimePoint now, TransportId transport, const TrackId& track) {
  impl_->with(transport, [&](Transport& t) { t.unsubscribe(now, track); });
}
void Engine::set_layer_target(TimePoint now, TransportId transport, const TrackId& track,
                              LayerTarget target) {
  impl_->with(transport, [&](Transport& t) { t.set_layer_target(now, track, target); });
}

void Engine::connect(unsigned worker, const Neighbour::Ways& ways) {
  impl_->context().neighbours.connect(worker, ways);
}
void Engine::spread_room(const RoomId& room, unsigned worker) {
  Room* const found = impl_->find_room(room);
  Neighbour* const other = impl_->context().neighbours.find(worker);
  if (found != nullptr && other != nullptr) found->spread_to(*other);
}
void Engine::on_neighbour_message(TimePoint now, unsigned worker, NeighbourMessage message) {
  Neighbour* const from = impl_->context().neighbours.find(worker);
  if (from != nullptr) impl_->on_neighbour_message(now, *from, std::move(message));
}
void Engine::look_at_neighbours() { impl_->context().neighbours.look(); }
void Engine::take_from_neighbours(TimePoint now) { impl_->context().neighbours.take(now); }

void Engine::on_datagram(TimePoint now, MutableBytes datagram, const ice::Path& path) {
  impl_->on_datagram(now, datagram, path);
}
void Engine::send_sctp(TimePoint now, TransportId transport, Bytes packet) {
  impl_->with(transport, [&](Transport& t) { t.send_sctp(now, packet); });
}
void Engine::flush(TimePoint now) { impl_->flush(now); }
void Engine::on_deadline(TimePoint now) { impl_->on_deadline(now); }
std::optional<TimePoint> Engine::next_deadline() const { return impl_->next_deadline(); }
std::vector<Event> Engine::take_events() { return std::exchange(impl_->context().events, {}); }
const EngineCounters& Engine::counters() const { return impl_->context().counters; }

}  // namespace vis::media::sfu
