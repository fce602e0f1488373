#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/limits/media_dtls.hpp"
#include "unit/media/dtls/link.hpp"

namespace vis::media::dtls {
namespace {

TEST(DtlsHandshake, gives_both_sides_the_same_keys_for_each_direction) {
  Link link;
  link.connect();
  const SrtpKeys& client = *link.client().keys;
  const SrtpKeys& server = *link.server().keys;
  EXPECT_EQ(client.profile, SrtpProfile::AeadAes128Gcm);
  EXPECT_EQ(server.profile, SrtpProfile::AeadAes128Gcm);
  EXPECT_EQ(client.write.key, server.read.key);
  EXPECT_EQ(client.write.salt, server.read.salt);
  EXPECT_EQ(client.read.key, server.write.key);
  EXPECT_EQ(client.read.salt, server.write.salt);
  EXPECT_NE(client.write.key, client.read.key);
  EXPECT_NE(client.write.salt, client.read.salt);
  EXPECT_EQ(client.write.salt[12], 0);  // GCM has twelve bytes of salt.
}

TEST(DtlsHandshake, takes_two_round_trips_on_a_good_link) {
  Link link{1, {.delay_min = 20ms, .delay_max = 20ms}};
  link.introduce();
  link.start();
  const auto took = link.run_until_connected(1s);
  ASSERT_TRUE(took.has_value());
  EXPECT_LE(*took, 80ms);
}

TEST(DtlsHandshake, gives_a_client_its_keys_after_one_round_trip) {
  Link link{1, {.delay_min = 20ms, .delay_max = 20ms}};
  link.introduce();
  link.start();
  const TimePoint begin = link.now();
  ASSERT_TRUE(link.run_until_connected(1s));
  EXPECT_EQ(link.client().keyed_at - begin, 40ms);
  EXPECT_EQ(link.server().keyed_at - begin, 60ms);
}

TEST(DtlsHandshake, succeeds_although_datagrams_are_lost_and_overtake_each_other) {
  Duration slowest{};
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Link link{seed, {.loss_percent = 20, .delay_min = 10ms, .delay_max = 80ms}};
    link.introduce();
    link.start();
    const auto took = link.run_until_connected(Endpoint::kHandshakeTimeout);
    ASSERT_TRUE(took.has_value());
    slowest = std::max(slowest, *took);
  }
  EXPECT_LT(slowest, 10s);
}

TEST(DtlsHandshake, recovers_each_single_lost_datagram_in_a_fraction_of_a_second) {
  // A handshake on a good link takes a few datagrams; each in turn is lost.
  for (std::size_t lost = 0; lost < 6; ++lost) {
    SCOPED_TRACE("datagram " + std::to_string(lost));
    Link link{1, {.delay_min = 5ms, .delay_max = 5ms}};
    std::size_t count = 0;
    link.set_filter([&](Bytes) { return count++ != lost; });
    link.introduce();
    link.start();
    const auto took = link.run_until_connected(5s);
    ASSERT_TRUE(took.has_value());
    EXPECT_LE(*took, 250ms);
  }
}

TEST(DtlsHandshake, repeats_a_flight_at_doubling_intervals_and_then_gives_up) {
  Link link{1, {.loss_percent = 100}};
  link.introduce();
  const TimePoint start = link.now();
  link.start();
  link.run(30s);
  std::vector<Duration> times;
  for (const auto& [time, datagram] : link.client().sent) times.push_back(time - start);
  EXPECT_EQ(times, (std::vector<Duration>{0ms, 100ms, 300ms, 700ms, 1500ms, 3100ms, 6300ms, 9500ms,
                                          12700ms, 15900ms}));
  ASSERT_TRUE(link.client().failure.has_value());
  EXPECT_EQ(link.client().failure->reason, FailureReason::HandshakeTimeout);
  ASSERT_TRUE(link.server().failure.has_value());
  EXPECT_EQ(link.server().failure->reason, FailureReason::HandshakeTimeout);
  EXPECT_FALSE(link.client().endpoint.next_deadline().has_value());
}

TEST(DtlsHandshake, repeats_nothing_once_it_was_answered) {
  Link link{1, {.delay_min = 40ms, .delay_max = 40ms}};
  link.introduce();
  link.start();
  link.run(10s);
  ASSERT_TRUE(link.connected());
  EXPECT_EQ(link.client().sent.size(), 2U);
  EXPECT_EQ(link.server().sent.size(), 2U);
}

TEST(DtlsHandshake, never_uses_a_record_number_twice) {
  Link link{7, {.loss_percent = 40, .delay_min = 10ms, .delay_max = 80ms}};
  link.introduce();
  link.start();
  link.run(15s);
  for (Side* side : {&link.client(), &link.server()}) {
    std::vector<std::pair<std::uint16_t, std::uint64_t>> numbers;
    for (const auto& [time, datagram] : side->sent) {
      ByteReader reader{datagram};
      while (const auto record = Record::parse(reader)) {
        numbers.emplace_back(record->epoch, record->sequence);
      }
    }
    EXPECT_GT(numbers.size(), 3U);
    std::ranges::sort(numbers);
    EXPECT_EQ(std::ranges::adjacent_find(numbers), numbers.end());
  }
}

// The fingerprint: T1 and T2 of the transport negative tests.

TEST(DtlsFingerprint, holds_the_keys_back_until_it_is_known) {
  Link link;
  link.start();
  link.run(1s);
  EXPECT_EQ(link.server().endpoint.state(), Endpoint::State::Unverified);
  EXPECT_EQ(link.client().endpoint.state(), Endpoint::State::Unverified);
  EXPECT_FALSE(link.client().keys || link.server().keys);
  link.introduce();
  EXPECT_TRUE(link.connected());
}

TEST(DtlsFingerprint, must_come_before_the_handshake_times_out) {
  Link link;
  link.start();
  link.run(Endpoint::kHandshakeTimeout + 1s);
  ASSERT_TRUE(link.server().failure.has_value());
  EXPECT_EQ(link.server().failure->reason, FailureReason::HandshakeTimeout);
  EXPECT_FALSE(link.server().keys.has_value());
}

class DtlsWrongFingerprint : public testing::TestWithParam<bool> {};

TEST_P(DtlsWrongFingerprint, yields_no_keys_and_ends_the_association) {
  const bool known_before = GetParam();
  Link link;
  link.expect(link.client(), {certificate_of(1).fingerprint()});
  const std::vector<Fingerprint> wrong{certificate_of(2).fingerprint()};
  if (known_before) link.expect(link.server(), wrong);
  link.start();
  link.run(1s);
  if (!known_before) link.expect(link.server(), wrong);
  link.run(1s);
  EXPECT_FALSE(link.server().keys.has_value());
  ASSERT_TRUE(link.server().failure.has_value());
  EXPECT_EQ(link.server().failure->reason, FailureReason::FingerprintMismatch);
  EXPECT_EQ(link.server().endpoint.state(), Endpoint::State::Failed);
  EXPECT_TRUE(link.client().closed);
  // It stays dead, whatever is said afterwards.
  link.expect(link.server(), {certificate_of(0).fingerprint()});
  EXPECT_FALSE(link.server().keys.has_value());
}

INSTANTIATE_TEST_SUITE_P(KnownBeforeAndAfter, DtlsWrongFingerprint, testing::Bool());

TEST(DtlsFingerprint, wrong_for_the_server_is_noticed_by_the_client_too) {
  Link link;
  link.expect(link.client(), {certificate_of(2).fingerprint()});
  link.expect(link.server(), {certificate_of(0).fingerprint()});
  link.start();
  link.run(1s);
  EXPECT_FALSE(link.client().keys.has_value());
  EXPECT_EQ(link.client().failure->reason, FailureReason::FingerprintMismatch);
}

TEST(DtlsFingerprint, may_be_any_line_of_the_strongest_hash_function) {
  const auto* const peer = certificate_of(0).x509();
  const Fingerprint right256 = fingerprint_of(peer, HashFunction::Sha256);
  const Fingerprint right512 = fingerprint_of(peer, HashFunction::Sha512);
  const Fingerprint wrong256 = certificate_of(2).fingerprint();
  const Fingerprint wrong512 = fingerprint_of(certificate_of(2).x509(), HashFunction::Sha512);
  struct Case {
    std::vector<Fingerprint> lines;
    bool accepted;
  };
  for (const auto& [lines, accepted] :
       {Case{{right256}, true}, Case{{right512}, true}, Case{{wrong256, right256}, true},
        Case{{right256, right512}, true}, Case{{right256, wrong512}, false},
        Case{{wrong256, wrong512}, false}, Case{{wrong512, right512}, true}}) {
    Link link;
    link.expect(link.client(), {certificate_of(1).fingerprint()});
    link.expect(link.server(), lines);
    link.start();
    link.run(1s);
    EXPECT_EQ(link.server().keys.has_value(), accepted) << testing::PrintToString(lines.size());
  }
}

TEST(DtlsFingerprint, is_refused_when_there_is_none_or_too_many) {
  Endpoint endpoint{context_of(0)};
  Output out;
  EXPECT_EQ(endpoint.set_remote_fingerprints({}, out).error().code, Errc::InvalidArgument);
  std::vector<Fingerprint> lines(limits::kDtlsFingerprints, certificate_of(1).fingerprint());
  EXPECT_TRUE(endpoint.set_remote_fingerprints(lines, out).has_value());
  lines.push_back(certificate_of(1).fingerprint());
  EXPECT_EQ(endpoint.set_remote_fingerprints(lines, out).error().code, Errc::LimitExceeded);
}

TEST(DtlsFingerprint, cannot_change_under_a_verified_association) {
  Link link;
  link.connect();
  Output out;
  const std::vector<Fingerprint> same{certificate_of(0).fingerprint()};
  const std::vector<Fingerprint> other{certificate_of(2).fingerprint()};
  EXPECT_TRUE(link.server().endpoint.set_remote_fingerprints(same, out).has_value());
  EXPECT_EQ(link.server().endpoint.set_remote_fingerprints(other, out).error().code,
            Errc::FailedPrecondition);
  EXPECT_EQ(link.server().endpoint.state(), Endpoint::State::Connected);
  link.send(link.client(), "still here");
  link.run(100ms);
  EXPECT_EQ(link.server().received, std::vector<std::string>{"still here"});
}

}  // namespace
}  // namespace vis::media::dtls
