#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "unit/media/ice/network.hpp"

namespace vis::media::ice {
namespace {

const SocketAddress kAlice = address("192.0.2.1:7882");
const SocketAddress kAlice6 = address("[2001:db8::1]:7882");
const SocketAddress kBob = address("198.51.100.7:40000");
const SocketAddress kBob6 = address("[2001:db8::7]:40000");
const SocketAddress kBobInside = address("10.0.0.5:40000");
const SocketAddress kBobMoved = address("203.0.113.9:50000");

Agent::Config full(Role role, char name, std::vector<Candidate> candidates) {
  Agent::Config config;
  config.lite = false;
  config.role = role;
  config.credentials = credentials(std::string(6, name), name);
  config.candidates = std::move(candidates);
  return config;
}

Agent::Config lite(char name, std::vector<Candidate> candidates) {
  Agent::Config config = full(Role::Controlled, name, std::move(candidates));
  config.lite = true;
  return config;
}

bool connected(const Node& node) { return node.agent.state() == State::Connected; }

std::optional<SocketAddress> sending_to(const Node& node) {
  const auto path = node.agent.selected();
  if (!path) return std::nullopt;
  return path->remote;
}

TEST(IceFull, two_agents_connect_over_a_link_that_loses_a_fifth_of_the_datagrams) {
  Duration slowest{};
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Network network{seed, {.loss_percent = 20, .delay_min = 10ms, .delay_max = 60ms}};
    Node& alice = network.add(
        full(Role::Controlling, 'a', {Candidate::host(kAlice), Candidate::host(kAlice6, 9)}));
    Node& bob = network.add(
        full(Role::Controlled, 'b', {Candidate::host(kBob), Candidate::host(kBob6, 9)}));
    network.introduce(alice, bob);
    const auto took =
        network.run_until_true(10s, [&] { return connected(alice) && connected(bob); });
    ASSERT_TRUE(took.has_value());
    slowest = std::max(slowest, *took);
    network.run(60s);
    EXPECT_NE(alice.agent.state(), State::Failed);
    EXPECT_NE(bob.agent.state(), State::Failed);
    EXPECT_EQ(sending_to(alice) == kBob, sending_to(bob) == kAlice);
    EXPECT_EQ(sending_to(alice) == kBob6, sending_to(bob) == kAlice6);
  }
  EXPECT_LT(slowest, 2s);
}

TEST(IceFull, connects_within_two_round_trips_on_a_good_link) {
  Network network{1, {.delay_min = 20ms, .delay_max = 20ms}};
  Node& alice = network.add(full(Role::Controlling, 'a', {Candidate::host(kAlice)}));
  Node& bob = network.add(full(Role::Controlled, 'b', {Candidate::host(kBob)}));
  network.introduce(alice, bob);
  const auto took = network.run_until_true(10s, [&] { return connected(alice) && connected(bob); });
  ASSERT_TRUE(took.has_value());
  EXPECT_LE(*took, 80ms);
}

TEST(IceFull, connects_to_a_lite_agent_and_controls_it) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Network network{seed, {.loss_percent = 20}};
    Node& alice = network.add(lite('a', {Candidate::host(kAlice)}));
    Node& bob = network.add(full(Role::Controlled, 'b', {Candidate::host(kBob)}));
    network.introduce(alice, bob, true, false);
    EXPECT_EQ(bob.agent.role(), Role::Controlling);
    ASSERT_TRUE(network.run_until_true(10s, [&] { return connected(alice) && connected(bob); }));
    network.run(60s);
    EXPECT_NE(alice.agent.state(), State::Failed);
    EXPECT_NE(bob.agent.state(), State::Failed);
    EXPECT_EQ(sending_to(alice), kBob);
  }
}

TEST(IceFull, reaches_a_peer_behind_a_nat_that_it_was_told_a_wrong_address_of) {
  Network network{3, {}};
  Node& alice = network.add(full(Role::Controlled, 'a', {Candidate::host(kAlice)}));
  Node& bob = network.add(full(Role::Controlling, 'b', {Candidate::host(kBobInside)}));
  bob.nat[kBobInside] = kBob;
  network.introduce(alice, bob);
  ASSERT_TRUE(network.run_until_true(5s, [&] { return connected(alice) && connected(bob); }));
  EXPECT_EQ(sending_to(alice), kBob);
}

