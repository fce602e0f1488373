#include "media/rtp/transport_feedback_recorder.hpp"

#include <gtest/gtest.h>

#include <map>
#include <vector>

#include "base/random.hpp"
#include "media/rtcp/compound.hpp"

namespace vis::media::rtp {
namespace {

class TransportFeedbackRecorderTest : public ::testing::Test {
 protected:
  struct Message {
    std::uint16_t base = 0;
    std::uint8_t count = 0;
    std::map<std::uint16_t, std::optional<Duration>> packets{};
  };

  void receive(std::uint16_t sequence) { recorder_.on_packet(now_, sequence); }
  void receive_after(Duration time, std::uint16_t sequence) {
    now_ += time;
    receive(sequence);
  }

  std::vector<Message> reports() {
    std::vector<Message> messages;
    while (true) {
      ByteVector buffer(rtcp::TransportFeedbackBuilder::kMaxBytes);
      ByteWriter writer{buffer};
      if (!recorder_.write_report(writer, {.sender = 1, .media = 2})) return messages;
      const auto compound = rtcp::Compound::parse(writer.written());
      const auto feedback = std::get<rtcp::TransportFeedback>(*compound.value().begin());
      Message& message = messages.emplace_back();
      message.base = feedback.base_sequence;
      message.count = feedback.feedback_count;
      feedback.for_each([&](std::uint16_t sequence, std::optional<Duration> at) {
        message.packets[sequence] = at;
      });
    }
  }

  TransportFeedbackRecorder recorder_;
  TimePoint now_{64s};
};

TEST_F(TransportFeedbackRecorderTest, has_nothing_to_report_at_first) {
  EXPECT_FALSE(recorder_.next_deadline());
  EXPECT_TRUE(reports().empty());
}

TEST_F(TransportFeedbackRecorderTest, reports_an_interval_after_the_first_arrival) {
  receive(1);
  EXPECT_EQ(recorder_.next_deadline(), now_ + TransportFeedbackRecorder::kInterval);
  receive_after(20ms, 2);
  EXPECT_EQ(recorder_.next_deadline(), now_ + TransportFeedbackRecorder::kInterval - 20ms);
}

TEST_F(TransportFeedbackRecorderTest, reports_early_when_much_arrives) {
  for (std::uint16_t i = 1; i < TransportFeedbackRecorder::kEarlyReport; ++i) receive(i);
  EXPECT_GT(recorder_.next_deadline(), now_);
  receive(TransportFeedbackRecorder::kEarlyReport);
  EXPECT_EQ(recorder_.next_deadline(), now_);
  reports();
  EXPECT_FALSE(recorder_.next_deadline());
}

TEST_F(TransportFeedbackRecorderTest, tells_what_arrived_when_and_what_did_not) {
  receive(65'534);
  receive_after(3ms, 0);
  const auto messages = reports();
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_EQ(messages[0].base, 65'534);
  EXPECT_EQ(messages[0].packets,
            (std::map<std::uint16_t, std::optional<Duration>>{
                {65'534, Duration{64s}}, {65'535, std::nullopt}, {0, Duration{64s + 3ms}}}));
}

TEST_F(TransportFeedbackRecorderTest, goes_on_where_the_last_report_ended) {
  receive(1);
  reports();
  receive_after(1ms, 4);
  const auto messages = reports();
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_EQ(messages[0].base, 2) << "what is lost between two reports is reported";
  EXPECT_EQ(messages[0].count, 1);
  EXPECT_EQ(messages[0].packets.size(), 3U);
}

TEST_F(TransportFeedbackRecorderTest, a_late_packet_is_reported_after_all) {
  receive(1);
  receive(3);
  reports();
  receive_after(5ms, 2);
  const auto messages = reports();
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_EQ(messages[0].base, 2);
  EXPECT_EQ(messages[0].packets.at(2), Duration{64s + 5ms});
  EXPECT_EQ(messages[0].packets.at(3), Duration{64s});
}

TEST_F(TransportFeedbackRecorderTest, a_duplicate_is_not_news) {
  receive(1);
  reports();
  receive_after(5ms, 1);
  EXPECT_FALSE(recorder_.next_deadline());
}

TEST_F(TransportFeedbackRecorderTest, a_long_pause_begins_a_new_message) {
  receive(1);
  receive_after(20s, 2);
  const auto messages = reports();
  ASSERT_EQ(messages.size(), 2U);
  EXPECT_EQ(messages[1].base, 2);
  EXPECT_EQ(messages[1].packets.at(2), Duration{84s});
}

TEST_F(TransportFeedbackRecorderTest, remembers_its_window_and_no_more) {
  constexpr auto kWindow = static_cast<std::uint16_t>(limits::kTransportFeedbackWindow);
  receive(1);
  receive(kWindow);
  EXPECT_EQ(reports()[0].base, 1);
  receive(kWindow + 1);
  receive(1 + kWindow + kWindow);
  const auto messages = reports();
  ASSERT_FALSE(messages.empty());
  EXPECT_EQ(messages[0].base, kWindow + 2) << "the one before has left the window unreported";
  receive(kWindow + 1);
  EXPECT_FALSE(recorder_.next_deadline()) << "too old";
}

TEST_F(TransportFeedbackRecorderTest, every_packet_is_reported_through_loss_and_reordering) {
  constexpr std::uint64_t kSeed = 11;
  SeededRandom random{kSeed};
  SCOPED_TRACE(kSeed);
  std::map<std::uint16_t, Duration> sent;
  std::map<std::uint16_t, Duration> reported;
  for (std::uint16_t i = 0; i < 20'000; ++i) {
    now_ += std::chrono::microseconds{random.below(2000)};
    // Swaps neighbours now and then, and loses a tenth.
    const auto sequence = static_cast<std::uint16_t>(60'000 + (i ^ (random.below(8) == 0 ? 1 : 0)));
    if (random.below(10) != 0 && !sent.contains(sequence)) {
      receive(sequence);
      sent[sequence] = now_.time_since_epoch() - now_.time_since_epoch() % 250us;
    }
    if (!recorder_.next_deadline() || *recorder_.next_deadline() > now_) continue;
    for (const Message& message : reports()) {
      for (const auto& [number, at] : message.packets) {
        if (at) reported[number] = *at;
      }
    }
  }
  for (const Message& message : reports()) {
    for (const auto& [number, at] : message.packets) {
      if (at) reported[number] = *at;
    }
  }
  EXPECT_EQ(reported, sent);
}

}  // namespace
}  // namespace vis::media::rtp
