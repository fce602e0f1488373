// The server API: transport, errors, grants, and what each method does.
#include "api/livekit/room_service_api.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "base/limits/media_sctp.hpp"
#include "base/limits/text.hpp"
#include "unit/api/livekit/door_world.hpp"

namespace vis::api::livekit {
namespace {

namespace json = boost::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;
using Case = proto::SignalResponse::MessageCase;

class RoomServiceApiTest : public testing::Test {
 protected:
  static VideoGrant everything() {
    return {.room = "meeting", .room_create = true, .room_list = true, .room_admin = true};
  }
  std::string bearer(const VideoGrant& grant) {
    Claims claims;
    claims.video = grant;
    return DoorWorld::bearer(world_.token(claims));
  }
  http::Request call_request(const std::string& method, std::string body) {
    http::Request request =
        world_.request(http::Method::Post, "/twirp/livekit.RoomService/" + method,
                       {{"Authorization", bearer(everything())},
                        {"Content-Type", "application/json;charset=UTF-8"}});
    request.body = std::move(body);
    return request;
  }
  http::Response raw_call(const std::string& method, std::string body) {
    return world_.answer(call_request(method, std::move(body)));
  }
  /// The answer of a call that succeeds.
  json::object call(const std::string& method, std::string body) {
    const http::Response response = raw_call(method, std::move(body));
    EXPECT_EQ(response.status, 200u) << response.body;
    EXPECT_EQ(response.headers.get("Content-Type"), "application/json");
    return json::parse(response.body).as_object();
  }
  /// `STATUS CODE` of a call that fails.
  std::string failure(const http::Response& response) {
    EXPECT_EQ(response.headers.get("Content-Type"), "application/json") << response.body;
    const json::object body = json::parse(response.body).as_object();
    EXPECT_FALSE(body.at("msg").as_string().empty());
    return std::to_string(response.status) + ' ' + std::string(body.at("code").as_string());
  }
  std::string failure(const std::string& method, std::string body) {
    return failure(raw_call(method, std::move(body)));
  }
  std::unique_ptr<Client> enter(const std::string& identity) {
    auto client = world_.join(identity);
    world_.connect(*client);
    return client;
  }
  rooms::TrackSid publish(const Client& client) {
    const auto track = world_.world.rooms.add_track(
        world_.now(), client.sid(),
        rooms::RoomWorld::track_request("mic", rooms::TrackSource::Microphone));
    world_.event(client, rooms::TrackBound{.track = track->sid, .mime_type = "audio/opus"});
    return track->sid;
  }

