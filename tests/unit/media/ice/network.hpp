#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.hpp"
#include "unit/media/ice/peer.hpp"

namespace vis::media::ice {

/// What a simulated network does to datagrams.
struct Conditions {
  unsigned loss_percent = 0;
  Duration delay_min = 5ms;
  Duration delay_max = 30ms;  ///< Unlike `delay_min`, so that datagrams overtake each other.
};

/// An agent with its place in the network.
struct Node {
  explicit Node(Agent its_agent) : agent(std::move(its_agent)) {}

  Agent agent;
  /// Which address the world sees in place of a candidate's own.
  std::map<SocketAddress, SocketAddress> nat;
  bool cut_off = false;
  int datagrams_sent = 0;
  std::vector<TimePoint> sent_at;
  std::vector<State> states;
  FailureReason failure = FailureReason::None;

  SocketAddress outside(std::uint8_t local) const {
    const SocketAddress& inside = agent.candidates()[local].address;
    const auto mapped = nat.find(inside);
    return mapped == nat.end() ? inside : mapped->second;
  }
};

/// Agents that exchange datagrams in simulated time. Everything follows from the seed.
class Network final {
 public:
  Network(std::uint64_t seed, Conditions conditions) : conditions_(conditions), random_(seed) {}

  Node& add(Agent::Config config) {
    config.tie_breaker = random_.u64();
    for (std::size_t i = 0; i < config.candidates.size(); ++i) {
      config.candidates[i].socket = static_cast<std::uint8_t>(i);
    }
    return nodes_.emplace_back(Agent{std::move(config), random_});
  }
  TimePoint now() const { return now_; }
  RandomSource& random() { return random_; }

  /// Each side gets the other's credentials and candidates.
  void introduce(Node& a, Node& b, bool a_is_lite = false, bool b_is_lite = false) {
    describe(a, b, a_is_lite);
    describe(b, a, b_is_lite);
  }
  /// Tells `to` about `from`.
  void describe(const Node& from, Node& to, bool from_is_lite = false) {
    act(to, [&](Output& out) {
      EXPECT_TRUE(to.agent.set_remote(now_, {from.agent.credentials(), from_is_lite}, out));
    });
    for (const Candidate& candidate : from.agent.candidates()) {
      act(to, [&](Output& out) { to.agent.add_remote_candidate(now_, candidate, out); });
    }
  }
  void act(Node& node, const std::function<void(Output&)>& call) {
    Output out;
    call(out);
    carry_out(node, out);
  }

  void run(Duration duration) {
    run_until(now_ + duration, [] { return false; });
  }
  /// How long it took until `done`, or nothing if it did not happen in `limit`.
  std::optional<Duration> run_until_true(Duration limit, const std::function<bool()>& done) {
    const TimePoint start = now_;
    run_until(now_ + limit, done);
    if (!done()) return std::nullopt;
    return now_ - start;
  }

 private:
  struct Packet {
    ByteVector bytes;
    SocketAddress source;
    SocketAddress destination;
  };

  void run_until(TimePoint end, const std::function<bool()>& done) {
    for (int steps = 0; !done(); ++steps) {
      ASSERT_LT(steps, 1'000'000) << "an agent asks for the same moment again and again";
      TimePoint next = end;
      if (!queue_.empty()) next = std::min(next, queue_.begin()->first);
      for (const Node& node : nodes_) {
        next = std::min(next, node.agent.next_deadline().value_or(end));
      }
      now_ = std::max(now_, next);
      if (now_ >= end) return;
      deliver_due();
      for (Node& node : nodes_) {
        const auto deadline = node.agent.next_deadline();
        if (!deadline || *deadline > now_) continue;
        act(node, [&](Output& out) { node.agent.on_deadline(now_, out); });
      }
    }
  }

  void deliver_due() {
    while (!queue_.empty() && queue_.begin()->first <= now_) {
      const Packet packet = std::move(queue_.begin()->second);
      queue_.erase(queue_.begin());
      for (Node& node : nodes_) receive(node, packet);
    }
  }

  void receive(Node& node, const Packet& packet) {
    if (node.cut_off) return;
    for (std::uint8_t local = 0; local < node.agent.candidates().size(); ++local) {
      if (node.outside(local) != packet.destination) continue;
      act(node, [&](Output& out) {
        deliver(node.agent, now_, {packet.bytes, {local, packet.source}}, out);
      });
    }
  }

  void carry_out(Node& node, const Output& out) {
    for (const Datagram& datagram : out.datagrams()) {
      ++node.datagrams_sent;
      node.sent_at.push_back(now_);
      if (node.cut_off || random_.below(100) < conditions_.loss_percent) continue;
      const auto spread =
          static_cast<std::uint64_t>((conditions_.delay_max - conditions_.delay_min).count());
      const Duration delay = conditions_.delay_min + Duration(random_.below(spread + 1));
      const Bytes bytes = datagram.bytes();
      queue_.emplace(now_ + delay, Packet{{bytes.begin(), bytes.end()},
                                          node.outside(datagram.path.local),
                                          datagram.path.remote});
    }
    if (out.state) node.states.push_back(*out.state);
    if (out.state == State::Failed) node.failure = out.failure;
  }

  Conditions conditions_;
  SeededRandom random_;
  TimePoint now_{1000s};
  std::deque<Node> nodes_;
  std::multimap<TimePoint, Packet> queue_;
};

}  // namespace vis::media::ice
