#pragma once

#include <algorithm>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/assert.hpp"
#include "core/rooms/session.hpp"

namespace vis::core::rooms {

/// A signalling session that writes down what it is told, and keeps the picture of the room that a
/// client would have: the latest snapshot of everybody it knows.
class RecordingSession final : public SessionObserver {
 public:
  struct Published {
    std::string cid;
    TrackInfo track;
  };
  struct Left {
    LeaveReason reason = LeaveReason::Unknown;
    LeaveAction action = LeaveAction::Disconnect;
    friend bool operator==(const Left&, const Left&) = default;
  };
  struct Permitted {
    ParticipantSid publisher;
    TrackSid track;
    bool allowed = false;
    friend bool operator==(const Permitted&, const Permitted&) = default;
  };
  struct Paused {
    ParticipantSid publisher;
    TrackSid track;
    bool paused = false;
    friend bool operator==(const Paused&, const Paused&) = default;
  };
  struct Described {
    TransportRole role{};
    LocalDescription description;
  };

  void on_participants(std::span<const ParticipantInfo> changed) override {
    hear("participants");
    for (const ParticipantInfo& participant : changed) participants.push_back(participant);
  }
  void on_track_published(std::string_view cid, const TrackInfo& track) override {
    hear("track_published");
    published.push_back({std::string(cid), track});
  }
  void on_track_unpublished(const TrackSid& track) override {
    hear("track_unpublished");
    unpublished.push_back(track);
  }
  void on_track_subscribed(const TrackSid& track) override {
    hear("track_subscribed");
    subscribed.push_back(track);
  }
  void on_track_muted(const TrackSid& track, bool muted) override {
    hear("track_muted");
    mutes.emplace_back(track, muted);
  }
  void on_wanted_quality(const WantedQuality& quality) override {
    hear("wanted_quality");
    wanted.push_back(quality);
  }
  void on_description(TransportRole role, const LocalDescription& description) override {
    hear("description");
    descriptions.push_back({role, description});
  }
  void on_candidate(TransportRole role, const LocalCandidate& candidate) override {
    hear("candidate");
    candidates.emplace_back(role, candidate);
  }
  void on_sections_needed(std::uint32_t audios, std::uint32_t videos) override {
    hear("sections_needed");
    sections.emplace_back(audios, videos);
  }
  void on_subscription_error(const TrackSid& track, SubscriptionError error) override {
    hear("subscription_error");
    errors.emplace_back(track, error);
  }
  void on_subscription_permission(const ParticipantSid& publisher, const TrackSid& track,
                                  bool allowed) override {
    hear("subscription_permission");
    permitted.push_back({publisher, track, allowed});
  }
  void on_stream_paused(const ParticipantSid& publisher, const TrackSid& track,
                        bool is_paused) override {
    hear("stream_paused");
    paused.push_back({publisher, track, is_paused});
  }
  void on_room(const RoomInfo& room) override {
    hear("room");
    rooms.push_back(room);
  }
  void on_speakers(std::span<const Speaker> changed) override {
    hear("speakers");
    speakers.insert(speakers.end(), changed.begin(), changed.end());
  }
  void on_quality(std::span<const QualityUpdate> changed) override {
    hear("quality");
    qualities.insert(qualities.end(), changed.begin(), changed.end());
  }
  void on_data(const DataReceived& message) override {
    hear("data");
    data.push_back(message);
  }
  void on_grants_changed(const ParticipantInfo& self) override {
    hear("grants_changed");
    grants.push_back(self);
  }
  void on_leave(LeaveReason reason, LeaveAction action) override {
    hear("leave");
    left = Left{reason, action};
  }

  /// What was last told of somebody.
  std::optional<ParticipantInfo> seen(const ParticipantSid& participant) const {
    for (auto at = participants.rbegin(); at != participants.rend(); ++at) {
      if (at->sid == participant) return *at;
    }
    return std::nullopt;
  }
  std::size_t times_heard(std::string_view what) const {
    return static_cast<std::size_t>(std::ranges::count(heard, what));
  }
  void clear() {
    RecordingSession fresh;
    fresh.left = left;
    fresh.on_hear = std::move(on_hear);
    *this = std::move(fresh);
  }

  /// Runs within each call, as a session that answers at once would.
  std::function<void(std::string_view)> on_hear;

  std::vector<std::string> heard;  ///< The calls, by name, in order.
  std::vector<ParticipantInfo> participants;
  std::vector<Published> published;
  std::vector<TrackSid> unpublished;
  std::vector<TrackSid> subscribed;
  std::vector<std::pair<TrackSid, bool>> mutes;
  std::vector<WantedQuality> wanted;
  std::vector<Described> descriptions;
  std::vector<std::pair<TransportRole, LocalCandidate>> candidates;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> sections;
  std::vector<std::pair<TrackSid, SubscriptionError>> errors;
  std::vector<Permitted> permitted;
  std::vector<Paused> paused;
  std::vector<RoomInfo> rooms;
  std::vector<Speaker> speakers;
  std::vector<QualityUpdate> qualities;
  std::vector<DataReceived> data;
  std::vector<ParticipantInfo> grants;
  std::optional<Left> left;

 private:
  void hear(std::string what) {
    VIS_ASSERT(!left);  // on_leave is the last call.
    heard.push_back(std::move(what));
    if (on_hear) on_hear(heard.back());
  }
};

}  // namespace vis::core::rooms
