#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/time.hpp"
#include "media/sfu/engine_context.hpp"
#include "media/sfu/receiver.hpp"
#include "media/sfu/redundancy_control.hpp"
#include "media/sfu/sender.hpp"
#include "media/srtp/outbound_context.hpp"

namespace vis::media::sfu {

/// What one transport sends: the tracks its client subscribes to, their senders, and the keys and
/// path under which packets leave.
///
/// Owned by its transport. A subscription has a sender from when its track's codec is known.
class Outbound final {
 public:
  Outbound(EngineContext& context, TransportId transport)
      : context_(context), pacer_(context.paced) {
    path_.transport = transport;
    path_.pacer = &pacer_;
  }
  ~Outbound();

  /// The handshake that will give keys has begun.
  void expect_keys(TimePoint now);
  void set_keys(TimePoint now, const srtp::SessionKeys& keys);
  void set_path(TimePoint now, const ice::Path& path);
  /// What was sent of late has not arrived: every stream goes on with a key frame.
  void resume(TimePoint now);
  /// What the client is told of its video from the next section on.
  void set_playout_delay(const rtp::PlayoutDelay& delay) { path_.playout_delay = delay; }
  /// Nothing leaves until there are keys, or a path, again.
  void clear_keys();
  void clear_path();
  /// The way to the client, while it may be sent to.
  const std::optional<ice::Path>& path() const { return selected_; }
  /// Whether media may leave: there are keys and a path.
  bool is_open() const { return path_.srtp != nullptr; }

  struct Subscription {
    SubscribeConfig config;
    std::unique_ptr<Sender> sender;
    std::size_t slot = kNoSlot;  ///< The slot that the sender sends in.
  };
  static constexpr std::size_t kNoSlot = static_cast<std::size_t>(-1);

  /// False when the track is subscribed already; its target is then updated.
  bool subscribe(TimePoint now, const SubscribeConfig& config);
  Subscription* find(const TrackId& track);
  /// Makes the subscription's sender.
  Sender& attach(TimePoint now, Subscription& subscription, Receiver& receiver);

  // ---- a player's sections ----

  /// A section whose sources stay while tracks take turns in it.
  struct Slot {
    TrackKind kind = TrackKind::Audio;
    Sender::Identity identity;
    std::optional<negotiation::SendSection> section;  ///< Once agreed.
    std::optional<Sender::Continuation> stream;       ///< Of the tracks before; none yet if absent.
    bool taken = false;
  };
  /// Its index, by which descriptions name it.
  std::size_t add_slot(TrackKind kind);
  std::vector<Slot>& slots() { return slots_; }
  /// Makes the sender in a free slot of the track's kind and codec. Null when there is none.
  Sender* attach_to_slot(TimePoint now, Subscription& subscription, Receiver& receiver);
  template <typename Visit>
  void for_each_waiting(Visit visit) {
    for (auto& [track, subscription] : subscriptions_) {
      if (subscription.sender == nullptr) visit(subscription);
    }
  }

  /// Takes the sender away; the subscription stays and may get another.
  void detach(const TrackId& track);
  void unsubscribe(const TrackId& track);

  /// The sender whose stream or retransmission stream has this source.
  Sender* by_ssrc(std::uint32_t ssrc) const;
  template <typename Visit>
  void for_each_sender(Visit visit) const {
    for (const auto& [track, subscription] : subscriptions_) {
      if (subscription.sender != nullptr) visit(subscription.config, *subscription.sender);
    }
  }

  /// The client has agreed to transport-wide numbers on a section.
  void number_packets();
  void on_feedback(TimePoint now, const rtcp::TransportFeedback& feedback);
  /// What the client believes can reach it: counts where it does not report arrivals.
  void on_receiver_estimate(TimePoint now, congestion::BitRate rate);
  /// What the path carries; nothing while the client has not told enough.
  std::optional<congestion::BitRate> estimate(TimePoint now) const;
  /// Divides what the path carries among the tracks. To be called a few times a second.
  void allocate(TimePoint now);
  /// What all that the client is to be sent would take, and what of it was granted last.
  congestion::BitRate wanted() const { return wanted_; }
  congestion::BitRate granted() const { return allocated_; }
  /// The share of the wanted that is not granted, 0..1, once that has lasted for a while.
  double shortage(TimePoint now) const;
  void on_deadline(TimePoint now);
  std::optional<TimePoint> next_deadline() const;

  /// Protects and queues one compound packet. Dropped without keys.
  void send_rtcp(Bytes packet);

 private:
  std::uint32_t unused_ssrc() const;
  Sender::Identity new_identity() const;
  Sender& install(TimePoint now, Subscription& subscription, Receiver& receiver,
                  const Sender::Identity& identity);
  void close_path();
  void say_goodbye(const Subscription& subscription);
  Sender* padding_sender() const;
  void update_pacing(TimePoint now);
  /// How many packets each packet of sound repeats from now on.
  std::size_t choose_repeats(TimePoint now, congestion::BitRate sound);
  /// Notes what of a track the client gets, and tells of it where it is now all or nothing.
  void carry_out(TimePoint now, Sender& sender, const congestion::VideoDemand& decided);

  EngineContext& context_;
  std::optional<ice::Path> selected_;
  std::unique_ptr<Downlink> downlink_;
  struct ReceiverEstimate {
    TimePoint at{};
    congestion::BitRate rate;
  };
  std::optional<ReceiverEstimate> receiver_estimate_;
  /// What leaves at present, as it was decided last.
  congestion::BitRate allocated_;
  RedundancyControl redundancy_;
  congestion::BitRate wanted_;
  std::optional<TimePoint> short_since_;
  Pacer pacer_;
  SendPath path_;
  /// Scratch of `allocate`.
  std::vector<Sender*> video_senders_;
  std::vector<congestion::VideoDemand> demands_;
  std::optional<srtp::OutboundContext> srtp_;
  std::unordered_map<TrackId, Subscription> subscriptions_;
  boost::unordered_flat_map<std::uint32_t, Sender*> senders_;
  std::vector<Slot> slots_;
};

}  // namespace vis::media::sfu
