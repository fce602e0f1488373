#include "media/dtls/endpoint.hpp"

#include <array>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <openssl/err.h>

#include "base/encoding.hpp"
#include "base/limits/media_dtls.hpp"
#include "unit/media/dtls/link.hpp"
#include "unit/media/dtls/openssl_peer.hpp"

namespace vis::media::dtls {
namespace {

using Strings = std::vector<std::string>;

/// A record that anybody can write.
ByteVector forged_record(ContentType type, std::uint16_t epoch, std::uint64_t sequence,
                         Bytes payload) {
  ByteVector record(kRecordHeaderBytes + payload.size());
  ByteWriter writer{record};
  writer.u8(static_cast<std::uint8_t>(type));
  writer.u16(0xFEFD);
  writer.u16(epoch);
  writer.u16(static_cast<std::uint16_t>(sequence >> 32));
  writer.u32(static_cast<std::uint32_t>(sequence));
  writer.u16(static_cast<std::uint16_t>(payload.size()));
  writer.bytes(payload);
  return record;
}

ByteVector fatal_alert(std::uint16_t epoch, std::uint64_t sequence = 77) {
  constexpr std::array<std::uint8_t, 2> kFatalHandshakeFailure{2, 40};
  return forged_record(ContentType::Alert, epoch, sequence, kFatalHandshakeFailure);
}

/// The ClientHello of a peer that offers nothing but encryption by the null cipher.
std::vector<ByteVector> null_cipher_hello() {
  OpensslPeer peer{{.ciphers = "eNULL:@SECLEVEL=0"}};
  return peer.exchange({});
}

/// An unmodified OpenSSL against our server: true when we got its keys.
bool meets(Link& link, OpensslPeer& peer) {
  std::vector<ByteVector> records = peer.exchange({});
  for (int round = 0; round < 10 && !records.empty(); ++round) {
    std::vector<ByteVector> answers;
    const std::size_t before = link.server().sent.size();
    for (const ByteVector& record : records) link.inject(link.server(), record);
    for (std::size_t i = before; i < link.server().sent.size(); ++i) {
      for (ByteVector& answer : peer.exchange(link.server().sent[i].second)) {
        answers.push_back(std::move(answer));
      }
    }
    records = std::move(answers);
  }
  return link.server().keys.has_value();
}

void start_server(Link& link) {
  link.expect(link.server(), {certificate_of(0).fingerprint()});
  link.act(link.server(),
           [&](Output& out) { link.server().endpoint.start(link.now(), Role::Server, out); });
}

// Data.

TEST(DtlsData, travels_both_ways) {
  Link link;
  link.connect();
  link.send(link.client(), "ping");
  link.send(link.client(), "pong");
  link.send(link.server(), "hello");
  link.run(100ms);
  EXPECT_EQ(link.server().received, (Strings{"ping", "pong"}));
  EXPECT_EQ(link.client().received, (Strings{"hello"}));
}

TEST(DtlsData, may_come_as_several_records_in_one_datagram) {
  Link link;
  link.connect();
  Output out;
  ASSERT_TRUE(link.client().endpoint.send_application_data(as_bytes("one"), out).has_value());
  ASSERT_TRUE(link.client().endpoint.send_application_data(as_bytes("two"), out).has_value());
  ASSERT_EQ(out.datagrams.size(), 2U);
  ByteVector both(out.datagrams[0].begin(), out.datagrams[0].end());
  both.insert(both.end(), out.datagrams[1].begin(), out.datagrams[1].end());
  link.inject(link.server(), both);
  EXPECT_EQ(link.server().received, (Strings{"one", "two"}));
}

TEST(DtlsData, is_refused_before_the_peer_is_verified) {
  Link link;
  Output out;
  EXPECT_EQ(link.client().endpoint.send_application_data(as_bytes("x"), out).error().code,
            Errc::FailedPrecondition);
  link.start();
  link.run(1s);
  ASSERT_EQ(link.client().endpoint.state(), Endpoint::State::Unverified);
  EXPECT_EQ(link.client().endpoint.send_application_data(as_bytes("x"), out).error().code,
            Errc::FailedPrecondition);
  EXPECT_TRUE(out.datagrams.empty());
}

TEST(DtlsData, of_one_datagram_is_sent_and_more_is_refused) {
  Link link;
  link.connect();
  Output out;
  ByteVector data(limits::kDtlsApplicationBytes);
  EXPECT_TRUE(link.client().endpoint.send_application_data(data, out).has_value());
  ASSERT_EQ(out.datagrams.size(), 1U);
  EXPECT_EQ(out.datagrams[0].size(), Endpoint::kMtu);
  link.inject(link.server(), out.datagrams[0]);
  EXPECT_EQ(link.server().received.at(0).size(), limits::kDtlsApplicationBytes);
  out.clear();
  data.push_back(0);
  EXPECT_EQ(link.client().endpoint.send_application_data(data, out).error().code,
            Errc::LimitExceeded);
  EXPECT_EQ(link.client().endpoint.send_application_data({}, out).error().code,
            Errc::LimitExceeded);
  EXPECT_EQ(link.client().endpoint.state(), Endpoint::State::Connected);
}

TEST(DtlsData, that_was_captured_and_sent_again_is_dropped) {
  Link link;
  link.connect();
  link.send(link.client(), "once");
  const ByteVector captured = link.client().sent.back().second;
  link.run(100ms);
  link.inject(link.server(), captured);
  EXPECT_EQ(link.server().received, (Strings{"once"}));
}

// Closing.

TEST(DtlsClose, is_announced_to_the_peer) {
  Link link;
  link.connect();
  link.act(link.server(), [&](Output& out) { link.server().endpoint.close(out); });
  EXPECT_EQ(link.server().endpoint.state(), Endpoint::State::Closed);
  link.run(100ms);
  EXPECT_TRUE(link.client().closed);
  EXPECT_FALSE(link.client().failure.has_value());
  EXPECT_EQ(link.client().endpoint.state(), Endpoint::State::Closed);
}

TEST(DtlsClose, says_nothing_during_the_handshake) {
  Link link;
  link.start();
  const std::size_t sent = link.client().sent.size();
  link.act(link.client(), [&](Output& out) { link.client().endpoint.close(out); });
  EXPECT_EQ(link.client().sent.size(), sent);
  link.run(1s);
  EXPECT_EQ(link.client().sent.size(), sent);
  EXPECT_FALSE(link.client().endpoint.next_deadline().has_value());
}

// What anybody on the network may try: T4, T14, T15 and T16 of the transport negative tests.

TEST(DtlsAttack, a_datagram_before_the_start_is_ignored) {
  Link link;
  OpensslPeer peer{{}};
  for (const ByteVector& record : peer.exchange({})) link.inject(link.server(), record);
  EXPECT_TRUE(link.server().sent.empty());
  EXPECT_EQ(link.server().endpoint.state(), Endpoint::State::Idle);
}

TEST(DtlsAttack, an_alert_in_the_clear_is_ignored_at_any_time) {
  Link link;
  link.introduce();
  link.start();
  for (int i = 0; i < 100 && !link.connected(); ++i) {
    link.inject(link.server(), fatal_alert(0, 1000U + static_cast<unsigned>(i)));
    link.inject(link.client(), fatal_alert(0, 1000U + static_cast<unsigned>(i)));
    link.run(1ms);
  }
  ASSERT_TRUE(link.connected());
  for (const std::uint16_t epoch : std::to_array<std::uint16_t>({0, 1, 2}))
    link.inject(link.server(), fatal_alert(epoch));
  link.send(link.client(), "still here");
  link.run(100ms);
  EXPECT_EQ(link.server().received, (Strings{"still here"}));
}

TEST(DtlsAttack, a_hello_with_the_null_cipher_does_not_spoil_the_handshake) {
  Link link;
  link.introduce();
  link.act(link.server(),
           [&](Output& out) { link.server().endpoint.start(link.now(), Role::Server, out); });
  for (const ByteVector& record : null_cipher_hello()) link.inject(link.server(), record);
  EXPECT_TRUE(link.server().sent.empty());  // Not even an alert, which could hit the real client.
  link.act(link.client(),
           [&](Output& out) { link.client().endpoint.start(link.now(), Role::Client, out); });
  EXPECT_TRUE(link.run_until_connected(1s).has_value());
}

TEST(DtlsAttack, bad_hellos_end_the_association_at_the_limit) {
  for (const bool past_limit : {false, true}) {
    Link link;
    start_server(link);
    const std::size_t bad = limits::kDtlsHandshakeAttempts - (past_limit ? 0 : 1);
    for (std::size_t i = 0; i < bad; ++i) {
      for (const ByteVector& record : null_cipher_hello()) link.inject(link.server(), record);
    }
    EXPECT_EQ(link.server().failure.has_value(), past_limit);
    OpensslPeer peer{{}};
    EXPECT_EQ(meets(link, peer), !past_limit);
  }
}

TEST(DtlsAttack, a_late_hello_does_not_disturb_a_connected_peer) {
  Link link;
  link.connect();
  const std::size_t sent = link.server().sent.size();
  OpensslPeer peer{{}};
  for (const ByteVector& record : peer.exchange({})) link.inject(link.server(), record);
  EXPECT_EQ(link.server().sent.size(), sent);
  link.send(link.client(), "still here");
  link.run(100ms);
  EXPECT_EQ(link.server().received, (Strings{"still here"}));
}

TEST(DtlsAttack, data_before_the_end_of_the_handshake_is_dropped) {
  for (const std::uint16_t epoch : std::to_array<std::uint16_t>({0, 1})) {
    Link link;
    link.introduce();
    link.start();
    for (unsigned i = 0; i < 100 && !link.connected(); ++i) {
      const ByteVector record =
          forged_record(ContentType::ApplicationData, epoch, 1000 + i, as_bytes("evil evil evil"));
      link.inject(link.server(), record);
      link.run(1ms);
    }
    ASSERT_TRUE(link.connected());
    EXPECT_TRUE(link.server().received.empty());
  }
}

TEST(DtlsAttack, encrypted_data_before_the_verification_is_dropped) {
  Link link;
  link.expect(link.client(), {certificate_of(1).fingerprint()});
  link.start();
  link.run(1s);
  ASSERT_TRUE(link.client().keys.has_value());
  link.send(link.client(), "too early");
  link.run(1s);
  EXPECT_TRUE(link.server().received.empty());
  link.expect(link.server(), {certificate_of(0).fingerprint()});
  EXPECT_TRUE(link.server().received.empty());
  link.send(link.client(), "in time");
  link.run(1s);
  EXPECT_EQ(link.server().received, (Strings{"in time"}));
}

TEST(DtlsAttack, forged_early_records_are_kept_up_to_the_limit) {
  for (const bool past_limit : {false, true}) {
    Link link;
    link.introduce();
    link.start();
    link.run(15ms);  // The server has answered the first flight.
    ASSERT_FALSE(link.server().sent.empty());
    const std::size_t forged = limits::kDtlsEarlyRecords - (past_limit ? 0 : 1);
    for (std::size_t i = 0; i < forged; ++i) {
      link.inject(link.server(), forged_record(ContentType::Handshake, 1, 2000 + i,
                                               as_bytes("forged forged forged forged")));
    }
    EXPECT_EQ(link.run_until_connected(5s).has_value(), !past_limit);
  }
}

TEST(DtlsAttack, handshake_bytes_are_read_up_to_the_limit) {
  constexpr std::size_t kRecordBytes = 1024;
  for (const bool past_limit : {false, true}) {
    Link link;
    start_server(link);
    // Handshake messages far ahead of their turn, which are dropped; the rest is for a real hello.
    ByteVector payload(kRecordBytes - kRecordHeaderBytes);
    ByteWriter writer{payload};
    writer.u8(1);  // ClientHello
    writer.u24(static_cast<std::uint32_t>(payload.size() - 12));
    writer.u16(200);  // message_seq
    writer.u24(0);
    writer.u24(static_cast<std::uint32_t>(payload.size() - 12));
    std::size_t room = limits::kDtlsHandshakeBytes - (past_limit ? 0 : 4 * kRecordBytes);
    for (; room >= kRecordBytes; room -= kRecordBytes) {
      link.inject(link.server(), forged_record(ContentType::Handshake, 0, 10, payload));
    }
    EXPECT_FALSE(link.server().failure.has_value());
    OpensslPeer peer{{}};
    EXPECT_EQ(meets(link, peer), !past_limit) << past_limit;
  }
}

TEST(DtlsAttack, random_datagrams_do_not_end_a_connected_association) {
  Link link;
  link.connect();
  SeededRandom random{99};
  for (int i = 0; i < 2000; ++i) {
    ByteVector datagram(random.below(200));
    random.fill(datagram);
    if (datagram.size() > kRecordHeaderBytes && i % 2 == 0) {
      // Framed as a record of the epoch in use.
      datagram = forged_record(static_cast<ContentType>(20 + random.below(4)), 1, random.below(50),
                               datagram);
    }
    link.inject(i % 3 == 0 ? link.client() : link.server(), datagram);
  }
  link.send(link.client(), "still here");
  link.run(100ms);
  EXPECT_EQ(link.server().received, (Strings{"still here"}));
}

TEST(DtlsAttack, random_datagrams_do_not_end_a_handshake) {
  Link link;
  link.introduce();
  link.start();
  SeededRandom random{5};
  for (int i = 0; i < 1000 && !link.connected(); ++i) {
    ByteVector datagram(random.below(200));
    random.fill(datagram);
    link.inject(link.server(), datagram);
    link.inject(link.client(), datagram);
    link.run(100us);
  }
  EXPECT_TRUE(link.connected());
}

TEST(DtlsAttack, leaves_no_error_in_the_queue_of_openssl) {
  Link link;
  start_server(link);
  for (std::size_t i = 0; i < limits::kDtlsHandshakeAttempts; ++i) {
    for (const ByteVector& record : null_cipher_hello()) {
      ERR_clear_error();
      link.inject(link.server(), record);
      EXPECT_EQ(ERR_peek_error(), 0U);
    }
  }
  ASSERT_TRUE(link.server().failure.has_value());
  EXPECT_EQ(link.server().failure->reason, FailureReason::HandshakeFailed);
  EXPECT_FALSE(link.server().failure->detail.empty());
}

// Peers that are not ours.

TEST(DtlsPeer, meets_a_plain_openssl_client) {
  Link link;
  start_server(link);
  OpensslPeer peer{{}};
  ASSERT_TRUE(meets(link, peer));
  EXPECT_EQ(link.server().keys->profile, SrtpProfile::AeadAes128Gcm);
  EXPECT_EQ(SSL_get_selected_srtp_profile(peer.ssl())->id, SRTP_AEAD_AES_128_GCM);
}

TEST(DtlsPeer, derives_the_keys_that_openssl_derives) {
  for (const bool gcm : {true, false}) {
    Link link;
    start_server(link);
    OpensslPeer peer{{.srtp = gcm ? "SRTP_AEAD_AES_128_GCM" : "SRTP_AES128_CM_SHA1_80"}};
    ASSERT_TRUE(meets(link, peer));
    const SrtpKeys& keys = *link.server().keys;
    EXPECT_EQ(keys.profile, gcm ? SrtpProfile::AeadAes128Gcm : SrtpProfile::Aes128CmHmacSha1_80);
    const std::size_t salt = gcm ? 12 : 14;
    std::array<std::uint8_t, 60> material{};
    const std::string label = "EXTRACTOR-dtls_srtp";
    ASSERT_EQ(SSL_export_keying_material(peer.ssl(), material.data(), 2 * (16 + salt), label.data(),
                                         label.size(), nullptr, 0, 0),
              1);
    ByteReader reader{material};
    EXPECT_EQ(hex_encode(reader.take(16)), hex_encode(keys.read.key));
    EXPECT_EQ(hex_encode(reader.take(16)), hex_encode(keys.write.key));
    EXPECT_EQ(hex_encode(reader.take(salt)), hex_encode(Bytes(keys.read.salt).first(salt)));
    EXPECT_EQ(hex_encode(reader.take(salt)), hex_encode(Bytes(keys.write.salt).first(salt)));
  }
}

TEST(DtlsPeer, may_send_its_hello_in_several_datagrams) {
  EXPECT_GT(OpensslPeer{{.large_hello = true}}.exchange({}).size(), 1U);
  Link link;
  start_server(link);
  OpensslPeer peer{{.large_hello = true}};
  EXPECT_TRUE(meets(link, peer));
}

TEST(DtlsPeer, may_see_the_second_half_of_its_hello_arrive_first) {
  Link link;
  start_server(link);
  OpensslPeer peer{{.large_hello = true}};
  const std::vector<ByteVector> hello = peer.exchange({});
  for (auto half = hello.rbegin(); half != hello.rend(); ++half) link.inject(link.server(), *half);
  EXPECT_FALSE(link.server().sent.empty());
}

TEST(DtlsPeer, meets_a_plain_openssl_server) {
  Link link;
  OpensslPeer peer{{.server = true}};
  // The plain server holds the certificate of the first side.
  link.expect(link.client(), {certificate_of(0).fingerprint()});
  link.act(link.client(),
           [&](Output& out) { link.client().endpoint.start(link.now(), Role::Client, out); });
  std::size_t taken = 0;
  for (int round = 0; round < 10; ++round) {
    for (; taken < link.client().sent.size(); ++taken) {
      const ByteVector datagram = link.client().sent[taken].second;
      for (const ByteVector& record : peer.exchange(datagram)) link.inject(link.client(), record);
    }
  }
  ASSERT_TRUE(link.client().keys.has_value());
  EXPECT_EQ(SSL_write(peer.ssl(), "hello", 5), 5);
  for (const ByteVector& record : peer.take_records()) link.inject(link.client(), record);
  EXPECT_EQ(link.client().received, (Strings{"hello"}));
}

TEST(DtlsPeer, without_srtp_is_refused) {
  Link link;
  start_server(link);
  OpensslPeer peer{{.srtp = nullptr}};
  EXPECT_FALSE(meets(link, peer));
  ASSERT_TRUE(link.server().failure.has_value());
  EXPECT_EQ(link.server().failure->reason, FailureReason::NoSrtpProfile);
}

TEST(DtlsPeer, without_a_certificate_or_with_old_cryptography_is_refused) {
  for (const OpensslPeer::Options& options :
       {OpensslPeer::Options{.with_certificate = false},
        OpensslPeer::Options{.version = DTLS1_VERSION},
        OpensslPeer::Options{.ciphers = "ECDHE-ECDSA-AES128-SHA"}}) {
    Link link;
    start_server(link);
    OpensslPeer peer{options};
    EXPECT_FALSE(meets(link, peer)) << options.ciphers << " " << options.version;
  }
}

TEST(DtlsPeer, may_show_a_large_certificate_up_to_the_limit) {
  for (const bool past_limit : {false, true}) {
    Link link;
    start_server(link);
    OpensslPeer peer{{}};
    constexpr std::size_t kWithoutComment = 400;
    const std::size_t comment = limits::kDtlsCertificateBytes - (past_limit ? 0 : kWithoutComment);
    link.expect(link.server(), {peer.show_large_certificate(comment)});
    EXPECT_EQ(meets(link, peer), !past_limit);
  }
}

TEST(DtlsPeer, that_asks_to_renegotiate_is_refused_and_stays_connected) {
  Link link;
  start_server(link);
  OpensslPeer peer{{}};
  ASSERT_TRUE(meets(link, peer));
  SSL_renegotiate(peer.ssl());
  SSL_do_handshake(peer.ssl());
  const std::size_t sent = link.server().sent.size();
  for (const ByteVector& record : peer.take_records()) link.inject(link.server(), record);
  ASSERT_EQ(link.server().sent.size(), sent + 1);
  ByteReader reader{link.server().sent.back().second};
  EXPECT_EQ(Record::parse(reader)->type, ContentType::Alert);
  EXPECT_EQ(link.server().endpoint.state(), Endpoint::State::Connected);
}

}  // namespace
}  // namespace vis::media::dtls
