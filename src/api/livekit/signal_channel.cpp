#include "api/livekit/signal_channel.hpp"

#include <utility>

#include "api/livekit/wire.hpp"

namespace vis::api::livekit {

using Kind = http::WebSocketMessage::Kind;

Result<proto::SignalRequest> parse_request(const http::WebSocketMessage& message) {
  proto::SignalRequest request;
  auto parsed = message.kind == Kind::Text ? parse_json(message.data, request)
                                           : parse_bytes(message.data, request);
  if (!parsed) return std::unexpected(parsed.error());
  return request;
}

void SignalChannel::open(http::WebSocket& socket, std::span<const proto::SignalResponse> first) {
  socket_ = &socket;
  if (closed_) first = {};
  for (const proto::SignalResponse& message : first) write(message);
  for (const proto::SignalResponse& message : std::exchange(waiting_, {})) write(message);
  if (closed_) socket_->close(http::CloseCode::Normal, "");
}

void SignalChannel::send(proto::SignalResponse message) {
  if (closed_) return;
  if (socket_ == nullptr) {
    waiting_.push_back(std::move(message));
  } else {
    write(message);
  }
}

void SignalChannel::close(proto::SignalResponse farewell) {
  if (closed_) return;
  if (socket_ == nullptr) waiting_.clear();
  send(std::move(farewell));
  close(http::CloseCode::Normal, "");
}

void SignalChannel::close(http::CloseCode code, std::string_view reason) {
  if (std::exchange(closed_, true)) return;
  if (socket_ != nullptr) socket_->close(code, reason);
}

void SignalChannel::write(const proto::SignalResponse& message) {
  if (kind_ == Kind::Text) {
    socket_->send(http::WebSocketMessage::text(write_json(message, JsonStyle::CamelCase)));
  } else {
    socket_->send(http::WebSocketMessage::binary(message.SerializeAsString()));
  }
}

}  // namespace vis::api::livekit
