#include "media/sfu/key_frame_requests.hpp"

#include <gtest/gtest.h>

namespace vis::media::sfu {
namespace {

constexpr TimePoint kStart{100s};

TEST(KeyFrameRequests, the_first_request_goes_out_at_once_and_the_next_ones_wait_for_the_interval) {
  KeyFrameRequests requests;
  requests.request(kStart);
  EXPECT_TRUE(requests.take_due(kStart));
  requests.request(kStart + 10ms);
  requests.request(kStart + 20ms);
  EXPECT_FALSE(requests.take_due(kStart + 20ms));
  EXPECT_EQ(requests.next_deadline(), kStart + KeyFrameRequests::kMinInterval);
  EXPECT_TRUE(requests.take_due(kStart + KeyFrameRequests::kMinInterval));
}

TEST(KeyFrameRequests, a_key_frame_answers_everybody_who_waits) {
  KeyFrameRequests requests;
  requests.request(kStart);
  EXPECT_TRUE(requests.take_due(kStart));
  requests.request(kStart + 10ms);
  requests.on_key_frame();
  EXPECT_EQ(requests.next_deadline(), std::nullopt);
  EXPECT_FALSE(requests.take_due(kStart + 10s));
}

TEST(KeyFrameRequests, repeats_an_unanswered_request_a_limited_number_of_times) {
  KeyFrameRequests requests;
  TimePoint now = kStart;
  requests.request(now);
  int sent = 0;
  while (requests.next_deadline()) {
    now = *requests.next_deadline();
    ASSERT_TRUE(requests.take_due(now));
    ++sent;
  }
  EXPECT_EQ(sent, KeyFrameRequests::kMaxRepeats + 1);
}

}  // namespace
}  // namespace vis::media::sfu
