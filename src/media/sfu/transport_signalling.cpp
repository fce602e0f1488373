// What a transport says and hears in descriptions, and what follows for its tracks.

#include <algorithm>
#include <utility>

#include "media/sfu/receiver.hpp"
#include "media/sfu/room.hpp"
#include "media/sfu/transport.hpp"

namespace vis::media::sfu {
namespace {

/// The msid stream and CNAME of all that a player is sent.
constexpr std::string_view kPlayerStream = "stream";

sdp::MediaKind to_sdp(TrackKind kind) {
  return kind == TrackKind::Audio ? sdp::MediaKind::Audio : sdp::MediaKind::Video;
}

}  // namespace

void Transport::start_offer(TimePoint now) {
  offering_ = true;
  negotiate(now);
}

void Transport::restart_ice(TimePoint now) {
  ice::Credentials credentials = ports_.context.new_ice_credentials();
  if (config_.role != TransportRole::Subscriber) return;  // The client's next offer restarts.
  const negotiation::IceCredentials described{.ufrag = credentials.ufrag,
                                              .pwd = credentials.password.reveal()};
  restart_agent(now, std::move(credentials));
  negotiator_.restart_ice(described);
  negotiate(now);
}

void Transport::restart_agent(TimePoint now, ice::Credentials credentials) {
  ports_.context.addresses.add_ufrag(*this, credentials.ufrag);
  ice::Output& output = fresh_ice_output();
  ice_.restart(now, std::move(credentials), output);
  carry_out(now, output);
  candidates_told_ = false;
}

void Transport::negotiate(TimePoint) {
  if (config_.role == TransportRole::Single) {
    if (const auto needed = negotiator_.take_sections_requirement()) {
      ports_.context.events.emplace_back(
          SectionsNeeded{.transport = id(),
                         .audios = static_cast<std::uint32_t>(needed->audios),
                         .videos = static_cast<std::uint32_t>(needed->videos)});
    }
    return;
  }
  if (!offering_ || !negotiator_.needs_negotiation()) return;
  auto offer = negotiator_.create_offer();
  if (offer) emit_description(true, *std::move(offer), 0);
}

void Transport::apply_offer(TimePoint now, const std::string& sdp, std::uint32_t offer_id) {
  if (config_.role == TransportRole::Subscriber) {
    return emit_refusal({Errc::FailedPrecondition, "this connection is offered by the server"});
  }
  auto offer = negotiator_.check_offer(sdp);
  if (!offer) return emit_refusal(std::move(offer.error()));
  negotiation::AnswerOptions options = answer_options(*offer);
  if (offer->ice_restart) {
    ice::Credentials credentials = ports_.context.new_ice_credentials();
    options.new_ice = {.ufrag = credentials.ufrag, .pwd = credentials.password.reveal()};
    restart_agent(now, std::move(credentials));
  }
  if (config_.role == TransportRole::Player) add_slots(*offer);
  negotiation::Answer answer = negotiator_.answer(*offer, options);
  apply(now, answer.negotiated);
  emit_description(false, std::move(answer.sdp), offer_id);
  negotiate(now);
}

void Transport::apply_answer(TimePoint now, const std::string& sdp) {
  if (config_.role != TransportRole::Subscriber) {
    return emit_refusal({Errc::FailedPrecondition, "this connection is offered by the client"});
  }
  auto negotiated = negotiator_.apply_answer(sdp);
  if (!negotiated) return emit_refusal(std::move(negotiated.error()));
  apply(now, *negotiated);
  negotiate(now);
}

void Transport::add_candidate(TimePoint now, const std::string& text) {
  const auto candidate = ice::Candidate::parse(text);
  // What we cannot use (a transport of the future, a name instead of an address) is no error:
  // the client's checks reveal where it is.
  if (!candidate) return;
  ice::Output& output = fresh_ice_output();
  ice_.add_remote_candidate(now, *candidate, output);
  carry_out(now, output);
}

negotiation::AnswerOptions Transport::answer_options(const negotiation::Offer& offer) {
  negotiation::AnswerOptions options;
  for (const negotiation::OfferedTrack& track : offer.tracks) {
    const Receiver* const receiver = announced(track.kind, track.track_id, track.mid);
    negotiation::PublishPreferences preferences;
    if (receiver != nullptr) {
      const PublishConfig& config = receiver->config();
      preferences.dtx = !config.disable_dtx;
      preferences.stereo = config.stereo;
      preferences.red = !config.disable_red && !config.encrypted;
      if (!config.codecs.empty()) preferences.codec = config.codecs.front();
      preferences.only_this_codec = config_.keep_one_codec && !config.codecs.empty();
    }
    options.preferences.emplace(track.mid, std::move(preferences));
  }
  return options;
}

void Transport::apply(TimePoint now, const negotiation::Negotiated& negotiated) {
  apply_remote(now, negotiated);
  for (const negotiation::ReceiveSection& section : negotiated.received) {
    apply_received(now, section);
  }
  for (const negotiation::SendSection& section : negotiated.sent) apply_sent(now, section);
}

void Transport::apply_remote(TimePoint now, const negotiation::Negotiated& negotiated) {
  remote_ = negotiated.remote;
  if (negotiated.data) data_ = negotiated.data;
  if (negotiated.new_association && dtls_->state() != dtls::Endpoint::State::Idle) {
    dtls_ = std::make_unique<dtls::Endpoint>(ports_.dtls);
    drop_keys();
  }
  std::vector<dtls::Fingerprint> fingerprints;
  for (const sdp::Fingerprint& line : remote_->fingerprints) {
    if (auto parsed = dtls::Fingerprint::parse(line.hash, line.value)) {
      fingerprints.push_back(*std::move(parsed));
    }
  }
  dtls::Output& dtls_output = fresh_dtls_output();
  if (auto set = dtls_->set_remote_fingerprints(fingerprints, dtls_output); !set) {
    return emit_state(TransportState::Failed, std::move(set.error().message));
  }
  carry_out(now, dtls_output);
  auto credentials = ice::Credentials::parse(remote_->ice.ufrag, remote_->ice.pwd);
  if (!credentials) return emit_refusal(std::move(credentials.error()));
  ice::Output& output = fresh_ice_output();
  auto set = ice_.set_remote(
      now, {.credentials = *std::move(credentials), .lite = remote_->ice_lite}, output);
  if (!set) return emit_refusal(std::move(set.error()));
  carry_out(now, output);
  for (const std::string& candidate : remote_->candidates) add_candidate(now, candidate);
  start_dtls(now);
  update_data_plane();
}

// ---- what the client publishes ----

Receiver* Transport::announced(sdp::MediaKind kind, const std::string& track_id,
                               const std::string& mid) const {
  const auto of_kind = [&](const Receiver* receiver) { return to_sdp(receiver->kind()) == kind; };
  for (Receiver* const receiver : published_) {
    if (receiver->bound() && receiver->section()->mid == mid) return receiver;
  }
  for (Receiver* const receiver : published_) {
    if (of_kind(receiver) && !receiver->bound() && receiver->config().cid == track_id) {
      return receiver;
    }
  }
  // Native clients give their tracks other ids: the oldest that waits for a section is meant.
  const auto oldest = std::ranges::find_if(
      published_, [&](const Receiver* r) { return of_kind(r) && !r->bound() && !r->is_backup(); });
  return oldest == published_.end() ? nullptr : *oldest;
}

void Transport::apply_received(TimePoint now, const negotiation::ReceiveSection& section) {
  std::erase_if(unmatched_, [&](const auto& other) { return other.mid == section.mid; });
  if (section.active && !section.codecs.empty()) {
    Receiver* const receiver = announced(section.kind, section.track_id, section.mid);
    const bool same = receiver != nullptr && receiver->bound() &&
                      receiver->section()->track_id != section.track_id;
    if (same) {
      // The section carries another track than before.
      end(now, *receiver);
      return apply_received(now, section);
    }
    if (receiver == nullptr) {
      unmatched_.push_back(section);
    } else {
      bind(now, *receiver, section);
    }
    return;
  }
  const auto bound = std::ranges::find_if(published_, [&](const Receiver* r) {
    return r->bound() && r->section()->mid == section.mid;
  });
  if (bound != published_.end()) end(now, **bound);
}

void Transport::end(TimePoint now, const Receiver& receiver) {
  const TrackId track = receiver.id();
  if (receiver.is_backup()) return ports_.room.remove_backup(now, track);
  ports_.context.events.emplace_back(TrackEnded{.room = ports_.room.id(), .track = track});
  ports_.room.remove_track(now, track);
}

void Transport::bind(TimePoint now, Receiver& receiver,
                     const negotiation::ReceiveSection& section) {
  const bool codec_known =
      receiver.bound() && receiver.codec().codec == section.codecs.front().codec;
  receiver.bind(section);
  inbound_.set_section(section.mid, &receiver);
  ports_.room.tell_others(receiver);
  if (codec_known) return;
  TrackBound event{.room = ports_.room.id(),
                   .track = receiver.id(),
                   .mid = section.mid,
                   .mime_type = sdp::mime_type(section.kind, receiver.codec().codec),
                   .rids = {}};
  for (const negotiation::SimulcastLayer& layer : section.layers) event.rids.push_back(layer.rid);
  ports_.context.events.emplace_back(std::move(event));
  ports_.room.bound(now, receiver);
}

void Transport::publish(TimePoint now, Receiver& receiver) {
  if (std::ranges::find(published_, &receiver) == published_.end()) {
    published_.push_back(&receiver);
  }
  if (receiver.bound()) return;
  // Its section may have been offered before it was announced.
  const auto offered = std::ranges::find_if(unmatched_, [&](const auto& section) {
    return section.kind == to_sdp(receiver.kind()) && section.track_id == receiver.config().cid;
  });
  if (offered == unmatched_.end()) return;
  const negotiation::ReceiveSection section = *offered;
  unmatched_.erase(offered);
  bind(now, receiver, section);
}

void Transport::unpublish(const Receiver& receiver) {
  std::erase(published_, &receiver);
  inbound_.forget(receiver);
}

// ---- what the client is sent ----

void Transport::subscribe(TimePoint now, const SubscribeConfig& config, Receiver* receiver) {
  const Outbound::Subscription* const known = outbound_.find(config.track);
  if (known != nullptr && known->config.backup != config.backup) unsubscribe(now, config.track);
  const bool added = outbound_.subscribe(now, config);
  if (added && receiver != nullptr && receiver->bound()) on_track_bound(now, *receiver);
}

void Transport::on_track_bound(TimePoint now, Receiver& receiver) {
  Outbound::Subscription* const subscription = outbound_.find(receiver.id());
  if (subscription == nullptr || subscription->config.backup != receiver.is_backup()) return;
  if (config_.role == TransportRole::Player) {
    const bool agreed = std::ranges::any_of(
        outbound_.slots(), [](const auto& slot) { return slot.section.has_value(); });
    if (!play(now, *subscription, receiver) && agreed) refuse(receiver.id());
    return;
  }
  if (subscription->sender != nullptr) {
    // Bound again with another codec: the subscriber needs another section.
    outbound_.detach(receiver.id());
    negotiator_.remove_send_track(receiver.id().str());
  }
  const Sender& sender = outbound_.attach(now, *subscription, receiver);
  const bool video = receiver.kind() == TrackKind::Video;
  auto added = negotiator_.add_send_track(
      {.track_sid = receiver.id().str(),
       .stream_id = subscription->config.stream_id,
       .kind = to_sdp(receiver.kind()),
       .codec = receiver.codec().codec,
       .ssrc = sender.ssrc(),
       .rtx_ssrc = video ? std::optional(sender.rtx_ssrc()) : std::nullopt,
       .cname = subscription->config.stream_id,
       .stereo = receiver.config().stereo,
       .red = receiver.may_be_repeated()});
  if (!added) {
    // A codec that may be published but not subscribed to.
    refuse(receiver.id());
    return;
  }
  negotiate(now);
}

// ---- what a player is sent ----

void Transport::add_slots(const negotiation::Offer& offer) {
  if (!outbound_.slots().empty()) return;  // An offer again: its sections are the same.
  for (const sdp::MediaSection& section : offer.description.sections) {
    const bool plays = !section.rejected() && section.kind != sdp::MediaKind::Application &&
                       section.direction == sdp::Direction::RecvOnly;
    if (!plays) continue;
    const bool video = section.kind == sdp::MediaKind::Video;
    const std::size_t index = outbound_.add_slot(video ? TrackKind::Video : TrackKind::Audio);
    const Sender::Identity& identity = outbound_.slots()[index].identity;
    const auto added = negotiator_.add_send_track(
        {.track_sid = std::to_string(index),
         .stream_id = std::string(kPlayerStream),
         .kind = section.kind,
         .any_codec = true,
         .ssrc = identity.ssrc,
         .rtx_ssrc = video ? std::optional(identity.rtx_ssrc) : std::nullopt,
         .cname = std::string(kPlayerStream)});
    if (!added) return;  // More sections than may be sent in.
  }
}

void Transport::open_slot(TimePoint now, const negotiation::SendSection& section) {
  const auto index = static_cast<std::size_t>(std::stoul(section.track_sid));
  if (section.state != negotiation::SendState::Sending) return;
  if (section.extensions[negotiation::HeaderExtension::TransportSequenceNumber] != 0) {
    outbound_.number_packets();
  }
  outbound_.slots()[index].section = section;
  outbound_.for_each_waiting([&](Outbound::Subscription& subscription) {
    Receiver* const receiver = ports_.room.find(subscription.config);
    if (receiver != nullptr && receiver->bound()) play(now, subscription, *receiver);
  });
}

bool Transport::play(TimePoint now, Outbound::Subscription& subscription, Receiver& receiver) {
  outbound_.detach(receiver.id());
  if (outbound_.attach_to_slot(now, subscription, receiver) == nullptr) return false;
  ports_.context.events.emplace_back(SubscriptionBound{.transport = id(), .track = receiver.id()});
  return true;
}

void Transport::refuse(const TrackId& track) {
  const TrackId refused = track;  // `track` may be of the subscription.
  outbound_.unsubscribe(refused);
  ports_.context.events.emplace_back(SubscriptionRefused{.transport = id(), .track = refused});
}

void Transport::on_track_gone(TimePoint now, const TrackId& track) {
  if (outbound_.find(track) != nullptr) unsubscribe(now, track);
}

void Transport::on_backup_gone(TimePoint now, const TrackId& track) {
  const Outbound::Subscription* const subscription = outbound_.find(track);
  if (subscription == nullptr || !subscription->config.backup) return;
  unsubscribe(now, track);
  ports_.context.events.emplace_back(SubscriptionRefused{.transport = id(), .track = track});
}

void Transport::unsubscribe(TimePoint now, const TrackId& track) {
  if (outbound_.find(track) == nullptr) return;
  outbound_.unsubscribe(track);
  negotiator_.remove_send_track(track.str());
  negotiate(now);
}

void Transport::set_layer_target(TimePoint now, const TrackId& track, LayerTarget target) {
  Outbound::Subscription* const subscription = outbound_.find(track);
  if (subscription == nullptr) return;
  subscription->config.target = target;
  if (subscription->sender != nullptr) subscription->sender->set_target(now, target);
}

void Transport::apply_sent(TimePoint now, const negotiation::SendSection& section) {
  if (config_.role == TransportRole::Player) return open_slot(now, section);
  const TrackId track{section.track_sid};
  Outbound::Subscription* const subscription = outbound_.find(track);
  if (subscription == nullptr || subscription->sender == nullptr) return;
  switch (section.state) {
    case negotiation::SendState::Sending:
      if (section.extensions[negotiation::HeaderExtension::TransportSequenceNumber] != 0) {
        outbound_.number_packets();
      }
      subscription->sender->set_section(now, &section);
      ports_.context.events.emplace_back(SubscriptionBound{.transport = id(), .track = track});
      return;
    case negotiation::SendState::Rejected:
      outbound_.unsubscribe(track);
      negotiator_.remove_send_track(section.track_sid);
      ports_.context.events.emplace_back(SubscriptionRefused{.transport = id(), .track = track});
      return;
    case negotiation::SendState::Waiting:
    case negotiation::SendState::Offered: subscription->sender->set_section(now, nullptr); return;
  }
  std::unreachable();
}

// ---- what is told ----

void Transport::emit_description(bool is_offer, std::string sdp, std::uint32_t offer_id) {
  LocalDescription description{.transport = id(),
                               .is_offer = is_offer,
                               .sdp = std::move(sdp),
                               .offer_id = offer_id,
                               .mid_track = {}};
  for (auto& [mid, track] : negotiator_.mid_to_track_id()) {
    description.mid_track.emplace(mid, TrackId{track});
  }
  ports_.context.events.emplace_back(std::move(description));
  if (std::exchange(candidates_told_, true)) return;
  // The description has them all. The last one again tells clients that wait for one that there
  // are no more; each would cost them a turn between this description and their answer.
  ports_.context.events.emplace_back(LocalCandidate{
      .transport = id(), .candidate = ice_.candidates().back().format(), .last = true});
}

void Transport::emit_refusal(Error error) {
  ports_.context.events.emplace_back(
      NegotiationFailed{.transport = id(), .error = std::move(error)});
}

}  // namespace vis::media::sfu
