// A room on two workers: the publisher on the one, who receives on the other.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <string>
#include <vector>

#include "base/limits/media_sfu.hpp"
#include "media/rtcp/goodbye.hpp"
#include "media/rtcp/receiver_report.hpp"
#include "support/rtc/simulation.hpp"
#include "unit/media/sfu/live_call.hpp"

namespace vis::media::sfu {
namespace {

using test::camera;
using test::LinkOptions;
using test::microphone;
using test::PeerStream;
using test::PeerTrack;
using test::Simulation;
using test::simulcast_camera;

constexpr unsigned kHome = 0;
constexpr unsigned kOther = 1;
constexpr Duration kFrame = 50ms;

const PeerStream& only_stream(const Simulation::Peer& peer) {
  static const PeerStream kNothing;
  EXPECT_EQ(peer.client->received().size(), 1U);
  return peer.client->received().empty() ? kNothing : peer.client->received().begin()->second;
}

void expect_unbroken(const PeerStream& stream) {
  EXPECT_EQ(stream.missing(), 0U);
  EXPECT_EQ(stream.picture_gaps, 0U);
  EXPECT_EQ(stream.timestamp_jumps, 0U);
}

/// Somebody who publishes on the first worker.
class SpreadRoom : public testing::Test {
 protected:
  Simulation::Peer& publish(const PeerTrack& track) {
    publisher = &simulation.add_publisher({.tracks = {track}, .worker = kHome});
    simulation.run_for(300ms);
    return *publisher;
  }
  Simulation::Peer& subscribe(const std::string& track, LayerTarget target = {}) {
    Simulation::Peer& peer = simulation.add_subscriber({.worker = kOther});
    simulation.subscribe(peer, track, target);
    return peer;
  }
  void send_frames(Duration duration, std::size_t packets = 2) {
    simulation.run_for(duration, kFrame, [&] {
      publisher->client->send_video_frame(simulation.now(), 0, packets, 900);
    });
  }
  void send_sound(Duration duration, std::uint8_t dbov = 30) {
    simulation.run_for(duration, 20ms,
                       [&] { publisher->client->send_audio_packet(simulation.now(), 0, dbov); });
  }
  std::uint64_t passed_on() { return simulation.counters(kHome).rtp_to_neighbours; }

