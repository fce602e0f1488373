#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "media/congestion/bit_rate.hpp"
#include "media/negotiation/negotiator.hpp"
#include "media/rtp/header_writer.hpp"
#include "media/sfu/events.hpp"
#include "media/sfu/layer.hpp"
#include "media/sfu/sender.hpp"
#include "media/sfu/speaker_selection.hpp"

namespace vis::media::sfu {

class Neighbour;
class Transport;

/// A published track (W3C: RTCRtpReceiver, on the server's side): its layers, and the senders that
/// carry it to subscribers.
///
/// Owned by its room; created when the track is announced, bound when its section is negotiated.
///
/// In a room on several workers, those without the publisher have the track as well, as a remote
/// one: told of by the engine that has the publisher, and fed by it while anybody here wants it.
class Receiver final {
 public:
  /// Simulcast layers, or qualities, of one track; more rids than these are ignored.
  static constexpr std::size_t kLayers = 3;
  /// What is kept for retransmission: about a second of HD video, and of audio.
  static constexpr std::size_t kVideoStorePackets = 512;
  static constexpr std::size_t kAudioStorePackets = 64;
  static constexpr std::size_t kExtensionGroups = 8;
  /// Who has been heard stays among the speakers for so long.
  static constexpr Duration kSpeakerHold = 4s;

  /// Where a remote track comes from.
  struct Home {
    Neighbour& engine;
    std::uint32_t number = 0;  ///< Of the track there.
    TransportId publisher{};
  };
  /// `speakers` outlives it.
  Receiver(EngineContext& context, Transport& publisher, SpeakerSelection& speakers,
           PublishConfig config);
  Receiver(EngineContext& context, const Home& home, SpeakerSelection& speakers,
           PublishConfig config);
  ~Receiver();
  Receiver(const Receiver&) = delete;
  Receiver& operator=(const Receiver&) = delete;

  const TrackId& id() const { return config_.track; }
  /// Whether this is the track in its backup codec, for who lacks the first one.
  bool is_backup() const { return config_.backup; }
  TrackKind kind() const { return config_.kind; }
  const PublishConfig& config() const { return config_; }
  void set_config(PublishConfig config);
  /// Null for a remote track.
  Transport* publisher() const { return publisher_; }
  TransportId publisher_id() const;
  bool is_remote() const { return home_.has_value(); }

  /// The section was negotiated, or negotiated again.
  void bind(const negotiation::ReceiveSection& section);
  void unbind();
  bool bound() const { return section_.has_value(); }
  /// Whether its packets may be sent with those before them, in RED of our making: of sound that we
  /// may read, and whose publisher has not forbidden RED.
  bool may_be_repeated() const {
    const bool opus = codec_kind_ == CodecKind::Opus || codec_kind_ == CodecKind::Red;
    return opus && !config_.encrypted && !config_.disable_red;
  }
  const std::optional<negotiation::ReceiveSection>& section() const { return section_; }
  /// The codec that is expected to arrive; what subscribers are offered.
  const negotiation::NegotiatedCodec& codec() const { return section_->codecs.front(); }
  CodecKind codec_kind() const { return codec_kind_; }
  const rtp::ExtensionMap& extensions() const { return extensions_; }

  void set_muted(TimePoint now, bool muted);
  bool muted() const { return muted_; }

  /// Its publisher speaks.
  void on_speech(TimePoint now) { speech_at_ = now; }
  /// Whether its publisher speaks, or has paused for breath.
  bool is_speaker(TimePoint now) const { return speech_at_ && now - *speech_at_ < kSpeakerHold; }

  // ---- layers ----

  /// The layer that a packet belongs to, made on first sight; null when nothing says which, or its
  /// payload type is not the track's.
  Layer* layer_for(std::string_view rid, std::uint32_t ssrc, std::uint8_t payload_type);
  Layer* layer_of_declared_rtx(std::uint32_t rtx_ssrc);
  Layer* layer_of_rid(std::string_view rid);
  Layer* layer(std::uint8_t index) const { return layers_[index].get(); }
  template <typename Visit>
  void for_each_layer(Visit visit) const {
    for (const auto& layer : layers_) {
      if (layer != nullptr) visit(*layer);
    }
  }
  /// When any of the layers was last heard.
  std::optional<TimePoint> last_packet() const;

  // ---- qualities: simulcast layers, or the spatial layers of a scalable stream ----

  bool is_scalable() const { return layers_[0] != nullptr && layers_[0]->is_scalable(); }
  /// Which of the layers carries a quality.
  std::uint8_t layer_with(std::uint8_t quality) const {
    return is_scalable() ? std::uint8_t{0} : quality;
  }
  bool offers(TimePoint now, std::uint8_t quality) const;
  /// What it takes to send a quality on; only of one that is offered.
  congestion::BitRate bitrate(std::uint8_t quality) const;
  /// The highest live quality up to `max_quality`, else the lowest one above; nothing without any.
  std::optional<std::uint8_t> best_quality(TimePoint now, std::uint8_t max_quality) const;
  /// The spatial layers of a scalable stream have changed.
  void on_layers_offered(TimePoint now);

