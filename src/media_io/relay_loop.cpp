#include "media_io/relay_loop.hpp"

#include <pthread.h>
#include <sys/epoll.h>

#include <algorithm>
#include <utility>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "media/ice/agent.hpp"
#include "media/stun/message.hpp"

namespace vis::media_io {
namespace {

namespace turn = media::turn;

constexpr std::string_view kDigits = "0123456789abcdef";
constexpr Duration kHousekeeping = 1s;
constexpr std::size_t kEventsMax = 256;
/// Reads of one connection before others have their turn.
constexpr int kTurnBatchesPerTurn = 4;

// What epoll says has happened; connections come after these.
constexpr std::uint64_t kListener = 0;
constexpr std::uint64_t kTurnSocket = 1;
constexpr std::uint64_t kTasks = 2;
constexpr std::uint64_t kWorkers = 3;
constexpr std::uint64_t kFirstConnection = 16;

constexpr turn::ClientId stream_client(turn::Carrier carrier, const SocketAddress& remote) {
  return {.carrier = carrier, .local = 0, .address = remote};
}

}  // namespace

std::string ufrag_prefix_of(std::size_t worker) {
  return {kDigits[worker / kDigits.size() % kDigits.size()], kDigits[worker % kDigits.size()]};
}

std::optional<std::size_t> worker_of_ufrag(std::string_view ufrag) {
  if (ufrag.size() < 2) return std::nullopt;
  const std::size_t high = kDigits.find(ufrag[0]);
  const std::size_t low = kDigits.find(ufrag[1]);
  if (high == std::string_view::npos || low == std::string_view::npos) return std::nullopt;
  return high * kDigits.size() + low;
}

class RelayLoop::TurnEgress final : public media::sfu::EgressSink {
 public:
  explicit TurnEgress(UdpSocket& socket) : socket_(socket) {}
  void send(std::span<const media::sfu::EgressRun> runs) override { socket_.send(runs); }

 private:
  UdpSocket& socket_;
};

// ---- beginning and end ----

Result<std::unique_ptr<RelayLoop>> RelayLoop::open(Options options) {
  std::optional<TcpListener> listener;
  std::optional<UdpSocket> socket;
  if (options.tcp_port) {
    auto opened = TcpListener::open({.ip = options.bind, .port = *options.tcp_port});
    if (!opened) return std::unexpected(std::move(opened.error()));
    listener = *std::move(opened);
  }
  if (options.turn_port) {
    auto opened = UdpSocket::open({.ip = options.bind, .port = *options.turn_port});
    if (!opened) return std::unexpected(std::move(opened.error()));
    socket.emplace(*std::move(opened));
  }
  return std::make_unique<RelayLoop>(std::move(options), std::move(listener), std::move(socket));
}

RelayLoop::RelayLoop(Options options, std::optional<TcpListener> listener,
                     std::optional<UdpSocket> turn)
    : options_(std::move(options)),
      listener_(std::move(listener)),
      turn_socket_(std::move(turn)),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      mailbox_(limits::kRelayMailbox),
      fed_workers_(options_.workers) {
  VIS_ASSERT(epoll_.get() >= 0);
  for (std::size_t i = 0; i < options_.workers; ++i) {
    rings_.push_back(std::make_unique<RelayRings>());
    rings_.back()->wake_relay = &wake_;
  }
}

RelayLoop::~RelayLoop() { stop(); }

std::optional<std::uint16_t> RelayLoop::tcp_port() const {
  if (!listener_) return std::nullopt;
  return listener_->port();
}

std::optional<std::uint16_t> RelayLoop::turn_port() const {
  if (!turn_socket_) return std::nullopt;
  return turn_socket_->port();
}

void RelayLoop::start(const std::vector<std::vector<SocketAddress>>& addresses) {
  VIS_ASSERT(addresses.size() == options_.workers);
  addresses_per_worker_ = addresses.front().size();
  if (turn_socket_ && addresses_per_worker_ != 0) {
    turn::Server::Config config{
        .realm = options_.realm, .secret = options_.turn_secret, .peers = {}};
    for (const auto& of_worker : addresses) {
      VIS_ASSERT(of_worker.size() == addresses_per_worker_);
      config.peers.insert(config.peers.end(), of_worker.begin(), of_worker.end());
    }
    turn_.emplace(std::move(config), random_);
    watch(turn_socket_->descriptor(), kTurnSocket);
  }
  if (listener_) watch(listener_->descriptor(), kListener);
  listening_ = listener_.has_value();
  watch(mailbox_.descriptor(), kTasks);
  watch(wake_.descriptor(), kWorkers);
  housekeeping_at_ = monotonic_now() + kHousekeeping;
  thread_ = std::thread([this] { run(); });
}

void RelayLoop::stop() {
  if (!thread_.joinable()) return;
  while (!mailbox_.post(Stop{})) std::this_thread::yield();
  thread_.join();
}

void RelayLoop::watch(int descriptor, std::uint64_t id) {
  epoll_event event{.events = EPOLLIN, .data = {.u64 = id}};
  VIS_ASSERT(::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, descriptor, &event) == 0);
}

