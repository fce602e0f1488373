#include "api/livekit/webhook_endpoint.hpp"

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/url/parse.hpp>
#include <cstdint>
#include <exception>
#include <utility>

#include "api/livekit/webhook_event.hpp"
#include "base/bytes.hpp"
#include "base/encoding.hpp"
#include "base/limits/api_livekit.hpp"
#include "base/limits/core_events.hpp"
#include "base/log.hpp"
#include "http/digest.hpp"

namespace vis::api::livekit {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;
namespace types = core::events::types;

/// Events of no interest that are passed over before the position is written down.
constexpr std::int64_t kUnkeptEvents = 256;

bool names(const std::vector<std::string>& list, std::string_view name) {
  return std::ranges::find(list, name) != list.end();
}

/// Scheme, host and path. A url may hold a password or a token; what is logged and recorded does
/// not.
std::string printable(const std::string& text) {
  const auto url = boost::urls::parse_uri(text);
  if (!url) return "(invalid)";
  return std::string(url->scheme()) + "://" + std::string(url->encoded_host_and_port()) +
         std::string(url->encoded_path());
}

}  // namespace

WebhookEndpoint::WebhookEndpoint(asio::any_io_executor executor, WebhookTarget target, Ports ports)
    : target_(std::move(target)),
      ports_(std::move(ports)),
      deliveries_(executor),
      progress_(executor) {}

std::string WebhookEndpoint::reader_name(const WebhookTarget& target) {
  const http::Sha256 digest = http::sha256(as_bytes(target.key.str() + ' ' + target.url));
  return "livekit.webhook." + hex_encode(digest);
}

Task<> WebhookEndpoint::run() {
  std::exception_ptr ended;
  try {
    co_await read_on();
  } catch (...) {
    ended = std::current_exception();
  }
  co_await asio::this_coro::reset_cancellation_state();
  co_await deliveries_.stop();
  if (ended) std::rethrow_exception(ended);
}

// ---- reading ----

Task<> WebhookEndpoint::read_on() {
  const core::ProjectId project = co_await find_project();
  for (;;) {
    while (unfinished_.size() >= limits::kWebhookWindow) co_await progress_.wait();
    Page page = co_await next_page(read_, project);
    for (Event& event : page.events) accept(std::move(event));
    read_ = page.end;
    if (std::to_underlying(read_) - std::to_underlying(kept_) >= kUnkeptEvents) keep_position();
    if (page.events.empty()) co_await ports_.log.wait_beyond(read_);
  }
}

/// Waits for the key, which may be made later than the configuration that names it.
Task<core::ProjectId> WebhookEndpoint::find_project() {
  for (bool first = true;; first = false) {
    if (const auto* key = ports_.projects.find_key(target_.key)) co_return key->project;
    if (first) {
      log::warning("webhook.key_unknown", {{"url", printable(target_.url)}, {"key", target_.key}});
    }
    co_await ports_.pause(kLongestPause);
  }
}

Task<> WebhookEndpoint::find_start() {
  for (Duration pause = kFirstPause;; pause = std::min(2 * pause, kLongestPause)) {
    const auto start = co_await kept_or_new_position();
    if (start) {
      read_ = kept_ = *start;
      co_return;
    }
    log::warning("webhook.no_start", {{"url", printable(target_.url)}, {"error", start.error()}});
    co_await ports_.pause(pause);
  }
}

Task<Result<core::events::EventId>> WebhookEndpoint::kept_or_new_position() {
  const std::string reader = reader_name(target_);
  const auto kept = co_await ports_.log.cursor(reader);
  if (!kept) co_return std::unexpected(kept.error());
  if (*kept) co_return **kept;
  const auto last = co_await ports_.log.last();
  if (!last) co_return std::unexpected(last.error());
  core::Commit begin{.writes = {core::SetCursor{reader, *last}}};
  const auto written = co_await ports_.store.commit(std::move(begin));
  if (!written) co_return std::unexpected(written.error());
  co_return *last;
}

Task<WebhookEndpoint::Page> WebhookEndpoint::next_page(EventId position, core::ProjectId project) {
  for (Duration pause = kFirstPause;; pause = std::min(2 * pause, kLongestPause)) {
    const std::size_t room = limits::kWebhookWindow - unfinished_.size();
    const std::size_t limit = std::min(room, limits::kEventsPerRead);
    const auto last = co_await ports_.log.last();
    auto events = co_await ports_.log.after(position, limit, project);
    if (last && events) {
      // Fewer than asked for: nothing of this project stands between them and `last`.
      Page page{.events = std::move(*events), .end = *last};
      if (!page.events.empty()) {
        const EventId newest = page.events.back().id;
        page.end = page.events.size() < limit ? std::max(*last, newest) : newest;
      }
      co_return page;
    }
    co_await ports_.pause(pause);
  }
}

