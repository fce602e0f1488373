#pragma once

#include <cstddef>

#include "base/result.hpp"
#include "base/task.hpp"
#include "base/time.hpp"
#include "core/rooms/history.hpp"
#include "core/rooms/records.hpp"
#include "core/store.hpp"

namespace vis::core::rooms {

/// The commit that ends everything in `open` at `now` with the reason `server_restart`: tracks,
/// then participants, then rooms, each with the event that a live server would have written.
Commit closing_commit(const OpenRecords& open, WallTime now);

/// Closes what a crash of this server left open. Run once at start-up, before rooms are served.
class Recovery final {
 public:
  Recovery(const NodeId& node, RoomHistory& history, Store& store)
      : node_(node), history_(history), store_(store) {}

  /// Returns how many rooms were closed. All of them are, in one transaction, or none.
  Task<Result<std::size_t>> close_left_open(WallTime now);

 private:
  NodeId node_;
  RoomHistory& history_;
  Store& store_;
};

}  // namespace vis::core::rooms
