#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/random.hpp"
#include "media/sctp/association.hpp"
#include "support/sctp_clock.hpp"

/// Two associations with a lossy line between them, in simulated time.
namespace vis::media::sctp::test {

struct Line {
  double loss = 0;
  Duration delay = 10ms;
  Duration jitter = 0ms;  ///< Packets overtake each other within it.
};

/// One end: keeps what its association says.
class Peer final : public AssociationSink {
 public:
  struct Received {
    ChannelId channel = 0;
    MessageKind kind = MessageKind::Binary;
    ByteVector bytes;
  };

  void on_packet(Bytes packet) override {
    EXPECT_LE(packet.size(), Association::kMtu);
    outbox.emplace_back(packet.begin(), packet.end());
  }
  void on_connected() override { connected = true; }
  void on_channel_open(const Channel& channel) override { opened.push_back(channel); }
  void on_channel_closed(ChannelId channel) override { closed.push_back(channel); }
  void on_message(ChannelId channel, MessageKind kind, Bytes message) override {
    received.push_back({channel, kind, {message.begin(), message.end()}});
    if (echo) EXPECT_TRUE(association->send(channel, kind, message));
  }
  void on_lost() override { lost = true; }

  std::unique_ptr<Association> association;
  std::vector<ByteVector> outbox;
  bool connected = false;
  bool lost = false;
  bool echo = false;
  std::vector<Channel> opened;
  std::vector<ChannelId> closed;
  std::vector<Received> received;
};

class Network {
 public:
  explicit Network(Line line = {}, std::uint64_t seed = 1) : line_(line), random_(seed) {
    client.association = std::make_unique<Association>(
        stack, AssociationOptions{.dtls_role = DtlsRole::Client}, client);
    server.association = std::make_unique<Association>(
        stack, AssociationOptions{.dtls_role = DtlsRole::Server}, server);
  }

  void connect() {
    client.association->connect();
    server.association->connect();
    run_until([&] { return client.connected && server.connected; });
  }
  /// A channel that both ends know.
  ChannelId open(const ChannelOptions& options) {
    const ChannelId channel = client.association->open_channel(options).value();
    const std::size_t before = server.opened.size();
    const std::size_t acknowledged = client.opened.size();
    run_until([&] { return server.opened.size() > before && client.opened.size() > acknowledged; });
    return channel;
  }
  template <typename Condition>
  void run_until(Condition condition, Duration limit = 60s) {
    const TimePoint end = now + limit;
    while (!condition()) {
      ASSERT_LT(now, end) << "the condition did not come true";
      step();
    }
  }
  void run_for(Duration duration) {
    for (const TimePoint end = now + duration; now < end;) step();
  }
  void step() {
    now += Stack::kTick;
    vis::test::set_sctp_clock(now);
    pick_up(client, server);
    pick_up(server, client);
    deliver();
    stack.on_deadline(now);
  }

  TimePoint now{};
  Stack stack{now};
  Peer client;
  Peer server;
  bool cut = false;  ///< Nothing passes.

 private:
  struct Packet {
    TimePoint at;
    Peer* to = nullptr;
    ByteVector bytes;
  };

  void pick_up(Peer& from, Peer& to) {
    for (ByteVector& bytes : std::exchange(from.outbox, {})) {
      if (cut || static_cast<double>(random_.below(10'000)) < line_.loss * 10'000) continue;
      const auto jitter = Duration(line_.jitter.count() == 0
                                       ? 0
                                       : static_cast<std::int64_t>(random_.below(
                                             static_cast<std::uint64_t>(line_.jitter.count()))));
      packets_.push_back({now + line_.delay + jitter, &to, std::move(bytes)});
    }
  }
  void deliver() {
    std::ranges::sort(packets_, {}, &Packet::at);
    while (!packets_.empty() && packets_.front().at <= now) {
      Packet packet = std::move(packets_.front());
      packets_.erase(packets_.begin());
      if (packet.to->association) packet.to->association->receive(packet.bytes);
    }
  }

  Line line_;
  SeededRandom random_;
  std::deque<Packet> packets_;
};

/// A message whose content tells its number.
inline ByteVector numbered(std::uint32_t number, std::size_t size) {
  ByteVector bytes(size, static_cast<std::uint8_t>(number));
  for (std::size_t i = 0; i < std::min<std::size_t>(4, size); ++i) {
    bytes[i] = static_cast<std::uint8_t>(number >> (8 * i));
  }
  return bytes;
}

}  // namespace vis::media::sctp::test
