#include <gtest/gtest.h>

#include "support/rtc/simulation.hpp"
#include "unit/media/sfu/live_call.hpp"

namespace vis::media::sfu {
namespace {

using test::camera;
using test::Simulation;

/// A camera in VP9, and in VP8 for those who lack VP9.
class BackupCodec : public testing::Test {
 protected:
  BackupCodec() : publisher(simulation.add_publisher({.tracks = {camera("cam", 1000, "VP9")}})) {
    simulation.run_for(300ms);
  }

  void publish_backup() {
    simulation.engine().publish(simulation.now(), publisher.id,
                                {.track = TrackId{"TR_cam"},
                                 .kind = TrackKind::Video,
                                 .cid = "cam",
                                 .codecs = {"video/vp9", "video/vp8"},
                                 .backup_cid = "cam-vp8",
                                 .backup_codec = "video/vp8"});
    publisher.client->add_track(camera("cam-vp8", 2000, "VP8"));
    simulation.offer(publisher);
    simulation.run_for(300ms);
  }
  Simulation::Peer& subscribe(bool backup) {
    Simulation::Peer& peer = simulation.add_subscriber();
    simulation.engine().subscribe(
        simulation.now(), peer.id,
        {.track = TrackId{"TR_cam"}, .stream_id = "PA_ann|TR_cam", .target = {}, .backup = backup});
    simulation.engine().start_offer(simulation.now(), peer.id);
    simulation.run_for(500ms);
    return peer;
  }
  void send(Duration duration) {
    simulation.run_for(duration, 40ms,
                       [&] { publisher.client->send_video_frame(simulation.now(), 1, 2, 500); });
    simulation.run_for(100ms);
  }

  Simulation simulation{31};
  Simulation::Peer& publisher;
};

TEST_F(BackupCodec, is_a_track_of_its_own_to_media_and_one_to_the_room) {
  publish_backup();
  ASSERT_EQ(simulation.bound.size(), 2U);
  EXPECT_EQ(simulation.bound[0].mime_type, "video/vp9");
  EXPECT_EQ(simulation.bound[1].mime_type, "video/vp8");
  EXPECT_EQ(simulation.bound[1].track, TrackId{"TR_cam"});
  EXPECT_NE(simulation.bound[0].mid, simulation.bound[1].mid);
}

TEST_F(BackupCodec, goes_to_who_asks_for_it_and_to_nobody_else) {
  publish_backup();
  const Simulation::Peer& lacking = subscribe(true);
  const Simulation::Peer& modern = subscribe(false);
  send(1s);
  ASSERT_EQ(lacking.client->received().size(), 1U);
  EXPECT_GE(lacking.client->received().begin()->second.key_frames, 1U);
  EXPECT_GE(lacking.client->received().begin()->second.packets, 40U);
  EXPECT_TRUE(modern.client->received().empty());
}

TEST_F(BackupCodec, may_come_after_its_subscriber) {
  const Simulation::Peer& lacking = subscribe(true);
  publish_backup();
  send(1s);
  ASSERT_EQ(lacking.client->received().size(), 1U);
  EXPECT_GE(lacking.client->received().begin()->second.packets, 40U);
}

TEST_F(BackupCodec, that_ends_leaves_the_track) {
  publish_backup();
  const Simulation::Peer& lacking = subscribe(true);
  send(500ms);
  publisher.client->track(1).active = false;
  simulation.offer(publisher);
  simulation.run_for(300ms);
  EXPECT_TRUE(simulation.ended.empty());
  EXPECT_EQ(lacking.refused_tracks.size(), 1U);
  publisher.client->track(0).active = false;
  simulation.offer(publisher);
  simulation.run_for(300ms);
  EXPECT_EQ(simulation.ended.size(), 1U);
}

}  // namespace
}  // namespace vis::media::sfu