  DoorWorld world_;
};

// ---- transport ----

TEST_F(RoomServiceApiTest, speaks_json_with_defaults_in_snake_case) {
  const json::object room = call("CreateRoom", R"({"name":"meeting","emptyTimeout":7})");
  EXPECT_EQ(room.at("name"), "meeting");
  EXPECT_EQ(room.at("empty_timeout"), 7);
  EXPECT_EQ(room.at("num_participants"), 0);
  EXPECT_EQ(room.at("creation_time"), "1700000000");
  EXPECT_THAT(std::string(room.at("sid").as_string()), StartsWith("RM_"));
}

TEST_F(RoomServiceApiTest, speaks_protobuf_to_who_speaks_protobuf) {
  proto::CreateRoomRequest create;
  create.set_name("meeting");
  http::Request request = call_request("CreateRoom", create.SerializeAsString());
  request.headers.set("Content-Type", "application/protobuf");
  const http::Response response = world_.answer(std::move(request));
  EXPECT_EQ(response.status, 200u);
  EXPECT_EQ(response.headers.get("Content-Type"), "application/protobuf");
  proto::Room room;
  ASSERT_TRUE(room.ParseFromString(response.body));
  EXPECT_EQ(room.name(), "meeting");
}

TEST_F(RoomServiceApiTest, reads_both_spellings_and_passes_over_what_it_does_not_know) {
  const json::object room = call(
      "CreateRoom",
      R"({"name":"meeting","max_participants":"3","departureTimeout":9,"metadata":null,"x":{}})");
  EXPECT_EQ(room.at("max_participants"), 3);
  EXPECT_EQ(room.at("departure_timeout"), 9);
}

TEST_F(RoomServiceApiTest, refuses_what_is_no_call) {
  EXPECT_EQ(failure("CreateRoom", ""), "400 malformed");
  EXPECT_EQ(failure("CreateRoom", "{"), "400 malformed");
  EXPECT_EQ(failure("CreateRoom", R"({"name":7})"), "400 malformed");
  http::Request protobuf = call_request("CreateRoom", "\x0A\x7F");
  protobuf.headers.set("Content-Type", "application/protobuf");
  EXPECT_EQ(failure(world_.answer(protobuf)), "400 malformed");
  http::Request form = call_request("CreateRoom", "name=x");
  form.headers.set("Content-Type", "application/x-www-form-urlencoded");
  EXPECT_EQ(failure(world_.answer(form)), "404 bad_route");
  EXPECT_EQ(world_.world.rooms.totals().rooms, 0u);
}

TEST_F(RoomServiceApiTest, answers_every_other_path_in_its_own_form) {
  const auto post = [&](std::string_view target) {
    http::Request request =
        world_.request(http::Method::Post, target, {{"Content-Type", "application/json"}});
    request.body = "{}";
    return failure(world_.answer(std::move(request)));
  };
  EXPECT_EQ(post("/twirp/livekit.RoomService/MoveParticipant"), "501 unimplemented");
  EXPECT_EQ(post("/twirp/livekit.Egress/ListEgress"), "501 unimplemented");
  EXPECT_EQ(post("/twirp/livekit.Nonsense/Do"), "404 bad_route");
  EXPECT_EQ(post("/twirp/livekit.RoomService"), "404 bad_route");
  EXPECT_EQ(post("/twirp"), "404 bad_route");
  EXPECT_EQ(failure(world_.get("/twirp/livekit.RoomService/ListRooms")), "404 bad_route");
}

TEST_F(RoomServiceApiTest, refuses_a_bad_token_before_the_body_and_in_plain_text) {
  for (const char* const header : {"Bearer nonsense", "Basic abc", ""}) {
    http::Request request = call_request("ListRooms", "{}");
    request.headers.set("Authorization", header);
    const http::Response response = world_.answer(std::move(request));
    EXPECT_EQ(response.status, 401u) << header;
    EXPECT_THAT(response.headers.get("Content-Type"), StartsWith("text/plain")) << header;
  }
}

TEST_F(RoomServiceApiTest, refuses_a_call_without_the_grant_it_needs) {
  const auto with = [&](const std::string& method, std::optional<VideoGrant> grant) {
    http::Request request = call_request(method, R"({"room":"meeting","name":"meeting"})");
    request.headers.remove("Authorization");
    if (grant) request.headers.set("Authorization", bearer(*grant));
    return failure(world_.answer(std::move(request)));
  };
  const std::string kDenied = "401 unauthenticated";
  VideoGrant admin_elsewhere{.room = "other", .room_admin = true};
  for (const char* const method :
       {"CreateRoom", "ListRooms", "DeleteRoom", "UpdateRoomMetadata", "ListParticipants",
        "GetParticipant", "RemoveParticipant", "UpdateParticipant", "MutePublishedTrack",
        "UpdateSubscriptions", "SendData", "PerformRpc"}) {
    EXPECT_EQ(with(method, std::nullopt), kDenied) << method;
    EXPECT_EQ(with(method, VideoGrant{.room = "meeting", .room_join = true}), kDenied) << method;
    EXPECT_EQ(with(method, admin_elsewhere), kDenied) << method;
  }
  EXPECT_EQ(with("CreateRoom", VideoGrant{.room_list = true}), kDenied);
  EXPECT_EQ(with("ListRooms", VideoGrant{.room_create = true}), kDenied);
}

// ---- rooms ----

TEST_F(RoomServiceApiTest, creates_a_room_once_and_updates_it_later) {
  const json::object first = call("CreateRoom", R"({"name":"meeting","metadata":"a"})");
  const json::object again = call("CreateRoom", R"({"name":"meeting","max_participants":5})");
  EXPECT_EQ(again.at("sid"), first.at("sid"));
  EXPECT_EQ(again.at("metadata"), "a");
  EXPECT_EQ(again.at("max_participants"), 5);
}

TEST_F(RoomServiceApiTest, answers_only_once_a_change_is_durable) {
  call("CreateRoom", R"({"name":"meeting"})");
  EXPECT_EQ(world_.store.commits.size(), 1u);
  call("UpdateRoomMetadata", R"({"room":"meeting","metadata":"m"})");
  EXPECT_EQ(world_.store.commits.size(), 2u);
  call("DeleteRoom", R"({"room":"meeting"})");
  EXPECT_EQ(world_.store.commits.size(), 3u);
  call("ListRooms", "{}");
  EXPECT_EQ(world_.store.commits.size(), 3u);
  world_.store.failure = Error{Errc::Unavailable, "the disk is full"};
  EXPECT_EQ(failure("CreateRoom", R"({"name":"meeting"})"), "503 unavailable");
}

TEST_F(RoomServiceApiTest, refuses_rooms_that_cannot_be) {
  EXPECT_EQ(failure("CreateRoom", "{}"), "400 invalid_argument");
  const std::string long_name(limits::kRoomNameBytes + 1, 'x');
  EXPECT_EQ(failure("CreateRoom", R"({"name":")" + long_name + "\"}"), "400 invalid_argument");
  const std::string metadata(limits::kMetadataBytes + 1, 'x');
  EXPECT_EQ(failure("CreateRoom", R"({"name":"r","metadata":")" + metadata + "\"}"),
            "400 invalid_argument");
}

