#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "base/time.hpp"
#include "media/congestion/allocator.hpp"
#include "media/negotiation/negotiator.hpp"
#include "media/rtcp/report_block.hpp"
#include "media/rtcp/sender_report.hpp"
#include "media/rtp/header_writer.hpp"
#include "media/sfu/downlink.hpp"
#include "media/sfu/engine_context.hpp"
#include "media/sfu/events.hpp"
#include "media/sfu/forward_packet.hpp"
#include "media/sfu/layer_filter.hpp"
#include "media/sfu/pacer.hpp"
#include "media/sfu/retransmission_budget.hpp"
#include "media/sfu/sound_form.hpp"
#include "media/sfu/stream_rewriter.hpp"
#include "media/srtp/outbound_context.hpp"

namespace vis::media::sfu {

class Layer;
class Receiver;
class Transport;

/// Where a transport's packets go and with which keys: what a sender needs of its transport on the
/// packet path. Null contexts mean that nothing may be sent yet.
struct SendPath {
  TransportId transport{};
  ice::Path to;
  srtp::OutboundContext* srtp = nullptr;
  Downlink* downlink = nullptr;  ///< Null while no section has transport-wide numbers.
  Pacer* pacer = nullptr;        ///< Never null.
  std::optional<rtp::PlayoutDelay> playout_delay{};  ///< What the client is told of its video.
};

/// One track on its way to one subscriber (W3C: RTCRtpSender). Chooses the layer, rewrites and
/// encrypts each packet of it, answers NACKs from the layer's store, and makes sender reports.
///
/// Owned by the subscriber's transport; listed in the track's Receiver, which hands it packets.
/// Both live on the engine's thread.
class Sender final {
 public:
  struct Identity {
    std::uint32_t ssrc = 0;
    std::uint32_t rtx_ssrc = 0;
    std::uint16_t first_sequence = 0;
    std::uint16_t first_rtx_sequence = 0;
  };
  /// A packet's picture counters as the subscriber sees them.
  struct PictureCounters {
    std::uint16_t picture_id = 0;
    std::uint8_t tl0_picture_index = 0;
  };
  Sender(EngineContext& context, Receiver& receiver, const SendPath& path,
         const Identity& identity);
  /// Where an outgoing stream stands, for the sender of another track to go on with it: the client
  /// sees one unbroken stream of one source, and no packet index is used twice.
  struct Continuation {
    std::int64_t next_sequence = 0;
    std::int64_t next_rtx = 0;
    std::uint32_t last_timestamp = 0;
    TimePoint last_sent;
    std::uint16_t last_picture_id = 0;
    std::uint8_t last_tl0_picture_index = 0;
    std::uint16_t last_frame_number = 0;
    std::uint32_t packets_sent = 0;
    std::uint32_t octets_sent = 0;
    srtp::OutboundStream stream;
    srtp::OutboundStream rtx_stream;
  };
  Continuation continuation() const;
  /// Before anything was sent.
  void continue_from(const Continuation& former);

  Receiver& receiver() const { return receiver_; }
  std::uint32_t ssrc() const { return identity_.ssrc; }
  std::uint32_t rtx_ssrc() const { return identity_.rtx_ssrc; }

  /// What the subscriber wants. Takes effect at the next key frame of the chosen layer, except for
  /// `disabled`, which does at once.
  void set_target(TimePoint now, LayerTarget target);
  const LayerTarget& target() const { return target_; }
  /// The section is agreed (payload types, extension ids), or, with null, no longer sends.
  void set_section(TimePoint now, const negotiation::SendSection* section);
  bool has_section() const { return has_section_; }
  bool has_sent() const { return packets_sent_ != 0; }
  /// Chooses the layer again: layers have come or gone, or the target or the path changed.
  void choose_layer(TimePoint now);
  /// Whether it is sent at all at present.
  bool is_wanted() const { return has_section_ && !target_.disabled; }
  /// What of it the path may be asked to carry, and what it got when that was decided last.
  congestion::VideoDemand demand(TimePoint now) const;
  void set_allocation(TimePoint now, const congestion::VideoDemand& decided);
  /// Whether nothing of it is sent, as the path carries not even the least of it.
  bool paused() const { return allocation_.paused; }
  /// How many packets before it each packet of sound repeats, if the client understands that.
  void set_repeats(std::size_t repeats);
  /// What the sound takes, by what is published of it.
  congestion::BitRate sound_rate(congestion::BitRate published) const;

