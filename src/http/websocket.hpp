#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "base/limits/http.hpp"
#include "base/result.hpp"
#include "base/task.hpp"
#include "base/time.hpp"
#include "http/request.hpp"
#include "http/response.hpp"

namespace vis::http {

struct WebSocketMessage {
  enum class Kind : std::uint8_t { Text, Binary };
  Kind kind = Kind::Binary;
  std::string data;

  static WebSocketMessage text(std::string data) { return {Kind::Text, std::move(data)}; }
  static WebSocketMessage binary(std::string data) { return {Kind::Binary, std::move(data)}; }
  friend bool operator==(const WebSocketMessage&, const WebSocketMessage&) = default;
};

/// RFC 6455 7.4.1. Codes from 3000 on belong to applications: `CloseCode{4001}`.
enum class CloseCode : std::uint16_t {
  Normal = 1000,
  GoingAway = 1001,
  ProtocolError = 1002,
  UnsupportedData = 1003,
  NoStatus = 1005,  ///< Never sent: the peer's close frame had no code.
  Abnormal = 1006,  ///< Never sent: the connection ended without a close frame.
  InvalidText = 1007,
  PolicyViolation = 1008,
  TooBig = 1009,
  InternalError = 1011,
  TryAgainLater = 1013,
};

/// The server's end of a WebSocket, as its handler sees it. An interface, so that a dialect is
/// tested with a scripted one.
///
/// Lives on the control loop, owned by the connection, until the handler's coroutine returns; then
/// what is queued is flushed and the socket closed (1000, 1001 while the server stops, 1011 after
/// an exception). Pings, pongs, the closing handshake and dead peers are the connection's matter.
class WebSocket {
 public:
  virtual ~WebSocket() = default;

  /// The next message. After a failure every further call fails the same way:
  /// - Unavailable: the peer closed, vanished or broke the protocol; `close_code()` tells.
  /// - LimitExceeded: the peer did not read fast enough and the send queue overflowed.
  /// - Cancelled: the server stops. Sending still works: say goodbye, then return.
  /// One caller at a time.
  virtual Task<Result<WebSocketMessage>> read() = 0;

  /// Queues a message and returns at once. Messages leave in order, from when the upgrade has been
  /// answered. Dropped without a word once the socket closes; a queue past its limit breaks the
  /// connection, which `read()` reports.
  virtual void send(WebSocketMessage message) = 0;

  /// Sends what is queued, then a close frame. `reason` is cut to 123 bytes. The first call wins.
  virtual void close(CloseCode code, std::string_view reason) = 0;

  /// Whether sending is still of use.
  virtual bool is_open() const = 0;
  /// The code of the peer's close frame, or Abnormal while there has been none.
  virtual CloseCode close_code() const = 0;
};

struct WebSocketOptions {
  std::size_t message_bytes_max = limits::kWebSocketMessageBytes;  ///< After inflation.
  std::size_t queue_bytes_max = limits::kWebSocketQueueBytes;
  std::size_t queue_messages_max = limits::kWebSocketQueueMessages;
  bool deflate = false;  ///< Agree to permessage-deflate (RFC 7692), without context takeover.
};

/// The upgrade is granted: `run` speaks on the socket until it returns. It starts before the
/// upgrade has been answered, so what it sends first is the first frame. It is kept alive while
/// its coroutine runs; let it own the session:
/// `{.run = [s = std::move(session)](WebSocket& socket) { return s->run(&socket); }}`.
struct WebSocketAcceptance {
  std::move_only_function<Task<>(WebSocket&)> run;
  WebSocketOptions options = {};
};

/// Everything is decided before the upgrade: a Response refuses it as plain HTTP.
using WebSocketDecision = std::variant<Response, WebSocketAcceptance>;
using WebSocketHandler = std::function<Task<WebSocketDecision>(Request)>;

}  // namespace vis::http
