#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>

#include "app/handover_channel.hpp"
#include "app/listening_sockets.hpp"
#include "base/result.hpp"
#include "base/task.hpp"
#include "core/rooms/room_service.hpp"

/// How a server goes on where another one stops, without a call ending: the live upgrade.
///
///     successor                                predecessor
///         | --- connects to data_dir/handover ---> |
///         | <-- the sockets that listen ---------- |
///         |     starts everything                  |
///         | --- ready ---------------------------> |   no new rooms, not ready
///         | <-- open ----------------------------- |   accepts nothing any more
///         |     accepts connections                |
///         | <-- a room --------------------------- |
///         |     makes it                           |
///         | --- made ----------------------------> |   its people are told to join again
///         |              ... room by room ...      |
///         | <-- done ----------------------------- |   stops
///
/// Until `ready` either may fail and nothing has happened. Control thread, both.
namespace vis::app {

/// The predecessor's side: waits for a successor.
class HandoverDoor final {
 public:
  struct Ports {
    core::rooms::RoomService& rooms;
    std::function<core::rooms::Now()> now;
    /// The sockets that a successor goes on with. They stay ours as well.
    std::function<std::vector<int>()> listening_descriptors;
    /// The successor is ready: no new rooms, and no connections from now on.
    std::function<void()> give_way;
  };
  HandoverDoor(boost::asio::any_io_executor executor, Ports ports)
      : executor_(std::move(executor)), ports_(std::move(ports)) {}

  Result<void> open(const std::filesystem::path& data_dir);
  /// Returns when a successor has everything.
  Task<> serve();

 private:
  /// Between two rooms, so that not all their people join again at one moment.
  static constexpr Duration kPause = 20ms;

  /// Whether this successor took over, be it not to the end.
  Task<bool> converse(FileDescriptor socket);
  Task<Result<void>> prepare(HandoverChannel* channel);
  Task<Result<void>> move_rooms(HandoverChannel* channel);

  boost::asio::any_io_executor executor_;
  Ports ports_;
  std::unique_ptr<boost::asio::posix::stream_descriptor> listener_;
};

/// The successor's side.
class Takeover final {
 public:
  /// Asks the server that runs on this directory. NotFound when none does.
  static Task<Result<std::unique_ptr<Takeover>>> begin(boost::asio::any_io_executor executor,
                                                       std::filesystem::path data_dir);
  explicit Takeover(std::unique_ptr<HandoverChannel> channel) : channel_(std::move(channel)) {}

  ListeningSockets take_sockets() { return std::move(sockets_); }
  /// Returns when the predecessor accepts nothing any more.
  Task<Result<void>> ready();
  /// Makes the rooms that it sends, until it has sent all.
  Task<Result<void>> receive_rooms(core::rooms::RoomService* rooms,
                                   std::function<core::rooms::Now()> now);

 private:
  std::unique_ptr<HandoverChannel> channel_;
  ListeningSockets sockets_;
};

}  // namespace vis::app
