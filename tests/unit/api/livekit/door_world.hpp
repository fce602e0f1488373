#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/livekit/routes.hpp"
#include "api/livekit/token_signer.hpp"
#include "base/random.hpp"
#include "core/projects/project_service.hpp"
#include "http/router.hpp"
#include "support/fixed_projects.hpp"
#include "support/memory_store.hpp"
#include "support/rooms/room_world.hpp"
#include "unit/api/livekit/scripted_socket.hpp"

namespace vis::api::livekit {

/// Header fields of a request.
using Fields = std::vector<std::pair<std::string, std::string>>;

class DoorWorld;

/// A client with a signalling socket; the socket breaks when the client goes.
class Client final {
 public:
  Client(DoorWorld& world, http::WebSocketAcceptance acceptance);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void send(const proto::SignalRequest& request);
  void send_text(std::string json);
  void send_bytes(std::string bytes);
  /// The network is gone.
  void vanish();

  /// All that has come, in order.
  std::vector<proto::SignalResponse> received() const;
  /// Their cases, such as `join update refresh_token`.
  std::string story() const;
  /// The last message of that case; the test ends if there is none.
  proto::SignalResponse last(proto::SignalResponse::MessageCase which) const;
  bool has(proto::SignalResponse::MessageCase which) const;
  void forget() { socket.forget_sent(); }
  bool is_ended() const { return tasks_.running() == 0; }

  /// Of the JoinResponse.
  const rooms::ParticipantSid& sid() const { return sid_; }
  const rooms::RoomSid& room() const { return room_; }

  ScriptedSocket socket;

 private:
  DoorWorld& world_;
  http::WebSocketAcceptance acceptance_;
  TaskGroup tasks_;
  rooms::ParticipantSid sid_;
  rooms::RoomSid room_;
};

/// The door in front of a real RoomService, with media that only records, in simulated time.
class DoorWorld {
 public:
  explicit DoorWorld(rooms::RoomDefaults defaults = {});
  ~DoorWorld();

  rooms::Now now() const { return world.now(); }
  void advance(Duration duration);
  /// Runs what is ready.
  void settle();
  /// The result of a task that waits for nothing but what is ready.
  template <typename T>
  T finish(Task<T> task) {
    std::optional<T> result;
    TaskGroup tasks(context.get_executor());
    tasks.spawn("finish", keep(std::move(task), result));
    settle();
    VIS_ASSERT(result.has_value());
    return std::move(*result);
  }

  // ---- tokens ----

  /// Joins `meeting` as this identity, with every default.
  static Claims claims(std::string identity);
  std::string token(const Claims& claims, const std::string& key = "devkey") const;
  std::string token(std::string identity) const { return token(claims(std::move(identity))); }
  static std::string bearer(const std::string& token) { return "Bearer " + token; }

  // ---- requests ----

  http::Request request(http::Method method, std::string_view target, Fields fields = {}) const;
  /// What the router answers to a plain request.
  http::Response answer(http::Request request);
  http::Response get(std::string_view target, Fields fields = {}) {
    return answer(request(http::Method::Get, target, std::move(fields)));
  }
  http::WebSocketDecision decide(const http::Request& request);
  /// The refusal of a socket; the test ends if it is not refused.
  http::Response refusal(std::string_view target, Fields fields = {});
  std::unique_ptr<Client> open(std::string_view target, Fields fields = {});
  /// A client of `/rtc`, of today, with `more` in the query.
  std::unique_ptr<Client> join(const std::string& identity, std::string_view more = {});
  std::unique_ptr<Client> join(const Claims& claims, std::string_view more = {});
  /// A client of `/rtc/v1`.
  std::unique_ptr<Client> join_v1(const std::string& identity, const proto::JoinRequest& join);
  static std::string v1_target(proto::JoinRequest join, const std::string& token);

  // ---- what media would tell ----

  void event(const Client& client, rooms::MediaEvent event);
  rooms::TransportId transport(const Client& client, rooms::TransportRole role) const;
  /// The client's connections are up.
  void connect(const Client& client);
  /// Drops what media was asked to send so far.
  void forget_data();

  template <typename T>
  static Task<> keep(Task<T> task, std::optional<T>& result) {
    result.emplace(co_await std::move(task));
  }

  boost::asio::io_context context;
  rooms::RoomWorld world;
  test::FixedProjects project_rows;
  test::MemoryStore store;
  SeededRandom random{7};
  projects::ProjectService projects;
  Clock clock{[this] { return world.now(); }};
  Door door;
  http::Router router;
};

}  // namespace vis::api::livekit
