#include "media/sfu/outbound.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "media/rtcp/goodbye.hpp"
#include "media/rtcp/receiver_report.hpp"
#include "media/rtcp/source_description.hpp"

namespace vis::media::sfu {
namespace {

/// RFC 3711 section 3.3.1: below 2^15, so that the first wrap cannot be mistaken for a reordering.
constexpr std::uint16_t kFirstSequenceMask = 0x7FFF;
/// An empty report, a description and the BYE, at the most.
constexpr std::size_t kGoodbyeBytes = 8 + (8 + 2 + rtcp::SourceDescription::kMaxCname + 4) + 12;

/// What a path is taken to carry while nothing is known of it, and for good where its client never
/// speaks: as much as people who show a gallery need, and no more.
constexpr congestion::BitRate kUnknownPath = congestion::BitRate::kbps(10'000);
constexpr double kPacingFactor = 2.5;
/// REMB comes at least once a second; an old one says nothing of today.
constexpr Duration kReceiverEstimateLife = 10s;
/// The estimate of a path that carries all takes as long to find that out.
constexpr Duration kPassingShortage = 5s;

/// What is published of a track that is sent.
congestion::BitRate rate_of(const Sender& sender) {
  congestion::BitRate rate;
  sender.receiver().for_each_layer([&](const Layer& layer) { rate = rate + layer.bitrate(); });
  return rate;
}

}  // namespace

Outbound::~Outbound() {
  for (auto& [track, subscription] : subscriptions_) {
    if (subscription.sender != nullptr) {
      subscription.sender->receiver().remove_sender(*subscription.sender);
    }
  }
}

void Outbound::expect_keys(TimePoint now) {
  for_each_sender([&](const SubscribeConfig&, Sender& sender) { sender.expect_keys(now); });
}

void Outbound::set_keys(TimePoint now, const srtp::SessionKeys& keys) {
  srtp_.emplace(context_.crypto, keys);
  if (selected_) path_.srtp = &*srtp_;
  for_each_sender([&](const SubscribeConfig&, Sender& sender) { sender.on_new_keys(now); });
  for (Slot& slot : slots_) {
    if (slot.stream) slot.stream->stream = slot.stream->rtx_stream = {};
  }
}

void Outbound::set_path(TimePoint now, const ice::Path& path) {
  // Another path carries what it carries: nothing of the one before holds.
  const bool moved = selected_ != path;
  selected_ = path_.to = path;
  if (moved && downlink_ != nullptr) downlink_->restart();
  if (is_open() || !srtp_) return;
  path_.srtp = &*srtp_;
  resume(now);
}

void Outbound::resume(TimePoint now) {
  for_each_sender([&](const SubscribeConfig&, Sender& sender) { sender.resume(now); });
}

void Outbound::clear_keys() {
  close_path();
  srtp_.reset();
}

void Outbound::clear_path() {
  close_path();
  selected_.reset();
}

void Outbound::close_path() {
  // Queued packets may still be in the making, under these keys and for this path.
  context_.send_all();
  path_.srtp = nullptr;
  for_each_sender([](const SubscribeConfig&, Sender& sender) { sender.drop_held(); });
}

bool Outbound::subscribe(TimePoint now, const SubscribeConfig& config) {
  auto [entry, added] = subscriptions_.try_emplace(config.track);
  Subscription& subscription = entry->second;
  subscription.config = config;
  if (!added && subscription.sender != nullptr) subscription.sender->set_target(now, config.target);
  return added;
}

Outbound::Subscription* Outbound::find(const TrackId& track) {
  const auto found = subscriptions_.find(track);
  return found == subscriptions_.end() ? nullptr : &found->second;
}

std::uint32_t Outbound::unused_ssrc() const {
  std::uint32_t ssrc = 0;
  const auto in_slot = [&] {
    return std::ranges::any_of(slots_, [&](const Slot& slot) {
      return slot.identity.ssrc == ssrc || slot.identity.rtx_ssrc == ssrc;
    });
  };
  while (ssrc == 0 || senders_.contains(ssrc) || in_slot()) ssrc = context_.random.u32();
  return ssrc;
}

Sender::Identity Outbound::new_identity() const {
  Sender::Identity identity{
      .ssrc = unused_ssrc(),
      .rtx_ssrc = unused_ssrc(),
      .first_sequence = static_cast<std::uint16_t>(context_.random.u32() & kFirstSequenceMask),
      .first_rtx_sequence = static_cast<std::uint16_t>(context_.random.u32() & kFirstSequenceMask)};
  while (identity.rtx_ssrc == identity.ssrc) identity.rtx_ssrc = unused_ssrc();
  return identity;
}

Sender& Outbound::attach(TimePoint now, Subscription& subscription, Receiver& receiver) {
  return install(now, subscription, receiver, new_identity());
}

Sender& Outbound::install(TimePoint now, Subscription& subscription, Receiver& receiver,
                          const Sender::Identity& identity) {
  subscription.sender = std::make_unique<Sender>(context_, receiver, path_, identity);
  Sender& sender = *subscription.sender;
  sender.set_target(now, subscription.config.target);
  senders_.emplace(identity.ssrc, &sender);
  senders_.emplace(identity.rtx_ssrc, &sender);
  receiver.add_sender(sender);
  return sender;
}

std::size_t Outbound::add_slot(TrackKind kind) {
  slots_.push_back({.kind = kind, .identity = new_identity(), .section = {}, .stream = {}});
  return slots_.size() - 1;
}

Sender* Outbound::attach_to_slot(TimePoint now, Subscription& subscription, Receiver& receiver) {
  for (Slot& slot : slots_) {
    if (slot.taken || !slot.section || slot.kind != receiver.kind()) continue;
    const auto codec = std::ranges::find_if(slot.section->codecs, [&](const auto& each) {
      // Publishers' RED goes out as the opus in it.
      const bool plain = receiver.codec_kind() == CodecKind::Red && each.codec.is("opus");
      return plain || sdp::same_format(each.codec, receiver.codec().codec);
    });
    if (codec == slot.section->codecs.end()) continue;
    slot.taken = true;
    subscription.slot = static_cast<std::size_t>(&slot - slots_.data());
    Sender& sender = install(now, subscription, receiver, slot.identity);
    if (slot.stream) sender.continue_from(*slot.stream);
    negotiation::SendSection section = *slot.section;
    section.codec = *codec;
    sender.set_section(now, &section);
    return &sender;
  }
  return nullptr;
}

void Outbound::detach(const TrackId& track) {
  Subscription* const subscription = find(track);
  if (subscription == nullptr || subscription->sender == nullptr) return;
  Sender& sender = *subscription->sender;
  sender.drop_held();
  if (const std::size_t slot = std::exchange(subscription->slot, kNoSlot); slot != kNoSlot) {
    // The stream goes on: its end is not said.
    slots_[slot].taken = false;
    slots_[slot].stream = sender.continuation();
  } else {
    say_goodbye(*subscription);
  }
  sender.receiver().remove_sender(sender);
  senders_.erase(sender.ssrc());
  senders_.erase(sender.rtx_ssrc());
  subscription->sender.reset();
}

void Outbound::say_goodbye(const Subscription& subscription) {
  const Sender& sender = *subscription.sender;
  if (!sender.has_sent()) return;
  std::array<std::uint8_t, kGoodbyeBytes> buffer{};
  ByteWriter writer{buffer};
  const std::array sources{sender.ssrc(), sender.rtx_ssrc()};
  rtcp::ReceiverReport::write(writer, sender.ssrc(), {});
  rtcp::SourceDescription::write(writer, sender.ssrc(), subscription.config.stream_id);
  VIS_ASSERT(rtcp::Goodbye::write(writer, sources));
  send_rtcp(writer.written());
}

void Outbound::unsubscribe(const TrackId& track) {
  detach(track);
  subscriptions_.erase(track);
}

Sender* Outbound::by_ssrc(std::uint32_t ssrc) const {
  const auto found = senders_.find(ssrc);
  return found == senders_.end() ? nullptr : found->second;
}

void Outbound::number_packets() {
  if (downlink_ != nullptr) return;
  downlink_ = std::make_unique<Downlink>();
  path_.downlink = downlink_.get();
}

void Outbound::on_feedback(TimePoint now, const rtcp::TransportFeedback& feedback) {
  if (downlink_ == nullptr) return;
  downlink_->on_feedback(now, feedback);
  update_pacing(now);
}

void Outbound::on_receiver_estimate(TimePoint now, congestion::BitRate rate) {
  receiver_estimate_ = {.at = now,
                        .rate = std::max(rate, congestion::CongestionController::Config{}.min)};
  update_pacing(now);
}

std::optional<congestion::BitRate> Outbound::estimate(TimePoint now) const {
  if (downlink_ != nullptr) {
    if (const auto measured = downlink_->estimate(now)) return measured;
  }
  if (!receiver_estimate_ || now - receiver_estimate_->at > kReceiverEstimateLife) {
    return std::nullopt;
  }
  return receiver_estimate_->rate;
}

void Outbound::update_pacing(TimePoint now) {
  using congestion::BitRate;
  const auto known = estimate(now);
  BitRate rate = (known ? *known : std::max(kUnknownPath, allocated_)) * kPacingFactor;
  // A probe is measured by what leaves during it.
  if (downlink_ != nullptr) rate = std::max(rate, downlink_->probe_rate());
  pacer_.set_rate(rate);
}

void Outbound::allocate(TimePoint now) {
  if (!is_open()) return;
  using congestion::Allocator;
  using congestion::BitRate;
  BitRate sound;
  for_each_sender([&](const SubscribeConfig&, const Sender& sender) {
    const bool sent = sender.is_wanted() && !sender.receiver().muted();
    if (sent && sender.receiver().kind() == TrackKind::Audio) sound = sound + rate_of(sender);
  });
  const std::size_t repeats = choose_repeats(now, sound);
  BitRate audio;
  video_senders_.clear();
  demands_.clear();
  for_each_sender([&](const SubscribeConfig&, Sender& sender) {
    const Receiver& receiver = sender.receiver();
    if (!sender.is_wanted() || receiver.muted()) return;
    if (receiver.kind() == TrackKind::Video) {
      video_senders_.push_back(&sender);
      demands_.push_back(sender.demand(now));
    } else {
      sender.set_repeats(repeats);
      audio = audio + sender.sound_rate(rate_of(sender));
    }
  });
  wanted_ = audio + Allocator::wanted(demands_);
  if (downlink_ != nullptr) downlink_->controller().set_wanted(now, wanted_);
  const auto known = estimate(now);
  Allocator::allocate(
      now, {.rate = known.value_or(kUnknownPath) - audio, .may_pause = known.has_value()},
      demands_);
  allocated_ = audio + Allocator::granted(demands_);
  if (allocated_ >= wanted_) {
    short_since_.reset();
  } else if (!short_since_) {
    short_since_ = now;
  }
  for (std::size_t i = 0; i < demands_.size(); ++i) carry_out(now, *video_senders_[i], demands_[i]);
  update_pacing(now);
}

std::size_t Outbound::choose_repeats(TimePoint now, congestion::BitRate sound) {
  double loss = 0;
  Duration queue{};
  if (downlink_ != nullptr && downlink_->controller().counters().received != 0) {
    loss = downlink_->controller().loss();
    queue = downlink_->controller().queue_delay();
  } else {
    for_each_sender([&](const SubscribeConfig&, const Sender& sender) {
      if (sender.quality()) loss = std::max(loss, sender.quality()->loss);
    });
  }
  return redundancy_.update(
      now,
      {.loss = loss, .sound = sound, .path = estimate(now).value_or(kUnknownPath), .queue = queue});
}

double Outbound::shortage(TimePoint now) const {
  if (!short_since_ || now - *short_since_ < kPassingShortage) return 0;
  return 1 - allocated_ / wanted_;
}

void Outbound::carry_out(TimePoint now, Sender& sender, const congestion::VideoDemand& decided) {
  if (decided.paused != sender.paused()) {
    context_.events.emplace_back(StreamPaused{
        .transport = path_.transport, .track = sender.receiver().id(), .paused = decided.paused});
  }
  sender.set_allocation(now, decided);
}

Sender* Outbound::padding_sender() const {
  Sender* found = nullptr;
  for_each_sender([&](const SubscribeConfig&, Sender& sender) {
    // What a probe repeats is best of a stream that flows.
    if (sender.can_pad() && (found == nullptr || found->paused())) found = &sender;
  });
  return found;
}

void Outbound::on_deadline(TimePoint now) {
  if (const auto due = next_deadline(); !due || *due > now) return;
  Sender* const sender = downlink_ != nullptr ? padding_sender() : nullptr;
  if (downlink_ != nullptr) {
    downlink_->on_deadline(now, sender != nullptr);
    update_pacing(now);
  }
  // Media first: a probe needs padding only for want of it.
  pacer_.release_due(now, [&](const PacedPacket& held) { held.sender->release(now, held); });
  if (sender == nullptr) return;
  while (downlink_->wants_padding(now) && sender->send_probe(now)) {
  }
}

std::optional<TimePoint> Outbound::next_deadline() const {
  if (!is_open()) return std::nullopt;
  const auto paced = pacer_.next_deadline();
  const auto downlink = downlink_ == nullptr ? std::nullopt : downlink_->next_deadline();
  if (paced && downlink) return std::min(*paced, *downlink);
  return paced ? paced : downlink;
}

void Outbound::send_rtcp(Bytes packet) {
  if (!is_open()) return;
  context_.make_room();
  const MutableBytes slot = context_.egress.reserve();
  VIS_ASSERT(packet.size() + srtp::rtcp_overhead(srtp_->profile()) <= slot.size());
  const std::size_t size = srtp_->protect_rtcp(packet, slot);
  if (size != 0) context_.egress.commit(path_.to, size);
}

}  // namespace vis::media::sfu