  /// The transport has new keys: packet indices count afresh.
  /// In about a round trip there will be keys: asks for the key frame that is to be sent then.
  void expect_keys(TimePoint now);
  void on_new_keys(TimePoint now);
  /// The subscriber was sent nothing for a while: it goes on with a key frame.
  void resume(TimePoint now);

  // ---- packet path ----

  /// Whether packets of this layer are of interest at all.
  bool listens_to(std::uint8_t layer) const {
    return has_section_ && !target_.disabled && !paused() && path_.srtp != nullptr &&
           (layer == wanted_layer_ || (rewriter_.started() && layer == current_layer_));
  }
  std::uint8_t extension_group() const { return extension_group_; }
  /// In which form it is sent the track, if that is sound.
  SoundForm sound_form() const { return sound_form_; }
  /// Sends the packet, or has it wait for its turn.
  void forward(TimePoint now, const Layer& layer, const ForwardPacket& packet,
               const rtp::HeaderTemplate& header);
  /// Sends a packet whose turn has come.
  void release(TimePoint now, const PacedPacket& held);
  /// What waits is not sent any more.
  void drop_held();

  // ---- feedback of the subscriber ----

  void on_nack(TimePoint now, std::uint16_t sequence);
  void on_key_frame_request(TimePoint now);
  void on_report_block(TimePoint now, const rtcp::ReportBlock& block);

  // ---- probes ----

  /// Whether padding may go out on the retransmission stream, which no decoder waits for.
  bool can_pad() const {
    return numbered_ && rtx_payload_type_ && (packets_sent_ != 0 || paused()) &&
           path_.srtp != nullptr;
  }
  /// One packet of a probe: one of the last that were sent, once more, or else padding. False when
  /// nothing was sent.
  bool send_probe(TimePoint now);

  // ---- reports ----

  /// Nothing until both the publisher has reported and a packet has left.
  std::optional<rtcp::SenderInfo> make_report(TimePoint now);
  struct Quality {
    double loss = 0;        ///< 0..1, of the subscriber's last report.
    Duration round_trip{};  ///< Zero while unknown.
  };
  const std::optional<Quality>& quality() const { return quality_; }
  /// What of it goes into a sample of its room, but for the transport.
  RoomSample::Subscription sample() const;

 private:
  void pass_on(TimePoint now, const Layer& layer, const ForwardPacket& packet,
               const rtp::HeaderTemplate& header);
  void hold(TimePoint now, const Layer& layer, const ForwardPacket& packet);
  /// Whether the outgoing stream has begun, be it with another track.
  bool goes_on() const { return rewriter_.started() || packets_sent_ != 0; }
  /// Whether the layer's packets are of the stream that the subscriber has been sent last.
  bool continues(const Layer& layer) const;
  void catch_up(TimePoint now);
  bool begin_epoch(TimePoint now, const Layer& layer, const ForwardPacket& packet);
  void choose_sound_form();
  std::uint32_t timestamp_offset_for(TimePoint now, const Layer& layer,
                                     const ForwardPacket& packet) const;
  /// Whether a packet that a publisher has filled to the brim still fits a datagram of ours, with
  /// the subscriber's header extensions and tag.
  bool fits(std::size_t clear_bytes) const;
  PictureCounters counters_of(const ForwardPacket& packet, const StreamRewriter::Epoch& epoch);
  std::uint16_t frame_number_offset_for(const ForwardPacket& packet) const;
  void leave_out(TimePoint now, const ForwardPacket& packet);
  struct EmptyPacket {
    std::uint8_t payload_type;
    std::uint32_t ssrc;
    std::int64_t sequence;
    srtp::OutboundStream& stream;
    Bytes padding;
  };
  std::size_t send_empty(TimePoint now, const EmptyPacket& packet);
  void send_filler(TimePoint now, std::int64_t sequence);
  bool ends_picture(const ForwardPacket& packet) const;
  /// The header of a packet that tells the playout delay.
  rtp::HeaderTemplate delayed_header(const ForwardPacket& packet) const;
  void note_sent(TimePoint now, const ForwardPacket& packet, const PictureCounters& counters);
  /// A packet that was sent, as long as its layer has it in store.
  struct Stored {
    ForwardPacket packet;
    const StreamRewriter::Epoch* epoch = nullptr;
  };
  std::optional<Stored> recall(std::uint16_t sequence) const;
  /// The size of the datagram; 0 when nothing was sent.
  std::size_t send_again(TimePoint now, std::uint16_t sequence, const Stored& stored);
  std::size_t send_padding(TimePoint now);
  std::uint16_t next_transport_sequence() const {
    return numbered_ ? path_.downlink->next_sequence() : std::uint16_t{0};
  }
  /// Makes the packet in the slot reserved last a datagram to the client.
  void send_slot(TimePoint now, std::size_t size) {
    context_.egress.commit(path_.to, size);
    if (numbered_) path_.downlink->on_packet_sent(now, size);
  }