TEST(IceFull, settles_on_the_pair_of_the_highest_priority) {
  for (const Role role : {Role::Controlling, Role::Controlled}) {
    Network network{4, {.delay_min = 5ms, .delay_max = 5ms}};
    Node& alice =
        network.add(full(role, 'a', {Candidate::host(kAlice6, 1), Candidate::host(kAlice, 65535)}));
    Node& bob = network.add(full(role == Role::Controlling ? Role::Controlled : Role::Controlling,
                                 'b', {Candidate::host(kBob6, 1), Candidate::host(kBob, 65535)}));
    network.introduce(alice, bob);
    network.run(2s);
    EXPECT_EQ(sending_to(alice), kBob);
    EXPECT_EQ(sending_to(bob), kAlice);
  }
}

TEST(IceFull, gives_up_when_nobody_answers) {
  Network network{6, {.loss_percent = 100}};
  Node& alice = network.add(full(Role::Controlling, 'a', {Candidate::host(kAlice)}));
  Node& bob = network.add(full(Role::Controlled, 'b', {Candidate::host(kBob)}));
  network.introduce(alice, bob);
  network.run(Agent::kConnectTimeout + 1s);
  EXPECT_EQ(alice.agent.state(), State::Failed);
  EXPECT_EQ(alice.failure, FailureReason::NoConnection);
  const int sent = alice.datagrams_sent;
  network.run(60s);
  EXPECT_EQ(alice.datagrams_sent, sent);
}

TEST(IceFull, resolves_a_role_conflict) {
  for (const Role role : {Role::Controlling, Role::Controlled}) {
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
      SCOPED_TRACE("seed " + std::to_string(seed));
      Network network{seed, {.loss_percent = 10}};
      Node& alice = network.add(full(role, 'a', {Candidate::host(kAlice)}));
      Node& bob = network.add(full(role, 'b', {Candidate::host(kBob)}));
      network.introduce(alice, bob);
      network.run(8s);
      EXPECT_TRUE(connected(alice));
      EXPECT_TRUE(connected(bob));
      EXPECT_NE(alice.agent.role(), bob.agent.role());
    }
  }
}

// Consent.

TEST(IceFull, asks_for_consent_every_five_seconds_or_so) {
  Network network{8, {}};
  Node& alice = network.add(lite('a', {Candidate::host(kAlice)}));
  Node& bob = network.add(full(Role::Controlling, 'b', {Candidate::host(kBob)}));
  network.introduce(alice, bob, true, false);
  network.run(1s);
  bob.sent_at.clear();
  network.run(10min);
  ASSERT_GE(bob.sent_at.size(), 100U);
  Duration shortest = 1h;
  Duration longest{};
  for (std::size_t i = 1; i < bob.sent_at.size(); ++i) {
    shortest = std::min(shortest, bob.sent_at[i] - bob.sent_at[i - 1]);
    longest = std::max(longest, bob.sent_at[i] - bob.sent_at[i - 1]);
  }
  EXPECT_GE(shortest, 4s);
  EXPECT_LE(longest, 6s);
  EXPECT_LT(shortest, 4500ms);
  EXPECT_GT(longest, 5500ms);
}

TEST(IceFull, stops_sending_30_s_after_the_last_consent) {
  Network network{9, {}};
  Node& alice = network.add(full(Role::Controlling, 'a', {Candidate::host(kAlice)}));
  Node& bob = network.add(full(Role::Controlled, 'b', {Candidate::host(kBob)}));
  network.introduce(alice, bob);
  network.run(20s);
  ASSERT_TRUE(connected(alice));
  bob.cut_off = true;
  const auto disconnected =
      network.run_until_true(60s, [&] { return alice.agent.state() == State::Disconnected; });
  ASSERT_TRUE(disconnected.has_value());
  EXPECT_LE(*disconnected, Agent::kDisconnectedAfter);
  const auto failed =
      network.run_until_true(60s, [&] { return alice.agent.state() == State::Failed; });
  ASSERT_TRUE(failed.has_value());
  EXPECT_LE(*disconnected + *failed, Agent::kConsentExpiry);
  EXPECT_GE(*disconnected + *failed, Agent::kConsentExpiry - 6s - 100ms);
  EXPECT_EQ(alice.failure, FailureReason::ConsentExpired);
  EXPECT_FALSE(alice.agent.selected().has_value());
  const int sent = alice.datagrams_sent;
  bob.cut_off = false;
  network.run(60s);
  EXPECT_EQ(alice.datagrams_sent, sent);
}

TEST(IceFull, comes_back_after_ten_seconds_without_a_network) {
  Network network{10, {}};
  Node& alice = network.add(full(Role::Controlling, 'a', {Candidate::host(kAlice)}));
  Node& bob = network.add(full(Role::Controlled, 'b', {Candidate::host(kBob)}));
  network.introduce(alice, bob);
  network.run(5s);
  bob.cut_off = true;
  network.run(10s);
  bob.cut_off = false;
  network.run(7s);
  EXPECT_TRUE(connected(alice));
  EXPECT_TRUE(connected(bob));
}