  // ---- senders ----

  void add_sender(Sender& sender);
  void remove_sender(Sender& sender);
  const std::vector<Sender*>& senders() const { return senders_; }
  /// Whether anybody is sent this layer or waits for it.
  bool is_heard(std::uint8_t layer) const;
  /// Subscribers with equal extension ids share one header template per packet.
  std::uint8_t extension_group(const rtp::ExtensionMap& map);
  const rtp::ExtensionMap& group_map(std::uint8_t group) const { return extension_groups_[group]; }

  /// Gives what a layer has gathered to everybody who listens to it.
  void fan_out(TimePoint now, Layer& layer);
  void request_key_frame(TimePoint now, std::uint8_t layer);
  void on_key_frame(std::uint8_t layer) { key_frame_asked_[layer].reset(); }
  /// Whether a packet that has just arrived, with its level, is sent on at all.
  bool admit(TimePoint now, std::optional<std::uint8_t> dbov) {
    return !config_.microphone || speakers_.admit(now, microphone_, dbov);
  }
  /// False for a microphone that nobody is sent at present.
  bool is_sent_on() const { return microphone_.is_sent_on(); }
  AudioLevelMeter& audio_meter() { return audio_meter_; }
  /// Qualities have come or gone since the last look: senders choose again.
  void review_layers(TimePoint now);

  // ---- other workers ----

  /// By which other engines name it, of one that is not remote.
  std::uint32_t number() const { return number_; }
  /// Another engine wants its packets, or does not any more.
  void set_watched(TimePoint now, Neighbour& by, bool watched);
  /// It asks for a key frame.
  void on_key_frame_wanted(TimePoint now, const Neighbour& by, const KeyFrameWanted& wanted);
  /// Gives what a layer has gathered to the engines that watch it.
  void pass_on(TimePoint now, const Layer& layer);
  /// The layer of a remote track that a packet belongs to, made on first sight.
  Layer& remote_layer(std::uint8_t index, std::uint32_t ssrc) {
    return make_layer(index, {}, ssrc);
  }
  /// The publisher has reported the layer's clock, or said that the layer ends.
  void tell_clock(const Layer& layer) const;
  void tell_end(const Layer& layer) const;

 private:
  Layer& make_layer(std::uint8_t index, std::string_view rid, std::uint32_t ssrc);
  void request_key_frame_of_home(TimePoint now, std::uint8_t layer);
  /// Another engine that wants the packets.
  struct Watcher {
    Neighbour* engine = nullptr;
    /// Of each layer, the source and the latest key frame that it was given.
    struct KeyFrame {
      std::uint32_t source = 0;
      std::int64_t sequence = -1;
      TimePoint at{};
    };
    std::array<KeyFrame, kLayers> key_frames{};
  };
  void catch_up(TimePoint now, Watcher& watcher, const Layer& layer);
  struct Passed {
    const SlabRef& slab;
    std::int64_t sequence = 0;
    bool key_frame = false;  ///< It begins one.
    bool resumes = false;
  };
  bool push(TimePoint now, Watcher& watcher, const Layer& layer, const Passed& packet);
  ClockReported clock_of(const Layer& layer) const;
  void prepare_headers(std::span<const ForwardPacket> packets);
  /// Gives those who take the form what is in it; returns the other forms that are taken.
  SoundForms fan_out(TimePoint now, const Layer& layer, std::span<const ForwardPacket> packets,
                     SoundForm form);

  EngineContext& context_;
  Transport* publisher_ = nullptr;
  std::optional<Home> home_;
  std::uint32_t number_ = 0;
  SpeakerSelection& speakers_;
  SpeakerSelection::Microphone microphone_;
  PublishConfig config_;
  bool muted_ = false;
  std::optional<TimePoint> speech_at_;
  std::optional<negotiation::ReceiveSection> section_;
  CodecKind codec_kind_ = CodecKind::Other;
  rtp::ExtensionMap extensions_;
  std::array<std::unique_ptr<Layer>, kLayers> layers_;
  std::array<bool, kLayers> was_offered_{};
  std::vector<Sender*> senders_;
  std::vector<Watcher> watchers_;
  /// When the engine of a remote track was asked, and no key frame has come since.
  std::array<std::optional<TimePoint>, kLayers> key_frame_asked_;
  std::vector<rtp::ExtensionMap> extension_groups_;
  AudioLevelMeter audio_meter_;
};

}  // namespace vis::media::sfu
