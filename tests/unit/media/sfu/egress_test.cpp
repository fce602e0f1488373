#include "media/sfu/egress.hpp"

#include <gmock/gmock.h>

#include <vector>

namespace vis::media::sfu {
namespace {

const SocketAddress kFirst = *SocketAddress::parse("192.0.2.1:5000");
const SocketAddress kSecond = *SocketAddress::parse("192.0.2.2:5000");

struct SeenRun {
  SocketAddress to;
  std::vector<std::uint8_t> bytes;
  std::uint16_t segment_size;
  std::uint16_t segments;
};

class RecordingSink final : public EgressSink {
 public:
  void send(std::span<const EgressRun> runs) override {
    for (const EgressRun& run : runs) {
      seen.push_back({.to = run.to,
                      .bytes = {run.bytes.begin(), run.bytes.end()},
                      .segment_size = run.segment_size,
                      .segments = run.segments});
    }
  }
  std::vector<SeenRun> seen;
};

void push(EgressQueue& queue, const SocketAddress& to, std::size_t size, std::uint8_t fill = 1) {
  queue.push({.remote = to}, std::vector<std::uint8_t>(size, fill));
}

TEST(EgressQueue, equal_datagrams_to_one_destination_leave_as_one_run) {
  EgressQueue queue;
  RecordingSink sink;
  push(queue, kFirst, 1200, 1);
  push(queue, kFirst, 1200, 2);
  push(queue, kFirst, 700, 3);
  queue.flush(sink);
  ASSERT_EQ(sink.seen.size(), 1U);
  EXPECT_EQ(sink.seen[0].segments, 3);
  EXPECT_EQ(sink.seen[0].segment_size, 1200);
  EXPECT_EQ(sink.seen[0].bytes.size(), 3100U);
  EXPECT_EQ(sink.seen[0].bytes[1200], 2);
  EXPECT_EQ(sink.seen[0].bytes.back(), 3);
}

TEST(EgressQueue, a_shorter_datagram_ends_its_run) {
  EgressQueue queue;
  RecordingSink sink;
  push(queue, kFirst, 1200);
  push(queue, kFirst, 700);
  push(queue, kFirst, 700);
  push(queue, kFirst, 701);
  queue.flush(sink);
  ASSERT_EQ(sink.seen.size(), 3U);
  EXPECT_EQ(sink.seen[0].segments, 2);
  EXPECT_EQ(sink.seen[1].segments, 1);
  EXPECT_EQ(sink.seen[2].segment_size, 701);
}

TEST(EgressQueue, another_destination_starts_another_run) {
  EgressQueue queue;
  RecordingSink sink;
  push(queue, kFirst, 100);
  push(queue, kSecond, 100);
  push(queue, kFirst, 100);
  queue.flush(sink);
  ASSERT_EQ(sink.seen.size(), 3U);
  EXPECT_EQ(sink.seen[1].to, kSecond);
}

TEST(EgressQueue, a_run_keeps_to_the_limits_of_segmentation_offload) {
  EgressQueue queue;
  RecordingSink sink;
  for (std::size_t i = 0; i < EgressQueue::kMaxSegments + 1; ++i) push(queue, kFirst, 100);
  for (std::size_t i = 0; i < 50; ++i) push(queue, kSecond, 1400);
  queue.flush(sink);
  ASSERT_EQ(sink.seen.size(), 4U);
  EXPECT_EQ(sink.seen[0].segments, EgressQueue::kMaxSegments);
  EXPECT_EQ(sink.seen[1].segments, 1);
  EXPECT_LE(sink.seen[2].bytes.size(), EgressQueue::kMaxRunBytes);
  EXPECT_EQ(sink.seen[2].segments + sink.seen[3].segments, 50);
}

TEST(EgressQueue, says_when_it_is_full_and_is_empty_after_a_flush) {
  EgressQueue queue;
  RecordingSink sink;
  std::size_t pushed = 0;
  while (queue.has_room()) {
    push(queue, kFirst, 1500);
    ++pushed;
  }
  EXPECT_EQ(pushed, EgressQueue::kBufferBytes / EgressQueue::kMaxDatagram);
  queue.flush(sink);
  EXPECT_TRUE(queue.has_room());
  EXPECT_TRUE(queue.empty());
}

}  // namespace
}  // namespace vis::media::sfu
