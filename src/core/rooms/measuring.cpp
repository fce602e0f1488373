#include "core/rooms/measuring.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

namespace vis::core::rooms {
namespace {

/// How much a count has risen; all of it when its stream began anew.
std::uint64_t rise(std::uint64_t before, std::uint64_t now) {
  return now >= before ? now - before : now;
}

std::uint64_t milliseconds_of(Duration duration) {
  using std::chrono::duration_cast;
  const auto length = duration_cast<std::chrono::milliseconds>(duration).count();
  return static_cast<std::uint64_t>(std::max<std::int64_t>(length, 1));
}

std::uint16_t kbps(std::uint64_t bytes, Duration during) {
  return saturated(bytes * 8 / milliseconds_of(during));
}

std::uint16_t per_second(std::uint64_t count, Duration during) {
  const std::uint64_t length = milliseconds_of(during);
  return saturated((count * 1000 + length / 2) / length);
}

std::uint16_t permille(std::uint64_t lost, std::uint64_t arrived) {
  return lost == 0 ? std::uint16_t{0} : saturated(lost * 1000 / (lost + arrived));
}

std::uint32_t seconds_of(WallTime at) { return static_cast<std::uint32_t>(unix_s(at)); }

}  // namespace

QualityCause cause_of(const LinkPoint& point, ConnectionQuality quality) {
  if (quality == ConnectionQuality::Excellent) return QualityCause::None;
  if (quality == ConnectionQuality::Lost) return QualityCause::Disconnected;
  // Each by itself: what would the score be if nothing else were wrong?
  const auto alone = [](ConnectionScore::Sample sample) { return rate(sample); };
  const double shortage = point.granted_kbps < point.wanted_kbps
                              ? 1 - double{1} * point.granted_kbps / point.wanted_kbps
                              : 0;
  const std::array scores{
      std::pair{alone({.shortage = shortage}), QualityCause::Bandwidth},
      std::pair{alone({.loss = point.uplink_loss_permille / 1000.0}), QualityCause::UplinkLoss},
      std::pair{alone({.loss = point.downlink_loss_permille / 1000.0}), QualityCause::DownlinkLoss},
      std::pair{alone({.round_trip_ms = point.round_trip_ms}), QualityCause::RoundTrip},
      std::pair{alone({.jitter_ms = point.jitter_ms}), QualityCause::Jitter}};
  const auto worst =
      std::ranges::min_element(scores, {}, [](const auto& each) { return each.first; });
  // The score recovers slowly: it may be low although nothing is wrong any more.
  return worst->first < rate({}) ? worst->second : QualityCause::None;
}

void Measuring::on_sample(Now now, const MediaSample& sample) {
  ArrivedFrom arrived_from;
  for (const MediaSample::Layer& layer : sample.layers) {
    Publication* const publication = room_.roster.find_track(layer.track);
    if (publication == nullptr || layer.index >= kMeasuredLayers) continue;
    const Arrived arrived = measure(now, *publication, layer);
    Arrived& sum = arrived_from[&publication->publisher];
    sum.packets += arrived.packets;
    sum.bytes += arrived.bytes;
    sum.lost += arrived.lost;
    sum.jitter_ms = std::max(sum.jitter_ms, arrived.jitter_ms);
  }
  for (const MediaSample::Transport& transport : sample.transports) {
    Participant* const participant = room_.roster.find_transport(transport.transport);
    if (participant == nullptr) continue;
    if (participant->transports.downlink().id == transport.transport) {
      participant->link.downlink.second = transport;
      participant->link.subscriptions.clear();
    }
  }
  for (const MediaSample::Subscription& subscription : sample.subscriptions) {
    Participant* const participant = room_.roster.find_transport(subscription.transport);
    if (participant != nullptr) participant->link.subscriptions.push_back(subscription);
  }
  for (const MediaSample::Transport& transport : sample.transports) {
    Participant* const participant = room_.roster.find_transport(transport.transport);
    if (participant == nullptr) continue;
    if (participant->transports.uplink().id != transport.transport) continue;
    measure(now, *participant, arrived_from[participant]);
  }
}

Measuring::Arrived Measuring::measure(Now now, Publication& publication,
                                      const MediaSample::Layer& layer) {
  TrackMeasurements& layers = publication.measurements;
  if (layers.size() <= layer.index) layers.resize(layer.index + std::size_t{1});
  LayerMeasurements& measured = layers[layer.index];
  const MediaSample::Layer before = std::exchange(measured.last, layer);
  const Arrived arrived{.packets = rise(before.packets, layer.packets),
                        .bytes = rise(before.bytes, layer.bytes),
                        .lost = rise(before.lost, layer.lost),
                        .jitter_ms = layer.active ? layer.jitter_ms : 0};
  const auto since = std::exchange(measured.measured_at, now.monotonic);
  if (!since) return arrived;
  const Duration during = now.monotonic - *since;
  measured.latest = {.at_s = seconds_of(now.wall),
                     .kbps = kbps(arrived.bytes, during),
                     .frames_per_second = per_second(rise(before.frames, layer.frames), during),
                     .loss_permille = permille(arrived.lost, arrived.packets),
                     .jitter_ms = saturated(arrived.jitter_ms)};
  measured.series.add(room_.shared.series, measured.latest);
  return arrived;
}

void Measuring::measure(Now now, Participant& participant, const Arrived& arrived) {
  LinkMeasurements& link = participant.link;
  link.received_packets += arrived.packets;
  link.received_lost += arrived.lost;
  const std::uint64_t sent = rise(link.downlink.first.bytes, link.downlink.second.bytes);
  link.downlink.first = link.downlink.second;
  const MediaSample::Transport& downlink = link.downlink.second;
  const auto since = std::exchange(link.measured_at, now.monotonic);
  if (!since) return;
  const Duration during = now.monotonic - *since;
  link.latest = {.at_s = seconds_of(now.wall),
                 .received_kbps = kbps(arrived.bytes, during),
                 .sent_kbps = kbps(sent, during),
                 .available_kbps = saturated(downlink.available_kbps),
                 .wanted_kbps = saturated(downlink.wanted_kbps),
                 .granted_kbps = saturated(downlink.granted_kbps),
                 .round_trip_ms = saturated(downlink.round_trip_ms),
                 .jitter_ms = saturated(arrived.jitter_ms),
                 .uplink_loss_permille = permille(arrived.lost, arrived.packets),
                 .downlink_loss_permille = saturated(downlink.loss * 1000),
                 .score = saturated(participant.connection.score())};
  link.series.add(room_.shared.series, link.latest);
}

// ---- reports ----

RoomReport Measuring::report() const {
  RoomReport report{.info = room_.info(), .participants = {}};
  for (const auto& participant : room_.roster.all()) {
    report.participants.push_back(this->report(*participant, Detail::Latest));
  }
  return report;
}

ParticipantReport Measuring::report(const Participant& participant, Detail detail) const {
  const LinkMeasurements& link = participant.link;
  const bool series = detail == Detail::Series;
  const ConnectionQuality quality =
      participant.quality ? participant.quality->quality : ConnectionQuality::Excellent;
  ParticipantReport report{.info = participant.info(),
                           .connected = participant.active() && participant.transports.connected(),
                           .way = link.downlink.second.way,
                           .quality = quality,
                           .cause = cause_of(link.latest, quality),
                           .latest = link.latest,
                           .points = {},
                           .received_packets = link.received_packets,
                           .received_lost = link.received_lost,
                           .sent_packets = link.downlink.second.packets,
                           .retransmitted_packets = link.downlink.second.retransmitted,
                           .tracks = {},
                           .subscriptions = {}};
  if (series) report.points = link.series.points();
  for (const auto& publication : participant.publications.all()) {
    if (!publication->bound) continue;
    TrackReport track{.info = publication->info, .layers = {}};
    for (const LayerMeasurements& layer : publication->measurements) {
      if (!layer.measured_at) continue;
      track.layers.push_back({.counts = layer.last, .latest = layer.latest, .points = {}});
      if (series) track.layers.back().points = layer.series.points();
    }
    report.tracks.push_back(std::move(track));
  }
  for (const MediaSample::Subscription& counts : link.subscriptions) {
    const Publication* const publication = room_.roster.find_track(counts.track);
    if (publication == nullptr) continue;
    report.subscriptions.push_back(
        {.counts = counts, .publisher = publication->publisher.identity()});
  }
  return report;
}

}  // namespace vis::core::rooms
