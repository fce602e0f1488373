#include "core/rooms/store_journal.hpp"

#include <gtest/gtest.h>

#include "core/rooms/snapshot.hpp"
#include "support/memory_store.hpp"

namespace vis::core::rooms {
namespace {

namespace types = events::types;

constexpr WallTime kNow = wall_from_unix_ms(1'790'000'000'000);

class StoreJournalTest : public testing::Test {
 protected:
  /// The one commit of the last entry: a write of the wanted kind and an event of `type`.
  template <typename Wanted>
  const Wanted& last_write(std::string_view type) {
    const Commit& commit = store_.behind.back();
    EXPECT_EQ(commit.writes.size(), 1U);
    EXPECT_EQ(commit.events.size(), 1U);
    EXPECT_EQ(commit.events[0].type, type);
    EXPECT_EQ(commit.events[0].project, room_.project);
    EXPECT_EQ(commit.events[0].resource, room_.sid.str());
    EXPECT_EQ(commit.events[0].at, kNow);
    return std::get<Wanted>(commit.writes[0]);
  }
  EventContent last_content() {
    return parse_event_data(store_.behind.back().events[0].data).value();
  }

  test::MemoryStore store_;
  StoreJournal journal_{store_, NodeId("node-1")};
  RoomInfo room_{.sid = RoomSid("RM_1"),
                 .project = ProjectId("acme"),
                 .name = "daily",
                 .created_at = wall_from_unix_ms(1'789'000'000'000)};
  ParticipantInfo olga_{.sid = ParticipantSid("PA_1"),
                        .identity = "olga",
                        .name = "Ольга",
                        .metadata = "m",
                        .disconnect_reason = LeaveReason::ClientInitiated};
  TrackInfo microphone_{.sid = TrackSid("TR_1"), .source = TrackSource::Microphone};
};

TEST_F(StoreJournalTest, a_room_starts_changes_and_finishes) {
  journal_.room_started(kNow, room_);
  const RoomRecord& record = last_write<InsertRoom>(types::kRoomStarted).room;
  EXPECT_EQ(record, (RoomRecord{.sid = room_.sid,
                                .project = room_.project,
                                .node = NodeId("node-1"),
                                .name = "daily",
                                .snapshot = to_json(room_),
                                .created_at = room_.created_at}));
  EXPECT_EQ(last_content().room, room_);

  room_.metadata = "new";
  journal_.room_updated(kNow, room_);
  EXPECT_EQ(last_write<UpdateRoom>(types::kRoomUpdated).snapshot, to_json(room_));
  EXPECT_EQ(last_content().room.metadata, "new");

  journal_.room_finished(kNow, room_, LeaveReason::RoomDeleted);
  EXPECT_EQ(last_write<FinishRoom>(types::kRoomFinished).reason, "room_deleted");
  EXPECT_EQ(last_content().reason, "room_deleted");
}

TEST_F(StoreJournalTest, a_participant_joins_becomes_active_changes_and_leaves) {
  journal_.participant_joined(kNow, room_, olga_);
  const ParticipantRecord& record =
      last_write<InsertParticipant>(types::kParticipantJoined).participant;
  EXPECT_EQ(record, (ParticipantRecord{.sid = olga_.sid,
                                       .room = room_.sid,
                                       .identity = "olga",
                                       .name = "Ольга",
                                       .snapshot = to_json(olga_),
                                       .joined_at = kNow}));
  EXPECT_EQ(last_content().participant, olga_);

  journal_.participant_active(kNow, room_, olga_);
  EXPECT_EQ(last_write<UpdateParticipant>(types::kParticipantActive).active_at, kNow);

  journal_.participant_updated(kNow, room_, olga_);
  EXPECT_EQ(last_write<UpdateParticipant>(types::kParticipantUpdated).active_at, std::nullopt);

  journal_.participant_left(kNow, room_, olga_, true);
  EXPECT_EQ(last_write<EndParticipant>(types::kParticipantLeft).reason, "client_initiated");
  EXPECT_EQ(last_content().reason, "client_initiated");
}

TEST_F(StoreJournalTest, leaving_before_media_came_up_is_an_aborted_connection) {
  journal_.participant_left(kNow, room_, olga_, false);
  last_write<EndParticipant>(types::kParticipantConnectionAborted);
}

TEST_F(StoreJournalTest, a_track_is_told_with_the_short_form_of_room_and_participant) {
  journal_.track_published(kNow, room_, olga_, microphone_);
  const TrackRecord& record = last_write<InsertTrack>(types::kTrackPublished).track;
  EXPECT_EQ(record, (TrackRecord{.sid = microphone_.sid,
                                 .room = room_.sid,
                                 .participant = olga_.sid,
                                 .snapshot = to_json(microphone_),
                                 .published_at = kNow}));
  EXPECT_EQ(last_content().track, microphone_);
  EXPECT_EQ(last_content().participant->identity, "olga");
  EXPECT_EQ(last_content().participant->metadata, "");

  journal_.track_unpublished(kNow, room_, olga_, microphone_);
  EXPECT_EQ(last_write<EndTrack>(types::kTrackUnpublished).track, microphone_.sid);
}

}  // namespace
}  // namespace vis::core::rooms
