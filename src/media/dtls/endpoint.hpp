#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "media/dtls/context.hpp"
#include "media/dtls/fingerprint.hpp"
#include "media/dtls/flight.hpp"
#include "media/dtls/output.hpp"
#include "media/dtls/record.hpp"

struct bio_st;
struct ssl_st;

namespace vis::media::dtls {

enum class Role : std::uint8_t { Client, Server };

/// One side of a DTLS 1.2 association (RFC 6347) that keys SRTP (RFC 5764) and carries SCTP.
///
/// Keys leave it only after the certificate of the peer was found among the fingerprints that
/// signalling announced. The handshake may run before these are known; then the result waits. A
/// client gives them out a round trip before it is connected: media may flow, data may not yet.
///
/// Until the handshake is done nothing vouches for a datagram, so whatever could be forged must
/// not harm: alerts and data in the clear are dropped, none are sent, and a server that fails on
/// what looked like a ClientHello starts over and waits for a better one. The price is that a peer
/// with whom we have nothing in common is noticed late. Memory per association is bounded by the
/// kDtls limits, and nothing is allocated for it before `start`, which the owner calls once ICE
/// has a valid path (never for an unproven address).
///
/// Engine: no I/O and no clock. Lives on one media worker, owned by a transport, which gives every
/// call an empty Output, carries that out, and calls `on_deadline` at `next_deadline()`, which any
/// call may change. Failed and Closed are final. It stays at one place in memory: OpenSSL's timer
/// callback points to it.
class Endpoint final {
 public:
  static constexpr std::size_t kMtu = 1200;
  static constexpr Duration kHandshakeTimeout = 20s;

  enum class State : std::uint8_t {
    Idle,  ///< Not started.
    Handshaking,
    Unverified,  ///< The handshake is done; the fingerprint of the peer is awaited.
    Connected,
    Closed,
    Failed,
  };

  /// `context` must outlive the endpoint.
  explicit Endpoint(const Context& context);
  ~Endpoint();
  Endpoint(const Endpoint&) = delete;
  Endpoint& operator=(const Endpoint&) = delete;

  /// Announced by the description of the peer: all lines whose hash function we know. Only the
  /// strongest of these functions counts, and one of its lines must match. InvalidArgument when
  /// there is none; LimitExceeded; FailedPrecondition when the peer, verified before, does not
  /// match the new ones, which nothing but a new association can satisfy.
  Result<void> set_remote_fingerprints(std::span<const Fingerprint> fingerprints, Output& out);
  void start(TimePoint now, Role role, Output& out);
  void on_datagram(TimePoint now, Bytes datagram, Output& out);
  void on_deadline(TimePoint now, Output& out);
  std::optional<TimePoint> next_deadline() const;

  /// One SCTP packet, in one record, in one datagram. FailedPrecondition unless connected;
  /// LimitExceeded beyond kDtlsApplicationBytes.
  Result<void> send_application_data(Bytes data, Output& out);
  /// Says goodbye to a connected peer. To drop an association without a word, destroy it.
  void close(Output& out);

  State state() const { return state_; }

 private:
  struct Free {
    void operator()(ssl_st* ssl) const noexcept;
  };
  /// Where in the output of OpenSSL a flight, or a repetition of it, begins.
  struct Mark {
    std::size_t at;
    bool repetition;
  };

  static unsigned on_timer(ssl_st* ssl, unsigned current_us);

  void make_ssl();
  void release_buffers();
  void restore_buffers();
  bool accepts(const Record& record);
  Bytes accepted_part(Bytes datagram);
  void handshake(TimePoint now, Output& out);
  void handshake_failed(Output& out);
  void start_early(Output& out);
  void verify(Output& out);
  bool peer_matches() const;
  bool export_keys(Output& out);
  void read(Output& out);
  void collect(TimePoint now, Output& out);
  void send_records(Bytes records, Output& out) const;
  void fail(FailureReason reason, std::string_view detail, Output& out);
  void finish(State state);

  const Context* context_;
  Role role_ = Role::Server;
  State state_ = State::Idle;
  std::unique_ptr<ssl_st, Free> ssl_;
  bio_st* incoming_ = nullptr;  ///< Owned by `ssl_`.
  bio_st* outgoing_ = nullptr;  ///< Owned by `ssl_`.
  std::vector<Fingerprint> expected_;
  std::vector<Mark> marks_;
  Flight flight_;
  ByteVector accepted_;
  TimePoint handshake_deadline_;
  std::size_t handshake_bytes_ = 0;
  std::size_t early_records_ = 0;
  std::size_t attempts_ = 0;
  int repetitions_ = 0;
  bool keyed_ = false;  ///< The keys have been given out.
};

}  // namespace vis::media::dtls
