#include "media/ice/check_list.hpp"

#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "base/limits/media_ice.hpp"
#include "unit/media/ice/peer.hpp"

namespace vis::media::ice {
namespace {

const SocketAddress kPeer = address("198.51.100.7:1000");

Candidate remote(std::uint16_t port, std::uint16_t preference = 100) {
  return Candidate::host({kPeer.ip, port}, preference);
}

class IceCheckList : public testing::Test {
 protected:
  std::vector<Check> take_all() {
    std::vector<Check> checks;
    while (const auto check = list_.take_due(now_)) checks.push_back(*check);
    return checks;
  }
  /// Lets time pass up to `end` and collects what was sent.
  std::vector<std::pair<TimePoint, Check>> run_until(TimePoint end) {
    std::vector<std::pair<TimePoint, Check>> sent;
    for (;;) {
      for (const Check& check : take_all()) sent.emplace_back(now_, check);
      const auto next = list_.next_deadline();
      if (!next || *next > end) break;
      now_ = std::max(now_, *next);
    }
    now_ = end;
    return sent;
  }
  Path path(std::uint16_t port) const { return {0, {kPeer.ip, port}}; }

  std::vector<Candidate> locals_{Candidate::host(address("192.0.2.1:7882"))};
  SeededRandom random_{5};
  TimePoint now_{10s};
  CheckList list_{locals_, Role::Controlling, random_};
};

TEST_F(IceCheckList, starts_one_new_check_every_50_ms) {
  for (std::uint16_t port = 1; port <= 20; ++port) ASSERT_TRUE(list_.add_remote(remote(port)));
  std::set<stun::TransactionId> ids;
  std::vector<TimePoint> started;
  for (const auto& [time, check] : run_until(now_ + 10s)) {
    if (ids.insert(check.id).second) started.push_back(time);
  }
  ASSERT_EQ(started.size(), 20U);
  for (std::size_t i = 1; i < started.size(); ++i) EXPECT_EQ(started[i] - started[i - 1], 50ms);
}

TEST_F(IceCheckList, begins_with_the_pair_of_the_highest_priority) {
  ASSERT_TRUE(list_.add_remote(remote(1, 10)));
  ASSERT_TRUE(list_.add_remote(remote(2, 30)));
  ASSERT_TRUE(list_.add_remote(remote(3, 20)));
  const auto sent = run_until(now_ + 100ms);
  ASSERT_EQ(sent.size(), 3U);
  EXPECT_EQ(sent[0].second.path, path(2));
  EXPECT_EQ(sent[1].second.path, path(3));
  EXPECT_EQ(sent[2].second.path, path(1));
}

TEST_F(IceCheckList, checks_first_what_the_peer_checked) {
  ASSERT_TRUE(list_.add_remote(remote(1, 30)));
  ASSERT_TRUE(list_.add_remote(remote(2, 20)));
  ASSERT_TRUE(list_.add_remote(remote(3, 10)));
  take_all();
  list_.on_request(now_, {path(3), 1, false});
  now_ += 50ms;
  EXPECT_EQ(take_all().at(0).path, path(3));
}

TEST_F(IceCheckList, repeats_a_check_at_once_when_the_peer_checks_the_same_pair) {
  ASSERT_TRUE(list_.add_remote(remote(1)));
  const stun::TransactionId id = take_all().at(0).id;
  now_ += 60ms;
  EXPECT_TRUE(take_all().empty());
  list_.on_request(now_, {path(1), 1, false});
  const auto repeated = take_all();
  ASSERT_EQ(repeated.size(), 1U);
  EXPECT_EQ(repeated[0].id, id);
}

TEST_F(IceCheckList, does_not_repeat_faster_than_the_pace_however_often_the_peer_checks) {
  ASSERT_TRUE(list_.add_remote(remote(1)));
  std::size_t sent = take_all().size();
  for (int i = 0; i < 100; ++i) {
    now_ += 1ms;
    list_.on_request(now_, {path(1), 1, false});
    sent += take_all().size();
  }
  EXPECT_LE(sent, 3U);
}

TEST_F(IceCheckList, tries_a_failed_pair_again_when_the_peer_checks_it) {
  ASSERT_TRUE(list_.add_remote(remote(1)));
  run_until(now_ + 30s);
  EXPECT_FALSE(list_.next_deadline().has_value());
  list_.on_request(now_, {path(1), 1, false});
  EXPECT_EQ(take_all().size(), 1U);
}

TEST_F(IceCheckList, nominates_at_once_when_no_better_pair_can_come) {
  ASSERT_TRUE(list_.add_remote(remote(1, 30)));
  ASSERT_TRUE(list_.add_remote(remote(2, 20)));
  const stun::TransactionId id = take_all().at(0).id;
  now_ += 50ms;
  ASSERT_TRUE(list_.on_success(now_, id).has_value());
  const auto checks = take_all();
  ASSERT_EQ(checks.size(), 1U);
  EXPECT_TRUE(checks[0].use_candidate);
  EXPECT_EQ(checks[0].path, path(1));
}

TEST_F(IceCheckList, nominates_the_next_best_pair_when_a_nomination_fails) {
  ASSERT_TRUE(list_.add_remote(remote(1, 30)));
  ASSERT_TRUE(list_.add_remote(remote(2, 20)));
  const auto sent = run_until(now_ + 50ms);
  ASSERT_EQ(sent.size(), 2U);
  list_.on_success(now_, sent[1].second.id);
  list_.on_success(now_, sent[0].second.id);
  now_ += 50ms;
  const auto first = take_all();
  ASSERT_EQ(first.at(0).path, path(1));
  list_.on_error(now_, first[0].id);
  now_ += 50ms;
  const auto second = take_all();
  ASSERT_EQ(second.at(0).path, path(2));
  EXPECT_TRUE(second[0].use_candidate);
}

TEST_F(IceCheckList, stops_ordinary_checks_once_a_pair_is_nominated) {
  for (std::uint16_t port = 1; port <= 5; ++port) ASSERT_TRUE(list_.add_remote(remote(port)));
  take_all();
  list_.stop_ordinary_checks();
  EXPECT_TRUE(run_until(now_ + 10s).empty());
  list_.on_request(now_, {path(4), 1, false});
  EXPECT_EQ(take_all().size(), 1U);
}

TEST_F(IceCheckList, checks_once_from_a_socket_that_has_several_candidates) {
  locals_.push_back(Candidate::host(address("10.0.0.1:7882"), 9));
  locals_.push_back(Candidate::host(address("[2001:db8::1]:7882"), 8));
  list_ = CheckList{locals_, Role::Controlling, random_};
  ASSERT_TRUE(list_.add_remote(remote(1)));
  ASSERT_TRUE(list_.add_remote(Candidate::host(address("[2001:db8::7]:1"))));
  std::set<stun::TransactionId> ids;
  for (const auto& [time, check] : run_until(now_ + 1s)) {
    EXPECT_EQ(check.path.local, 0);
    ids.insert(check.id);
  }
  EXPECT_EQ(ids.size(), 2U);
}

TEST_F(IceCheckList, checks_from_each_socket) {
  locals_.push_back(Candidate::host(address("10.0.0.1:7882"), 9));
  locals_.back().socket = 3;
  list_ = CheckList{locals_, Role::Controlling, random_};
  ASSERT_TRUE(list_.add_remote(remote(1)));
  const auto sent = run_until(now_ + 50ms);
  ASSERT_EQ(sent.size(), 2U);
  EXPECT_EQ(sent[0].second.path.local, 0);
  EXPECT_EQ(sent[1].second.path.local, 3);
}

TEST_F(IceCheckList, takes_as_many_remote_candidates_as_the_limit) {
  for (std::uint16_t port = 1; port <= limits::kIceRemoteCandidates; ++port) {
    EXPECT_TRUE(list_.add_remote(remote(port)));
  }
  EXPECT_FALSE(list_.add_remote(remote(limits::kIceRemoteCandidates + 1)));
}

TEST_F(IceCheckList, has_as_many_pairs_as_the_limit) {
  for (std::uint16_t port = 1; port <= limits::kIceCandidatePairs + 1; ++port) {
    list_.on_request(now_, {path(port), 1, false});
  }
  std::set<SocketAddress> checked;
  for (const auto& [time, check] : run_until(now_ + 60s)) checked.insert(check.path.remote);
  EXPECT_EQ(checked.size(), limits::kIceCandidatePairs);
}

TEST_F(IceCheckList, makes_room_for_a_new_pair_where_one_has_failed) {
  for (std::uint16_t port = 1; port <= limits::kIceCandidatePairs; ++port) {
    list_.on_request(now_, {path(port), 1, false});
  }
  run_until(now_ + 10min);
  list_.on_request(now_, {path(999), 1, false});
  EXPECT_EQ(take_all().at(0).path, path(999));
}

TEST_F(IceCheckList, takes_a_signalled_priority_in_place_of_a_peer_reflexive_one) {
  list_.on_request(now_, {path(1), candidate_priority(CandidateType::PeerReflexive, 1), false});
  ASSERT_TRUE(list_.add_remote(remote(2, 50)));
  ASSERT_TRUE(list_.add_remote(remote(1, 60)));
  list_.set_role(now_, Role::Controlled);
  const auto sent = run_until(now_ + 50ms);
  ASSERT_EQ(sent.size(), 2U);
  const auto first = list_.on_success(now_, sent[0].second.id);
  const auto second = list_.on_success(now_, sent[1].second.id);
  ASSERT_TRUE(first && second);
  EXPECT_GT(first->priority, second->priority);
  EXPECT_EQ(first->path, path(1));
}

}  // namespace
}  // namespace vis::media::ice