// ---- the loop ----

void RelayLoop::run() {
  ::pthread_setname_np(::pthread_self(), "media-relay");
  std::array<epoll_event, kEventsMax> events;
  while (!stopping_) {
    const auto pause_ms =
        std::chrono::ceil<std::chrono::milliseconds>(pause(monotonic_now())).count();
    const int count = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()),
                                   static_cast<int>(pause_ms));
    const TimePoint now = monotonic_now();
    for (int i = 0; i < count; ++i) {
      const epoll_event& event = events[static_cast<std::size_t>(i)];
      on_event(now, event.data.u64, event.events);
    }
    finish_turn();
    if (now >= housekeeping_at_) housekeeping(now);
  }
  for (auto& [remote, stream] : streams_) stream.output->close();
}

Duration RelayLoop::pause(TimePoint now) const {
  return std::max(housekeeping_at_ - now, Duration::zero());
}

void RelayLoop::on_event(TimePoint now, std::uint64_t id, std::uint32_t events) {
  if (id >= kFirstConnection) {
    on_connection(now, id, events);
  } else if (id == kListener) {
    accept_all(now);
  } else if (id == kTurnSocket) {
    on_turn_datagrams(now);
  } else if (id == kWorkers) {
    from_workers(now);
  } else {
    mailbox_.take(tasks_);
    for (Task& task : tasks_) std::visit([&](auto& each) { handle(now, each); }, task);
  }
}

/// What was gathered in this turn leaves: datagrams of TURN, bytes of connections, and a call to
/// each worker that has something to take.
void RelayLoop::finish_turn() {
  if (turn_socket_ && !turn_egress_.empty()) {
    TurnEgress sink(*turn_socket_);
    turn_egress_.flush(sink);
  }
  for (const ConnectionId id : written_) {
    const auto found = connections_.find(id);
    if (found == connections_.end()) continue;
    TcpConnection& connection = *found->second;
    if (!connection.flush()) {
      close(id);
    } else if (connection.has_unsent() != connection.watched_for_room) {
      connection.watched_for_room = connection.has_unsent();
      epoll_event event{.events = EPOLLIN, .data = {.u64 = id}};
      if (connection.watched_for_room) event.events |= EPOLLOUT;
      ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, connection.descriptor(), &event);
    }
  }
  written_.clear();
  for (std::size_t worker = 0; worker < fed_workers_.size(); ++worker) {
    if (!fed_workers_[worker]) continue;
    fed_workers_[worker] = false;
    rings_[worker]->wake_worker.call();
  }
}

void RelayLoop::housekeeping(TimePoint now) {
  housekeeping_at_ = now + kHousekeeping;
  std::vector<ConnectionId> silent;
  for (const auto& [id, connection] : connections_) {
    const bool introduced =
        connection->worker.has_value() || connection->protocol() == TcpProtocol::Turn;
    // A TURN client speaks at least every few minutes, to keep its permissions.
    const Duration patience = connection->protocol() == TcpProtocol::Turn
                                  ? turn::Allocation::kChannelLifetime
                                  : Duration{limits::kTcpSilence};
    const Duration allowed = introduced ? patience : Duration{limits::kTcpIntroduction};
    if (now - connection->heard_at() > allowed) silent.push_back(id);
  }
  for (const ConnectionId id : silent) close(id);
  std::vector<SocketAddress> quiet;
  for (const auto& [remote, stream] : streams_) {
    if (now - stream.heard_at > turn::Allocation::kChannelLifetime) quiet.push_back(remote);
  }
  for (const SocketAddress& remote : quiet) drop_stream(remote);
  if (turn_) turn_->on_deadline(now);
  if (listener_ && !listening_) {
    watch(listener_->descriptor(), kListener);
    listening_ = true;
  }
  update_gauges();
}

void RelayLoop::update_gauges() {
  const auto set = [](std::atomic<std::uint64_t>& gauge, std::uint64_t value) {
    gauge.store(value, std::memory_order_relaxed);
  };
  std::size_t ice = 0;
  for (const auto& [id, connection] : connections_) {
    if (connection->protocol() == TcpProtocol::Ice) ++ice;
  }
  set(gauges_.ice_connections, ice);
  set(gauges_.turn_connections, connections_.size() - ice + streams_.size());
  if (!turn_) return;
  set(gauges_.turn_allocations, turn_->allocations());
  set(gauges_.turn_allocations_made, turn_->counters().allocations_made);
  for (std::size_t i = 0; i < gauges_.turn_refused.size(); ++i) {
    set(gauges_.turn_refused[i], turn_->counters().refused[i]);
  }
}