TEST(IceFull, is_silent_once_closed) {
  Network network{11, {}};
  Node& alice = network.add(full(Role::Controlling, 'a', {Candidate::host(kAlice)}));
  Node& bob = network.add(full(Role::Controlled, 'b', {Candidate::host(kBob)}));
  network.introduce(alice, bob);
  network.run(5s);
  alice.agent.close();
  const int sent = alice.datagrams_sent;
  const auto states = alice.states;
  network.run(60s);
  EXPECT_EQ(alice.datagrams_sent, sent);
  EXPECT_EQ(alice.states, states);
  EXPECT_EQ(bob.failure, FailureReason::ConsentExpired);
}

// A peer that moves.

TEST(IceFull, follows_a_controlling_peer_whose_nat_gives_it_a_new_address) {
  Network network{12, {}};
  Node& alice = network.add(full(Role::Controlled, 'a', {Candidate::host(kAlice)}));
  Node& bob = network.add(full(Role::Controlling, 'b', {Candidate::host(kBobInside)}));
  bob.nat[kBobInside] = kBob;
  network.introduce(alice, bob);
  network.run(10s);
  ASSERT_EQ(sending_to(alice), kBob);
  bob.nat[kBobInside] = kBobMoved;
  ASSERT_TRUE(network.run_until_true(25s, [&] { return sending_to(alice) == kBobMoved; }));
  network.run(60s);
  EXPECT_TRUE(connected(alice));
  EXPECT_TRUE(connected(bob));
}

TEST(IceFull, follows_a_controlled_peer_whose_nat_gives_it_a_new_address) {
  Network network{13, {}};
  Node& alice = network.add(full(Role::Controlling, 'a', {Candidate::host(kAlice)}));
  Node& bob = network.add(full(Role::Controlled, 'b', {Candidate::host(kBobInside)}));
  bob.nat[kBobInside] = kBob;
  network.introduce(alice, bob);
  network.run(10s);
  ASSERT_EQ(sending_to(alice), kBob);
  bob.nat[kBobInside] = kBobMoved;
  ASSERT_TRUE(network.run_until_true(25s, [&] { return sending_to(alice) == kBobMoved; }));
  network.run(60s);
  EXPECT_TRUE(connected(alice));
  EXPECT_TRUE(connected(bob));
}

// Restart.

TEST(IceFull, restarts_without_a_gap) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Network network{seed, {.loss_percent = 20}};
    Node& alice = network.add(full(Role::Controlling, 'a', {Candidate::host(kAlice)}));
    Node& bob = network.add(full(Role::Controlled, 'b', {Candidate::host(kBob)}));
    network.introduce(alice, bob);
    ASSERT_TRUE(network.run_until_true(10s, [&] { return connected(alice) && connected(bob); }));
    network.run(2s);
    network.act(alice, [&](Output& out) {
      alice.agent.restart(network.now(), Credentials::generate(network.random()), out);
    });
    network.act(bob, [&](Output& out) {
      bob.agent.restart(network.now(), Credentials::generate(network.random()), out);
    });
    network.run(3s);
    EXPECT_EQ(sending_to(alice), kBob);
    network.introduce(alice, bob);
    network.run(20s);
    EXPECT_EQ(sending_to(alice), kBob);
    EXPECT_EQ(sending_to(bob), kAlice);
    EXPECT_TRUE(connected(alice) && connected(bob));
    EXPECT_EQ(std::ranges::count(alice.states, State::Failed), 0);
  }
}

// What a full agent does with single messages.

class IceFullByHand : public testing::Test {
 protected:
  void start(Role role, bool remote_lite = false) {
    agent_.emplace(full(role, 'a', {Candidate::host(kAlice)}), random_);
    Output out;
    ASSERT_TRUE(agent_->set_remote(now_, {credentials("bbbbbb", 'b'), remote_lite}, out));
    ASSERT_TRUE(agent_->add_remote_candidate(now_, Candidate::host(kBob), out));
    keep(out);
  }
  void keep(const Output& out) {
    for (const Datagram& datagram : out.datagrams()) {
      const Bytes bytes = datagram.bytes();
      if (stun::Message::parse(bytes)->message_class != stun::Class::Request) continue;
      last_sent_.assign(bytes.begin(), bytes.end());
    }
  }
  /// The latest request of the agent.
  stun::Message last_sent() const { return *stun::Message::parse(last_sent_); }
  Output send(Bytes datagram, const SocketAddress& from) {
    Output out;
    deliver(*agent_, now_, {datagram, {0, from}}, out);
    keep(out);
    return out;
  }
  Output wait(Duration duration) {
    now_ += duration;
    Output out;
    agent_->on_deadline(now_, out);
    keep(out);
    return out;
  }

