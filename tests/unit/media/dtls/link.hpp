#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.hpp"
#include "media/dtls/endpoint.hpp"

namespace vis::media::dtls {

/// Made once for all tests: keys take time.
inline const Certificate& certificate_of(std::size_t side) {
  static const std::array<Certificate, 3> certificates{*Certificate::generate(WallTime{}),
                                                       *Certificate::generate(WallTime{}),
                                                       *Certificate::generate(WallTime{})};
  return certificates[side];
}

inline const Context& context_of(std::size_t side) {
  static const std::array<Context, 2> contexts{Context{certificate_of(0)},
                                               Context{certificate_of(1)}};
  return contexts[side];
}

struct Conditions {
  unsigned loss_percent = 0;
  Duration delay_min = 10ms;
  Duration delay_max = 10ms;  ///< When unlike `delay_min`, datagrams overtake each other.
};

/// An endpoint and all that came out of it.
struct Side {
  explicit Side(std::size_t index) : endpoint(context_of(index)) {}

  Endpoint endpoint;
  std::optional<SrtpKeys> keys;
  TimePoint keyed_at{};
  bool connected = false;
  std::optional<Failure> failure;
  bool closed = false;
  std::vector<std::string> received;
  std::vector<std::pair<TimePoint, ByteVector>> sent;
};

/// Two endpoints that exchange datagrams in simulated time. Everything but the cryptographic
/// values follows from the seed.
class Link {
 public:
  explicit Link(std::uint64_t seed = 1, Conditions conditions = {})
      : conditions_(conditions), random_(seed) {}

  TimePoint now() const { return now_; }
  Side& client() { return sides_[0]; }
  Side& server() { return sides_[1]; }

  /// Decides for each datagram, in order, whether it arrives.
  void set_filter(std::function<bool(Bytes)> filter) { filter_ = std::move(filter); }

  void introduce() {
    expect(client(), {certificate_of(1).fingerprint()});
    expect(server(), {certificate_of(0).fingerprint()});
  }
  void expect(Side& side, const std::vector<Fingerprint>& fingerprints) {
    act(side, [&](Output& out) {
      EXPECT_TRUE(side.endpoint.set_remote_fingerprints(fingerprints, out).has_value());
    });
  }
  void start() {
    act(server(), [&](Output& out) { server().endpoint.start(now_, Role::Server, out); });
    act(client(), [&](Output& out) { client().endpoint.start(now_, Role::Client, out); });
  }
  void connect() {
    introduce();
    start();
    run(1s);
    ASSERT_TRUE(connected());
  }
  bool connected() {
    return client().keys && client().connected && server().keys && server().connected;
  }

  void act(Side& side, const std::function<void(Output&)>& call) {
    Output out;
    call(out);
    carry_out(side, out);
  }
  /// A datagram that somebody else put on the wire.
  void inject(Side& side, Bytes datagram) {
    act(side, [&](Output& out) { side.endpoint.on_datagram(now_, datagram, out); });
  }
  void send(Side& side, std::string_view text) {
    act(side, [&](Output& out) {
      EXPECT_TRUE(side.endpoint.send_application_data(as_bytes(text), out).has_value());
    });
  }

  void run(Duration duration) {
    run_until(now_ + duration, [] { return false; });
  }
  std::optional<Duration> run_until_connected(Duration limit) {
    const TimePoint start = now_;
    run_until(now_ + limit, [this] { return connected(); });
    if (!connected()) return std::nullopt;
    return now_ - start;
  }

 private:
  struct Packet {
    ByteVector bytes;
    Side* to;
  };

  void run_until(TimePoint end, const std::function<bool()>& done) {
    while (!done()) {
      TimePoint next = end;
      if (!queue_.empty()) next = std::min(next, queue_.begin()->first);
      for (const Side& side : sides_) {
        next = std::min(next, side.endpoint.next_deadline().value_or(end));
      }
      now_ = std::max(now_, next);
      if (now_ >= end) return;
      while (!queue_.empty() && queue_.begin()->first <= now_) {
        const Packet packet = std::move(queue_.begin()->second);
        queue_.erase(queue_.begin());
        inject(*packet.to, packet.bytes);
      }
      for (Side& side : sides_) {
        const auto deadline = side.endpoint.next_deadline();
        if (!deadline || *deadline > now_) continue;
        act(side, [&](Output& out) { side.endpoint.on_deadline(now_, out); });
      }
    }
  }

  void carry_out(Side& side, const Output& out) {
    Side& other = &side == &sides_[0] ? sides_[1] : sides_[0];
    for (std::size_t i = 0; i < out.datagrams.size(); ++i) {
      const Bytes datagram = out.datagrams[i];
      EXPECT_LE(datagram.size(), Endpoint::kMtu);
      side.sent.emplace_back(now_, ByteVector{datagram.begin(), datagram.end()});
      if (random_.below(100) < conditions_.loss_percent || !filter_(datagram)) continue;
      const auto spread =
          static_cast<std::uint64_t>((conditions_.delay_max - conditions_.delay_min).count());
      const Duration delay = conditions_.delay_min + Duration(random_.below(spread + 1));
      queue_.emplace(now_ + delay, Packet{{datagram.begin(), datagram.end()}, &other});
    }
    for (std::size_t i = 0; i < out.application_data.size(); ++i) {
      side.received.emplace_back(as_text(out.application_data[i]));
    }
    if (out.keys) {
      EXPECT_FALSE(side.keys) << "they are given out once";
      side.keys = out.keys;
      side.keyed_at = now_;
    }
    if (out.connected) side.connected = true;
    if (out.failure) side.failure = out.failure;
    if (out.closed) side.closed = true;
  }

  Conditions conditions_;
  std::function<bool(Bytes)> filter_ = [](Bytes) { return true; };
  SeededRandom random_;
  TimePoint now_{500s};
  std::array<Side, 2> sides_{Side{0}, Side{1}};
  std::multimap<TimePoint, Packet> queue_;
};

}  // namespace vis::media::dtls
