#include "support/rtc/client_peer.hpp"

#include <algorithm>
#include <array>

#include "media/rtcp/compound.hpp"
#include "media/rtcp/nack.hpp"
#include "media/rtcp/picture_loss_indication.hpp"
#include "media/rtcp/receiver_report.hpp"
#include "media/rtcp/sender_report.hpp"
#include "media/rtp/header_writer.hpp"
#include "media/rtp/rtx.hpp"
#include "media/rtp/vp8.hpp"
#include "media/stun/message.hpp"

namespace vis::test {
namespace {

namespace dtls = media::dtls;
namespace ice = media::ice;
namespace rtcp = media::rtcp;
namespace rtp = media::rtp;
namespace sdp = media::sdp;
namespace srtp = media::srtp;
namespace stun = media::stun;

constexpr std::uint8_t kVideoType = 96;
constexpr std::uint8_t kVideoRtxType = 97;
constexpr std::uint8_t kAudioType = 111;
constexpr std::uint32_t kVideoClock = 90'000;
constexpr std::uint32_t kAudioClock = 48'000;
constexpr std::size_t kHistory = 512;
constexpr std::uint32_t kFeedbackSsrc = 0x5151;

struct Extension {
  rtp::HeaderExtension kind;
  std::uint8_t id;
};
constexpr Extension kExtensions[] = {{rtp::HeaderExtension::AudioLevel, 1},
                                     {rtp::HeaderExtension::AbsSendTime, 2},
                                     {rtp::HeaderExtension::TransportWideCc, 3},
                                     {rtp::HeaderExtension::Mid, 4},
                                     {rtp::HeaderExtension::Rid, 10},
                                     {rtp::HeaderExtension::RepairedRid, 11}};

dtls::Certificate make_certificate() {
  return *dtls::Certificate::generate(wall_from_unix_ms(1'700'000'000'000));
}

ice::Agent::Config ice_config(const SocketAddress& address, bool controls, RandomSource& random) {
  return {.lite = false,
          .role = controls ? ice::Role::Controlling : ice::Role::Controlled,
          .tie_breaker = random.u64(),
          .credentials = ice::Credentials::generate(random),
          .candidates = {ice::Candidate::host(address)}};
}

srtp::SessionKeys session_keys(dtls::SrtpProfile profile, const dtls::SrtpKey& key) {
  return srtp::SessionKeys::derive(profile == dtls::SrtpProfile::AeadAes128Gcm
                                       ? srtp::Profile::AeadAes128Gcm
                                       : srtp::Profile::Aes128CmHmacSha1_80,
                                   {.key = key.key, .salt = key.salt});
}

}  // namespace

struct ClientPeer::SendLayer {
  PeerLayer layer;
  bool enabled = true;
  std::int64_t next_sequence = 100;
  std::int64_t next_rtx = 500;
  std::uint16_t picture_id = 0;
  std::uint8_t tl0_picture_index = 0;
  std::uint32_t timestamp_base = 0;
  bool key_frame_wanted = true;
  std::uint32_t packets = 0;
  std::uint32_t octets = 0;
  std::uint32_t last_timestamp = 0;
  srtp::OutboundStream stream;
  srtp::OutboundStream rtx_stream;
  struct Sent {
    std::int64_t sequence = -1;
    std::uint32_t timestamp = 0;
    bool marker = false;
    ByteVector payload;
  };
  std::vector<Sent> history = std::vector<Sent>(kHistory);
};

struct ClientPeer::SendTrack {
  std::string mid;
  sdp::MediaKind kind = sdp::MediaKind::Video;
  rtp::ExtensionMap extensions;
  std::uint8_t payload_type = 0;
  std::uint8_t rtx_payload_type = 0;
  std::vector<SendLayer> layers;
  std::uint32_t clock_rate() const {
    return kind == sdp::MediaKind::Video ? kVideoClock : kAudioClock;
  }
};

struct ClientPeer::ReceiveStream {
  srtp::InboundStream srtp;
  std::uint32_t repairs = 0;  ///< The source that this one retransmits for; 0 = it is its own.
  bool video = false;
  rtp::SequenceUnwrapper unwrapper;
  rtp::ReceiveStatistics statistics{kVideoClock};
  rtp::NackGenerator nacks;
  std::vector<std::int64_t> seen = std::vector<std::int64_t>(2048, -1);
  std::optional<std::uint32_t> last_timestamp;
  std::optional<std::uint16_t> last_picture_id;
};

ClientPeer::ClientPeer(Options options, RandomSource& random, srtp::Crypto& crypto,
                       media::sfu::EgressSink& egress)
    : options_(std::move(options)),
      random_(random),
      crypto_(crypto),
      egress_(egress),
      certificate_(make_certificate()),
      dtls_context_(certificate_),
      dtls_(dtls_context_),
      ice_(ice_config(options_.address, options_.offers, random), random) {}

ClientPeer::~ClientPeer() = default;

// ---- signalling ----

sdp::MediaSection ClientPeer::start_section(sdp::MediaKind kind, std::string mid) const {
  sdp::MediaSection section;
  section.kind = kind;
  section.mid = std::move(mid);
  section.transport.ice_ufrag = ice_.credentials().ufrag;
  section.transport.ice_pwd = ice_.credentials().password.reveal();
  section.transport.fingerprints = {{.hash = std::string(certificate_.fingerprint().hash_name()),
                                     .value = certificate_.fingerprint().digest_text()}};
  section.rtcp_mux = true;
  section.rtcp_rsize = true;
  for (const ice::Candidate& candidate : ice_.candidates()) {
    section.candidates.push_back(candidate.format());
  }
  return section;
}

sdp::MediaSection ClientPeer::describe_publication(std::size_t index) const {
  const PeerTrack& track = tracks_[index];
  const bool video = track.kind == sdp::MediaKind::Video;
  sdp::MediaSection section = start_section(track.kind, std::to_string(index));
  section.direction = sdp::Direction::SendOnly;
  section.transport.setup = sdp::Setup::ActPass;
  section.msids = {{.stream_id = "-", .track_id = track.cid}};
  if (video) {
    section.codecs.push_back({.payload_type = kVideoType,
                              .name = track.codec,
                              .clock_rate = kVideoClock,
                              .channels = 1,
                              .parameters = {},
                              .feedback = {{"nack", ""}, {"nack", "pli"}, {"transport-cc", ""}}});
    section.codecs.push_back({.payload_type = kVideoRtxType,
                              .name = "rtx",
                              .clock_rate = kVideoClock,
                              .channels = 1,
                              .parameters = {{"apt", std::to_string(kVideoType)}},
                              .feedback = {}});
  } else {
    section.codecs.push_back({.payload_type = kAudioType,
                              .name = "opus",
                              .clock_rate = kAudioClock,
                              .channels = 2,
                              .parameters = {{"useinbandfec", "1"}},
                              .feedback = {{"transport-cc", ""}}});
  }
  for (const Extension& extension : kExtensions) {
    const bool for_video = extension.kind == rtp::HeaderExtension::Rid ||
                           extension.kind == rtp::HeaderExtension::RepairedRid;
    if (for_video ? !video : extension.kind == rtp::HeaderExtension::AudioLevel && video) continue;
    section.extensions.push_back({.id = extension.id,
                                  .direction = sdp::Direction::SendRecv,
                                  .uri = std::string(rtp::uri(extension.kind))});
  }
  if (track.layers.size() > 1) {
    sdp::Simulcast simulcast;
    for (const PeerLayer& layer : track.layers) {
      section.rids.push_back(
          {.id = layer.rid, .direction = sdp::Direction::SendOnly, .restrictions = {}});
      simulcast.send.push_back({{.id = layer.rid, .paused = false}});
    }
    section.simulcast = std::move(simulcast);
  }
  return section;
}

std::string ClientPeer::create_offer() {
  sdp::SessionDescription offer;
  offer.origin = {.username = "-", .session_id = 1, .version = 1};
  std::vector<std::string> bundle;
  for (std::size_t i = 0; i < tracks_.size(); ++i) {
    offer.sections.push_back(describe_publication(i));
    bundle.push_back(offer.sections.back().mid);
  }
  offer.bundle_groups = {bundle};
  return offer.to_text();
}

Result<void> ClientPeer::apply_answer(TimePoint now, const std::string& text) {
  auto answer = sdp::SessionDescription::parse(text);
  if (!answer) return std::unexpected(answer.error());
  learn_negotiated(*answer);
  learn_remote(now, *answer);
  return {};
}

Result<std::string> ClientPeer::answer(TimePoint now, const std::string& text) {
  auto offer = sdp::SessionDescription::parse(text);
  if (!offer) return std::unexpected(offer.error());
  sdp::SessionDescription answer;
  answer.origin = {.username = "-", .session_id = 1, .version = 1};
  answer.bundle_groups = offer->bundle_groups;
  for (const sdp::MediaSection& offered : offer->sections) {
    sdp::MediaSection section = start_section(offered.kind, offered.mid);
    section.protocol = offered.protocol;
    section.direction = sdp::reversed(offered.direction);
    section.transport.setup = sdp::Setup::Active;
    section.codecs = offered.codecs;
    section.extensions = offered.extensions;
    section.sctp_port = offered.sctp_port;
    section.max_message_size = offered.max_message_size;
    answer.sections.push_back(std::move(section));
  }
  learn_offered(*offer);
  dtls_client_ = true;
  learn_remote(now, *offer);
  return answer.to_text();
}

void ClientPeer::learn_negotiated(const sdp::SessionDescription& answer) {
  for (std::size_t i = sending_.size(); i < tracks_.size(); ++i) {
    auto track = std::make_unique<SendTrack>();
    const sdp::MediaSection& section = answer.sections.at(i);
    track->mid = section.mid;
    track->kind = tracks_[i].kind;
    if (!section.codecs.empty()) {
      track->payload_type = section.codecs.front().payload_type;
      const sdp::Codec* const rtx = sdp::find_rtx(section.codecs, track->payload_type);
      if (rtx != nullptr) track->rtx_payload_type = rtx->payload_type;
    }
    for (const sdp::Extmap& extension : section.extensions) {
      if (const auto kind = rtp::header_extension_from_uri(extension.uri)) {
        track->extensions.add(*kind, extension.id);
      }
    }
    for (const PeerLayer& layer : tracks_[i].layers) {
      SendLayer& added = track->layers.emplace_back();
      added.layer = layer;
      added.timestamp_base = random_.u32();
      added.picture_id = static_cast<std::uint16_t>(random_.u32() & 0x7FFF);
    }
    sending_.push_back(std::move(track));
  }
  if (answer.sections.empty()) return;
  dtls_client_ = answer.transport_of(answer.sections.front()).setup != sdp::Setup::Active;
}

void ClientPeer::learn_offered(const sdp::SessionDescription& offer) {
  for (const sdp::MediaSection& section : offer.sections) {
    for (const sdp::SsrcDescription& source : section.ssrcs) {
      streams_[source.ssrc].video = section.kind == sdp::MediaKind::Video;
    }
    for (const sdp::SsrcGroup& group : section.ssrc_groups) {
      if (group.semantics == "FID") streams_[group.ssrcs[1]].repairs = group.ssrcs[0];
    }
  }
}

void ClientPeer::learn_remote(TimePoint now, const sdp::SessionDescription& description) {
  const sdp::TransportAttributes transport = description.transport_of(description.sections.front());
  std::vector<dtls::Fingerprint> fingerprints;
  for (const sdp::Fingerprint& line : transport.fingerprints) {
    if (auto parsed = dtls::Fingerprint::parse(line.hash, line.value)) {
      fingerprints.push_back(*parsed);
    }
  }
  dtls_output_.clear();
  static_cast<void>(dtls_.set_remote_fingerprints(fingerprints, dtls_output_));
  carry_out_dtls(now);
  ice_output_.clear();
  const auto set = ice_.set_remote(
      now,
      {.credentials = *ice::Credentials::parse(transport.ice_ufrag, transport.ice_pwd),
       .lite = description.ice_lite},
      ice_output_);
  VIS_ASSERT(set.has_value());
  remote_known_ = true;
  carry_out_ice(now);
  for (const std::string& candidate : description.sections.front().candidates) {
    add_candidate(now, candidate);
  }
}

void ClientPeer::add_candidate(TimePoint now, const std::string& text) {
  const auto candidate = ice::Candidate::parse(text);
  if (!candidate) return;
  ice_output_.clear();
  ice_.add_remote_candidate(now, *candidate, ice_output_);
  carry_out_ice(now);
}

// ---- transport ----

void ClientPeer::carry_out_ice(TimePoint now) {
  for (const ice::Datagram& datagram : ice_output_.datagrams()) {
    queue_.push(datagram.path.remote, datagram.bytes());
  }
  if (ice_output_.state == ice::State::Failed) failed_ = true;
  if (!ice_output_.selected) return;
  remote_ = ice_output_.selected->remote;
  start_dtls(now);
}

void ClientPeer::start_dtls(TimePoint now) {
  if (dtls_.state() != dtls::Endpoint::State::Idle) return;
  dtls_output_.clear();
  dtls_.start(now, dtls_client_ ? dtls::Role::Client : dtls::Role::Server, dtls_output_);
  carry_out_dtls(now);
}

void ClientPeer::carry_out_dtls(TimePoint) {
  for (std::size_t i = 0; i < dtls_output_.datagrams.size(); ++i) {
    queue_.push(*remote_, dtls_output_.datagrams[i]);
  }
  if (dtls_output_.failure) failed_ = true;
  if (dtls_output_.keys) on_keys(*dtls_output_.keys);
}

void ClientPeer::on_keys(const dtls::SrtpKeys& keys) {
  outbound_.emplace(crypto_, session_keys(keys.profile, keys.write));
  inbound_.emplace(crypto_, session_keys(keys.profile, keys.read));
}

void ClientPeer::on_datagram(TimePoint now, MutableBytes datagram, const SocketAddress& from) {
  if (datagram.empty()) return;
  if (stun::looks_like_stun(datagram)) {
    const auto message = stun::Message::parse(datagram);
    if (!message) return;
    ice_output_.clear();
    ice_.on_stun(now, *message, {.local = 0, .remote = from}, ice_output_);
    return carry_out_ice(now);
  }
  if (datagram[0] >= 20 && datagram[0] <= 63) {
    if (!remote_) return;
    dtls_output_.clear();
    dtls_.on_datagram(now, datagram, dtls_output_);
    return carry_out_dtls(now);
  }
  if (!inbound_) return;
  if (rtcp::is_rtcp(datagram)) return on_rtcp(now, datagram);
  on_rtp(now, datagram);
}

void ClientPeer::on_deadline(TimePoint now) {
  if (const auto due = ice_.next_deadline(); due && *due <= now) {
    ice_output_.clear();
    ice_.on_deadline(now, ice_output_);
    carry_out_ice(now);
  }
  if (const auto due = dtls_.next_deadline(); due && *due <= now) {
    dtls_output_.clear();
    dtls_.on_deadline(now, dtls_output_);
    carry_out_dtls(now);
  }
  if (!connected()) return;
  for (auto& [ssrc, stream] : streams_) {
    const auto due = stream.nacks.next_deadline();
    if (!due || *due > now) continue;
    const auto request = stream.nacks.on_deadline(now);
    if (request.key_frame) request_key_frame(now, ssrc);
    if (request.lost.empty()) continue;
    std::array<std::uint8_t, 1200> buffer{};
    ByteWriter writer{buffer};
    rtcp::Nack::write(writer, {.sender = kFeedbackSsrc, .media = ssrc}, request.lost);
    send_rtcp(writer.written());
  }
  if (!report_at_) report_at_ = now + 500ms;
  if (*report_at_ <= now) {
    report_at_ = now + 500ms;
    send_reports(now);
  }
}

std::optional<TimePoint> ClientPeer::next_deadline() const {
  std::optional<TimePoint> next = report_at_;
  const auto consider = [&](std::optional<TimePoint> deadline) {
    if (deadline && (!next || *deadline < *next)) next = deadline;
  };
  consider(ice_.next_deadline());
  consider(dtls_.next_deadline());
  for (const auto& [ssrc, stream] : streams_) consider(stream.nacks.next_deadline());
  if (connected() && !report_at_) consider(TimePoint::min());
  return next;
}

void ClientPeer::flush() {
  crypto_.flush();
  queue_.flush(egress_);
}

// ---- sending ----

void ClientPeer::send_packet(TimePoint now, SendTrack& track, SendLayer& layer, Bytes payload,
                             bool marker, std::uint32_t timestamp, std::uint8_t level_dbov) {
  if (!queue_.has_room()) flush();
  const std::int64_t sequence = layer.next_sequence++;
  const std::array<std::uint8_t, 1> level{level_dbov};
  std::vector<rtp::ExtensionValue> values;
  if (track.kind == sdp::MediaKind::Audio) {
    values.push_back({.kind = rtp::HeaderExtension::AudioLevel, .data = level});
  }
  if (!layer.layer.rid.empty()) {
    values.push_back({.kind = rtp::HeaderExtension::Rid, .data = as_bytes(layer.layer.rid)});
  }
  const rtp::HeaderTemplate header =
      rtp::HeaderTemplate::forward(rtp::Header{}, track.extensions, track.extensions, values);
  const MutableBytes slot = queue_.reserve();
  const std::size_t header_size =
      rtp::write_header(header,
                        {.payload_type = track.payload_type,
                         .marker = marker,
                         .sequence = static_cast<std::uint16_t>(sequence),
                         .timestamp = timestamp,
                         .ssrc = layer.layer.ssrc,
                         .transport_sequence = next_transport_sequence_++,
                         .abs_send_time = rtp::abs_send_time(now),
                         .mid = track.mid},
                        slot);
  SendLayer::Sent& sent = layer.history[static_cast<std::size_t>(sequence) % kHistory];
  sent = {.sequence = sequence,
          .timestamp = timestamp,
          .marker = marker,
          .payload = ByteVector(payload.begin(), payload.end())};
  const std::size_t size =
      outbound_->protect_rtp(layer.stream, {.slot = slot,
                                            .header_size = header_size,
                                            .roc = static_cast<std::uint32_t>(sequence >> 16),
                                            .prefix = {},
                                            .payload = sent.payload});
  VIS_ASSERT(size != 0);
  queue_.commit(*remote_, size);
  ++layer.packets;
  layer.octets += static_cast<std::uint32_t>(payload.size());
  layer.last_timestamp = timestamp;
}

void ClientPeer::send_video_frame(TimePoint now, std::size_t index, std::size_t packets,
                                  std::size_t payload_bytes) {
  SendTrack& track = *sending_.at(index);
  for (SendLayer& layer : track.layers) {
    if (!layer.enabled) continue;
    const bool key_frame = std::exchange(layer.key_frame_wanted, false);
    const auto ticks = static_cast<std::uint32_t>(now.time_since_epoch() / 1us * 9 / 100);
    layer.picture_id = static_cast<std::uint16_t>((layer.picture_id + 1) & 0x7FFF);
    ++layer.tl0_picture_index;
    for (std::size_t i = 0; i < packets; ++i) {
      ByteVector payload(payload_bytes, static_cast<std::uint8_t>(i));
      const std::uint8_t start = i == 0 ? 0x10 : 0x00;
      const std::uint8_t descriptor[] = {static_cast<std::uint8_t>(0x80 | start), 0xC0,
                                         static_cast<std::uint8_t>(0x80 | layer.picture_id >> 8),
                                         static_cast<std::uint8_t>(layer.picture_id),
                                         layer.tl0_picture_index};
      std::ranges::copy(descriptor, payload.begin());
      // The P bit of the VP8 frame header: 0 for a key frame.
      payload[std::size(descriptor)] = key_frame ? 0x00 : 0x01;
      send_packet(now, track, layer, payload, i + 1 == packets, layer.timestamp_base + ticks, 127);
    }
  }
}

void ClientPeer::send_audio_packet(TimePoint now, std::size_t index, std::uint8_t level_dbov) {
  SendTrack& track = *sending_.at(index);
  const auto ticks = static_cast<std::uint32_t>(now.time_since_epoch() / 1us * 48 / 1000);
  const ByteVector payload(80, 0x78);
  for (SendLayer& layer : track.layers) {
    send_packet(now, track, layer, payload, false, layer.timestamp_base + ticks, level_dbov);
  }
}

void ClientPeer::retransmit(TimePoint now, SendTrack& track, SendLayer& layer,
                            std::uint16_t sequence) {
  const auto sent = std::ranges::find_if(layer.history, [&](const SendLayer::Sent& s) {
    return s.sequence >= 0 && static_cast<std::uint16_t>(s.sequence) == sequence;
  });
  if (sent == layer.history.end() || track.rtx_payload_type == 0) return;
  if (!queue_.has_room()) flush();
  std::vector<rtp::ExtensionValue> values;
  if (!layer.layer.rid.empty()) {
    values.push_back(
        {.kind = rtp::HeaderExtension::RepairedRid, .data = as_bytes(layer.layer.rid)});
  }
  const std::int64_t rtx_sequence = layer.next_rtx++;
  const MutableBytes slot = queue_.reserve();
  const std::size_t header_size = rtp::write_header(
      rtp::HeaderTemplate::forward(rtp::Header{}, track.extensions, track.extensions, values),
      {.payload_type = track.rtx_payload_type,
       .marker = sent->marker,
       .sequence = static_cast<std::uint16_t>(rtx_sequence),
       .timestamp = sent->timestamp,
       .ssrc = layer.layer.rtx_ssrc,
       .transport_sequence = next_transport_sequence_++,
       .abs_send_time = rtp::abs_send_time(now),
       .mid = track.mid},
      slot);
  const auto prefix = rtp::RtxPayload::prefix(sequence);
  const std::size_t size = outbound_->protect_rtp(
      layer.rtx_stream, {.slot = slot,
                         .header_size = header_size,
                         .roc = static_cast<std::uint32_t>(rtx_sequence >> 16),
                         .prefix = prefix,
                         .payload = sent->payload});
  VIS_ASSERT(size != 0);
  queue_.commit(*remote_, size);
  ++retransmissions_sent_;
}

void ClientPeer::request_key_frame(TimePoint, std::uint32_t ssrc) {
  std::array<std::uint8_t, 64> buffer{};
  ByteWriter writer{buffer};
  rtcp::PictureLossIndication::write(writer, {.sender = kFeedbackSsrc, .media = ssrc});
  send_rtcp(writer.written());
}

void ClientPeer::set_layer_enabled(std::size_t track, std::size_t layer, bool enabled) {
  SendLayer& changed = sending_.at(track)->layers.at(layer);
  if (enabled && !changed.enabled) changed.key_frame_wanted = true;
  changed.enabled = enabled;
}

void ClientPeer::send_rtcp(Bytes packet) {
  if (!queue_.has_room()) flush();
  const std::size_t size = outbound_->protect_rtcp(packet, queue_.reserve());
  queue_.commit(*remote_, size);
}

void ClientPeer::send_reports(TimePoint now) {
  std::array<std::uint8_t, 1200> buffer{};
  for (const auto& track : sending_) {
    for (const SendLayer& layer : track->layers) {
      if (layer.packets == 0) continue;
      ByteWriter writer{buffer};
      const auto ticks = static_cast<std::uint32_t>(now.time_since_epoch() / 1us *
                                                    (track->clock_rate() / 1000) / 1000);
      rtcp::SenderReport::write(writer,
                                {.ssrc = layer.layer.ssrc,
                                 .ntp = rtcp::NtpTime::from(now.time_since_epoch()),
                                 .rtp_timestamp = layer.timestamp_base + ticks,
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

// ---- receiving ----

void ClientPeer::on_rtp(TimePoint now, Bytes datagram) {
  const auto header = rtp::Header::parse(datagram);
  if (!header) return;
  const auto found = streams_.find(header->ssrc);
  if (found == streams_.end()) return;
  ReceiveStream& stream = found->second;
  std::array<std::uint8_t, 2048> clear{};
  const auto size = inbound_->unprotect_rtp(stream.srtp, datagram, clear);
  if (!size) return;
  const Bytes packet = Bytes{clear}.first(*size);
  if (stream.repairs == 0) return deliver(now, header->ssrc, stream, packet, false);
  const auto original = streams_.find(stream.repairs);
  if (original != streams_.end()) deliver(now, stream.repairs, original->second, packet, true);
}

void ClientPeer::deliver(TimePoint now, std::uint32_t ssrc, ReceiveStream& stream, Bytes packet,
                         bool recovered) {
  const auto view = rtp::PacketView::parse(packet);
  if (!view) return;
  Bytes payload = view->payload();
  std::uint16_t sequence = view->sequence();
  if (recovered) {
    const auto rtx = rtp::RtxPayload::parse(payload);
    if (!rtx) return;
    sequence = rtx->original_sequence;
    payload = rtx->payload;
  } else {
    stream.statistics.on_packet(now, sequence, view->timestamp());
  }
  PeerStream& result = received_[ssrc];
  const std::int64_t unwrapped = stream.unwrapper.unwrap(sequence);
  std::int64_t& seen = stream.seen[static_cast<std::size_t>(unwrapped) % stream.seen.size()];
  ++result.packets;
  result.bytes += payload.size();
  if (seen == unwrapped) {
    ++result.duplicates;
    return;
  }
  seen = unwrapped;
  if (recovered) ++result.recovered;
  if (result.first < 0) result.first = unwrapped;
  const bool in_order = unwrapped > result.highest;
  const bool next = result.highest < 0 || unwrapped == result.highest + 1;
  result.highest = std::max(result.highest, unwrapped);
  const auto vp8 = stream.video ? rtp::Vp8Descriptor::parse(payload) : std::nullopt;
  if (vp8 && vp8->key_frame) ++result.key_frames;
  if (stream.video && options_.asks_retransmission) {
    stream.nacks.on_packet(now, unwrapped, vp8 && vp8->key_frame);
  }
  if (!in_order) return;
  if (stream.last_timestamp && rtp::timestamp_newer(*stream.last_timestamp, view->timestamp())) {
    ++result.timestamp_jumps;
  }
  stream.last_timestamp = view->timestamp();
  if (!vp8 || !vp8->picture_id) return;
  const auto step = static_cast<std::uint16_t>(
      (*vp8->picture_id - stream.last_picture_id.value_or(*vp8->picture_id)) & 0x7FFF);
  if (next && step > 1) ++result.picture_gaps;
  stream.last_picture_id = *vp8->picture_id;
}

void ClientPeer::on_rtcp(TimePoint now, MutableBytes datagram) {
  const auto sender = srtp::InboundContext::rtcp_sender(datagram);
  if (!sender) return;
  const auto size = inbound_->unprotect_rtcp(rtcp_streams_[*sender], datagram, datagram);
  if (!size) return;
  const auto compound = rtcp::Compound::parse(datagram.first(*size));
  if (!compound) return;
  const auto for_layer = [&](std::uint32_t ssrc, auto act) {
    for (const auto& track : sending_) {
      for (SendLayer& layer : track->layers) {
        if (layer.layer.ssrc == ssrc) act(*track, layer);
      }
    }
  };
  for (const rtcp::Message& message : *compound) {
    if (const auto* pli = std::get_if<rtcp::PictureLossIndication>(&message)) {
      ++key_frame_requests_;
      for_layer(pli->ssrcs.media,
                [](SendTrack&, SendLayer& layer) { layer.key_frame_wanted = true; });
    } else if (const auto* nack = std::get_if<rtcp::Nack>(&message)) {
      for_layer(nack->ssrcs.media, [&](SendTrack& track, SendLayer& layer) {
        nack->for_each_lost(
            [&](std::uint16_t sequence) { retransmit(now, track, layer, sequence); });
      });
    } else if (std::holds_alternative<rtcp::TransportFeedback>(message)) {
      ++transport_feedbacks_;
    } else if (const auto* report = std::get_if<rtcp::SenderReport>(&message)) {
      ++sender_reports_;
      const auto stream = streams_.find(report->info.ssrc);
      if (stream != streams_.end()) {
        stream->second.statistics.on_sender_report(now, report->info.ntp);
      }
    }
  }
}

}  // namespace vis::test
