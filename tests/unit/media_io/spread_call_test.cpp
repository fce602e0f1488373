// A call between two real workers, each a thread. To be run with the thread sanitizer too.

#include <gtest/gtest.h>

#include "unit/media_io/real_call.hpp"

namespace vis::media_io {
namespace {

using test::RealCall;

std::uint64_t forwarded(const RealCall& call, std::size_t worker) {
  return call.media().workers()[worker]->gauges().rtp_forwarded;
}

TEST(SpreadCall, packets_go_from_the_publishers_worker_to_the_subscribers) {
  RealCall call(2);
  ASSERT_TRUE(call.run_until([&] { return call.received() > 10; }));
  const std::uint64_t until = call.frames() + 200;
  ASSERT_TRUE(call.run_until([&] { return call.frames() >= until; }));
  EXPECT_TRUE(call.run_until(
      [&] { return call.subscriber.peer.received().begin()->second.missing() == 0; }));
  EXPECT_GE(call.received(), 2 * 190U);
  EXPECT_TRUE(call.run_until([&] { return forwarded(call, 1) >= call.received(); }));
  EXPECT_EQ(forwarded(call, 0), 0U) << "nobody there wants it";
  EXPECT_EQ(call.media().workers()[0]->gauges().neighbour_rings_full, 0U);
  EXPECT_TRUE(call.publisher.connected && call.subscriber.connected);
}

TEST(SpreadCall, workers_may_be_stopped_while_packets_are_on_their_way) {
  RealCall call(2);
  ASSERT_TRUE(call.run_until([&] { return call.received() > 10; }));
  call.stop();
}

}  // namespace
}  // namespace vis::media_io
