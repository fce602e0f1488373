#pragma once

#include <functional>
#include <memory>
#include <thread>
#include <unordered_map>
#include <variant>
#include <vector>

#include "base/bytes.hpp"
#include "base/limits/media_io.hpp"
#include "base/time.hpp"
#include "core/rooms/media_port.hpp"
#include "media/sctp/stack.hpp"
#include "media/sfu/data_plane.hpp"
#include "media_io/commands.hpp"
#include "media_io/mailbox.hpp"

namespace vis::media_io {

class Worker;
/// Where workers and the data loop leave events for the control thread. Called from their threads.
using EventSink = std::function<void(std::vector<RoomEvent>)>;

/// The thread of the SCTP stack, of which a process has one: all data channels of all transports.
/// Packets come from and go to the media workers, which hold the DTLS; messages come from and go to
/// the control thread.
///
/// An association takes some 20 kB and a share of every tick of the timers, so ours begins when the
/// client's first packet comes, for clients open theirs by themselves; one that never speaks SCTP
/// costs nothing.
///
/// Owned by MediaIo. Its public calls may come from any thread and return at once; what comes while
/// limits::kDataMailbox calls wait is dropped, as a network would.
class DataLoop final {
 public:
  explicit DataLoop(EventSink events);
  ~DataLoop();
  DataLoop(const DataLoop&) = delete;
  DataLoop& operator=(const DataLoop&) = delete;

  struct Open {
    core::rooms::TransportId transport{};
    core::rooms::RoomSid room;
    Worker* worker = nullptr;  ///< Outlives the transport.
    media::sfu::DataAssociation association;
  };
  void open(Open open);
  void receive(core::rooms::TransportId transport, Bytes packet);
  void close(core::rooms::TransportId transport);
  void send(core::rooms::SendData message);
  void stop();

 private:
  class Channels;
  struct Packet {
    core::rooms::TransportId transport{};
    ByteVector bytes;
  };
  struct Close {
    core::rooms::TransportId transport{};
  };
  struct Stop {};
  struct Transport {
    Open open;
    std::unique_ptr<Channels> channels;  ///< Null until the association is begun.
  };
  using Task = std::variant<Open, Packet, Close, core::rooms::SendData, Stop>;

  void post(Task task);
  void run();
  void wait(std::optional<TimePoint> deadline);
  void start(Transport& transport);
  void handle(Open& open);
  void handle(Packet& packet);
  void handle(Close& close);
  void handle(core::rooms::SendData& message);
  void handle(Stop&) { stopping_ = true; }

  EventSink events_;
  Mailbox<Task> mailbox_;
  bool stopping_ = false;
  std::unique_ptr<media::sctp::Stack> stack_;
  std::unordered_map<core::rooms::TransportId, Transport> transports_;
  std::vector<RoomEvent> pending_events_;
  std::thread thread_;
};

}  // namespace vis::media_io
