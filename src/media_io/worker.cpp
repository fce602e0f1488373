#include "media_io/worker.hpp"

#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/clock.hpp"
#include "base/limits/media_io.hpp"
#include "base/log.hpp"
#include "media_io/data_loop.hpp"
#include "media_io/relay_loop.hpp"
#include "media_io/system_address.hpp"

namespace vis::media_io {
namespace {

/// Batches of datagrams handled before what they caused is sent: bounds the added latency.
constexpr int kBatchesPerFlush = 4;

std::uint64_t thread_cpu_ns() {
  timespec used{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return static_cast<std::uint64_t>(used.tv_sec) * 1'000'000'000U +
         static_cast<std::uint64_t>(used.tv_nsec);
}

void pin_this_thread(unsigned cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  if (::pthread_setaffinity_np(::pthread_self(), sizeof set, &set) != 0) {
    log::warning("media.worker_not_pinned", {{"cpu", cpu}});
  }
}

/// The same addresses once more, as candidates of ICE-TCP.
void add_tcp_candidates(std::uint16_t port, std::vector<media::sfu::LocalAddress>& addresses) {
  const std::size_t count = addresses.size();
  for (std::size_t i = 0; i < count; ++i) {
    addresses.push_back({.address = {.ip = addresses[i].address.ip, .port = port},
                         .transport = media::ice::Transport::Tcp,
                         .socket = kTcpLocal});
  }
}

}  // namespace

class Worker::Egress final : public media::sfu::EgressSink {
 public:
  Egress(UdpSocket& socket, RelayRings* relay) : socket_(socket), relay_(relay) {}

  void send(std::span<const media::sfu::EgressRun> runs) override {
    const auto is_relayed = [](const media::sfu::EgressRun& run) { return run.local >= kTcpLocal; };
    bool relayed = false;
    while (!runs.empty()) {
      const auto first = std::ranges::find_if(runs, is_relayed);
      const auto direct = static_cast<std::size_t>(first - runs.begin());
      socket_.send(runs.first(direct));
      runs = runs.subspan(direct);
      if (runs.empty()) break;
      relay(runs.front());
      relayed = true;
      runs = runs.subspan(1);
    }
    if (relayed && relay_ != nullptr) relay_->wake_relay->call();
  }

  /// Datagrams for which the relay loop had no room.
  std::uint64_t dropped() const { return dropped_; }

 private:
  void relay(const media::sfu::EgressRun& run) {
    for (Bytes rest = run.bytes; !rest.empty();) {
      const Bytes datagram = rest.first(std::min<std::size_t>(run.segment_size, rest.size()));
      const bool taken = relay_ != nullptr &&
                         relay_->from_worker.push({.local = run.local, .remote = run.to}, datagram);
      if (!taken) ++dropped_;
      rest = rest.subspan(datagram.size());
    }
  }

  UdpSocket& socket_;
  RelayRings* relay_;
  std::uint64_t dropped_ = 0;
};

/// The engine's data plane: a hop to the data loop's thread.
class Worker::Data final : public media::sfu::DataPlane {
 public:
  Data(Worker& worker, DataLoop& loop) : worker_(worker), loop_(loop) {}

  void open(media::sfu::TransportId transport,
            const media::sfu::DataAssociation& association) override {
    const auto room = worker_.translator_->room_of(transport);
    if (!room) return;
    loop_.open({.transport = core::rooms::TransportId{std::to_underlying(transport)},
                .room = *room,
                .worker = &worker_,
                .association = association});
  }
  void receive(media::sfu::TransportId transport, Bytes packet) override {
    loop_.receive(core::rooms::TransportId{std::to_underlying(transport)}, packet);
  }
  void close(media::sfu::TransportId transport) override {
    loop_.close(core::rooms::TransportId{std::to_underlying(transport)});
  }

