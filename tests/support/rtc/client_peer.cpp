#include "support/rtc/client_peer.hpp"

#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "media/stun/builder.hpp"
#include "media/stun/message.hpp"
#include "support/rtc/client_peer_streams.hpp"

namespace vis::test {
namespace {

namespace dtls = media::dtls;
namespace ice = media::ice;
namespace rtcp = media::rtcp;
namespace rtp = media::rtp;
namespace sdp = media::sdp;
namespace srtp = media::srtp;
namespace stun = media::stun;

/// Not ours, so that nothing depends on its being the same.
constexpr std::uint8_t kOpusPayloadType = 109;

/// The formats that the peer can offer; RTX has the next payload type.
struct Format {
  std::string_view name;
  std::uint8_t payload_type;
  std::string_view parameters;
};
constexpr Format kFormats[] = {
    {"VP8", 96, ""},
    {"VP9", 98, "profile-id=0"},
    {"H264", 102, "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"},
    {"AV1", 45, ""},
    {"H265", 39, "level-id=180;profile-id=1;tier-flag=0;tx-mode=SRST"},
    {"opus", kOpusPayloadType, "useinbandfec=1"},
    {"red", 63, "109/109"},
};

struct Extension {
  rtp::HeaderExtension kind;
  std::uint8_t id;
};
constexpr Extension kExtensions[] = {{rtp::HeaderExtension::AudioLevel, 1},
                                     {rtp::HeaderExtension::AbsSendTime, 2},
                                     {rtp::HeaderExtension::TransportWideCc, 3},
                                     {rtp::HeaderExtension::Mid, 4},
                                     {rtp::HeaderExtension::Rid, 10},
                                     {rtp::HeaderExtension::RepairedRid, 11},
                                     {rtp::HeaderExtension::DependencyDescriptor, 12},
                                     {rtp::HeaderExtension::VideoOrientation, 13}};

bool for_video_alone(rtp::HeaderExtension kind) {
  return kind == rtp::HeaderExtension::Rid || kind == rtp::HeaderExtension::RepairedRid ||
         kind == rtp::HeaderExtension::DependencyDescriptor ||
         kind == rtp::HeaderExtension::VideoOrientation;
}

std::unique_ptr<dtls::Context> make_context(const dtls::Certificate& certificate, bool gcm) {
  auto context = std::make_unique<dtls::Context>(certificate);
  // 0 is this function's success.
  if (!gcm)
    VIS_ASSERT(SSL_CTX_set_tlsext_use_srtp(context->ssl_ctx(), "SRTP_AES128_CM_SHA1_80") == 0);
  return context;
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

ClientPeer::ClientPeer(Options options, RandomSource& random, srtp::Crypto& crypto,
                       media::sfu::EgressSink& egress)
    : options_(std::move(options)),
      random_(random),
      crypto_(crypto),
      egress_(egress),
      queue_(options_.send_buffer_bytes),
      certificate_(*dtls::Certificate::generate(options_.certified_at)),
      dtls_context_(make_context(certificate_, options_.gcm)),
      dtls_(std::make_unique<dtls::Endpoint>(*dtls_context_)),
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
  section.transport.setup =
      options_.setup.value_or(options_.offers ? sdp::Setup::ActPass : sdp::Setup::Active);
  section.rtcp_mux = kind != sdp::MediaKind::Application;
  section.rtcp_rsize = section.rtcp_mux;
  for (const ice::Candidate& candidate : ice_.candidates()) {
    section.candidates.push_back(candidate.format());
  }
  return section;
}

sdp::MediaSection ClientPeer::describe_data(std::string mid) const {
  sdp::MediaSection section = start_section(sdp::MediaKind::Application, std::move(mid));
  section.protocol = "UDP/DTLS/SCTP";
  section.sctp_port = 5000;
  section.max_message_size = 262144;
  return section;
}

sdp::MediaSection ClientPeer::describe_publication(std::size_t index) const {
  const PeerTrack& track = tracks_[index];
  const bool video = track.kind == sdp::MediaKind::Video;
  sdp::MediaSection section = start_section(track.kind, std::to_string(index));
  section.direction = options_.plays ? sdp::Direction::RecvOnly
                      : track.active ? sdp::Direction::SendOnly
                                     : sdp::Direction::Inactive;
  section.msids = {{.stream_id = "-", .track_id = track.cid}};
  const Format& format = *std::ranges::find(kFormats, track.codec, &Format::name);
  section.codecs.push_back({.payload_type = format.payload_type,
                            .name = track.codec,
                            .clock_rate = video ? kVideoClock : kAudioClock,
                            .channels = static_cast<std::uint8_t>(video ? 1 : 2),
                            .parameters = sdp::parse_format_parameters(format.parameters),
                            .feedback = {{"transport-cc", ""}}});
  if (track.codec == "red") {
    section.codecs.push_back({.payload_type = kOpusPayloadType,
                              .name = "opus",
                              .clock_rate = kAudioClock,
                              .channels = 2,
                              .parameters = {},
                              .feedback = {}});
  }
  if (video) {
    section.codecs.front().feedback.insert(section.codecs.front().feedback.end(),
                                           {{"nack", ""}, {"nack", "pli"}});
    section.codecs.push_back({.payload_type = static_cast<std::uint8_t>(format.payload_type + 1),
                              .name = "rtx",
                              .clock_rate = kVideoClock,
                              .channels = 1,
                              .parameters = {{"apt", std::to_string(format.payload_type)}},
                              .feedback = {}});
  }
  for (const Extension& extension : kExtensions) {
    const bool for_audio_alone = extension.kind == rtp::HeaderExtension::AudioLevel;
    if (video ? for_audio_alone : for_video_alone(extension.kind)) continue;
    section.extensions.push_back({.id = extension.id,
                                  .direction = sdp::Direction::SendRecv,
                                  .uri = std::string(rtp::uri(extension.kind))});
  }
  if (track.layers.size() < 2) return section;
  section.simulcast.emplace();
  for (const PeerLayer& layer : track.layers) {
    section.rids.push_back(
        {.id = layer.rid, .direction = sdp::Direction::SendOnly, .restrictions = {}});
    section.simulcast->send.push_back({{.id = layer.rid, .paused = false}});
  }
  return section;
}

std::string ClientPeer::create_offer() {
  sdp::SessionDescription offer;
  offer.origin = {.username = "-", .session_id = 1, .version = ++description_version_};
  for (std::size_t i = 0; i < tracks_.size(); ++i) {
    offer.sections.push_back(describe_publication(i));
  }
  if (options_.data) offer.sections.push_back(describe_data("data"));
  std::vector<std::string>& bundle = offer.bundle_groups.emplace_back();
  for (const sdp::MediaSection& section : offer.sections) bundle.push_back(section.mid);
  return offer.to_text();
}

Result<void> ClientPeer::apply_answer(TimePoint now, const std::string& text) {
  auto answer = sdp::SessionDescription::parse(text);
  if (!answer) return std::unexpected(answer.error());
  learn_negotiated(*answer);
  if (options_.plays) learn_offered(*answer);
  learn_remote(now, *answer);
  return {};
}

Result<std::string> ClientPeer::answer(TimePoint now, const std::string& text) {
  auto offer = sdp::SessionDescription::parse(text);
  if (!offer) return std::unexpected(offer.error());
  const std::string offered_ufrag = offer->transport_of(offer->sections.front()).ice_ufrag;
  if (server_ice_ && server_ice_->ufrag != offered_ufrag) restart(now, Identity::Same);
  const bool associated = server_ice_.has_value();
  const bool passive = offer->transport_of(offer->sections.front()).setup == sdp::Setup::Active ||
                       (associated && !dtls_client_);
  sdp::SessionDescription answer;
  answer.origin = {.username = "-", .session_id = 1, .version = ++description_version_};
  answer.bundle_groups = offer->bundle_groups;
  for (const sdp::MediaSection& offered : offer->sections) {
    sdp::MediaSection section = start_section(offered.kind, offered.mid);
    if (passive && !options_.setup) section.transport.setup = sdp::Setup::Passive;
    section.protocol = offered.protocol;
    section.direction = sdp::reversed(offered.direction);
    section.codecs = offered.codecs;
    section.extensions = offered.extensions;
    section.sctp_port = offered.sctp_port;
    section.max_message_size = offered.max_message_size;
    answer.sections.push_back(std::move(section));
  }
  learn_offered(*offer);
  dtls_client_ = answer.sections.front().transport.setup == sdp::Setup::Active;
  learn_remote(now, *offer);
  return answer.to_text();
}

void ClientPeer::restart(TimePoint now, Identity identity) {
  ice_output_.clear();
  ice_.restart(now, ice::Credentials::generate(random_), ice_output_);
  carry_out_ice(now);
  if (identity == Identity::Same) return;
  certificate_ = *dtls::Certificate::generate(options_.certified_at);
  dtls_.reset();
  dtls_context_ = make_context(certificate_, options_.gcm);
  dtls_ = std::make_unique<dtls::Endpoint>(*dtls_context_);
  crypto_.flush();
  outbound_.reset();
  inbound_.reset();
  server_ice_.reset();  // The next association waits for the answer.
}

void ClientPeer::learn_negotiated(const sdp::SessionDescription& answer) {
  for (std::size_t i = 0; i < tracks_.size(); ++i) {
    const sdp::MediaSection& section = answer.sections.at(i);
    if (i == sending_.size()) {
      auto added = std::make_unique<SendTrack>();
      for (const PeerLayer& layer : tracks_[i].layers) {
        SendLayer& described = added->layers.emplace_back();
        described.layer = layer;
        described.timestamp_base = random_.u32();
        described.picture_id = static_cast<std::uint16_t>(random_.u32() & 0x7FFF);
      }
      sending_.push_back(std::move(added));
    }
    SendTrack& track = *sending_[i];
    track.mid = section.mid;
    track.kind = tracks_[i].kind;
    if (!section.codecs.empty()) {
      track.payload_type = section.codecs.front().payload_type;
      const sdp::Codec* const rtx = sdp::find_rtx(section.codecs, track.payload_type);
      track.rtx_payload_type = rtx == nullptr ? std::uint8_t{0} : rtx->payload_type;
    }
    track.extensions = {};
    for (const sdp::Extmap& extension : section.extensions) {
      if (const auto kind = rtp::header_extension_from_uri(extension.uri)) {
        track.extensions.add(*kind, extension.id);
      }
    }
  }
  if (answer.sections.empty()) return;
  dtls_client_ = answer.transport_of(answer.sections.front()).setup != sdp::Setup::Active;
}

void ClientPeer::learn_offered(const sdp::SessionDescription& offer) {
  for (const sdp::MediaSection& section : offer.sections) {
    for (const sdp::SsrcDescription& source : section.ssrcs) {
      ReceiveStream& stream = streams_[source.ssrc];
      stream.video = section.kind == sdp::MediaKind::Video;
      stream.vp8 = !section.codecs.empty() && section.codecs.front().is("VP8");
    }
    if (options_.plays && !section.codecs.empty()) {
      played_[section.codecs.front().payload_type] = section.kind == sdp::MediaKind::Video;
    }
    for (const sdp::SsrcGroup& group : section.ssrc_groups) {
      if (group.semantics == "FID") streams_[group.ssrcs[1]].repairs = group.ssrcs[0];
    }
    for (const sdp::Extmap& extension : section.extensions) {
      if (const auto kind = rtp::header_extension_from_uri(extension.uri)) {
        offered_extensions_.add(*kind, extension.id);
      }
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
  static_cast<void>(dtls_->set_remote_fingerprints(fingerprints, dtls_output_));
  carry_out_dtls(now);
  server_ice_ = *ice::Credentials::parse(transport.ice_ufrag, transport.ice_pwd);
  ice_output_.clear();
  const auto set = ice_.set_remote(now, {.credentials = *server_ice_, .lite = description.ice_lite},
                                   ice_output_);
  VIS_ASSERT(set.has_value());
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
    queue_.push(datagram.path, datagram.bytes());
  }
  if (ice_output_.state == ice::State::Failed) failed_ = true;
  if (ice_output_.selected) remote_ = ice_output_.selected->remote;
  if (remote_) start_dtls(now);
}

void ClientPeer::start_dtls(TimePoint now) {
  if (dtls_->state() != dtls::Endpoint::State::Idle || !server_ice_) return;
  dtls_output_.clear();
  dtls_->start(now, dtls_client_ ? dtls::Role::Client : dtls::Role::Server, dtls_output_);
  carry_out_dtls(now);
}

void ClientPeer::carry_out_dtls(TimePoint) {
  for (std::size_t i = 0; i < dtls_output_.datagrams.size(); ++i) {
    queue_.push({.remote = *remote_}, dtls_output_.datagrams[i]);
  }
  if (dtls_output_.failure) failed_ = true;
  if (dtls_output_.keys) on_keys(*dtls_output_.keys);
  for (std::size_t i = 0; i < dtls_output_.application_data.size(); ++i) {
    if (on_data) on_data(dtls_output_.application_data[i]);
  }
}

void ClientPeer::on_keys(const dtls::SrtpKeys& keys) {
  outbound_.emplace(crypto_, session_keys(keys.profile, keys.write));
  inbound_.emplace(crypto_, session_keys(keys.profile, keys.read));
  // Packet indices count afresh under new keys.
  other_sources_.clear();
  rtcp_streams_.clear();
  for (const auto& track : sending_) {
    for (SendLayer& layer : track->layers) layer.stream = layer.rtx_stream = {};
  }
  for (auto& [ssrc, stream] : streams_) stream.srtp = {};
}

void ClientPeer::check_path(TimePoint) {
  stun::TransactionId id{};
  random_.fill(id);
  std::array<std::uint8_t, stun::kMaxBuiltBytes> buffer{};
  stun::MessageBuilder builder{buffer, stun::Class::Request, id};
  builder.add_username(server_ice_->ufrag + ":" + ice_.credentials().ufrag);
  builder.add_priority(1);
  builder.add_ice_controlling(1);
  builder.add_use_candidate();
  queue_.push({.remote = *remote_},
              builder.finish(stun::IntegrityKey{server_ice_->password.reveal()}));
}

void ClientPeer::say_goodbye() {
  dtls_output_.clear();
  dtls_->close(dtls_output_);
  carry_out_dtls({});
}

bool ClientPeer::send_data(TimePoint now, Bytes packet) {
  dtls_output_.clear();
  if (!dtls_->send_application_data(packet, dtls_output_)) return false;
  carry_out_dtls(now);
  return true;
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
    dtls_->on_datagram(now, datagram, dtls_output_);
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
  if (const auto due = dtls_->next_deadline(); due && *due <= now) {
    dtls_output_.clear();
    dtls_->on_deadline(now, dtls_output_);
    carry_out_dtls(now);
  }
  if (!connected() || silent_) return;
  ask_again(now);
  report_arrivals(now);
  if (!report_at_) report_at_ = now + 500ms;
  if (*report_at_ <= now) {
    report_at_ = now + 500ms;
    send_reports(now);
  }
}

std::optional<TimePoint> ClientPeer::next_deadline() const {
  std::optional<TimePoint> next = ice_.next_deadline();
  const auto consider = [&](std::optional<TimePoint> deadline) {
    if (deadline && (!next || *deadline < *next)) next = deadline;
  };
  consider(dtls_->next_deadline());
  if (!connected() || silent_) return next;
  consider(report_at_.value_or(TimePoint::min()));
  for (const auto& [ssrc, stream] : streams_) consider(stream.nacks.next_deadline());
  if (reporting_) consider(arrivals_.next_deadline());
  return next;
}

void ClientPeer::flush() {
  crypto_.flush();
  queue_.flush(egress_);
}

}  // namespace vis::test
