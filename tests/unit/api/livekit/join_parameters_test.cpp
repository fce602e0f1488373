#include "api/livekit/join_parameters.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/encoding.hpp"
#include "base/limits/api_livekit.hpp"
#include "base/limits/core_rooms.hpp"
#include "unit/api/livekit/door_world.hpp"
#include "unit/api/livekit/gzip.hpp"

namespace vis::api::livekit {
namespace {

constexpr std::string_view kFirefox =
    "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0";

class JoinParametersTest : public testing::Test {
 protected:
  Result<JoinParameters> read(std::string_view target, Fields fields = {},
                              SignalPath path = SignalPath::Rtc) {
    http::Request request = world_.request(http::Method::Get, target, std::move(fields));
    request.client = *IpAddress::parse("192.0.2.7");
    return read_join(request, path, world_.projects, world_.now().wall);
  }
  Result<JoinParameters> read_query(std::string_view query) {
    return read("/rtc?" + std::string(query), {{"Authorization", bearer()}});
  }
  Result<JoinParameters> read_v1(std::string_view join_request) {
    return read("/rtc/v1?join_request=" + std::string(join_request), {{"Authorization", bearer()}},
                SignalPath::RtcV1);
  }
  Result<JoinParameters> read_v1(const proto::JoinRequest& join) {
    return read_v1(encoded(join.SerializeAsString(), proto::WrappedJoinRequest::NONE));
  }
  static std::string encoded(std::string join, proto::WrappedJoinRequest::Compression compression) {
    proto::WrappedJoinRequest wrapped;
    wrapped.set_compression(compression);
    wrapped.set_join_request(std::move(join));
    return base64url_encode(as_bytes(wrapped.SerializeAsString()));
  }
  std::string bearer() {
    Claims claims = DoorWorld::claims("ann");
    claims.metadata = "from the token";
    claims.attributes = {{"a", "0"}, {"b", "1"}};
    claims.video->can_update_own_metadata = may_change_itself_;
    return DoorWorld::bearer(world_.token(claims));
  }

