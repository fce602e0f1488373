#include "core/rooms/speaking.hpp"

#include <algorithm>
#include <utility>

namespace vis::core::rooms {
namespace {

bool is_microphone(const Publication& publication) {
  return publication.bound && publication.info.source == TrackSource::Microphone;
}

/// The loudest of its microphones.
Speaker speaker_of(const Participant& participant) {
  Speaker speaker{.participant = participant.sid()};
  for (const auto& publication : participant.publications.all()) {
    if (!is_microphone(*publication)) continue;
    speaker.active = speaker.active || publication->speech.active();
    speaker.level = std::max(speaker.level, publication->speech.level());
  }
  return speaker;
}

bool hears(const Participant& listener, const Participant& speaker) {
  return &listener == &speaker ||
         std::ranges::any_of(speaker.publications.all(), [&](const auto& publication) {
           return is_microphone(*publication) &&
                  listener.subscriptions.is_bound(publication->info.sid);
         });
}

}  // namespace

void Speaking::on_levels(Now now, const AudioLevels& levels) {
  for (const AudioLevels::Level& level : levels.levels) {
    Publication* publication = room_.roster.find_track(level.track);
    if (publication == nullptr || !is_microphone(*publication) || publication->info.muted) continue;
    publication->speech.on_window(now.monotonic,
                                  {.dbov = level.dbov, .active_percent = level.active_percent});
  }
  tell_changes();
}

void Speaking::on_tick(Now now) {
  for (const auto& participant : room_.roster.all()) {
    for (const auto& publication : participant->publications.all()) {
      publication->speech.on_tick(now.monotonic);
    }
  }
  tell_changes();
}

void Speaking::tell_changes() {
  std::vector<Participant*> changed;
  for (const auto& participant : room_.roster.all()) {
    Speaker current = speaker_of(*participant);
    const bool same = current.active == participant->speaker.active &&
                      current.level == participant->speaker.level;
    if (same) continue;
    participant->speaker = std::move(current);
    changed.push_back(participant.get());
  }
  if (changed.empty()) return;

  for (const auto& listener : room_.roster.all()) {
    std::vector<Speaker> heard;
    for (const Participant* speaker : changed) {
      if (hears(*listener, *speaker)) heard.push_back(speaker->speaker);
    }
    if (heard.empty()) continue;
    room_.outbox().tell(listener->observer, [heard = std::move(heard)](SessionObserver& observer) {
      observer.on_speakers(heard);
    });
  }
}

void Speaking::retell(const Participant& listener) {
  std::vector<Speaker> heard;
  for (const auto& participant : room_.roster.all()) {
    if (participant->speaker.active && hears(listener, *participant)) {
      heard.push_back(participant->speaker);
    }
  }
  if (heard.empty()) return;
  room_.outbox().tell(listener.observer, [heard = std::move(heard)](SessionObserver& observer) {
    observer.on_speakers(heard);
  });
}

}  // namespace vis::core::rooms