 private:
  Worker& worker_;
  DataLoop& loop_;
};

Result<std::unique_ptr<Worker>> Worker::start(Options options, DataLoop& data, EventSink events) {
  auto socket = UdpSocket::open(options.bind);
  if (!socket) return std::unexpected(std::move(socket.error()));
  auto worker = std::make_unique<Worker>(std::move(options), *std::move(socket), std::move(events));
  if (auto built = worker->build_engine(data); !built) {
    return std::unexpected(std::move(built.error()));
  }
  worker->thread_ = std::thread([raw = worker.get()] { raw->run(); });
  return worker;
}

Worker::Worker(Options options, UdpSocket socket, EventSink events)
    : options_(std::move(options)),
      socket_(std::move(socket)),
      port_(socket_.port()),
      events_(std::move(events)),
      mailbox_(limits::kWorkerMailbox) {}

Worker::~Worker() { stop(); }

Result<void> Worker::build_engine(DataLoop& data) {
  egress_ = std::make_unique<Egress>(socket_, options_.relay);
  data_ = std::make_unique<Data>(*this, data);
  media::sfu::EngineConfig config;
  config.started_at = wall_now();
  config.prefer_openssl = options_.prefer_openssl;
  config.max_speakers = options_.max_speakers;
  addresses_ = local_addresses();
  config.addresses = addresses_;
  if (options_.tcp_port) add_tcp_candidates(*options_.tcp_port, config.addresses);
  config.ufrag_prefix = ufrag_prefix_of(options_.index);
  auto engine = media::sfu::Engine::create(std::move(config),
                                           {.random = random_, .egress = *egress_, .data = *data_});
  if (!engine) return std::unexpected(std::move(engine.error()));
  engine_ = *std::move(engine);
  translator_.emplace(*engine_);
  return {};
}

std::vector<media::sfu::LocalAddress> Worker::local_addresses() {
  std::vector<media::sfu::LocalAddress> addresses;
  for (const IpAddress& ip : options_.announce) {
    if (addresses.size() == limits::kAnnouncedAddresses) break;
    if (ip.is_v6() && !socket_.has_v6()) continue;
    // What is sent to the public address of a NAT comes to the one of ours that leads there.
    const bool everywhere = options_.bind.ip.is_unspecified();
    const std::uint8_t number = everywhere ? socket_.local_of(source_towards(ip)) : std::uint8_t{0};
    addresses.push_back({.address = {.ip = ip, .port = port_}, .socket = number});
  }
  return addresses;
}

std::vector<SocketAddress> Worker::announced() const {
  std::vector<SocketAddress> announced;
  for (const media::sfu::LocalAddress& local : addresses_) announced.push_back(local.address);
  return announced;
}

void Worker::stop() {
  if (!thread_.joinable()) return;
  // A full mailbox is drained within a turn of the loop.
  while (!mailbox_.post(StopWorker{})) std::this_thread::yield();
  thread_.join();
}

void Worker::run() {
  const std::string name = "media-" + std::to_string(options_.index);
  ::pthread_setname_np(::pthread_self(), name.c_str());
  if (options_.pin_to_cpu) pin_this_thread(*options_.pin_to_cpu);
  while (!stopping_) {
    wait(engine_->next_deadline());
    const TimePoint now = monotonic_now();
    engine_->look_at_neighbours();
    handle_commands(now);
    take_datagrams(now);
    if (const auto deadline = engine_->next_deadline(); deadline && *deadline <= now) {
      engine_->on_deadline(now);
    }
    engine_->flush(now);
    deliver_events();
    update_gauges();
  }
}

void Worker::take_datagrams(TimePoint now) {
  for (int batch = 0; batch < kBatchesPerFlush; ++batch) {
    const auto datagrams = socket_.receive();
    for (const UdpSocket::Datagram& datagram : datagrams) {
      engine_->on_datagram(now, datagram.bytes, {.local = datagram.local, .remote = datagram.from});
    }
    if (datagrams.size() < UdpSocket::kBatch) break;
  }
  engine_->take_from_neighbours(now);
  if (options_.relay == nullptr) return;
  options_.relay->to_worker.take([&](const media::ice::Path& path, MutableBytes bytes) {
    engine_->on_datagram(now, bytes, path);
  });
}

void Worker::wait(std::optional<TimePoint> deadline) {
  // A negative descriptor is passed over.
  const int relay = options_.relay == nullptr ? -1 : options_.relay->wake_worker.descriptor();
  std::array<pollfd, 4> waiting{{{.fd = socket_.descriptor(), .events = POLLIN, .revents = 0},
                                 {.fd = mailbox_.descriptor(), .events = POLLIN, .revents = 0},
                                 {.fd = wake_.descriptor(), .events = POLLIN, .revents = 0},
                                 {.fd = relay, .events = POLLIN, .revents = 0}}};
  timespec timeout{};
  if (deadline) {
    const Duration left = std::max(*deadline - monotonic_now(), Duration::zero());
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
    timeout.tv_sec = seconds.count();
    timeout.tv_nsec = (left - seconds).count();
  }
  ::ppoll(waiting.data(), waiting.size(), deadline ? &timeout : nullptr, nullptr);
  if ((waiting[2].revents & POLLIN) != 0) wake_.clear();
  if ((waiting[3].revents & POLLIN) != 0) options_.relay->wake_worker.clear();
}

void Worker::handle_commands(TimePoint now) {
  mailbox_.take(commands_);
  for (WorkerCommand& command : commands_) handle(now, command);
}

void Worker::handle(TimePoint now, WorkerCommand& command) {
  if (const auto* sctp = std::get_if<SctpPacket>(&command)) {
    engine_->send_sctp(now, media::sfu::TransportId{std::to_underlying(sctp->transport)},
                       sctp->packet);
  } else if (const auto* in_room = std::get_if<RoomCommand>(&command)) {
    translator_->execute(now, in_room->room, in_room->command);
  } else if (const auto* open = std::get_if<OpenRoom>(&command)) {
    translator_->open_room(now, open->room);
  } else if (const auto* close = std::get_if<CloseRoom>(&command)) {
    translator_->close_room(now, close->room);
  } else if (auto* mail = std::get_if<NeighbourMail>(&command)) {
    engine_->on_neighbour_message(now, mail->from, std::move(mail->message));
  } else if (const auto* spread = std::get_if<SpreadRoom>(&command)) {
    translator_->spread_room(spread->room, spread->worker);
  } else if (const auto* connect = std::get_if<ConnectWorker>(&command)) {
    engine_->connect(connect->worker, connect->ways);
  } else {
    stopping_ = true;
  }
}

void Worker::deliver_events() {
  std::vector<media::sfu::Event> events = engine_->take_events();
  if (events.empty()) return;
  std::vector<RoomEvent> translated;
  translated.reserve(events.size());
  for (media::sfu::Event& event : events) {
    if (auto room_event = translator_->translate(std::move(event))) {
      translated.push_back(*std::move(room_event));
    }
  }
  events_(std::move(translated));
}

void Worker::update_gauges() {
  const auto set = [](std::atomic<std::uint64_t>& gauge, std::uint64_t value) {
    gauge.store(value, std::memory_order_relaxed);
  };
  const UdpCounters& socket = socket_.counters();
  const media::sfu::EngineCounters& engine = engine_->counters();
  set(gauges_.received_datagrams, socket.received_datagrams);
  set(gauges_.sent_datagrams, socket.sent_datagrams);
  set(gauges_.received_bytes, socket.received_bytes);
  set(gauges_.sent_bytes, socket.sent_bytes);
  set(gauges_.receive_truncated, socket.receive_truncated);
  set(gauges_.rtp_received, engine.rtp_received);
  set(gauges_.send_dropped, socket.send_dropped + egress_->dropped());
  set(gauges_.rtp_forwarded, engine.rtp_forwarded);
  set(gauges_.rtp_retransmitted, engine.rtp_retransmitted);
  set(gauges_.padding_sent, engine.padding_sent);
  set(gauges_.rtp_paced, engine.rtp_paced);
  set(gauges_.rtp_overflowed, engine.rtp_overflowed);
  set(gauges_.probes_repeated, engine.probes_repeated);
  set(gauges_.srtp_rejected, engine.srtp_rejected);
  set(gauges_.rtp_rejected, engine.rtp_rejected);
  set(gauges_.rtcp_rejected, engine.rtcp_rejected);
  set(gauges_.stun_rejected, engine.stun_rejected);
  set(gauges_.dtls_rejected, engine.dtls_rejected);
  set(gauges_.unknown_dropped, engine.unknown_dropped);
  set(gauges_.slabs_exhausted, engine.slabs_exhausted);
  set(gauges_.nacks_sent, engine.nacks_sent);
  set(gauges_.nacks_received, engine.nacks_received);
  set(gauges_.key_frame_requests_sent, engine.key_frame_requests_sent);
  set(gauges_.key_frame_requests_ignored, engine.key_frame_requests_ignored);
  set(gauges_.key_frame_requests_received, engine.key_frame_requests_received);
  set(gauges_.sound_repeated, engine.sound_repeated);
  set(gauges_.key_frames, engine.key_frames);
  set(gauges_.rtp_to_neighbours, engine.rtp_to_neighbours);
  set(gauges_.rtp_from_neighbours, engine.rtp_from_neighbours);
  set(gauges_.neighbour_rings_full, engine.neighbour_rings_full);
  set(gauges_.cpu_ns, thread_cpu_ns());
  gauges_.segmentation.store(socket_.uses_segmentation(), std::memory_order_relaxed);
}

}  // namespace vis::media_io