  Simulation simulation{1, {.workers = 2}};
  Simulation::Peer* publisher = nullptr;
};

TEST_F(SpreadRoom, every_packet_reaches_the_other_worker_once) {
  publish(camera("cam", 1000));
  auto& ann = subscribe("TR_cam");
  auto& bob = subscribe("TR_cam");
  auto& cid = simulation.add_subscriber({.worker = kHome});
  simulation.subscribe(cid, "TR_cam");
  simulation.run_for(500ms);
  const std::uint64_t before = passed_on();
  send_frames(2s, 4);
  simulation.run_for(200ms);
  EXPECT_EQ(passed_on() - before, 160U) << "once, for two";
  EXPECT_EQ(simulation.counters(kOther).rtp_from_neighbours, passed_on());
  for (const Simulation::Peer* const peer : {&ann, &bob, &cid}) {
    expect_unbroken(only_stream(*peer));
    EXPECT_GE(only_stream(*peer).packets, 152U);
    EXPECT_GE(only_stream(*peer).key_frames, 1U);
  }
}

TEST_F(SpreadRoom, nothing_crosses_while_nobody_there_wants_it) {
  publish(camera("cam", 1000));
  send_frames(1s);
  EXPECT_EQ(passed_on(), 0U);
  auto& ann = subscribe("TR_cam");
  send_frames(1s);
  EXPECT_GT(passed_on(), 0U);
  simulation.unsubscribe(ann, "TR_cam");
  send_frames(100ms);
  const std::uint64_t before = passed_on();
  send_frames(1s);
  EXPECT_EQ(passed_on(), before);
  simulation.subscribe(ann, "TR_cam");
  send_frames(1s);
  EXPECT_GT(passed_on(), before + 30);
}

TEST_F(SpreadRoom, the_first_there_begins_with_the_key_frame_that_another_has_just_got) {
  publish(camera("cam", 1000));
  auto& local = simulation.add_subscriber({.worker = kHome});
  send_frames(1s);
  auto& ann = simulation.add_subscriber({.worker = kOther});
  send_frames(1s);
  simulation.subscribe(local, "TR_cam");
  send_frames(150ms);
  ASSERT_EQ(only_stream(local).key_frames, 1U);
  const std::uint64_t asked = publisher->client->key_frame_requests();
  simulation.subscribe(ann, "TR_cam");
  send_frames(500ms);
  EXPECT_EQ(publisher->client->key_frame_requests(), asked);
  EXPECT_EQ(only_stream(ann).key_frames, 1U);
  expect_unbroken(only_stream(ann));
}

TEST_F(SpreadRoom, key_frame_requests_of_many_there_become_few) {
  publish(camera("cam", 1000));
  std::vector<Simulation::Peer*> subscribers;
  for (int i = 0; i < 20; ++i) subscribers.push_back(&subscribe("TR_cam"));
  send_frames(1s);
  for (const Simulation::Peer* const subscriber : subscribers) {
    EXPECT_GT(only_stream(*subscriber).packets, 0U);
  }
  const std::uint64_t asked = publisher->client->key_frame_requests();
  EXPECT_LE(asked, 4U);
  simulation.run_for(200ms, 10ms, [&] {
    for (Simulation::Peer* const subscriber : subscribers) {
      const std::uint32_t source = subscriber->client->received().begin()->first;
      subscriber->client->request_key_frame(simulation.now(), source);
    }
  });
  send_frames(1s);
  EXPECT_GE(publisher->client->key_frame_requests(), asked + 1);
  EXPECT_LE(publisher->client->key_frame_requests(), asked + 3);
}

TEST_F(SpreadRoom, padding_of_the_publisher_does_not_stand_for_a_key_frame) {
  publish(camera("cam", 1000));
  const auto send_both = [&] {
    publisher->client->send_video_frame(simulation.now(), 0, 2, 900);
    for (int i = 0; i < 5; ++i) {
      constexpr std::array<std::uint8_t, 1> kPadding{1};
      test::PlainPacket packet = publisher->client->make_packet(simulation.now(), 0, kPadding);
      packet.bytes[0] |= 0x20;
      publisher->client->send_plain(packet);
    }
  };
  simulation.run_for(1s, kFrame, send_both);
  auto& ann = subscribe("TR_cam");
  simulation.run_for(1s, kFrame, send_both);
  EXPECT_EQ(only_stream(ann).key_frames, 1U);
  EXPECT_GE(only_stream(ann).packets, 30U);
  expect_unbroken(only_stream(ann));
  simulation.run_for(5s, kFrame, send_both);
  ASSERT_EQ(simulation.samples[kHome].layers.size(), 1U);
  EXPECT_EQ(simulation.samples[kHome].layers.front().key_frames, 2U);
}

TEST_F(SpreadRoom, what_is_lost_behind_a_worker_is_repaired_by_that_worker) {
  publish(camera("cam", 1000));
  auto& ann = subscribe("TR_cam");
  send_frames(500ms);
  ann.link.loss = 0.1;
  send_frames(5s, 4);
  ann.link.loss = 0;
  send_frames(500ms, 4);
  EXPECT_GT(simulation.counters(kOther).rtp_retransmitted, 10U);
  EXPECT_EQ(simulation.counters(kHome).nacks_received, 0U);
  EXPECT_GT(only_stream(ann).recovered, 10U);
  EXPECT_EQ(only_stream(ann).missing(), 0U);
}

TEST_F(SpreadRoom, what_is_lost_in_front_of_a_worker_is_repaired_for_all) {
  publish(camera("cam", 1000));
  auto& ann = subscribe("TR_cam");
  send_frames(500ms);
  publisher->link.loss = 0.1;
  send_frames(5s, 4);
  publisher->link.loss = 0;
  send_frames(500ms, 4);
  EXPECT_GT(simulation.counters(kHome).nacks_sent, 10U);
  EXPECT_EQ(simulation.counters(kOther).nacks_sent, 0U);
  EXPECT_EQ(only_stream(ann).missing(), 0U);
}

TEST_F(SpreadRoom, a_subscriber_there_begins_with_the_quality_that_it_wants) {
  publish(simulcast_camera("cam", 1000));
  auto& local = simulation.add_subscriber({.worker = kHome});
  simulation.subscribe(local, "TR_cam", {.max_layer = 0});
  send_frames(2s);
  auto& ann = subscribe("TR_cam", {.max_layer = 2});
  send_frames(8s);
  ASSERT_EQ(simulation.samples[kOther].subscriptions.size(), 1U);
  EXPECT_EQ(simulation.samples[kOther].subscriptions.front().layer, 2);
  EXPECT_LE(only_stream(ann).key_frames, 2U);
  expect_unbroken(only_stream(ann));
}

TEST_F(SpreadRoom, a_layer_change_there_is_one_unbroken_stream) {
  publish(simulcast_camera("cam", 1000));
  auto& ann = subscribe("TR_cam");
  send_frames(2s);
  for (const std::uint8_t layer : std::initializer_list<std::uint8_t>{0, 2, 1, 0, 2}) {
    simulation.engine(kOther).set_layer_target(simulation.now(), ann.id, TrackId{"TR_cam"},
                                               {.disabled = false, .max_layer = layer});
    send_frames(1s);
  }
  expect_unbroken(only_stream(ann));
  EXPECT_GE(only_stream(ann).key_frames, 6U);
}

TEST_F(SpreadRoom, falls_back_to_a_live_layer_when_the_publisher_stops_one) {
  publish(simulcast_camera("cam", 1000));
  auto& ann = subscribe("TR_cam");
  send_frames(2s);
  publisher->client->set_layer_enabled(0, 2, false);
  send_frames(1s);
  const std::uint64_t before = only_stream(ann).packets;
  send_frames(1s);
  EXPECT_GE(only_stream(ann).packets, before + 36);
  expect_unbroken(only_stream(ann));
}

TEST_F(SpreadRoom, leaves_a_layer_at_once_whose_source_says_goodbye) {
  publish(simulcast_camera("cam", 1000));
  auto& ann = subscribe("TR_cam");
  send_frames(2s);
  const std::uint32_t source = simulcast_camera("cam", 1000).layers[2].ssrc;
  std::array<std::uint8_t, 64> buffer{};
  ByteWriter writer{buffer};
  rtcp::ReceiverReport::write(writer, source, {});
  rtcp::Goodbye::write(writer, std::array{source});
  publisher->client->send_rtcp(writer.written());
  publisher->client->set_layer_enabled(0, 2, false);
  const std::uint64_t before = only_stream(ann).packets;
  send_frames(1s);
  EXPECT_GE(only_stream(ann).packets, before + 34);
  expect_unbroken(only_stream(ann));
}

TEST_F(SpreadRoom, reports_of_the_publishers_clock_reach_those_there) {
  publish(camera("cam", 1000));
  auto& ann = subscribe("TR_cam");
  send_frames(6s);
  EXPECT_GE(ann.client->sender_reports(), 4U);
}

TEST_F(SpreadRoom, the_clock_is_known_there_as_soon_as_anybody_watches) {
  publish(camera("cam", 1000));
  send_frames(6s);
  auto& ann = subscribe("TR_cam");
  send_frames(1500ms);
  EXPECT_GE(ann.client->sender_reports(), 1U);
}

TEST_F(SpreadRoom, a_muted_track_is_silent_there_and_goes_on_afterwards) {
  publish(camera("cam", 1000));
  auto& ann = subscribe("TR_cam");
  send_frames(1s);
  // Of the worker without the publisher, the same command changes nothing.
  const auto mute = [&](bool muted) {
    for (const unsigned worker : {kOther, kHome}) {
      simulation.engine(worker).set_muted(simulation.now(), simulation.room(), TrackId{"TR_cam"},
                                          muted);
    }
  };
  mute(true);
  send_frames(100ms);
  const std::uint64_t before = only_stream(ann).packets;
  const std::uint64_t key_frames = only_stream(ann).key_frames;
  send_frames(1s);
  EXPECT_EQ(only_stream(ann).packets, before);
  mute(false);
  send_frames(1s);
  EXPECT_GT(only_stream(ann).packets, before + 30);
  EXPECT_EQ(only_stream(ann).key_frames, key_frames + 1);
  expect_unbroken(only_stream(ann));
}

TEST_F(SpreadRoom, a_track_muted_from_the_first_is_muted_there) {
  publish(camera("cam", 1000));
  simulation.engine(kHome).set_muted(simulation.now(), simulation.room(), TrackId{"TR_cam"}, true);
  auto& ann = subscribe("TR_cam");
  send_frames(1s);
  EXPECT_TRUE(ann.client->received().empty());
  simulation.engine(kHome).set_muted(simulation.now(), simulation.room(), TrackId{"TR_cam"}, false);
  send_frames(1s);
  EXPECT_GT(only_stream(ann).packets, 30U);
}

TEST_F(SpreadRoom, a_track_that_ends_ends_there_too) {
  publish(camera("cam", 1000));
  auto& ann = subscribe("TR_cam");
  send_frames(1s);
  const std::uint32_t source = ann.client->received().begin()->first;
  simulation.engine(kHome).unpublish(simulation.now(), publisher->id, TrackId{"TR_cam"});
  simulation.run_for(300ms);
  EXPECT_NE(std::ranges::find(ann.client->ended(), source), ann.client->ended().end());
  const std::uint64_t before = only_stream(ann).packets;
  send_frames(500ms);
  EXPECT_EQ(only_stream(ann).packets, before);
  EXPECT_EQ(passed_on(), simulation.counters(kOther).rtp_from_neighbours);
}

TEST_F(SpreadRoom, who_publishes_leaves_and_another_comes) {
  publish(camera("cam", 1000));
  auto& ann = subscribe("TR_cam");
  send_frames(1s);
  simulation.close(*publisher);
  simulation.run_for(300ms);
  EXPECT_FALSE(ann.client->ended().empty());
  publish(camera("next", 2000));
  simulation.subscribe(ann, "TR_next");
  send_frames(1s);
  EXPECT_EQ(ann.client->received().size(), 2U);
}

TEST_F(SpreadRoom, who_subscribes_leaves_and_nothing_crosses_any_more) {
  publish(camera("cam", 1000));
  auto& ann = subscribe("TR_cam");
  send_frames(1s);
  simulation.close(ann);
  send_frames(100ms);
  const std::uint64_t before = passed_on();
  send_frames(500ms);
  EXPECT_EQ(passed_on(), before);
}

TEST_F(SpreadRoom, one_may_ask_for_a_track_before_it_is_known_there) {
  auto& ann = simulation.add_subscriber({.worker = kOther});
  simulation.subscribe(ann, "TR_cam");
  simulation.run_for(300ms);
  publish(camera("cam", 1000));
  send_frames(1s);
  EXPECT_GT(only_stream(ann).packets, 20U);
}

TEST_F(SpreadRoom, a_part_that_comes_later_is_told_of_what_there_is) {
  const RoomId late{"RM_late"};
  simulation.engine(kHome).open_room(simulation.now(), late);
  publisher =
      &simulation.add_publisher({.tracks = {camera("cam", 1000)}, .room = late, .worker = kHome});
  send_frames(500ms);
  simulation.engine(kOther).open_room(simulation.now(), late);
  simulation.engine(kOther).spread_room(late, kHome);
  simulation.engine(kHome).spread_room(late, kOther);
  auto& ann = simulation.add_subscriber({.room = late, .worker = kOther});
  simulation.subscribe(ann, "TR_cam");
  send_frames(1s);
  EXPECT_GT(only_stream(ann).packets, 20U);
  simulation.engine(kHome).close_room(simulation.now(), late);
  simulation.engine(kOther).close_room(simulation.now(), late);
  send_frames(100ms);
}

TEST_F(SpreadRoom, a_player_there_gets_one_unbroken_stream_of_one_track_after_another) {
  auto& ann = publish(camera("ann", 1000));
  auto& bob = simulation.add_publisher({.tracks = {camera("bob", 2000)}, .worker = kHome});
  auto& player = simulation.add_player({camera("section", 1)});
  ASSERT_EQ(player.worker, kOther);
  const auto send_both = [&](Duration duration) {
    simulation.run_for(duration, kFrame, [&] {
      ann.client->send_video_frame(simulation.now(), 0, 3, 900);
      bob.client->send_video_frame(simulation.now(), 0, 2, 900);
    });
  };
  simulation.subscribe(player, "TR_ann");
  send_both(1s);
  simulation.unsubscribe(player, "TR_ann");
  simulation.subscribe(player, "TR_bob");
  send_both(1s);
  EXPECT_EQ(only_stream(player).key_frames, 2U);
  EXPECT_GT(only_stream(player).packets, 80U);
  expect_unbroken(only_stream(player));
}

TEST_F(SpreadRoom, what_is_measured_of_a_track_is_told_by_one_worker) {
  publish(microphone("mic", 1000));
  auto& ann = subscribe("TR_mic");
  send_sound(6s);
  ASSERT_TRUE(simulation.samples.contains(kHome));
  ASSERT_TRUE(simulation.samples.contains(kOther));
  EXPECT_EQ(simulation.samples[kHome].layers.size(), 1U);
  EXPECT_TRUE(simulation.samples[kOther].layers.empty());
  ASSERT_EQ(simulation.samples[kOther].subscriptions.size(), 1U);
  EXPECT_EQ(simulation.samples[kOther].subscriptions.front().transport, ann.id);
  EXPECT_GT(simulation.samples[kOther].subscriptions.front().packets, 200U);
  // One level each 400 ms, not two.
  EXPECT_LE(simulation.audio_levels.size(), 16U);
  EXPECT_GE(simulation.audio_levels.size(), 13U);
}

TEST_F(SpreadRoom, a_worker_that_stands_still_loses_packets_and_goes_on_with_a_key_frame) {
  publish(camera("cam", 1000));
  auto& ann = subscribe("TR_cam");
  auto& local = simulation.add_subscriber({.worker = kHome});
  simulation.subscribe(local, "TR_cam");
  send_frames(1s);
  const std::uint64_t key_frames = only_stream(ann).key_frames;
  simulation.stall(kOther, true);
  const auto frames = static_cast<int>(limits::kNeighbourPackets / 100 + 10);
  send_frames(kFrame * frames, 100);
  EXPECT_GT(simulation.counters(kHome).neighbour_rings_full, 0U);
  simulation.stall(kOther, false);
  send_frames(2s);
  EXPECT_GT(only_stream(ann).key_frames, key_frames);
  const std::uint64_t before = only_stream(ann).packets;
  const std::uint64_t full = simulation.counters(kHome).neighbour_rings_full;
  send_frames(1s);
  EXPECT_GE(only_stream(ann).packets, before + 36);
  EXPECT_EQ(simulation.counters(kHome).neighbour_rings_full, full);
  EXPECT_EQ(only_stream(local).missing(), 0U) << "at home nothing was lost";
}

TEST(SpreadRooms, on_three_workers_everybody_gets_everything) {
  Simulation simulation(1, {.workers = 3});
  std::vector<Simulation::Peer*> publishers;
  std::vector<Simulation::Peer*> subscribers;
  for (unsigned worker = 0; worker < 3; ++worker) {
    const std::string name = "cam" + std::to_string(worker);
    publishers.push_back(&simulation.add_publisher(
        {.tracks = {camera(name, 1000 * (worker + 1))}, .worker = worker}));
    subscribers.push_back(&simulation.add_subscriber({.worker = worker}));
  }
  for (Simulation::Peer* const subscriber : subscribers) {
    for (unsigned worker = 0; worker < 3; ++worker) {
      simulation.subscribe(*subscriber, "TR_cam" + std::to_string(worker));
    }
  }
  simulation.run_for(500ms);
  simulation.run_for(2s, kFrame, [&] {
    for (Simulation::Peer* const publisher : publishers) {
      publisher->client->send_video_frame(simulation.now(), 0, 3, 900);
    }
  });
  for (const Simulation::Peer* const subscriber : subscribers) {
    ASSERT_EQ(subscriber->client->received().size(), 3U);
    for (const auto& [ssrc, stream] : subscriber->client->received()) {
      EXPECT_GE(stream.packets, 110U);
      expect_unbroken(stream);
    }
  }
}

/// Microphones, in turn on each of two workers, and a listener on each.
class SpreadHall : public testing::Test {
 protected:
  static constexpr std::size_t kMost = 3;
  static constexpr std::size_t kPeople = 12;
  static constexpr std::uint8_t kVoice = 30;
  static constexpr std::uint8_t kNoise = 80;