bool WebhookEndpoint::wants(const Event& event) const {
  const std::string_view name = webhook_name(event.type);
  if (name.empty() || names(target_.exclude, name)) return false;
  return target_.include.empty() || names(target_.include, name);
}

void WebhookEndpoint::accept(Event event) {
  read_ = event.id;
  if (!wants(event)) return;
  unfinished_.insert(event.id);
  std::string room = event.resource;
  const auto [at, is_new] = rooms_.try_emplace(room);
  at->second.push_back(std::move(event));
  if (is_new) deliveries_.spawn("webhook.deliver", deliver_room(std::move(room)));
}

// ---- delivering ----

/// Delivers what waits for one room, one after the other, until nothing does.
Task<> WebhookEndpoint::deliver_room(std::string room) {
  for (;;) {
    const auto queue = rooms_.find(room);
    if (queue->second.empty()) {
      rooms_.erase(queue);
      co_return;
    }
    Event event = std::move(queue->second.front());
    queue->second.pop_front();
    const EventId id = event.id;
    co_await deliver(std::move(event));
    done(id);
  }
}

Task<> WebhookEndpoint::deliver(Event event) {
  const std::string body = webhook_body(event);
  if (body.empty()) co_return;
  for (Duration pause = kFirstPause;; pause = std::min(2 * pause, kLongestPause)) {
    while (requests_ >= limits::kWebhookRequests) co_await progress_.wait();
    const auto delivered = co_await attempt(event.public_id, body);
    if (delivered) co_return;
    if (ports_.now() - event.at >= kGiveUpAfter) {
      give_up(event, delivered.error());
      co_return;
    }
    co_await ports_.pause(pause);
  }
}

/// `event` is its public id, for the log.
Task<Result<void>> WebhookEndpoint::attempt(std::string event, std::string body) {
  const auto* const key = ports_.projects.find_key(target_.key);
  if (key == nullptr) co_return fail(Errc::FailedPrecondition, "the signing key is not active");
  const std::string authorization = webhook_authorization(*key, body, ports_.now());
  http::ClientRequest request{.url = target_.url, .body = std::move(body)};
  request.timeout = kRequestTimeout;
  request.headers.set("Content-Type", "application/webhook+json");
  request.headers.set("Authorization", authorization);
  request.headers.set("User-Agent", "LiveKit");

  struct Slot {
    WebhookEndpoint& endpoint;
    explicit Slot(WebhookEndpoint& owner) : endpoint(owner) { ++endpoint.requests_; }
    ~Slot() {
      --endpoint.requests_;
      endpoint.progress_.notify();
    }
    Slot(const Slot&) = delete;
    Slot& operator=(const Slot&) = delete;
  };
  const Slot slot(*this);
  const auto response = co_await ports_.post(std::move(request));
  if (!response) {
    log::warning("webhook.not_delivered",
                 {{"url", printable(target_.url)}, {"id", event}, {"error", response.error()}});
    co_return std::unexpected(response.error());
  }
  if (response->status >= 200 && response->status < 300) co_return Result<void>{};
  log::warning("webhook.not_delivered",
               {{"url", printable(target_.url)}, {"id", event}, {"status", response->status}});
  co_return fail(Errc::Unavailable, "the receiver answered " + std::to_string(response->status));
}

void WebhookEndpoint::give_up(const Event& event, const Error& reason) {
  log::error("webhook.given_up", {{"url", printable(target_.url)}, {"id", event.public_id}});
  const json::object data{{"url", printable(target_.url)},
                          {"event", event.public_id},
                          {"type", event.type},
                          {"reason", reason.message}};
  ports_.store.write_behind({.writes = {},
                             .events = {{.project = event.project,
                                         .type = std::string(types::kWebhookFailed),
                                         .resource = event.public_id,
                                         .at = ports_.now(),
                                         .data = json::serialize(data)}}});
}

void WebhookEndpoint::done(EventId event) {
  unfinished_.erase(event);
  keep_position();
  progress_.notify();
}

/// Writes down up to where everything is finished.
void WebhookEndpoint::keep_position() {
  const EventId position =
      unfinished_.empty() ? read_ : EventId{std::to_underlying(*unfinished_.begin()) - 1};
  if (position <= kept_) return;
  kept_ = position;
  ports_.store.write_behind({.writes = {core::SetCursor{reader_name(target_), position}}});
}

}  // namespace vis::api::livekit
