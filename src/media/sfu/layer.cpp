#include "media/sfu/layer.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "media/negotiation/capabilities.hpp"
#include "media/rtp/red.hpp"
#include "media/sfu/receiver.hpp"

namespace vis::media::sfu {
namespace {

/// Who begins with an older key frame is behind the others by that much.
constexpr Duration kFreshKeyFrame = 250ms;
/// A layer that has been silent for so long is one that its publisher has switched off, ...
constexpr Duration kActiveWindow = 2s;
/// ... and so is one without which another layer of the same pictures has gone on for so long.
constexpr Duration kBehindOthers = 500ms;
constexpr std::size_t kPendingReserve = 64;
/// Packets in front of a voice that are sent with it, unless they are older than a tenth of a
/// second.
constexpr std::int64_t kLeadUp = 2;
constexpr std::uint32_t kLeadUpPerSecond = 10;

/// What layers take that have not been measured yet: those of a camera.
using congestion::BitRate;
constexpr BitRate kUsualAudio = BitRate::kbps(40);
constexpr std::array kUsualVideo{BitRate::kbps(200), BitRate::kbps(600), BitRate::kbps(1800)};
static_assert(kUsualVideo.size() == Receiver::kLayers && Layer::kQualities == Receiver::kLayers);
/// A still picture may take next to nothing, until it moves.
constexpr BitRate kLeastVideo = BitRate::kbps(30);

/// The spatial layers that a quality stands for: the highest one for all from there on.
rtp::LayerSet layers_of_quality(std::size_t quality) {
  rtp::LayerSet layers = rtp::spatial_layer(quality);
  if (quality + 1 < Layer::kQualities) return layers;
  for (std::size_t above = quality; above < limits::kSpatialLayers; ++above) {
    layers |= rtp::spatial_layer(above);
  }
  return layers;
}

/// Inside RED, Opus has the payload type of the publisher's description; for subscribers it must be
/// that of ours.
void normalise_red(Slab& slab, const rtp::PacketView& view) {
  const std::size_t at = view.header().size;
  rtp::RedPayload::set_payload_types(slab.room.subspan(at, view.payload().size()),
                                     negotiation::kOpusPayloadType);
}

}  // namespace

Layer::Layer(EngineContext& context, Receiver& receiver, Options options)
    : context_(context),
      receiver_(receiver),
      options_(std::move(options)),
      store_(options_.store_packets),
      statistics_(options_.clock_rate),
      inspector_(options_.codec, options_.encrypted),
      unpacker_(context.slabs),
      packer_(context.slabs, store_, options_.codec) {
  pending_.reserve(kPendingReserve);
  if (options_.codec == CodecKind::Red) plain_.reserve(kPendingReserve);
}

Layer::~Layer() { std::erase(context_.dirty_layers, this); }

bool Layer::on_packet(TimePoint now, Arrival arrival) {
  const rtp::PacketView& view = arrival.view;
  const std::int64_t sequence =
      arrival.sequence ? *arrival.sequence : unwrapper_.unwrap(view.sequence());
  if (receiver_.muted()) {
    pass_over(now, arrival, sequence);
    return true;
  }
  if (options_.codec == CodecKind::Red) normalise_red(*arrival.slab, view);
  const Bytes payload = view.payload();
  PayloadInfo info{
      .starts_key_frame = true, .layers = {}, .numbers = {}, .picture = {}, .frame_number = {}};
  if (!payload.empty()) {
    const auto inspected = inspector_.inspect(
        {.payload = payload, .dependency_descriptor = arrival.extensions.dependency_descriptor});
    if (!inspected) return false;
    info = *inspected;
  }
  if (!store_.insert(now, sequence, arrival.slab)) return false;
  // The source may be one that has taken the place of another: its pictures begin with a key frame.
  const bool first = !std::exchange(last_packet_, now);
  if (first && !info.starts_key_frame && receiver_.is_heard(index())) {
    receiver_.request_key_frame(now, index());
  }
  if (!payload.empty()) note_layers(now, info, arrival.slab.packet().size());
  // What comes from another engine was counted there.
  if (!receiver_.is_remote()) count(now, arrival, info);
  if (options_.asks_retransmission) nacks_.on_packet(now, sequence, info.starts_key_frame);
  newest_ = std::max(newest_, sequence);
  key_frames_.on_packet();
  if (info.starts_key_frame && !payload.empty()) {
    key_frames_.on_key_frame();
    receiver_.on_key_frame(index());
    key_frame_ = KeyFrame{.sequence = sequence, .at = now};
  }
  if (arrival.extensions.audio_level) {
    receiver_.audio_meter().on_level(arrival.extensions.audio_level->level);
  }
  withheld_ = withheld_ || arrival.resumes;
  const auto& level = arrival.extensions.audio_level;
  if (receiver_.admit(now, level ? std::optional(level->level) : std::nullopt)) {
    send_on({.slab = std::move(arrival.slab), .view = view, .sequence = sequence, .info = info});
  } else {
    withheld_ = true;
  }
  return true;
}

void Layer::send_on(ForwardPacket packet) {
  if (std::exchange(withheld_, false)) packet.resumes = !send_what_led_up_to(packet);
  last_sent_on_ = std::max(last_sent_on_, packet.sequence);
  meter_.add(packet.slab.packet().size());
  if (pending_.empty()) context_.dirty_layers.push_back(this);
  pending_.push_back(std::move(packet));
}

/// The first sound of a word is in the packets before the one that is loud enough. False when there
/// are none.
bool Layer::send_what_led_up_to(const ForwardPacket& packet) {
  const std::uint32_t recent = options_.clock_rate / kLeadUpPerSecond;
  bool sent = false;
  for (std::int64_t sequence = packet.sequence - kLeadUp; sequence < packet.sequence; ++sequence) {
    if (sequence <= last_sent_on_) continue;
    auto before = recall(sequence);
    if (!before || packet.view.timestamp() - before->view.timestamp() > recent) continue;
    before->resumes = !sent;
    send_on(*std::move(before));
    sent = true;
  }
  return sent;
}

std::span<const ForwardPacket> Layer::unpack_pending() {
  if (plain_.empty()) {
    for (const ForwardPacket& packet : pending_) unpacker_.on_packet(packet, plain_);
  }
  return plain_;
}

std::span<const ForwardPacket> Layer::pending_in(SoundForm form) {
  if (form == SoundForm::AsPublished) return pending_;
  if (form == SoundForm::Plain) return unpack_pending();
  repeating_.clear();
  for (const ForwardPacket& packet : pending_) {
    if (auto made = packer_.pack(packet, repeats_of(form))) repeating_.push_back(*std::move(made));
  }
  context_.counters.sound_repeated += repeating_.size();
  return repeating_;
}

/// A key frame counts once, however many of its packets a decoder could begin with.
void Layer::count(TimePoint now, const Arrival& arrival, const PayloadInfo& info) {
  // A retransmission arrived when it did by our doing: it says nothing about the network.
  if (!arrival.recovered) {
    statistics_.on_packet(now, arrival.view.sequence(), arrival.view.timestamp());
  }
  ++counted_.packets;
  counted_.bytes += arrival.slab.packet().size();
  if (receiver_.kind() == TrackKind::Audio || arrival.view.payload().empty()) return;
  const std::uint32_t timestamp = arrival.view.timestamp();
  if (arrival.view.marker()) ++counted_.frames;
  if (!info.starts_key_frame || key_frame_timestamp_ == timestamp) return;
  key_frame_timestamp_ = timestamp;
  ++counted_.key_frames;
  ++context_.counters.key_frames;
}

RoomSample::Layer Layer::sample(TimePoint now) const {
  using std::chrono::duration_cast;
  using std::chrono::milliseconds;
  RoomSample::Layer sample = counted_;
  sample.track = receiver_.id();
  const bool backup = receiver_.is_backup();
  sample.index = static_cast<std::uint8_t>(options_.index + (backup ? Receiver::kLayers : 0));
  sample.active = is_active(now);
  sample.lost = static_cast<std::uint64_t>(std::max<std::int64_t>(statistics_.packets_lost(), 0));
  sample.jitter_ms =
      static_cast<std::uint32_t>(duration_cast<milliseconds>(statistics_.jitter()).count());
  return sample;
}

void Layer::on_nacked(std::size_t packets) {
  counted_.nacks += packets;
  context_.counters.nacks_sent += packets;
}

void Layer::on_key_frame_requested() {
  ++counted_.key_frame_requests;
  ++context_.counters.key_frame_requests_sent;
  if (key_frames_.is_ignored()) ++context_.counters.key_frame_requests_ignored;
}

/// A packet of a muted track is counted and nothing else: once the track is heard again, nobody may
/// fetch by NACK what was said meanwhile.
void Layer::pass_over(TimePoint now, const Arrival& arrival, std::int64_t sequence) {
  last_packet_ = now;
  if (!arrival.recovered) {
    statistics_.on_packet(now, arrival.view.sequence(), arrival.view.timestamp());
  }
  if (options_.asks_retransmission) nacks_.on_packet(now, sequence, true);
}

void Layer::note_layers(TimePoint now, const PayloadInfo& info, std::size_t bytes) {
  const LayerMarks& layers = info.layers;
  if (layers.starts_frame && layers.spatial == 0) frames_.add(layers.temporal);
  const bool was_scalable = is_scalable();
  const rtp::LayerSet before = std::exchange(offered_, layers.offered);
  if (!is_scalable() && !was_scalable) return;
  for (std::size_t quality = 0; quality < kQualities; ++quality) {
    const rtp::LayerSet of_quality = layers_of_quality(quality);
    if ((layers.present & of_quality) != 0) spatial_meters_[quality].add(bytes);
    const bool announced = info.starts_key_frame && (offered_ & of_quality) != 0;
    if (announced || layers.spatial == quality) spatial_heard_[quality] = now;
  }
  if (before != offered_) receiver_.on_layers_offered(now);
}

std::optional<ForwardPacket> Layer::recall(std::int64_t sequence) {
  SlabRef slab = store_.find(sequence);
  if (!slab) return std::nullopt;
  const auto view = rtp::PacketView::parse(slab.packet());
  if (!view || view->payload().empty()) return std::nullopt;
  const std::uint8_t id = receiver_.extensions().id(rtp::HeaderExtension::DependencyDescriptor);
  const Bytes descriptor = id == 0 ? Bytes{} : view->element(id).value_or(Bytes{});
  const auto info =
      inspector_.recall({.payload = view->payload(), .dependency_descriptor = descriptor});
  if (!info) return std::nullopt;
  return ForwardPacket{.slab = std::move(slab), .view = *view, .sequence = sequence, .info = *info};
}

std::optional<std::int64_t> Layer::fresh_key_frame(TimePoint now) const {
  if (!key_frame_ || now - key_frame_->at > kFreshKeyFrame) return std::nullopt;
  return key_frame_->sequence;
}

std::int64_t Layer::last_fanned_out() const {
  std::int64_t last = newest_;
  for (const ForwardPacket& packet : pending_) last = std::min(last, packet.sequence - 1);
  return last;
}

void Layer::on_sender_report(TimePoint now, rtcp::NtpTime ntp, std::uint32_t rtp_timestamp) {
  statistics_.on_sender_report(now, ntp);
  clock_ = StreamClock{.ntp = ntp, .rtp_timestamp = rtp_timestamp, .arrived = now};
  receiver_.tell_clock(*this);
}

void Layer::on_goodbye() {
  last_packet_.reset();
  spatial_heard_ = {};
  receiver_.tell_end(*this);
}

std::optional<TimePoint> Layer::next_deadline() const {
  const auto nack = nacks_.next_deadline();
  const auto key_frame = key_frames_.next_deadline();
  if (nack && key_frame) return std::min(*nack, *key_frame);
  return nack ? nack : key_frame;
}

congestion::BitRate Layer::bitrate() const {
  if (!receiver_.is_sent_on()) return {};
  if (receiver_.kind() == TrackKind::Audio) return meter_.rate().value_or(kUsualAudio);
  return std::max(meter_.rate().value_or(kUsualVideo[options_.index]), kLeastVideo);
}

bool Layer::is_silent(TimePoint now) const {
  return !last_packet_ || now - *last_packet_ >= kActiveWindow;
}

bool Layer::is_active(TimePoint now) const {
  if (is_silent(now)) return false;
  return receiver_.last_packet().value_or(*last_packet_) - *last_packet_ < kBehindOthers;
}

void Layer::sample_rates(TimePoint now) {
  meter_.sample(now);
  for (RateMeter& meter : spatial_meters_) meter.sample(now);
  frames_.sample(now);
}

bool Layer::offers(TimePoint now, std::uint8_t quality) const {
  const std::optional<TimePoint>& heard = spatial_heard_[quality];
  if (!is_active(now) || !heard || (offered_ & layers_of_quality(quality)) == 0) return false;
  return *last_packet_ - *heard < kBehindOthers;
}

congestion::BitRate Layer::bitrate(std::uint8_t quality) const {
  return std::max(spatial_meters_[quality].rate().value_or(kUsualVideo[quality]), kLeastVideo);
}

}  // namespace vis::media::sfu
