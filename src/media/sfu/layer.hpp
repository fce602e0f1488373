#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "media/rtp/extensions.hpp"
#include "media/rtp/nack_generator.hpp"
#include "media/rtp/receive_statistics.hpp"
#include "media/rtp/sequence.hpp"
#include "media/sfu/audio_level_meter.hpp"
#include "media/sfu/engine_context.hpp"
#include "media/sfu/forward_packet.hpp"
#include "media/sfu/frame_meter.hpp"
#include "media/sfu/key_frame_requests.hpp"
#include "media/sfu/packet_store.hpp"
#include "media/sfu/payload_inspector.hpp"
#include "media/sfu/rate_meter.hpp"
#include "media/sfu/red_packer.hpp"
#include "media/sfu/red_unpacker.hpp"
#include "media/sfu/room_sample.hpp"
#include "media/sfu/sound_form.hpp"
#include "media/sfu/stream_clock.hpp"

namespace vis::media::sfu {

class Receiver;

/// One stream of packets of a published track: its only one, or one of its simulcast layers. Counts
/// and orders what arrives, keeps it for retransmission, and gathers what is to be forwarded. A
/// scalable stream has spatial layers inside, which then are the track's qualities.
///
/// Owned by its Receiver, created when its first packet has been authenticated.
class Layer final {
 public:
  /// Spatial layers that subscribers can choose from; the highest one stands for any above it.
  static constexpr std::size_t kQualities = 3;

  struct Options {
    std::uint8_t index = 0;  ///< 0 = smallest.
    std::string rid;
    std::uint32_t ssrc = 0;
    std::uint32_t clock_rate = 90'000;
    CodecKind codec = CodecKind::Other;
    bool encrypted = false;  ///< End to end.
    bool asks_retransmission = true;
    std::size_t store_packets = 512;
  };
  Layer(EngineContext& context, Receiver& receiver, Options options);
  ~Layer();
  Layer(const Layer&) = delete;
  Layer& operator=(const Layer&) = delete;

  Receiver& receiver() const { return receiver_; }
  std::uint8_t index() const { return options_.index; }
  std::uint32_t ssrc() const { return options_.ssrc; }
  std::uint32_t clock_rate() const { return options_.clock_rate; }

  /// A decrypted packet and what it says of itself.
  struct Arrival {
    SlabRef slab;
    rtp::PacketView view;  ///< Into the slab.
    rtp::ExtensionValues extensions;
    bool recovered = false;  ///< It came as a retransmission.
    /// By another engine of this process, with the number that the packet has there.
    std::optional<std::int64_t> sequence{};
    bool resumes = false;  ///< As ForwardPacket::resumes.
  };
  /// False when the packet was malformed or a duplicate.
  bool on_packet(TimePoint now, Arrival arrival);
  void on_sender_report(TimePoint now, rtcp::NtpTime ntp, std::uint32_t rtp_timestamp);
  /// The same, of a remote track.
  void set_clock(const StreamClock& clock) { clock_ = clock; }
  const std::optional<StreamClock>& clock() const { return clock_; }

  /// What has gathered since the last call to `clear_pending`.
  std::span<const ForwardPacket> pending() const { return pending_; }
  void clear_pending() {
    pending_.clear();
    plain_.clear();
    repeating_.clear();
  }
  /// The same in another form, of sound. Valid until the next call.
  std::span<const ForwardPacket> pending_in(SoundForm form);
  SlabRef stored(std::int64_t sequence) const { return store_.find(sequence); }
  /// Reads a stored packet again, for a retransmission.
  std::optional<ForwardPacket> recall(std::int64_t sequence);

  /// The first packet of the latest key frame, where that is so young that a subscriber who begins
  /// now is best given what has come since.
  std::optional<std::int64_t> fresh_key_frame(TimePoint now) const;
  /// The newest packet that everybody who listens has been given.
  std::int64_t last_fanned_out() const;

  std::optional<std::int64_t> latest_key_frame() const {
    return key_frame_ ? std::optional(key_frame_->sequence) : std::nullopt;
  }
  /// Whether a key frame has come that is still to be given to those who listen.
  bool brings_key_frame() const { return key_frame_ && key_frame_->sequence > last_fanned_out(); }

  bool is_active(TimePoint now) const;
  /// Whether it was not heard lately, whatever the other layers do.
  bool is_silent(TimePoint now) const;
  std::optional<TimePoint> last_packet() const { return last_packet_; }
  /// What it takes to send it on; a guess by its index at first.
  congestion::BitRate bitrate() const;
  void sample_rates(TimePoint now);
  /// Its source has said BYE: inactive until it is heard again.
  void on_goodbye();

  // ---- the layers inside ----

  /// Whether there is more than one spatial layer.
  bool is_scalable() const { return (offered_ & ~rtp::spatial_layer(0)) != 0; }
  /// Whether that spatial layer is sent at present.
  bool offers(TimePoint now, std::uint8_t quality) const;
  /// What it takes to send that spatial layer on, with those below that it needs.
  congestion::BitRate bitrate(std::uint8_t quality) const;
  const FrameMeter& frames() const { return frames_; }

  /// So many packets were asked for again.
  void on_nacked(std::size_t packets);
  void on_key_frame_requested();
  /// What of it goes into a sample of its room.
  RoomSample::Layer sample(TimePoint now) const;

  KeyFrameRequests& key_frames() { return key_frames_; }
  rtp::NackGenerator& nacks() { return nacks_; }
  rtp::ReceiveStatistics& statistics() { return statistics_; }
  /// When a NACK or key frame request is due.
  std::optional<TimePoint> next_deadline() const;

 private:
  void count(TimePoint now, const Arrival& arrival, const PayloadInfo& info);
  void send_on(ForwardPacket packet);
  bool send_what_led_up_to(const ForwardPacket& packet);
  std::span<const ForwardPacket> unpack_pending();
  void pass_over(TimePoint now, const Arrival& arrival, std::int64_t sequence);
  void note_layers(TimePoint now, const PayloadInfo& info, std::size_t bytes);

  EngineContext& context_;
  Receiver& receiver_;
  Options options_;
  rtp::SequenceUnwrapper unwrapper_;
  PacketStore store_;
  rtp::ReceiveStatistics statistics_;
  rtp::NackGenerator nacks_;
  KeyFrameRequests key_frames_;
  PayloadInspector inspector_;
  std::optional<StreamClock> clock_;
  std::vector<ForwardPacket> pending_;
  RedUnpacker unpacker_;
  std::vector<ForwardPacket> plain_;
  RedPacker packer_;
  std::vector<ForwardPacket> repeating_;
  struct KeyFrame {
    std::int64_t sequence = 0;
    TimePoint at{};
  };
  std::optional<KeyFrame> key_frame_;
  std::int64_t newest_ = -1;
  bool withheld_ = false;  ///< The latest packet was not sent on.
  std::int64_t last_sent_on_ = -1;
  std::optional<TimePoint> last_packet_;
  RoomSample::Layer counted_;                         ///< Its counts, since the first packet.
  std::optional<std::uint32_t> key_frame_timestamp_;  ///< Of the last that was counted.
  RateMeter meter_;
  rtp::LayerSet offered_ = rtp::layer_bit(0, 0);
  std::array<RateMeter, kQualities> spatial_meters_;
  std::array<std::optional<TimePoint>, kQualities> spatial_heard_;
  FrameMeter frames_;
};

}  // namespace vis::media::sfu
