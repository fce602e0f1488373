#include "core/rooms/demand.hpp"

#include <utility>

namespace vis::core::rooms {
namespace {

bool has_demand(const Publication& publication) {
  return publication.bound && publication.info.kind == TrackKind::Video;
}

}  // namespace

void Demand::update(Publication& publication) {
  if (!has_demand(publication)) return;
  const auto first = publication.demand.want(publication.wanted.highest());
  const auto backup = publication.backup_demand.want(publication.backup_wanted.highest());
  if (first || backup) tell(publication);
}

void Demand::on_tick(Now now) {
  for (const auto& publisher : room_.roster.all()) {
    for (const auto& publication : publisher->publications.all()) {
      if (!has_demand(*publication)) continue;
      const auto first = publication->demand.on_tick(now.monotonic);
      const auto backup = publication->backup_demand.on_tick(now.monotonic);
      if (first || backup) tell(*publication);
    }
  }
}

void Demand::retell(const Participant& publisher) {
  for (const auto& publication : publisher.publications.all()) {
    if (has_demand(*publication)) tell(*publication);
  }
}

Demand::Change::Change(Publication& publication, const Subscription& subscription)
    : publication_(publication), subscription_(subscription) {
  if (counts()) of_codec().remove(subscription_.target.quality);
}

Demand::Change::~Change() {
  if (counts()) of_codec().add(subscription_.target.quality);
}

bool Demand::Change::counts() const {
  return subscription_.live() && !subscription_.target.disabled;
}

QualityCounts& Demand::Change::of_codec() const {
  return subscription_.backup ? publication_.backup_wanted : publication_.wanted;
}

void Demand::tell(const Publication& publication) {
  const TrackInfo& track = publication.info;
  const VideoQuality first = publication.demand.told();
  WantedQuality wanted{.track = track.sid, .codecs = {}, .highest = first};
  for (const TrackCodec& codec : track.codecs) {
    VideoQuality highest = VideoQuality::Off;
    if (&codec == &track.codecs.front()) highest = first;
    if (&codec == track.backup_codec()) highest = publication.backup_demand.told();
    // A codec that is not published yet is started by being named.
    const bool asked = &codec == track.backup_codec() && highest != VideoQuality::Off;
    if (codec.mid.empty() && !asked) continue;
    wanted.codecs.push_back({.mime_type = codec.mime_type, .highest = highest});
  }
  room_.outbox().tell(publication.publisher.observer,
                      [wanted = std::move(wanted)](SessionObserver& observer) {
                        observer.on_wanted_quality(wanted);
                      });
}

}  // namespace vis::core::rooms
