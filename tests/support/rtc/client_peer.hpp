#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
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
#include "media/rtcp/compound.hpp"
#include "media/rtp/extensions.hpp"
#include "media/rtp/transport_feedback_recorder.hpp"
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
  std::size_t shrink = 1;  ///< Its frames have so many times fewer packets.
};

struct PeerTrack {
  std::string cid;
  media::sdp::MediaKind kind = media::sdp::MediaKind::Video;
  std::string codec = "VP8";
  std::vector<PeerLayer> layers;
  bool active = true;      ///< False: its section stays and sends nothing.
  bool encrypted = false;  ///< End to end, as the server is told; what is sent stays the same.
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

/// A packet that a peer has received.
struct PeerPacket {
  TimePoint now;
  std::uint32_t ssrc = 0;
  std::int64_t sequence = 0;  ///< Unwrapped.
  std::uint8_t payload_type = 0;
  bool marker = false;
  Bytes payload;
  std::optional<media::rtp::VideoOrientation> orientation{};
};

/// An RTP packet in the clear, as a client that means no good may write it.
struct PlainPacket {
  ByteVector bytes;
  std::size_t header_size = 0;  ///< Where encryption begins.
};

/// A WebRTC client as the server sees one, without sockets and codecs: full ICE, DTLS, SRTP, RTX
/// and NACK, with made-up VP8 and Opus payloads. For simulations in fake time and, with real
/// sockets around it, for load. One thread; bytes and time in, datagrams out.
class ClientPeer final {
 public:
  struct Options {
    SocketAddress address;
    bool offers = true;  ///< The publisher's side of signalling; else it answers.
    bool plays = false;  ///< Its offers receive what their tracks describe, and send nothing.
    bool gcm = true;     ///< Offers AEAD_AES_128_GCM too, not AES128_CM_SHA1_80 alone.
    bool asks_retransmission = true;
    bool retransmits = true;  ///< Sends again what it is asked for.
    /// Some servers do not take a certificate that is out of date.
    WallTime certified_at = wall_from_unix_ms(1'700'000'000'000);
    std::size_t send_buffer_bytes = media::sfu::EgressQueue::kBufferBytes;
    bool data = false;  ///< Whether its offers have a section for data channels.
    /// What its media payloads end with, as eight bytes: when each was made. For whoever measures
    /// how long packets are under way.
    std::function<std::uint64_t()> stamp{};
    /// Its DTLS role: what its offers or answers say.
    std::optional<media::sdp::Setup> setup{};
  };
  ClientPeer(Options options, RandomSource& random, media::srtp::Crypto& crypto,
             media::sfu::EgressSink& egress);
  ~ClientPeer();

  // ---- signalling ----

  void add_track(PeerTrack track) { tracks_.push_back(std::move(track)); }
  /// For the next offer: another codec, other sources, or silence.
  PeerTrack& track(std::size_t index) { return tracks_.at(index); }
  /// Sendonly sections for the tracks, in order; the section for data comes last.
  std::string create_offer();
  Result<void> apply_answer(TimePoint now, const std::string& sdp);
  /// Takes whatever the server offers.
  Result<std::string> answer(TimePoint now, const std::string& offer);
  void add_candidate(TimePoint now, const std::string& candidate);
  enum class Identity : std::uint8_t { Same, New };
  /// New ICE credentials for the next offer; with a new identity, a new certificate as well, and so
  /// a new DTLS association.
  void restart(TimePoint now, Identity identity);

  // ---- transport ----

  bool connected() const { return outbound_.has_value(); }
  /// Only when connected.
  media::srtp::Profile profile() const { return outbound_->profile(); }
  bool failed() const { return failed_; }
  const media::ice::Credentials& credentials() const { return ice_.credentials(); }
  /// The server's, once its description is known.
  const std::optional<media::ice::Credentials>& server_credentials() const { return server_ice_; }
  const media::dtls::Fingerprint& fingerprint() const { return certificate_.fingerprint(); }
  /// Checks the path to the server at once, and asks for it, as a client does whose own network has
  /// changed.
  void check_path(TimePoint now);
  /// Ends the DTLS association, as a closed connection does.
  void say_goodbye();

