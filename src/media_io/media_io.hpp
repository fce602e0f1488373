#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/owner_thread.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "core/rooms/media_port.hpp"
#include "media_io/data_loop.hpp"
#include "media_io/relay_loop.hpp"
#include "media_io/worker.hpp"

namespace vis::media_io {

struct MediaOptions {
  IpAddress bind;             ///< Usually the unspecified address.
  std::uint16_t port = 7882;  ///< Of the first worker, the next ones follow; 0 = any free ports.
  unsigned workers = 1;
  std::vector<IpAddress> announce;  ///< The addresses that clients are told.
  bool pin_workers = true;
  std::size_t max_speakers = 0;  ///< Of a room, heard at once; 0 = all.
  bool prefer_openssl = false;
  /// Of ICE-TCP and TURN over TCP; 0 = any free one. Nothing: neither is offered.
  std::optional<std::uint16_t> tcp_port;
  struct Turn {
    std::uint16_t port = 3478;  ///< UDP; 0 = any free one.
    std::string realm;
    Secret secret;  ///< Of media::turn::CredentialAuthority.
  };
  std::optional<Turn> turn;
};

/// The media plane as rooms see it: places each room on a worker, passes commands to the worker's
/// thread and data to the data loop, and hands their events to `events` (from their threads).
/// Lives on the control thread, which starts and stops it.
class MediaIo final : public core::rooms::MediaPort {
 public:
  /// Unavailable, with the port and the system's words, when a socket cannot be had.
  static Result<std::unique_ptr<MediaIo>> start(const MediaOptions& options, EventSink events);
  explicit MediaIo(EventSink events);  ///< For `start`.
  ~MediaIo() override;

  Result<void> open_room(const core::rooms::RoomSid& room) override;
  void close_room(const core::rooms::RoomSid& room) override;
  void execute(const core::rooms::RoomSid& room, core::rooms::MediaCommand command) override;

  /// Joins all threads. Commands that come later are dropped.
  void stop();

  const std::vector<std::unique_ptr<Worker>>& workers() const { return workers_; }
  /// Null when there is neither ICE-TCP nor TURN.
  RelayLoop* relay() const { return relay_.get(); }

 private:
  struct Placement {
    Worker* worker = nullptr;
    std::size_t transports = 0;
  };

  Worker& least_loaded();
  void post(Worker& worker, WorkerCommand command);

  Result<void> open_relay(const MediaOptions& options);

  std::unique_ptr<DataLoop> data_;
  std::unique_ptr<RelayLoop> relay_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::unordered_map<core::rooms::RoomSid, Placement> rooms_;
  OwnerThread owner_;
};

}  // namespace vis::media_io
