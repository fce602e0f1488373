#pragma once

#include <cstddef>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>

#include "api/livekit/proto/livekit.pb.h"
#include "api/livekit/rpc_failure.hpp"
#include "base/limits/api_livekit.hpp"
#include "base/random.hpp"
#include "base/task.hpp"
#include "base/time.hpp"
#include "core/rooms/room_service.hpp"
#include "http/event.hpp"

namespace vis::api::livekit {

namespace proto = ::livekit;

using Clock = std::function<core::rooms::Now()>;

/// Remote calls that the server makes to participants on behalf of its API, and their answers.
///
/// Control thread; owned by the Door; outlives its callers. At most limits::kPendingRpcCalls wait.
/// A callee that does not confirm within kAckTimeout is taken for gone.
class RpcCalls final {
 public:
  static constexpr Duration kAckTimeout = 7s;
  static constexpr Duration kResponseTimeout = 15s;

  struct Ports {
    core::rooms::RoomService& rooms;
    RandomSource& random;
    Clock now;
  };
  struct Call {
    core::rooms::RoomSid room;
    core::rooms::ParticipantSid callee;
    std::string identity;  ///< Of the callee.
    std::string method;
    std::string payload;
    Duration timeout = kResponseTimeout;  ///< For the answer.
  };
  using Outcome = std::expected<std::string, RpcFailure>;

  explicit RpcCalls(Ports ports) : ports_(std::move(ports)) {}

  Task<Outcome> call(Call call);

  /// Whether the packet answers a call of ours; it is not for anybody else then.
  bool consume(const core::rooms::ParticipantSid& from, const proto::DataPacket& packet);
  void on_left(const core::rooms::ParticipantSid& participant);
  void on_tick(core::rooms::Now now);
  std::size_t pending() const { return pending_.size(); }

 private:
  /// A call under way; lives in its coroutine.
  struct Pending {
    core::rooms::ParticipantSid callee;
    TimePoint ack_due;
    TimePoint response_due;
    http::Event woken;
    bool confirmed = false;
    std::optional<Outcome> outcome;

    void end(Outcome with);
  };
  class Registration;

  void send(const Call& call, const std::string& id) const;
  Pending* find(const core::rooms::ParticipantSid& from, const std::string& id) const;

  Ports ports_;
  std::unordered_map<std::string, Pending*> pending_;
};

}  // namespace vis::api::livekit
