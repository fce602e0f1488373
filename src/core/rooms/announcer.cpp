#include "core/rooms/announcer.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace vis::core::rooms {
namespace {

bool is_due(const std::optional<TimePoint>& last, TimePoint now, Duration interval) {
  return !last || now - *last >= interval;
}

Outbox::Notice participants_notice(std::vector<ParticipantInfo> changed) {
  return [changed = std::move(changed)](SessionObserver& observer) {
    observer.on_participants(changed);
  };
}

}  // namespace

void Announcer::tell_all(Outbox::Notice notice) {
  room_.outbox().tell(observers(), std::move(notice));
}

void Announcer::announce(const Participant& participant, Audience audience) {
  std::vector<SessionObserver*> to;
  if (participant.visible()) {
    to = observers(audience == Audience::Others ? &participant : nullptr);
    std::erase(batch_, participant.sid());
  } else if (audience == Audience::Everybody) {
    to.push_back(participant.observer);
  }
  room_.outbox().tell(std::move(to), participants_notice({participant.info()}));
}

void Announcer::announce_soon(Now now, const Participant& participant) {
  if (participant.publications.any_bound()) {
    announce(participant, Audience::Others);
    return;
  }
  if (!participant.visible()) return;
  if (std::ranges::find(batch_, participant.sid()) == batch_.end()) {
    batch_.push_back(participant.sid());
  }
  if (is_due(flushed_at_, now.monotonic, kBatchInterval)) flush(now);
}

void Announcer::announce_departure(const ParticipantInfo& departed) {
  std::erase(batch_, departed.sid);
  room_.outbox().tell(observers(), participants_notice({departed}));
}

void Announcer::room_changed() {
  counts_changed_ = false;
  tell_all([info = room_.info()](SessionObserver& observer) { observer.on_room(info); });
}

void Announcer::on_tick(Now now) {
  if (!batch_.empty() && is_due(flushed_at_, now.monotonic, kBatchInterval)) flush(now);
  if (counts_changed_ && is_due(counts_told_at_, now.monotonic, kRoomInterval)) {
    counts_told_at_ = now.monotonic;
    room_changed();
  }
}

std::vector<SessionObserver*> Announcer::observers(const Participant* except) const {
  std::vector<SessionObserver*> all;
  all.reserve(room_.roster.all().size());
  for (const auto& participant : room_.roster.all()) {
    if (participant.get() != except) all.push_back(participant->observer);
  }
  return all;
}

void Announcer::flush(Now now) {
  flushed_at_ = now.monotonic;
  std::vector<ParticipantInfo> changed;
  for (const ParticipantSid& sid : std::exchange(batch_, {})) {
    const Participant* participant = room_.roster.find(sid);
    if (participant != nullptr && participant->visible()) changed.push_back(participant->info());
  }
  if (!changed.empty()) tell_all(participants_notice(std::move(changed)));
}

}  // namespace vis::core::rooms