  SeededRandom random_{21};
  TimePoint now_{50s};
  std::optional<Agent> agent_;
  ByteVector last_sent_;
  HandmadePeer peer_{credentials("aaaaaa", 'a'), credentials("bbbbbb", 'b')};
  const std::string password_ = std::string(24, 'b');
};

TEST_F(IceFullByHand, sends_a_check_that_the_peer_can_verify) {
  start(Role::Controlling);
  const stun::Message check = last_sent();
  EXPECT_EQ(check.username, "bbbbbb:aaaaaa");
  EXPECT_TRUE(check.ice_controlling.has_value());
  EXPECT_FALSE(check.use_candidate);
  EXPECT_EQ(check.priority, candidate_priority(CandidateType::PeerReflexive, 65535));
  EXPECT_TRUE(check.verify_integrity(stun::IntegrityKey{password_}));
  EXPECT_TRUE(check.verify_fingerprint());
}

TEST_F(IceFullByHand, repeats_a_check_at_doubling_intervals_and_then_gives_up) {
  start(Role::Controlled);
  const TimePoint start = now_;
  std::vector<Duration> sent;
  while (now_ < start + 29s && agent_->next_deadline()) {
    now_ = std::max(now_, *agent_->next_deadline());
    Output out;
    agent_->on_deadline(now_, out);
    if (!out.datagrams().empty()) sent.push_back(now_ - start);
  }
  EXPECT_EQ(sent, (std::vector<Duration>{200ms, 600ms, 1400ms, 3s, 6200ms, 12600ms}));
}

TEST_F(IceFullByHand, uses_a_path_only_once_its_own_check_was_answered) {
  start(Role::Controlled);
  const Output request = send(peer_.request(true), kBob);
  EXPECT_FALSE(request.selected.has_value());
  EXPECT_FALSE(agent_->selected().has_value());
  const Output response = send(answer(last_sent(), password_), kBob);
  EXPECT_EQ(response.selected, (Path{0, kBob}));
  EXPECT_EQ(response.state, State::Connected);
}

// T7 of the transport negative tests.
TEST_F(IceFullByHand, drops_a_response_with_a_wrong_password) {
  start(Role::Controlled);
  const Output out = send(answer(last_sent(), std::string(24, 'x')), kBob);
  EXPECT_FALSE(out.selected.has_value());
  EXPECT_FALSE(out.state.has_value());
  EXPECT_EQ(agent_->refused(), 1U);
  // The check is still open for the honest answer.
  EXPECT_TRUE(send(answer(last_sent(), password_), kBob).selected.has_value());
}

TEST_F(IceFullByHand, drops_a_response_from_another_address) {
  start(Role::Controlled);
  EXPECT_FALSE(send(answer(last_sent(), password_), kBobMoved).selected.has_value());
  EXPECT_FALSE(agent_->selected().has_value());
}

TEST_F(IceFullByHand, drops_a_response_to_nothing) {
  start(Role::Controlled);
  const ByteVector unasked = peer_.request();
  EXPECT_FALSE(send(answer(*stun::Message::parse(unasked), password_), kBob).selected.has_value());
}

// T8 of the transport negative tests.
TEST_F(IceFullByHand, does_not_send_to_a_nominated_address_that_does_not_answer) {
  start(Role::Controlled);
  send(answer(last_sent(), password_), kBob);
  send(peer_.request(true), kBob);
  now_ += 10s;
  const Output out = send(peer_.request(true), kBobMoved);
  EXPECT_FALSE(out.selected.has_value());
  EXPECT_EQ(agent_->selected(), (Path{0, kBob}));
  ASSERT_EQ(out.datagrams().back().path, (Path{0, kBobMoved}));  // It is checked instead.
  EXPECT_EQ(send(answer(last_sent(), password_), kBobMoved).selected, (Path{0, kBobMoved}));
}

TEST_F(IceFullByHand, takes_only_an_answered_check_for_consent) {
  start(Role::Controlled);
  send(answer(last_sent(), password_), kBob);
  ASSERT_EQ(agent_->state(), State::Connected);
  for (int i = 0; i < 29; ++i) {
    wait(1s);
    send(peer_.request(true), kBob);  // The peer is there, but says nothing of our packets.
    ASSERT_EQ(agent_->state(), State::Connected) << i;
  }
  const Output out = wait(1s);
  EXPECT_EQ(out.state, State::Failed);
  EXPECT_EQ(out.failure, FailureReason::ConsentExpired);
}

