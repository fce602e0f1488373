#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "core/rooms/model.hpp"
#include "core/rooms/session.hpp"

namespace vis::core::rooms {

/// Whom a publisher lets receive its tracks, as it said last. A subscriber named by identity need
/// not be here yet. Pure; owned by the participant.
class SubscriptionRules final {
 public:
  /// Replaces all. LimitExceeded for more grants than limits allow; the rules then stay.
  Result<void> set(const SubscriptionPermission& permission);

  struct Subscriber {
    const ParticipantSid& participant;
    std::string_view identity;
  };
  bool allows(const Subscriber& subscriber, const TrackSid& track) const;

 private:
  struct Grant {
    bool all_tracks = false;
    std::set<TrackSid> tracks;
  };
  bool all_participants_ = true;
  std::map<ParticipantSid, Grant> by_participant_;
  std::map<std::string, Grant, std::less<>> by_identity_;
};

}  // namespace vis::core::rooms
