#include "core/rooms/recovery.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/rooms/snapshot.hpp"
#include "support/memory_store.hpp"
#include "support/run_task.hpp"

namespace vis::core::rooms {
namespace {

namespace types = events::types;
using testing::ElementsAre;

constexpr WallTime kNow = wall_from_unix_ms(1'790'000'000'000);

/// A history that knows open records alone.
class OpenHistory final : public RoomHistory {
 public:
  Task<Result<OpenRecords>> open_records(NodeId node) override {
    asked = node;
    co_return open;
  }
  Task<Result<std::vector<RoomRecord>>> rooms(RoomQuery) override { co_return unsupported(); }
  Task<Result<RoomRecord>> room(RoomSid) override { co_return unsupported(); }
  Task<Result<std::vector<ParticipantRecord>>> participants(RoomSid) override {
    co_return unsupported();
  }
  Task<Result<std::vector<TrackRecord>>> tracks(RoomSid) override { co_return unsupported(); }

  Result<OpenRecords> open = OpenRecords{};
  NodeId asked;

 private:
  static std::unexpected<Error> unsupported() { return fail(Errc::Unsupported, "not here"); }
};

RoomRecord room_record(const std::string& sid) {
  const RoomInfo info{.sid = RoomSid(sid), .project = ProjectId("acme"), .name = "of " + sid};
  return {.sid = info.sid, .project = info.project, .name = info.name, .snapshot = to_json(info)};
}

ParticipantRecord participant_record(const std::string& sid, const std::string& room) {
  const ParticipantInfo info{.sid = ParticipantSid(sid), .identity = "of " + sid};
  return {.sid = info.sid, .room = RoomSid(room), .snapshot = to_json(info)};
}

TrackRecord track_record(const std::string& sid, const std::string& participant,
                         const std::string& room) {
  return {.sid = TrackSid(sid),
          .room = RoomSid(room),
          .participant = ParticipantSid(participant),
          .snapshot = to_json(TrackInfo{.sid = TrackSid(sid)})};
}

OpenRecords two_rooms() {
  OpenRecords open;
  open.rooms = {room_record("RM_1"), room_record("RM_2")};
  open.participants = {participant_record("PA_active", "RM_1"),
                       participant_record("PA_joining", "RM_1")};
  open.participants[0].active_at = kNow;
  open.tracks = {track_record("TR_1", "PA_active", "RM_1")};
  return open;
}

TEST(Recovery, ends_tracks_then_people_then_rooms_each_with_its_event) {
  const Commit commit = closing_commit(two_rooms(), kNow);
  std::vector<std::pair<std::string, std::string>> told;
  for (const auto& event : commit.events) {
    told.emplace_back(event.type, event.resource);
    EXPECT_EQ(event.project, ProjectId("acme"));
    EXPECT_EQ(event.at, kNow);
  }
  const auto pair = [](std::string_view type, const char* room) {
    return std::pair(std::string(type), std::string(room));
  };
  EXPECT_THAT(
      told,
      ElementsAre(pair(types::kTrackUnpublished, "RM_1"), pair(types::kParticipantLeft, "RM_1"),
                  pair(types::kParticipantConnectionAborted, "RM_1"),
                  pair(types::kRoomFinished, "RM_1"), pair(types::kRoomFinished, "RM_2")));
  ASSERT_EQ(commit.writes.size(), 5U);
  EXPECT_EQ(std::get<EndTrack>(commit.writes[0]).track, TrackSid("TR_1"));
  EXPECT_EQ(std::get<EndParticipant>(commit.writes[1]).reason, "server_restart");
  EXPECT_EQ(std::get<FinishRoom>(commit.writes[4]).reason, "server_restart");
}

TEST(Recovery, tells_events_that_read_like_those_of_a_live_server) {
  const Commit commit = closing_commit(two_rooms(), kNow);
  const EventContent track = parse_event_data(commit.events[0].data).value();
  EXPECT_EQ(track.room.name, "of RM_1");
  EXPECT_EQ(track.participant->identity, "of PA_active");
  EXPECT_EQ(track.track->sid, TrackSid("TR_1"));
  const EventContent left = parse_event_data(commit.events[1].data).value();
  EXPECT_EQ(left.participant->sid, ParticipantSid("PA_active"));
  EXPECT_EQ(left.reason, "server_restart");
}

TEST(Recovery, a_track_whose_publisher_has_left_is_told_without_one) {
  OpenRecords open = two_rooms();
  open.participants.clear();
  const Commit commit = closing_commit(open, kNow);
  EXPECT_EQ(parse_event_data(commit.events[0].data).value().participant, std::nullopt);
}

class RecoveryRun : public testing::Test {
 protected:
  Result<std::size_t> run() { return test::run_task(recovery_.close_left_open(kNow)); }
  OpenHistory history_;
  test::MemoryStore store_;
  Recovery recovery_{NodeId("node-1"), history_, store_};
};

TEST_F(RecoveryRun, closes_what_its_own_node_left_open_in_one_commit) {
  history_.open = two_rooms();
  EXPECT_EQ(run(), Result<std::size_t>(2));
  EXPECT_EQ(history_.asked, NodeId("node-1"));
  ASSERT_EQ(store_.commits.size(), 1U);
  EXPECT_EQ(store_.commits[0].events.size(), 5U);
}

TEST_F(RecoveryRun, writes_nothing_after_a_clean_stop) {
  EXPECT_EQ(run(), Result<std::size_t>(0));
  EXPECT_TRUE(store_.commits.empty());
}

TEST_F(RecoveryRun, says_when_the_database_fails) {
  history_.open = two_rooms();
  store_.failure = Error{Errc::Unavailable, "the disk is full"};
  EXPECT_EQ(run().error(), store_.failure);
  history_.open = std::unexpected(Error{Errc::Internal, "damaged"});
  EXPECT_EQ(run().error().code, Errc::Internal);
}

}  // namespace
}  // namespace vis::core::rooms
