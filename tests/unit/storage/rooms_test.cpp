#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/limits/core_rooms.hpp"
#include "unit/storage/storage_fixture.hpp"

namespace vis::storage {
namespace {

using core::Write;
using core::rooms::NodeId;
using core::rooms::ParticipantSid;
using core::rooms::RoomQuery;
using core::rooms::RoomRecord;
using core::rooms::RoomSid;
using core::rooms::TrackSid;
using testing::ElementsAre;

class RoomsTest : public StorageTest {
 protected:
  RoomsTest() {
    EXPECT_TRUE(commit({.writes = {core::InsertProject{sample_project("acme")},
                                   core::InsertRoom{sample_room("RM_1", "acme")},
                                   core::InsertParticipant{sample_participant("PA_1", "RM_1")},
                                   core::InsertTrack{sample_track("TR_1", "PA_1", "RM_1")}}}));
  }
  Errc refused(const Write& write) {
    const auto outcome = commit({.writes = {write}});
    EXPECT_FALSE(outcome);
    return outcome ? Errc::Internal : outcome.error().code;
  }
  RoomRecord room(const std::string& sid) {
    return run(database_->rooms().room(RoomSid(sid))).value();
  }
};
VIS_FOR_EACH_DIALECT(RoomsTest);

TEST_P(RoomsTest, records_read_back_as_they_were_written) {
  EXPECT_EQ(room("RM_1"), sample_room("RM_1", "acme"));
  EXPECT_THAT(*run(database_->rooms().participants(RoomSid("RM_1"))),
              ElementsAre(sample_participant("PA_1", "RM_1")));
  EXPECT_THAT(*run(database_->rooms().tracks(RoomSid("RM_1"))),
              ElementsAre(sample_track("TR_1", "PA_1", "RM_1")));
}

TEST_P(RoomsTest, an_unknown_room_is_not_found) {
  const auto found = run(database_->rooms().room(RoomSid("RM_x")));
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, Errc::NotFound);
}

TEST_P(RoomsTest, an_update_changes_the_snapshot) {
  ASSERT_TRUE(commit({.writes = {core::UpdateRoom{RoomSid("RM_1"), R"({"metadata":"new"})"}}}));
  EXPECT_EQ(room("RM_1").snapshot, R"({"metadata":"new"})");
}

TEST_P(RoomsTest, a_participant_becomes_active_once_and_stays_so_through_updates) {
  const ParticipantSid sid("PA_1");
  ASSERT_TRUE(commit({.writes = {core::UpdateParticipant{sid, "A", "{}", at_ms(10)}}}));
  ASSERT_TRUE(commit({.writes = {core::UpdateParticipant{sid, "B", "{}", std::nullopt}}}));
  const auto participants = run(database_->rooms().participants(RoomSid("RM_1"))).value();
  EXPECT_EQ(participants[0].name, "B");
  EXPECT_EQ(participants[0].active_at, at_ms(10));
}

TEST_P(RoomsTest, what_has_ended_keeps_its_time_and_reason_and_cannot_change_again) {
  ASSERT_TRUE(commit({.writes = {core::EndTrack{TrackSid("TR_1"), at_ms(20)},
                                 core::EndParticipant{ParticipantSid("PA_1"), at_ms(21), "left"},
                                 core::FinishRoom{RoomSid("RM_1"), at_ms(22), "empty"}}}));
  EXPECT_EQ(room("RM_1").finished_at, at_ms(22));
  EXPECT_EQ(room("RM_1").finish_reason, "empty");
  const auto participants = run(database_->rooms().participants(RoomSid("RM_1"))).value();
  EXPECT_EQ(participants[0].left_at, at_ms(21));
  EXPECT_EQ(participants[0].leave_reason, "left");
  EXPECT_EQ(run(database_->rooms().tracks(RoomSid("RM_1"))).value()[0].unpublished_at, at_ms(20));

  EXPECT_EQ(refused(core::EndTrack{TrackSid("TR_1"), at_ms(30)}), Errc::NotFound);
  EXPECT_EQ(refused(core::EndParticipant{ParticipantSid("PA_1"), at_ms(30), "again"}),
            Errc::NotFound);
  EXPECT_EQ(refused(core::UpdateParticipant{ParticipantSid("PA_1"), "B", "{}", std::nullopt}),
            Errc::NotFound);
  EXPECT_EQ(refused(core::FinishRoom{RoomSid("RM_1"), at_ms(30), "again"}), Errc::NotFound);
  EXPECT_EQ(refused(core::UpdateRoom{RoomSid("RM_1"), "{}"}), Errc::NotFound);
}

TEST_P(RoomsTest, records_of_things_that_do_not_exist_are_refused) {
  EXPECT_EQ(refused(core::InsertRoom{sample_room("RM_2", "nobody")}), Errc::FailedPrecondition);
  EXPECT_EQ(refused(core::InsertParticipant{sample_participant("PA_2", "RM_x")}),
            Errc::FailedPrecondition);
  EXPECT_EQ(refused(core::InsertTrack{sample_track("TR_2", "PA_x", "RM_1")}),
            Errc::FailedPrecondition);
}

TEST_P(RoomsTest, a_refused_write_takes_the_whole_commit_with_it) {
  const auto outcome = commit({.writes = {core::InsertRoom{sample_room("RM_2", "acme")},
                                          core::InsertRoom{sample_room("RM_1", "acme")}},
                               .events = {sample_event("acme", "RM_2", "room.started")}});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Errc::AlreadyExists);
  EXPECT_FALSE(run(database_->rooms().room(RoomSid("RM_2"))));
  EXPECT_TRUE(all_events().empty());
}

