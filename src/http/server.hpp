#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "base/ip_prefix.hpp"
#include "base/limits/http.hpp"
#include "base/metrics.hpp"
#include "base/result.hpp"
#include "base/socket_address.hpp"
#include "base/task.hpp"
#include "base/time.hpp"
#include "http/guest.hpp"
#include "http/router.hpp"

namespace vis::http {

/// How long a client may take. Tests shorten them; nothing else should.
struct Timeouts {
  Duration handshake = 10s;  ///< TLS, from accept to done.
  Duration header = 10s;     ///< From the first byte of a request to the end of its header.
  Duration body = 30s;       ///< For the body, plus one second per 16 KiB received.
  Duration idle = 75s;       ///< Between requests.
  Duration write = 30s;      ///< Without the client taking a byte of the response.
  Duration linger = 2s;      ///< For the client to read a last answer before the connection ends.
  Duration websocket_ping = 10s;  ///< Between our pings.
  Duration websocket_dead = 30s;  ///< Without a byte from the peer.
  Duration websocket_close = 5s;  ///< For the closing handshake.
  Duration tick = 250ms;          ///< How often the above are looked at.
};

struct TlsFiles {
  std::filesystem::path certificate;  ///< PEM chain, leaf first.
  std::filesystem::path key;          ///< PEM, without a pass phrase.
};

struct Listener {
  SocketAddress address;  ///< Port 0: any free one, see Server::endpoints().
  bool tls = false;       ///< Needs ServerOptions::tls.
  /// A socket that listens on the address already, or -1. Becomes the server's when it starts.
  int descriptor = -1;
};

struct ServerOptions {
  std::vector<Listener> listeners;
  std::optional<TlsFiles> tls = std::nullopt;
  /// Peers whose X-Forwarded-For, X-Real-IP and X-Forwarded-Proto are believed.
  std::vector<IpPrefix> trusted_proxies = {};
  Timeouts timeouts = {};
  /// Served on the TLS ports beside HTTP. Outlives the server; null: nothing but HTTP.
  GuestProtocol* guest = nullptr;
  std::size_t connections_max = limits::kHttpConnections;
  std::size_t header_bytes_max = limits::kHttpHeaderBytes;
  /// All bodies being received or handled at one moment.
  std::size_t bodies_bytes_max = limits::kHttpBodiesInFlightBytes;
};

/// The web server: HTTP/1.1 and WebSocket over TCP or TLS, on one thread.
///
/// Lives on the thread of its executor (the control loop); the owner calls start() once, awaits
/// stop() before destruction, and does all of it on that thread. Every connection is one coroutine
/// in the server's task group. Requests of one connection are answered one after the other. What
/// one client does (garbage, silence, floods) ends at most its own connection. An exception of a
/// handler is logged with the request's id and answered as a 500 problem.
class Server final {
 public:
  Server(boost::asio::any_io_executor executor, Router router, Metrics& metrics,
         ServerOptions options);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Loads the certificate and binds every listener; all or nothing. Clients may connect from then
  /// on, and wait until `accept`.
  Result<void> start();
  /// Begins to accept connections.
  void accept();
  /// What is bound, in the order of the listeners.
  std::vector<SocketAddress> endpoints() const;

  /// The listening sockets, for another process that goes on with them. They stay the server's.
  std::vector<int> listening_descriptors() const;
  /// Accepts no connection any more and lets the listening sockets go; what has been accepted goes
  /// on to the end of its next response. Whoever waits to be accepted is lost unless another
  /// process has the socket too.
  void close_listeners();

  /// Reads the certificate and key again, for new connections; those that are open go on. On
  /// failure the old one stays in use.
  Result<void> reload_certificate();

  /// Stops accepting, lets requests in flight finish and WebSocket handlers say goodbye, closes
  /// WebSockets with 1001, and cuts what is left after `grace`. Returns when all has ended.
  Task<> stop(Duration grace);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace vis::http
