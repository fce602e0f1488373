#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>
#include <variant>
#include <vector>

#include "base/bytes.hpp"
#include "base/limits/media_io.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "base/socket_address.hpp"
#include "base/time.hpp"
#include "media/sfu/egress.hpp"
#include "media/turn/server.hpp"
#include "media_io/mailbox.hpp"
#include "media_io/packet_ring.hpp"
#include "media_io/tcp_connection.hpp"
#include "media_io/tcp_socket.hpp"
#include "media_io/udp_socket.hpp"

namespace vis::media_io {

/// What `/metrics` shows of the relay loop; written by it, read by anybody.
struct RelayGauges {
  std::atomic<std::uint64_t> ice_connections = 0;
  std::atomic<std::uint64_t> turn_connections = 0;  ///< TCP and TLS.
  std::atomic<std::uint64_t> turn_allocations = 0;
  std::atomic<std::uint64_t> turn_allocations_made = 0;
  std::atomic<std::uint64_t> connections_refused = 0;  ///< Too many, or of no known protocol.
  std::atomic<std::uint64_t> packets_dropped = 0;      ///< Slow readers and full rings.
  std::array<std::atomic<std::uint64_t>, media::turn::kRefusals> turn_refused{};
};

/// A byte stream that another part of the server carries, such as TLS: where the relay loop leaves
/// what is to be written. Called on the relay loop's thread.
class StreamOutput {
 public:
  virtual ~StreamOutput() = default;
  virtual void write(ByteVector bytes) = 0;
  virtual void close() = 0;
};

/// The thread of every way to the workers that is not their UDP sockets: ICE-TCP connections, and
/// the TURN server over UDP, TCP and streams that others decrypt. To a worker all of them are
/// datagrams along paths whose local number says by which way they came; they cross in rings.
///
/// Owned by MediaIo, which opens it before the workers, starts it after them and stops it after
/// them. Bounded by the kTcp and kTurn limits; a client that reads too slowly loses packets.
class RelayLoop final {
 public:
  struct Options {
    IpAddress bind;
    std::optional<std::uint16_t> tcp_port;   ///< 0: any free one. Nothing: neither ICE nor TURN.
    std::optional<std::uint16_t> turn_port;  ///< UDP; 0: any free one. Nothing: no TURN at all.
    std::string realm;
    Secret turn_secret;
    std::size_t workers = 1;
  };
  /// Unavailable, with the system's words, when a port cannot be had.
  static Result<std::unique_ptr<RelayLoop>> open(Options options);
  RelayLoop(Options options, std::optional<TcpListener> listener,
            std::optional<UdpSocket> turn);  ///< For `open`.
  ~RelayLoop();
  RelayLoop(const RelayLoop&) = delete;
  RelayLoop& operator=(const RelayLoop&) = delete;

  std::optional<std::uint16_t> tcp_port() const;
  std::optional<std::uint16_t> turn_port() const;
  RelayRings& rings(std::size_t worker) { return *rings_[worker]; }

  /// `addresses[w]` are the UDP addresses of worker w as clients are told them, the same number for
  /// each worker.
  void start(const std::vector<std::vector<SocketAddress>>& addresses);
  void stop();
  const RelayGauges& gauges() const { return gauges_; }

  // ---- streams that others carry; from any thread ----

  /// `remote` names the stream until it is closed from either side.
  void open_stream(const SocketAddress& remote, std::shared_ptr<StreamOutput> output);
  void stream_bytes(const SocketAddress& remote, ByteVector bytes);
  void stream_closed(const SocketAddress& remote);

 private:
  using ConnectionId = std::uint64_t;
  struct OpenStream {
    SocketAddress remote;
    /// Shared with the coroutine that reads and writes the stream on the control thread.
    std::shared_ptr<StreamOutput> output;
  };
  struct StreamBytes {
    SocketAddress remote;
    ByteVector bytes;
  };
  struct StreamClosed {
    SocketAddress remote;
  };
  struct Stop {};
  using Task = std::variant<OpenStream, StreamBytes, StreamClosed, Stop>;
  struct Stream {
    std::shared_ptr<StreamOutput> output;
    ByteVector incoming;
    TimePoint heard_at;
  };

  void run();
  void watch(int descriptor, std::uint64_t id);
  Duration pause(TimePoint now) const;
  void on_event(TimePoint now, std::uint64_t id, std::uint32_t events);
  void housekeeping(TimePoint now);
  void update_gauges();

  void accept_all(TimePoint now);
  void on_connection(TimePoint now, ConnectionId id, std::uint32_t events);
  void on_ice_frame(TcpConnection& connection, Bytes frame);
  void send_on(ConnectionId id, TcpConnection& connection, Bytes message);
  void close(ConnectionId id);

  void on_turn_datagrams(TimePoint now);
  void on_turn_message(TimePoint now, const media::turn::ClientId& client, Bytes message);
  void to_client(const media::turn::Server::ToClient& out);
  void to_worker(std::size_t worker, const media::ice::Path& path, Bytes bytes);
  void from_workers(TimePoint now);
  void on_worker_packet(TimePoint now, std::size_t worker, const media::ice::Path& path,
                        Bytes bytes);
  void finish_turn();

  void handle(TimePoint now, OpenStream& task);
  void handle(TimePoint now, StreamBytes& task);
  void handle(TimePoint now, StreamClosed& task);
  void handle(TimePoint, Stop&) { stopping_ = true; }
  void drop_stream(const SocketAddress& remote);

  /// Carries out what TURN leaves to be sent by UDP, batched.
  class TurnEgress;

  Options options_;
  std::optional<TcpListener> listener_;
  std::optional<UdpSocket> turn_socket_;
  FileDescriptor epoll_;
  WakeUp wake_;
  Mailbox<Task> mailbox_;
  std::vector<Task> tasks_;
  std::vector<std::unique_ptr<RelayRings>> rings_;
  std::vector<bool> fed_workers_;  ///< Which are to be woken at the end of the turn.
  SystemRandom random_;
  std::optional<media::turn::Server> turn_;
  std::size_t addresses_per_worker_ = 0;
  media::sfu::EgressQueue turn_egress_;

  std::unordered_map<ConnectionId, std::unique_ptr<TcpConnection>> connections_;
  std::unordered_map<SocketAddress, ConnectionId> by_remote_;
  std::unordered_map<IpAddress, std::size_t> per_address_;
  std::unordered_map<SocketAddress, Stream> streams_;
  std::vector<ConnectionId> written_;  ///< Connections with something to be sent in this turn.
  ConnectionId next_id_ = 0;
  bool listening_ = false;
  TimePoint housekeeping_at_;
  bool stopping_ = false;
  RelayGauges gauges_;
  std::thread thread_;
};

/// The prefix by which the ICE user name fragments of a worker are told, and what it says.
std::string ufrag_prefix_of(std::size_t worker);
std::optional<std::size_t> worker_of_ufrag(std::string_view ufrag);

}  // namespace vis::media_io
