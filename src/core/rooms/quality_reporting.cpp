#include "core/rooms/quality_reporting.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "core/rooms/connection_score.hpp"

namespace vis::core::rooms {
namespace {

/// A participant is as well connected as the worse of its transports.
void merge(ConnectionScore::Sample& sample, const TransportQuality& transport) {
  sample.receiving = sample.receiving || transport.receiving;
  sample.loss = std::max({sample.loss, transport.uplink_loss, transport.downlink_loss});
  sample.round_trip_ms = std::max(sample.round_trip_ms, transport.round_trip_ms);
  sample.jitter_ms = std::max(sample.jitter_ms, transport.jitter_ms);
  sample.shortage = std::max(sample.shortage, transport.shortage);
}

/// Whether the grade differs from what was told.
bool regrade(Participant& participant, const ConnectionScore::Sample& sample) {
  participant.connection.add(sample);
  const ConnectionQuality grade = participant.connection.quality();
  const bool changed = !participant.quality || participant.quality->quality != grade;
  participant.quality = QualityUpdate{
      .participant = participant.sid(), .quality = grade, .score = participant.connection.score()};
  return changed;
}

bool receives_from(const Participant& listener, const Participant& publisher) {
  return &listener == &publisher ||
         std::ranges::any_of(publisher.publications.all(), [&](const auto& publication) {
           return listener.subscriptions.is_bound(publication->info.sid);
         });
}

}  // namespace

void QualityReporting::on_report(const QualityReport& report) {
  std::unordered_map<const Participant*, ConnectionScore::Sample> samples;
  for (const TransportQuality& transport : report.transports) {
    const Participant* participant = room_.roster.find_transport(transport.transport);
    if (participant != nullptr) merge(samples[participant], transport);
  }

  std::vector<const Participant*> changed;
  for (const auto& participant : room_.roster.all()) {
    const auto sample = samples.find(participant.get());
    if (!participant->active() || sample == samples.end()) continue;
    sample->second.connected = participant->transports.connected();
    if (regrade(*participant, sample->second)) changed.push_back(participant.get());
  }
  if (!changed.empty()) tell(changed);
}

void QualityReporting::tell(const std::vector<const Participant*>& changed) {
  for (const auto& listener : room_.roster.all()) {
    std::vector<QualityUpdate> updates;
    for (const Participant* participant : changed) {
      if (receives_from(*listener, *participant)) updates.push_back(*participant->quality);
    }
    if (updates.empty()) continue;
    room_.outbox().tell(listener->observer,
                        [updates = std::move(updates)](SessionObserver& observer) {
                          observer.on_quality(updates);
                        });
  }
}

void QualityReporting::retell(const Participant& listener) {
  std::vector<QualityUpdate> updates;
  for (const auto& participant : room_.roster.all()) {
    if (participant->quality && receives_from(listener, *participant)) {
      updates.push_back(*participant->quality);
    }
  }
  if (updates.empty()) return;
  room_.outbox().tell(listener.observer, [updates = std::move(updates)](SessionObserver& observer) {
    observer.on_quality(updates);
  });
}

}  // namespace vis::core::rooms