TEST_F(IceFullByHand, nominates_with_use_candidate_when_controlling) {
  start(Role::Controlling);
  const Output valid = send(answer(last_sent(), password_), kBob);
  EXPECT_EQ(valid.selected, (Path{0, kBob}));
  wait(50ms);
  EXPECT_TRUE(last_sent().use_candidate);
  send(answer(last_sent(), password_), kBob);
  for (int i = 0; i < 30; ++i) EXPECT_TRUE(wait(100ms).datagrams().empty());
}

TEST_F(IceFullByHand, waits_a_little_for_a_better_pair_before_it_nominates) {
  start(Role::Controlling);
  Candidate better = Candidate::host({kBob.ip, 1});
  Candidate worse = Candidate::host({kBob.ip, 2}, 3);
  Output out;
  agent_->add_remote_candidate(now_, worse, out);
  better.priority += 1;
  agent_->add_remote_candidate(now_, better, out);
  send(answer(last_sent(), password_), kBob);  // The middle one answers first.
  EXPECT_FALSE(wait(49ms).datagrams().size() > 0 && last_sent().use_candidate);
  wait(1ms);
  EXPECT_TRUE(last_sent().use_candidate);
}

TEST_F(IceFullByHand, yields_when_the_error_487_says_so) {
  start(Role::Controlling);
  const auto tie_breaker = last_sent().ice_controlling;
  send(answer(last_sent(), password_, stun::kRoleConflict), kBob);
  EXPECT_EQ(agent_->role(), Role::Controlled);
  wait(50ms);
  EXPECT_TRUE(last_sent().ice_controlled.has_value());
  EXPECT_NE(last_sent().ice_controlled, tie_breaker);
}

TEST_F(IceFullByHand, does_not_yield_to_an_error_487_without_proof) {
  start(Role::Controlling);
  send(answer(last_sent(), std::string(24, 'x'), stun::kRoleConflict), kBob);
  EXPECT_EQ(agent_->role(), Role::Controlling);
}

TEST_F(IceFullByHand, decides_a_conflict_by_the_tie_breaker) {
  start(Role::Controlling);  // Its own tie-breaker is 0.
  peer_.tie_breaker = 0;
  const Output won = send(peer_.request(), kBob);
  EXPECT_EQ(stun::Message::parse(won.datagrams()[0].bytes())->error_code, stun::kRoleConflict);
  EXPECT_EQ(agent_->role(), Role::Controlling);
  peer_.tie_breaker = 1;
  const Output lost = send(peer_.request(), kBob);
  EXPECT_EQ(stun::Message::parse(lost.datagrams()[0].bytes())->message_class,
            stun::Class::SuccessResponse);
  EXPECT_EQ(agent_->role(), Role::Controlled);
}

TEST_F(IceFullByHand, prefers_the_better_of_two_pairs_that_are_nominated_at_once) {
  start(Role::Controlled);
  send(peer_.request(true), kBob);
  send(answer(last_sent(), password_), kBob);
  ASSERT_EQ(agent_->selected(), (Path{0, kBob}));
  wait(50ms);
  // A peer-reflexive candidate ranks below the host candidate in use.
  send(peer_.request(true), kBobMoved);
  send(answer(last_sent(), password_), kBobMoved);
  EXPECT_EQ(agent_->selected(), (Path{0, kBob}));
  now_ += 2s;
  send(peer_.request(true), kBobMoved);
  EXPECT_EQ(agent_->selected(), (Path{0, kBobMoved}));
}

TEST_F(IceFullByHand, has_no_use_for_candidates_it_cannot_check) {
  start(Role::Controlled);
  Output out;
  for (const std::string_view text :
       {"1 1 udp 1 abc.local 9 typ host", "1 1 tcp 1 198.51.100.7 9 typ host tcptype active",
        "1 2 udp 1 198.51.100.7 9 typ host", "1 1 udp 1 198.51.100.7 0 typ host",
        "1 1 udp 1 0.0.0.0 9 typ host", "1 1 udp 1 224.0.0.1 9 typ host",
        "1 1 udp 1 ff02::1 9 typ host", "1 1 udp 1 2001:db8::5 9 typ host",
        "1 1 udp 1 127.0.0.1 9 typ host"}) {
    EXPECT_FALSE(agent_->add_remote_candidate(now_, *Candidate::parse(text), out)) << text;
  }
}

}  // namespace
}  // namespace vis::media::ice
