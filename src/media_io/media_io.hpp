#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/owner_thread.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "core/rooms/media_port.hpp"
#include "media_io/data_loop.hpp"
#include "media_io/placement.hpp"
#include "media_io/relay_loop.hpp"
#include "media_io/worker.hpp"

namespace vis::media_io {

struct MediaOptions {
  IpAddress bind;             ///< Usually the unspecified address.
  std::uint16_t port = 7882;  ///< Of the first worker, the next ones follow; 0 = any free ports.
  unsigned workers = 1;
  std::size_t room_spread = 0;      ///< As Placement::Options::spread.
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

/// The media plane as rooms see it: places rooms and participants on workers, passes commands to
/// the worker's thread and data to the data loop, and hands their events to `events` (from their
/// threads).
/// Lives on the control thread, which starts and stops it.
class MediaIo final : public core::rooms::MediaPort {
 public:
  /// Unavailable, with the port and the system's words, when a socket cannot be had.
  static Result<std::unique_ptr<MediaIo>> start(const MediaOptions& options, EventSink events);
  MediaIo(const Placement::Options& placement, EventSink events);  ///< For `start`.
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
  class WorkerLink;
  /// The way from one worker to one other.
  struct WorkerPath {
    std::unique_ptr<WorkerLink> link;
    media::sfu::SlabRing ring;
  };

  /// The worker that a command is for; nothing when that is gone.
  std::optional<unsigned> place(const core::rooms::RoomSid& room,
                                const core::rooms::MediaCommand& command);
  /// The room, which is on other workers, gets a part on this one.
  void add_part(const core::rooms::RoomSid& room, unsigned worker);
  void connect(unsigned worker, unsigned other);
  WorkerPath& path(unsigned from, unsigned to);
  void post(unsigned worker, WorkerCommand command);

  Result<void> open_relay(const MediaOptions& options);

  std::unique_ptr<DataLoop> data_;
  std::unique_ptr<RelayLoop> relay_;
  /// By the workers that they lead from and to; made when first needed.
  std::map<std::pair<unsigned, unsigned>, WorkerPath> paths_;
  std::vector<std::unique_ptr<Worker>> workers_;
  Placement placement_;
  OwnerThread owner_;
};

}  // namespace vis::media_io