  SpreadHall() {
    for (unsigned i = 0; i < kPeople; ++i) {
      speakers.push_back(&simulation.add_publisher(
          {.tracks = {microphone("mic" + std::to_string(i), 1000 + i)}, .worker = i % 2}));
    }
    for (unsigned worker = 0; worker < 2; ++worker) {
      listeners.push_back(&simulation.add_subscriber({.worker = worker}));
      for (unsigned i = 0; i < kPeople; ++i) {
        simulation.subscribe(*listeners.back(), "TR_mic" + std::to_string(i));
      }
    }
    simulation.run_for(2s);
  }

  void talk(Duration duration, std::size_t voices) {
    simulation.run_for(duration, 20ms, [&] {
      for (std::size_t i = 0; i < speakers.size(); ++i) {
        speakers[i]->client->send_audio_packet(simulation.now(), 0, i < voices ? kVoice : kNoise);
      }
    });
    simulation.run_for(100ms);
  }

  /// What each listener is sent per second while so many speak.
  std::vector<std::uint64_t> packets_while(std::size_t voices) {
    std::vector<std::uint64_t> before;
    for (const Simulation::Peer* const listener : listeners) before.push_back(packets(*listener));
    talk(1s, voices);
    std::vector<std::uint64_t> now;
    for (std::size_t i = 0; i < listeners.size(); ++i) {
      now.push_back(packets(*listeners[i]) - before[i]);
    }
    return now;
  }
  static std::uint64_t packets(const Simulation::Peer& peer) {
    std::uint64_t sum = 0;
    for (const auto& [ssrc, stream] : peer.client->received()) sum += stream.packets;
    return sum;
  }