  EngineContext& context_;
  Receiver& receiver_;
  const SendPath& path_;
  Identity identity_;

  bool has_section_ = false;
  std::uint8_t payload_type_ = 0;
  std::optional<std::uint8_t> rtx_payload_type_;
  std::uint8_t extension_group_ = 0;
  SoundForm sound_form_ = SoundForm::AsPublished;
  bool takes_plain_ = false;                      ///< Of a track in RED.
  std::size_t repeats_ = 0;                       ///< As the path asks for.
  std::uint8_t agreed_payload_type_ = 0;          ///< Of what is not in RED by our doing.
  std::optional<std::uint8_t> red_payload_type_;  ///< If we may write RED.
  bool tells_delay_ = false;  ///< Until the subscriber reports to have got a packet that does.
  std::optional<std::int64_t> delay_told_;  ///< By the packet with this number first.
  bool numbered_ = false;                   ///< Its packets have transport-wide numbers.
  std::uint8_t wanted_quality_ = 0;
  std::uint8_t wanted_layer_ = 0;  ///< The one that carries it.
  std::uint8_t current_layer_ = 0;
  LayerFilter filter_;  ///< Of the layers inside the current one.
  LayerTarget target_;
  congestion::VideoDemand allocation_;
  std::uint8_t allowed_layer_ = congestion::VideoDemand::kLayers - 1;

  StreamRewriter rewriter_;
  Renumbering pictures_;  ///< Of VP8, whose picture ids may have no gaps.
  bool resync_ = true;    ///< The next packet must be one that a decoder can begin with.
  std::uint32_t last_timestamp_ = 0;
  TimePoint last_sent_;
  std::uint16_t last_picture_id_ = 0;
  std::uint8_t last_tl0_picture_index_ = 0;
  std::uint16_t last_frame_number_ = 0;
  std::int64_t next_rtx_ = 0;
  RetransmissionBudget budget_;
  bool paced_;                   ///< Audio never waits.
  std::uint32_t held_ = 0;       ///< Packets that wait.
  std::int64_t probe_next_ = 0;  ///< Of what was sent, what a probe repeats next.
  srtp::OutboundStream stream_;
  srtp::OutboundStream rtx_stream_;

  std::uint32_t packets_sent_ = 0;
  std::uint32_t octets_sent_ = 0;
  std::uint32_t last_report_ = 0;  ///< Middle bits of its NTP time, as a report block names it.
  TimePoint last_report_at_;
  std::optional<Quality> quality_;
  std::uint64_t bytes_sent_ = 0;  ///< Payloads; unlike a sender report's count it does not wrap.
  std::uint64_t retransmitted_ = 0;
  std::uint64_t nacks_ = 0;
  std::uint64_t key_frame_requests_ = 0;
};

}  // namespace vis::media::sfu
