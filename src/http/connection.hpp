#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "base/task.hpp"
#include "base/time.hpp"
#include "http/client_address.hpp"
#include "http/request_head.hpp"
#include "http/router.hpp"
#include "http/server_state.hpp"
#include "http/stream.hpp"
#include "http/websocket_session.hpp"

namespace vis::http {

/// One connection from accept to end: requests one after the other, or one WebSocket.
///
/// Lives in its own coroutine, on the control loop; the server keeps a pointer for ticks and for
/// stopping. Every wait on the client has a deadline: past it the pending operation is cancelled,
/// so that the client can still be told, and a little later the socket is closed.
class Connection final {
 public:
  /// `peer.secure` says whether the stream speaks TLS.
  Connection(ServerState& server, Stream stream, const ClientOrigin& peer);

  /// Serves until the connection has ended.
  Task<> run();

  void on_tick(TimePoint now);
  /// No further request; an idle connection ends at once.
  void begin_stop();
  /// Ends the connection now.
  void cut() { stream_.close(); }

 private:
  /// A request on its way to its answer.
  struct Exchange {
    RequestHead head;
    Request request = {};
    Router::Match match = {};
    TimePoint started;
    std::string origin = {};  ///< Stays when the request has been moved to its handler.
    BodyShare body;
    bool body_read = false;
  };

  Task<bool> receive_first();
  Task<> serve_guest();
  Task<bool> serve_request();
  Task<std::expected<RequestHead, Refusal>> read_head();
  Task<bool> fill(std::size_t bytes);
  std::optional<Refusal> prepare(Exchange& exchange);
  std::optional<Response> answer_early(const Exchange& exchange);
  Task<std::optional<Refusal>> read_body(Exchange* exchange);
  Task<Response> call_handler(Exchange* exchange);
  Task<bool> serve_websocket(Exchange* exchange);
  Task<WebSocketDecision> ask_websocket_handler(Exchange* exchange);
  static std::string take_id(Exchange* exchange);
  Task<bool> respond(const Exchange* exchange, Response response);
  Task<bool> refuse(Exchange* exchange, Refusal refusal);
  Task<bool> write_all(std::string head, std::string_view body);
  Task<> linger();

  void allow(Duration time);
  void disarm() { deadline_ = TimePoint::max(); }

  ServerState& server_;
  Stream stream_;
  ClientOrigin peer_;
  std::string buffer_;  ///< Received, not yet understood.
  WebSocketSession* websocket_ = nullptr;
  TimePoint deadline_ = TimePoint::max();
  bool timed_out_ = false;  ///< The deadline has passed.
  bool idle_ = false;       ///< Between requests.
  bool first_ = true;       ///< No request yet.
};

}  // namespace vis::http
