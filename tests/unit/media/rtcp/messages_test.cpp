#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <vector>

#include "media/rtcp/compound.hpp"
#include "media/rtcp/ntp_time.hpp"

namespace vis::media::rtcp {
namespace {

/// A buffer of one datagram and what was written to it.
struct Written {
  std::array<std::uint8_t, 2048> buffer{};
  ByteWriter writer{buffer};

  /// The one message in it.
  template <typename Kind>
  Kind only() const {
    const auto compound = Compound::parse(writer.written());
    RC_ASSERT(compound.has_value());
    const Message message = *compound->begin();
    RC_ASSERT(std::holds_alternative<Kind>(message));
    return std::get<Kind>(message);
  }
};

/// A write that gets one byte less than it needs must write nothing.
template <typename Write>
void expect_all_or_nothing(const Write& write) {
  Written roomy;
  ASSERT_TRUE(write(roomy.writer));
  ByteVector tight(roomy.writer.size() - 1);
  ByteWriter writer{tight};
  EXPECT_FALSE(write(writer));
  EXPECT_TRUE(writer.ok());
  EXPECT_EQ(writer.size(), 0U);
}

ReportBlock arbitrary_block() {
  return {.ssrc = *rc::gen::arbitrary<std::uint32_t>(),
          .fraction_lost = *rc::gen::arbitrary<std::uint8_t>(),
          .cumulative_lost = *rc::gen::inRange(ReportBlock::kMinLost, ReportBlock::kMaxLost + 1),
          .extended_highest_sequence = *rc::gen::arbitrary<std::uint32_t>(),
          .jitter = *rc::gen::arbitrary<std::uint32_t>(),
          .last_sender_report = *rc::gen::arbitrary<std::uint32_t>(),
          .delay_since_last_sender_report = *rc::gen::arbitrary<std::uint32_t>()};
}

std::vector<ReportBlock> arbitrary_blocks() {
  std::vector<ReportBlock> blocks(*rc::gen::inRange<std::size_t>(0, kMaxCount + 1));
  std::ranges::generate(blocks, arbitrary_block);
  return blocks;
}

std::vector<ReportBlock> all(const WireList<ReportBlock>& list) {
  std::vector<ReportBlock> blocks;
  for (const ReportBlock block : list) blocks.push_back(block);
  return blocks;
}

std::vector<std::uint32_t> all(const WireList<SsrcItem>& list) {
  std::vector<std::uint32_t> ssrcs;
  for (const SsrcItem item : list) ssrcs.push_back(item.ssrc);
  return ssrcs;
}

RC_GTEST_PROP(SenderReport, round_trips, (std::uint64_t ntp, std::uint32_t any)) {
  const SenderInfo info{.ssrc = any,
                        .ntp = {.value = ntp},
                        .rtp_timestamp = any + 1,
                        .packet_count = any + 2,
                        .octet_count = any + 3};
  const auto blocks = arbitrary_blocks();
  Written written;
  RC_ASSERT(SenderReport::write(written.writer, info, blocks));
  const auto report = written.only<SenderReport>();
  RC_ASSERT(report.info == info);
  RC_ASSERT(report.reports.size() == blocks.size());
  RC_ASSERT(all(report.reports) == blocks);
}

RC_GTEST_PROP(ReceiverReport, round_trips, (std::uint32_t sender)) {
  const auto blocks = arbitrary_blocks();
  Written written;
  RC_ASSERT(ReceiverReport::write(written.writer, sender, blocks));
  const auto report = written.only<ReceiverReport>();
  RC_ASSERT(report.sender_ssrc == sender);
  RC_ASSERT(all(report.reports) == blocks);
}

TEST(ReportBlock, losses_beyond_24_bits_stay_at_the_bound) {
  Written written;
  const std::array blocks{ReportBlock{.cumulative_lost = ReportBlock::kMaxLost + 1},
                          ReportBlock{.cumulative_lost = ReportBlock::kMinLost - 1}};
  ReceiverReport::write(written.writer, 1, blocks);
  const auto report = written.only<ReceiverReport>();
  EXPECT_EQ(report.reports[0].cumulative_lost, ReportBlock::kMaxLost);
  EXPECT_EQ(report.reports[1].cumulative_lost, ReportBlock::kMinLost);
}

RC_GTEST_PROP(SourceDescription, round_trips, (std::uint32_t ssrc, std::string cname)) {
  cname.resize(std::min(cname.size(), SourceDescription::kMaxCname));
  Written written;
  RC_ASSERT(SourceDescription::write(written.writer, ssrc, cname));
  const auto sdes = written.only<SourceDescription>();
  RC_ASSERT(sdes.cname(ssrc) == cname);
  RC_ASSERT(!sdes.cname(ssrc + 1).has_value());
}

TEST(SourceDescription, takes_the_longest_cname) {
  Written written;
  const std::string longest(SourceDescription::kMaxCname, 'c');
  ASSERT_TRUE(SourceDescription::write(written.writer, 1, longest));
  EXPECT_EQ(written.only<SourceDescription>().cname(1), longest);
}

TEST(SourceDescription, finds_the_cname_behind_other_items_and_chunks) {
  const ByteVector bytes{0x82, 202, 0, 6, 0, 0, 0,   1, 2, 1,   'n', 0,  // NAME alone, then the end
                         0,    0,   0, 2, 2, 1, 'n', 1, 2, 'm', 'e', 0, 0, 0, 0, 0};
  const auto compound = Compound::parse(Bytes{bytes}.first(28));
  ASSERT_TRUE(compound);
  const auto sdes = std::get<SourceDescription>(*compound->begin());
  EXPECT_FALSE(sdes.cname(1));
  EXPECT_EQ(sdes.cname(2), "me");
}

RC_GTEST_PROP(Goodbye, round_trips, (std::vector<std::uint32_t> sources)) {
  sources.resize(std::min(sources.size(), kMaxCount));
  Written written;
  RC_ASSERT(Goodbye::write(written.writer, sources));
  const auto goodbye = written.only<Goodbye>();
  RC_ASSERT(all(goodbye.sources) == sources);
  RC_ASSERT(goodbye.reason.empty());
}

TEST(Goodbye, reads_the_reason) {
  const ByteVector bytes{0x81, 203, 0, 2, 0, 0, 0, 9, 3, 'b', 'y', 'e'};
  EXPECT_EQ(std::get<Goodbye>(*Compound::parse(bytes)->begin()).reason, "bye");
}

RC_GTEST_PROP(Nack, round_trips, (std::uint16_t start, std::set<std::uint8_t> offsets)) {
  std::vector<std::uint16_t> lost{start};
  for (const std::uint8_t offset : offsets) {
    lost.push_back(static_cast<std::uint16_t>(start + 1U + offset * 5U / 3U));
  }
  const auto repeated = std::ranges::unique(lost);
  lost.erase(repeated.begin(), repeated.end());
  Written written;
  const FeedbackSsrcs ssrcs{.sender = 1, .media = 2};
  RC_ASSERT(Nack::write(written.writer, ssrcs, lost));
  const auto nack = written.only<Nack>();
  RC_ASSERT(nack.ssrcs == ssrcs);
  std::vector<std::uint16_t> named;
  nack.for_each_lost([&](std::uint16_t sequence) { named.push_back(sequence); });
  RC_ASSERT(named == lost);
}

TEST(Nack, names_seventeen_packets_with_one_item) {
  std::vector<std::uint16_t> lost;
  for (std::uint16_t i = 0; i < 17; ++i) lost.push_back(static_cast<std::uint16_t>(65'530 + i));
  Written written;
  ASSERT_TRUE(Nack::write(written.writer, {}, lost));
  EXPECT_EQ(written.only<Nack>().items.size(), 1U);
}

TEST(PictureLossIndication, round_trips) {
  Written written;
  const FeedbackSsrcs ssrcs{.sender = 0xAABBCCDD, .media = 0x11223344};
  ASSERT_TRUE(PictureLossIndication::write(written.writer, ssrcs));
  EXPECT_EQ(written.only<PictureLossIndication>().ssrcs, ssrcs);
}

TEST(FullIntraRequest, round_trips) {
  Written written;
  const FirEntry entry{.ssrc = 77, .sequence = 200};
  ASSERT_TRUE(FullIntraRequest::write(written.writer, 5, entry));
  const auto fir = written.only<FullIntraRequest>();
  EXPECT_EQ(fir.sender_ssrc, 5U);
  ASSERT_EQ(fir.entries.size(), 1U);
  EXPECT_EQ(fir.entries[0], entry);
}

RC_GTEST_PROP(Remb, keeps_18_bits_of_the_bitrate,
              (std::uint64_t bitrate, std::vector<std::uint32_t> sources)) {
  sources.resize(std::min<std::size_t>(sources.size(), 255));
  Written written;
  RC_ASSERT(Remb::write(written.writer, 3, bitrate, sources));
  const auto remb = written.only<Remb>();
  RC_ASSERT(remb.sender_ssrc == 3U);
  RC_ASSERT(all(remb.sources) == sources);
  RC_ASSERT(remb.bitrate_bps <= bitrate);
  RC_ASSERT(bitrate - remb.bitrate_bps <= bitrate >> 17);
}

TEST(Remb, refuses_a_bitrate_of_more_than_64_bits) {
  ByteVector bytes{0x8F, 206, 0, 4, 0, 0, 0, 1, 0, 0, 0, 0, 'R', 'E', 'M', 'B', 0, 0xFC, 0, 1};
  EXPECT_EQ(std::get<Remb>(*Compound::parse(bytes)->begin()).bitrate_bps, std::uint64_t{1} << 63);
  bytes.back() = 2;
  EXPECT_TRUE(std::holds_alternative<Packet>(*Compound::parse(bytes)->begin()));
}

TEST(Remb, other_application_feedback_is_skipped) {
  const ByteVector bytes{0x8F, 206, 0, 3, 0, 0, 0, 1, 0, 0, 0, 0, 'G', 'O', 'O', 'G'};
  EXPECT_TRUE(std::holds_alternative<Packet>(*Compound::parse(bytes)->begin()));
}

TEST(RtcpWriters, write_all_or_nothing) {
  const std::array<std::uint32_t, 2> ssrcs{1, 2};
  const std::array<std::uint16_t, 3> lost{1, 2, 100};
  const std::array blocks{ReportBlock{}, ReportBlock{}};
  expect_all_or_nothing([&](auto& w) { return SenderReport::write(w, {}, blocks); });
  expect_all_or_nothing([&](auto& w) { return ReceiverReport::write(w, 1, blocks); });
  expect_all_or_nothing([&](auto& w) { return SourceDescription::write(w, 1, "name"); });
  expect_all_or_nothing([&](auto& w) { return Goodbye::write(w, ssrcs); });
  expect_all_or_nothing([&](auto& w) { return Nack::write(w, {}, lost); });
  expect_all_or_nothing([&](auto& w) { return PictureLossIndication::write(w, {}); });
  expect_all_or_nothing([&](auto& w) { return FullIntraRequest::write(w, 1, {}); });
  expect_all_or_nothing([&](auto& w) { return Remb::write(w, 1, 1'000'000, ssrcs); });
}

RC_GTEST_PROP(NtpTime, turns_back_without_losing_a_nanosecond, (std::uint32_t seconds)) {
  const auto nanoseconds = *rc::gen::inRange(0, 1'000'000'000);
  // Up to the year 2036, when the seconds wrap.
  const Duration time =
      std::chrono::seconds{seconds % 2'085'978'496U} + std::chrono::nanoseconds{nanoseconds};
  RC_ASSERT(NtpTime::from(time).since_1970() == time);
}

TEST(NtpTime, counts_from_1900) {
  EXPECT_EQ(NtpTime::from(Duration{0}).value, std::uint64_t{2'208'988'800} << 32);
  EXPECT_EQ(NtpTime::from(500ms).value & 0xFFFF'FFFF, 0x8000'0000U);
  EXPECT_EQ((NtpTime{.value = 0x1122'3344'5566'7788}).middle(), 0x3344'5566U);
}

TEST(NtpTime, compact_durations_are_16_16_seconds) {
  EXPECT_EQ(to_compact_ntp(1500ms), 0x0001'8000U);
  EXPECT_EQ(from_compact_ntp(0x0001'8000), 1500ms);
  EXPECT_EQ(to_compact_ntp(-1s), 0U);
  EXPECT_EQ(to_compact_ntp(std::chrono::hours{20}), 0xFFFF'0000U);
}

}  // namespace
}  // namespace vis::media::rtcp
