#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "unit/media/ice/peer.hpp"

namespace vis::media::ice {
namespace {

const SocketAddress kServer = address("192.0.2.1:7882");
const SocketAddress kServer6 = address("[2001:db8::1]:7882");

/// Does anything in any order to an agent: events that make sense, that come late, and forgeries.
class AnyOrder {
 public:
  explicit AnyOrder(std::uint64_t seed) : random_(seed), agent_(config(), random_) {}

  void step() {
    Output out;
    const State before = agent_.state();
    now_ += Duration(random_.below(1'000'000'000)) / (1 + random_.below(1000));
    if (one_in(40)) now_ += 10s;
    act(out);
    check(before, out);
    keep_requests(out);
    drain();
  }

 private:
  bool one_in(std::uint64_t n) { return random_.below(n) == 0; }

  Agent::Config config() {
    Agent::Config config;
    config.lite = one_in(2);
    config.role = one_in(2) ? Role::Controlling : Role::Controlled;
    config.tie_breaker = random_.u64();
    config.credentials = ours_;
    config.candidates = {Candidate::host(kServer), Candidate::host(kServer6)};
    config.candidates[1].socket = 1;
    return config;
  }
  Path some_path() {
    const std::string port = std::to_string(1 + random_.below(5));
    return one_in(2) ? Path{0, address("198.51.100.7:" + port)}
                     : Path{1, address("[2001:db8::7]:" + port)};
  }

  void act(Output& out) {
    switch (random_.below(12)) {
      case 0: (void)agent_.set_remote(now_, {theirs_, one_in(20)}, out); break;
      case 1: agent_.add_remote_candidate(now_, Candidate::host(some_path().remote), out); break;
      case 2:
        if (one_in(5)) restart(out);
        break;
      case 3:
        if (one_in(200)) agent_.close();
        break;
      case 4:
      case 5:
      case 6: agent_.on_deadline(now_, out); break;
      case 7:
      case 8: send_request(out); break;
      default: send_answer(out); break;
    }
  }
  void restart(Output& out) {
    ours_ = Credentials::generate(random_);
    theirs_ = Credentials::generate(random_);
    agent_.restart(now_, ours_, out);
  }
  void send_request(Output& out) {
    HandmadePeer peer{ours_, theirs_};
    peer.controlling = !one_in(10);
    peer.tie_breaker = random_.u64();
    peer.next_id = static_cast<std::uint8_t>(random_.u32());
    if (one_in(10)) peer.password = "wrong";
    if (one_in(10)) peer.username = "wrong:" + theirs_.ufrag;
    deliver(agent_, now_, {peer.request(one_in(3)), some_path()}, out);
  }
  void send_answer(Output& out) {
    if (requests_.empty()) return;
    const auto& [bytes, path] = requests_[random_.below(requests_.size())];
    const std::uint16_t error = one_in(10) ? stun::kRoleConflict : one_in(10) ? 500 : 0;
    const std::string password = one_in(10) ? "wrong" : theirs_.password.reveal();
    deliver(
        agent_, now_,
        {answer(*stun::Message::parse(bytes), password, error), one_in(10) ? some_path() : path},
        out);
  }
  void check(State before, const Output& out) const {
    const bool was_over = before == State::Failed || before == State::Closed;
    if (was_over) EXPECT_TRUE(out.datagrams().empty());
    if (out.selected) EXPECT_EQ(agent_.selected(), out.selected);
    if (out.state) EXPECT_EQ(agent_.state(), *out.state);
    const bool has_path =
        agent_.state() == State::Connected || agent_.state() == State::Disconnected;
    EXPECT_EQ(agent_.selected().has_value(), has_path);
    for (const Datagram& datagram : out.datagrams()) {
      EXPECT_TRUE(stun::Message::parse(datagram.bytes()).has_value());
    }
  }
  void keep_requests(const Output& out) {
    for (const Datagram& datagram : out.datagrams()) {
      const Bytes bytes = datagram.bytes();
      if (stun::Message::parse(bytes)->message_class != stun::Class::Request) continue;
      requests_.push_back({{bytes.begin(), bytes.end()}, datagram.path});
    }
    if (requests_.size() > 10) requests_.erase(requests_.begin(), requests_.end() - 10);
  }
  /// Whatever is due can be done in a limited number of calls.
  void drain() {
    for (int calls = 0;; ++calls) {
      const auto deadline = agent_.next_deadline();
      if (!deadline || *deadline > now_) return;
      ASSERT_LT(calls, 100);
      Output out;
      agent_.on_deadline(now_, out);
      keep_requests(out);
    }
  }

  SeededRandom random_;
  TimePoint now_{10s};
  Credentials ours_ = credentials("server", 's');
  Credentials theirs_ = credentials("client", 'c');
  Agent agent_;
  std::vector<std::pair<ByteVector, Path>> requests_;
};

TEST(IceAgent, stays_consistent_whatever_happens_in_whatever_order) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    AnyOrder world{seed};
    for (int i = 0; i < 300; ++i) {
      world.step();
      if (testing::Test::HasFailure()) return;
    }
  }
}

}  // namespace
}  // namespace vis::media::ice
