#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "base/limits/media_ice.hpp"
#include "media/stun/crc32.hpp"
#include "unit/media/ice/peer.hpp"

namespace vis::media::ice {
namespace {

const SocketAddress kServer = address("192.0.2.1:7882");
const SocketAddress kPeer = address("198.51.100.7:40000");
const SocketAddress kElsewhere = address("203.0.113.9:50000");

class IceLite : public testing::Test {
 protected:
  static Agent::Config config() {
    Agent::Config config;
    config.credentials = credentials("server", 's');
    config.candidates = {Candidate::host(kServer)};
    return config;
  }

  Output describe_peer() {
    Output out;
    EXPECT_TRUE(agent_.set_remote(now_, {credentials("client", 'c')}, out).has_value());
    return out;
  }
  Output send(Bytes datagram, const SocketAddress& from) {
    Output out;
    deliver(agent_, now_, {datagram, {0, from}}, out);
    return out;
  }
  Output check(HandmadePeer& peer, const SocketAddress& from, bool use_candidate = false) {
    return send(peer.request(use_candidate), from);
  }
  Output wait(Duration duration) {
    now_ += duration;
    Output out;
    agent_.on_deadline(now_, out);
    return out;
  }
  std::optional<SocketAddress> sending_to() const {
    const auto path = agent_.selected();
    if (!path) return std::nullopt;
    return path->remote;
  }
  void connect() {
    describe_peer();
    check(peer_, kPeer, true);
    ASSERT_EQ(sending_to(), kPeer);
  }
  /// Keeps the agent connected with a check every 2.5 s.
  void stay_connected(Duration duration, bool use_candidate = false) {
    for (Duration passed{}; passed < duration; passed += 2500ms) {
      wait(2500ms);
      check(peer_, kPeer, use_candidate);
    }
  }

  SeededRandom random_{7};
  TimePoint now_{100s};
  Agent agent_{config(), random_};
  HandmadePeer peer_{credentials("server", 's'), credentials("client", 'c')};
};

TEST_F(IceLite, answers_a_check_with_the_address_it_came_from) {
  describe_peer();
  const ByteVector request = peer_.request();
  const Output out = send(request, kPeer);
  ASSERT_EQ(out.datagrams().size(), 1U);
  EXPECT_EQ(out.datagrams()[0].path, (Path{0, kPeer}));
  const auto response = stun::Message::parse(out.datagrams()[0].bytes());
  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(response->message_class, stun::Class::SuccessResponse);
  EXPECT_EQ(response->transaction_id, stun::Message::parse(request)->transaction_id);
  EXPECT_EQ(response->xor_mapped_address, kPeer);
  EXPECT_TRUE(response->verify_integrity(stun::IntegrityKey{std::string(24, 's')}));
  EXPECT_TRUE(response->verify_fingerprint());
}

TEST_F(IceLite, uses_the_first_proven_path_until_one_is_nominated) {
  EXPECT_EQ(describe_peer().state, State::Checking);
  const Output first = check(peer_, kPeer);
  EXPECT_EQ(first.selected, (Path{0, kPeer}));
  EXPECT_EQ(first.state, State::Connected);
  EXPECT_FALSE(check(peer_, kElsewhere).selected.has_value());
  EXPECT_EQ(sending_to(), kPeer);
  EXPECT_EQ(check(peer_, kElsewhere, true).selected, (Path{0, kElsewhere}));
  EXPECT_EQ(sending_to(), kElsewhere);
}

TEST_F(IceLite, sends_no_checks_of_its_own) {
  describe_peer();
  Output out;
  EXPECT_FALSE(agent_.add_remote_candidate(now_, Candidate::host(kPeer), out));
  EXPECT_TRUE(out.datagrams().empty());
  connect();
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(wait(1s).datagrams().empty());
}

TEST_F(IceLite, has_as_many_candidates_as_the_limit) {
  Agent::Config many = config();
  many.candidates.resize(limits::kIceLocalCandidates, Candidate::host(kServer));
  EXPECT_EQ((Agent{many, random_}.candidates().size()), limits::kIceLocalCandidates);
  many.candidates.push_back(Candidate::host(kServer));
  EXPECT_DEATH((Agent{many, random_}), "kIceLocalCandidates");
}

TEST_F(IceLite, refuses_a_lite_peer) {
  Output out;
  const auto result = agent_.set_remote(now_, {credentials("client", 'c'), true}, out);
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, Errc::Unsupported);
}

TEST_F(IceLite, wants_a_restart_before_other_credentials_of_the_peer) {
  connect();
  Output out;
  EXPECT_TRUE(agent_.set_remote(now_, {credentials("client", 'c')}, out).has_value());
  const auto result = agent_.set_remote(now_, {credentials("other", 'o')}, out);
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, Errc::FailedPrecondition);
}

