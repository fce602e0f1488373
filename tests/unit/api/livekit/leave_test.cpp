// How a session ends, and how it goes on over another socket.
#include <gtest/gtest.h>

#include "base/limits/api_livekit.hpp"
#include "unit/api/livekit/door_world.hpp"

namespace vis::api::livekit {
namespace {

using rooms::TransportRole;
using Case = proto::SignalResponse::MessageCase;

class LeaveTest : public testing::Test {
 protected:
  LeaveTest() : ann_(world_.join("ann")), bob_(world_.join("bob")) {
    world_.connect(*ann_);
    world_.connect(*bob_);
    ann_->forget();
    bob_->forget();
  }
  std::string resume_target(const std::string& sid, const std::string& more = {}) {
    return "/rtc?protocol=17&reconnect=1&sid=" + sid + "&access_token=" + world_.token("ann") +
           more;
  }
  std::unique_ptr<Client> resume() { return world_.open(resume_target(ann_->sid().str())); }
  proto::LeaveRequest farewell(const Client& client) { return client.last(Case::kLeave).leave(); }
  std::size_t participants() { return world_.world.rooms.totals().participants; }
  void simulate(Client& client, auto set) {
    proto::SignalRequest request;
    set(*request.mutable_simulate());
    client.send(request);
  }

