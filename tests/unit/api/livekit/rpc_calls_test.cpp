#include "api/livekit/rpc_calls.hpp"

#include <gtest/gtest.h>

#include <optional>

#include "api/livekit/data_packets.hpp"
#include "api/livekit/errors.hpp"
#include "base/limits/api_livekit.hpp"
#include "support/rooms/room_world.hpp"

namespace vis::api::livekit {
namespace {

namespace rooms = core::rooms;

class RpcCallsTest : public testing::Test {
 protected:
  RpcCallsTest() : bob_(world_.enter("bob")) {}
  ~RpcCallsTest() override {
    for (const auto& tasks : calls_) stop(*tasks->group);
  }

  /// A call under way.
  struct Running {
    std::optional<RpcCalls::Outcome> outcome;
    std::unique_ptr<TaskGroup> group;
  };
  Running& start(std::string payload = "ping", Duration timeout = 15s) {
    auto running = std::make_unique<Running>();
    running->group = std::make_unique<TaskGroup>(context_.get_executor());
    RpcCalls::Call call{.room = bob_->room(),
                        .callee = bob_->sid(),
                        .identity = "bob",
                        .method = "echo",
                        .payload = std::move(payload),
                        .timeout = timeout};
    auto run = [](RpcCalls& rpc, RpcCalls::Call what,
                  std::optional<RpcCalls::Outcome>& out) -> Task<> {
      out = co_await rpc.call(std::move(what));
    };
    running->group->spawn("call", run(rpc_, std::move(call), running->outcome));
    settle();
    calls_.push_back(std::move(running));
    return *calls_.back();
  }
  void stop(TaskGroup& group) {
    TaskGroup stopper(context_.get_executor());
    stopper.spawn("stop", group.stop());
    settle();
  }
  void settle() {
    context_.restart();
    context_.poll();
  }
  void advance(Duration duration) {
    world_.advance(duration);
    rpc_.on_tick(world_.now());
    settle();
  }
  proto::DataPacket last_sent() {
    proto::DataPacket packet;
    const auto sent = world_.media.last<rooms::SendData>();
    EXPECT_TRUE(sent && packet.ParseFromArray(sent->payload.data(),
                                              static_cast<int>(sent->payload.size())));
    return packet;
  }
  std::string last_id() { return last_sent().rpc_request().id(); }
  bool confirm(const std::string& id) {
    proto::DataPacket packet;
    packet.mutable_rpc_ack()->set_request_id(id);
    return rpc_.consume(bob_->sid(), packet);
  }
  bool answer(const std::string& id, std::string payload) {
    proto::DataPacket packet;
    packet.mutable_rpc_response()->set_request_id(id);
    packet.mutable_rpc_response()->set_payload(std::move(payload));
    const bool consumed = rpc_.consume(bob_->sid(), packet);
    settle();
    return consumed;
  }

