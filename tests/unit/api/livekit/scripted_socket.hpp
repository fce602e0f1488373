#pragma once

#include <algorithm>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/livekit/proto/livekit.pb.h"
#include "base/assert.hpp"
#include "http/event.hpp"
#include "http/websocket.hpp"

namespace vis::api::livekit {

namespace proto = ::livekit;

/// The server's end of a WebSocket whose other end is the test.
class ScriptedSocket final : public http::WebSocket {
 public:
  explicit ScriptedSocket(boost::asio::any_io_executor executor) : arrived_(std::move(executor)) {}

  // ---- for the session ----

  Task<Result<http::WebSocketMessage>> read() override {
    for (;;) {
      if (failure_) co_return std::unexpected(*failure_);
      if (!incoming_.empty()) {
        http::WebSocketMessage message = std::move(incoming_.front());
        incoming_.pop_front();
        co_return message;
      }
      co_await arrived_.wait();
    }
  }
  void send(http::WebSocketMessage message) override {
    if (is_open()) sent_.push_back(std::move(message));
  }
  void close(http::CloseCode code, std::string_view) override {
    if (closed_) return;
    closed_ = code;
    break_off({Errc::Unavailable, "closed"});
  }
  bool is_open() const override { return !closed_ && !failure_; }
  http::CloseCode close_code() const override { return http::CloseCode::Abnormal; }

  // ---- for the test ----

  void deliver(http::WebSocketMessage message) {
    incoming_.push_back(std::move(message));
    arrived_.notify();
  }
  void break_off(Error why) {
    if (!failure_) failure_ = std::move(why);
    arrived_.notify();
  }
  /// What the server closed with.
  std::optional<http::CloseCode> closed() const { return closed_; }
  const std::vector<http::WebSocketMessage>& sent() const { return sent_; }
  void forget_sent() { sent_.clear(); }

 private:
  std::deque<http::WebSocketMessage> incoming_;
  std::vector<http::WebSocketMessage> sent_;
  std::optional<Error> failure_;
  std::optional<http::CloseCode> closed_;
  http::Event arrived_;
};

}  // namespace vis::api::livekit