TEST_F(RoomServiceApiTest, lists_rooms_of_the_project_by_name) {
  call("CreateRoom", R"({"name":"a"})");
  call("CreateRoom", R"({"name":"b"})");
  ASSERT_TRUE(world_.world.rooms.create_room(world_.now(), core::ProjectId("other"), "c", {}));
  EXPECT_EQ(call("ListRooms", "{}").at("rooms").as_array().size(), 2u);
  const json::object one = call("ListRooms", R"({"names":["b","c"]})");
  ASSERT_EQ(one.at("rooms").as_array().size(), 1u);
  EXPECT_EQ(one.at("rooms").as_array()[0].at("name"), "b");
  EXPECT_EQ(call("ListRooms", R"({"names":["zzz"]})").at("rooms").as_array().size(), 0u);
}

TEST_F(RoomServiceApiTest, deletes_a_room_with_and_without_people) {
  call("CreateRoom", R"({"name":"meeting"})");
  EXPECT_EQ(json::serialize(call("DeleteRoom", R"({"room":"meeting"})")), "{}");
  EXPECT_EQ(failure("DeleteRoom", R"({"room":"meeting"})"), "404 not_found");

  const auto ann = enter("ann");
  call("DeleteRoom", R"({"room":"meeting"})");
  world_.settle();
  EXPECT_EQ(ann->last(Case::kLeave).leave().reason(), proto::ROOM_DELETED);
}

TEST_F(RoomServiceApiTest, changes_the_metadata_of_a_room_for_all_to_see) {
  EXPECT_EQ(failure("UpdateRoomMetadata", R"({"room":"meeting","metadata":"m"})"), "404 not_found");
  const auto ann = enter("ann");
  EXPECT_EQ(call("UpdateRoomMetadata", R"({"room":"meeting","metadata":"m"})").at("metadata"), "m");
  EXPECT_EQ(ann->last(Case::kRoomUpdate).room_update().room().metadata(), "m");
}

// ---- participants ----

TEST_F(RoomServiceApiTest, lists_participants_with_their_tracks) {
  EXPECT_EQ(call("ListParticipants", R"({"room":"meeting"})").at("participants").as_array().size(),
            0u);
  const auto ann = enter("ann");
  const rooms::TrackSid track = publish(*ann);
  const json::object all = call("ListParticipants", R"({"room":"meeting"})");
  ASSERT_EQ(all.at("participants").as_array().size(), 1u);
  const json::value& info = all.at("participants").as_array()[0];
  EXPECT_EQ(info.at("identity"), "ann");
  EXPECT_EQ(info.at("state"), "ACTIVE");
  EXPECT_EQ(info.at("permission").at("can_publish"), true);
  EXPECT_EQ(info.at("tracks").as_array()[0].at("sid").as_string(), track.str());
  EXPECT_EQ(info.at("tracks").as_array()[0].at("mime_type"), "audio/opus");

  EXPECT_EQ(call("GetParticipant", R"({"room":"meeting","identity":"ann"})").at("sid").as_string(),
            ann->sid().str());
  EXPECT_EQ(failure("GetParticipant", R"({"room":"meeting","identity":"zoe"})"), "404 not_found");
}

TEST_F(RoomServiceApiTest, removes_a_participant_before_it_answers) {
  const auto ann = enter("ann");
  call("RemoveParticipant", R"({"room":"meeting","identity":"ann"})");
  EXPECT_EQ(call("ListParticipants", R"({"room":"meeting"})").at("participants").as_array().size(),
            0u);
  world_.settle();
  EXPECT_EQ(ann->last(Case::kLeave).leave().reason(), proto::PARTICIPANT_REMOVED);
  EXPECT_EQ(failure("RemoveParticipant", R"({"room":"meeting","identity":"ann"})"),
            "404 not_found");
}

TEST_F(RoomServiceApiTest, updates_what_is_named_of_a_participant) {
  const auto ann = enter("ann");
  call("UpdateParticipant",
       R"({"room":"meeting","identity":"ann","name":"Ann","attributes":{"a":"1","b":"2"}})");
  const json::object info =
      call("UpdateParticipant",
           R"({"room":"meeting","identity":"ann","metadata":"m","attributes":{"a":""}})");
  EXPECT_EQ(info.at("name"), "Ann");
  EXPECT_EQ(info.at("metadata"), "m");
  EXPECT_EQ(json::serialize(info.at("attributes")), R"({"b":"2"})");
  EXPECT_EQ(info.at("permission").at("can_publish"), true);
  EXPECT_EQ(failure("UpdateParticipant", R"({"room":"meeting","identity":"zoe"})"),
            "404 not_found");
}

