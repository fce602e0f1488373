#include "http/connection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>
#include <exception>
#include <utility>
#include <variant>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "http/body_reader.hpp"
#include "http/guest_session.hpp"
#include "http/response_writer.hpp"
#include "http/text.hpp"
#include "http/websocket_upgrade.hpp"

namespace vis::http {
namespace {

namespace asio = boost::asio;

constexpr std::size_t kIdleReadBytes = 2048;  ///< What a connection that only waits holds.
constexpr std::size_t kReadBytes = 16 * 1024;
constexpr std::size_t kLingerBytes = 16 * 1024 * 1024;
constexpr Duration kLingerWhileStopping = 250ms;
constexpr std::size_t kBodyBytesPerSecond = 16 * 1024;

/// `Content Too Large` as the code `content_too_large`.
std::string code_of(unsigned status) {
  std::string code = to_lower(reason_phrase(status));
  std::ranges::replace(code, ' ', '_');
  return code;
}

Response not_found() {
  return problem_response({.status = 404, .code = "not_found", .detail = "no such path"});
}

Response method_not_allowed(std::string_view allow) {
  return problem_response({.status = 405,
                           .code = "method_not_allowed",
                           .detail = "this path does not know that method"})
      .with("Allow", allow);
}

bool is_preflight(const Request& request) {
  return request.method == Method::Options && request.headers.has("Origin") &&
         request.headers.has("Access-Control-Request-Method");
}

template <typename T>
struct Outcome {
  std::optional<T> value;
  std::string failure;  ///< What the handler threw; empty if the server cancelled it.
};

/// Calls a handler the way handlers expect it: cancellation is an exception there.
template <typename T>
Task<Outcome<T>> run_handler(const std::function<Task<T>(Request)>* handler, Request request) {
  Outcome<T> outcome;
  co_await asio::this_coro::throw_if_cancelled(true);
  try {
    outcome.value = co_await (*handler)(std::move(request));
  } catch (const boost::system::system_error& error) {
    if (error.code() != asio::error::operation_aborted) outcome.failure = error.what();
  } catch (const std::exception& error) {
    outcome.failure = error.what();
  }
  co_await asio::this_coro::throw_if_cancelled(false);
  co_return outcome;
}

struct HandlerFailure {
  std::string_view request_id;
  std::string_view pattern;
  std::string_view reason;
};
Response handler_failed(const HandlerFailure& failure) {
  if (failure.reason.empty()) {
    return problem_response(Error{Errc::Unavailable, "the server stops"});
  }
  log::error(
      "http.handler_failed",
      {{"request", failure.request_id}, {"route", failure.pattern}, {"reason", failure.reason}});
  return problem_response(
      {.detail = fmt::format("the server failed; request {}", failure.request_id)});
}

}  // namespace

Connection::Connection(ServerState& server, Stream stream, const ClientOrigin& peer)
    : server_(server), stream_(std::move(stream)), peer_(peer) {}

Task<> Connection::run() {
  co_await asio::this_coro::throw_if_cancelled(false);
  allow(server_.options.timeouts.handshake);
  if (co_await stream_.handshake()) co_return;
  const bool may_be_guest = server_.options.guest != nullptr && peer_.secure;
  if (may_be_guest && !co_await receive_first()) {
    stream_.close();
    co_return;
  }
  constexpr unsigned char kFirstNotOfGuests = 4;
  if (may_be_guest && static_cast<unsigned char>(buffer_.front()) < kFirstNotOfGuests) {
    co_await serve_guest();
  } else {
    while (co_await serve_request()) {
    }
  }
  stream_.close();
}

Task<bool> Connection::receive_first() {
  idle_ = true;
  allow(server_.options.timeouts.header);
  co_return co_await fill(kIdleReadBytes);
}

Task<> Connection::serve_guest() {
  const Bytes first = as_bytes(buffer_);
  ByteVector first_bytes(first.begin(), first.end());
  buffer_ = {};
  // The protocol has its own patience; when the server stops, there is nothing to finish.
  disarm();
  idle_ = true;
  GuestSession session(stream_, *server_.options.guest, stream_.remote());
  co_await session.run(std::move(first_bytes));
}

void Connection::allow(Duration time) { deadline_ = monotonic_now() + time; }

void Connection::on_tick(TimePoint now) {
  if (websocket_ != nullptr) websocket_->on_tick(now);
  if (now < deadline_) return;
  if (timed_out_) {
    stream_.close();
    return;
  }
  timed_out_ = true;
  if (!idle_) server_.metrics.timeouts.add();
  stream_.cancel();
  deadline_ = now + server_.options.timeouts.linger;
}

void Connection::begin_stop() {
  if (websocket_ != nullptr) websocket_->begin_stop();
  if (idle_) stream_.cancel();
}

/// Whether there may be another request.
Task<bool> Connection::serve_request() {
  auto head = co_await read_head();
  if (!head) co_return co_await refuse(nullptr, head.error());

  Exchange exchange{.head = std::move(*head), .started = monotonic_now(), .body{server_}};
  if (const auto refusal = prepare(exchange)) co_return co_await refuse(&exchange, *refusal);
  if (exchange.match.websocket != nullptr && asks_for_upgrade(exchange.request)) {
    co_return co_await serve_websocket(&exchange);
  }
  if (auto early = answer_early(exchange)) {
    co_return co_await respond(&exchange, std::move(*early));
  }
  if (const auto refusal = co_await read_body(&exchange)) {
    co_return co_await refuse(&exchange, *refusal);
  }
  Response response = co_await call_handler(&exchange);
  co_return co_await respond(&exchange, std::move(response));
}

/// A refusal with status 0 means that there is nobody to answer.
Task<std::expected<RequestHead, Refusal>> Connection::read_head() {
  constexpr std::unexpected<Refusal> kGone(Refusal{0, {}});
  const Timeouts& timeouts = server_.options.timeouts;
  HeadFinder finder(server_.options.header_bytes_max);
  allow(first_ ? timeouts.header : timeouts.idle);
  idle_ = true;
  bool may_skip_empty_line = true;  // RFC 9112 2.2
  while (true) {
    if (may_skip_empty_line && buffer_.starts_with("\r\n")) {
      buffer_.erase(0, 2);
      may_skip_empty_line = false;
    }
    if (idle_ && !buffer_.empty()) {
      idle_ = false;
      allow(timeouts.header);
    }
    const bool half_an_empty_line = buffer_ == "\r";
    const auto found = finder.find(half_an_empty_line ? std::string_view{} : buffer_);
    if (!found) co_return std::unexpected(found.error());
    if (const std::optional<std::size_t>& size = *found) {
      auto head = RequestHead::parse(std::string_view(buffer_).substr(0, *size));
      buffer_.erase(0, *size);
      first_ = false;
      co_return head;
    }
    if (idle_ && server_.stopping) co_return kGone;
    const bool filled = co_await fill(idle_ ? kIdleReadBytes : kReadBytes);
    if (!filled && timed_out_ && !idle_) co_return std::unexpected(Refusal{408, "too slow"});
    if (!filled) co_return kGone;
  }
}

/// Appends at least one byte to the buffer, or tells that nothing more comes.
Task<bool> Connection::fill(std::size_t bytes) {
  const std::size_t old_size = buffer_.size();
  buffer_.resize(old_size + bytes);
  const MutableBytes target(reinterpret_cast<std::uint8_t*>(buffer_.data()) + old_size, bytes);
  const auto [failure, received] = co_await stream_.read_some(target);
  buffer_.resize(old_size + received);
  co_return !failure && received > 0;
}

/// Turns the head into a request and finds its route.
std::optional<Refusal> Connection::prepare(Exchange& exchange) {
  RequestHead& head = exchange.head;
  Request& request = exchange.request;
  request.id = server_.next_request_id();
  request.method = head.method;
  request.target = std::move(head.target);
  request.headers = std::move(head.headers);
  exchange.origin = request.headers.get("Origin");
  const ClientOrigin origin =
      client_origin(peer_, request.headers, server_.options.trusted_proxies);
  request.client = origin.address;
  request.secure = origin.secure;
  if (origin.address == peer_.address) request.local = stream_.local().ip;

  std::string_view query = request.target;
  const std::string_view raw_path = take_until(query, '?');
  const auto path = parse_path(raw_path);
  if (!path) return Refusal{400, "bad path"};
  request.path = path->str();
  exchange.match = server_.router.match(request.method, *path);
  request.parameters = std::move(exchange.match.parameters);
  auto parameters = parse_form(query);
  if (!parameters) return Refusal{400, "bad query"};
  request.query = std::move(*parameters);
  return std::nullopt;
}

/// What can be answered without the body.
std::optional<Response> Connection::answer_early(const Exchange& exchange) {
  const Request& request = exchange.request;
  const Router::Match& match = exchange.match;
  const bool known = match.route != nullptr || !match.allow.empty();
  const bool has_own_route = match.route != nullptr && !match.is_fallback;
  if (is_preflight(request) && known && !has_own_route && match.cors == Cors::Reflect) {
    return preflight_response(request);
  }
  if (match.route == nullptr) {
    if (request.method == Method::Options && known) {
      return empty_response(204).with("Allow", match.allow);
    }
    const bool plain_get = request.method == Method::Get || request.method == Method::Head;
    if (match.websocket != nullptr && plain_get) {
      if (match.websocket->options.hides_from_plain_get) return empty_response(404);
      return problem_response({.status = 426,
                               .code = "upgrade_required",
                               .detail = "this path speaks WebSocket"})
          .with("Upgrade", "websocket");
    }
    return known ? method_not_allowed(match.allow) : not_found();
  }
  if (match.route->options.admit) return match.route->options.admit(request);
  return std::nullopt;
}

Task<std::optional<Refusal>> Connection::read_body(Exchange* exchange) {
  const RequestHead& head = exchange->head;
  const std::size_t bytes_max = exchange->match.route->options.body_bytes_max;
  if (head.content_length.value_or(0) > bytes_max) {
    co_return Refusal{413, "request body too large"};
  }
  if (head.expects_continue && head.has_body() && buffer_.empty()) {
    allow(server_.options.timeouts.write);
    if (!co_await write_all("HTTP/1.1 100 Continue\r\n\r\n", {})) co_return Refusal{0, {}};
  }
  BodyReader reader(head, bytes_max);
  std::string& body = exchange->request.body;
  const TimePoint started = monotonic_now();
  while (true) {
    const auto consumed = reader.feed(buffer_, body);
    if (!consumed) co_return consumed.error();
    buffer_.erase(0, *consumed);
    exchange->body.grow_to(body.size());
    if (reader.done()) break;
    if (server_.bodies_bytes > server_.options.bodies_bytes_max) {
      co_return Refusal{503, "too many request bodies at once"};
    }
    deadline_ = started + server_.options.timeouts.body +
                std::chrono::seconds(body.size() / kBodyBytesPerSecond);
    const bool filled = co_await fill(kReadBytes);
    if (!filled && timed_out_) co_return Refusal{408, "request body too slow"};
    if (!filled) co_return Refusal{0, {}};
  }
  exchange->body_read = true;
  co_return std::nullopt;
}

Task<Response> Connection::call_handler(Exchange* exchange) {
  disarm();
  const Router::Route& route = *exchange->match.route;
  const std::string id = exchange->request.id;
  auto outcome = co_await run_handler(&route.handler, std::move(exchange->request));
  if (outcome.value) co_return std::move(*outcome.value);
  co_return handler_failed({id, route.pattern, outcome.failure});
}

Task<bool> Connection::serve_websocket(Exchange* exchange) {
  if (exchange->head.has_body() || exchange->head.is_http_1_0) {
    co_return co_await refuse(exchange, {400, "bad WebSocket upgrade"});
  }
  if (auto refusal = check_upgrade(exchange->request)) {
    co_return co_await respond(exchange, std::move(*refusal));
  }
  WebSocketDecision decision = co_await ask_websocket_handler(exchange);
  if (auto* refusal = std::get_if<Response>(&decision)) {
    co_return co_await respond(exchange, std::move(*refusal));
  }
  auto& acceptance = std::get<WebSocketAcceptance>(decision);
  const Upgrade upgrade = make_upgrade(exchange->request, acceptance.options);
  WebSocketSession session(stream_, server_,
                           {.options = acceptance.options,
                            .deflate = upgrade.deflate,
                            .upgrade_response = upgrade.response,
                            .early_bytes = std::exchange(buffer_, {})});
  server_.metrics.on_response(101, monotonic_now() - exchange->started);
  websocket_ = &session;
  if (server_.stopping) session.begin_stop();
  co_await session.run(std::move(acceptance), take_id(exchange));
  websocket_ = nullptr;
  co_await linger();
  co_return false;
}

/// Of a request that is done with, whose headers are not kept for as long as a WebSocket lives.
std::string Connection::take_id(Exchange* exchange) {
  Request request = std::move(exchange->request);
  return std::move(request.id);
}

Task<WebSocketDecision> Connection::ask_websocket_handler(Exchange* exchange) {
  disarm();
  const Router::WebSocketRoute& route = *exchange->match.websocket;
  auto outcome = co_await run_handler(&route.handler, exchange->request);
  if (outcome.value) co_return std::move(*outcome.value);
  co_return handler_failed({exchange->request.id, route.pattern, outcome.failure});
}

/// Whether there may be another request.
Task<bool> Connection::respond(const Exchange* exchange, Response response) {
  ResponseContext context{.keep_alive = false, .date = server_.date()};
  TimePoint started = monotonic_now();
  if (exchange != nullptr) {
    const RequestHead& head = exchange->head;
    const bool unread_body = head.has_body() && !exchange->body_read;
    context.method = head.method;
    context.is_http_1_0 = head.is_http_1_0;
    const bool stays = !server_.leaving && !server_.stopping;
    context.keep_alive = head.keep_alive && !unread_body && stays && !timed_out_;
    context.origin = exchange->origin;
    context.cors = exchange->match.cors;
    started = exchange->started;
  }
  std::string head = write_head(response, context);
  allow(server_.options.timeouts.write);
  const bool written = co_await write_all(std::move(head), body_of(response, context.method));
  server_.metrics.on_response(response.status, monotonic_now() - started);
  if (!written) co_return false;
  if (!context.keep_alive) co_await linger();
  co_return context.keep_alive;
}

Task<bool> Connection::refuse(Exchange* exchange, Refusal refusal) {
  if (refusal.status == 0) co_return false;
  if (exchange != nullptr) exchange->head.keep_alive = false;
  Response response = problem_response({.status = refusal.status,
                                        .code = code_of(refusal.status),
                                        .detail = std::string(refusal.reason)});
  co_await respond(exchange, std::move(response));
  co_return false;
}

/// `body` stays where it is until this returns.
Task<bool> Connection::write_all(std::string head, std::string_view body) {
  Stream::Outgoing outgoing{as_bytes(head), as_bytes(body)};
  while (!outgoing.empty()) {
    const auto [failure, bytes] = co_await stream_.write_some(outgoing);
    if (failure) co_return false;
    outgoing.advance(bytes);
    allow(server_.options.timeouts.write);
  }
  co_return true;
}

/// Closes our side and reads on until the client has closed its own. Closing at once with bytes
/// unread would reset the connection, and the client might lose the answer.
Task<> Connection::linger() {
  const Duration time = server_.options.timeouts.linger;
  allow(server_.stopping ? std::min(time, kLingerWhileStopping) : time);
  co_await stream_.finish();
  for (std::size_t discarded = 0; discarded < kLingerBytes; discarded += kReadBytes) {
    buffer_.clear();
    if (!co_await fill(kReadBytes)) break;
  }
}

}  // namespace vis::http
