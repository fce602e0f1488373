#pragma once

#include "core/rooms/publication.hpp"
#include "core/rooms/room_state.hpp"

namespace vis::core::rooms {

/// Tells publishers which quality of their videos anybody wants, so that they need not encode and
/// send the rest. Control thread; owned by the Room.
class Demand final {
 public:
  explicit Demand(RoomState& room) : room_(room) {}

  /// While it lives, a subscription of the track may begin, end, change its target or its codec.
  class Change final {
   public:
    Change(Publication& publication, const Subscription& subscription);
    ~Change();
    Change(const Change&) = delete;
    Change& operator=(const Change&) = delete;

   private:
    bool counts() const;
    QualityCounts& of_codec() const;

    Publication& publication_;
    const Subscription& subscription_;
  };

  /// To be called whenever a subscription of the track has begun, ended or changed its target.
  void update(Publication& publication);
  void on_tick(Now now);
  /// For a publisher that may have missed what it was told.
  void retell(const Participant& publisher);

 private:
  void tell(const Publication& publication);

  RoomState& room_;
};

}  // namespace vis::core::rooms