  DoorWorld world_;
  std::unique_ptr<Client> ann_;
  std::unique_ptr<Client> bob_;
};

// ---- the client leaves ----

TEST_F(LeaveTest, lets_a_client_go_and_tells_the_others_why) {
  proto::SignalRequest request;
  request.mutable_leave()->set_reason(proto::USER_REJECTED);
  ann_->send(request);
  EXPECT_TRUE(ann_->is_ended());
  EXPECT_EQ(ann_->socket.closed(), http::CloseCode::Normal);
  EXPECT_EQ(ann_->story(), "");
  const proto::ParticipantInfo gone = bob_->last(Case::kUpdate).update().participants(0);
  EXPECT_EQ(gone.state(), proto::ParticipantInfo::DISCONNECTED);
  EXPECT_EQ(gone.disconnect_reason(), proto::USER_REJECTED);
}

TEST_F(LeaveTest, does_not_let_a_client_choose_any_reason) {
  proto::SignalRequest request;
  request.mutable_leave()->set_reason(proto::PARTICIPANT_REMOVED);
  ann_->send(request);
  EXPECT_EQ(bob_->last(Case::kUpdate).update().participants(0).disconnect_reason(),
            proto::CLIENT_INITIATED);
}

TEST_F(LeaveTest, keeps_a_participant_whose_socket_broke_while_its_media_lives) {
  ann_->vanish();
  EXPECT_EQ(participants(), 2u);
  EXPECT_FALSE(bob_->has(Case::kUpdate));
}

TEST_F(LeaveTest, removes_a_participant_whose_socket_broke_before_media) {
  auto carl = world_.join("carl");
  EXPECT_EQ(participants(), 3u);
  carl->vanish();
  EXPECT_EQ(participants(), 2u);
}

// ---- the server ends it ----

TEST_F(LeaveTest, tells_a_removed_participant_to_stay_away) {
  ASSERT_TRUE(world_.world.rooms.remove_participant(world_.now(), world_.world.ref("ann")));
  world_.settle();
  EXPECT_EQ(farewell(*ann_).reason(), proto::PARTICIPANT_REMOVED);
  EXPECT_EQ(farewell(*ann_).action(), proto::LeaveRequest::DISCONNECT);
  EXPECT_EQ(ann_->socket.closed(), http::CloseCode::Normal);
  EXPECT_TRUE(ann_->is_ended());
}

TEST_F(LeaveTest, tells_the_former_session_of_an_identity_to_stay_away) {
  const auto again = world_.join("ann");
  EXPECT_NE(again->sid(), ann_->sid());
  EXPECT_EQ(farewell(*ann_).reason(), proto::DUPLICATE_IDENTITY);
  EXPECT_EQ(farewell(*ann_).action(), proto::LeaveRequest::DISCONNECT);
  EXPECT_TRUE(ann_->is_ended());
  // The others hear of the departure first, or they would take it for the newcomer's.
  std::vector<std::string> seen;
  for (const auto& response : bob_->received()) {
    for (const auto& info : response.update().participants()) {
      if (info.identity() == "ann") seen.push_back(info.sid());
    }
  }
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_EQ(seen[0], ann_->sid().str());
  EXPECT_EQ(seen[1], again->sid().str());
}

TEST_F(LeaveTest, sends_everybody_elsewhere_when_the_server_stops) {
  world_.world.rooms.shut_down(world_.now());
  world_.settle();
  EXPECT_EQ(farewell(*ann_).reason(), proto::SERVER_SHUTDOWN);
  EXPECT_EQ(farewell(*ann_).action(), proto::LeaveRequest::RECONNECT);
  EXPECT_TRUE(ann_->is_ended());
}

TEST_F(LeaveTest, says_goodbye_when_the_web_server_stops_first) {
  ann_->socket.break_off({Errc::Cancelled, "the server stops"});
  world_.settle();
  EXPECT_TRUE(ann_->is_ended());
  EXPECT_EQ(participants(), 1u);
}

TEST_F(LeaveTest, tells_old_clients_what_they_understand) {
  const auto old = world_.open("/rtc?protocol=12&access_token=" + world_.token("old"));
  world_.world.rooms.shut_down(world_.now());
  EXPECT_TRUE(farewell(*old).can_reconnect());
  EXPECT_EQ(farewell(*old).action(), proto::LeaveRequest::DISCONNECT);
}

TEST_F(LeaveTest, asks_a_client_whose_media_failed_to_resume) {
  world_.event(*ann_, rooms::TransportChanged{
                          .transport = world_.transport(*ann_, TransportRole::Subscriber),
                          .state = rooms::TransportState::Failed});
  EXPECT_EQ(farewell(*ann_).action(), proto::LeaveRequest::RESUME);
  EXPECT_TRUE(ann_->is_ended());
  EXPECT_EQ(participants(), 2u);
}

TEST_F(LeaveTest, does_not_listen_after_the_farewell) {
  ASSERT_TRUE(world_.world.rooms.remove_participant(world_.now(), world_.world.ref("ann")));
  proto::SignalRequest ping;
  ping.set_ping(1);
  ann_->send(ping);
  EXPECT_EQ(ann_->story(), "leave");
}

// ---- resuming ----

TEST_F(LeaveTest, resumes_with_reconnect_first_and_then_the_whole_picture) {
  ann_->vanish();
  const auto resumed = resume();
  EXPECT_EQ(resumed->story(), "reconnect update room_update refresh_token");
  const auto reconnect = resumed->last(Case::kReconnect).reconnect();
  EXPECT_EQ(reconnect.server_info().version(), "1.13.0");
  std::vector<std::string> identities;
  for (const auto& info : resumed->last(Case::kUpdate).update().participants()) {
    identities.push_back(info.identity());
  }
  EXPECT_EQ(identities, (std::vector<std::string>{"bob", "ann"}));
  EXPECT_EQ(participants(), 2u);
}

TEST_F(LeaveTest, tells_who_left_while_the_client_was_away) {
  ann_->vanish();
  world_.world.rooms.leave(world_.now(), bob_->sid(), rooms::LeaveReason::ClientInitiated);
  const auto resumed = resume();
  const auto update = resumed->last(Case::kUpdate).update();
  EXPECT_EQ(update.participants(0).identity(), "bob");
  EXPECT_EQ(update.participants(0).state(), proto::ParticipantInfo::DISCONNECTED);
}

TEST_F(LeaveTest, restarts_ice_of_a_resumed_session_after_the_first_message) {
  ann_->vanish();
  world_.world.media.clear();
  const auto resumed = resume();
  EXPECT_EQ(world_.world.media.count<rooms::RestartIce>(), 1u);
}

TEST_F(LeaveTest, gives_the_last_number_of_reliable_packets) {
  EXPECT_TRUE(world_.world.rooms.accept_reliable_sequence(ann_->sid(), 41));
  ann_->vanish();
  EXPECT_EQ(resume()->last(Case::kReconnect).reconnect().last_message_seq(), 41u);
}

TEST_F(LeaveTest, takes_the_session_over_from_a_socket_that_still_lives) {
  const auto resumed = resume();
  EXPECT_EQ(resumed->story(), "reconnect update room_update refresh_token");
  EXPECT_TRUE(ann_->is_ended());
  EXPECT_EQ(ann_->socket.closed(), http::CloseCode::Normal);
  EXPECT_EQ(ann_->story(), "");
  EXPECT_EQ(participants(), 2u);

  proto::SignalRequest leave;
  leave.mutable_leave();
  ann_->send(leave);
  EXPECT_EQ(participants(), 2u);
  proto::SignalRequest ping;
  ping.set_ping(1);
  resumed->send(ping);
  EXPECT_TRUE(resumed->has(Case::kPong));
}

TEST_F(LeaveTest, tells_a_client_to_join_again_when_there_is_nothing_to_resume) {
  const std::pair<const char*, std::string> kTable[] = {
      {"another sid", resume_target("PA_other")},
      {"no sid", resume_target("")},
      {"somebody else's sid", resume_target(bob_->sid().str())},
      {"one connection",
       [&] {
         proto::JoinRequest join;
         join.mutable_client_info()->set_protocol(17);
         join.set_reconnect(true);
         join.set_participant_sid("PA_other");
         return DoorWorld::v1_target(join, world_.token("ann"));
       }()},
  };
  for (const auto& [what, target] : kTable) {
    const auto client = world_.open(target);
    EXPECT_EQ(client->story(), "leave") << what;
    EXPECT_EQ(farewell(*client).reason(), proto::STATE_MISMATCH) << what;
    EXPECT_EQ(farewell(*client).action(), proto::LeaveRequest::RECONNECT) << what;
    EXPECT_EQ(client->socket.closed(), http::CloseCode::Normal) << what;
    EXPECT_TRUE(client->is_ended()) << what;
  }
  EXPECT_EQ(participants(), 2u);
}

TEST_F(LeaveTest, refuses_to_resume_a_session_that_never_had_media) {
  const auto carl = world_.join("carl");
  const auto resumed = world_.open("/rtc?protocol=17&reconnect=1&sid=" + carl->sid().str() +
                                   "&access_token=" + world_.token("carl"));
  EXPECT_EQ(resumed->story(), "leave");
}

TEST_F(LeaveTest, refuses_a_resume_with_a_bad_token_over_http) {
  EXPECT_EQ(world_.refusal("/rtc?reconnect=1&sid=PA_x&access_token=bad").status, 401u);
}

// ---- the state a resuming client brings ----

TEST_F(LeaveTest, accepts_a_state_that_agrees) {
  const auto track = world_.world.rooms.add_track(
      world_.now(), bob_->sid(),
      rooms::RoomWorld::track_request("cam", rooms::TrackSource::Camera));
  world_.event(*bob_, rooms::TrackBound{.track = track->sid, .mime_type = "video/vp8"});
  ann_->vanish();
  const auto resumed = resume();
  world_.world.media.clear();
  proto::SignalRequest request;
  proto::SyncState& state = *request.mutable_sync_state();
  state.mutable_subscription()->add_track_sids(track->sid.str());
  state.add_track_sids_disabled(track->sid.str());
  resumed->send(request);
  EXPECT_FALSE(resumed->is_ended());
  EXPECT_EQ(world_.world.media.count<rooms::Unsubscribe>(), 1u);
}

TEST_F(LeaveTest, sends_a_client_whose_tracks_are_unknown_away_to_join_again) {
  ann_->vanish();
  const auto resumed = resume();
  proto::SignalRequest request;
  request.mutable_sync_state()->add_publish_tracks()->mutable_track()->set_sid("TR_unknown");
  resumed->send(request);
  EXPECT_EQ(farewell(*resumed).reason(), proto::STATE_MISMATCH);
  EXPECT_EQ(farewell(*resumed).action(), proto::LeaveRequest::RECONNECT);
  EXPECT_EQ(participants(), 1u);
}

TEST_F(LeaveTest, reads_the_state_from_a_join_request) {
  ann_->vanish();
  proto::JoinRequest join;
  join.set_reconnect(true);
  join.set_participant_sid(ann_->sid().str());
  join.mutable_client_info()->set_protocol(17);
  join.mutable_sync_state()->add_publish_tracks()->mutable_track()->set_sid("TR_unknown");
  const auto resumed = world_.join_v1("ann", join);
  EXPECT_EQ(resumed->story(), "reconnect update room_update refresh_token leave");
}

// ---- scenarios of SDK tests ----

TEST_F(LeaveTest, simulates_a_speaker_for_a_while) {
  simulate(*ann_, [](proto::SimulateScenario& scenario) { scenario.set_speaker_update(3); });
  EXPECT_TRUE(ann_->last(Case::kSpeakersChanged).speakers_changed().speakers(0).active());
  world_.advance(2900ms);
  EXPECT_TRUE(ann_->last(Case::kSpeakersChanged).speakers_changed().speakers(0).active());
  world_.advance(100ms);
  EXPECT_FALSE(ann_->last(Case::kSpeakersChanged).speakers_changed().speakers(0).active());
}

TEST_F(LeaveTest, simulates_the_loss_of_a_node) {
  simulate(*ann_, [](proto::SimulateScenario& scenario) { scenario.set_node_failure(true); });
  EXPECT_TRUE(ann_->is_ended());
  EXPECT_EQ(ann_->story(), "");
  EXPECT_EQ(ann_->socket.closed(), http::CloseCode::GoingAway);
  EXPECT_EQ(resume()->story(), "leave");
}

TEST_F(LeaveTest, simulates_what_servers_say_when_they_send_clients_away) {
  simulate(*ann_, [](proto::SimulateScenario& scenario) { scenario.set_server_leave(true); });
  EXPECT_EQ(farewell(*ann_).reason(), proto::SERVER_SHUTDOWN);
  EXPECT_EQ(farewell(*ann_).action(), proto::LeaveRequest::DISCONNECT);
  simulate(*bob_, [](proto::SimulateScenario& scenario) {
    scenario.set_leave_request_full_reconnect(true);
  });
  EXPECT_EQ(farewell(*bob_).action(), proto::LeaveRequest::RECONNECT);
}

TEST_F(LeaveTest, simulates_a_resume_that_fails_once) {
  simulate(*ann_, [](proto::SimulateScenario& scenario) {
    scenario.set_disconnect_signal_on_resume(true);
  });
  ann_->vanish();
  const auto first = resume();
  EXPECT_EQ(first->story(), "reconnect update room_update");
  EXPECT_TRUE(first->is_ended());
  const auto second = resume();
  EXPECT_FALSE(second->is_ended());

  simulate(*second, [](proto::SimulateScenario& scenario) {
    scenario.set_disconnect_signal_on_resume_no_messages(true);
  });
  second->vanish();
  const auto third = resume();
  EXPECT_EQ(third->story(), "");
  EXPECT_TRUE(third->is_ended());
  EXPECT_FALSE(resume()->is_ended());
}

TEST(SignalSessions, remembers_only_so_many_resumes_to_fail) {
  SignalSessions sessions;
  const auto sid = [](std::size_t i) { return rooms::ParticipantSid("PA_" + std::to_string(i)); };
  for (std::size_t i = 0; i <= limits::kSimulatedDrops; ++i) {
    sessions.drop_next_resume(sid(i), ResumeDrop::AfterFirstMessage);
  }
  EXPECT_EQ(sessions.take_drop(sid(0)), ResumeDrop::None);
  EXPECT_EQ(sessions.take_drop(sid(1)), ResumeDrop::AfterFirstMessage);
  EXPECT_EQ(sessions.take_drop(sid(1)), ResumeDrop::None);
  EXPECT_EQ(sessions.take_drop(sid(limits::kSimulatedDrops)), ResumeDrop::AfterFirstMessage);
}

}  // namespace
}  // namespace vis::api::livekit