  DoorWorld world_;
  bool may_change_itself_ = false;
};

// ---- the token ----

TEST_F(JoinParametersTest, finds_the_token_in_the_header_or_the_query) {
  const std::string token = world_.token("ann");
  EXPECT_TRUE(read("/rtc", {{"Authorization", "Bearer " + token}}));
  EXPECT_TRUE(read("/rtc?access_token=" + token));
}

TEST_F(JoinParametersTest, prefers_the_header) {
  const auto joined = read("/rtc?access_token=" + world_.token("query"),
                           {{"Authorization", "Bearer " + world_.token("header")}});
  ASSERT_TRUE(joined);
  EXPECT_EQ(joined->request.identity, "header");
}

TEST_F(JoinParametersTest, refuses_a_request_without_a_token_that_may_join) {
  Claims no_video;
  no_video.identity = "ann";
  Claims no_join = DoorWorld::claims("ann");
  no_join.video->room_join = false;
  const std::string good = world_.token("ann");
  const std::pair<std::string, Fields> kTable[] = {
      {"/rtc", {}},
      {"/rtc?access_token=", {}},
      {"/rtc?access_token=nonsense", {}},
      {"/rtc?access_token=" + good, {{"Authorization", "Basic " + good}}},
      {"/rtc?access_token=" + good, {{"Authorization", ""}}},
      {"/rtc?access_token=" + world_.token(no_video), {}},
      {"/rtc?access_token=" + world_.token(no_join), {}},
  };
  for (const auto& [target, fields] : kTable) {
    const auto refused = read(target, fields);
    ASSERT_FALSE(refused) << target;
    EXPECT_EQ(refused.error().code, Errc::Unauthenticated) << target;
  }
}

TEST_F(JoinParametersTest, refuses_a_room_configuration_that_is_none) {
  Claims claims = DoorWorld::claims("ann");
  claims.room_config = R"({"emptyTimeout":"soon"})";
  EXPECT_EQ(read("/rtc?access_token=" + world_.token(claims)).error().code, Errc::Unauthenticated);
}

TEST_F(JoinParametersTest, takes_the_room_and_its_settings_from_the_token) {
  Claims claims = DoorWorld::claims("ann");
  claims.video->room_create = true;
  claims.room_config =
      R"({"emptyTimeout":7,"departure_timeout":8,"maxParticipants":3,"metadata":"m",)"
      R"("syncStreams":true,"tags":{"k":"v"},"egress":{"room":{}},"future":1})";
  const auto joined = read("/rtc?access_token=" + world_.token(claims));
  ASSERT_TRUE(joined) << joined.error().message;
  const rooms::JoinRequest& request = joined->request;
  EXPECT_EQ(request.room_name, "meeting");
  EXPECT_EQ(request.project, core::ProjectId("demo"));
  EXPECT_TRUE(request.may_create_room);
  EXPECT_EQ(request.room_options.empty_timeout, 7s);
  EXPECT_EQ(request.room_options.departure_timeout, 8s);
  EXPECT_EQ(request.room_options.max_participants, 3u);
  EXPECT_EQ(request.room_options.metadata, "m");
  EXPECT_TRUE(request.room_options.sync_streams);
  EXPECT_EQ(request.room_options.tags, (std::map<std::string, std::string>{{"k", "v"}}));
}

// ---- the query ----

TEST_F(JoinParametersTest, reads_what_livekit_client_sends_to_rtc) {
  const auto joined = read_query(
      "auto_subscribe=1&sdk=js&version=2.23.0&protocol=17&client_protocol=2"
      "&capabilities=CAP_PACKET_TRAILER,CAP_OF_THE_FUTURE, CAP_COMPRESSION_DEFLATE_RAW");
  ASSERT_TRUE(joined);
  const rooms::ClientInfo& client = joined->request.client;
  EXPECT_EQ(client.sdk, "js");
  EXPECT_EQ(client.version, "2.23.0");
  EXPECT_EQ(client.protocol, 17);
  EXPECT_EQ(client.client_protocol, 2);
  EXPECT_EQ(client.capabilities, (std::vector<int>{1, 2}));
  EXPECT_EQ(client.address, "192.0.2.7");
  EXPECT_TRUE(joined->request.auto_subscribe);
  EXPECT_FALSE(joined->request.single_transport);
  EXPECT_FALSE(joined->resume);
}

TEST_F(JoinParametersTest, subscribes_by_itself_unless_told_otherwise) {
  EXPECT_TRUE(read_query("")->request.auto_subscribe);
  EXPECT_TRUE(read_query("auto_subscribe=true")->request.auto_subscribe);
  EXPECT_FALSE(read_query("auto_subscribe=0")->request.auto_subscribe);
  EXPECT_FALSE(read_query("auto_subscribe=")->request.auto_subscribe);
}

TEST_F(JoinParametersTest, reads_the_switches_of_the_query) {
  const auto joined = read_query("adaptive_stream=1&disable_ice_lite=true&protocol=x");
  EXPECT_TRUE(joined->request.adaptive_stream);
  EXPECT_TRUE(joined->request.full_ice);
  EXPECT_EQ(joined->request.client.protocol, 0);
}

TEST_F(JoinParametersTest, recognises_firefox_by_its_user_agent) {
  const auto joined =
      read("/rtc?sdk=js", {{"Authorization", bearer()}, {"User-Agent", std::string(kFirefox)}});
  EXPECT_EQ(joined->request.client.browser, "Firefox");
}

TEST_F(JoinParametersTest, takes_reconnect_for_a_resume) {
  const auto resumed = read_query("reconnect=1&sid=PA_abc&reconnect_reason=2");
  ASSERT_TRUE(resumed);
  EXPECT_EQ(resumed->resume, rooms::ParticipantSid("PA_abc"));
}

TEST_F(JoinParametersTest, merges_attributes_of_the_query_over_those_of_the_token) {
  may_change_itself_ = true;
  const std::string attributes = base64url_encode(as_bytes(R"({"b":"2","c":"3","a":""})"));
  const auto joined = read_query("attributes=" + attributes);
  ASSERT_TRUE(joined);
  EXPECT_EQ(joined->request.attributes, (rooms::Attributes{{"a", "0"}, {"b", "2"}, {"c", "3"}}));
}

TEST_F(JoinParametersTest, lets_nobody_describe_themselves_without_the_right) {
  const std::string attributes = base64url_encode(as_bytes(R"({"b":"2"})"));
  EXPECT_EQ(read_query("attributes=" + attributes).error().code, Errc::Unauthenticated);
}

TEST_F(JoinParametersTest, refuses_attributes_that_are_none) {
  may_change_itself_ = true;
  for (const std::string_view text : {"{", "[]", R"({"a":1})", R"({"a":"1","a":"2"})"}) {
    const auto refused = read_query("attributes=" + base64url_encode(as_bytes(text)));
    ASSERT_FALSE(refused) << text;
    EXPECT_EQ(refused.error().code, Errc::InvalidArgument) << text;
  }
  EXPECT_EQ(read_query("attributes=!").error().code, Errc::InvalidArgument);
}

TEST_F(JoinParametersTest, makes_a_second_connection_that_only_publishes) {
  const auto joined = read_query("publish=screen");
  ASSERT_TRUE(joined);
  EXPECT_EQ(joined->request.identity, "ann#screen");
  EXPECT_FALSE(joined->request.permissions.can_subscribe);
  EXPECT_TRUE(joined->request.permissions.can_publish);

  Claims listener = DoorWorld::claims("ann");
  listener.video->can_publish = false;
  const auto refused = read("/rtc?publish=x&access_token=" + world_.token(listener));
  EXPECT_EQ(refused.error().code, Errc::Unauthenticated);
}

TEST_F(JoinParametersTest, mirrors_only_so_many_capabilities) {
  std::string list;
  for (std::size_t i = 0; i <= limits::kClientCapabilities; ++i) list += "CAP_PACKET_TRAILER,";
  EXPECT_EQ(read_query("capabilities=" + list)->request.client.capabilities.size(),
            limits::kClientCapabilities);
  proto::JoinRequest join;
  for (std::size_t i = 0; i <= limits::kClientCapabilities; ++i) {
    join.mutable_client_info()->add_capabilities(proto::ClientInfo::CAP_PACKET_TRAILER);
  }
  EXPECT_EQ(read_v1(join)->request.client.capabilities.size(), limits::kClientCapabilities);
}

// ---- join_request ----

proto::JoinRequest full_join_request() {
  proto::JoinRequest join;
  join.mutable_client_info()->set_sdk(proto::ClientInfo::NODE);
  join.mutable_client_info()->set_protocol(17);
  join.mutable_client_info()->set_client_protocol(2);
  join.mutable_connection_settings()->set_auto_subscribe(true);
  join.mutable_connection_settings()->set_adaptive_stream(true);
  join.mutable_connection_settings()->set_disable_ice_lite(true);
  join.mutable_publisher_offer()->set_sdp("v=0");
  join.mutable_publisher_offer()->set_id(1);
  join.add_add_track_requests()->set_cid("cid");
  return join;
}

TEST_F(JoinParametersTest, reads_a_join_request) {
  const auto joined = read_v1(full_join_request());
  ASSERT_TRUE(joined) << joined.error().message;
  EXPECT_TRUE(joined->request.single_transport);
  EXPECT_TRUE(joined->request.auto_subscribe);
  EXPECT_TRUE(joined->request.adaptive_stream);
  EXPECT_TRUE(joined->request.full_ice);
  EXPECT_EQ(joined->request.client.sdk, "node");
  EXPECT_EQ(joined->request.client.protocol, 17);
  EXPECT_EQ(joined->offer->sdp(), "v=0");
  EXPECT_EQ(joined->offer->id(), 1u);
  ASSERT_EQ(joined->tracks.size(), 1u);
  EXPECT_EQ(joined->tracks[0].cid(), "cid");
}

TEST_F(JoinParametersTest, reads_a_join_request_on_rtc_too) {
  const auto joined = read_query("join_request=" + encoded(full_join_request().SerializeAsString(),
                                                           proto::WrappedJoinRequest::NONE));
  ASSERT_TRUE(joined);
  EXPECT_TRUE(joined->request.single_transport);
}

TEST_F(JoinParametersTest, does_not_subscribe_by_itself_without_connection_settings) {
  proto::JoinRequest join = full_join_request();
  join.clear_connection_settings();
  EXPECT_FALSE(read_v1(join)->request.auto_subscribe);
}

TEST_F(JoinParametersTest, unpacks_a_compressed_join_request) {
  const std::string packed = gzip(full_join_request().SerializeAsString());
  const auto joined = read_v1(encoded(packed, proto::WrappedJoinRequest::GZIP));
  ASSERT_TRUE(joined) << joined.error().message;
  EXPECT_EQ(joined->offer->sdp(), "v=0");
}

TEST_F(JoinParametersTest, accepts_every_flavour_of_base64) {
  proto::JoinRequest join;
  join.set_metadata("\x7F\x7F~~~?/?/>>>");
  may_change_itself_ = true;
  proto::WrappedJoinRequest wrapped;
  wrapped.set_join_request(join.SerializeAsString());
  const std::string bytes = wrapped.SerializeAsString();
  for (std::string text : {base64url_encode(as_bytes(bytes)), base64_encode(as_bytes(bytes))}) {
    for (const auto& [from, to] : {std::pair{"+", "%2B"}, {"/", "%2F"}, {"=", "%3D"}}) {
      for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos;) {
        text.replace(at, 1, to);
      }
    }
    const auto joined = read_v1(text);
    ASSERT_TRUE(joined) << text;
    EXPECT_EQ(joined->request.metadata, join.metadata());
  }
}

TEST_F(JoinParametersTest, lets_a_join_request_describe_its_sender_if_that_is_allowed) {
  proto::JoinRequest join;
  join.set_metadata("own");
  (*join.mutable_participant_attributes())["b"] = "2";
  EXPECT_EQ(read_v1(join).error().code, Errc::Unauthenticated);
  may_change_itself_ = true;
  const auto joined = read_v1(join);
  ASSERT_TRUE(joined);
  EXPECT_EQ(joined->request.metadata, "own");
  EXPECT_EQ(joined->request.attributes, (rooms::Attributes{{"a", "0"}, {"b", "2"}}));
}

TEST_F(JoinParametersTest, takes_a_join_request_for_a_resume) {
  proto::JoinRequest join;
  join.set_reconnect(true);
  join.set_participant_sid("PA_abc");
  join.mutable_sync_state()->add_track_sids_disabled("TR_x");
  const auto resumed = read_v1(join);
  ASSERT_TRUE(resumed);
  EXPECT_EQ(resumed->resume, rooms::ParticipantSid("PA_abc"));
  EXPECT_EQ(resumed->sync_state->track_sids_disabled_size(), 1);
}

TEST_F(JoinParametersTest, refuses_a_join_request_that_cannot_be_decoded) {
  constexpr auto kNone = proto::WrappedJoinRequest::NONE;
  constexpr auto kGzip = proto::WrappedJoinRequest::GZIP;
  constexpr auto kUnknown = static_cast<proto::WrappedJoinRequest::Compression>(7);
  const std::string plain = full_join_request().SerializeAsString();
  const std::string packed = gzip(plain);
  const std::string bomb = gzip(std::string(20'000'000, '\0'));
  const std::string kTable[] = {
      "!",
      "abc",
      base64url_encode(as_bytes("\xFF\xFF\xFF")),
      encoded("\xFF\xFF", kNone),
      encoded(plain.substr(0, plain.size() - 1), kNone),
      encoded("\x1A\x02\xFF\xFE", kNone),  // metadata that is no UTF-8
      encoded(plain, kGzip),
      encoded(packed.substr(0, packed.size() - 3), kGzip),
      encoded(bomb, kGzip),
      encoded(plain, kUnknown),
  };
  for (const std::string& text : kTable) {
    const auto refused = read_v1(text);
    ASSERT_FALSE(refused) << text.substr(0, 40);
    EXPECT_EQ(refused.error().code, Errc::InvalidArgument) << text.substr(0, 40);
  }
  EXPECT_EQ(read("/rtc/v1", {{"Authorization", bearer()}}, SignalPath::RtcV1).error().code,
            Errc::InvalidArgument);
}

TEST_F(JoinParametersTest, bounds_a_join_request_and_its_tracks) {
  may_change_itself_ = true;
  constexpr auto kGzip = proto::WrappedJoinRequest::GZIP;
  proto::JoinRequest join;
  const std::size_t overhead = 4;  // the tag and the length of the field
  join.set_metadata(std::string(limits::kJoinRequestBytes - overhead, 'x'));
  ASSERT_EQ(join.ByteSizeLong(), limits::kJoinRequestBytes);
  EXPECT_TRUE(read_v1(encoded(gzip(join.SerializeAsString()), kGzip)));
  join.mutable_metadata()->push_back('x');
  EXPECT_FALSE(read_v1(encoded(gzip(join.SerializeAsString()), kGzip)));

  proto::JoinRequest tracks;
  for (std::size_t i = 0; i < limits::kPendingTracks; ++i) tracks.add_add_track_requests();
  EXPECT_TRUE(read_v1(tracks));
  tracks.add_add_track_requests();
  EXPECT_EQ(read_v1(tracks).error().code, Errc::InvalidArgument);
}

}  // namespace
}  // namespace vis::api::livekit
