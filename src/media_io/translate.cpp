#include "media_io/translate.hpp"

#include <chrono>
#include <utility>

#include "media_io/packet_ring.hpp"

namespace vis::media_io {
namespace {

namespace core_rooms = core::rooms;
namespace sfu = media::sfu;

template <typename... Handlers>
struct Overloaded : Handlers... {
  using Handlers::operator()...;
};

// ---- down ----

sfu::TransportId down(core_rooms::TransportId id) {
  return sfu::TransportId{std::to_underlying(id)};
}
sfu::RoomId down(const core_rooms::RoomSid& room) { return sfu::RoomId{room.str()}; }
sfu::TrackId down(const core_rooms::TrackSid& track) { return sfu::TrackId{track.str()}; }

sfu::TransportRole down(core_rooms::TransportRole role) {
  switch (role) {
    case core_rooms::TransportRole::Publisher: return sfu::TransportRole::Publisher;
    case core_rooms::TransportRole::Subscriber: return sfu::TransportRole::Subscriber;
    case core_rooms::TransportRole::Single: return sfu::TransportRole::Single;
    case core_rooms::TransportRole::Player: return sfu::TransportRole::Player;
  }
  std::unreachable();
}

std::uint8_t max_layer(core_rooms::VideoQuality quality) {
  switch (quality) {
    case core_rooms::VideoQuality::Off:
    case core_rooms::VideoQuality::Low: return 0;
    case core_rooms::VideoQuality::Medium: return 1;
    case core_rooms::VideoQuality::High: return 2;
  }
  std::unreachable();
}

sfu::LayerTarget down(const core_rooms::LayerTarget& target) {
  return {.disabled = target.disabled || target.quality == core_rooms::VideoQuality::Off,
          .max_layer = max_layer(target.quality),
          .max_fps = target.fps,
          .focus = target.focus};
}

sfu::TransportConfig down(const core_rooms::RoomSid& room, const core_rooms::TransportSpec& spec) {
  return {.id = down(spec.id),
          .room = down(room),
          .role = down(spec.role),
          .ice_lite = spec.ice_lite,
          .reuse_sections = spec.reuse_sections,
          .keep_one_codec = spec.keep_one_codec,
          .reached_at = spec.reached_at,
          .denied_publish_codecs = spec.denied_publish_codecs,
          .min_playout_delay = std::chrono::milliseconds{spec.min_playout_delay_ms},
          .max_playout_delay = std::chrono::milliseconds{spec.max_playout_delay_ms}};
}

sfu::PublishConfig down(const core_rooms::PublishSpec& spec) {
  sfu::PublishConfig config{.track = down(spec.track),
                            .kind = spec.kind == core_rooms::TrackKind::Audio
                                        ? sfu::TrackKind::Audio
                                        : sfu::TrackKind::Video,
                            .cid = spec.cid,
                            .codecs = {},
                            .backup_cid = {},
                            .backup_codec = {},
                            .backup = false,
                            .stereo = spec.stereo,
                            .disable_dtx = spec.disable_dtx,
                            .disable_red = spec.disable_red,
                            .muted = spec.muted,
                            .encrypted = spec.encrypted,
                            .microphone = spec.source == core_rooms::TrackSource::Microphone,
                            .screen_share = spec.source == core_rooms::TrackSource::ScreenShare};
  for (const core_rooms::TrackCodec& codec : spec.codecs) config.codecs.push_back(codec.mime_type);
  // The second codec is sent as a media track of its own, once the client has named that.
  const bool has_backup = config.kind == sfu::TrackKind::Video && spec.codecs.size() > 1 &&
                          !spec.codecs[1].cid.empty() && spec.codecs[1].cid != spec.cid;
  if (has_backup) {
    config.backup_cid = spec.codecs[1].cid;
    config.backup_codec = spec.codecs[1].mime_type;
  }
  return config;
}

// ---- up ----

core_rooms::TransportId up(sfu::TransportId id) {
  return core_rooms::TransportId{std::to_underlying(id)};
}
core_rooms::TrackSid up(const sfu::TrackId& track) { return core_rooms::TrackSid{track.str()}; }

core_rooms::TransportState up(sfu::TransportState state) {
  switch (state) {
    case sfu::TransportState::Connected: return core_rooms::TransportState::Connected;
    case sfu::TransportState::Disconnected: return core_rooms::TransportState::Disconnected;
    case sfu::TransportState::Failed: return core_rooms::TransportState::Failed;
  }
  std::unreachable();
}

core_rooms::LocalDescription up(sfu::LocalDescription description) {
  core_rooms::LocalDescription result{.transport = up(description.transport),
                                      .is_offer = description.is_offer,
                                      .sdp = std::move(description.sdp),
                                      .offer_id = description.offer_id,
                                      .mid_track = {}};
  for (const auto& [mid, track] : description.mid_track) result.mid_track.emplace(mid, up(track));
  return result;
}

core_rooms::SubscriptionPaused up(const sfu::StreamPaused& event) {
  return {.transport = up(event.transport), .track = up(event.track), .paused = event.paused};
}

core_rooms::AudioLevels up(const sfu::AudioLevels& report) {
  core_rooms::AudioLevels result{.room = core_rooms::RoomSid{report.room.str()}, .levels = {}};
  for (const sfu::AudioLevels::Level& level : report.levels) {
    result.levels.push_back(
        {.track = up(level.track), .dbov = level.dbov, .active_percent = level.active_percent});
  }
  return result;
}

core_rooms::QualityReport up(const sfu::QualityReport& report) {
  core_rooms::QualityReport result{.room = core_rooms::RoomSid{report.room.str()},
                                   .transports = {}};
  for (const sfu::QualityReport::Entry& entry : report.transports) {
    result.transports.push_back({.transport = up(entry.transport),
                                 .receiving = entry.receiving,
                                 .uplink_loss = entry.uplink_loss,
                                 .downlink_loss = entry.downlink_loss,
                                 .round_trip_ms = entry.round_trip_ms,
                                 .jitter_ms = entry.jitter_ms,
                                 .shortage = entry.shortage});
  }
  return result;
}

core_rooms::MediaSample::Layer up(const sfu::RoomSample::Layer& layer) {
  return {.track = up(layer.track),
          .index = layer.index,
          .active = layer.active,
          .packets = layer.packets,
          .bytes = layer.bytes,
          .lost = layer.lost,
          .frames = layer.frames,
          .key_frames = layer.key_frames,
          .nacks = layer.nacks,
          .key_frame_requests = layer.key_frame_requests,
          .jitter_ms = layer.jitter_ms};
}

core_rooms::MediaSample::Subscription up(const sfu::RoomSample::Subscription& subscription) {
  return {.transport = up(subscription.transport),
          .track = up(subscription.track),
          .packets = subscription.packets,
          .bytes = subscription.bytes,
          .retransmitted = subscription.retransmitted,
          .nacks = subscription.nacks,
          .key_frame_requests = subscription.key_frame_requests,
          .layer = subscription.layer,
          .loss = subscription.loss};
}

core_rooms::MediaSample::Way way_of(std::uint8_t local) {
  using enum core_rooms::MediaSample::Way;
  if (local < kTcpLocal) return Udp;
  return local < kTurnLocal ? Tcp : Turn;
}

core_rooms::MediaSample up(const sfu::RoomSample& sample) {
  core_rooms::MediaSample result{.room = core_rooms::RoomSid{sample.room.str()},
                                 .transports = {},
                                 .layers = {},
                                 .subscriptions = {}};
  for (const sfu::RoomSample::Transport& transport : sample.transports) {
    result.transports.push_back({.transport = up(transport.transport),
                                 .connected = transport.connected,
                                 .way = transport.local.transform(way_of),
                                 .round_trip_ms = transport.round_trip_ms,
                                 .available_kbps = transport.available_kbps,
                                 .wanted_kbps = transport.wanted_kbps,
                                 .granted_kbps = transport.granted_kbps,
                                 .loss = transport.loss,
                                 .packets = transport.packets,
                                 .bytes = transport.bytes,
                                 .retransmitted = transport.retransmitted});
  }
  for (const sfu::RoomSample::Layer& layer : sample.layers) result.layers.push_back(up(layer));
  for (const sfu::RoomSample::Subscription& subscription : sample.subscriptions) {
    result.subscriptions.push_back(up(subscription));
  }
  return result;
}

}  // namespace

void Translator::open_room(TimePoint now, const core_rooms::RoomSid& room) {
  engine_.open_room(now, down(room));
}

void Translator::close_room(TimePoint now, const core_rooms::RoomSid& room) {
  engine_.close_room(now, down(room));
  std::erase_if(room_of_transport_, [&](const auto& entry) { return entry.second == room; });
}

void Translator::spread_room(const core_rooms::RoomSid& room, unsigned worker) {
  engine_.spread_room(down(room), worker);
}

void Translator::execute(TimePoint now, const core_rooms::RoomSid& room,
                         const core_rooms::MediaCommand& command) {
  std::visit(
      Overloaded{
          [&](const core_rooms::OpenTransport& c) {
            room_of_transport_.emplace(c.spec.id, room);
            engine_.open_transport(now, down(room, c.spec));
          },
          [&](const core_rooms::CloseTransport& c) {
            engine_.close_transport(now, down(c.transport));
            room_of_transport_.erase(c.transport);
          },
          [&](const core_rooms::StartOffer& c) { engine_.start_offer(now, down(c.transport)); },
          [&](const core_rooms::RestartIce& c) { engine_.restart_ice(now, down(c.transport)); },
          [&](const core_rooms::ApplyOffer& c) {
            engine_.apply_offer(now, down(c.transport), c.sdp, c.offer_id);
          },
          [&](const core_rooms::ApplyAnswer& c) {
            engine_.apply_answer(now, down(c.transport), c.sdp);
          },
          [&](const core_rooms::AddCandidate& c) {
            engine_.add_candidate(now, down(c.transport), c.candidate);
          },
          [&](const core_rooms::Publish& c) {
            engine_.publish(now, down(c.transport), down(c.spec));
          },
          [&](const core_rooms::Unpublish& c) {
            engine_.unpublish(now, down(c.transport), down(c.track));
          },
          [&](const core_rooms::SetTrackMuted& c) {
            engine_.set_muted(now, down(room), down(c.track), c.muted);
          },
          [&](const core_rooms::Subscribe& c) {
            engine_.subscribe(now, down(c.transport),
                              {.track = down(c.spec.track),
                               .stream_id = c.spec.stream_id,
                               .target = down(c.spec.target),
                               .backup = c.spec.backup});
          },
          [&](const core_rooms::Unsubscribe& c) {
            engine_.unsubscribe(now, down(c.transport), down(c.track));
          },
          [&](const core_rooms::SetLayerTarget& c) {
            engine_.set_layer_target(now, down(c.transport), down(c.track), down(c.target));
          },
          // Data never reaches a worker as a command: MediaIo gives it to the data loop.
          [](const core_rooms::SendData&) {},
      },
      command);
}

std::optional<core_rooms::RoomSid> Translator::room_of(sfu::TransportId transport) const {
  const auto found = room_of_transport_.find(up(transport));
  if (found == room_of_transport_.end()) return std::nullopt;
  return found->second;
}

std::optional<RoomEvent> Translator::translate(sfu::Event event) const {
  const auto of_transport = [&](sfu::TransportId transport,
                                core_rooms::MediaEvent translated) -> std::optional<RoomEvent> {
    auto room = room_of(transport);
    if (!room) return std::nullopt;
    return RoomEvent{.room = *std::move(room), .event = std::move(translated)};
  };
  const auto of_room = [](const sfu::RoomId& room,
                          core_rooms::MediaEvent translated) -> std::optional<RoomEvent> {
    return RoomEvent{.room = core_rooms::RoomSid{room.str()}, .event = std::move(translated)};
  };
  return std::visit(
      Overloaded{
          [&](sfu::LocalDescription& e) {
            const sfu::TransportId transport = e.transport;
            return of_transport(transport, up(std::move(e)));
          },
          [&](sfu::LocalCandidate& e) {
            return of_transport(e.transport,
                                core_rooms::LocalCandidate{.transport = up(e.transport),
                                                           .candidate = std::move(e.candidate),
                                                           .last = e.last});
          },
          [&](sfu::NegotiationFailed& e) {
            return of_transport(e.transport,
                                core_rooms::NegotiationFailed{.transport = up(e.transport),
                                                              .error = std::move(e.error)});
          },
          [&](sfu::SectionsNeeded& e) {
            return of_transport(
                e.transport,
                core_rooms::SectionsNeeded{
                    .transport = up(e.transport), .audios = e.audios, .videos = e.videos});
          },
          [&](sfu::TransportChanged& e) {
            return of_transport(e.transport,
                                core_rooms::TransportChanged{.transport = up(e.transport),
                                                             .state = up(e.state),
                                                             .reason = std::move(e.reason)});
          },
          [&](sfu::TrackBound& e) {
            return of_room(e.room, core_rooms::TrackBound{.track = up(e.track),
                                                          .mid = std::move(e.mid),
                                                          .mime_type = std::move(e.mime_type),
                                                          .rids = std::move(e.rids)});
          },
          [&](sfu::TrackEnded& e) {
            return of_room(e.room, core_rooms::TrackEnded{.track = up(e.track)});
          },
          [&](sfu::SubscriptionBound& e) {
            return of_transport(
                e.transport,
                core_rooms::SubscriptionBound{.transport = up(e.transport), .track = up(e.track)});
          },
          [&](sfu::SubscriptionRefused& e) {
            return of_transport(e.transport,
                                core_rooms::SubscriptionFailed{
                                    .transport = up(e.transport),
                                    .track = up(e.track),
                                    .error = core_rooms::SubscriptionError::CodecUnsupported});
          },
          [&](sfu::StreamPaused& e) { return of_transport(e.transport, up(e)); },
          [&](sfu::AudioLevels& e) { return of_room(e.room, up(e)); },
          [&](sfu::QualityReport& e) { return of_room(e.room, up(e)); },
          [&](sfu::RoomSample& e) { return of_room(e.room, up(e)); },
      },
      event);
}

}  // namespace vis::media_io
