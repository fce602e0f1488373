#pragma once

#include <cstddef>
#include <list>
#include <optional>
#include <string>
#include <string_view>

#include "base/task.hpp"
#include "base/time.hpp"
#include "http/event.hpp"
#include "http/request.hpp"
#include "http/server_state.hpp"
#include "http/stream.hpp"
#include "http/websocket.hpp"
#include "http/websocket_frame.hpp"

namespace vis::http {

/// One WebSocket from the granted upgrade to its end: a reader that keeps one message ahead of the
/// handler, a writer that empties the send queue, answers pings and closes, and the handler.
///
/// Lives inside its connection, on the control loop. The queues are bounded by WebSocketOptions; a
/// peer that stays silent, or does not finish the closing handshake, is cut by on_tick().
class WebSocketSession final : public WebSocket {
 public:
  struct Start {
    WebSocketOptions options;
    bool deflate = false;          ///< Agreed with the peer.
    std::string upgrade_response;  ///< What grants the upgrade, written first.
    std::string early_bytes;       ///< What came after the request and before our answer.
  };
  WebSocketSession(Stream& stream, ServerState& server, Start start);

  /// Answers the upgrade, runs the handler, closes. Returns when reader and writer have ended; the
  /// stream may then still be open. To be called with throw_if_cancelled(false).
  Task<> run(WebSocketAcceptance acceptance, std::string request_id);

  void on_tick(TimePoint now);
  /// Lets read() tell the handler that the server stops.
  void begin_stop();

  Task<Result<WebSocketMessage>> read() override;
  void send(WebSocketMessage message) override;
  void close(CloseCode code, std::string_view reason) override;
  bool is_open() const override { return !ended_ && !closing_; }
  CloseCode close_code() const override { return peer_code_; }

 private:
  struct Closing {
    CloseCode code = CloseCode::Normal;
    std::string reason;
  };

  Task<CloseCode> run_handler(WebSocketAcceptance* acceptance, std::string request_id);

  Task<> write_loop();
  Task<bool> write_next();
  Task<bool> write_message(WebSocketMessage message);
  Task<bool> write_control(Opcode opcode, std::string payload);
  Task<bool> write_all(std::string head, std::string body);

  Task<> read_loop();
  Task<> decode(std::string_view bytes);
  Task<> on_message(WebSocketMessage message);
  void on_close(CloseCode code);
  void on_violation(const Violation& violation);
  /// The peer is gone, or must not be listened to any more.
  void end(CloseCode peer_code);
  void drop_queue();

  Stream& stream_;
  ServerState& server_;
  Start start_;
  FrameDecoder decoder_;
  Deflater deflater_;

  std::list<WebSocketMessage> queue_;  ///< Mostly empty, when a deque would still take 600 bytes.
  std::size_t queue_bytes_ = 0;
  std::optional<WebSocketMessage> received_;  ///< Not yet taken by read().
  std::optional<std::string> pong_due_;       ///< RFC 6455 5.5.3: the latest ping is enough.
  bool ping_due_ = false;
  std::optional<Closing> closing_;  ///< What the writer does once the queue is empty.
  CloseCode peer_code_ = CloseCode::Abnormal;

  bool upgraded_ = false;    ///< The upgrade has been answered.
  bool ended_ = false;       ///< Nothing more comes from the peer.
  bool overflowed_ = false;  ///< The peer did not read fast enough.
  bool stopping_ = false;
  bool reading_ = false;  ///< The reader waits for the network, not for the handler.
  bool reader_done_ = false;
  bool writer_done_ = false;

  TimePoint next_ping_;
  TimePoint reading_since_;
  TimePoint cut_at_;  ///< When the upgrade or the closing handshake has taken too long.

  Event writable_;  ///< For the writer: there is something to do.
  Event readable_;  ///< For read(): there is something to tell.
  Event progress_;  ///< For the reader and run(): a message was taken, or one of us is done.
};

}  // namespace vis::http
