#include "media/sfu/layer.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "media/sfu/receiver.hpp"

namespace vis::media::sfu {
namespace {

/// A layer that has been silent for so long is one that its publisher has switched off, ...
constexpr Duration kActiveWindow = 2s;
/// ... and so is one without which another layer of the same pictures has gone on for so long.
constexpr Duration kBehindOthers = 500ms;
constexpr std::size_t kPendingReserve = 64;

/// What layers take that have not been measured yet: those of a camera.
using congestion::BitRate;
constexpr BitRate kUsualAudio = BitRate::kbps(40);
constexpr std::array kUsualVideo{BitRate::kbps(200), BitRate::kbps(600), BitRate::kbps(1800)};
static_assert(kUsualVideo.size() == Receiver::kLayers);
/// A still picture may take next to nothing, until it moves.
constexpr BitRate kLeastVideo = BitRate::kbps(30);

}  // namespace

Layer::Layer(EngineContext& context, Receiver& receiver, Options options)
    : context_(context),
      receiver_(receiver),
      options_(std::move(options)),
      store_(options_.store_packets),
      statistics_(options_.clock_rate) {
  pending_.reserve(kPendingReserve);
}

Layer::~Layer() { std::erase(context_.dirty_layers, this); }

bool Layer::on_packet(TimePoint now, Arrival arrival) {
  const rtp::PacketView& view = arrival.view;
  const std::int64_t sequence = unwrapper_.unwrap(view.sequence());
  if (receiver_.muted()) {
    pass_over(now, arrival, sequence);
    return true;
  }
  const Bytes payload = view.payload();
  PayloadInfo info{.starts_key_frame = true, .vp8 = {}};
  if (options_.inspects_payload && !payload.empty()) {
    const auto inspected = inspect(options_.codec, payload,
                                   arrival.extensions.dependency_descriptor, dependency_structure_);
    if (!inspected) return false;
    info = *inspected;
  }
  if (!store_.insert(sequence, arrival.slab)) return false;
  // The source may be one that has taken the place of another: its pictures begin with a key frame.
  const bool first = !std::exchange(last_packet_, now);
  if (first && !info.starts_key_frame && receiver_.is_heard(index())) key_frames_.request(now);
  meter_.add(arrival.slab.packet().size());
  // A retransmission arrived when it did by our doing: it says nothing about the network.
  if (!arrival.recovered) statistics_.on_packet(now, view.sequence(), view.timestamp());
  if (options_.asks_retransmission) nacks_.on_packet(now, sequence, info.starts_key_frame);
  if (info.starts_key_frame && !payload.empty()) key_frames_.on_key_frame();
  if (arrival.extensions.audio_level) {
    receiver_.audio_meter().on_level(arrival.extensions.audio_level->level);
  }
  if (pending_.empty()) context_.dirty_layers.push_back(this);
  pending_.push_back(
      {.slab = std::move(arrival.slab), .view = view, .sequence = sequence, .info = info});
  return true;
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

std::optional<ForwardPacket> Layer::recall(std::int64_t sequence) {
  SlabRef slab = store_.find(sequence);
  if (!slab) return std::nullopt;
  const auto view = rtp::PacketView::parse(slab.packet());
  if (!view || view->payload().empty()) return std::nullopt;
  rtp::DependencyStructure ignored;
  const auto info = options_.inspects_payload
                        ? inspect(options_.codec, view->payload(), {}, ignored)
                        : PayloadInfo{.starts_key_frame = false, .vp8 = {}};
  if (!info) return std::nullopt;
  return ForwardPacket{.slab = std::move(slab), .view = *view, .sequence = sequence, .info = *info};
}

void Layer::on_sender_report(TimePoint now, rtcp::NtpTime ntp, std::uint32_t rtp_timestamp) {
  statistics_.on_sender_report(now, ntp);
  clock_ = StreamClock{.ntp = ntp, .rtp_timestamp = rtp_timestamp, .arrived = now};
}

std::optional<TimePoint> Layer::next_deadline() const {
  const auto nack = nacks_.next_deadline();
  const auto key_frame = key_frames_.next_deadline();
  if (nack && key_frame) return std::min(*nack, *key_frame);
  return nack ? nack : key_frame;
}

congestion::BitRate Layer::bitrate() const {
  if (receiver_.kind() == TrackKind::Audio) return meter_.rate().value_or(kUsualAudio);
  return std::max(meter_.rate().value_or(kUsualVideo[options_.index]), kLeastVideo);
}

bool Layer::is_active(TimePoint now) const {
  if (!last_packet_ || now - *last_packet_ >= kActiveWindow) return false;
  return receiver_.last_packet().value_or(*last_packet_) - *last_packet_ < kBehindOthers;
}

}  // namespace vis::media::sfu
