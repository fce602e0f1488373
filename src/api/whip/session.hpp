#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "api/whip/ports.hpp"
#include "api/whip/trickle_fragment.hpp"
#include "base/completion.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "base/task.hpp"
#include "http/digest.hpp"

namespace vis::api::whip {

/// One client that publishes over WHIP or plays over WHEP: a participant whose signalling is a few
/// HTTP requests.
///
/// Control thread; owned by the Door. It takes its seat in the room with `join`, and ends when it
/// is destroyed, when the client is not heard any more (the room's time-outs) or when the room
/// removes it. `exchange` may outlive it: whoever awaits one is told of the end and must look the
/// session up again.
class Session final : public rooms::SessionObserver {
 public:
  /// How long media may take to answer an offer.
  static constexpr Duration kAnswerTimeout = 10s;

  struct Surroundings {
    rooms::RoomService& rooms;
    RandomSource& random;
    const Clock& now;
  };
  struct Start {
    rooms::JoinRequest request;
    std::vector<rooms::TrackRequest> tracks;
    std::string offer;
    std::string owner;     ///< The identity that the access token names.
    TrickleFragment ice;   ///< Of the offer: the credentials.
    http::Sha256 token{};  ///< Of the access token that opened it.
  };
  Session(const Surroundings& with, Start start);
  ~Session() override;
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Takes the participant's place in the room and announces its tracks.
  Result<void> join();
  /// Has media answer the offer. FailedPrecondition while an earlier exchange is under way.
  Task<Result<std::string>> exchange();
  /// New ICE credentials of the client; the answer to the exchange that follows has ours.
  void restart_ice(const TrickleFragment& fragment);
  /// Of one that plays.
  void set_quality(rooms::VideoQuality quality);
  rooms::VideoQuality quality() const;
  void add_candidates(const TrickleFragment& fragment);
  /// Whether the fragment is of another ICE session than the present one.
  bool is_restart(const TrickleFragment& fragment) const;

  const rooms::ParticipantSid& sid() const { return sid_; }
  const rooms::JoinRequest& request() const { return start_.request; }
  const std::string& owner() const { return start_.owner; }
  bool plays() const { return start_.request.viewer.has_value(); }
  const http::Sha256& token() const { return start_.token; }
  /// The strong entity tag of the ICE session, quotes included.
  const std::string& etag() const { return etag_; }
  bool live() const { return life_ == Life::Live; }
  bool busy() const { return pending_.has_value(); }
  void on_tick(rooms::Now now);

  // ---- what the room tells ----

  void on_participants(std::span<const rooms::ParticipantInfo>) override {}
  void on_track_published(std::string_view, const rooms::TrackInfo&) override {}
  void on_track_unpublished(const rooms::TrackSid&) override {}
  void on_track_subscribed(const rooms::TrackSid&) override {}
  void on_track_muted(const rooms::TrackSid&, bool) override {}
  void on_wanted_quality(const rooms::WantedQuality&) override {}
  void on_description(rooms::TransportRole role,
                      const rooms::LocalDescription& description) override;
  void on_candidate(rooms::TransportRole, const rooms::LocalCandidate&) override {}
  void on_sections_needed(std::uint32_t, std::uint32_t) override {}
  void on_subscription_error(const rooms::TrackSid&, rooms::SubscriptionError) override {}
  void on_subscription_permission(const rooms::ParticipantSid&, const rooms::TrackSid&,
                                  bool) override {}
  void on_stream_paused(const rooms::ParticipantSid&, const rooms::TrackSid&, bool) override {}
  void on_room(const rooms::RoomInfo&) override {}
  void on_speakers(std::span<const rooms::Speaker>) override {}
  void on_quality(std::span<const rooms::QualityUpdate>) override {}
  void on_data(const rooms::DataReceived&) override {}
  void on_grants_changed(const rooms::ParticipantInfo&) override {}
  void on_leave(rooms::LeaveReason reason, rooms::LeaveAction action) override;

 private:
  enum class Life : std::uint8_t {
    New,
    Live,
    Silent,  ///< Media failed; the room still keeps the seat for a while.
    Over,
  };
  struct Pending {
    Completion<Result<std::string>> done;
    TimePoint deadline;
  };
  void begin_exchange(Completion<Result<std::string>> done);
  void end_exchange(Result<std::string> result);
  void new_etag();

  Surroundings with_;
  Start start_;
  rooms::ParticipantSid sid_;
  std::string etag_;
  Life life_ = Life::New;
  std::uint32_t last_offer_id_ = 0;
  std::optional<Pending> pending_;
};

}  // namespace vis::api::whip
