#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/limits/media_sfu.hpp"
#include "base/time.hpp"
#include "media/congestion/receive_side_estimator.hpp"
#include "media/rtp/extensions.hpp"
#include "media/rtp/packet.hpp"
#include "media/rtp/transport_feedback_recorder.hpp"
#include "media/sfu/engine_context.hpp"
#include "media/sfu/layer.hpp"
#include "media/srtp/inbound_context.hpp"

namespace vis::media::sfu {

class Receiver;

/// What one transport receives: lets packets in by SRTP, finds the track and layer that each
/// belongs to (by source, else by the MID and RID that a new source carries), undoes retransmission
/// packaging, and notes arrival times for transport-wide feedback.
///
/// Owned by its transport. A source is remembered only once a packet of it was authentic, and at
/// most limits::kInboundStreams of them: the one longest out of use makes room, if there is any.
class Inbound final {
 public:
  explicit Inbound(EngineContext& context) : context_(context) {}

  void set_keys(const srtp::SessionKeys& keys);
  void clear_keys() { srtp_.reset(); }
  bool has_keys() const { return srtp_.has_value(); }

  /// The section with this mid carries that track; null: no track any more.
  void set_section(const std::string& mid, Receiver* receiver);
  void forget(const Receiver& receiver);

  void on_rtp(TimePoint now, Bytes datagram);
  /// The compound packet in the clear, within `datagram`; nothing when it was refused.
  std::optional<Bytes> open_rtcp(MutableBytes datagram);

  rtp::TransportFeedbackRecorder& feedback() { return feedback_; }
  const rtp::TransportFeedbackRecorder& feedback() const { return feedback_; }
  /// What the client may send us, where its packets say when they left and have no transport-wide
  /// numbers.
  std::optional<congestion::BitRate> receive_estimate(TimePoint now) const {
    return estimator_ == nullptr ? std::nullopt : estimator_->estimate(now);
  }
  /// A source of the client, to address feedback that names one; 0 before the first packet.
  std::uint32_t any_source() const { return any_source_; }
  bool received_since_last_look() { return std::exchange(received_, false); }

 private:
  struct Stream {
    srtp::InboundStream srtp;
    Receiver* receiver = nullptr;
    std::uint8_t layer = 0;
    bool retransmits = false;
    std::uint32_t source = 0;  ///< Of the layer: its own, or the one that it repeats.
    TimePoint last_packet;
  };
  struct RtcpStream {
    srtp::InboundRtcpStream srtp;
    std::uint64_t last_packet = 0;  ///< Its number among all.
  };
  struct Section {
    std::string mid;
    Receiver* receiver = nullptr;
  };
  std::optional<Layer::Arrival> open(srtp::InboundStream& state, Bytes datagram);
  /// Room for one more stream, if need be that of one whose track is gone.
  bool make_room();
  void bind(Stream& stream, const Layer::Arrival& packet);
  Receiver* receiver_for(const Layer::Arrival& packet) const;
  static Layer* layer_of(const Stream& stream);
  static bool feeds_layer(const Stream& stream);
  void deliver(TimePoint now, const Stream& stream, Layer::Arrival packet);
  void reject() { ++context_.counters.rtp_rejected; }

  EngineContext& context_;
  std::optional<srtp::InboundContext> srtp_;
  rtp::ExtensionMap extensions_;
  std::vector<Section> sections_;
  boost::unordered_flat_map<std::uint32_t, Stream> streams_;
  /// One or two for most clients, for which a flat map would make room for fifteen.
  std::map<std::uint32_t, RtcpStream> rtcp_streams_;
  std::uint64_t rtcp_packets_ = 0;
  rtp::TransportFeedbackRecorder feedback_;
  /// Of a client whose packets need it; most do not.
  std::unique_ptr<congestion::ReceiveSideEstimator> estimator_;
  std::uint32_t any_source_ = 0;
  bool received_ = false;
};

}  // namespace vis::media::sfu
