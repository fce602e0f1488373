#include <gtest/gtest.h>

#include "unit/media/sfu/live_call.hpp"

/// Tracks that take turns in the sections of a player.
namespace vis::media::sfu {
namespace {

using test::camera;
using test::PeerStream;
using test::Simulation;

class PlayerTest : public testing::Test {
 protected:
  void send_both(Duration duration) {
    simulation.run_for(duration, 50ms, [&] {
      ann.client->send_video_frame(simulation.now(), 0, 3, 900);
      bob.client->send_video_frame(simulation.now(), 0, 2, 900);
    });
  }

  Simulation simulation{1};
  Simulation::Peer& ann = simulation.add_publisher({.tracks = {camera("ann", 1000)}});
  Simulation::Peer& bob = simulation.add_publisher({.tracks = {camera("bob", 2000)}});
  Simulation::Peer& player = simulation.add_player({camera("section", 1)});
};

TEST_F(PlayerTest, gets_one_unbroken_stream_of_one_track_after_another) {
  simulation.subscribe(player, "TR_ann");
  simulation.run_for(500ms);
  send_both(1s);
  for (const auto& [ended, begun] :
       {std::pair{"TR_ann", "TR_bob"}, std::pair{"TR_bob", "TR_ann"}}) {
    simulation.unsubscribe(player, ended);
    send_both(300ms);
    simulation.subscribe(player, begun);
    send_both(1s);
  }
  ASSERT_EQ(player.client->received().size(), 1U);
  const PeerStream& stream = player.client->received().begin()->second;
  EXPECT_EQ(stream.key_frames, 3U);
  EXPECT_GT(stream.packets, 100U);
  EXPECT_EQ(stream.missing(), 0U);
  EXPECT_EQ(stream.picture_gaps, 0U);
  EXPECT_EQ(stream.timestamp_jumps, 0U);
  EXPECT_TRUE(player.client->ended().empty()) << "the stream goes on";
  EXPECT_EQ(player.client->datagrams_refused(), 0U);
}

TEST_F(PlayerTest, is_refused_a_track_that_no_section_is_free_for) {
  simulation.subscribe(player, "TR_ann");
  simulation.run_for(500ms);
  simulation.subscribe(player, "TR_bob");
  EXPECT_EQ(player.refused_tracks, std::vector<std::string>{"TR_bob"});
  send_both(1s);
  EXPECT_EQ(player.client->received().size(), 1U);
}

TEST_F(PlayerTest, may_ask_before_there_is_anything_to_get) {
  simulation.subscribe(player, "TR_cid");
  auto& cid = simulation.add_publisher({.tracks = {camera("cid", 3000)}});
  simulation.run_for(500ms);
  simulation.run_for(1s, 50ms, [&] { cid.client->send_video_frame(simulation.now(), 0, 2, 900); });
  ASSERT_EQ(player.client->received().size(), 1U);
  EXPECT_GT(player.client->received().begin()->second.packets, 20U);
}

}  // namespace
}  // namespace vis::media::sfu