// ---- TCP ----

void RelayLoop::accept_all(TimePoint now) {
  while (auto accepted = listener_->accept()) {
    std::size_t& of_address = per_address_[accepted->remote.ip];
    if (connections_.size() >= limits::kTcpConnections ||
        of_address >= limits::kTcpConnectionsPerAddress) {
      ++gauges_.connections_refused;
      if (of_address == 0) per_address_.erase(accepted->remote.ip);
      continue;
    }
    ++of_address;
    const ConnectionId id = kFirstConnection + next_id_++;
    watch(accepted->descriptor.get(), id);
    by_remote_[accepted->remote] = id;
    connections_.emplace(id, std::make_unique<TcpConnection>(std::move(accepted->descriptor),
                                                             accepted->remote, now));
  }
  if (!listener_->exhausted()) return;
  // Time heals it; until then a waiting connection would wake us over and over.
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, listener_->descriptor(), nullptr);
  listening_ = false;
}

void RelayLoop::on_connection(TimePoint now, ConnectionId id, std::uint32_t events) {
  const auto found = connections_.find(id);
  if (found == connections_.end()) return;
  TcpConnection& connection = *found->second;
  if ((events & EPOLLOUT) != 0) written_.push_back(id);
  if ((events & (EPOLLIN | EPOLLERR | EPOLLHUP)) == 0) return;
  if (!connection.receive(now)) return close(id);
  while (const auto message = connection.next_message()) {
    if (connection.protocol() == TcpProtocol::Ice) {
      on_ice_frame(connection, *message);
    } else {
      on_turn_message(now, stream_client(turn::Carrier::Tcp, connection.remote()), *message);
    }
    if (connection.broken()) break;
  }
  const bool turn_unwanted = connection.protocol() == TcpProtocol::Turn && !turn_;
  if (connection.broken() || turn_unwanted) {
    ++gauges_.connections_refused;
    close(id);
  }
}

void RelayLoop::on_ice_frame(TcpConnection& connection, Bytes frame) {
  if (!connection.worker) {
    // Until one of our agents is named, nothing goes further.
    const auto message = media::stun::Message::parse(frame);
    if (!message) return;
    const auto ufrag = media::ice::Agent::local_ufrag_of(*message);
    const auto worker = ufrag ? worker_of_ufrag(*ufrag) : std::nullopt;
    if (!worker || *worker >= rings_.size()) return;
    connection.worker = worker;
  }
  to_worker(*connection.worker, {.local = kTcpLocal, .remote = connection.remote()}, frame);
}

void RelayLoop::send_on(ConnectionId id, TcpConnection& connection, Bytes message) {
  if (!connection.send(message)) {
    ++gauges_.packets_dropped;
    return;
  }
  if (written_.empty() || written_.back() != id) written_.push_back(id);
}

void RelayLoop::close(ConnectionId id) {
  const auto found = connections_.find(id);
  if (found == connections_.end()) return;
  const SocketAddress remote = found->second->remote();
  if (turn_) turn_->on_disconnect(stream_client(turn::Carrier::Tcp, remote));
  if (const auto named = by_remote_.find(remote);
      named != by_remote_.end() && named->second == id) {
    by_remote_.erase(named);
  }
  if (const auto counted = per_address_.find(remote.ip); --counted->second == 0) {
    per_address_.erase(counted);
  }
  connections_.erase(found);
}

// ---- TURN ----

void RelayLoop::on_turn_datagrams(TimePoint now) {
  for (int batch = 0; batch < kTurnBatchesPerTurn; ++batch) {
    const auto datagrams = turn_socket_->receive();
    for (const UdpSocket::Datagram& datagram : datagrams) {
      on_turn_message(
          now, {.carrier = turn::Carrier::Udp, .local = datagram.local, .address = datagram.from},
          datagram.bytes);
    }
    if (datagrams.size() < UdpSocket::kBatch) break;
  }
}

void RelayLoop::on_turn_message(TimePoint now, const turn::ClientId& client, Bytes message) {
  if (!turn_) return;
  const auto out = turn_->on_message({.monotonic = now, .wall = wall_now()}, client, message);
  if (out.to_client) to_client(*out.to_client);
  if (!out.to_peer) return;
  const std::size_t address = out.to_peer->peer % addresses_per_worker_;
  to_worker(
      out.to_peer->peer / addresses_per_worker_,
      {.local = static_cast<std::uint8_t>(kTurnLocal + address), .remote = out.to_peer->relayed},
      out.to_peer->data);
}

