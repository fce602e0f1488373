#include "media/sfu/transport.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "media/sfu/receiver.hpp"
#include "media/sfu/room.hpp"

namespace vis::media::sfu {
namespace {

ice::Agent::Config ice_config(const TransportConfig& config,
                              const std::vector<LocalAddress>& addresses,
                              const EngineContext& context) {
  ice::Agent::Config ice{.lite = config.ice_lite,
                         .role = config.role == TransportRole::Subscriber ? ice::Role::Controlling
                                                                          : ice::Role::Controlled,
                         .tie_breaker = context.random.u64(),
                         .credentials = context.new_ice_credentials(),
                         .candidates = {}};
  // Those of TCP have 13 bits for it (RFC 6544 section 4.2).
  std::uint16_t udp_preference = 65535;
  std::uint16_t tcp_preference = 8191;
  const auto add = [&](const LocalAddress& local) {
    const bool tcp = local.transport == ice::Transport::Tcp;
    ice.candidates.push_back(tcp ? ice::Candidate::tcp_passive(local.address, tcp_preference--)
                                 : ice::Candidate::host(local.address, udp_preference--));
    ice.candidates.back().socket = local.socket;
  };
  // Clients check pairs in order of priority, one every 50 ms: the address that this one is known
  // to reach comes first.
  for (const bool reached : {true, false}) {
    for (const LocalAddress& local : addresses) {
      if ((config.reached_at == local.address.ip) == reached) add(local);
    }
  }
  return ice;
}

negotiation::IceCredentials describe(const ice::Credentials& credentials) {
  return {.ufrag = credentials.ufrag, .pwd = credentials.password.reveal()};
}

negotiation::Config negotiation_config(const TransportConfig& config, const ice::Agent& ice,
                                       const dtls::Fingerprint& fingerprint, RandomSource& random) {
  constexpr std::uint64_t kSessionIdMask = (std::uint64_t{1} << 62) - 1;
  negotiation::Config result;
  result.offerer = config.role == TransportRole::Subscriber ? negotiation::Offerer::Server
                                                            : negotiation::Offerer::Client;
  result.session_id = random.u64() & kSessionIdMask;
  result.transport.ice = describe(ice.credentials());
  result.transport.fingerprint = {.hash = std::string(fingerprint.hash_name()),
                                  .value = fingerprint.digest_text()};
  for (const ice::Candidate& candidate : ice.candidates()) {
    result.transport.candidates.push_back(candidate.format());
  }
  result.transport.ice_lite = config.ice_lite;
  result.reuse_sections = config.reuse_sections;
  if (config.denied_publish_codecs.empty()) return result;
  auto own = std::make_shared<negotiation::Capabilities>(*result.capabilities);
  for (const std::string& mime : config.denied_publish_codecs) {
    own->forbid(mime, negotiation::Flow::Publish);
  }
  result.capabilities = std::move(own);
  return result;
}

srtp::SessionKeys session_keys(dtls::SrtpProfile profile, const dtls::SrtpKey& key) {
  const bool gcm = profile == dtls::SrtpProfile::AeadAes128Gcm;
  return srtp::SessionKeys::derive(
      gcm ? srtp::Profile::AeadAes128Gcm : srtp::Profile::Aes128CmHmacSha1_80,
      {.key = key.key, .salt = key.salt});
}

std::string_view words(ice::FailureReason reason) {
  switch (reason) {
    case ice::FailureReason::None: return "";
    case ice::FailureReason::NoConnection: return "no network path to the client was found";
    case ice::FailureReason::ConsentExpired: return "the client has not been heard for 30 seconds";
  }
  std::unreachable();
}

std::string_view words(dtls::FailureReason reason) {
  switch (reason) {
    case dtls::FailureReason::HandshakeTimeout: return "the DTLS handshake took too long";
    case dtls::FailureReason::HandshakeFailed: return "the DTLS handshake failed";
    case dtls::FailureReason::FingerprintMismatch:
      return "the client's certificate is not the one that it announced";
    case dtls::FailureReason::NoSrtpProfile: return "no SRTP profile in common";
    case dtls::FailureReason::Broken: return "the DTLS association broke";
  }
  std::unreachable();
}

/// A silence after which packets that were sent again come too late.
constexpr Duration kUnmendable = 1s;

/// As the extension can say it; nothing where the client is to decide.
std::optional<rtp::PlayoutDelay> playout_delay(const TransportConfig& config) {
  constexpr std::chrono::milliseconds kUsualMax = 10s;
  const auto& [min, max] = std::pair{config.min_playout_delay, config.max_playout_delay};
  if (min == 0ms && max == 0ms) return std::nullopt;
  const auto most = std::min(max == 0ms ? kUsualMax : max, rtp::PlayoutDelay::kMax);
  return rtp::PlayoutDelay{.min = std::min(min, most), .max = most};
}

}  // namespace

Transport::Transport(TransportConfig config, const std::vector<LocalAddress>& addresses,
                     Ports ports)
    : config_(std::move(config)),
      ports_(ports),
      ice_(ice_config(config_, addresses, ports.context), ports.context.random),
      dtls_(std::make_unique<dtls::Endpoint>(ports.dtls)),
      negotiator_(negotiation_config(config_, ice_, ports.fingerprint, ports.context.random)),
      inbound_(ports.context),
      outbound_(ports.context, config_.id),
      rtcp_(ports.context.random.u32(), inbound_, outbound_) {
  ports_.context.addresses.add_ufrag(*this, ice_.credentials().ufrag);
  if (const auto delay = playout_delay(config_)) outbound_.set_playout_delay(*delay);
}

Transport::~Transport() {
  if (data_open_) ports_.data.close(id());
}

// ---- datagrams ----

void Transport::on_stun(TimePoint now, const stun::Message& message, const ice::Path& path) {
  ice::Output& output = fresh_ice_output();
  const std::uint64_t refused_before = ice_.refused();
  ice_.on_stun(now, message, path, output);
  ports_.context.counters.stun_rejected += ice_.refused() - refused_before;
  carry_out(now, output);
  // While the client was silent, another may have had its address.
  if (ice_.selected() != path) return;
  heard_at_ = now;
  if (is_heard()) ports_.context.addresses.select(*this, path);
}

bool Transport::check_move(TimePoint now, const ice::Path& path) {
  const auto selected = ice_.selected();
  if (!selected || selected->local != path.local || !keyed_) return false;
  ice::Output& output = fresh_ice_output();
  if (!ice_.check_move(now, path, output)) return false;
  ports_.context.addresses.add_checked(*this, path);
  carry_out(now, output);
  return true;
}

ice::Output& Transport::fresh_ice_output() {
  ports_.context.ice_output.clear();
  return ports_.context.ice_output;
}

dtls::Output& Transport::fresh_dtls_output() {
  ports_.context.dtls_output.clear();
  return ports_.context.dtls_output;
}

void Transport::carry_out(TimePoint now, const ice::Output& output) {
  for (const ice::Datagram& datagram : output.datagrams()) {
    if (!config_.ice_lite) ports_.context.addresses.add_checked(*this, datagram.path);
    ports_.context.make_room();
    ports_.context.egress.push(datagram.path, datagram.bytes());
  }
  const auto selected = output.selected;
  const auto state = output.state;
  const auto failure = output.failure;
  if (selected) on_path_selected(now, *selected);
  start_dtls(now);
  if (!state) return;
  switch (*state) {
    case ice::State::New:
    case ice::State::Checking:
    case ice::State::Closed: return;
    case ice::State::Connected:
      if (connected_) emit_state(TransportState::Connected, "");
      return;
    case ice::State::Disconnected:
      return emit_state(TransportState::Disconnected, "the client has fallen silent");
    case ice::State::Failed:
      ports_.context.addresses.unselect(*this);
      outbound_.clear_path();
      rtcp_.stop();
      return emit_state(TransportState::Failed, std::string(words(failure)));
  }
  std::unreachable();
}

void Transport::on_path_selected(TimePoint now, const ice::Path& path) {
  // What was made for the old path leaves there before the new one counts.
  ports_.context.send_all();
  ports_.context.addresses.select(*this, path);
  outbound_.set_path(now, path);
  if (keyed_) rtcp_.start(now);
  if (connected_ && now - heard_at_ > kUnmendable) renew_pictures(now);
}

/// What broke off is not to be mended, and decoders take seconds to notice.
void Transport::renew_pictures(TimePoint now) {
  outbound_.resume(now);
  for (const Receiver* const receiver : published_) {
    for (Sender* const sender : receiver->senders()) sender->resume(now);
  }
}

/// Only where ICE has a path with the credentials that came with the fingerprint: what is left of
/// the association before a restart arrives on the old one.
void Transport::start_dtls(TimePoint now) {
  if (!remote_ || !ice_.has_path_of_this_generation()) return;
  if (dtls_->state() != dtls::Endpoint::State::Idle) return;
  dtls::Output& output = fresh_dtls_output();
  dtls_->start(now,
               remote_->local_setup == sdp::Setup::Active ? dtls::Role::Client : dtls::Role::Server,
               output);
  carry_out(now, output);
  outbound_.expect_keys(now);
}

void Transport::on_dtls(TimePoint now, Bytes datagram) {
  dtls::Output& output = fresh_dtls_output();
  dtls_->on_datagram(now, datagram, output);
  carry_out(now, output);
}

void Transport::carry_out(TimePoint now, const dtls::Output& output) {
  for (std::size_t i = 0; outbound_.path() && i < output.datagrams.size(); ++i) {
    ports_.context.make_room();
    ports_.context.egress.push(*outbound_.path(), output.datagrams[i]);
  }
  for (std::size_t i = 0; i < output.application_data.size(); ++i) {
    if (data_open_) ports_.data.receive(id(), output.application_data[i]);
  }
  const bool connected = output.connected;
  if (output.keys) on_keys(now, *output.keys);
  if (connected) on_dtls_connected();
  const auto failure = output.failure;
  const bool closed = output.closed;
  if (failure || closed) drop_keys();
  if (failure) emit_state(TransportState::Failed, std::string(words(failure->reason)));
  if (closed) emit_state(TransportState::Disconnected, "the client closed the connection");
}

void Transport::drop_keys() {
  inbound_.clear_keys();
  outbound_.clear_keys();
  rtcp_.stop();
  keyed_ = connected_ = false;
  if (std::exchange(data_open_, false)) ports_.data.close(id());
}

void Transport::on_keys(TimePoint now, const dtls::SrtpKeys& keys) {
  inbound_.set_keys(session_keys(keys.profile, keys.read));
  outbound_.set_keys(now, session_keys(keys.profile, keys.write));
  keyed_ = true;
  rtcp_.start(now);
}

void Transport::on_dtls_connected() {
  connected_ = true;
  emit_state(TransportState::Connected, "");
  update_data_plane();
}

void Transport::update_data_plane() {
  if (!connected_ || !data_ || data_open_) return;
  data_open_ = true;
  ports_.data.open(id(), {.offers_channels = config_.role == TransportRole::Subscriber,
                          .dtls_client = remote_->local_setup == sdp::Setup::Active,
                          .remote_port = data_->sctp_port,
                          .remote_max_message_size = data_->max_message_size});
}

void Transport::send_sctp(TimePoint now, Bytes packet) {
  dtls::Output& output = fresh_dtls_output();
  // A packet that cannot go now is lost on the way; SCTP sends it again.
  static_cast<void>(dtls_->send_application_data(packet, output));
  carry_out(now, output);
}

void Transport::on_rtcp(TimePoint now, MutableBytes datagram) {
  heard_at_ = now;
  const auto clear = inbound_.open_rtcp(datagram);
  if (!clear || !rtcp_.on_compound(now, *clear, published_)) {
    ++ports_.context.counters.rtcp_rejected;
    return;
  }
  ++ports_.context.counters.rtcp_received;
}

// ---- time ----

void Transport::on_deadline(TimePoint now) {
  if (const auto due = ice_.next_deadline(); due && *due <= now) {
    ice::Output& output = fresh_ice_output();
    ice_.on_deadline(now, output);
    carry_out(now, output);
  }
  if (const auto due = dtls_->next_deadline(); due && *due <= now) {
    dtls::Output& output = fresh_dtls_output();
    dtls_->on_deadline(now, output);
    carry_out(now, output);
  }
  rtcp_.on_deadline(now, published_);
  outbound_.on_deadline(now);
}

std::optional<TimePoint> Transport::next_deadline() const {
  std::optional<TimePoint> next;
  for (const auto& deadline : {ice_.next_deadline(), dtls_->next_deadline(),
                               rtcp_.next_deadline(published_), outbound_.next_deadline()}) {
    if (deadline && (!next || *deadline < *next)) next = deadline;
  }
  return next;
}

QualityReport::Entry Transport::take_quality(TimePoint now) {
  using std::chrono::duration_cast;
  using std::chrono::milliseconds;
  const RtcpSession::Uplink uplink = rtcp_.take_uplink();
  const Sender::Quality downlink = rtcp_.downlink();
  const auto estimate = outbound_.estimate(now);
  return {
      .transport = id(),
      .receiving = inbound_.received_since_last_look(),
      .uplink_loss = uplink.loss,
      .downlink_loss = downlink.loss,
      .round_trip_ms =
          static_cast<std::uint32_t>(std::chrono::ceil<milliseconds>(downlink.round_trip).count()),
      .jitter_ms = static_cast<std::uint32_t>(duration_cast<milliseconds>(uplink.jitter).count()),
      .available_kbps = estimate ? static_cast<std::uint32_t>(estimate->kbps()) : 0,
      .shortage = outbound_.shortage(now)};
}

void Transport::add_to(RoomSample& sample, TimePoint now) const {
  using std::chrono::milliseconds;
  const auto estimate = outbound_.estimate(now);
  const Sender::Quality downlink = rtcp_.downlink();
  const auto round_trip = std::chrono::ceil<milliseconds>(downlink.round_trip);
  RoomSample::Transport total{
      .transport = id(),
      .connected = connected_,
      .round_trip_ms = static_cast<std::uint32_t>(round_trip.count()),
      .available_kbps = estimate ? static_cast<std::uint32_t>(estimate->kbps()) : 0,
      .local = outbound_.path().transform([](const ice::Path& path) { return path.local; }),
      .wanted_kbps = static_cast<std::uint32_t>(outbound_.wanted().kbps()),
      .granted_kbps = static_cast<std::uint32_t>(outbound_.granted().kbps()),
      .loss = downlink.loss};
  outbound_.for_each_sender([&](const SubscribeConfig&, const Sender& sender) {
    RoomSample::Subscription subscription = sender.sample();
    subscription.transport = id();
    total.packets += subscription.packets;
    total.bytes += subscription.bytes;
    total.retransmitted += subscription.retransmitted;
    sample.add(std::move(subscription));
  });
  sample.transports.push_back(total);
}

void Transport::emit_state(TransportState state, std::string reason) {
  ports_.context.events.emplace_back(
      TransportChanged{.transport = id(), .state = state, .reason = std::move(reason)});
}

}  // namespace vis::media::sfu