TEST_F(IceLite, tells_whose_agent_a_request_is_for) {
  const ByteVector request = peer_.request();
  EXPECT_EQ(Agent::local_ufrag_of(*stun::Message::parse(request)), "server");
  peer_.username = "nocolon";
  const ByteVector odd = peer_.request();
  EXPECT_EQ(Agent::local_ufrag_of(*stun::Message::parse(odd)), std::nullopt);
}

TEST_F(IceLite, answers_before_the_description_of_the_peer_and_acts_after_it) {
  const Output early = check(peer_, kPeer, true);
  EXPECT_EQ(early.datagrams().size(), 1U);
  EXPECT_FALSE(early.selected.has_value());
  const Output described = describe_peer();
  EXPECT_EQ(described.selected, (Path{0, kPeer}));
  EXPECT_EQ(described.state, State::Connected);
  EXPECT_TRUE(described.datagrams().empty());
}

TEST_F(IceLite, forgets_an_early_check_of_another_than_the_described_peer) {
  HandmadePeer stranger{credentials("server", 's'), credentials("stranger", 'x')};
  check(stranger, kElsewhere, true);
  EXPECT_FALSE(describe_peer().selected.has_value());
}

TEST_F(IceLite, keeps_a_limited_number_of_early_checks) {
  HandmadePeer stranger{credentials("server", 's'), credentials("stranger", 'x')};
  for (std::size_t i = 1; i < limits::kIceEarlyChecks; ++i) check(stranger, kElsewhere);
  check(peer_, kPeer, true);
  check(peer_, kElsewhere, true);  // One past the limit: answered, not kept.
  EXPECT_EQ(describe_peer().selected, (Path{0, kPeer}));
}

// T5 to T8 of the transport negative tests.

TEST_F(IceLite, drops_a_request_with_a_wrong_password) {
  connect();
  HandmadePeer attacker = peer_;
  attacker.password = std::string(24, 'x');
  const Output out = check(attacker, kElsewhere, true);
  EXPECT_TRUE(out.datagrams().empty());
  EXPECT_FALSE(out.selected.has_value());
  EXPECT_FALSE(out.state.has_value());
  EXPECT_EQ(sending_to(), kPeer);
  EXPECT_EQ(agent_.state(), State::Connected);
  EXPECT_EQ(agent_.refused(), 1U);
}

TEST_F(IceLite, drops_a_request_with_a_wrong_ufrag_on_either_side) {
  connect();
  for (const std::string_view username :
       {"server:other", "other:client", "server", "server:", ":client", "server:client:x"}) {
    HandmadePeer attacker = peer_;
    attacker.username = username;
    const Output out = check(attacker, kElsewhere, true);
    EXPECT_TRUE(out.datagrams().empty()) << username;
    EXPECT_EQ(sending_to(), kPeer) << username;
  }
}

TEST_F(IceLite, drops_a_request_without_a_fingerprint) {
  connect();
  peer_.with_fingerprint = false;
  EXPECT_TRUE(check(peer_, kElsewhere, true).datagrams().empty());
  EXPECT_EQ(sending_to(), kPeer);
}

TEST_F(IceLite, drops_responses) {
  connect();
  const ByteVector request = peer_.request();
  const ByteVector response = answer(*stun::Message::parse(request), std::string(24, 'c'));
  EXPECT_TRUE(send(response, kElsewhere).datagrams().empty());
  EXPECT_EQ(sending_to(), kPeer);
}

