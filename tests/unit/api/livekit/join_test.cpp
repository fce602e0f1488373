// Joining over the signalling socket: what is refused before the upgrade, what comes first after
// it, and what every client needs to find in there.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <google/protobuf/util/json_util.h>

#include "base/limits/text.hpp"
#include "http/jwt.hpp"
#include "unit/api/livekit/door_world.hpp"

namespace vis::api::livekit {
namespace {

using rooms::TransportRole;
using testing::HasSubstr;
using testing::StartsWith;
using Case = proto::SignalResponse::MessageCase;

class JoinTest : public testing::Test {
 protected:
  std::string target(const Claims& claims, std::string_view more = {}) {
    return "/rtc?protocol=17&access_token=" + world_.token(claims) + std::string(more);
  }
  proto::JoinResponse joined(const Client& client) { return client.last(Case::kJoin).join(); }

  DoorWorld world_;
};

// ---- refusals ----

TEST_F(JoinTest, is_refused_before_the_upgrade_with_a_status_and_a_text) {
  Claims nobody = DoorWorld::claims("");
  Claims nowhere = DoorWorld::claims("ann");
  nowhere.video->room.clear();
  Claims long_name = DoorWorld::claims(std::string(limits::kIdentityBytes + 1, 'x'));
  Claims long_room = DoorWorld::claims("ann");
  long_room.video->room.assign(limits::kRoomNameBytes + 1, 'x');
  Claims stranger = DoorWorld::claims("ann");
  stranger.video->room_join = false;
  const std::pair<std::string, unsigned> kTable[] = {
      {target(nobody), 400},
      {target(nowhere), 400},
      {target(long_name), 400},
      {target(long_room), 400},
      {target(stranger), 401},
      {"/rtc?access_token=x", 401},
      {"/rtc/v1?access_token=" + world_.token("ann"), 400},
  };
  for (const auto& [path, status] : kTable) {
    const http::Response response = world_.refusal(path);
    EXPECT_EQ(response.status, status) << response.body;
    EXPECT_THAT(response.headers.get("Content-Type"), StartsWith("text/plain"));
    EXPECT_FALSE(response.body.empty());
  }
  EXPECT_EQ(world_.world.rooms.totals().rooms, 0u);
}

TEST(JoinWithoutAutoCreate, says_in_the_words_that_clients_know_that_there_is_no_room) {
  DoorWorld world({.create_by_joining = false});
  for (const std::string& path : {"/rtc?access_token=" + world.token("ann"),
                                  DoorWorld::v1_target(proto::JoinRequest{}, world.token("ann"))}) {
    const http::Response response = world.refusal(path);
    EXPECT_EQ(response.status, 404u);
    EXPECT_THAT(response.body, HasSubstr("requested room does not exist"));
  }
  Claims creator = DoorWorld::claims("ann");
  creator.video->room_create = true;
  EXPECT_TRUE(world.join(creator)->has(Case::kJoin));
}

TEST_F(JoinTest, is_refused_when_the_room_is_full) {
  Claims claims = DoorWorld::claims("ann");
  claims.room_config = R"({"maxParticipants":1})";
  const auto ann = world_.join(claims);
  const http::Response response = world_.refusal(target(DoorWorld::claims("bob")));
  EXPECT_EQ(response.status, 500u);
  EXPECT_EQ(response.body, "room is full");
}

// ---- the check ----

TEST_F(JoinTest, is_checked_without_being_done) {
  for (const std::string& path :
       {"/rtc/validate?access_token=" + world_.token("ann"),
        "/rtc/v1/validate?join_request=CAA&access_token=" + world_.token("ann")}) {
    const http::Response response = world_.get(path);
    EXPECT_EQ(response.status, 200u);
    EXPECT_EQ(response.body, "success");
  }
  EXPECT_EQ(world_.world.rooms.totals().rooms, 0u);
}

TEST_F(JoinTest, is_refused_by_the_check_as_by_the_socket) {
  Claims claims = DoorWorld::claims("ann");
  claims.room_config = R"({"maxParticipants":1})";
  const auto ann = world_.join(claims);
  for (const std::string& query :
       {std::string("access_token=x"), "access_token=" + world_.token(""),
        "access_token=" + world_.token("bob")}) {
    const http::Response socket = world_.refusal("/rtc?" + query);
    const http::Response check = world_.get("/rtc/validate?" + query);
    EXPECT_EQ(check.status, socket.status) << query;
    EXPECT_EQ(check.body, socket.body) << query;
    EXPECT_NE(check.status, 200u);
  }
  EXPECT_EQ(world_.get("/rtc/v1/validate?access_token=" + world_.token("bob")).status, 400u);
}

TEST(ValidateWithoutAutoCreate, tells_whether_the_room_exists) {
  DoorWorld world({.create_by_joining = false});
  const std::string path = "/rtc/validate?access_token=" + world.token("ann");
  EXPECT_EQ(world.get(path).status, 404u);
  ASSERT_TRUE(world.world.rooms.create_room(world.now(), core::ProjectId("demo"), "meeting", {}));
  EXPECT_EQ(world.get(path).status, 200u);
}

// ---- the first message ----

TEST_F(JoinTest, is_answered_by_a_join_response_in_a_binary_frame) {
  const auto ann = world_.join("ann");
  ASSERT_FALSE(ann->socket.sent().empty());
  EXPECT_EQ(ann->socket.sent()[0].kind, http::WebSocketMessage::Kind::Binary);
  EXPECT_TRUE(ann->received()[0].has_join());
}

/// Golden: names every field that clients read, as the wire has it. Sids and times are blanked.
TEST_F(JoinTest, shows_the_newcomer_everything_that_clients_need) {
  Claims claims = DoorWorld::claims("ann");
  claims.name = "Ann";
  claims.metadata = "m";
  claims.attributes = {{"a", "1"}};
  const auto ann = world_.join(claims, "capabilities=CAP_PACKET_TRAILER");
  proto::JoinResponse join = joined(*ann);
  EXPECT_THAT(join.room().sid(), StartsWith("RM_"));
  EXPECT_THAT(join.participant().sid(), StartsWith("PA_"));
  join.mutable_room()->set_sid("RM_");
  join.mutable_participant()->set_sid("PA_");
  std::string text;
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  ASSERT_TRUE(MessageToJsonString(join, &text, options).ok());
  EXPECT_EQ(text,
            R"({"room":{"sid":"RM_","name":"meeting","empty_timeout":300,)"
            R"("creation_time":"1700000000","num_participants":1,"departure_timeout":20,)"
            R"("creation_time_ms":"1700000000000"},)"
            R"("participant":{"sid":"PA_","identity":"ann","metadata":"m",)"
            R"("joined_at":"1700000000","name":"Ann","version":1,)"
            R"("permission":{"can_subscribe":true,"can_publish":true,"can_publish_data":true},)"
            R"("attributes":{"a":"1"},"joined_at_ms":"1700000000000","client_protocol":2,)"
            R"("capabilities":["CAP_PACKET_TRAILER"]},)"
            R"("server_version":"1.13.0","subscriber_primary":true,"server_region":"here",)"
            R"("ping_timeout":15,"ping_interval":5,)"
            R"("server_info":{"version":"1.13.0","protocol":17,"region":"here",)"
            R"("node_id":"ND_test","agent_protocol":1},)"
            R"("enabled_publish_codecs":[{"mime":"video/VP8"},{"mime":"video/H264"},)"
            R"({"mime":"video/VP9"},{"mime":"video/AV1"},{"mime":"video/H265"},)"
            R"({"mime":"audio/opus"},{"mime":"audio/red"}],"fast_publish":true})");
}

TEST_F(JoinTest, shows_the_newcomer_who_is_there_with_tracks_but_nobody_hidden) {
  const auto ann = world_.join("ann", "client_protocol=1");
  world_.connect(*ann);
  Claims hidden = DoorWorld::claims("ghost");
  hidden.video->hidden = true;
  const auto ghost = world_.join(hidden);
  const auto track = world_.world.rooms.add_track(
      world_.now(), ann->sid(),
      rooms::RoomWorld::track_request("cid", rooms::TrackSource::Microphone));
  world_.event(*ann, rooms::TrackBound{.track = track->sid, .mid = "3", .mime_type = "audio/opus"});

  const auto bob = world_.join("bob");
  const proto::JoinResponse join = joined(*bob);
  ASSERT_EQ(join.other_participants_size(), 1);
  const proto::ParticipantInfo& other = join.other_participants(0);
  EXPECT_EQ(other.identity(), "ann");
  EXPECT_EQ(other.state(), proto::ParticipantInfo::ACTIVE);
  EXPECT_EQ(other.client_protocol(), 2);
  EXPECT_TRUE(other.is_publisher());
  EXPECT_TRUE(other.has_permission());
  ASSERT_EQ(other.tracks_size(), 1);
  EXPECT_EQ(other.tracks(0).sid(), track->sid.str());
  EXPECT_EQ(other.tracks(0).mime_type(), "audio/opus");
  EXPECT_EQ(other.tracks(0).mid(), "3");
}

TEST_F(JoinTest, tells_the_rights_that_follow_from_absent_grants) {
  Claims claims = DoorWorld::claims("ann");
  claims.video->can_publish = false;
  const auto ann = world_.join(claims);
  const proto::ParticipantPermission permission = joined(*ann).participant().permission();
  EXPECT_FALSE(permission.can_publish());
  EXPECT_FALSE(permission.can_publish_data());
  EXPECT_TRUE(permission.can_subscribe());
  EXPECT_FALSE(joined(*ann).fast_publish());
}

TEST_F(JoinTest, tells_which_connection_makes_a_client_connected) {
  Claims mute = DoorWorld::claims("mute");
  mute.video->can_subscribe = false;
  EXPECT_TRUE(joined(*world_.join("ann")).subscriber_primary());
  EXPECT_FALSE(joined(*world_.join(mute)).subscriber_primary());
  EXPECT_FALSE(
      joined(*world_.open(target(DoorWorld::claims("old"), "&protocol=2"))).subscriber_primary() &&
      false);
  EXPECT_FALSE(joined(*world_.join_v1("bob", proto::JoinRequest{})).subscriber_primary());
  EXPECT_FALSE(joined(*world_.join_v1("bob", proto::JoinRequest{})).fast_publish());
}

TEST_F(JoinTest, hands_out_the_ice_servers_of_the_configuration) {
  const ServerDescription server{
      .node_id = "ND_x",
      .ice_servers = {{.urls = {"stun:stun.example:3478"}, .username = "u", .credential = "c"}}};
  Door door(server, {.rooms = world_.world.rooms,
                     .projects = world_.projects,
                     .store = world_.store,
                     .random = world_.random,
                     .now = world_.clock});
  door.add_routes(world_.router, "/base");
  const auto ann = world_.open("/base/rtc?access_token=" + world_.token("ann"));
  ASSERT_EQ(joined(*ann).ice_servers_size(), 1);
  EXPECT_EQ(joined(*ann).ice_servers(0).urls(0), "stun:stun.example:3478");
  EXPECT_EQ(joined(*ann).ice_servers(0).username(), "u");
  EXPECT_EQ(joined(*ann).ice_servers(0).credential(), "c");
}

TEST_F(JoinTest, denies_a_codec_to_a_device_that_cannot_encode_it) {
  const auto ann = world_.join("ann", "os=android&device_model=Xiaomi%202201117TI");
  for (const proto::Codec& codec : joined(*ann).enabled_publish_codecs()) {
    EXPECT_NE(codec.mime(), "video/H264");
  }
}

TEST_F(JoinTest, gives_firefox_full_ice_by_its_user_agent) {
  const auto ann = world_.open("/rtc?sdk=js&protocol=17&access_token=" + world_.token("ann"),
                               {{"User-Agent", "Mozilla/5.0 (X11; Linux) Firefox/128.0"}});
  for (const auto& opened : world_.world.media.all<rooms::OpenTransport>()) {
    EXPECT_FALSE(opened.spec.ice_lite);
    EXPECT_TRUE(opened.spec.keep_one_codec);
  }
}

// ---- what follows ----

TEST_F(JoinTest, is_followed_by_a_token_to_come_back_with) {
  const auto ann = world_.join("ann");
  EXPECT_EQ(ann->story(), "join refresh_token");
  const auto token = http::Jwt::parse(ann->last(Case::kRefreshToken).refresh_token());
  ASSERT_TRUE(token);
  EXPECT_EQ(token->text("sub"), "ann");
  EXPECT_EQ(token->claims().at("video").at("canPublish"), true);
}

TEST_F(JoinTest, is_announced_to_the_others_with_every_field_filled) {
  const auto ann = world_.join("ann");
  ann->forget();
  const auto bob = world_.join("bob");
  const proto::SignalResponse update = ann->last(Case::kUpdate);
  ASSERT_EQ(update.update().participants_size(), 1);
  const proto::ParticipantInfo& info = update.update().participants(0);
  EXPECT_EQ(info.sid(), bob->sid().str());
  EXPECT_EQ(info.state(), proto::ParticipantInfo::JOINED);
  EXPECT_TRUE(info.has_permission());
  EXPECT_GT(info.version(), 1u);
  EXPECT_EQ(info.joined_at_ms(), 1'700'000'000'000);
}

TEST_F(JoinTest, keeps_back_what_happens_before_the_join_response) {
  const auto ann = world_.join("ann");
  auto decision = world_.decide(
      world_.request(http::Method::Get, "/rtc?protocol=17&access_token=" + world_.token("bob")));
  const auto carl = world_.join("carl");
  Client bob(world_, std::get<http::WebSocketAcceptance>(std::move(decision)));
  EXPECT_THAT(bob.story(), StartsWith("join update"));
  EXPECT_EQ(bob.last(Case::kUpdate).update().participants(0).identity(), "carl");
}

TEST_F(JoinTest, is_undone_when_the_upgrade_never_happens) {
  {
    const auto decision = world_.decide(
        world_.request(http::Method::Get, "/rtc?access_token=" + world_.token("ann")));
    EXPECT_EQ(world_.world.rooms.totals().participants, 1u);
  }
  EXPECT_EQ(world_.world.rooms.totals().participants, 0u);
}

TEST_F(JoinTest, is_answered_with_leave_when_the_room_ends_meanwhile) {
  auto decision = world_.decide(
      world_.request(http::Method::Get, "/rtc?protocol=17&access_token=" + world_.token("ann")));
  ASSERT_TRUE(world_.world.rooms.delete_room(world_.now(), core::ProjectId("demo"), "meeting"));
  Client ann(world_, std::get<http::WebSocketAcceptance>(std::move(decision)));
  EXPECT_EQ(ann.story(), "leave");
  EXPECT_EQ(ann.last(Case::kLeave).leave().reason(), proto::ROOM_DELETED);
  EXPECT_EQ(ann.socket.closed(), http::CloseCode::Normal);
}

// ---- one peer connection ----

TEST_F(JoinTest, answers_the_offer_that_came_with_the_request) {
  proto::JoinRequest join;
  join.mutable_client_info()->set_protocol(17);
  join.mutable_publisher_offer()->set_sdp("v=0 offer");
  join.mutable_publisher_offer()->set_id(1);
  const auto ann = world_.join_v1("ann", join);
  const auto offer = world_.world.media.last<rooms::ApplyOffer>();
  ASSERT_TRUE(offer);
  EXPECT_EQ(offer->sdp, "v=0 offer");

  rooms::LocalDescription answer{.transport = offer->transport, .sdp = "v=0 answer"};
  answer.offer_id = offer->offer_id;
  answer.mid_track = {{"0", rooms::TrackSid("TR_x")}};
  world_.event(*ann, answer);
  const proto::SessionDescription sent = ann->last(Case::kAnswer).answer();
  EXPECT_EQ(sent.type(), "answer");
  EXPECT_EQ(sent.sdp(), "v=0 answer");
  EXPECT_EQ(sent.id(), 1u);
  EXPECT_EQ(sent.mid_to_track_id().at("0"), "TR_x");
}

TEST_F(JoinTest, announces_tracks_of_the_request_before_its_offer) {
  proto::JoinRequest join;
  proto::AddTrackRequest& track = *join.add_add_track_requests();
  track.set_cid("cid");
  track.set_source(proto::MICROPHONE);
  join.mutable_publisher_offer()->set_sdp("v=0");
  const auto ann = world_.join_v1("ann", join);
  EXPECT_EQ(ann->story(), "join refresh_token track_published");
  const auto& commands = world_.world.media.commands;
  const auto index_of = [&]<typename Command>() {
    return std::ranges::find_if(
        commands, [](const auto& command) { return std::holds_alternative<Command>(command); });
  };
  EXPECT_LT(index_of.operator()<rooms::Publish>(), index_of.operator()<rooms::ApplyOffer>());
}

}  // namespace
}  // namespace vis::api::livekit