  /// SCTP packets that arrive in DTLS.
  std::function<void(Bytes)> on_data;
  /// False before DTLS is up.
  bool send_data(TimePoint now, Bytes packet);

  // ---- media ----

  /// One frame of `packets` packets of `payload_bytes` each on every layer.
  void send_video_frame(TimePoint now, std::size_t track, std::size_t packets,
                        std::size_t payload_bytes);
  void send_audio_packet(TimePoint now, std::size_t track, std::uint8_t level_dbov,
                         std::size_t payload_bytes = 80);
  /// One packet with a payload and header extensions of the caller's making, on a layer of a track.
  /// It is sent again when it is asked for.
  struct Made {
    Bytes payload;
    Bytes dependency_descriptor{};
    Bytes orientation{};  ///< The header extension's element.
    bool marker = false;
    std::size_t layer = 0;
    bool lost = false;  ///< On its way to the server; a retransmission of it is not.
  };
  void send_made(TimePoint now, std::size_t track, const Made& made);
  /// Whether the server has asked for one since the last call.
  bool take_key_frame_wanted(std::size_t track, std::size_t layer = 0);
  void request_key_frame(TimePoint now, std::uint32_t ssrc);
  /// Says that these were lost, whether they were or not. In ascending order.
  void request_retransmission(std::uint32_t ssrc, std::span<const std::uint16_t> lost);
  void set_layer_enabled(std::size_t track, std::size_t layer, bool enabled);
  /// The encoder of a layer starts afresh, under other sources.
  void replace_source(std::size_t track, std::size_t layer, const PeerLayer& by);

  /// The track's next packet, to be bent and given to `send_plain`.
  PlainPacket make_packet(TimePoint now, std::size_t track, Bytes payload);
  /// Protects with the real keys whatever the packet is. False when SRTP would use a nonce twice.
  bool send_plain(const PlainPacket& packet);
  void send_rtcp(Bytes packet);

  void on_datagram(TimePoint now, MutableBytes datagram, const SocketAddress& from);
  /// Instead of `on_datagram`, for an RTP packet that is not to be decrypted: its header, which is
  /// in the clear, is enough for all reports. For whoever plays many clients.
  void note_packet(TimePoint now, const media::rtp::Header& header);
  /// Not so are retransmissions and padding.
  bool is_media(const media::rtp::Header& header) const;
  void on_deadline(TimePoint now);
  std::optional<TimePoint> next_deadline() const;
  /// Sends what the calls before have made.
  void flush();

  // ---- what happened ----

  const std::map<std::uint32_t, PeerStream>& received() const { return received_; }
  /// Called with each packet that arrives for the first time, in the clear.
  std::function<void(std::uint32_t ssrc, Bytes payload)> on_media;
  /// The same with its header; also of packets of padding alone.
  std::function<void(std::uint32_t ssrc, bool marker, Bytes payload)> on_packet;
  /// The same, with what a decoder needs beside the payload.
  std::function<void(const PeerPacket& packet)> on_arrival;
  /// Called with each playout delay that a packet tells.
  std::function<void(const media::rtp::PlayoutDelay&)> on_playout_delay;
  std::uint64_t key_frame_requests() const { return key_frame_requests_; }
  std::uint64_t retransmissions_sent() const { return retransmissions_sent_; }
  std::uint64_t transport_feedbacks() const { return transport_feedbacks_; }
  /// Whether it reports when packets arrive.
  void set_reporting(bool reporting) { reporting_ = reporting; }
  /// No feedback of any kind from now on.
  void fall_silent() { silent_ = true; }
  std::uint64_t sender_reports() const { return sender_reports_; }
  /// What the server told of its own estimate last (REMB).
  std::optional<std::uint64_t> told_bps() const { return told_bps_; }
  /// The sources that have said BYE.
  const std::vector<std::uint32_t>& ended() const { return ended_; }
  std::uint64_t datagrams_refused() const { return datagrams_refused_; }