TEST_F(IceLite, ignores_a_captured_nomination_sent_again_from_elsewhere) {
  describe_peer();
  const ByteVector captured = peer_.request(true);
  send(captured, kPeer);
  const Output out = send(captured, kElsewhere);
  EXPECT_TRUE(out.datagrams().empty());
  EXPECT_EQ(sending_to(), kPeer);
}

TEST_F(IceLite, answers_a_repeated_request_again) {
  describe_peer();
  const ByteVector request = peer_.request(true);
  send(request, kPeer);
  EXPECT_EQ(send(request, kPeer).datagrams().size(), 1U);
}

TEST_F(IceLite, tells_a_peer_that_claims_its_role_to_change) {
  describe_peer();
  peer_.controlling = false;
  const Output out = check(peer_, kPeer);
  ASSERT_EQ(out.datagrams().size(), 1U);
  const auto response = stun::Message::parse(out.datagrams()[0].bytes());
  EXPECT_EQ(response->error_code, stun::kRoleConflict);
  EXPECT_TRUE(response->verify_integrity(stun::IntegrityKey{std::string(24, 's')}));
  EXPECT_FALSE(sending_to().has_value());
  EXPECT_EQ(agent_.role(), Role::Controlled);
}

TEST_F(IceLite, names_the_attribute_that_it_does_not_understand) {
  describe_peer();
  std::array<std::uint8_t, stun::kMaxBuiltBytes> buffer{};
  ByteVector request = peer_.request();
  // Turns PRIORITY (0x0024) into an unknown type and signs again.
  const auto at = std::ranges::search(request, std::array<std::uint8_t, 4>{0, 0x24, 0, 4});
  at.begin()[1] = 0x77;
  stun::IntegrityKey key{std::string(24, 's')};
  request.resize(request.size() - 32);
  request[3] = static_cast<std::uint8_t>(request.size() - 20 + 24);
  const auto mac = key.sign(request);
  ByteWriter writer{buffer};
  writer.bytes(request);
  writer.u32(0x00080014);
  writer.bytes(mac);
  writer.patch_u16(2, static_cast<std::uint16_t>(writer.size() - 20 + 8));
  const std::uint32_t crc = stun::crc32(writer.written()) ^ 0x5354554E;
  writer.u32(0x80280004);
  writer.u32(crc);
  const Output out = send(writer.written(), kPeer);
  ASSERT_EQ(out.datagrams().size(), 1U);
  const auto response = stun::Message::parse(out.datagrams()[0].bytes());
  EXPECT_EQ(response->error_code, stun::kUnknownAttribute);
  EXPECT_FALSE(sending_to().has_value());
}

// Consent (RFC 7675).

TEST_F(IceLite, fails_without_any_check_in_time) {
  describe_peer();
  EXPECT_FALSE(wait(Agent::kConnectTimeout - 1ms).state.has_value());
  EXPECT_EQ(agent_.next_deadline(), now_ + 1ms);
  const Output out = wait(1ms);
  EXPECT_EQ(out.state, State::Failed);
  EXPECT_EQ(out.failure, FailureReason::NoConnection);
}

TEST_F(IceLite, calls_a_silent_peer_disconnected_and_takes_it_back) {
  connect();
  EXPECT_FALSE(wait(Agent::kDisconnectedAfter - 1ms).state.has_value());
  EXPECT_EQ(agent_.next_deadline(), now_ + 1ms);
  EXPECT_EQ(wait(1ms).state, State::Disconnected);
  EXPECT_EQ(sending_to(), kPeer);
  EXPECT_EQ(check(peer_, kPeer).state, State::Connected);
}

TEST_F(IceLite, keeps_consent_as_long_as_the_peer_checks) {
  connect();
  stay_connected(5min);
  EXPECT_EQ(agent_.state(), State::Connected);
}

TEST_F(IceLite, stops_sending_when_consent_expires) {
  connect();
  wait(Agent::kConsentExpiry - 1ms);
  EXPECT_EQ(sending_to(), kPeer);
  EXPECT_EQ(agent_.next_deadline(), now_ + 1ms);
  const Output out = wait(1ms);
  EXPECT_EQ(out.state, State::Failed);
  EXPECT_EQ(out.failure, FailureReason::ConsentExpired);
  EXPECT_FALSE(sending_to().has_value());
  EXPECT_TRUE(check(peer_, kPeer, true).datagrams().empty());
  EXPECT_FALSE(agent_.next_deadline().has_value());
}

