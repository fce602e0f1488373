#include "core/rooms/connecting.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace vis::core::rooms {

bool syncs_streams(const RoomState& room, const Participant& subscriber) {
  return room.options.sync_streams && subscriber.traits.sync_streams;
}

void Connecting::open(Participant& participant) {
  const auto make = [&](TransportRole role) {
    return TransportSet::Transport{.id = room_.shared.next_transport(), .role = role};
  };
  std::vector<TransportSet::Transport> transports;
  if (participant.viewer) {
    transports.push_back(make(TransportRole::Player));
  } else if (participant.single_transport) {
    transports.push_back(make(TransportRole::Single));
  } else {
    transports.push_back(make(TransportRole::Publisher));
    transports.push_back(make(TransportRole::Subscriber));
    if (participant.subscriber_primary) std::ranges::reverse(transports);
  }
  participant.transports.open(std::move(transports));
  for (const TransportSet::Transport& transport : participant.transports.all()) {
    room_.roster.add_transport(transport.id, participant);
    room_.command(OpenTransport{spec(participant, transport)});
  }
}

TransportSpec Connecting::spec(const Participant& participant,
                               const TransportSet::Transport& transport) {
  const ClientTraits& traits = participant.traits;
  return {.id = transport.id,
          .participant = participant.sid(),
          .role = transport.role,
          .ice_lite = room_.shared.defaults.ice_lite && traits.ice_lite && !participant.full_ice,
          .reuse_sections = traits.reuse_sections && !syncs_streams(room_, participant),
          .keep_one_codec = traits.keep_one_codec,
          .reached_at = participant.reached_at,
          .denied_publish_codecs = traits.denied_publish_codecs,
          .min_playout_delay_ms = room_.options.min_playout_delay_ms,
          .max_playout_delay_ms = room_.options.max_playout_delay_ms};
}

void Connecting::offer_downlink(Participant& participant) {
  if (!participant.transports.is_open()) return;
  TransportSet::Transport& downlink = participant.transports.downlink();
  if (downlink.role != TransportRole::Subscriber || downlink.offered) return;
  downlink.offered = true;
  room_.command(StartOffer{downlink.id});
}

void Connecting::restart(Participant& participant) {
  const TransportSet::Transport& downlink = participant.transports.downlink();
  if (downlink.offered) room_.command(RestartIce{downlink.id});
}

void Connecting::close(Participant& participant) {
  for (const TransportSet::Transport& transport : participant.transports.all()) {
    room_.command(CloseTransport{transport.id});
  }
}

void Connecting::apply_offer(const Participant& participant, std::string sdp,
                             std::uint32_t offer_id) {
  if (!participant.transports.is_open()) return;
  room_.command(ApplyOffer{.transport = participant.transports.uplink().id,
                           .sdp = std::move(sdp),
                           .offer_id = offer_id});
}

void Connecting::apply_answer(Participant& participant, std::string sdp) {
  if (!participant.transports.is_open()) return;
  const TransportSet::Transport& downlink = participant.transports.downlink();
  if (!downlink.offered) return;
  room_.command(ApplyAnswer{.transport = downlink.id, .sdp = std::move(sdp)});
}

void Connecting::add_candidate(const Participant& participant, TransportRole role,
                               std::string candidate) {
  for (const TransportSet::Transport& transport : participant.transports.all()) {
    // With one transport there is nothing to choose: clients name it Publisher.
    if (transport.role != role && participant.transports.all().size() > 1) continue;
    room_.command(AddCandidate{.transport = transport.id, .candidate = std::move(candidate)});
    return;
  }
}

void Connecting::on_description(Participant& participant, LocalDescription description) {
  const TransportRole role = participant.transports.find(description.transport)->role;
  room_.outbox().tell(participant.observer,
                      [role, description = std::move(description)](SessionObserver& observer) {
                        observer.on_description(role, description);
                      });
}

void Connecting::on_candidate(Participant& participant, LocalCandidate candidate) {
  const TransportRole role = participant.transports.find(candidate.transport)->role;
  room_.outbox().tell(participant.observer,
                      [role, candidate = std::move(candidate)](SessionObserver& observer) {
                        observer.on_candidate(role, candidate);
                      });
}

void Connecting::on_sections_needed(const Participant& participant, const SectionsNeeded& needed) {
  room_.outbox().tell(participant.observer, [needed](SessionObserver& observer) {
    observer.on_sections_needed(needed.audios, needed.videos);
  });
}

}  // namespace vis::core::rooms
