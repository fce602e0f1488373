#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/limits/api_livekit.hpp"
#include "base/result.hpp"
#include "base/task.hpp"
#include "base/time.hpp"
#include "core/events/event_log.hpp"
#include "core/projects/project_service.hpp"
#include "core/store.hpp"
#include "http/client.hpp"
#include "http/event.hpp"

namespace vis::api::livekit {

/// Where webhooks go; from configuration.
struct WebhookTarget {
  std::string url;
  core::projects::ApiKeyId key;      ///< Signs, and names the project whose events are told.
  std::vector<std::string> include;  ///< Names of webhooks; empty = all.
  std::vector<std::string> exclude;
};

/// Tells one receiver what happens in the rooms of a project, from the event log.
///
/// Control thread; spawned and stopped by its owner (`run` ends by cancellation). Every event is
/// delivered at least once, those of one room in their order, several rooms at the same time. A
/// delivery that fails is repeated with growing pauses until its event is kGiveUpAfter old; then it
/// is given up and recorded as `webhook.failed`. How far all is done is kept in the database, so
/// that a restart goes on from there. At most limits::kWebhookWindow events are in memory and
/// limits::kWebhookRequests requests under way; the rest waits in the log.
class WebhookEndpoint final {
 public:
  static constexpr Duration kFirstPause = 1s;
  static constexpr Duration kLongestPause = 60s;
  static constexpr Duration kGiveUpAfter = 1h;
  static constexpr Duration kRequestTimeout = 15s;

  struct Ports {
    core::events::EventLog& log;
    core::Store& store;
    core::projects::ProjectService& projects;
    std::function<Task<Result<http::ClientResponse>>(http::ClientRequest)> post;
    std::function<Task<>(Duration)> pause;
    std::function<WallTime()> now;
  };
  WebhookEndpoint(boost::asio::any_io_executor executor, WebhookTarget target, Ports ports);

  /// Finds where to begin: where the receiver was left, or for a new one here and now. Before
  /// `run`, and before anything happens that the receiver shall hear of.
  Task<> find_start();
  /// Reads and delivers until cancelled, then waits for its deliveries to end.
  Task<> run();

  /// The name under which the position is kept: of the receiver, whatever its filters.
  static std::string reader_name(const WebhookTarget& target);

 private:
  using Event = core::events::Event;
  using EventId = core::events::EventId;

  Task<> read_on();
  Task<Result<EventId>> kept_or_new_position();
  Task<core::ProjectId> find_project();
  /// The events beyond `position` that are not yet read, and how far that is.
  struct Page {
    std::vector<Event> events;
    EventId end{};
  };
  Task<Page> next_page(EventId position, core::ProjectId project);
  bool wants(const Event& event) const;
  void accept(Event event);

  Task<> deliver_room(std::string room);
  Task<> deliver(Event event);
  Task<Result<void>> attempt(std::string event, std::string body);
  void give_up(const Event& event, const Error& reason);
  void done(EventId event);
  void keep_position();

  WebhookTarget target_;
  Ports ports_;
  TaskGroup deliveries_;
  http::Event progress_;  ///< An event is done, or a request has ended.

  std::unordered_map<std::string, std::deque<Event>> rooms_;  ///< What waits, by room.
  std::set<EventId> unfinished_;
  EventId read_{};  ///< Everything up to here is finished or in `unfinished_`.
  EventId kept_{};  ///< The position in the database.
  std::size_t requests_ = 0;
};

}  // namespace vis::api::livekit