TEST_P(RoomsTest, history_is_paged_newest_first_and_filtered) {
  for (int i = 2; i <= 5; ++i) {
    auto room = sample_room("RM_" + std::to_string(i), "acme");
    room.created_at = at_ms(i < 4 ? 100 : 200);  // Two pairs of the same age.
    room.name = i % 2 == 0 ? "even" : "odd";
    ASSERT_TRUE(commit({.writes = {core::InsertRoom{room}}}));
  }
  const auto page = [&](RoomQuery query) {
    std::vector<std::string> sids;
    for (const auto& each : run(database_->rooms().rooms(std::move(query))).value()) {
      sids.push_back(each.sid.str());
    }
    return sids;
  };
  const core::ProjectId acme("acme");
  EXPECT_THAT(page({.project = acme, .limit = 3}), ElementsAre("RM_5", "RM_4", "RM_3"));
  EXPECT_THAT(page({.project = acme, .before = RoomQuery::Position{at_ms(100), RoomSid("RM_3")}}),
              ElementsAre("RM_2", "RM_1"));
  EXPECT_THAT(page({.project = acme, .name = "even"}), ElementsAre("RM_4", "RM_2"));
  EXPECT_THAT(page({.project = core::ProjectId("nobody")}), ElementsAre());
}

TEST_P(RoomsTest, one_page_of_history_has_no_more_than_the_limit_of_rooms) {
  core::Commit change;
  for (std::size_t i = 0; i < limits::kRoomsPerRead; ++i) {
    change.writes.emplace_back(
        core::InsertRoom{sample_room("RM_many" + std::to_string(i), "acme")});
  }
  ASSERT_TRUE(commit(std::move(change)));
  const core::ProjectId acme("acme");
  const auto size = [&](std::size_t limit) {
    return run(database_->rooms().rooms({.project = acme, .limit = limit})).value().size();
  };
  EXPECT_EQ(size(limits::kRoomsPerRead), limits::kRoomsPerRead);
  EXPECT_EQ(size(limits::kRoomsPerRead + 1), limits::kRoomsPerRead);
}

TEST_P(RoomsTest, open_records_are_those_of_one_node_that_still_go_on) {
  auto elsewhere = sample_room("RM_2", "acme");
  elsewhere.node = NodeId("node-2");
  ASSERT_TRUE(
      commit({.writes = {core::InsertRoom{elsewhere},
                         core::InsertParticipant{sample_participant("PA_2", "RM_2")},
                         core::InsertRoom{sample_room("RM_3", "acme")},
                         core::FinishRoom{RoomSid("RM_3"), at_ms(30), "empty"},
                         core::InsertParticipant{sample_participant("PA_3", "RM_1")},
                         core::EndParticipant{ParticipantSid("PA_3"), at_ms(31), "left"}}}));
  const auto open = run(database_->rooms().open_records(NodeId("node-1"))).value();
  EXPECT_THAT(open.rooms, ElementsAre(sample_room("RM_1", "acme")));
  EXPECT_THAT(open.participants, ElementsAre(sample_participant("PA_1", "RM_1")));
  EXPECT_THAT(open.tracks, ElementsAre(sample_track("TR_1", "PA_1", "RM_1")));
}

}  // namespace
}  // namespace vis::storage
