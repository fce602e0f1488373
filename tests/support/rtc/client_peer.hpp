#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "base/result.hpp"
#include "base/socket_address.hpp"
#include "base/time.hpp"
#include "media/dtls/certificate.hpp"
#include "media/dtls/context.hpp"
#include "media/dtls/endpoint.hpp"
#include "media/ice/agent.hpp"
#include "media/rtp/extensions.hpp"
#include "media/rtp/nack_generator.hpp"
#include "media/rtp/receive_statistics.hpp"
#include "media/rtp/sequence.hpp"
#include "media/sdp/session_description.hpp"
#include "media/sfu/egress.hpp"
#include "media/srtp/crypto.hpp"
#include "media/srtp/inbound_context.hpp"
#include "media/srtp/outbound_context.hpp"

namespace vis::test {

/// One layer of a published track.
struct PeerLayer {
  std::string rid;  ///< Empty without simulcast.
  std::uint32_t ssrc = 0;
  std::uint32_t rtx_ssrc = 0;
};

struct PeerTrack {
  std::string cid;
  media::sdp::MediaKind kind = media::sdp::MediaKind::Video;
  std::string codec = "VP8";
  std::vector<PeerLayer> layers;
};

/// What a peer has received of one source.
struct PeerStream {
  std::uint64_t packets = 0;
  std::uint64_t bytes = 0;
  std::uint64_t recovered = 0;  ///< By retransmission.
  std::uint64_t key_frames = 0;
  std::uint64_t timestamp_jumps = 0;  ///< Backwards, among packets in order.
  std::uint64_t picture_gaps = 0;     ///< Jumps of the VP8 picture id, among packets in order.
  std::int64_t highest = -1;
  std::int64_t first = -1;
  std::uint64_t duplicates = 0;
  std::uint64_t distinct() const { return packets - duplicates; }
  /// Of the span from the first to the highest packet.
  std::uint64_t missing() const {
    const auto span = highest < 0 ? 0 : static_cast<std::uint64_t>(highest - first + 1);
    return span > distinct() ? span - distinct() : 0;
  }
};

/// A WebRTC client as the server sees one, without sockets and codecs: full ICE, DTLS, SRTP, RTX
/// and NACK, with made-up VP8 and Opus payloads. For simulations in fake time and, with real
/// sockets around it, for load. One thread; bytes and time in, datagrams out.
class ClientPeer final {
 public:
  struct Options {
    SocketAddress address;
    bool offers = true;  ///< The publisher's side of signalling; else it answers.
    bool gcm = true;
    bool asks_retransmission = true;
  };
  ClientPeer(Options options, RandomSource& random, media::srtp::Crypto& crypto,
             media::sfu::EgressSink& egress);
  ~ClientPeer();

  // ---- signalling ----

  void add_track(PeerTrack track) { tracks_.push_back(std::move(track)); }
  /// Sendonly sections for the tracks, in order.
  std::string create_offer();
  Result<void> apply_answer(TimePoint now, const std::string& sdp);
  /// Takes whatever the server offers.
  Result<std::string> answer(TimePoint now, const std::string& offer);
  void add_candidate(TimePoint now, const std::string& candidate);

  // ---- media ----

  bool connected() const { return outbound_.has_value(); }
  bool failed() const { return failed_; }
  /// One frame of `packets` packets of `payload_bytes` each on every layer.
  void send_video_frame(TimePoint now, std::size_t track, std::size_t packets,
                        std::size_t payload_bytes);
  void send_audio_packet(TimePoint now, std::size_t track, std::uint8_t level_dbov);
  void request_key_frame(TimePoint now, std::uint32_t ssrc);
  void set_layer_enabled(std::size_t track, std::size_t layer, bool enabled);

  void on_datagram(TimePoint now, MutableBytes datagram, const SocketAddress& from);
  void on_deadline(TimePoint now);
  std::optional<TimePoint> next_deadline() const;
  /// Sends what the calls before have made.
  void flush();

  // ---- what happened ----

  const std::map<std::uint32_t, PeerStream>& received() const { return received_; }
  std::uint64_t key_frame_requests() const { return key_frame_requests_; }
  std::uint64_t retransmissions_sent() const { return retransmissions_sent_; }
  std::uint64_t transport_feedbacks() const { return transport_feedbacks_; }
  std::uint64_t sender_reports() const { return sender_reports_; }

 private:
  struct SendLayer;
  struct SendTrack;
  struct ReceiveStream;

  media::sdp::MediaSection describe_publication(std::size_t index) const;
  media::sdp::MediaSection start_section(media::sdp::MediaKind kind, std::string mid) const;
  void learn_remote(TimePoint now, const media::sdp::SessionDescription& description);
  void learn_negotiated(const media::sdp::SessionDescription& answer);
  void learn_offered(const media::sdp::SessionDescription& offer);
  void carry_out_ice(TimePoint now);
  void carry_out_dtls(TimePoint now);
  void start_dtls(TimePoint now);
  void on_keys(const media::dtls::SrtpKeys& keys);
  void on_rtp(TimePoint now, Bytes datagram);
  void on_rtcp(TimePoint now, MutableBytes datagram);
  void deliver(TimePoint now, std::uint32_t ssrc, ReceiveStream& stream, Bytes packet,
               bool recovered);
  void send_packet(TimePoint now, SendTrack& track, SendLayer& layer, Bytes payload, bool marker,
                   std::uint32_t timestamp, std::uint8_t level_dbov);
  void retransmit(TimePoint now, SendTrack& track, SendLayer& layer, std::uint16_t sequence);
  void send_rtcp(Bytes packet);
  void send_reports(TimePoint now);

  Options options_;
  RandomSource& random_;
  media::srtp::Crypto& crypto_;
  media::sfu::EgressSink& egress_;
  media::sfu::EgressQueue queue_;
  media::dtls::Certificate certificate_;
  media::dtls::Context dtls_context_;
  media::dtls::Endpoint dtls_;
  media::ice::Agent ice_;
  media::ice::Output ice_output_;
  media::dtls::Output dtls_output_;
  std::vector<PeerTrack> tracks_;
  std::vector<std::unique_ptr<SendTrack>> sending_;
  std::map<std::uint32_t, ReceiveStream> streams_;
  std::map<std::uint32_t, PeerStream> received_;
  std::map<std::uint32_t, media::srtp::InboundRtcpStream> rtcp_streams_;
  std::optional<media::srtp::OutboundContext> outbound_;
  std::optional<media::srtp::InboundContext> inbound_;
  std::optional<SocketAddress> remote_;
  bool dtls_client_ = true;
  bool remote_known_ = false;
  bool failed_ = false;
  std::uint16_t next_transport_sequence_ = 0;
  std::optional<TimePoint> report_at_;
  std::uint64_t key_frame_requests_ = 0;
  std::uint64_t retransmissions_sent_ = 0;
  std::uint64_t transport_feedbacks_ = 0;
  std::uint64_t sender_reports_ = 0;
};

}  // namespace vis::test
