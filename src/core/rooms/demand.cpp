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
  if (publication.demand.want(publication.wanted.highest())) tell(publication);
}

void Demand::on_tick(Now now) {
  for (const auto& publisher : room_.roster.all()) {
    for (const auto& publication : publisher->publications.all()) {
      if (!has_demand(*publication)) continue;
      if (publication->demand.on_tick(now.monotonic)) tell(*publication);
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
  if (counts()) publication_.wanted.remove(subscription_.target.quality);
}

Demand::Change::~Change() {
  if (counts()) publication_.wanted.add(subscription_.target.quality);
}

bool Demand::Change::counts() const {
  return subscription_.live() && !subscription_.target.disabled;
}

void Demand::tell(const Publication& publication) {
  WantedQuality wanted{.track = publication.info.sid, .highest = publication.demand.told()};
  for (const TrackCodec& codec : publication.info.codecs) {
    // A codec that is not published yet would be started by being named.
    if (!codec.mid.empty()) wanted.codecs.push_back(codec);
  }
  room_.outbox().tell(publication.publisher.observer,
                      [wanted = std::move(wanted)](SessionObserver& observer) {
                        observer.on_wanted_quality(wanted);
                      });
}

}  // namespace vis::core::rooms
