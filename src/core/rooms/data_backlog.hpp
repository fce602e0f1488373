#pragma once

#include <cstddef>
#include <list>
#include <vector>

#include "base/bytes.hpp"
#include "base/limits/core_rooms.hpp"
#include "base/time.hpp"

namespace vis::core::rooms {

/// Reliable messages for a participant whose data channel is not open yet. Keeps them for kMaxAge
/// and up to limits::kBacklogBytes; the oldest go first. Pure; owned by the participant.
class DataBacklog final {
 public:
  static constexpr Duration kMaxAge = 2s;

  void hold(TimePoint now, ByteVector payload);
  /// What is still fresh, in the order it came; the backlog is empty afterwards.
  std::vector<ByteVector> take(TimePoint now);
  void expire(TimePoint now);

  std::size_t bytes() const { return bytes_; }

 private:
  struct Message {
    TimePoint since;
    ByteVector payload;
  };
  void drop_oldest();

  std::list<Message> messages_;  ///< Mostly empty, when a deque would still take 600 bytes.
  std::size_t bytes_ = 0;
};

}  // namespace vis::core::rooms