  boost::asio::io_context context_;
  rooms::RoomWorld world_;
  rooms::Peer* bob_;
  SeededRandom random_{1};
  RpcCalls rpc_{{.rooms = world_.rooms, .random = random_, .now = [this] { return world_.now(); }}};
  std::vector<std::unique_ptr<Running>> calls_;
};

TEST_F(RpcCallsTest, brings_the_answer_of_the_callee) {
  const Running& call = start();
  const proto::DataPacket request = last_sent();
  EXPECT_EQ(request.participant_identity(), "bob");
  EXPECT_EQ(request.rpc_request().method(), "echo");
  EXPECT_EQ(request.rpc_request().payload(), "ping");
  EXPECT_EQ(request.rpc_request().version(), 1u);
  EXPECT_EQ(request.rpc_request().response_timeout_ms(), 8000u);
  EXPECT_TRUE(confirm(last_id()));
  EXPECT_TRUE(answer(last_id(), "pong"));
  EXPECT_EQ(call.outcome, RpcCalls::Outcome("pong"));
  EXPECT_EQ(rpc_.pending(), 0u);
}

TEST_F(RpcCallsTest, brings_the_error_of_the_callee) {
  const Running& call = start();
  proto::DataPacket packet;
  proto::RpcResponse& response = *packet.mutable_rpc_response();
  response.set_request_id(last_id());
  response.mutable_error()->set_code(1400);
  response.mutable_error()->set_message("Method not supported");
  response.mutable_error()->set_data("d");
  EXPECT_TRUE(rpc_.consume(bob_->sid(), packet));
  settle();
  EXPECT_EQ(call.outcome->error(),
            (RpcFailure{.code = 1400, .message = "Method not supported", .data = "d"}));
}

TEST_F(RpcCallsTest, gives_up_a_callee_that_does_not_confirm) {
  const Running& call = start();
  advance(6900ms);
  EXPECT_FALSE(call.outcome);
  advance(100ms);
  EXPECT_EQ(call.outcome->error().code, RpcFailure::kConnectionTimeout);
}

TEST_F(RpcCallsTest, gives_up_an_answer_that_does_not_come) {
  const Running& call = start();
  confirm(last_id());
  advance(14900ms);
  EXPECT_FALSE(call.outcome);
  advance(100ms);
  EXPECT_EQ(call.outcome->error().code, RpcFailure::kResponseTimeout);
  EXPECT_FALSE(answer(last_id(), "late"));
}

TEST_F(RpcCallsTest, ends_when_the_callee_leaves) {
  const Running& call = start();
  rpc_.on_left(rooms::ParticipantSid("PA_other"));
  settle();
  EXPECT_FALSE(call.outcome);
  rpc_.on_left(bob_->sid());
  settle();
  EXPECT_EQ(call.outcome->error().code, RpcFailure::kRecipientDisconnected);
}

TEST_F(RpcCallsTest, leaves_packets_alone_that_are_not_for_the_server) {
  start();
  EXPECT_FALSE(confirm("another"));
  EXPECT_FALSE(answer("another", "x"));
  proto::DataPacket forged;
  forged.mutable_rpc_response()->set_request_id(last_id());
  EXPECT_FALSE(rpc_.consume(rooms::ParticipantSid("PA_mallory"), forged));
  proto::DataPacket other;
  other.mutable_user();
  EXPECT_FALSE(rpc_.consume(bob_->sid(), other));
}

TEST_F(RpcCallsTest, forgets_a_call_whose_caller_went_away) {
  const Running& call = start();
  EXPECT_EQ(rpc_.pending(), 1u);
  stop(*call.group);
  EXPECT_EQ(rpc_.pending(), 0u);
}

TEST_F(RpcCallsTest, bounds_the_payload_and_the_number_of_calls) {
  EXPECT_FALSE(start(std::string(limits::kRpcPayloadBytes, 'x')).outcome);
  EXPECT_EQ(start(std::string(limits::kRpcPayloadBytes + 1, 'x')).outcome->error().code,
            RpcFailure::kRequestTooLarge);
  while (rpc_.pending() < limits::kPendingRpcCalls) start();
  EXPECT_EQ(start().outcome->error().code, RpcFailure::kSendFailed);
}

TEST(RpcFailure, becomes_the_error_that_servers_know) {
  const std::pair<std::uint32_t, std::string> kTable[] = {
      {1400, "invalid_argument"}, {1401, "not_found"},     {1402, "invalid_argument"},
      {1403, "unimplemented"},    {1404, "unimplemented"}, {1500, "internal"},
      {1501, "canceled"},         {1502, "canceled"},      {1503, "unavailable"},
      {1505, "internal"},         {77, "internal"},
  };
  for (const auto& [code, name] : kTable) {
    const http::Response response =
        twirp_error(RpcFailure{.code = code, .message = "text", .data = "data"});
    const std::string expected = R"({"code":")" + name + R"(","msg":"RpcError )" +
                                 std::to_string(code) + R"(: text: data"})";
    EXPECT_EQ(response.body, expected);
  }
}

}  // namespace
}  // namespace vis::api::livekit
