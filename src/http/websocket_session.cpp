#include "http/websocket_session.hpp"

#include <array>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>
#include <cstdint>
#include <exception>
#include <utility>
#include <variant>

#include "base/assert.hpp"
#include "base/clock.hpp"
#include "base/log.hpp"

namespace vis::http {
namespace {

namespace asio = boost::asio;

/// What a session that only waits holds: little, for most messages are small.
constexpr std::size_t kReadBytes = 1024;
/// Below this a deflated message is hardly smaller and costs more.
constexpr std::size_t kDeflateBytesMin = 256;

/// Tells that a loop has ended, however it did.
struct DoneMark {
  bool& done;
  Event& event;
  ~DoneMark() {
    done = true;
    event.notify();
  }
};

}  // namespace

WebSocketSession::WebSocketSession(Stream& stream, ServerState& server, Start start)
    : stream_(stream),
      server_(server),
      start_(std::move(start)),
      decoder_(start_.options.message_bytes_max, start_.deflate),
      cut_at_(monotonic_now() + server.options.timeouts.write),
      writable_(stream.get_executor()),
      readable_(stream.get_executor()),
      progress_(stream.get_executor()) {}

Task<> WebSocketSession::run(WebSocketAcceptance acceptance, std::string request_id) {
  TaskGroup tasks(co_await asio::this_coro::executor);
  tasks.spawn("http.websocket.read", read_loop());
  tasks.spawn("http.websocket.write", write_loop());
  server_.metrics.websockets.add(1);
  const CloseCode code = co_await run_handler(&acceptance, std::move(request_id));
  server_.metrics.websockets.add(-1);
  close(code, "");
  while (!writer_done_) co_await progress_.wait();
  stream_.cancel();
  while (!reader_done_) co_await progress_.wait();
  co_await tasks.stop();
}

/// The code to close with, should the handler not have chosen one.
Task<CloseCode> WebSocketSession::run_handler(WebSocketAcceptance* acceptance,
                                              std::string request_id) {
  VIS_ASSERT(acceptance->run != nullptr);
  std::string failure;
  co_await asio::this_coro::throw_if_cancelled(true);
  try {
    co_await acceptance->run(*this);
  } catch (const boost::system::system_error& error) {
    const bool cancelled = stopping_ && error.code() == asio::error::operation_aborted;
    if (!cancelled) failure = error.what();
  } catch (const std::exception& error) {
    failure = error.what();
  }
  co_await asio::this_coro::throw_if_cancelled(false);
  if (!failure.empty()) {
    log::error("http.websocket_handler_failed", {{"request", request_id}, {"reason", failure}});
    co_return CloseCode::InternalError;
  }
  co_return stopping_ ? CloseCode::GoingAway : CloseCode::Normal;
}

void WebSocketSession::on_tick(TimePoint now) {
  if (now >= cut_at_) {
    server_.metrics.timeouts.add();
    stream_.close();
    cut_at_ = TimePoint::max();
  }
  if (!upgraded_ || ended_) return;
  if (now >= next_ping_) {
    ping_due_ = true;
    next_ping_ = now + server_.options.timeouts.websocket_ping;
    writable_.notify();
  }
  if (reading_ && now - reading_since_ >= server_.options.timeouts.websocket_dead) {
    server_.metrics.timeouts.add();
    stream_.close();
  }
}

void WebSocketSession::begin_stop() {
  stopping_ = true;
  readable_.notify();
}

Task<Result<WebSocketMessage>> WebSocketSession::read() {
  while (true) {
    if (overflowed_) co_return fail(Errc::LimitExceeded, "the peer does not read fast enough");
    if (stopping_) co_return fail(Errc::Cancelled, "the server stops");
    if (received_) {
      WebSocketMessage message = std::move(*received_);
      received_.reset();
      progress_.notify();
      co_return message;
    }
    if (ended_) co_return fail(Errc::Unavailable, "the WebSocket is closed");
    co_await readable_.wait();
  }
}

void WebSocketSession::send(WebSocketMessage message) {
  if (!is_open()) return;
  const std::size_t bytes = message.data.size();
  if (queue_.size() == start_.options.queue_messages_max ||
      bytes > start_.options.queue_bytes_max - queue_bytes_) {
    server_.metrics.websocket_overflows.add();
    overflowed_ = true;
    drop_queue();
    stream_.close();
    end(CloseCode::Abnormal);
    return;
  }
  queue_bytes_ += bytes;
  queue_.push_back(std::move(message));
  writable_.notify();
}

void WebSocketSession::close(CloseCode code, std::string_view reason) {
  if (closing_) return;
  closing_ = Closing{code, std::string(reason)};
  cut_at_ = monotonic_now() + server_.options.timeouts.websocket_close;
  writable_.notify();
  progress_.notify();
}

void WebSocketSession::end(CloseCode peer_code) {
  if (ended_) return;
  ended_ = true;
  peer_code_ = peer_code;
  readable_.notify();
  writable_.notify();
  progress_.notify();
}

void WebSocketSession::drop_queue() {
  queue_.clear();
  queue_bytes_ = 0;
}

// ---- the writer ----

Task<> WebSocketSession::write_loop() {
  const DoneMark done{writer_done_, progress_};
  if (!co_await write_all(std::move(start_.upgrade_response), {})) co_return;
  upgraded_ = true;
  next_ping_ = monotonic_now() + server_.options.timeouts.websocket_ping;
  if (!closing_) cut_at_ = TimePoint::max();
  while (co_await write_next()) {
  }
  while (!ended_) co_await progress_.wait();  // for the peer's close frame, until cut_at_
}

/// Whether there may be more to write.
Task<bool> WebSocketSession::write_next() {
  if (pong_due_) {
    std::string payload = std::move(*pong_due_);
    pong_due_.reset();
    co_return co_await write_control(Opcode::Pong, std::move(payload));
  }
  if (ping_due_) {
    ping_due_ = false;
    co_return co_await write_control(Opcode::Ping, {});
  }
  if (!queue_.empty()) {
    WebSocketMessage message = std::move(queue_.front());
    queue_.pop_front();
    queue_bytes_ -= message.data.size();
    co_return co_await write_message(std::move(message));
  }
  if (closing_) {
    std::string payload = close_payload(closing_->code, closing_->reason);
    co_await write_control(Opcode::Close, std::move(payload));
    co_return false;
  }
  if (ended_) co_return false;
  co_await writable_.wait();
  co_return true;
}

Task<bool> WebSocketSession::write_message(WebSocketMessage message) {
  const bool is_text = message.kind == WebSocketMessage::Kind::Text;
  const bool compressed = start_.deflate && message.data.size() >= kDeflateBytesMin;
  if (compressed) message.data = deflater_.deflate(message.data);
  const OutgoingFrame frame{.opcode = is_text ? Opcode::Text : Opcode::Binary,
                            .compressed = compressed,
                            .payload_bytes = message.data.size()};
  co_return co_await write_all(frame.header(), std::move(message.data));
}

Task<bool> WebSocketSession::write_control(Opcode opcode, std::string payload) {
  const OutgoingFrame frame{.opcode = opcode, .payload_bytes = payload.size()};
  co_return co_await write_all(frame.header(), std::move(payload));
}

Task<bool> WebSocketSession::write_all(std::string head, std::string body) {
  Stream::Outgoing outgoing{as_bytes(head), as_bytes(body)};
  while (!outgoing.empty()) {
    const auto [failure, bytes] = co_await stream_.write_some(outgoing);
    if (failure) {
      end(CloseCode::Abnormal);
      co_return false;
    }
    outgoing.advance(bytes);
  }
  co_return true;
}

// ---- the reader ----

Task<> WebSocketSession::read_loop() {
  const DoneMark done{reader_done_, progress_};
  co_await decode(std::exchange(start_.early_bytes, {}));
  std::array<std::uint8_t, kReadBytes> buffer;
  while (!ended_) {
    reading_since_ = monotonic_now();
    reading_ = true;
    const auto [failure, bytes] = co_await stream_.read_some(buffer);
    reading_ = false;
    if (failure) end(CloseCode::Abnormal);
    co_await decode(as_text(Bytes(buffer).first(bytes)));
  }
}

/// Acts on every event that `bytes` complete. They stay where they are until this returns.
Task<> WebSocketSession::decode(std::string_view bytes) {
  while (!ended_) {
    auto decoded = decoder_.next(bytes);
    if (!decoded) {
      on_violation(decoded.error());
      co_return;
    }
    std::optional<WebSocketEvent>& event = *decoded;
    if (!event) co_return;
    if (auto* message = std::get_if<WebSocketMessage>(&*event)) {
      co_await on_message(std::move(*message));
    } else if (auto* ping = std::get_if<PingReceived>(&*event)) {
      pong_due_ = std::move(ping->payload);
      writable_.notify();
    } else if (const auto* close = std::get_if<CloseReceived>(&*event)) {
      on_close(close->code);
    }
  }
}

/// Hands the message to read(), once that has taken the one before.
Task<> WebSocketSession::on_message(WebSocketMessage message) {
  while (received_ && is_open()) co_await progress_.wait();
  if (!is_open()) co_return;
  received_ = std::move(message);
  readable_.notify();
}

void WebSocketSession::on_close(CloseCode code) {
  drop_queue();
  close(code == CloseCode::NoStatus ? CloseCode::Normal : code, "");
  end(code);
}

void WebSocketSession::on_violation(const Violation& violation) {
  drop_queue();
  close(violation.code, violation.reason);
  end(CloseCode::Abnormal);
}

}  // namespace vis::http
