#pragma once

#include <openssl/ssl.h>

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/metrics.hpp"
#include "base/socket_address.hpp"
#include "base/task.hpp"
#include "http/headers.hpp"
#include "http/server.hpp"

namespace vis::http {

/// The io_context of a test, driven by the test itself.
class Loop final {
 public:
  boost::asio::io_context context;

  /// Turns the loop until `condition` holds. False when it does not within ten seconds, which only
  /// a hang takes.
  bool run_until(const std::function<bool()>& condition);
  /// Turns the loop until `task` has ended.
  bool run(Task<> task);
};

struct ReceivedResponse {
  unsigned status = 0;
  Headers headers;
  std::string body;
};

/// A client that sends any bytes it likes, over plain TCP or TLS.
class RawClient final {
 public:
  RawClient(Loop& loop, const SocketAddress& server);
  /// Speaks TLS. `TlsClient::version` and the like are looked at through `ssl()`.
  RawClient(Loop& loop, const SocketAddress& server, SSL_CTX* tls);
  ~RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  void send(std::string_view bytes);
  /// Says that nothing more comes.
  void finish_sending();
  /// Resets the connection.
  void abort();

  /// The next response; nothing when the connection ends or hangs before it is complete.
  std::optional<ReceivedResponse> read_response(bool head_only = false);
  /// Takes exactly that many bytes, or fewer when the connection ends.
  std::string read_bytes(std::size_t count);
  /// The next frame of a WebSocket as `OPCODE:PAYLOAD`, or `closed`.
  std::string read_frame();
  /// Whether the server closes the connection; bytes before that are dropped.
  bool is_closed_by_server();

  SSL* ssl() const { return ssl_.get(); }

 private:
  void connect(const SocketAddress& server);
  bool step_handshake();
  /// Receives what is there. False once the connection has ended.
  bool receive();
  bool fill_until(const std::function<bool()>& condition);

  Loop& loop_;
  int descriptor_ = -1;
  std::unique_ptr<SSL, void (*)(SSL*)> ssl_{nullptr, SSL_free};
  std::string received_;
  bool ended_ = false;
};

/// A server on a free port of the loopback address, stopped at the end of the test.
class TestServer final {
 public:
  TestServer(Loop& loop, Router router, ServerOptions options = {});
  ~TestServer();

  SocketAddress address(std::size_t listener = 0) const { return server.endpoints().at(listener); }
  void stop(Duration grace);

  Loop& loop;
  Metrics metrics;
  Server server;

 private:
  bool stopped_ = false;
};

/// `GET path` with a Host field and more fields, each with its CRLF.
std::string get(std::string_view path, std::string_view fields = {});
/// An upgrade request, right in everything.
std::string upgrade(std::string_view path, std::string_view fields = {});

}  // namespace vis::http
