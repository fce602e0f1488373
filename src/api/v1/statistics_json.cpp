#include "api/v1/statistics_json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <string_view>
#include <utility>

#include "api/v1/timestamp.hpp"

namespace vis::api::v1 {
namespace {

namespace json = boost::json;
namespace rooms = core::rooms;

std::string_view name_of(rooms::ParticipantState state) {
  switch (state) {
    case rooms::ParticipantState::Joining: return "joining";
    case rooms::ParticipantState::Joined: return "joined";
    case rooms::ParticipantState::Active: return "active";
    case rooms::ParticipantState::Disconnected: return "disconnected";
  }
  std::unreachable();
}

std::string_view name_of(rooms::ConnectionQuality quality) {
  switch (quality) {
    case rooms::ConnectionQuality::Poor: return "poor";
    case rooms::ConnectionQuality::Good: return "good";
    case rooms::ConnectionQuality::Excellent: return "excellent";
    case rooms::ConnectionQuality::Lost: return "lost";
  }
  std::unreachable();
}

json::value name_of(rooms::QualityCause cause) {
  switch (cause) {
    case rooms::QualityCause::None: return nullptr;
    case rooms::QualityCause::Disconnected: return "disconnected";
    case rooms::QualityCause::Bandwidth: return "bandwidth";
    case rooms::QualityCause::UplinkLoss: return "uplink_loss";
    case rooms::QualityCause::DownlinkLoss: return "downlink_loss";
    case rooms::QualityCause::RoundTrip: return "round_trip";
    case rooms::QualityCause::Jitter: return "jitter";
  }
  std::unreachable();
}

std::string_view name_of(rooms::MediaSample::Way way) {
  switch (way) {
    case rooms::MediaSample::Way::Udp: return "udp";
    case rooms::MediaSample::Way::Tcp: return "tcp";
    case rooms::MediaSample::Way::Turn: return "turn";
  }
  std::unreachable();
}

std::string_view name_of(rooms::TrackSource source) {
  switch (source) {
    case rooms::TrackSource::Unknown: return "unknown";
    case rooms::TrackSource::Camera: return "camera";
    case rooms::TrackSource::Microphone: return "microphone";
    case rooms::TrackSource::ScreenShare: return "screen_share";
    case rooms::TrackSource::ScreenShareAudio: return "screen_share_audio";
  }
  std::unreachable();
}

/// Null for 0, which stands for what is not known.
json::value known(std::uint16_t value) {
  if (value == 0) return nullptr;
  return value;
}

double share(std::uint16_t permille) { return permille / 1000.0; }

/// One column of a series: what `read` takes of each point.
template <typename Point, typename Read>
json::array column(const std::vector<Point>& points, Read read) {
  json::array values;
  values.reserve(points.size());
  for (const Point& point : points) values.emplace_back(read(point));
  return values;
}

json::object series(const std::vector<rooms::LinkPoint>& points) {
  using Point = rooms::LinkPoint;
  return {
      {"at", column(points, [](const Point& p) { return p.at_s; })},
      {"received_kbps", column(points, [](const Point& p) { return p.received_kbps; })},
      {"sent_kbps", column(points, [](const Point& p) { return p.sent_kbps; })},
      {"available_kbps", column(points, [](const Point& p) { return known(p.available_kbps); })},
      {"wanted_kbps", column(points, [](const Point& p) { return p.wanted_kbps; })},
      {"granted_kbps", column(points, [](const Point& p) { return p.granted_kbps; })},
      {"round_trip_ms", column(points, [](const Point& p) { return known(p.round_trip_ms); })},
      {"jitter_ms", column(points, [](const Point& p) { return p.jitter_ms; })},
      {"uplink_loss", column(points, [](const Point& p) { return share(p.uplink_loss_permille); })},
      {"downlink_loss",
       column(points, [](const Point& p) { return share(p.downlink_loss_permille); })},
      {"score", column(points, [](const Point& p) { return p.score; })}};
}

json::object series(const std::vector<rooms::LayerPoint>& points) {
  using Point = rooms::LayerPoint;
  return {{"at", column(points, [](const Point& p) { return p.at_s; })},
          {"kbps", column(points, [](const Point& p) { return p.kbps; })},
          {"frames_per_second", column(points, [](const Point& p) { return p.frames_per_second; })},
          {"loss", column(points, [](const Point& p) { return share(p.loss_permille); })},
          {"jitter_ms", column(points, [](const Point& p) { return p.jitter_ms; })}};
}

json::object to_json(const rooms::LayerReport& layer, WithSeries with_series) {
  json::object object{{"index", layer.counts.index},
                      {"active", layer.counts.active},
                      {"kbps", layer.latest.kbps},
                      {"frames_per_second", layer.latest.frames_per_second},
                      {"loss", share(layer.latest.loss_permille)},
                      {"jitter_ms", layer.latest.jitter_ms},
                      {"packets", layer.counts.packets},
                      {"bytes", layer.counts.bytes},
                      {"packets_lost", layer.counts.lost},
                      {"frames", layer.counts.frames},
                      {"key_frames", layer.counts.key_frames},
                      {"nacks", layer.counts.nacks},
                      {"key_frame_requests", layer.counts.key_frame_requests}};
  if (with_series == WithSeries::Yes) object["series"] = series(layer.points);
  return object;
}

json::object to_json(const rooms::TrackReport& track, WithSeries with_series) {
  json::array layers;
  for (const rooms::LayerReport& layer : track.layers) {
    layers.emplace_back(to_json(layer, with_series));
  }
  return {{"sid", track.info.sid.str()},
          {"kind", track.info.kind == rooms::TrackKind::Audio ? "audio" : "video"},
          {"source", name_of(track.info.source)},
          {"name", track.info.name},
          {"codec", track.info.mime_type},
          {"muted", track.info.muted},
          {"simulcast", track.info.simulcast},
          {"width", track.info.width},
          {"height", track.info.height},
          {"layers", std::move(layers)}};
}

json::object to_json(const rooms::SubscriptionReport& subscription) {
  const rooms::MediaSample::Subscription& counts = subscription.counts;
  return {{"track", counts.track.str()},
          {"publisher", subscription.publisher},
          {"layer", counts.layer ? json::value(*counts.layer) : json::value(nullptr)},
          {"packets", counts.packets},
          {"bytes", counts.bytes},
          {"packets_retransmitted", counts.retransmitted},
          {"nacks", counts.nacks},
          {"key_frame_requests", counts.key_frame_requests},
          {"loss", counts.loss}};
}

}  // namespace

json::object room_summary(const rooms::RoomReport& report) {
  std::uint64_t received = 0;
  std::uint64_t sent = 0;
  for (const rooms::ParticipantReport& participant : report.participants) {
    received += participant.latest.received_kbps;
    sent += participant.latest.sent_kbps;
  }
  return {{"sid", report.info.sid.str()},
          {"name", report.info.name},
          {"created_at", timestamp(report.info.created_at)},
          {"participant_count", report.info.participants},
          {"publisher_count", report.info.publishers},
          {"received_kbps", received},
          {"sent_kbps", sent}};
}

json::object to_json(const rooms::RoomReport& report) {
  json::object object = room_summary(report);
  json::array participants;
  for (const rooms::ParticipantReport& participant : report.participants) {
    participants.emplace_back(to_json(participant, WithSeries::No));
  }
  object["participants"] = std::move(participants);
  return object;
}

json::object to_json(const rooms::ParticipantReport& report, WithSeries with_series) {
  json::array tracks;
  for (const rooms::TrackReport& track : report.tracks) {
    tracks.emplace_back(to_json(track, with_series));
  }
  json::array subscriptions;
  for (const rooms::SubscriptionReport& each : report.subscriptions) {
    subscriptions.emplace_back(to_json(each));
  }
  const rooms::LinkPoint& latest = report.latest;
  json::object object{{"sid", report.info.sid.str()},
                      {"identity", report.info.identity},
                      {"name", report.info.name},
                      {"state", name_of(report.info.state)},
                      {"joined_at", timestamp(report.info.joined_at)},
                      {"connected", report.connected},
                      {"quality", name_of(report.quality)},
                      {"cause", name_of(report.cause)},
                      {"score", latest.score},
                      {"transport", report.way ? json::value(name_of(*report.way)) : nullptr},
                      {"received_kbps", latest.received_kbps},
                      {"sent_kbps", latest.sent_kbps},
                      {"available_kbps", known(latest.available_kbps)},
                      {"wanted_kbps", latest.wanted_kbps},
                      {"granted_kbps", latest.granted_kbps},
                      {"round_trip_ms", known(latest.round_trip_ms)},
                      {"jitter_ms", latest.jitter_ms},
                      {"uplink_loss", share(latest.uplink_loss_permille)},
                      {"downlink_loss", share(latest.downlink_loss_permille)},
                      {"packets_received", report.received_packets},
                      {"packets_lost", report.received_lost},
                      {"packets_sent", report.sent_packets},
                      {"packets_retransmitted", report.retransmitted_packets},
                      {"tracks", std::move(tracks)},
                      {"subscriptions", std::move(subscriptions)}};
  if (with_series == WithSeries::Yes) object["series"] = series(report.points);
  return object;
}

json::object to_json(const std::vector<WorkerLoad>& loads) {
  using Point = WorkerLoad::Point;
  json::array workers;
  for (const WorkerLoad& load : loads) {
    const Point latest = load.points.empty() ? Point{} : load.points.back();
    workers.push_back(json::object{
        {"index", load.index},
        {"port", load.port},
        {"segmentation_offload", load.segmentation_offload},
        {"cpu_share", latest.cpu_share},
        {"packets_in_per_s", latest.packets_in_per_s},
        {"packets_out_per_s", latest.packets_out_per_s},
        {"queued", latest.queued},
        {"series",
         {{"at", column(load.points, [](const Point& p) { return unix_s(p.at); })},
          {"cpu_share", column(load.points, [](const Point& p) { return p.cpu_share; })},
          {"packets_in_per_s",
           column(load.points, [](const Point& p) { return p.packets_in_per_s; })},
          {"packets_out_per_s",
           column(load.points, [](const Point& p) { return p.packets_out_per_s; })},
          {"queued", column(load.points, [](const Point& p) { return p.queued; })}}}});
  }
  return {{"workers", std::move(workers)}};
}

}  // namespace vis::api::v1
