#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "api/livekit/proto/livekit.pb.h"
#include "base/result.hpp"
#include "http/websocket.hpp"

namespace vis::api::livekit {

namespace proto = ::livekit;

/// Reads one frame of a client: binary as protobuf, text as JSON.
Result<proto::SignalRequest> parse_request(const http::WebSocketMessage& message);

/// The way out of a signalling session. Until it is opened messages wait; from then on they leave
/// in order, in the encoding that the client last used itself.
///
/// Lives on the control thread, owned by its session; the socket outlives it. What waits is bounded
/// by the short time between the decision to accept a WebSocket and its first step, what the socket
/// queues by the socket.
class SignalChannel final {
 public:
  /// Sends `first`, then what has waited. A channel that was closed before sends only its farewell.
  void open(http::WebSocket& socket, std::span<const proto::SignalResponse> first);
  void send(proto::SignalResponse message);
  /// Ends the channel with `farewell`; nothing that is sent later leaves.
  void close(proto::SignalResponse farewell);
  /// Ends it without a word.
  void close(http::CloseCode code, std::string_view reason);

  void answer_in(http::WebSocketMessage::Kind kind) { kind_ = kind; }

 private:
  void write(const proto::SignalResponse& message);

  http::WebSocket* socket_ = nullptr;  ///< Null until opened.
  http::WebSocketMessage::Kind kind_ = http::WebSocketMessage::Kind::Binary;
  std::vector<proto::SignalResponse> waiting_;
  bool closed_ = false;
};

}  // namespace vis::api::livekit
