#include "core/rooms/viewing.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <span>
#include <utility>

namespace vis::core::rooms {
namespace {

/// Best first. A shared screen is what people look at when there is one.
constexpr std::array kVideoOrder{TrackSource::ScreenShare, TrackSource::Camera,
                                 TrackSource::Unknown};
constexpr std::array kAudioOrder{TrackSource::Microphone, TrackSource::ScreenShareAudio,
                                 TrackSource::Unknown};

bool is_shown(const Participant& participant) {
  return participant.visible() && participant.publications.any_bound();
}

bool has_video(const Participant& participant) {
  return std::ranges::any_of(participant.publications.all(), [](const auto& each) {
    return each->bound && each->info.kind == TrackKind::Video;
  });
}

void add_tracks(const Participant& shown, TrackKind kind, std::size_t limit,
                std::vector<TrackSid>& tracks) {
  const std::size_t end = tracks.size() + limit;
  for (const TrackSource source : kind == TrackKind::Video ? kVideoOrder : kAudioOrder) {
    for (const auto& publication : shown.publications.all()) {
      const TrackInfo& track = publication->info;
      if (!publication->bound || track.kind != kind || track.source != source) continue;
      if (tracks.size() < end) tracks.push_back(track.sid);
    }
  }
}

bool has(std::span<const TrackSid> tracks, const TrackSid& track) {
  return std::ranges::find(tracks, track) != tracks.end();
}

}  // namespace

const Participant* Viewing::shown_to(const ViewerOptions& viewer,
                                     const ParticipantSid& speaker) const {
  const Participant* const shown = viewer.participant.empty()
                                       ? room_.roster.find(speaker)
                                       : room_.roster.find_identity(viewer.participant);
  return shown != nullptr && is_shown(*shown) ? shown : nullptr;
}

bool Viewing::has_something_for(const ViewerOptions& viewer) const {
  if (!viewer.participant.empty()) return shown_to(viewer, {}) != nullptr;
  return std::ranges::any_of(room_.roster.all(), [](const auto& each) { return is_shown(*each); });
}

const ParticipantSid& Viewing::speaker(Now now) {
  std::vector<SpeakerChoice::Candidate> candidates;
  for (const auto& each : room_.roster.all()) {
    if (!is_shown(*each)) continue;
    candidates.push_back({.participant = each->sid(),
                          .speaking = each->speaker.active,
                          .level = each->speaker.level,
                          .has_video = has_video(*each)});
  }
  return choice_.choose(now.monotonic, candidates);
}

void Viewing::update(Now now, Participant& viewer) {
  show(now, viewer, shown_to(viewer.viewer->options, speaker(now)));
}

void Viewing::on_tick(Now now) {
  const auto& people = room_.roster.all();
  const auto is_viewer = [](const auto& each) { return each->viewer.has_value(); };
  if (std::ranges::none_of(people, is_viewer)) return;
  const ParticipantSid speaking = speaker(now);
  for (const auto& each : people) {
    if (each->viewer) show(now, *each, shown_to(each->viewer->options, speaking));
  }
}

void Viewing::show(Now now, Participant& viewer, const Participant* shown) {
  const ViewerOptions& options = viewer.viewer->options;
  std::vector<TrackSid> tracks;
  if (shown != nullptr) {
    add_tracks(*shown, TrackKind::Audio, options.audios, tracks);
    add_tracks(*shown, TrackKind::Video, options.videos, tracks);
  }
  std::vector<TrackSid>& before = viewer.viewer->tracks;
  if (tracks == before) return;
  std::vector<TrackSid> ended;
  std::ranges::copy_if(before, std::back_inserter(ended),
                       [&](const TrackSid& each) { return !has(tracks, each); });
  std::vector<TrackSid> begun;
  std::ranges::copy_if(tracks, std::back_inserter(begun),
                       [&](const TrackSid& each) { return !has(before, each); });
  before = std::move(tracks);
  // The sections must be free before others can use them.
  subscribing_.set_subscribed(now, viewer, ended, false);
  subscribing_.set_settings(viewer, begun, {.quality = options.quality});
  subscribing_.set_subscribed(now, viewer, begun, true);
}

void Viewing::set_quality(Participant& viewer, VideoQuality quality) {
  viewer.viewer->options.quality = quality;
  subscribing_.set_settings(viewer, viewer.viewer->tracks, {.quality = quality});
}

}  // namespace vis::core::rooms