TEST_F(IceLite, is_not_kept_alive_by_checks_without_proof) {
  connect();
  peer_.password = std::string(24, 'x');
  for (int i = 0; i < 30; ++i) {
    wait(1s);
    check(peer_, kPeer, true);
  }
  EXPECT_EQ(agent_.state(), State::Failed);
}

TEST_F(IceLite, does_nothing_when_consent_expires_after_closing) {
  connect();
  wait(Agent::kConsentExpiry - 1ms);
  agent_.close();
  EXPECT_FALSE(agent_.next_deadline().has_value());
  const Output out = wait(2ms);
  EXPECT_FALSE(out.state.has_value());
  EXPECT_TRUE(check(peer_, kPeer, true).datagrams().empty());
  EXPECT_EQ(agent_.state(), State::Closed);
}

// A peer that moves.

TEST_F(IceLite, follows_a_nomination_from_a_new_address) {
  connect();
  stay_connected(10s);
  EXPECT_EQ(check(peer_, kElsewhere, true).selected, (Path{0, kElsewhere}));
}

TEST_F(IceLite, follows_a_check_from_a_new_address_once_the_old_one_is_silent) {
  connect();
  wait(Agent::kSilence);
  EXPECT_FALSE(check(peer_, kElsewhere).selected.has_value());
  wait(1ms);
  EXPECT_EQ(check(peer_, kElsewhere).selected, (Path{0, kElsewhere}));
}

TEST_F(IceLite, lets_a_peer_that_nominates_with_every_check_keep_a_spare_path) {
  connect();
  stay_connected(10s, true);
  wait(2400ms);  // Between two checks of the path in use, one on the spare path.
  EXPECT_FALSE(check(peer_, kElsewhere).selected.has_value());
  EXPECT_EQ(sending_to(), kPeer);
  wait(Agent::kDisconnectedAfter);
  EXPECT_EQ(check(peer_, kElsewhere).selected, (Path{0, kElsewhere}));
}

// Restart.

class IceLiteRestart : public IceLite {
 protected:
  void SetUp() override {
    connect();
    Output out;
    agent_.restart(now_, credentials("server2", 'S'), out);
    EXPECT_TRUE(agent_.set_remote(now_, {credentials("client2", 'C')}, out).has_value());
    EXPECT_FALSE(out.state.has_value());
    EXPECT_FALSE(out.selected.has_value());
  }
  HandmadePeer next_peer_{credentials("server2", 'S'), credentials("client2", 'C')};
};

TEST_F(IceLiteRestart, keeps_the_old_path_until_the_new_generation_has_one) {
  EXPECT_EQ(sending_to(), kPeer);
  EXPECT_FALSE(check(next_peer_, kElsewhere).selected.has_value());
  EXPECT_EQ(check(next_peer_, kElsewhere, true).selected, (Path{0, kElsewhere}));
}

TEST_F(IceLiteRestart, answers_the_old_ufrag_only_until_then) {
  EXPECT_EQ(check(peer_, kPeer).datagrams().size(), 1U);
  check(next_peer_, kElsewhere, true);
  EXPECT_TRUE(check(peer_, kPeer, true).datagrams().empty());
  EXPECT_EQ(sending_to(), kElsewhere);
}

TEST_F(IceLiteRestart, counts_consent_of_the_old_generation_until_then) {
  for (int i = 0; i < 20; ++i) {
    wait(2500ms);
    check(peer_, kPeer);
  }
  EXPECT_EQ(agent_.state(), State::Connected);
}

TEST_F(IceLiteRestart, does_not_move_the_path_for_the_old_generation) {
  EXPECT_EQ(check(peer_, kElsewhere, true).datagrams().size(), 1U);
  EXPECT_EQ(sending_to(), kPeer);
}