 private:
  struct SendLayer;
  struct SendTrack;
  struct ReceiveStream;
  struct Outgoing;
  struct Arrival;

  media::sdp::MediaSection describe_publication(std::size_t index) const;
  media::sdp::MediaSection describe_data(std::string mid) const;
  media::sdp::MediaSection start_section(media::sdp::MediaKind kind, std::string mid) const;
  void learn_remote(TimePoint now, const media::sdp::SessionDescription& description);
  void learn_negotiated(const media::sdp::SessionDescription& answer);
  void learn_offered(const media::sdp::SessionDescription& offer);
  void carry_out_ice(TimePoint now);
  void carry_out_dtls(TimePoint now);
  void start_dtls(TimePoint now);
  void on_keys(const media::dtls::SrtpKeys& keys);
  ReceiveStream* stream_of(const media::rtp::Header& header);
  void on_rtp(TimePoint now, Bytes datagram);
  void on_rtcp(TimePoint now, MutableBytes datagram);
  void take(TimePoint now, const media::rtcp::Message& message);
  void deliver(const Arrival& packet);
  void ask_again(TimePoint now);
  void report_arrivals(TimePoint now);
  std::size_t write_header(const Outgoing& packet, MutableBytes out);
  void send_packet(const Outgoing& packet);
  void put_stamp(MutableBytes payload) const;
  void retransmit(TimePoint now, SendTrack& track, SendLayer& layer, std::uint16_t sequence);
  void send_reports(TimePoint now);
  template <typename Act>
  void with_layer(std::uint32_t ssrc, Act act);

  Options options_;
  RandomSource& random_;
  media::srtp::Crypto& crypto_;
  media::sfu::EgressSink& egress_;
  media::sfu::EgressQueue queue_;
  media::dtls::Certificate certificate_;
  std::unique_ptr<media::dtls::Context> dtls_context_;
  std::unique_ptr<media::dtls::Endpoint> dtls_;
  media::ice::Agent ice_;
  media::ice::Output ice_output_;
  media::dtls::Output dtls_output_;
  std::vector<PeerTrack> tracks_;
  std::vector<std::unique_ptr<SendTrack>> sending_;
  std::map<std::uint32_t, ReceiveStream> streams_;
  /// By payload type, whether it is video: for servers that do not announce their sources.
  std::map<std::uint8_t, bool> played_;
  std::map<std::uint32_t, PeerStream> received_;
  std::map<std::uint32_t, media::srtp::InboundRtcpStream> rtcp_streams_;
  std::map<std::uint32_t, media::srtp::OutboundStream> other_sources_;  ///< Of `send_plain`.
  std::optional<media::srtp::OutboundContext> outbound_;
  std::optional<media::srtp::InboundContext> inbound_;
  std::optional<SocketAddress> remote_;
  std::optional<media::ice::Credentials> server_ice_;
  bool dtls_client_ = true;
  bool failed_ = false;
  std::uint64_t description_version_ = 0;
  std::uint16_t next_transport_sequence_ = 0;
  std::optional<TimePoint> report_at_;
  std::uint64_t key_frame_requests_ = 0;
  std::uint64_t retransmissions_sent_ = 0;
  std::uint64_t transport_feedbacks_ = 0;
  std::vector<std::uint32_t> ended_;
  std::uint64_t sender_reports_ = 0;
  std::optional<std::uint64_t> told_bps_;
  std::uint64_t datagrams_refused_ = 0;
  bool reporting_ = true;
  bool silent_ = false;
  media::rtp::ExtensionMap offered_extensions_;
  media::rtp::TransportFeedbackRecorder arrivals_;
};

}  // namespace vis::test
