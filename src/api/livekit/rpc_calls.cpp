#include "api/livekit/rpc_calls.hpp"

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <chrono>
#include <utility>

#include "api/livekit/data_packets.hpp"
#include "base/limits/api_livekit.hpp"

namespace vis::api::livekit {

namespace rooms = core::rooms;

namespace {

constexpr std::uint32_t kRpcVersion = 1;
/// What the callee may at least take for itself.
constexpr Duration kShortestHandling = 1s;

RpcCalls::Outcome failed(std::uint32_t code, std::string message) {
  return std::unexpected(RpcFailure{.code = code, .message = std::move(message), .data = {}});
}

RpcCalls::Outcome outcome_of(const proto::RpcResponse& response) {
  switch (response.value_case()) {
    case proto::RpcResponse::kPayload: return response.payload();
    case proto::RpcResponse::kError:
      return std::unexpected(RpcFailure{.code = response.error().code(),
                                        .message = response.error().message(),
                                        .data = response.error().data()});
    case proto::RpcResponse::kCompressedPayload:
    case proto::RpcResponse::VALUE_NOT_SET:
      return failed(RpcFailure::kApplicationError, "The recipient's answer is of an unknown form");
  }
  std::unreachable();
}

}  // namespace

/// Keeps a call findable for as long as its coroutine lives.
class RpcCalls::Registration final {
 public:
  Registration(RpcCalls& calls, std::string id, Pending& pending)
      : calls_(calls), id_(std::move(id)) {
    calls_.pending_[id_] = &pending;
  }
  ~Registration() { calls_.pending_.erase(id_); }
  Registration(const Registration&) = delete;
  Registration& operator=(const Registration&) = delete;

 private:
  RpcCalls& calls_;
  std::string id_;
};

void RpcCalls::Pending::end(Outcome with) {
  if (outcome) return;
  outcome = std::move(with);
  woken.notify();
}

Task<RpcCalls::Outcome> RpcCalls::call(Call call) {
  if (call.payload.size() > limits::kRpcPayloadBytes) {
    co_return failed(RpcFailure::kRequestTooLarge, "Request payload too large");
  }
  if (pending_.size() >= limits::kPendingRpcCalls) {
    co_return failed(RpcFailure::kSendFailed, "Too many calls wait for an answer");
  }
  const TimePoint now = ports_.now().monotonic;
  Pending pending{.callee = call.callee,
                  .ack_due = now + kAckTimeout,
                  .response_due = now + call.timeout,
                  .woken = http::Event(co_await boost::asio::this_coro::executor)};
  const std::string id = random_id(ports_.random, "RPC_");
  const Registration registration(*this, id, pending);
  send(call, id);
  while (!pending.outcome) co_await pending.woken.wait();
  co_return std::move(*pending.outcome);
}

void RpcCalls::send(const Call& call, const std::string& id) const {
  const Duration handling = std::max(call.timeout - kAckTimeout, kShortestHandling);
  proto::DataPacket packet;
  // Some clients refuse a call from nobody, and answer to whom it came from: the callee itself is
  // the one identity that is there for certain.
  packet.set_participant_identity(call.identity);
  packet.add_destination_identities(call.identity);
  proto::RpcRequest& request = *packet.mutable_rpc_request();
  request.set_id(id);
  request.set_method(call.method);
  request.set_payload(call.payload);
  request.set_version(kRpcVersion);
  request.set_response_timeout_ms(static_cast<std::uint32_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(handling).count()));
  ports_.rooms.send_data(ports_.now(), {.room = call.room,
                                        .from = {},
                                        .identities = {},
                                        .participants = {call.callee},
                                        .channel = rooms::DataChannel::Reliable,
                                        .payload = packet_bytes(packet)});
}

RpcCalls::Pending* RpcCalls::find(const rooms::ParticipantSid& from, const std::string& id) const {
  const auto found = pending_.find(id);
  return found != pending_.end() && found->second->callee == from ? found->second : nullptr;
}

bool RpcCalls::consume(const rooms::ParticipantSid& from, const proto::DataPacket& packet) {
  if (packet.has_rpc_ack()) {
    Pending* const pending = find(from, packet.rpc_ack().request_id());
    if (pending != nullptr) pending->confirmed = true;
    return pending != nullptr;
  }
  if (packet.has_rpc_response()) {
    Pending* const pending = find(from, packet.rpc_response().request_id());
    if (pending != nullptr) pending->end(outcome_of(packet.rpc_response()));
    return pending != nullptr;
  }
  return false;
}

void RpcCalls::on_left(const rooms::ParticipantSid& participant) {
  for (const auto& [id, pending] : pending_) {
    if (pending->callee != participant) continue;
    pending->end(failed(RpcFailure::kRecipientDisconnected, "Recipient disconnected"));
  }
}

void RpcCalls::on_tick(rooms::Now now) {
  for (const auto& [id, pending] : pending_) {
    if (!pending->confirmed && now.monotonic >= pending->ack_due) {
      pending->end(failed(RpcFailure::kConnectionTimeout, "Connection timeout"));
    } else if (now.monotonic >= pending->response_due) {
      pending->end(failed(RpcFailure::kResponseTimeout, "Response timeout"));
    }
  }
}

}  // namespace vis::api::livekit
