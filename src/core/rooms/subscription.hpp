#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>

#include "base/time.hpp"
#include "core/rooms/media_port.hpp"
#include "core/rooms/model.hpp"
#include "core/rooms/session.hpp"

namespace vis::core::rooms {

/// What one participant wants of one published track, and how far it has got.
struct Subscription {
  enum class State : std::uint8_t {
    Idle,       ///< Not asked of media: nobody wants it, or it may not be had now.
    Requested,  ///< Asked of media; not negotiated yet.
    Bound,      ///< Negotiated: packets may flow.
    Refused,    ///< The client cannot take it. Not tried again until it asks again.
  };
  State state = State::Idle;
  std::optional<bool> asked;  ///< What the client said; without, auto-subscription decides.
  std::optional<TrackSettings> settings;
  bool backup = false;          ///< The client lacks the track's first codec.
  bool permitted = true;        ///< By the publisher, as last told to the subscriber.
  TimePoint requested_since{};  ///< In state Requested, or when its transport came up after that.
  bool largest = false;         ///< Shown clearly larger than the subscriber's other videos.
  LayerTarget target;           ///< As last told to media.

  bool live() const { return state == State::Requested || state == State::Bound; }
};

/// The subscriptions of one participant, by track.
class Subscriptions final {
 public:
  explicit Subscriptions(bool auto_subscribe) : auto_subscribe_(auto_subscribe) {}

  Subscription& entry(const TrackSid& track) { return entries_[track]; }
  Subscription* find(const TrackSid& track);
  const Subscription* find(const TrackSid& track) const;
  bool is_live(const TrackSid& track) const;
  bool is_bound(const TrackSid& track) const;
  bool any_bound() const;
  /// Whether the client wants the track, asked for or not.
  bool wants(const Subscription& subscription) const {
    return subscription.asked.value_or(auto_subscribe_);
  }
  const std::unordered_map<TrackSid, Subscription>& all() const { return entries_; }

  void set_requested(const TrackSid& track, TimePoint now);
  /// Any state but Requested.
  void set_state(const TrackSid& track, Subscription::State state);
  void erase(const TrackSid& track);
  /// Those in state Requested that are still waited for; few at any time.
  const std::set<TrackSid>& awaited() const { return awaited_; }
  /// It takes too long. The state stays: it may still come about.
  void stop_waiting(const TrackSid& track) { awaited_.erase(track); }

  /// Asked for, but not published as far as we know; with the time of asking.
  std::map<TrackSid, TimePoint>& searched() { return searched_; }

 private:
  bool auto_subscribe_;
  std::unordered_map<TrackSid, Subscription> entries_;
  std::set<TrackSid> awaited_;
  std::map<TrackSid, TimePoint> searched_;
};

}  // namespace vis::core::rooms
