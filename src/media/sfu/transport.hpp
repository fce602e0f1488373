#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "media/dtls/context.hpp"
#include "media/dtls/endpoint.hpp"
#include "media/ice/agent.hpp"
#include "media/negotiation/negotiator.hpp"
#include "media/sfu/data_plane.hpp"
#include "media/sfu/engine_context.hpp"
#include "media/sfu/inbound.hpp"
#include "media/sfu/outbound.hpp"
#include "media/sfu/rtcp_session.hpp"

namespace vis::media::sfu {

class Room;

/// One peer connection with a client (W3C: RTCPeerConnection): ICE, DTLS and SRTP underneath, the
/// tracks it publishes and the tracks it is sent on top, and the offer/answer state between.
///
/// Owned by the engine, on its thread. A transport that has failed stays, silent, until its owner
/// closes it: the client may restart ICE.
class Transport final {
 public:
  struct Ports {
    EngineContext& context;
    DataPlane& data;
    dtls::Context& dtls;
    const dtls::Fingerprint& fingerprint;
    Room& room;
  };
  Transport(TransportConfig config, const std::vector<LocalAddress>& addresses, Ports ports);
  ~Transport();

  TransportId id() const { return config_.id; }
  const TransportConfig& config() const { return config_; }
  Room& room() const { return ports_.room; }
  bool connected() const { return connected_; }
  /// Whether the client was heard on its path lately.
  bool is_heard() const { return ice_.state() == ice::State::Connected; }
  /// When the latest datagram came along its path.
  TimePoint heard_at() const { return heard_at_; }

  // ---- signalling ----

  void start_offer(TimePoint now);
  void restart_ice(TimePoint now);
  void apply_offer(TimePoint now, const std::string& sdp, std::uint32_t offer_id);
  void apply_answer(TimePoint now, const std::string& sdp);
  void add_candidate(TimePoint now, const std::string& candidate);

  // ---- tracks ----

  /// Announces a track of this client; its section may have been negotiated before.
  void publish(TimePoint now, Receiver& receiver);
  /// Forgets a receiver that is about to go.
  void unpublish(const Receiver& receiver);
  void subscribe(TimePoint now, const SubscribeConfig& config, Receiver* receiver);
  void unsubscribe(TimePoint now, const TrackId& track);
  void set_layer_target(TimePoint now, const TrackId& track, LayerTarget target);
  /// The codec of a track that this client may be waiting for has been negotiated.
  void on_track_bound(TimePoint now, Receiver& receiver);
  void on_track_gone(TimePoint now, const TrackId& track);
  void on_backup_gone(TimePoint now, const TrackId& track);

  // ---- datagrams ----

  void on_stun(TimePoint now, const stun::Message& message, const ice::Path& path);
  /// Asks the client whether what came along `path`, which is nobody's, is its. False when it was
  /// asked a moment ago, or cannot be there.
  bool check_move(TimePoint now, const ice::Path& path);
  /// Along the selected path alone; the engine has checked.
  void on_dtls(TimePoint now, Bytes datagram);
  void on_rtp(TimePoint now, Bytes datagram) {
    heard_at_ = now;
    inbound_.on_rtp(now, datagram);
  }
  void on_rtcp(TimePoint now, MutableBytes datagram);
  void send_sctp(TimePoint now, Bytes packet);

  /// Divides what the path to the client carries among its tracks.
  void allocate(TimePoint now) { outbound_.allocate(now); }
  void on_deadline(TimePoint now);
  std::optional<TimePoint> next_deadline() const;

  QualityReport::Entry take_quality(TimePoint now);
  /// Adds this transport and what it sends to a sample of its room.
  void add_to(RoomSample& sample, TimePoint now) const;

 private:
  void apply(TimePoint now, const negotiation::Negotiated& negotiated);
  void apply_remote(TimePoint now, const negotiation::Negotiated& negotiated);
  void apply_received(TimePoint now, const negotiation::ReceiveSection& section);
  void apply_sent(TimePoint now, const negotiation::SendSection& section);
  void bind(TimePoint now, Receiver& receiver, const negotiation::ReceiveSection& section);
  /// The client sends no longer what the receiver was bound to.
  void end(TimePoint now, const Receiver& receiver);
  /// The announced track that an offered section carries.
  Receiver* announced(sdp::MediaKind kind, const std::string& track_id,
                      const std::string& mid) const;
  negotiation::AnswerOptions answer_options(const negotiation::Offer& offer);
  /// A player's offer: a slot for each section that it receives in.
  void add_slots(const negotiation::Offer& offer);
  void open_slot(TimePoint now, const negotiation::SendSection& section);
  /// False while no slot can take the track.
  bool play(TimePoint now, Outbound::Subscription& subscription, Receiver& receiver);
  void negotiate(TimePoint now);
  void restart_agent(TimePoint now, ice::Credentials credentials);
  void emit_description(bool is_offer, std::string sdp, std::uint32_t offer_id);
  void refuse(const TrackId& track);
  void emit_refusal(Error error);
  void emit_state(TransportState state, std::string reason);

  ice::Output& fresh_ice_output();
  dtls::Output& fresh_dtls_output();
  void carry_out(TimePoint now, const ice::Output& output);
  void carry_out(TimePoint now, const dtls::Output& output);
  void on_path_selected(TimePoint now, const ice::Path& path);
  void renew_pictures(TimePoint now);
  void start_dtls(TimePoint now);
  void on_keys(TimePoint now, const dtls::SrtpKeys& keys);
  void on_dtls_connected();
  /// The DTLS association is over: nothing is let in or sent any more.
  void drop_keys();
  void update_data_plane();

  TransportConfig config_;
  Ports ports_;
  ice::Agent ice_;
  std::unique_ptr<dtls::Endpoint> dtls_;
  TimePoint heard_at_;
  bool keyed_ = false;      ///< SRTP has its keys.
  bool connected_ = false;  ///< And the handshake is done.
  negotiation::Negotiator negotiator_;
  std::optional<negotiation::RemoteTransport> remote_;
  std::optional<negotiation::RemoteData> data_;
  bool offering_ = false;  ///< A Subscriber transport whose first offer was asked for.
  bool data_open_ = false;
  bool candidates_told_ = false;  ///< Of this ICE generation.

  Inbound inbound_;
  Outbound outbound_;
  RtcpSession rtcp_;
  std::vector<Receiver*> published_;
  std::vector<negotiation::ReceiveSection> unmatched_;  ///< Offered before they were announced.
};

}  // namespace vis::media::sfu
