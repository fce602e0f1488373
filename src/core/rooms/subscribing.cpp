#include "core/rooms/subscribing.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "base/limits/core_rooms.hpp"
#include "core/rooms/layer_choice.hpp"

namespace vis::core::rooms {
namespace {

/// Whether the subscriber may be sent media at all, by its rights and by how far it has come.
bool may_receive(const Participant& subscriber) {
  const bool early = subscriber.state() == ParticipantState::Joined && subscriber.traits.fast_start;
  return subscriber.permissions().can_subscribe && (subscriber.active() || early);
}

/// Whether the subscriber can know of the track.
bool is_shown_to(const Participant& subscriber, const Publication& publication) {
  return publication.bound && publication.publisher.visible() &&
         &publication.publisher != &subscriber;
}

bool is_permitted(const Participant& subscriber, const Publication& publication) {
  return subscriber.permissions().recorder ||
         publication.publisher.rules.allows(
             {.participant = subscriber.sid(), .identity = subscriber.identity()},
             publication.info.sid);
}

LayerTarget target_for(const Participant& subscriber, const Publication& publication,
                       const Subscription& subscription) {
  const VideoQuality initial = subscriber.adaptive_stream ? VideoQuality::Low : VideoQuality::High;
  LayerTarget target = choose_layer(publication.info, subscription.settings, initial);
  const bool preferred = subscription.settings && subscription.settings->priority > 0;
  target.focus = preferred || subscription.largest;
  return target;
}

/// What a track takes of the subscriber's screen, as far as it has said.
std::uint64_t area_of(const Subscription& subscription) {
  if (!subscription.live() || !subscription.settings || subscription.settings->disabled) return 0;
  return std::uint64_t{subscription.settings->width} * subscription.settings->height;
}

bool is_heard(const Publication& publication) {
  return publication.info.source == TrackSource::Microphone && publication.publisher.speaker.active;
}

bool is_plain_name(std::string_view name) {
  constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
  return !name.empty() && name.find_first_not_of(kPlain) == std::string_view::npos;
}

}  // namespace

void Subscribing::reconcile_subscriber(Now now, Participant& subscriber) {
  bool changed = false;
  for (const auto& publisher : room_.roster.all()) {
    for (const auto& publication : publisher->publications.all()) {
      if (!reconcile(now, subscriber, *publication)) continue;
      parts_.demand.update(*publication);
      changed = true;
    }
  }
  if (changed) parts_.connecting.offer_downlink(subscriber);
}

void Subscribing::reconcile_publisher(Now now, Participant& publisher) {
  for (const auto& publication : publisher.publications.all()) reconcile_track(now, *publication);
}

void Subscribing::reconcile_track(Now now, Publication& publication) {
  for (const auto& subscriber : room_.roster.all()) {
    if (reconcile(now, *subscriber, publication)) parts_.connecting.offer_downlink(*subscriber);
  }
  parts_.demand.update(publication);
}

bool Subscribing::reconcile(Now now, Participant& subscriber, Publication& publication) {
  Subscriptions& subscriptions = subscriber.subscriptions;
  const TrackSid& track = publication.info.sid;
  if (!is_shown_to(subscriber, publication)) {
    if (!subscriptions.is_live(track)) return false;
    unsubscribe(subscriber, publication);
    return true;
  }

  Subscription& subscription = subscriptions.entry(track);
  if (subscriptions.searched().erase(track) > 0) subscription.asked = true;
  const bool wanted = may_receive(subscriber) && subscriptions.wants(subscription);
  const bool had = wanted && update_permission(subscriber, publication, subscription);
  if (had && subscription.state == Subscription::State::Idle) {
    subscribe(now, subscriber, publication);
    return true;
  }
  if (!had && subscription.live()) {
    unsubscribe(subscriber, publication);
    return true;
  }
  return false;
}

bool Subscribing::update_permission(const Participant& subscriber, const Publication& publication,
                                    Subscription& subscription) {
  const bool permitted = is_permitted(subscriber, publication);
  if (permitted == subscription.permitted) return permitted;
  subscription.permitted = permitted;
  room_.outbox().tell(subscriber.observer,
                      [publisher = publication.publisher.sid(), track = publication.info.sid,
                       permitted](SessionObserver& observer) {
                        observer.on_subscription_permission(publisher, track, permitted);
                      });
  return permitted;
}

void Subscribing::subscribe(Now now, Participant& subscriber, Publication& publication) {
  const TrackSid& track = publication.info.sid;
  Subscription& subscription = subscriber.subscriptions.entry(track);
  const Demand::Change change(publication, subscription);
  subscription.target = target_for(subscriber, publication, subscription);
  subscriber.subscriptions.set_requested(track, now.monotonic);
  command_subscribe(subscriber, publication, subscription);
}

void Subscribing::command_subscribe(Participant& subscriber, const Publication& publication,
                                    const Subscription& subscription) {
  room_.command(Subscribe{.transport = subscriber.transports.downlink().id,
                          .spec = {.track = publication.info.sid,
                                   .publisher = publication.publisher.sid(),
                                   .stream_id = stream_id(subscriber, publication),
                                   .target = subscription.target,
                                   .backup = subscription.backup}});
}

void Subscribing::backup_bound(Now now, Publication& publication) {
  for (const auto& subscriber : room_.roster.all()) {
    Subscription* const subscription = subscriber->subscriptions.find(publication.info.sid);
    const bool waits = subscription != nullptr && subscription->backup &&
                       subscription->state == Subscription::State::Requested;
    if (!waits) continue;
    subscriber->subscriptions.set_requested(publication.info.sid, now.monotonic);
    command_subscribe(*subscriber, publication, *subscription);
    parts_.connecting.offer_downlink(*subscriber);
  }
}

void Subscribing::unsubscribe(Participant& subscriber, Publication& publication) {
  const TrackSid& track = publication.info.sid;
  const Demand::Change change(publication, subscriber.subscriptions.entry(track));
  if (is_heard(publication) && subscriber.subscriptions.is_bound(track)) {
    const Speaker silent{.participant = publication.publisher.sid()};
    room_.outbox().tell(subscriber.observer, [silent](SessionObserver& observer) {
      observer.on_speakers(std::array{silent});
    });
  }
  subscriber.subscriptions.set_state(track, Subscription::State::Idle);
  room_.command(Unsubscribe{.transport = subscriber.transports.downlink().id, .track = track});
}

void Subscribing::retarget(Publication& publication) {
  for (const auto& subscriber : room_.roster.all()) apply_target(*subscriber, publication);
  parts_.demand.update(publication);
}

bool Subscribing::apply_target(Participant& subscriber, Publication& publication) {
  const TrackSid& track = publication.info.sid;
  Subscription* subscription = subscriber.subscriptions.find(track);
  if (subscription == nullptr || !subscription->live()) return false;
  const LayerTarget target = target_for(subscriber, publication, *subscription);
  if (target == subscription->target) return false;
  const Demand::Change change(publication, *subscription);
  subscription->target = target;
  room_.command(SetLayerTarget{
      .transport = subscriber.transports.downlink().id, .track = track, .target = target});
  return true;
}

void Subscribing::drop_track(Publication& publication) {
  const TrackSid& track = publication.info.sid;
  for (const auto& subscriber : room_.roster.all()) {
    if (subscriber->subscriptions.is_live(track)) unsubscribe(*subscriber, publication);
    subscriber->subscriptions.erase(track);
  }
}

void Subscribing::drop_subscriber(Participant& subscriber) {
  std::vector<TrackSid> live;
  for (const auto& [track, subscription] : subscriber.subscriptions.all()) {
    if (subscription.live()) live.push_back(track);
  }
  for (const TrackSid& track : live) {
    Publication* const publication = room_.roster.find_track(track);
    if (publication == nullptr) {
      subscriber.subscriptions.set_state(track, Subscription::State::Idle);
      continue;
    }
    {
      const Demand::Change change(*publication, subscriber.subscriptions.entry(track));
      subscriber.subscriptions.set_state(track, Subscription::State::Idle);
    }
    parts_.demand.update(*publication);
  }
}

void Subscribing::set_subscribed(Now now, Participant& subscriber, std::span<const TrackSid> tracks,
                                 bool subscribed) {
  for (const TrackSid& track : tracks) {
    Publication* publication = room_.roster.find_track(track);
    if (publication != nullptr && is_shown_to(subscriber, *publication)) {
      Subscription& subscription = subscriber.subscriptions.entry(track);
      subscription.asked = subscribed;
      if (subscription.state == Subscription::State::Refused) {
        subscription.state = Subscription::State::Idle;
      }
      if (!reconcile(now, subscriber, *publication)) continue;
      parts_.demand.update(*publication);
      parts_.connecting.offer_downlink(subscriber);
    } else if (subscribed) {
      search(now, subscriber, track);
    } else {
      subscriber.subscriptions.searched().erase(track);
    }
  }
}

void Subscribing::search(Now now, Participant& subscriber, const TrackSid& track) {
  auto& searched = subscriber.subscriptions.searched();
  if (searched.size() >= limits::kUnknownTrackWishes && !searched.contains(track)) {
    tell_error(subscriber, track, SubscriptionError::TrackNotFound);
    return;
  }
  searched.emplace(track, now.monotonic);
}

void Subscribing::set_settings(Participant& subscriber, std::span<const TrackSid> tracks,
                               const TrackSettings& settings) {
  for (const TrackSid& track : tracks) {
    Publication* publication = room_.roster.find_track(track);
    if (publication == nullptr || !is_shown_to(subscriber, *publication)) continue;
    subscriber.subscriptions.entry(track).settings = settings;
    if (apply_target(subscriber, *publication)) parts_.demand.update(*publication);
  }
  refocus(subscriber);
}

/// Who is shown clearly larger than everybody else has been pinned.
void Subscribing::refocus(Participant& subscriber) {
  std::uint64_t largest = 0;
  std::uint64_t second = 0;
  for (const auto& [track, subscription] : subscriber.subscriptions.all()) {
    const std::uint64_t area = area_of(subscription);
    second = std::max(second, std::min(area, largest));
    largest = std::max(largest, area);
  }
  std::vector<TrackSid> changed;
  for (const auto& [track, subscription] : subscriber.subscriptions.all()) {
    // Of one alone nothing has to be said.
    const bool stands_out = second > 0 && largest > 2 * second && area_of(subscription) == largest;
    if (stands_out != subscription.largest) changed.push_back(track);
  }
  for (const TrackSid& track : changed) {
    Subscription& subscription = subscriber.subscriptions.entry(track);
    subscription.largest = !subscription.largest;
    Publication* const publication = room_.roster.find_track(track);
    if (publication == nullptr) continue;
    if (apply_target(subscriber, *publication)) parts_.demand.update(*publication);
  }
}

void Subscribing::on_bound(Participant& subscriber, const TrackSid& track) {
  const Subscription* subscription = subscriber.subscriptions.find(track);
  Publication* publication = room_.roster.find_track(track);
  if (subscription == nullptr || subscription->state != Subscription::State::Requested) return;
  if (publication == nullptr) return;
  subscriber.subscriptions.set_state(track, Subscription::State::Bound);

  const Participant& publisher = publication->publisher;
  if (!subscriber.permissions().hidden && !std::exchange(publication->subscriber_told, true)) {
    room_.outbox().tell(publisher.observer, [track](SessionObserver& observer) {
      observer.on_track_subscribed(track);
    });
  }
  if (is_heard(*publication)) {
    room_.outbox().tell(subscriber.observer,
                        [speaker = publisher.speaker](SessionObserver& observer) {
                          observer.on_speakers(std::array{speaker});
                        });
  }
  if (publisher.quality) {
    room_.outbox().tell(subscriber.observer,
                        [quality = *publisher.quality](SessionObserver& observer) {
                          observer.on_quality(std::array{quality});
                        });
  }
}

void Subscribing::on_failed(Now now, Participant& subscriber, const SubscriptionFailed& failed) {
  Publication* publication = room_.roster.find_track(failed.track);
  if (publication == nullptr || !subscriber.subscriptions.is_live(failed.track)) return;
  Subscription& subscription = subscriber.subscriptions.entry(failed.track);
  const TrackCodec* const backup = publication->info.backup_codec();
  if (!subscription.backup && backup != nullptr) {
    // It lacks the codec: the publisher is asked for the other one, if it does not send it yet.
    {
      const Demand::Change change(*publication, subscription);
      subscription.backup = true;
      subscriber.subscriptions.set_requested(failed.track, now.monotonic);
    }
    parts_.demand.update(*publication);
    if (!backup->mid.empty()) backup_bound(now, *publication);
    return;
  }
  unsubscribe(subscriber, *publication);
  subscriber.subscriptions.set_state(failed.track, Subscription::State::Refused);
  parts_.demand.update(*publication);
  tell_error(subscriber, failed.track, failed.error);
}

void Subscribing::on_paused(const Participant& subscriber, const SubscriptionPaused& event) {
  const Publication* const publication = room_.roster.find_track(event.track);
  if (publication == nullptr || !subscriber.subscriptions.is_live(event.track)) return;
  room_.outbox().tell(
      subscriber.observer,
      [publisher = publication->publisher.sid(), track = event.track, paused = event.paused](
          SessionObserver& observer) { observer.on_stream_paused(publisher, track, paused); });
}

void Subscribing::on_tick(Now now) {
  for (const auto& subscriber : room_.roster.all()) {
    expire_searches(now, *subscriber);
    expire_requests(now, *subscriber);
  }
}

void Subscribing::expire_searches(Now now, Participant& subscriber) {
  std::erase_if(subscriber.subscriptions.searched(), [&](const auto& search) {
    const auto& [track, since] = search;
    if (now.monotonic - since < kSearchTimeout) return false;
    tell_error(subscriber, track, SubscriptionError::TrackNotFound);
    return true;
  });
}

void Subscribing::expire_requests(Now now, Participant& subscriber) {
  Subscriptions& subscriptions = subscriber.subscriptions;
  const bool up = subscriber.active() && subscriber.transports.connected();
  const std::vector<TrackSid> awaited(subscriptions.awaited().begin(),
                                      subscriptions.awaited().end());
  for (const TrackSid& track : awaited) {
    if (!up) {
      subscriptions.set_requested(track, now.monotonic);
    } else if (now.monotonic - subscriptions.entry(track).requested_since >= kBindTimeout) {
      subscriptions.stop_waiting(track);
      tell_error(subscriber, track, SubscriptionError::Unknown);
    }
  }
}

void Subscribing::tell_error(const Participant& subscriber, const TrackSid& track,
                             SubscriptionError error) {
  room_.outbox().tell(subscriber.observer, [track, error](SessionObserver& observer) {
    observer.on_subscription_error(track, error);
  });
}

std::string Subscribing::stream_id(const Participant& subscriber,
                                   const Publication& publication) const {
  const TrackInfo& track = publication.info;
  const bool shared = syncs_streams(room_, subscriber) && is_plain_name(track.stream);
  return publication.publisher.sid().str() + '|' + (shared ? track.stream : track.sid.str());
}

}  // namespace vis::core::rooms
