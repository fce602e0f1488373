// What a ClientPeer sends and receives once it is connected.

#include <algorithm>
#include <array>
#include <utility>

#include "base/byte_order.hpp"
#include "base/limits/media_rtp.hpp"
#include "media/rtcp/nack.hpp"
#include "media/rtcp/picture_loss_indication.hpp"
#include "media/rtcp/receiver_report.hpp"
#include "media/rtcp/sender_report.hpp"
#include "media/rtp/header_writer.hpp"
#include "media/rtp/rtx.hpp"
#include "media/rtp/vp8.hpp"
#include "support/rtc/client_peer_streams.hpp"

namespace vis::test {
namespace {

namespace rtcp = media::rtcp;
namespace rtp = media::rtp;
namespace srtp = media::srtp;

/// Descriptor, frame header and stamp.
constexpr std::size_t kSmallestStamped = 16;

}  // namespace

template <typename Act>
void ClientPeer::with_layer(std::uint32_t ssrc, Act act) {
  for (const auto& track : sending_) {
    for (SendLayer& layer : track->layers) {
      if (layer.layer.ssrc == ssrc || layer.layer.rtx_ssrc == ssrc) act(*track, layer);
    }
  }
}

// ---- sending ----

/// Counts the packet's number up; `out` must have room for any header.
std::size_t ClientPeer::write_header(const Outgoing& packet, MutableBytes out) {
  SendTrack& track = packet.track;
  SendLayer& layer = packet.layer;
  const bool repeats = packet.repeats.has_value();
  const std::int64_t sequence = repeats ? layer.next_rtx++ : layer.next_sequence++;
  const std::array<std::uint8_t, 1> level{packet.level_dbov};
  std::vector<rtp::ExtensionValue> values;
  if (!track.video()) {
    values.push_back({.kind = rtp::HeaderExtension::AudioLevel, .data = level});
  }
  if (!layer.layer.rid.empty()) {
    values.push_back(
        {.kind = repeats ? rtp::HeaderExtension::RepairedRid : rtp::HeaderExtension::Rid,
         .data = as_bytes(layer.layer.rid)});
  }
  if (!packet.dependency_descriptor.empty()) {
    values.push_back(
        {.kind = rtp::HeaderExtension::DependencyDescriptor, .data = packet.dependency_descriptor});
  }
  if (!packet.orientation.empty()) {
    values.push_back({.kind = rtp::HeaderExtension::VideoOrientation, .data = packet.orientation});
  }
  const rtp::HeaderTemplate header(rtp::Header{}, track.extensions, track.extensions, values);
  return rtp::write_header(header,
                           {.payload_type = repeats ? track.rtx_payload_type : track.payload_type,
                            .marker = packet.marker,
                            .sequence = static_cast<std::uint16_t>(sequence),
                            .timestamp = packet.timestamp,
                            .ssrc = repeats ? layer.layer.rtx_ssrc : layer.layer.ssrc,
                            .transport_sequence = next_transport_sequence_++,
                            .abs_send_time = rtp::abs_send_time(packet.now),
                            .mid = track.mid},
                           out);
}

void ClientPeer::send_packet(const Outgoing& packet) {
  if (!queue_.has_room()) flush();
  SendLayer& layer = packet.layer;
  const std::int64_t sequence = layer.next_sequence;
  const MutableBytes slot = queue_.reserve();
  const std::size_t header_size = write_header(packet, slot);
  SendLayer::Sent& sent = layer.history[static_cast<std::size_t>(sequence) % layer.history.size()];
  sent = {.sequence = sequence,
          .timestamp = packet.timestamp,
          .marker = packet.marker,
          .payload = ByteVector(packet.payload.begin(), packet.payload.end()),
          .dependency_descriptor =
              ByteVector(packet.dependency_descriptor.begin(), packet.dependency_descriptor.end())};
  const std::size_t size =
      outbound_->protect_rtp(layer.stream, {.slot = slot,
                                            .header_size = header_size,
                                            .roc = static_cast<std::uint32_t>(sequence >> 16),
                                            .prefix = {},
                                            .payload = sent.payload});
  // Nothing where `send_plain` has used the number: it is as lost.
  if (!packet.lost && size != 0) queue_.commit({.remote = *remote_}, size);
  ++layer.packets;
  layer.octets += static_cast<std::uint32_t>(packet.payload.size());
}

void ClientPeer::put_stamp(MutableBytes payload) const {
  if (!options_.stamp) return;
  VIS_ASSERT(payload.size() >= kSmallestStamped);
  store_be(payload.data() + payload.size() - sizeof(std::uint64_t), options_.stamp());
}

void ClientPeer::send_video_frame(TimePoint now, std::size_t index, std::size_t packets,
                                  std::size_t payload_bytes) {
  SendTrack& track = *sending_.at(index);
  for (SendLayer& layer : track.layers) {
    if (!layer.enabled) continue;
    const bool key_frame = std::exchange(layer.key_frame_wanted, false);
    layer.picture_id = static_cast<std::uint16_t>((layer.picture_id + 1) & 0x7FFF);
    ++layer.tl0_picture_index;
    const std::size_t count = std::max<std::size_t>(1, packets / layer.layer.shrink);
    for (std::size_t i = 0; i < count; ++i) {
      ByteVector payload(payload_bytes, static_cast<std::uint8_t>(i));
      const std::uint8_t start = i == 0 ? 0x10 : 0x00;
      const std::uint8_t descriptor[] = {static_cast<std::uint8_t>(0x80 | start), 0xC0,
                                         static_cast<std::uint8_t>(0x80 | layer.picture_id >> 8),
                                         static_cast<std::uint8_t>(layer.picture_id),
                                         layer.tl0_picture_index};
      std::ranges::copy(descriptor, payload.begin());
      // The P bit of the VP8 frame header: 0 for a key frame.
      payload[std::size(descriptor)] = key_frame ? 0x00 : 0x01;
      put_stamp(payload);
      send_packet({.now = now,
                   .track = track,
                   .layer = layer,
                   .payload = payload,
                   .marker = i + 1 == count,
                   .timestamp = layer.timestamp_base + track.ticks_at(now)});
    }
  }
}

void ClientPeer::send_made(TimePoint now, std::size_t index, const Made& made) {
  SendTrack& track = *sending_.at(index);
  SendLayer& layer = track.layers.at(made.layer);
  send_packet({.now = now,
               .track = track,
               .layer = layer,
               .payload = made.payload,
               .marker = made.marker,
               .timestamp = layer.timestamp_base + track.ticks_at(now),
               .dependency_descriptor = made.dependency_descriptor,
               .orientation = made.orientation,
               .lost = made.lost});
}

bool ClientPeer::take_key_frame_wanted(std::size_t track, std::size_t layer) {
  return std::exchange(sending_.at(track)->layers.at(layer).key_frame_wanted, false);
}

void ClientPeer::send_audio_packet(TimePoint now, std::size_t index, std::uint8_t level_dbov,
                                   std::size_t payload_bytes) {
  SendTrack& track = *sending_.at(index);
  ByteVector payload(payload_bytes, 0x78);
  put_stamp(payload);
  for (SendLayer& layer : track.layers) {
    send_packet({.now = now,
                 .track = track,
                 .layer = layer,
                 .payload = payload,
                 .timestamp = layer.timestamp_base + track.ticks_at(now),
                 .level_dbov = level_dbov});
  }
}

PlainPacket ClientPeer::make_packet(TimePoint now, std::size_t index, Bytes payload) {
  SendTrack& track = *sending_.at(index);
  SendLayer& layer = track.layers.front();
  PlainPacket packet;
  packet.bytes.resize(limits::kOutgoingHeaderBytes);
  packet.header_size = write_header({.now = now,
                                     .track = track,
                                     .layer = layer,
                                     .payload = payload,
                                     .marker = true,
                                     .timestamp = layer.timestamp_base + track.ticks_at(now)},
                                    packet.bytes);
  packet.bytes.resize(packet.header_size);
  packet.bytes.insert(packet.bytes.end(), payload.begin(), payload.end());
  return packet;
}

bool ClientPeer::send_plain(const PlainPacket& packet) {
  if (!queue_.has_room()) flush();
  const auto ssrc = load_be<std::uint32_t>(packet.bytes.data() + 8);
  srtp::OutboundStream* stream = &other_sources_[ssrc];
  std::int64_t next_sequence = 0;
  with_layer(ssrc, [&](SendTrack&, SendLayer& layer) {
    const bool own = layer.layer.ssrc == ssrc;
    stream = own ? &layer.stream : &layer.rtx_stream;
    next_sequence = own ? layer.next_sequence : layer.next_rtx;
  });
  const MutableBytes slot = queue_.reserve();
  const Bytes all{packet.bytes};
  std::ranges::copy(all.first(packet.header_size), slot.begin());
  const std::size_t size =
      outbound_->protect_rtp(*stream, {.slot = slot,
                                       .header_size = packet.header_size,
                                       .roc = static_cast<std::uint32_t>(next_sequence >> 16),
                                       .prefix = {},
                                       .payload = all.subspan(packet.header_size)});
  if (size != 0) queue_.commit({.remote = *remote_}, size);
  return size != 0;
}

void ClientPeer::retransmit(TimePoint now, SendTrack& track, SendLayer& layer,
                            std::uint16_t sequence) {
  const auto sent = std::ranges::find_if(layer.history, [&](const SendLayer::Sent& s) {
    return s.sequence >= 0 && static_cast<std::uint16_t>(s.sequence) == sequence;
  });
  if (sent == layer.history.end() || track.rtx_payload_type == 0) return;
  if (!queue_.has_room()) flush();
  const std::int64_t rtx_sequence = layer.next_rtx;
  const MutableBytes slot = queue_.reserve();
  const std::size_t header_size =
      write_header({.now = now,
                    .track = track,
                    .layer = layer,
                    .marker = sent->marker,
                    .timestamp = sent->timestamp,
                    .dependency_descriptor = sent->dependency_descriptor,
                    .repeats = sequence},
                   slot);
  const auto prefix = rtp::RtxPayload::prefix(sequence);
  const std::size_t size = outbound_->protect_rtp(
      layer.rtx_stream, {.slot = slot,
                         .header_size = header_size,
                         .roc = static_cast<std::uint32_t>(rtx_sequence >> 16),
                         .prefix = prefix,
                         .payload = sent->payload});
  VIS_ASSERT(size != 0);
  queue_.commit({.remote = *remote_}, size);
  ++retransmissions_sent_;
}

void ClientPeer::request_key_frame(TimePoint, std::uint32_t ssrc) {
  std::array<std::uint8_t, 64> buffer{};
  ByteWriter writer{buffer};
  rtcp::PictureLossIndication::write(writer, {.sender = kFeedbackSsrc, .media = ssrc});
  send_rtcp(writer.written());
}

void ClientPeer::request_retransmission(std::uint32_t ssrc, std::span<const std::uint16_t> lost) {
  std::array<std::uint8_t, 1200> buffer{};
  ByteWriter writer{buffer};
  rtcp::Nack::write(writer, {.sender = kFeedbackSsrc, .media = ssrc}, lost);
  send_rtcp(writer.written());
}

void ClientPeer::set_layer_enabled(std::size_t track, std::size_t layer, bool enabled) {
  SendLayer& changed = sending_.at(track)->layers.at(layer);
  if (enabled && !changed.enabled) changed.key_frame_wanted = true;
  changed.enabled = enabled;
}

void ClientPeer::replace_source(std::size_t track, std::size_t layer, const PeerLayer& by) {
  SendLayer fresh;
  fresh.layer = by;
  fresh.timestamp_base = random_.u32();
  tracks_.at(track).layers.at(layer) = by;
  sending_.at(track)->layers.at(layer) = std::move(fresh);
}

void ClientPeer::send_rtcp(Bytes packet) {
  if (!queue_.has_room()) flush();
  const std::size_t size = outbound_->protect_rtcp(packet, queue_.reserve());
  queue_.commit({.remote = *remote_}, size);
}

void ClientPeer::send_reports(TimePoint now) {
  std::array<std::uint8_t, 1200> buffer{};
  for (const auto& track : sending_) {
    for (const SendLayer& layer : track->layers) {
      if (layer.packets == 0) continue;
      ByteWriter writer{buffer};
      rtcp::SenderReport::write(writer,
                                {.ssrc = layer.layer.ssrc,
                                 .ntp = rtcp::NtpTime::from(now.time_since_epoch()),
                                 .rtp_timestamp = layer.timestamp_base + track->ticks_at(now),
                                 .packet_count = layer.packets,
                                 .octet_count = layer.octets},
                                {});
      send_rtcp(writer.written());
    }
  }
  std::vector<rtcp::ReportBlock> blocks;
  for (auto& [ssrc, stream] : streams_) {
    if (stream.repairs != 0) continue;
    if (const auto block = stream.statistics.report(now, ssrc)) blocks.push_back(*block);
  }
  if (blocks.empty()) return;
  if (blocks.size() > rtcp::kMaxCount) blocks.resize(rtcp::kMaxCount);
  ByteWriter writer{buffer};
  rtcp::ReceiverReport::write(writer, kFeedbackSsrc, blocks);
  send_rtcp(writer.written());
}

/// NACKs for what is missing.
void ClientPeer::ask_again(TimePoint now) {
  for (auto& [ssrc, stream] : streams_) {
    const auto due = stream.nacks.next_deadline();
    if (!due || *due > now) continue;
    const auto request = stream.nacks.on_deadline(now);
    if (request.key_frame) request_key_frame(now, ssrc);
    if (!request.lost.empty()) request_retransmission(ssrc, request.lost);
  }
}

void ClientPeer::report_arrivals(TimePoint now) {
  const auto due = arrivals_.next_deadline();
  if (!reporting_ || !due || *due > now) return;
  for (;;) {
    std::array<std::uint8_t, rtcp::TransportFeedbackBuilder::kMaxBytes> buffer{};
    ByteWriter writer{buffer};
    if (!arrivals_.write_report(writer, {.sender = kFeedbackSsrc, .media = 0})) return;
    send_rtcp(writer.written());
  }
}

// ---- receiving ----

ClientPeer::ReceiveStream* ClientPeer::stream_of(const rtp::Header& header) {
  const auto found = streams_.find(header.ssrc);
  if (found != streams_.end()) return &found->second;
  const auto format = played_.find(header.payload_type);
  if (format == played_.end()) return nullptr;
  ReceiveStream& stream = streams_[header.ssrc];
  stream.video = format->second;
  return &stream;
}

void ClientPeer::note_packet(TimePoint now, const rtp::Header& header) {
  ReceiveStream* const stream = stream_of(header);
  if (stream == nullptr) return;
  const auto extensions = rtp::ExtensionValues::read(header.elements(), offered_extensions_);
  if (extensions.transport_sequence) arrivals_.on_packet(now, *extensions.transport_sequence);
  if (stream->repairs == 0) stream->statistics.on_packet(now, header.sequence, header.timestamp);
}

bool ClientPeer::is_media(const rtp::Header& header) const {
  const auto found = streams_.find(header.ssrc);
  return found != streams_.end() && found->second.repairs == 0 && !header.padding;
}

void ClientPeer::on_rtp(TimePoint now, Bytes datagram) {
  const auto header = rtp::Header::parse(datagram);
  ReceiveStream* const found = header ? stream_of(*header) : nullptr;
  if (found == nullptr) return;
  ReceiveStream& stream = *found;
  std::array<std::uint8_t, 2048> clear{};
  const auto size = inbound_->unprotect_rtp(stream.srtp, datagram, clear);
  if (!size) {
    ++datagrams_refused_;
    return;
  }
  const auto packet = rtp::PacketView::parse(Bytes{clear}.first(*size));
  if (!packet) return;
  const auto extensions = rtp::ExtensionValues::read(packet->elements(), offered_extensions_);
  if (extensions.playout_delay && on_playout_delay) on_playout_delay(*extensions.playout_delay);
  if (extensions.transport_sequence) arrivals_.on_packet(now, *extensions.transport_sequence);
  if (stream.repairs == 0) {
    stream.statistics.on_packet(now, packet->sequence(), packet->timestamp());
    return deliver({.now = now,
                    .ssrc = header->ssrc,
                    .sequence = packet->sequence(),
                    .timestamp = packet->timestamp(),
                    .payload = packet->payload(),
                    .payload_type = packet->payload_type(),
                    .marker = packet->marker(),
                    .orientation = extensions.video_orientation});
  }
  const auto rtx = rtp::RtxPayload::parse(packet->payload());
  if (!rtx || !streams_.contains(stream.repairs)) return;
  deliver({.now = now,
           .ssrc = stream.repairs,
           .sequence = rtx->original_sequence,
           .timestamp = packet->timestamp(),
           .payload = rtx->payload,
           .payload_type = packet->payload_type(),
           .marker = packet->marker(),
           .recovered = true});
}

void ClientPeer::deliver(const Arrival& packet) {
  ReceiveStream& stream = streams_.at(packet.ssrc);
  PeerStream& result = received_[packet.ssrc];
  const std::int64_t unwrapped = stream.unwrapper.unwrap(packet.sequence);
  std::int64_t& seen = stream.seen[static_cast<std::size_t>(unwrapped) % stream.seen.size()];
  ++result.packets;
  result.bytes += packet.payload.size();
  if (seen == unwrapped) {
    ++result.duplicates;
    return;
  }
  seen = unwrapped;
  if (packet.recovered) ++result.recovered;
  if (result.first < 0) result.first = unwrapped;
  if (on_packet) on_packet(packet.ssrc, packet.marker, packet.payload);
  if (on_media && !packet.payload.empty()) on_media(packet.ssrc, packet.payload);
  if (on_arrival) {
    on_arrival({.now = packet.now,
                .ssrc = packet.ssrc,
                .sequence = unwrapped,
                .payload_type = packet.payload_type,
                .marker = packet.marker,
                .payload = packet.payload,
                .orientation = packet.orientation});
  }
  const bool in_order = unwrapped > result.highest;
  const bool next = result.highest < 0 || unwrapped == result.highest + 1;
  result.highest = std::max(result.highest, unwrapped);
  const auto vp8 = stream.vp8 ? rtp::Vp8Descriptor::parse(packet.payload) : std::nullopt;
  if (vp8 && vp8->key_frame) ++result.key_frames;
  if (stream.video && options_.asks_retransmission) {
    stream.nacks.on_packet(packet.now, unwrapped, vp8 && vp8->key_frame);
  }
  if (!in_order) return;
  if (stream.last_timestamp && rtp::timestamp_newer(*stream.last_timestamp, packet.timestamp)) {
    ++result.timestamp_jumps;
  }
  stream.last_timestamp = packet.timestamp;
  if (!vp8 || !vp8->numbers.picture_id) return;
  const auto step = static_cast<std::uint16_t>(
      (*vp8->numbers.picture_id - stream.last_picture_id.value_or(*vp8->numbers.picture_id)) &
      0x7FFF);
  if (next && step > 1) ++result.picture_gaps;
  stream.last_picture_id = *vp8->numbers.picture_id;
}

void ClientPeer::on_rtcp(TimePoint now, MutableBytes datagram) {
  const auto sender = srtp::InboundContext::rtcp_sender(datagram);
  if (!sender) return;
  const auto size = inbound_->unprotect_rtcp(rtcp_streams_[*sender], datagram, datagram);
  if (!size) {
    ++datagrams_refused_;
    return;
  }
  const auto compound = rtcp::Compound::parse(datagram.first(*size));
  if (!compound) return;
  for (const rtcp::Message& message : *compound) take(now, message);
}

void ClientPeer::take(TimePoint now, const rtcp::Message& message) {
  if (const auto* pli = std::get_if<rtcp::PictureLossIndication>(&message)) {
    ++key_frame_requests_;
    with_layer(pli->ssrcs.media,
               [](SendTrack&, SendLayer& layer) { layer.key_frame_wanted = true; });
  } else if (const auto* nack = std::get_if<rtcp::Nack>(&message)) {
    if (!options_.retransmits) return;
    with_layer(nack->ssrcs.media, [&](SendTrack& track, SendLayer& layer) {
      nack->for_each_lost([&](std::uint16_t sequence) { retransmit(now, track, layer, sequence); });
    });
  } else if (std::holds_alternative<rtcp::TransportFeedback>(message)) {
    ++transport_feedbacks_;
  } else if (const auto* remb = std::get_if<rtcp::Remb>(&message)) {
    told_bps_ = remb->bitrate_bps;
  } else if (const auto* report = std::get_if<rtcp::SenderReport>(&message)) {
    ++sender_reports_;
    const auto stream = streams_.find(report->info.ssrc);
    if (stream != streams_.end()) {
      stream->second.statistics.on_sender_report(now, report->info.ntp);
    }
  } else if (const auto* goodbye = std::get_if<rtcp::Goodbye>(&message)) {
    for (const rtcp::SsrcItem source : goodbye->sources) ended_.push_back(source.ssrc);
  }
}

}  // namespace vis::test
