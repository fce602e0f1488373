#pragma once

#include <optional>
#include <span>

#include "base/time.hpp"
#include "core/rooms/model.hpp"

namespace vis::core::rooms {

/// Whom to show where there is room for one: the active speaker, with hysteresis, so that a cough
/// or a short answer does not switch the picture. A pure rule, owned by the room's Viewing.
class SpeakerChoice final {
 public:
  static constexpr Duration kStay = 2s;  ///< Nobody is left sooner, unless gone.
  static constexpr Duration kHold = 1s;  ///< How long another must be the loudest.

  struct Candidate {
    ParticipantSid participant;
    bool speaking = false;
    float level = 0;
    bool has_video = false;
  };

  /// Empty when there are no candidates. Without any speaker it stays with the last one, and begins
  /// with the first who has a picture.
  const ParticipantSid& choose(TimePoint now, std::span<const Candidate> candidates);

 private:
  void switch_to(TimePoint now, const ParticipantSid& participant);

  ParticipantSid current_;
  TimePoint since_;
  ParticipantSid challenger_;
  TimePoint challenging_since_;
};

}  // namespace vis::core::rooms
