#include "media/sfu/sender.hpp"

#include <algorithm>
#include <array>

#include "base/assert.hpp"
#include "media/rtp/rtx.hpp"
#include "media/sfu/extension_ids.hpp"
#include "media/sfu/layer.hpp"
#include "media/sfu/receiver.hpp"

namespace vis::media::sfu {
namespace {

constexpr std::uint16_t kPictureIdMask = rtp::PictureNumbers::kPictureIdMask;
constexpr std::uint8_t kPaddingBit = 0x20;
/// How far back a probe looks for packets to repeat.
constexpr std::int64_t kProbeWindow = 32;

/// As much as RTP can pad: the last byte says how many there are (RFC 3550 section 5.1).
constexpr std::array<std::uint8_t, 255> kPadding = [] {
  std::array<std::uint8_t, 255> bytes{};
  bytes.back() = bytes.size();
  return bytes;
}();

/// The bytes in front of a payload that differ from subscriber to subscriber.
class PayloadPrefix final {
 public:
  void add(Bytes bytes) {
    std::ranges::copy(bytes, bytes_.begin() + static_cast<std::ptrdiff_t>(size_));
    size_ += bytes.size();
  }
  Bytes bytes() const { return Bytes{bytes_}.first(size_); }

 private:
  std::array<std::uint8_t, rtp::RtxPayload::kPrefixBytes + rtp::PictureNumbers::kMaxHeadBytes>
      bytes_{};
  std::size_t size_ = 0;
};

/// Takes a descriptor whose counters must change off the payload and puts its rewritten form into
/// the prefix; returns what is left of the payload.
Bytes split_head(const ForwardPacket& packet, const Sender::PictureCounters& counters,
                 PayloadPrefix& prefix) {
  const Bytes payload = packet.view.payload();
  const rtp::PictureNumbers& numbers = packet.info.numbers;
  const bool same =
      numbers.picture_id.value_or(counters.picture_id) == counters.picture_id &&
      numbers.tl0_picture_index.value_or(counters.tl0_picture_index) == counters.tl0_picture_index;
  if (same) return payload;
  std::array<std::uint8_t, rtp::PictureNumbers::kMaxHeadBytes> copy{};
  const MutableBytes head = MutableBytes{copy}.first(numbers.head_size());
  std::ranges::copy(payload.first(head.size()), head.begin());
  numbers.rewrite(head, counters.picture_id, counters.tl0_picture_index);
  prefix.add(head);
  return payload.subspan(head.size());
}

}  // namespace

Sender::Sender(EngineContext& context, Receiver& receiver, const SendPath& path,
               const Identity& identity)
    : context_(context),
      receiver_(receiver),
      path_(path),
      identity_(identity),
      rewriter_(identity.first_sequence),
      next_rtx_(identity.first_rtx_sequence),
      paced_(receiver.kind() == TrackKind::Video) {}

Sender::Continuation Sender::continuation() const {
  return {.next_sequence = rewriter_.next_out(),
          .next_rtx = next_rtx_,
          .last_timestamp = last_timestamp_,
          .last_sent = last_sent_,
          .last_picture_id = last_picture_id_,
          .last_tl0_picture_index = last_tl0_picture_index_,
          .last_frame_number = last_frame_number_,
          .packets_sent = packets_sent_,
          .octets_sent = octets_sent_,
          .stream = stream_,
          .rtx_stream = rtx_stream_};
}

void Sender::continue_from(const Continuation& former) {
  VIS_ASSERT(!goes_on());
  rewriter_ = StreamRewriter::continuing(former.next_sequence);
  next_rtx_ = former.next_rtx;
  last_timestamp_ = former.last_timestamp;
  last_sent_ = former.last_sent;
  last_picture_id_ = former.last_picture_id;
  last_tl0_picture_index_ = former.last_tl0_picture_index;
  last_frame_number_ = former.last_frame_number;
  packets_sent_ = former.packets_sent;
  octets_sent_ = former.octets_sent;
  stream_ = former.stream;
  rtx_stream_ = former.rtx_stream;
}

void Sender::set_target(TimePoint now, LayerTarget target) {
  if (target == target_) return;
  // After a pause the subscriber's decoder has missed frames and must begin anew.
  if (target_.disabled && !target.disabled) resync_ = true;
  target_ = target;
  choose_layer(now);
}

void Sender::set_section(TimePoint now, const negotiation::SendSection* section) {
  has_section_ = section != nullptr;
  if (section == nullptr) return;
  agreed_payload_type_ = section->codec.codec.payload_type;
  rtx_payload_type_ = section->codec.rtx_payload_type;
  takes_plain_ = receiver_.codec_kind() == CodecKind::Red && !section->codec.codec.is("red");
  const auto red =
      std::ranges::find_if(section->codecs, [](const auto& each) { return each.codec.is("red"); });
  red_payload_type_.reset();
  if (red != section->codecs.end() && receiver_.may_be_repeated()) {
    red_payload_type_ = red->codec.payload_type;
  }
  choose_sound_form();
  extension_group_ = receiver_.extension_group(to_extension_map(section->extensions));
  tells_delay_ = path_.playout_delay &&
                 receiver_.group_map(extension_group_).has(rtp::HeaderExtension::PlayoutDelay);
  delay_told_.reset();
  const std::uint8_t id =
      section->extensions[negotiation::HeaderExtension::TransportSequenceNumber];
  numbered_ = id != 0 && path_.downlink != nullptr &&
              receiver_.group_map(extension_group_).id(rtp::HeaderExtension::TransportWideCc) == id;
  resync_ = true;
  choose_layer(now);
}

void Sender::on_new_keys(TimePoint now) {
  stream_ = {};
  rtx_stream_ = {};
  resume(now);
}

void Sender::resume(TimePoint now) {
  resync_ = true;
  choose_layer(now);
}

void Sender::choose_layer(TimePoint now) {
  if (!has_section_ || target_.disabled || paused()) return;
  wanted_quality_ = receiver_.best_quality(now, std::min(target_.max_layer, allowed_layer_))
                        .value_or(wanted_quality_);
  wanted_layer_ = receiver_.layer_with(wanted_quality_);
  LayerFilter::Wish wish;
  // The highest quality stands for whatever spatial layers there are above.
  if (receiver_.is_scalable() && wanted_quality_ + 1U < Receiver::kLayers) {
    wish.spatial = wanted_quality_;
  }
  if (const Layer* const layer = receiver_.layer(wanted_layer_)) {
    wish.temporal = layer->frames().layer_for(target_.max_fps);
  }
  filter_.want(wish);
  // Long before there are keys a key frame would be lost on this subscriber, and make the publisher
  // refuse the next one for a while.
  if (path_.srtp == nullptr) return;
  if (resync_) catch_up(now);
  if (resync_ || wanted_layer_ != current_layer_ || filter_.needs_key_frame()) {
    receiver_.request_key_frame(now, wanted_layer_);
  }
}

void Sender::expect_keys(TimePoint now) {
  if (!has_section_ || target_.disabled) return;
  const Layer* const layer = receiver_.layer(wanted_layer_);
  if (layer != nullptr && !layer->fresh_key_frame(now)) {
    receiver_.request_key_frame(now, wanted_layer_);
  }
}

/// Sends what has come since a key frame just now, rather than wait for another one.
void Sender::catch_up(TimePoint now) {
  Layer* const layer = receiver_.layer(wanted_layer_);
  if (receiver_.kind() != TrackKind::Video || receiver_.muted() || layer == nullptr) return;
  const auto key_frame = layer->fresh_key_frame(now);
  if (!key_frame) return;
  const std::int64_t last = layer->last_fanned_out();
  for (std::int64_t sequence = *key_frame; sequence <= last; ++sequence) {
    auto packet = layer->recall(sequence);
    if (!packet) continue;
    if (sequence == *key_frame) packet->info.starts_key_frame = true;
    forward(now, *layer, *packet,
            rtp::HeaderTemplate(packet->view.header(), receiver_.extensions(),
                                receiver_.group_map(extension_group_)));
  }
}

congestion::VideoDemand Sender::demand(TimePoint now) const {
  using congestion::Priority;
  congestion::VideoDemand demand = allocation_;
  const bool focus = target_.focus || receiver_.is_speaker(now);
  demand.priority = receiver_.config().screen_share ? Priority::ScreenShare
                    : focus                         ? Priority::Focus
                                                    : Priority::Other;
  demand.max_layer = target_.max_layer;
  demand.layers = {};
  for (std::uint8_t quality = 0; quality < Receiver::kLayers; ++quality) {
    if (receiver_.offers(now, quality)) demand.layers[quality] = receiver_.bitrate(quality);
  }
  return demand;
}

void Sender::set_allocation(TimePoint now, const congestion::VideoDemand& decided) {
  const bool resumes = paused() && !decided.paused;
  allocation_ = decided;
  const std::uint8_t allowed = decided.layer.value_or(0);
  if (allowed == allowed_layer_ && !resumes) return;
  allowed_layer_ = allowed;
  if (resumes) resync_ = true;
  choose_layer(now);
}

void Sender::forward(TimePoint now, const Layer& layer, const ForwardPacket& packet,
                     const rtp::HeaderTemplate& header) {
  if (paced_ && !path_.pacer->may_pass(now)) return hold(now, layer, packet);
  pass_on(now, layer, packet, header);
}

void Sender::pass_on(TimePoint now, const Layer& layer, const ForwardPacket& packet,
                     const rtp::HeaderTemplate& header) {
  if (resync_ || !continues(layer)) {
    if (layer.index() != wanted_layer_ || !begin_epoch(now, layer, packet)) return;
  }
  if (packet.view.payload().empty() || !filter_.admits(packet.info.layers)) {
    return leave_out(now, packet);
  }
  if (packet.resumes) rewriter_.resume_at(packet.sequence);
  const auto out_sequence = rewriter_.map(packet.sequence);
  if (!out_sequence) return;
  context_.make_room();
  const MutableBytes slot = context_.egress.reserve();
  const StreamRewriter::Epoch& epoch = rewriter_.current();
  std::optional<rtp::HeaderTemplate> delayed;
  if (tells_delay_) [[unlikely]] {
    if (!delay_told_) delay_told_ = out_sequence;
    delayed.emplace(delayed_header(packet));
  }
  const std::size_t header_size =
      rtp::write_header(delayed ? *delayed : header,
                        {.payload_type = payload_type_,
                         // Sound that comes after a silence is marked (RFC 3551 section 4.1).
                         .marker = ends_picture(packet) || packet.resumes,
                         .sequence = static_cast<std::uint16_t>(*out_sequence),
                         .timestamp = packet.view.timestamp() + epoch.timestamp_offset,
                         .ssrc = identity_.ssrc,
                         .transport_sequence = next_transport_sequence(),
                         .abs_send_time = context_.abs_send_time,
                         .mid = {},
                         .frame_number_offset = epoch.frame_number_offset},
                        slot);
  PayloadPrefix prefix;
  const PictureCounters counters = counters_of(packet, epoch);
  const Bytes payload = split_head(packet, counters, prefix);
  if (!fits(header_size + prefix.bytes().size() + payload.size())) return;
  const std::size_t size =
      path_.srtp->protect_rtp(stream_, {.slot = slot,
                                        .header_size = header_size,
                                        .roc = static_cast<std::uint32_t>(*out_sequence >> 16),
                                        .prefix = prefix.bytes(),
                                        .payload = payload});
  if (size == 0) return;
  send_slot(now, size);
  path_.pacer->on_sent(size);
  ++context_.counters.rtp_forwarded;
  ++packets_sent_;
  octets_sent_ += static_cast<std::uint32_t>(packet.view.payload().size());
  bytes_sent_ += packet.view.payload().size();
  budget_.on_forwarded(payload.size());
  note_sent(now, packet, counters);
}

rtp::HeaderTemplate Sender::delayed_header(const ForwardPacket& packet) const {
  std::array<std::uint8_t, rtp::PlayoutDelay::kBytes> value{};
  ByteWriter writer{value};
  path_.playout_delay->write(writer);
  const std::array own{
      rtp::ExtensionValue{.kind = rtp::HeaderExtension::PlayoutDelay, .data = value}};
  return {packet.view.header(), receiver_.extensions(), receiver_.group_map(extension_group_), own};
}

/// What is left out in order leaves no gap; where later packets have gone out before it, a packet
/// without content takes its place, so that nobody asks for it.
void Sender::leave_out(TimePoint now, const ForwardPacket& packet) {
  if (packet.info.picture && !packet.view.payload().empty()) {
    static_cast<void>(pictures_.leave_out(*packet.info.picture));
  }
  if (filter_.take_request()) receiver_.request_key_frame(now, current_layer_);
  const auto kept = rewriter_.leave_out(packet.sequence);
  if (kept && packets_sent_ != 0) send_filler(now, *kept);
}

void Sender::send_filler(TimePoint now, std::int64_t sequence) {
  static constexpr std::array<std::uint8_t, 1> kFiller{1};
  static_cast<void>(send_empty(now, {.payload_type = payload_type_,
                                     .ssrc = identity_.ssrc,
                                     .sequence = sequence,
                                     .stream = stream_,
                                     .padding = kFiller}));
}

/// A packet of padding alone.
std::size_t Sender::send_empty(TimePoint now, const EmptyPacket& packet) {
  context_.make_room();
  const MutableBytes slot = context_.egress.reserve();
  const rtp::HeaderTemplate header(receiver_.group_map(extension_group_));
  const std::size_t header_size =
      rtp::write_header(header,
                        {.payload_type = packet.payload_type,
                         .marker = false,
                         .sequence = static_cast<std::uint16_t>(packet.sequence),
                         .timestamp = last_timestamp_,
                         .ssrc = packet.ssrc,
                         .transport_sequence = next_transport_sequence(),
                         .abs_send_time = context_.abs_send_time,
                         .mid = {}},
                        slot);
  slot[0] |= kPaddingBit;
  const std::size_t size = path_.srtp->protect_rtp(
      packet.stream, {.slot = slot,
                      .header_size = header_size,
                      .roc = static_cast<std::uint32_t>(packet.sequence >> 16),
                      .prefix = {},
                      .payload = packet.padding});
  if (size != 0) send_slot(now, size);
  return size;
}

bool Sender::ends_picture(const ForwardPacket& packet) const {
  return packet.view.marker() || filter_.ends_picture(packet.info.layers);
}

Sender::PictureCounters Sender::counters_of(const ForwardPacket& packet,
                                            const StreamRewriter::Epoch& epoch) {
  const rtp::PictureNumbers& numbers = packet.info.numbers;
  PictureCounters counters{
      .picture_id = static_cast<std::uint16_t>(
          (numbers.picture_id.value_or(0) + epoch.picture_id_offset) & kPictureIdMask),
      .tl0_picture_index = static_cast<std::uint8_t>(numbers.tl0_picture_index.value_or(0) +
                                                     epoch.tl0_picture_index_offset)};
  if (packet.info.picture && &epoch == &rewriter_.current()) {
    if (const auto number = pictures_.map(*packet.info.picture)) {
      counters.picture_id = static_cast<std::uint16_t>(*number & kPictureIdMask);
    }
  }
  return counters;
}

bool Sender::continues(const Layer& layer) const {
  return layer.index() == current_layer_ && rewriter_.started() &&
         layer.ssrc() == rewriter_.current().source;
}

bool Sender::fits(std::size_t clear_bytes) const {
  return clear_bytes + srtp::rtp_overhead(path_.srtp->profile()) <= EgressQueue::kMaxDatagram;
}

bool Sender::begin_epoch(TimePoint now, const Layer& layer, const ForwardPacket& packet) {
  if (!packet.info.starts_key_frame || packet.view.payload().empty()) return false;
  const PayloadInfo& info = packet.info;
  StreamRewriter::Epoch epoch{.first_out = 0,
                              .first_in = packet.sequence,
                              .timestamp_offset = timestamp_offset_for(now, layer, packet),
                              .picture_id_offset = 0,
                              .tl0_picture_index_offset = 0,
                              .frame_number_offset = 0,
                              .layer = layer.index(),
                              .source = layer.ssrc()};
  if (goes_on()) {
    epoch.picture_id_offset = static_cast<std::uint16_t>(
        (last_picture_id_ + 1 - info.numbers.picture_id.value_or(0)) & kPictureIdMask);
    epoch.tl0_picture_index_offset = static_cast<std::uint8_t>(
        last_tl0_picture_index_ + 1 - info.numbers.tl0_picture_index.value_or(0));
    epoch.frame_number_offset = frame_number_offset_for(packet);
  }
  if (info.picture) {
    pictures_.start(*info.picture, (*info.picture + epoch.picture_id_offset) & kPictureIdMask);
  }
  rewriter_.switch_to(epoch);
  filter_.begin(info.layers);
  current_layer_ = layer.index();
  resync_ = false;
  return true;
}

/// The layers of one encoder count their frames together, so mostly nothing has to be added.
std::uint16_t Sender::frame_number_offset_for(const ForwardPacket& packet) const {
  const std::uint16_t before =
      rewriter_.started() ? rewriter_.current().frame_number_offset : std::uint16_t{0};
  if (!packet.info.frame_number) return before;
  const std::uint16_t number = *packet.info.frame_number;
  if (rtp::sequence_newer(static_cast<std::uint16_t>(number + before), last_frame_number_)) {
    return before;
  }
  return static_cast<std::uint16_t>(last_frame_number_ + 1 - number);
}

std::uint32_t Sender::timestamp_offset_for(TimePoint now, const Layer& layer,
                                           const ForwardPacket& packet) const {
  if (!goes_on()) return 0;
  if (!rewriter_.started()) {
    // Another track went before: its clock has nothing to do with this one's.
    return last_timestamp_ + std::max(ticks_of(now - last_sent_, layer.clock_rate()), 1U) -
           packet.view.timestamp();
  }
  const StreamRewriter::Epoch& last = rewriter_.current();
  if (last.source == layer.ssrc()) return last.timestamp_offset;
  // How far the new layer's first frame is after the last one sent: by the publisher's clock where
  // both layers have reported it, else by arrival.
  std::uint32_t ahead = ticks_of(now - last_sent_, layer.clock_rate());
  const Layer* const previous = receiver_.layer(last.layer);
  const bool same_source = previous != nullptr && previous->ssrc() == last.source;
  if (same_source && previous->clock() && layer.clock()) {
    const std::uint64_t then =
        previous->clock()->ntp_at(last_timestamp_ - last.timestamp_offset, previous->clock_rate());
    const std::uint64_t here = layer.clock()->ntp_at(packet.view.timestamp(), layer.clock_rate());
    const auto apart = static_cast<std::int64_t>(here - then);
    // Clocks that disagree by seconds are no clocks.
    if (apart > 0 && apart < (std::int64_t{2} << 32)) {
      ahead = static_cast<std::uint32_t>((apart * layer.clock_rate()) >> 32);
    }
  }
  return last_timestamp_ + std::max(ahead, 1U) - packet.view.timestamp();
}

void Sender::note_sent(TimePoint now, const ForwardPacket& packet,
                       const PictureCounters& counters) {
  const StreamRewriter::Epoch& epoch = rewriter_.current();
  const std::uint32_t timestamp = packet.view.timestamp() + epoch.timestamp_offset;
  if (packet.info.frame_number) {
    last_frame_number_ =
        static_cast<std::uint16_t>(*packet.info.frame_number + epoch.frame_number_offset);
  }
  if (packets_sent_ > 1 && !rtp::timestamp_newer(timestamp, last_timestamp_)) return;
  last_timestamp_ = timestamp;
  last_sent_ = now;
  last_picture_id_ = counters.picture_id;
  last_tl0_picture_index_ = counters.tl0_picture_index;
}

void Sender::on_nack(TimePoint now, std::uint16_t sequence) {
  ++nacks_;
  ++context_.counters.nacks_received;
  if (!has_section_ || !rtx_payload_type_ || path_.srtp == nullptr) return;
  const auto stored = recall(sequence);
  if (!stored || !budget_.take(stored->packet.view.payload().size())) return;
  const std::size_t size = send_again(now, sequence, *stored);
  if (size == 0) return;
  path_.pacer->on_sent(size);
  ++context_.counters.rtp_retransmitted;
  ++retransmitted_;
}

std::optional<Sender::Stored> Sender::recall(std::uint16_t sequence) const {
  if (!rewriter_.started()) return std::nullopt;
  const auto origin = rewriter_.origin(sequence);
  if (!origin) return std::nullopt;
  Layer* const layer = receiver_.layer(origin->epoch->layer);
  if (layer == nullptr || layer->ssrc() != origin->epoch->source) return std::nullopt;
  auto packet = layer->recall(origin->sequence);
  if (!packet) return std::nullopt;
  return Stored{.packet = *std::move(packet), .epoch = origin->epoch};
}

std::size_t Sender::send_again(TimePoint now, std::uint16_t sequence, const Stored& stored) {
  const ForwardPacket& packet = stored.packet;
  const StreamRewriter::Epoch& epoch = *stored.epoch;
  context_.make_room();
  const MutableBytes slot = context_.egress.reserve();
  const std::int64_t rtx_sequence = next_rtx_++;
  const rtp::HeaderTemplate header =
      tells_delay_ ? delayed_header(packet)
                   : rtp::HeaderTemplate(packet.view.header(), receiver_.extensions(),
                                         receiver_.group_map(extension_group_));
  const std::size_t header_size =
      rtp::write_header(header,
                        {.payload_type = *rtx_payload_type_,
                         .marker = ends_picture(packet),
                         .sequence = static_cast<std::uint16_t>(rtx_sequence),
                         .timestamp = packet.view.timestamp() + epoch.timestamp_offset,
                         .ssrc = identity_.rtx_ssrc,
                         .transport_sequence = next_transport_sequence(),
                         .abs_send_time = context_.abs_send_time,
                         .mid = {},
                         .frame_number_offset = epoch.frame_number_offset},
                        slot);
  PayloadPrefix prefix;
  prefix.add(rtp::RtxPayload::prefix(sequence));
  const Bytes payload = split_head(packet, counters_of(packet, epoch), prefix);
  if (!fits(header_size + prefix.bytes().size() + payload.size())) return 0;
  const std::size_t size =
      path_.srtp->protect_rtp(rtx_stream_, {.slot = slot,
                                            .header_size = header_size,
                                            .roc = static_cast<std::uint32_t>(rtx_sequence >> 16),
                                            .prefix = prefix.bytes(),
                                            .payload = payload});
  if (size != 0) send_slot(now, size);
  return size;
}

/// Packets of the last moments, in turn: one that was lost unnoticed is so repaired, and as they
/// are large, few of them make a probe.
bool Sender::send_probe(TimePoint now) {
  if (!can_pad()) return false;
  const std::int64_t end = rewriter_.next_out();
  if (probe_next_ < end - kProbeWindow || probe_next_ >= end) probe_next_ = end - kProbeWindow;
  const auto sequence = static_cast<std::uint16_t>(probe_next_++);
  const auto stored = recall(sequence);
  const bool large = stored && stored->packet.view.payload().size() > kPadding.size();
  if (large && send_again(now, sequence, *stored) != 0) {
    ++context_.counters.probes_repeated;
    return true;
  }
  if (send_padding(now) == 0) return false;
  ++context_.counters.padding_sent;
  return true;
}

std::size_t Sender::send_padding(TimePoint now) {
  return send_empty(now, {.payload_type = *rtx_payload_type_,
                          .ssrc = identity_.rtx_ssrc,
                          .sequence = next_rtx_++,
                          .stream = rtx_stream_,
                          .padding = kPadding});
}

void Sender::on_key_frame_request(TimePoint now) {
  ++key_frame_requests_;
  ++context_.counters.key_frame_requests_received;
  // While a switch is under way, the wanted layer's key frame is what ends the freeze.
  receiver_.request_key_frame(now, resync_ ? wanted_layer_ : current_layer_);
}

void Sender::on_report_block(TimePoint now, const rtcp::ReportBlock& block) {
  constexpr double kFractionUnit = 256;
  const auto highest = static_cast<std::uint16_t>(block.extended_highest_sequence);
  if (delay_told_ &&
      rtp::sequence_distance(highest, static_cast<std::uint16_t>(*delay_told_)) >= 0) {
    tells_delay_ = false;
  }
  Quality quality = quality_.value_or(Quality{});
  quality.loss = block.fraction_lost / kFractionUnit;
  // RFC 3550 section 6.4.1: what is left of the time since our report once the receiver's own
  // delay is taken off is the round trip.
  if (last_report_ != 0 && block.last_sender_report == last_report_) {
    const Duration delay = rtcp::from_compact_ntp(block.delay_since_last_sender_report);
    // Never zero, which stands for one that is not known.
    quality.round_trip = std::max(now - last_report_at_ - delay, Duration{1});
  }
  quality_ = quality;
}

std::optional<rtcp::SenderInfo> Sender::make_report(TimePoint now) {
  if (packets_sent_ == 0 || !rewriter_.started()) return std::nullopt;
  const Layer* const layer = receiver_.layer(current_layer_);
  if (layer == nullptr || !continues(*layer) || !layer->clock()) return std::nullopt;
  const StreamClock& clock = *layer->clock();
  const Duration since = now - clock.arrived;
  const rtcp::NtpTime ntp{clock.ntp.value + ntp_of(since)};
  last_report_ = ntp.middle();
  last_report_at_ = now;
  return rtcp::SenderInfo{.ssrc = identity_.ssrc,
                          .ntp = ntp,
                          .rtp_timestamp = clock.rtp_timestamp +
                                           ticks_of(since, layer->clock_rate()) +
                                           rewriter_.current().timestamp_offset,
                          .packet_count = packets_sent_,
                          .octet_count = octets_sent_};
}

RoomSample::Subscription Sender::sample() const {
  RoomSample::Subscription sample{.transport = {},
                                  .track = receiver_.id(),
                                  .packets = packets_sent_,
                                  .bytes = bytes_sent_,
                                  .retransmitted = retransmitted_,
                                  .nacks = nacks_,
                                  .key_frame_requests = key_frame_requests_,
                                  .layer = std::nullopt,
                                  .loss = quality_ ? quality_->loss : 0};
  // One of several streams, or a layer inside the only one.
  if (rewriter_.started() && is_wanted()) {
    sample.layer = std::max(current_layer_, filter_.spatial());
  }
  return sample;
}

}  // namespace vis::media::sfu
