#pragma once

#include <cstdint>
#include <unordered_map>

#include "core/rooms/measurements.hpp"
#include "core/rooms/room_service.hpp"
#include "core/rooms/room_state.hpp"

namespace vis::core::rooms {

/// Turns what media has counted into rates, and remembers them beside the participants and tracks
/// that they are of: they go with them. Control thread; owned by the Room.
class Measuring final {
 public:
  explicit Measuring(RoomState& room) : room_(room) {}

  void on_sample(Now now, const MediaSample& sample);
  RoomReport report() const;
  enum class Detail : std::uint8_t { Latest, Series };
  ParticipantReport report(const Participant& participant, Detail detail) const;

 private:
  /// What arrived of one publisher between two samples.
  struct Arrived {
    std::uint64_t packets = 0;
    std::uint64_t bytes = 0;
    std::uint64_t lost = 0;
    std::uint32_t jitter_ms = 0;
  };
  using ArrivedFrom = std::unordered_map<const Participant*, Arrived>;

  Arrived measure(Now now, Publication& publication, const MediaSample::Layer& layer);
  void measure(Now now, Participant& participant, const Arrived& arrived);

  RoomState& room_;
};

}  // namespace vis::core::rooms
