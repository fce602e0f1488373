// Data channels of whole calls: SCTP at both ends, through the engine's DTLS.

#include <gtest/gtest.h>

#include <algorithm>

#include <cstdint>
#include <numeric>
#include <set>
#include <string>
#include <vector>

#include "support/rtc/inline_data.hpp"
#include "unit/media/sfu/forged.hpp"
#include "unit/media/sfu/live_call.hpp"

namespace vis::media::sfu {
namespace {

using test::LinkOptions;
using test::LiveCall;
using test::Simulation;
using vis::test::DataEnd;
using vis::test::InlineData;

constexpr std::uint64_t kSeed = 29;
constexpr const char* kReliable = "_reliable";
constexpr const char* kLossy = "_lossy";

/// A participant with both of its peer connections and the data channels on them.
struct Participant {
  Simulation::Peer* uplink = nullptr;
  Simulation::Peer* downlink = nullptr;
  DataEnd* sends = nullptr;
  DataEnd* hears = nullptr;
};

Participant join(Simulation& simulation, InlineData& data, const std::string& name,
                 std::uint32_t ssrc) {
  Participant joined;
  joined.uplink = &simulation.add_publisher({.tracks = {test::camera(name, ssrc)}, .data = true});
  joined.downlink = &simulation.add_subscriber();
  joined.sends = &data.join(*joined.uplink->client);
  joined.sends->open_channels();
  joined.hears = &data.join(*joined.downlink->client);
  return joined;
}

bool is_up(InlineData& data, const Participant& participant) {
  const auto has_both = [](const DataEnd* end) {
    return end != nullptr && end->has(kReliable) && end->has(kLossy);
  };
  return has_both(participant.sends) && has_both(participant.hears) &&
         has_both(data.server_end(participant.uplink->id)) &&
         has_both(data.server_end(participant.downlink->id));
}

/// What the room would do: every message goes to everybody else, on the same channel.
void route(InlineData& data, const std::vector<Participant>& participants) {
  for (const Participant& from : participants) {
    data.server_end(from.uplink->id)->on_text = [&](const DataEnd::Message& message) {
      for (const Participant& to : participants) {
        if (to.uplink == from.uplink) continue;
        EXPECT_TRUE(data.server_end(to.downlink->id)->send(message.label, message.text) ||
                    message.label == kLossy);
      }
    };
  }
}

std::string numbered(std::size_t sender, int number, std::size_t size) {
  std::string text = std::to_string(sender) + ":" + std::to_string(number) + ":";
  text.resize(std::max(size, text.size()), 'x');
  return text;
}

/// The numbers that one participant has heard of another on a channel, in their order.
std::vector<int> heard(const Participant& participant, std::size_t sender, const char* label) {
  std::vector<int> numbers;
  const std::string prefix = std::to_string(sender) + ":";
  for (const DataEnd::Message& message : participant.hears->received) {
    if (message.label != label || !message.text.starts_with(prefix)) continue;
    numbers.push_back(std::stoi(message.text.substr(prefix.size())));
  }
  return numbers;
}

/// Three people on a bad network, with video beside the data.
TEST(DataChannels, of_three_peers_with_loss_lose_nothing_reliable) {
  for (const std::uint64_t seed : {201U, 202U, 203U}) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    InlineData data;
    Simulation simulation(seed,
                          {.link = {.loss = 0.05, .delay = 30ms, .jitter = 15ms}, .data = &data});
    std::vector<Participant> participants;
    for (std::uint32_t i = 0; i < 3; ++i) {
      participants.push_back(join(simulation, data, "cam" + std::to_string(i), 1000 * (i + 1)));
    }
    simulation.run_for(10s);
    for (const Participant& participant : participants) ASSERT_TRUE(is_up(data, participant));
    route(data, participants);
    constexpr int kMessages = 200;
    int number = 0;
    simulation.run_for(kMessages * 20ms, 20ms, [&] {
      for (std::size_t i = 0; i < participants.size(); ++i) {
        // Every tenth is one of many packets.
        const std::size_t size = number % 10 == 0 ? 15'000 : 100;
        EXPECT_TRUE(participants[i].sends->send(kReliable, numbered(i, number, size)));
        EXPECT_TRUE(participants[i].sends->send(kLossy, numbered(i, number, 100)));
        participants[i].uplink->client->send_video_frame(simulation.now(), 0, 2, 900);
      }
      ++number;
    });
    simulation.run_for(20s);
    std::vector<int> all(kMessages);
    std::iota(all.begin(), all.end(), 0);
    for (std::size_t to = 0; to < 3; ++to) {
      for (std::size_t from = 0; from < 3; ++from) {
        if (to == from) continue;
        EXPECT_EQ(heard(participants[to], from, kReliable), all);
        const std::vector<int> lossy = heard(participants[to], from, kLossy);
        EXPECT_GT(lossy.size(), kMessages * 7 / 10);
        EXPECT_LT(lossy.size(), kMessages);
        EXPECT_EQ(std::set(lossy.begin(), lossy.end()).size(), lossy.size());
      }
    }
  }
}

TEST(DataChannels, survive_ice_restarts_and_new_addresses) {
  InlineData data;
  LiveCall call(kSeed, {.network = {.data = &data}});
  Participant participant = join(call.simulation, data, "side", 3000);
  call.run_for(2s);
  ASSERT_TRUE(is_up(data, participant));
  int number = 0;
  const auto talk = [&] {
    EXPECT_TRUE(participant.sends->send(kReliable, numbered(0, number, 100)));
    EXPECT_TRUE(
        data.server_end(participant.downlink->id)->send(kReliable, numbered(0, number, 100)));
    ++number;
  };
  call.run_for(1s, talk);
  call.simulation.engine().restart_ice(call.simulation.now(), participant.downlink->id);
  participant.uplink->client->restart(call.simulation.now(), vis::test::ClientPeer::Identity::Same);
  call.simulation.offer(*participant.uplink);
  call.run_for(1s, talk);
  call.simulation.rebind(*participant.uplink, *SocketAddress::parse("203.0.113.7:4444"));
  call.simulation.rebind(*participant.downlink, *SocketAddress::parse("203.0.113.7:4445"));
  call.run_for(10s, talk);
  call.run_for(5s);
  EXPECT_EQ(heard(participant, 0, kReliable).size(), static_cast<std::size_t>(number));
  EXPECT_EQ(data.server_end(participant.uplink->id)->received.size(),
            static_cast<std::size_t>(number));
  call.expect_undisturbed();
}

TEST(DataChannels, end_with_their_transport_or_their_association) {
  InlineData data;
  LiveCall call(kSeed, {.network = {.data = &data}});
  Participant closed = join(call.simulation, data, "closed", 3000);
  Participant restarted = join(call.simulation, data, "restarted", 4000);
  Participant leaving = join(call.simulation, data, "leaving", 5000);
  call.run_for(2s);
  for (const Participant& participant : {closed, restarted, leaving}) {
    ASSERT_TRUE(is_up(data, participant));
    // Some of it is under way when the end comes.
    EXPECT_TRUE(participant.sends->send(kReliable, std::string(60'000, 'x')));
    EXPECT_TRUE(
        data.server_end(participant.downlink->id)->send(kReliable, std::string(60'000, 'x')));
  }
  call.simulation.close(*closed.uplink);
  call.simulation.close(*closed.downlink);
  restarted.uplink->client->restart(call.simulation.now(), vis::test::ClientPeer::Identity::New);
  call.simulation.offer(*restarted.uplink);
  leaving.uplink->client->say_goodbye();
  EXPECT_EQ(data.server_end(closed.uplink->id), nullptr);
  EXPECT_EQ(data.server_end(closed.downlink->id), nullptr);
  EXPECT_EQ(data.server_end(restarted.uplink->id), nullptr);
  call.run_for(2s);
  EXPECT_EQ(data.server_end(leaving.uplink->id), nullptr);
  EXPECT_NE(data.server_end(leaving.downlink->id), nullptr);
  EXPECT_NE(data.server_end(restarted.uplink->id), nullptr);
  call.expect_undisturbed();
}

/// A participant whose SCTP is anything at all.
TEST(DataChannels, of_the_others_survive_what_one_participant_sends) {
  InlineData data;
  LiveCall call(kSeed, {.network = {.data = &data}});
  std::vector<Participant> good{join(call.simulation, data, "good", 3000),
                                join(call.simulation, data, "other", 4000)};
  Participant mallory = join(call.simulation, data, "mallory", 5000);
  call.run_for(2s);
  for (const Participant& participant : good) ASSERT_TRUE(is_up(data, participant));
  ASSERT_TRUE(is_up(data, mallory));
  route(data, good);
  SeededRandom random(7);
  std::vector<ByteVector> seen;
  mallory.uplink->client->on_data = [&](Bytes packet) {
    seen.emplace_back(packet.begin(), packet.end());
    mallory.sends->receive(packet);
  };
  int number = 0;
  call.run_for(5s, [&] {
    EXPECT_TRUE(good[0].sends->send(kReliable, numbered(0, number, 100)));
    EXPECT_TRUE(mallory.sends->send(kLossy, "x"));
    ++number;
    for (int i = 0; i < 20; ++i) {
      ByteVector packet(12 + random.below(200));
      random.fill(packet);
      if (!seen.empty() && i % 2 == 0) {
        // The server's own packets, bent and sent back: ports and tag are nearly right.
        packet = seen[random.below(seen.size())];
        for (int bent = 0; bent < 4; ++bent) {
          packet[random.below(packet.size())] = static_cast<std::uint8_t>(random.u32());
        }
      }
      static_cast<void>(mallory.uplink->client->send_data(call.simulation.now(), packet));
    }
  });
  call.run_for(3s);
  EXPECT_EQ(heard(good[1], 0, kReliable).size(), static_cast<std::size_t>(number));
  EXPECT_GT(seen.size(), 100U);
  call.expect_undisturbed();
}

}  // namespace
}  // namespace vis::media::sfu