TEST_F(IceLiteRestart, stays_on_one_address_that_both_generations_use) {
  EXPECT_FALSE(check(next_peer_, kPeer, true).selected.has_value());
  EXPECT_EQ(sending_to(), kPeer);
  EXPECT_TRUE(check(peer_, kPeer).datagrams().empty());
  EXPECT_EQ(agent_.state(), State::Connected);
}

TEST_F(IceLiteRestart, can_begin_again_before_it_is_done) {
  Output out;
  agent_.restart(now_, credentials("server3", 'T'), out);
  EXPECT_EQ(check(peer_, kPeer).datagrams().size(), 1U);
  EXPECT_TRUE(check(next_peer_, kPeer).datagrams().empty());
  EXPECT_EQ(sending_to(), kPeer);
}

TEST_F(IceLite, can_be_restarted_after_it_failed) {
  connect();
  wait(Agent::kConsentExpiry);
  ASSERT_EQ(agent_.state(), State::Failed);
  Output out;
  agent_.restart(now_, credentials("server2", 'S'), out);
  EXPECT_EQ(out.state, State::New);
  EXPECT_TRUE(agent_.set_remote(now_, {credentials("client2", 'C')}, out).has_value());
  HandmadePeer next{credentials("server2", 'S'), credentials("client2", 'C')};
  EXPECT_EQ(check(next, kElsewhere, true).state, State::Connected);
}

// ---- media from elsewhere ----

TEST_F(IceLite, follows_a_peer_that_answers_where_its_media_comes_from) {
  connect();
  Output out;
  ASSERT_TRUE(agent_.check_move(now_, {0, kElsewhere}, out));
  ASSERT_EQ(out.datagrams().size(), 1U);
  EXPECT_EQ(out.datagrams()[0].path, (Path{0, kElsewhere}));
  const auto asked = stun::Message::parse(out.datagrams()[0].bytes());
  ASSERT_TRUE(asked.has_value());
  EXPECT_EQ(asked->username, "client:server");
  EXPECT_EQ(sending_to(), kPeer);
  const Output moved = send(answer(*asked, std::string(24, 'c')), kElsewhere);
  EXPECT_EQ(moved.selected, (Path{0, kElsewhere}));
  EXPECT_EQ(sending_to(), kElsewhere);
  EXPECT_EQ(agent_.state(), State::Connected);
}

TEST_F(IceLite, stays_where_it_is_when_the_answer_is_wrong) {
  connect();
  Output out;
  ASSERT_TRUE(agent_.check_move(now_, {0, kElsewhere}, out));
  const auto asked = stun::Message::parse(out.datagrams()[0].bytes());
  send(answer(*asked, std::string(24, 'x')), kElsewhere);  // Another password.
  send(answer(*asked, std::string(24, 'c')), kServer);     // From another address.
  send(answer(*asked, std::string(24, 'c'), stun::kRoleConflict), kElsewhere);
  EXPECT_EQ(sending_to(), kPeer);
  EXPECT_EQ(agent_.refused(), 2U);
}

TEST_F(IceLite, asks_for_a_move_rarely_and_knows_the_latest_answers_alone) {
  Output out;
  EXPECT_FALSE(agent_.check_move(now_, {0, kElsewhere}, out));  // There is nobody to move.
  connect();
  ByteVector first_bytes;
  for (std::size_t i = 0; i <= limits::kIceMoveChecks; ++i) {
    out.clear();
    ASSERT_TRUE(agent_.check_move(now_, {0, kElsewhere}, out));
    if (i == 0) {
      const Bytes bytes = out.datagrams()[0].bytes();
      first_bytes.assign(bytes.begin(), bytes.end());
    }
    EXPECT_FALSE(agent_.check_move(now_ + Agent::kMoveCheckInterval - 1ms, {0, kElsewhere}, out));
    now_ += Agent::kMoveCheckInterval;
  }
  send(answer(*stun::Message::parse(first_bytes), std::string(24, 'c')), kElsewhere);
  EXPECT_EQ(sending_to(), kPeer);
  const auto latest = stun::Message::parse(out.datagrams()[0].bytes());
  send(answer(*latest, std::string(24, 'c')), kElsewhere);
  EXPECT_EQ(sending_to(), kElsewhere);
}

}  // namespace
}  // namespace vis::media::ice
