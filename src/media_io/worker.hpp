#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/random.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "media/sfu/engine.hpp"
#include "media_io/commands.hpp"
#include "media_io/data_loop.hpp"
#include "media_io/mailbox.hpp"
#include "media_io/packet_ring.hpp"
#include "media_io/translate.hpp"
#include "media_io/udp_socket.hpp"
#include "media_io/wake_up.hpp"

namespace vis::media_io {

/// What `/metrics` shows of one worker; written by the worker, read by anybody.
struct WorkerGauges {
  std::atomic<std::uint64_t> received_datagrams = 0;
  std::atomic<std::uint64_t> sent_datagrams = 0;
  std::atomic<std::uint64_t> received_bytes = 0;
  std::atomic<std::uint64_t> sent_bytes = 0;
  std::atomic<std::uint64_t> send_dropped = 0;
  std::atomic<std::uint64_t> receive_truncated = 0;
  std::atomic<std::uint64_t> rtp_received = 0;
  std::atomic<std::uint64_t> rtp_forwarded = 0;
  std::atomic<std::uint64_t> rtp_retransmitted = 0;
  std::atomic<std::uint64_t> padding_sent = 0;
  std::atomic<std::uint64_t> rtp_paced = 0;
  std::atomic<std::uint64_t> rtp_overflowed = 0;
  std::atomic<std::uint64_t> probes_repeated = 0;
  std::atomic<std::uint64_t> srtp_rejected = 0;
  std::atomic<std::uint64_t> rtp_rejected = 0;  ///< With those that SRTP rejected.
  std::atomic<std::uint64_t> rtcp_rejected = 0;
  std::atomic<std::uint64_t> stun_rejected = 0;
  std::atomic<std::uint64_t> dtls_rejected = 0;
  std::atomic<std::uint64_t> unknown_dropped = 0;
  std::atomic<std::uint64_t> slabs_exhausted = 0;
  std::atomic<std::uint64_t> nacks_sent = 0;
  std::atomic<std::uint64_t> nacks_received = 0;
  std::atomic<std::uint64_t> key_frame_requests_sent = 0;
  std::atomic<std::uint64_t> key_frame_requests_ignored = 0;
  std::atomic<std::uint64_t> key_frame_requests_received = 0;
  std::atomic<std::uint64_t> sound_repeated = 0;
  std::atomic<std::uint64_t> key_frames = 0;
  std::atomic<std::uint64_t> rtp_to_neighbours = 0;
  std::atomic<std::uint64_t> rtp_from_neighbours = 0;
  std::atomic<std::uint64_t> neighbour_rings_full = 0;
  std::atomic<std::uint64_t> cpu_ns = 0;
  std::atomic<bool> segmentation = true;

  /// What came and was not authentic, malformed, or of nobody.
  std::uint64_t packets_rejected() const {
    return rtp_rejected + rtcp_rejected + stun_rejected + dtls_rejected + unknown_dropped;
  }
};

/// One media thread: a UDP socket, an engine, and the loop between them. Run to completion: drain
/// the socket, forward, flush, sleep. Other threads reach it through `post` alone.
///
/// Owned by MediaIo, which stops it before it goes. A failure to bind is reported by `start`; after
/// that the thread runs until `stop`.
class Worker final {
 public:
  struct Options {
    unsigned index = 0;
    SocketAddress bind;
    std::vector<IpAddress> announce;
    std::optional<unsigned> pin_to_cpu;
    std::size_t max_speakers = 0;
    bool prefer_openssl = false;
    std::optional<std::uint16_t> tcp_port;  ///< Where the relay loop takes ICE-TCP.
    RelayRings* relay = nullptr;            ///< Owned by the relay loop, which outlives the worker.
  };
  static Result<std::unique_ptr<Worker>> start(Options options, DataLoop& data, EventSink events);
  Worker(Options options, UdpSocket socket, EventSink events);  ///< For `start`.
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  /// From any thread. False when the mailbox is full: the worker is not keeping up.
  [[nodiscard]] bool post(WorkerCommand command) { return mailbox_.post(std::move(command)); }
  /// From any thread: other workers have put packets into the rings that lead here.
  void wake() { wake_.call(); }
  void stop();

  unsigned index() const { return options_.index; }
  std::uint16_t port() const { return port_; }
  /// The UDP addresses that clients are told.
  std::vector<SocketAddress> announced() const;
  const WorkerGauges& gauges() const { return gauges_; }
  /// Commands that wait for the worker. From any thread.
  std::size_t queued() const { return mailbox_.size(); }

 private:
  class Egress;
  class Data;

  Result<void> build_engine(DataLoop& data);
  std::vector<media::sfu::LocalAddress> local_addresses();
  void run();
  void wait(std::optional<TimePoint> deadline);
  void handle_commands(TimePoint now);
  void handle(TimePoint now, WorkerCommand& command);
  void take_datagrams(TimePoint now);
  void deliver_events();
  void update_gauges();

  Options options_;
  UdpSocket socket_;
  std::uint16_t port_;
  std::vector<media::sfu::LocalAddress> addresses_;
  EventSink events_;
  SystemRandom random_;
  Mailbox<WorkerCommand> mailbox_;
  WakeUp wake_;
  std::unique_ptr<Egress> egress_;
  std::unique_ptr<Data> data_;
  std::unique_ptr<media::sfu::Engine> engine_;
  std::optional<Translator> translator_;
  std::vector<WorkerCommand> commands_;
  bool stopping_ = false;
  WorkerGauges gauges_;
  std::thread thread_;
};

}  // namespace vis::media_io