TEST_F(RoomServiceApiTest, takes_a_permission_for_all_of_it) {
  const auto ann = enter("ann");
  const json::object info =
      call("UpdateParticipant",
           R"({"room":"meeting","identity":"ann","permission":{"canSubscribe":true}})");
  EXPECT_EQ(info.at("permission").at("can_subscribe"), true);
  EXPECT_EQ(info.at("permission").at("can_publish"), false);
  EXPECT_EQ(info.at("permission").at("can_publish_data"), false);
}

TEST_F(RoomServiceApiTest, mutes_a_track_and_shows_it_muted) {
  const auto ann = enter("ann");
  const std::string track = publish(*ann).str();
  const auto body = [&](std::string_view sid, std::string_view muted) {
    return R"({"room":"meeting","identity":"ann","trackSid":")" + std::string(sid) +
           R"(","muted":)" + std::string(muted) + "}";
  };
  EXPECT_EQ(call("MutePublishedTrack", body(track, "true")).at("track").at("muted"), true);
  EXPECT_EQ(failure("MutePublishedTrack", body(track, "false")), "412 failed_precondition");
  EXPECT_EQ(failure("MutePublishedTrack", body("TR_x", "true")), "404 not_found");
}

TEST_F(RoomServiceApiTest, changes_subscriptions_by_both_lists) {
  const auto ann = enter("ann");
  const auto bob = enter("bob");
  const std::string track = publish(*ann).str();
  call("UpdateSubscriptions",
       R"({"room":"meeting","identity":"bob","participantTracks":[{"trackSids":[")" + track +
           R"("]}]})");
  EXPECT_EQ(world_.world.media.count<rooms::Unsubscribe>(), 1u);
  EXPECT_EQ(failure("UpdateSubscriptions", R"({"room":"meeting","identity":"zoe"})"),
            "404 not_found");
}

// ---- data ----

TEST_F(RoomServiceApiTest, sends_data_from_nobody) {
  const auto ann = enter("ann");
  const auto bob = enter("bob");
  call("SendData",
       R"({"room":"meeting","data":"aGk=","topic":"t","destinationIdentities":["ann"]})");
  const auto sent = world_.world.media.last<rooms::SendData>();
  ASSERT_TRUE(sent);
  EXPECT_THAT(sent->to, ElementsAre(world_.transport(*ann, rooms::TransportRole::Subscriber)));
  EXPECT_EQ(sent->channel, rooms::DataChannel::Reliable);
  proto::DataPacket packet;
  ASSERT_TRUE(parse_bytes(as_text(sent->payload), packet));
  EXPECT_EQ(packet.user().payload(), "hi");
  EXPECT_EQ(packet.user().topic(), "t");
  EXPECT_EQ(packet.participant_identity(), "");

  call("SendData", R"({"room":"meeting","data":"aGk=","kind":"LOSSY"})");
  EXPECT_EQ(world_.world.media.last<rooms::SendData>()->channel, rooms::DataChannel::Lossy);
  EXPECT_EQ(world_.world.media.last<rooms::SendData>()->to.size(), 2u);
  EXPECT_EQ(failure("SendData", R"({"room":"meeting","data":"!"})"), "400 malformed");
}

TEST_F(RoomServiceApiTest, sends_data_of_one_nonce_once) {
  const auto ann = enter("ann");
  const std::string body = R"({"room":"meeting","data":"aGk=","nonce":"AAAAAAAAAAAAAAAAAAAAAA=="})";
  call("SendData", body);
  call("SendData", body);
  EXPECT_EQ(world_.world.media.count<rooms::SendData>(), 1u);
  EXPECT_EQ(failure("SendData", R"({"room":"meeting","nonce":"AAAA"})"), "400 invalid_argument");
}

TEST_F(RoomServiceApiTest, refuses_data_that_no_channel_carries) {
  const auto ann = enter("ann");
  proto::SendDataRequest request;
  request.set_room("meeting");
  request.set_data(std::string(limits::kSctpMessageBytes, 'x'));
  http::Request call = call_request("SendData", request.SerializeAsString());
  call.headers.set("Content-Type", "application/protobuf");
  EXPECT_EQ(failure(world_.answer(call)), "400 invalid_argument");
  request.set_data(std::string(limits::kSctpMessageBytes - 100, 'x'));
  call.body = request.SerializeAsString();
  EXPECT_EQ(world_.answer(call).status, 200u);
}

}  // namespace
}  // namespace vis::api::livekit