  Simulation simulation{1, {.max_speakers = kMost, .workers = 2}};
  std::vector<Simulation::Peer*> speakers;
  std::vector<Simulation::Peer*> listeners;
};

TEST_F(SpreadHall, those_who_speak_are_heard_everywhere) {
  talk(2s, 3);
  for (const Simulation::Peer* const listener : listeners) {
    EXPECT_EQ(listener->client->received().size(), 3U);
    for (const auto& [ssrc, stream] : listener->client->received()) {
      EXPECT_EQ(stream.packets, 100U);
      EXPECT_EQ(stream.missing(), 0U);
    }
  }
}

TEST_F(SpreadHall, nobody_hears_more_than_the_room_may_have_at_once) {
  talk(3s, 8);
  for (const std::uint64_t packets : packets_while(8)) EXPECT_EQ(packets, kMost * 50);
}

TEST_F(SpreadHall, who_begins_is_heard_from_the_first_sound_without_a_gap) {
  talk(3s, 2);
  talk(2s, 0);
  talk(1s, 2);
  for (const Simulation::Peer* const listener : listeners) {
    ASSERT_EQ(listener->client->received().size(), 2U);
    for (const auto& [ssrc, stream] : listener->client->received()) {
      EXPECT_EQ(stream.missing(), 0U);
      EXPECT_EQ(stream.timestamp_jumps, 0U);
    }
  }
}

}  // namespace
}  // namespace vis::media::sfu
