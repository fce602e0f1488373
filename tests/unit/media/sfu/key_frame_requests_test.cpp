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

/// Subscribers that ask all the time; returns how many requests go out.
int ask_for(KeyFrameRequests& requests, TimePoint from, Duration duration, bool packets_come) {
  int sent = 0;
  for (TimePoint now = from; now < from + duration; now += 20ms) {
    if (packets_come) requests.on_packet();
    requests.request(now);
    if (requests.take_due(now)) ++sent;
  }
  return sent;
}

TEST(KeyFrameRequests, a_publisher_that_never_answers_is_asked_rarely_however_many_ask) {
  KeyFrameRequests requests;
  EXPECT_LE(ask_for(requests, kStart, 60s, true),
            KeyFrameRequests::kPatience + 60s / KeyFrameRequests::kLongInterval);
  EXPECT_TRUE(requests.is_ignored());

  requests.on_key_frame();
  EXPECT_FALSE(requests.is_ignored());
  const TimePoint later = kStart + 120s;
  requests.request(later);
  EXPECT_TRUE(requests.take_due(later));
  EXPECT_EQ(requests.next_deadline(), later + KeyFrameRequests::kRepeatAfter);
}

TEST(KeyFrameRequests, a_publisher_that_is_not_heard_is_not_taken_for_one_that_ignores_them) {
  KeyFrameRequests requests;
  EXPECT_GE(ask_for(requests, kStart, 60s, false), 60s / KeyFrameRequests::kRepeatAfter / 2);
  EXPECT_FALSE(requests.is_ignored());
}

}  // namespace
}  // namespace vis::media::sfu
