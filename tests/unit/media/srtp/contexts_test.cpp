#include <gtest/gtest.h>

#include <vector>

#include "base/limits/media_srtp.hpp"
#include "media/srtp/wire.hpp"
#include "unit/media/srtp/fixture.hpp"

namespace vis::media::srtp {
namespace {

class Srtp : public SrtpTest {
 protected:
  ByteVector sealed(const PlainRtp& rtp) {
    return protect(ends_.crypto, ends_.outbound, ends_.sent, rtp);
  }
  std::expected<ByteVector, Refusal> opened(Bytes packet) {
    return unprotect(ends_.inbound, ends_.received, packet);
  }
  Refusal refused(Bytes packet) {
    const auto result = opened(packet);
    EXPECT_FALSE(result);
    return result ? Refusal::Malformed : result.error();
  }

  Ends ends_{profile(), backend()};
};
VIS_SRTP_SUITE(Srtp);

TEST_P(Srtp, a_packet_in_two_parts_is_the_packet_in_one) {
  const PlainRtp rtp{.extension_words = 2, .payload_size = 200};
  const ByteVector plain = rtp.bytes();
  const Bytes payload = Bytes{plain}.subspan(rtp.header_size());
  const ByteVector whole = sealed(rtp);
  for (const std::size_t split : {std::size_t{1}, std::size_t{6}, payload.size()}) {
    OutboundStream sent;
    ByteVector slot(whole.size());
    std::copy_n(plain.begin(), rtp.header_size(), slot.begin());
    const std::size_t size = ends_.outbound.protect_rtp(sent, {.slot = slot,
                                                               .header_size = rtp.header_size(),
                                                               .prefix = payload.first(split),
                                                               .payload = payload.subspan(split)});
    ends_.crypto.flush();
    EXPECT_EQ(size, whole.size());
    EXPECT_EQ(slot, whole);
  }
}

TEST_P(Srtp, a_packet_may_have_no_payload) {
  const PlainRtp rtp{.payload_size = 0};
  ByteVector slot = rtp.bytes();
  slot.resize(slot.size() + rtp_overhead(profile()));
  ASSERT_EQ(ends_.outbound.protect_rtp(ends_.sent, {.slot = slot, .header_size = 12}), slot.size());
  ends_.crypto.flush();
  EXPECT_EQ(opened(slot), rtp.bytes());
}

TEST_P(Srtp, packets_back_to_back_do_not_touch_each_other) {
  constexpr std::size_t kPackets = 2 * limits::kSrtpPendingTags + 3;
  constexpr std::size_t kPayload = 61;
  const std::size_t size = 12 + kPayload + rtp_overhead(profile());
  ByteVector slots(kPackets * size + 1);
  slots.back() = 0xEE;
  const ByteVector payload = PlainRtp{.payload_size = kPayload}.bytes();
  for (std::size_t i = 0; i < kPackets; ++i) {
    const MutableBytes slot = MutableBytes{slots}.subspan(i * size, size);
    const auto plain =
        PlainRtp{.sequence = static_cast<std::uint16_t>(i), .payload_size = kPayload};
    const ByteVector bytes = plain.bytes();
    std::copy_n(bytes.begin(), 12, slot.begin());
    ASSERT_EQ(
        ends_.outbound.protect_rtp(
            ends_.sent, {.slot = slot, .header_size = 12, .payload = Bytes{bytes}.subspan(12)}),
        size);
  }
  ends_.crypto.flush();
  for (std::size_t i = 0; i < kPackets; ++i) {
    const PlainRtp plain{.sequence = static_cast<std::uint16_t>(i), .payload_size = kPayload};
    EXPECT_EQ(opened(Bytes{slots}.subspan(i * size, size)), plain.bytes()) << i;
  }
  EXPECT_EQ(slots.back(), 0xEE);
}

TEST_P(Srtp, any_number_of_packets_is_finished_by_a_flush) {
  for (std::size_t count = 0; count <= limits::kSrtpPendingTags + 1; ++count) {
    Ends ends{profile(), backend(), count};
    const PlainRtp rtp{.payload_size = 40};
    const ByteVector plain = rtp.bytes();
    std::vector<ByteVector> slots(count, ByteVector(plain.size() + rtp_overhead(profile())));
    std::vector<OutboundStream> streams(count);
    for (std::size_t i = 0; i < count; ++i) {
      std::copy_n(plain.begin(), 12, slots[i].begin());
      ASSERT_NE(ends.outbound.protect_rtp(
                    streams[i],
                    {.slot = slots[i], .header_size = 12, .payload = Bytes{plain}.subspan(12)}),
                0U);
    }
    ends.crypto.flush();
    for (const ByteVector& slot : slots) {
      InboundStream received;
      EXPECT_EQ(unprotect(ends.inbound, received, slot), plain) << count;
    }
  }
}

TEST_P(Srtp, a_context_may_go_while_its_packets_wait_for_the_flush) {
  const PlainRtp rtp{};
  const ByteVector plain = rtp.bytes();
  ByteVector slot(plain.size() + rtp_overhead(profile()));
  std::copy_n(plain.begin(), 12, slot.begin());
  {
    OutboundContext gone{ends_.crypto, ends_.keys};
    ASSERT_NE(
        gone.protect_rtp(ends_.sent,
                         {.slot = slot, .header_size = 12, .payload = Bytes{plain}.subspan(12)}),
        0U);
  }
  ends_.crypto.flush();
  EXPECT_EQ(opened(slot), plain);
}

TEST_P(Srtp, decrypts_in_place_and_into_another_buffer) {
  const PlainRtp rtp{.csrcs = 2, .extension_words = 3, .payload_size = 333};
  ByteVector packet = sealed(rtp);
  EXPECT_EQ(opened(packet), rtp.bytes());
  InboundStream fresh;
  const auto size = ends_.inbound.unprotect_rtp(fresh, packet, packet);
  ASSERT_TRUE(size);
  packet.resize(*size);
  EXPECT_EQ(packet, rtp.bytes());
}

// ---- T22: a nonce is never used twice ----

TEST_P(Srtp, refuses_to_encrypt_twice_under_one_index) {
  EXPECT_FALSE(sealed({.sequence = 7}).empty());
  EXPECT_TRUE(sealed({.sequence = 7}).empty());
  EXPECT_FALSE(sealed({.sequence = 7, .roc = 1}).empty()) << "another round of the counter";
  EXPECT_TRUE(sealed({.sequence = 7, .roc = 1}).empty());
}

TEST_P(Srtp, encrypts_late_packets_within_the_window_only) {
  constexpr std::uint16_t kHighest = 5000;
  EXPECT_FALSE(sealed({.sequence = kHighest}).empty());
  EXPECT_FALSE(sealed({.sequence = kHighest - limits::kSrtpSentWindow + 1}).empty());
  EXPECT_TRUE(sealed({.sequence = kHighest - limits::kSrtpSentWindow}).empty());
}

TEST_P(Srtp, rtcp_indices_end_at_2_to_the_31) {
  OutboundContext last{ends_.crypto, ends_.keys, kRtcpMaxIndex};
  const ByteVector plain = plain_rtcp(1, 20);
  EXPECT_FALSE(protect_rtcp(last, plain).empty());
  EXPECT_TRUE(protect_rtcp(last, plain).empty());
}

TEST_P(Srtp, every_rtcp_packet_has_its_own_index) {
  const ByteVector plain = plain_rtcp(1, 20);
  EXPECT_NE(protect_rtcp(ends_.outbound, plain), protect_rtcp(ends_.outbound, plain));
}

// ---- T9 to T13 at this level: nothing changes before a packet has proven itself ----

TEST_P(Srtp, refuses_a_replayed_packet) {
  const ByteVector packet = sealed({.sequence = 7});
  EXPECT_TRUE(opened(packet));
  EXPECT_EQ(refused(packet), Refusal::Replayed);
  EXPECT_TRUE(opened(sealed({.sequence = 8})));
  EXPECT_EQ(refused(packet), Refusal::Replayed);
}

TEST_P(Srtp, takes_late_packets_within_the_window_and_refuses_older_ones) {
  constexpr std::uint16_t kHighest = 1500;
  const ByteVector oldest = sealed({.sequence = kHighest - limits::kSrtpReplayWindow + 1});
  const ByteVector too_old = sealed({.sequence = kHighest - limits::kSrtpReplayWindow});
  EXPECT_TRUE(opened(sealed({.sequence = kHighest})));
  EXPECT_EQ(refused(too_old), Refusal::TooOld);
  EXPECT_TRUE(opened(oldest));
}

TEST_P(Srtp, refuses_a_change_of_any_bit) {
  const PlainRtp rtp{.csrcs = 1, .extension_words = 1, .payload_size = 20};
  const ByteVector packet = sealed(rtp);
  for (std::size_t bit = 0; bit < packet.size() * 8; ++bit) {
    ByteVector changed = packet;
    changed[bit / 8] ^= static_cast<std::uint8_t>(1 << (bit % 8));
    EXPECT_FALSE(opened(changed)) << bit;
    EXPECT_TRUE(ends_.received.received.empty());
  }
  EXPECT_EQ(opened(packet), rtp.bytes());
}

TEST_P(Srtp, refuses_every_truncation_and_extension) {
  const ByteVector packet = sealed({.csrcs = 1, .extension_words = 1, .payload_size = 20});
  for (std::size_t size = 0; size < packet.size(); ++size) {
    EXPECT_FALSE(opened(Bytes{packet}.first(size))) << size;
  }
  ByteVector longer = packet;
  longer.push_back(0);
  EXPECT_EQ(refused(longer), Refusal::AuthenticationFailed);
}

TEST_P(Srtp, refuses_a_zeroed_tag) {
  ByteVector packet = sealed({});
  std::fill(packet.end() - static_cast<std::ptrdiff_t>(tag_bytes(profile())), packet.end(),
            std::uint8_t{0});
  EXPECT_EQ(refused(packet), Refusal::AuthenticationFailed);
}

TEST_P(Srtp, refuses_plain_rtp) {
  EXPECT_EQ(refused(PlainRtp{}.bytes()), Refusal::AuthenticationFailed);
  EXPECT_EQ(refused(PlainRtp{.payload_size = 0}.bytes()), Refusal::Malformed);
}

TEST_P(Srtp, refuses_a_packet_protected_with_another_key) {
  Ends stranger{profile(), backend(), 99};
  const ByteVector packet = protect(stranger.crypto, stranger.outbound, stranger.sent, {});
  EXPECT_EQ(refused(packet), Refusal::AuthenticationFailed);
}

TEST_P(Srtp, refuses_what_was_protected_for_another_ssrc) {
  ByteVector packet = sealed({.ssrc = 1});
  store_be<std::uint32_t>(packet.data() + 8, 2);
  EXPECT_EQ(refused(packet), Refusal::AuthenticationFailed);
}

TEST_P(Srtp, refuses_a_header_whose_lengths_point_outside) {
  ByteVector packet = sealed({.extension_words = 1, .payload_size = 1});
  store_be<std::uint16_t>(packet.data() + 14, 0xFFFF);
  EXPECT_EQ(refused(packet), Refusal::Malformed);
  EXPECT_EQ(refused(ByteVector(11, 0x80)), Refusal::Malformed);
  EXPECT_EQ(refused(ByteVector(64, 0x00)), Refusal::Malformed) << "version 0";
  EXPECT_EQ(refused(ByteVector(30, 0x9F)), Refusal::Malformed) << "fifteen CSRCs do not fit";
}

TEST_P(Srtp, leaves_nothing_readable_of_a_refused_packet) {
  const PlainRtp rtp{.payload_size = 100};
  ByteVector packet = sealed(rtp);
  packet.back() ^= 1;
  ByteVector out(packet.size(), 0x55);
  EXPECT_FALSE(ends_.inbound.unprotect_rtp(ends_.received, packet, out));
  const ByteVector plain = rtp.bytes();
  EXPECT_FALSE(std::equal(plain.begin() + 12, plain.begin() + 44, out.begin() + 12));
}

TEST_P(Srtp, ten_thousand_bad_packets_change_nothing) {
  const ByteVector first = sealed({.sequence = 100});
  const ByteVector second = sealed({.sequence = 101});
  ASSERT_TRUE(opened(first));
  SeededRandom random{4};
  for (int i = 0; i < 10'000; ++i) {
    const PlainRtp rtp{.sequence = static_cast<std::uint16_t>(random.u32()), .payload_size = 30};
    ByteVector packet = rtp.bytes();
    random.fill(MutableBytes{packet}.subspan(12));
    ASSERT_FALSE(opened(packet));
  }
  EXPECT_EQ(ends_.received.received.highest(), 100U);
  EXPECT_EQ(refused(first), Refusal::Replayed);
  EXPECT_TRUE(opened(second));
}

TEST_P(Srtp, a_forged_sequence_number_does_not_move_the_roll_over_counter) {
  ASSERT_TRUE(opened(sealed({.sequence = 65'000})));
  EXPECT_FALSE(opened(PlainRtp{.sequence = 10}.bytes()));
  EXPECT_TRUE(opened(sealed({.sequence = 65'001})));
}

TEST_P(Srtp, nothing_comes_before_the_first_round_of_the_counter) {
  ASSERT_TRUE(opened(sealed({.sequence = 5})));
  EXPECT_EQ(refused(sealed({.sequence = 65'000})), Refusal::TooOld);
}

TEST_P(Srtp, nothing_comes_after_the_last_index_of_a_key) {
  ends_.received.received.mark((std::uint64_t{1} << 48) - 2);
  EXPECT_TRUE(opened(sealed({.sequence = 65'535, .roc = 0xFFFF'FFFF})));
  EXPECT_EQ(refused(PlainRtp{.sequence = 0}.bytes()), Refusal::KeyExhausted);
}

// ---- RTCP ----

class Srtcp : public SrtpTest {
 protected:
  std::expected<ByteVector, Refusal> opened(Bytes packet) {
    return unprotect_rtcp(ends_.inbound, received_, packet);
  }

  Ends ends_{profile(), backend()};
  InboundRtcpStream received_;
};
VIS_SRTP_SUITE(Srtcp);

TEST_P(Srtcp, round_trips_in_place) {
  const ByteVector plain = plain_rtcp(0xABCD, 48);
  ByteVector packet = plain;
  packet.resize(plain.size() + rtcp_overhead(profile()));
  ASSERT_EQ(ends_.outbound.protect_rtcp(Bytes{packet}.first(plain.size()), packet), packet.size());
  EXPECT_EQ(InboundContext::rtcp_sender(packet), 0xABCDU);
  const auto size = ends_.inbound.unprotect_rtcp(received_, packet, packet);
  ASSERT_EQ(size, plain.size());
  packet.resize(*size);
  EXPECT_EQ(packet, plain);
}

TEST_P(Srtcp, refuses_a_replay_and_what_is_behind_the_window) {
  const ByteVector plain = plain_rtcp(1, 20);
  const ByteVector oldest = protect_rtcp(ends_.outbound, plain);
  const ByteVector second = protect_rtcp(ends_.outbound, plain);
  for (std::size_t i = 2; i < limits::kSrtcpReplayWindow; ++i) {
    ASSERT_TRUE(opened(protect_rtcp(ends_.outbound, plain)));
  }
  ASSERT_TRUE(opened(protect_rtcp(ends_.outbound, plain)));
  EXPECT_EQ(opened(oldest).error(), Refusal::TooOld);
  EXPECT_TRUE(opened(second));
  EXPECT_EQ(opened(second).error(), Refusal::Replayed);
}

TEST_P(Srtcp, refuses_a_change_of_any_bit) {
  const ByteVector packet = protect_rtcp(ends_.outbound, plain_rtcp(1, 20));
  for (std::size_t bit = 0; bit < packet.size() * 8; ++bit) {
    ByteVector changed = packet;
    changed[bit / 8] ^= static_cast<std::uint8_t>(1 << (bit % 8));
    EXPECT_FALSE(opened(changed)) << bit;
    EXPECT_TRUE(received_.received.empty());
  }
  EXPECT_TRUE(opened(packet));
}

TEST_P(Srtcp, refuses_every_truncation) {
  const ByteVector packet = protect_rtcp(ends_.outbound, plain_rtcp(1, 20));
  for (std::size_t size = 0; size < packet.size(); ++size) {
    EXPECT_FALSE(opened(Bytes{packet}.first(size))) << size;
  }
  EXPECT_FALSE(InboundContext::rtcp_sender(Bytes{packet}.first(7)));
}

TEST_P(Srtcp, refuses_a_packet_that_says_it_is_not_encrypted) {
  ByteVector packet = protect_rtcp(ends_.outbound, plain_rtcp(1, 20));
  const std::size_t word_at =
      profile() == Profile::AeadAes128Gcm ? packet.size() - 4 : packet.size() - 14;
  packet[word_at] &= 0x7F;
  EXPECT_EQ(opened(packet).error(), Refusal::NotEncrypted);
}

TEST_P(Srtcp, ten_thousand_bad_packets_change_nothing) {
  const ByteVector plain = plain_rtcp(1, 20);
  ASSERT_TRUE(opened(protect_rtcp(ends_.outbound, plain)));
  SeededRandom random{5};
  for (int i = 0; i < 10'000; ++i) {
    ByteVector packet = plain_rtcp(1, 60);
    random.fill(MutableBytes{packet}.subspan(8));
    ASSERT_FALSE(opened(packet));
  }
  EXPECT_EQ(received_.received.highest(), 0U);
  EXPECT_TRUE(opened(protect_rtcp(ends_.outbound, plain)));
}

}  // namespace
}  // namespace vis::media::srtp