void RelayLoop::to_client(const turn::Server::ToClient& out) {
  switch (out.client.carrier) {
    case turn::Carrier::Udp:
      if (!turn_egress_.has_room()) finish_turn();
      if (out.message.size() > media::sfu::EgressQueue::kMaxDatagram) {
        ++gauges_.packets_dropped;
        return;
      }
      return turn_egress_.push({.local = out.client.local, .remote = out.client.address},
                               out.message);
    case turn::Carrier::Tcp:
      if (const auto found = by_remote_.find(out.client.address); found != by_remote_.end()) {
        send_on(found->second, *connections_.at(found->second), out.message);
      }
      return;
    case turn::Carrier::Tls:
      if (const auto found = streams_.find(out.client.address); found != streams_.end()) {
        found->second.output->write({out.message.begin(), out.message.end()});
      }
      return;
  }
  std::unreachable();
}

// ---- workers ----

void RelayLoop::to_worker(std::size_t worker, const media::ice::Path& path, Bytes bytes) {
  if (!rings_[worker]->to_worker.push(path, bytes)) ++gauges_.packets_dropped;
  fed_workers_[worker] = true;
}

void RelayLoop::from_workers(TimePoint now) {
  wake_.clear();
  for (std::size_t worker = 0; worker < rings_.size(); ++worker) {
    rings_[worker]->from_worker.take([&](const media::ice::Path& path, MutableBytes bytes) {
      on_worker_packet(now, worker, path, bytes);
    });
  }
}

void RelayLoop::on_worker_packet(TimePoint now, std::size_t worker, const media::ice::Path& path,
                                 Bytes bytes) {
  if (path.local == kTcpLocal) {
    const auto found = by_remote_.find(path.remote);
    if (found == by_remote_.end()) return;
    TcpConnection& connection = *connections_.at(found->second);
    if (connection.worker == worker) send_on(found->second, connection, bytes);
    return;
  }
  const std::size_t address = path.local - std::size_t{kTurnLocal};
  if (!turn_ || address >= addresses_per_worker_) return;
  const auto out =
      turn_->on_peer_data(now, worker * addresses_per_worker_ + address, path.remote, bytes);
  if (out) to_client(*out);
}

// ---- streams that others carry ----

void RelayLoop::open_stream(const SocketAddress& remote, std::shared_ptr<StreamOutput> output) {
  if (!mailbox_.post(OpenStream{.remote = remote, .output = output})) output->close();
}

void RelayLoop::stream_bytes(const SocketAddress& remote, ByteVector bytes) {
  // A piece of a stream that is missing ends the stream.
  if (!mailbox_.post(StreamBytes{.remote = remote, .bytes = std::move(bytes)})) {
    stream_closed(remote);
  }
}

void RelayLoop::stream_closed(const SocketAddress& remote) {
  if (!mailbox_.post(StreamClosed{.remote = remote})) {
    log::error("media.relay_overloaded");
  }
}

void RelayLoop::handle(TimePoint now, OpenStream& task) {
  if (!turn_ || connections_.size() + streams_.size() >= limits::kTcpConnections) {
    ++gauges_.connections_refused;
    task.output->close();
    return;
  }
  streams_[task.remote] = {.output = std::move(task.output), .incoming = {}, .heard_at = now};
}

void RelayLoop::handle(TimePoint now, StreamBytes& task) {
  const auto found = streams_.find(task.remote);
  if (found == streams_.end()) return;
  Stream& stream = found->second;
  stream.heard_at = now;
  stream.incoming.insert(stream.incoming.end(), task.bytes.begin(), task.bytes.end());
  std::size_t taken = 0;
  for (;;) {
    const Bytes rest = Bytes{stream.incoming}.subspan(taken);
    const auto size = turn::message_size(rest);
    if (size == std::size_t{0}) {
      ++gauges_.connections_refused;
      return drop_stream(task.remote);
    }
    if (!size || rest.size() < *size) break;
    on_turn_message(now, stream_client(turn::Carrier::Tls, task.remote), rest.first(*size));
    taken += *size;
  }
  stream.incoming.erase(stream.incoming.begin(),
                        stream.incoming.begin() + static_cast<std::ptrdiff_t>(taken));
}

void RelayLoop::handle(TimePoint, StreamClosed& task) { drop_stream(task.remote); }

void RelayLoop::drop_stream(const SocketAddress& remote) {
  const auto found = streams_.find(remote);
  if (found == streams_.end()) return;
  found->second.output->close();
  streams_.erase(found);
  if (turn_) turn_->on_disconnect(stream_client(turn::Carrier::Tls, remote));
}

}  // namespace vis::media_io
