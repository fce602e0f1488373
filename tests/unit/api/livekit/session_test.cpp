// What a client asks over its socket and what the room tells it, message by message.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "base/limits/text.hpp"
#include "http/jwt.hpp"
#include "unit/api/livekit/door_world.hpp"

namespace vis::api::livekit {
namespace {

using rooms::TrackSource;
using rooms::TransportRole;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;
using Case = proto::SignalResponse::MessageCase;
using Refusal = proto::RequestResponse;

class SessionTest : public testing::Test {
 protected:
  SessionTest() {
    Claims claims = DoorWorld::claims("ann");
    claims.video->can_update_own_metadata = true;
    ann_ = world_.join(claims);
    world_.connect(*ann_);
    ann_->forget();
  }
  static proto::SignalRequest add_track(std::string cid, proto::TrackSource source) {
    proto::SignalRequest request;
    proto::AddTrackRequest& track = *request.mutable_add_track();
    track.set_cid(std::move(cid));
    track.set_source(source);
    if (source == proto::CAMERA) track.set_type(proto::VIDEO);
    return request;
  }
  /// Announced and negotiated.
  rooms::TrackSid publish(Client& client, std::string cid, TrackSource source) {
    const auto track = world_.world.rooms.add_track(
        world_.now(), client.sid(), rooms::RoomWorld::track_request(std::move(cid), source));
    const bool video = source == TrackSource::Camera;
    world_.event(client, rooms::TrackBound{.track = track->sid,
                                           .mid = "1",
                                           .mime_type = video ? "video/vp8" : "audio/opus",
                                           .rids = video ? std::vector<std::string>{"q", "h", "f"}
                                                         : std::vector<std::string>{}});
    return track->sid;
  }
  void bind(const Client& subscriber, const rooms::TrackSid& track) {
    world_.event(subscriber, rooms::SubscriptionBound{.transport = world_.transport(
                                                          subscriber, TransportRole::Subscriber),
                                                      .track = track});
  }
  Refusal refusal() { return ann_->last(Case::kRequestResponse).request_response(); }
  rooms::ParticipantInfo info(const Client& client) {
    const auto all = world_.world.rooms.list_participants(core::ProjectId("demo"), "meeting");
    return *std::ranges::find(*all, client.sid(), &rooms::ParticipantInfo::sid);
  }

  DoorWorld world_;
  std::unique_ptr<Client> ann_;
};

// ---- frames ----

TEST_F(SessionTest, answers_both_forms_of_ping_in_milliseconds) {
  proto::SignalRequest ping;
  ping.set_ping(42);
  ann_->send(ping);
  EXPECT_EQ(ann_->last(Case::kPong).pong(), unix_ms(world_.now().wall));

  proto::SignalRequest ping_req;
  ping_req.mutable_ping_req()->set_timestamp(43);
  ann_->send(ping_req);
  const proto::Pong pong = ann_->last(Case::kPongResp).pong_resp();
  EXPECT_EQ(pong.last_ping_timestamp(), 43);
  EXPECT_EQ(pong.timestamp(), unix_ms(world_.now().wall));
}

TEST_F(SessionTest, answers_in_the_encoding_of_the_last_request) {
  ann_->send_text(R"({"pingReq":{"timestamp":"7","future":true}})");
  ASSERT_EQ(ann_->socket.sent().size(), 1u);
  EXPECT_EQ(ann_->socket.sent()[0].kind, http::WebSocketMessage::Kind::Text);
  EXPECT_THAT(ann_->socket.sent()[0].data, HasSubstr(R"("lastPingTimestamp":"7")"));
  proto::SignalRequest ping;
  ping.set_ping(1);
  ann_->send(ping);
  EXPECT_EQ(ann_->socket.sent()[1].kind, http::WebSocketMessage::Kind::Binary);
}

TEST_F(SessionTest, answers_what_it_cannot_read_and_goes_on) {
  const auto before = info(*ann_);
  for (const std::string& bytes :
       {"\xFF\xFF\xFF", "\x0A\x7F", "\x22\x02\x0A\xFF", "\x22\x04\x0A\x02\xC3\x28"}) {
    ann_->forget();
    ann_->send_bytes(bytes);
    EXPECT_EQ(refusal().reason(), Refusal::INVALID_REQUEST);
    EXPECT_FALSE(refusal().message().empty());
  }
  for (const std::string text : {"", "{", "[]", "7", R"({"ping":"x"})", R"({"addTrack":7})",
                                 R"({"mute":{"muted":"maybe"}})"}) {
    ann_->forget();
    ann_->send_text(text);
    EXPECT_EQ(refusal().reason(), Refusal::INVALID_REQUEST) << text;
  }
  EXPECT_EQ(info(*ann_), before);
  EXPECT_FALSE(ann_->is_ended());
}

TEST_F(SessionTest, passes_over_requests_of_the_future) {
  ann_->send_bytes("");
  ann_->send_bytes(std::string("\x52\x00", 2));              // update_layers, which nobody needs
  ann_->send_bytes(std::string("\xFA\x01\x02\x08\x01", 5));  // field 31
  EXPECT_EQ(ann_->story(), "");
  EXPECT_FALSE(ann_->is_ended());
}

// ---- publishing ----

TEST_F(SessionTest, answers_an_announced_track_at_once_with_the_same_cid) {
  ann_->send(add_track("{a-b} c\u00e9", proto::MICROPHONE));
  const proto::TrackPublishedResponse published =
      ann_->last(Case::kTrackPublished).track_published();
  EXPECT_EQ(published.cid(), "{a-b} c\u00e9");
  EXPECT_THAT(published.track().sid(), StartsWith("TR_"));
  EXPECT_EQ(published.track().source(), proto::MICROPHONE);
}

TEST_F(SessionTest, describes_simulcast_layers_with_rid_and_place) {
  proto::SignalRequest request = add_track("cam", proto::CAMERA);
  proto::AddTrackRequest& camera = *request.mutable_add_track();
  camera.set_width(1280);
  camera.set_height(720);
  const auto add_layer = [&](proto::VideoQuality quality, std::uint32_t width) {
    proto::VideoLayer& layer = *camera.add_layers();
    layer.set_quality(quality);
    layer.set_width(width);
    layer.set_height(width * 9 / 16);
  };
  add_layer(proto::HIGH, 1280);
  add_layer(proto::MEDIUM, 640);
  add_layer(proto::LOW, 320);
  camera.add_simulcast_codecs()->set_codec("VP8");
  camera.mutable_simulcast_codecs(0)->set_cid("cam");
  ann_->send(request);
  const proto::TrackInfo track = ann_->last(Case::kTrackPublished).track_published().track();
  EXPECT_EQ(track.mime_type(), "video/vp8");
  ASSERT_EQ(track.layers_size(), 3);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(track.layers(i).quality(), i);
    EXPECT_EQ(track.layers(i).spatial_layer(), i);
    EXPECT_EQ(track.layers(i).rid(), std::string(1, "qhf"[i]));
  }
  ASSERT_EQ(track.codecs_size(), 1);
  EXPECT_EQ(track.codecs(0).mime_type(), "video/vp8");
  EXPECT_EQ(track.codecs(0).cid(), "cam");
}

TEST_F(SessionTest, refuses_a_track_with_the_request_and_the_reason) {
  proto::SignalRequest data = add_track("d", proto::UNKNOWN);
  data.mutable_add_track()->set_type(proto::DATA);
  ann_->send(data);
  EXPECT_EQ(refusal().reason(), Refusal::UNSUPPORTED_TYPE);
  EXPECT_EQ(refusal().add_track().cid(), "d");

  proto::SignalRequest future = add_track("f", proto::UNKNOWN);
  future.mutable_add_track()->set_type(static_cast<proto::TrackType>(9));
  ann_->send(future);
  EXPECT_EQ(refusal().reason(), Refusal::UNSUPPORTED_TYPE);

  ann_->send(add_track("", proto::MICROPHONE));
  EXPECT_EQ(refusal().reason(), Refusal::INVALID_REQUEST);

  proto::SignalRequest backup = add_track("b", proto::CAMERA);
  backup.mutable_add_track()->set_sid("TR_unknown");
  ann_->send(backup);
  EXPECT_EQ(refusal().reason(), Refusal::NOT_FOUND);

  ann_->send(add_track("mic", proto::MICROPHONE));
  ann_->send(add_track("mic", proto::MICROPHONE));
  EXPECT_EQ(refusal().reason(), Refusal::QUEUED);
}

TEST_F(SessionTest, refuses_a_source_that_the_token_does_not_grant) {
  Claims claims = DoorWorld::claims("bob");
  claims.video->publish_sources = {TrackSource::Microphone};
  const auto bob = world_.join(claims);
  bob->send(add_track("cam", proto::CAMERA));
  EXPECT_EQ(bob->last(Case::kRequestResponse).request_response().reason(), Refusal::NOT_ALLOWED);
  bob->send(add_track("mic", proto::MICROPHONE));
  EXPECT_TRUE(bob->has(Case::kTrackPublished));
}

TEST_F(SessionTest, mirrors_only_features_that_clients_know) {
  proto::SignalRequest request = add_track("mic", proto::MICROPHONE);
  proto::AddTrackRequest& track = *request.mutable_add_track();
  track.add_audio_features(proto::TF_STEREO);
  track.add_audio_features(static_cast<proto::AudioTrackFeature>(99));
  track.set_backup_codec_policy(static_cast<proto::BackupCodecPolicy>(99));
  ann_->send(request);
  const proto::TrackInfo info = ann_->last(Case::kTrackPublished).track_published().track();
  EXPECT_THAT(info.audio_features(), ElementsAre(proto::TF_STEREO));
  EXPECT_EQ(info.backup_codec_policy(), proto::PREFER_REGRESSION);
}

TEST_F(SessionTest, mutes_and_tells_the_publisher_too) {
  const rooms::TrackSid track = publish(*ann_, "mic", TrackSource::Microphone);
  ann_->forget();
  proto::SignalRequest request;
  request.mutable_mute()->set_sid(track.str());
  request.mutable_mute()->set_muted(true);
  ann_->send(request);
  const proto::ParticipantInfo self = ann_->last(Case::kUpdate).update().participants(0);
  EXPECT_EQ(self.identity(), "ann");
  EXPECT_TRUE(self.tracks(0).muted());

  request.mutable_mute()->set_sid("TR_unknown");
  ann_->send(request);
  EXPECT_EQ(refusal().reason(), Refusal::NOT_FOUND);
  EXPECT_EQ(refusal().mute().sid(), "TR_unknown");
}

TEST_F(SessionTest, changes_features_and_size_of_a_track) {
  const rooms::TrackSid camera = publish(*ann_, "cam", TrackSource::Camera);
  proto::SignalRequest size;
  size.mutable_update_video_track()->set_track_sid(camera.str());
  size.mutable_update_video_track()->set_width(64);
  size.mutable_update_video_track()->set_height(48);
  ann_->send(size);
  EXPECT_EQ(info(*ann_).tracks[0].width, 64u);
  proto::SignalRequest features;
  features.mutable_update_audio_track()->set_track_sid(camera.str());
  features.mutable_update_audio_track()->add_features(proto::TF_NO_DTX);
  features.mutable_update_audio_track()->add_features(static_cast<proto::AudioTrackFeature>(77));
  ann_->send(features);
  EXPECT_THAT(info(*ann_).tracks[0].audio_features, ElementsAre(proto::TF_NO_DTX));

  features.mutable_update_audio_track()->set_track_sid("TR_x");
  ann_->send(features);
  EXPECT_TRUE(refusal().has_update_audio_track());
  size.mutable_update_video_track()->set_track_sid("TR_x");
  ann_->send(size);
  EXPECT_TRUE(refusal().has_update_video_track());
}

TEST_F(SessionTest, tells_a_publisher_what_others_watch) {
  const rooms::TrackSid camera = publish(*ann_, "cam", TrackSource::Camera);
  EXPECT_FALSE(ann_->has(Case::kSubscribedQualityUpdate));
  world_.advance(10s);
  ASSERT_TRUE(ann_->has(Case::kSubscribedQualityUpdate));
  const auto update = ann_->last(Case::kSubscribedQualityUpdate).subscribed_quality_update();
  EXPECT_EQ(update.track_sid(), camera.str());
  ASSERT_EQ(update.subscribed_codecs_size(), 1);
  EXPECT_EQ(update.subscribed_codecs(0).codec(), "vp8");
  EXPECT_EQ(update.subscribed_qualities_size(), 3);
  ASSERT_EQ(update.subscribed_codecs(0).qualities_size(), 3);
  for (const auto& quality : update.subscribed_codecs(0).qualities()) {
    EXPECT_FALSE(quality.enabled()) << "nobody watches " << quality.quality();
  }
}

TEST_F(SessionTest, tells_a_publisher_that_somebody_listens_and_that_the_server_mutes_it) {
  const rooms::TrackSid track = publish(*ann_, "mic", TrackSource::Microphone);
  const auto bob = world_.join("bob");
  world_.connect(*bob);
  bind(*bob, track);
  EXPECT_EQ(ann_->last(Case::kTrackSubscribed).track_subscribed().track_sid(), track.str());
  ASSERT_TRUE(world_.world.rooms.mute_track(world_.now(), world_.world.ref("ann"), track, true));
  EXPECT_EQ(ann_->last(Case::kMute).mute().sid(), track.str());
  EXPECT_TRUE(ann_->last(Case::kMute).mute().muted());
}

TEST_F(SessionTest, tells_a_publisher_that_its_track_was_taken_from_it) {
  const rooms::TrackSid track = publish(*ann_, "mic", TrackSource::Microphone);
  ann_->forget();
  rooms::Permissions listener;
  listener.can_publish = false;
  ASSERT_TRUE(
      world_.world.rooms.update_participant(world_.now(), world_.world.ref("ann"), {}, listener));
  EXPECT_EQ(ann_->last(Case::kTrackUnpublished).track_unpublished().track_sid(), track.str());
  const auto self = ann_->last(Case::kUpdate).update().participants(0);
  EXPECT_FALSE(self.permission().can_publish());
  EXPECT_TRUE(self.permission().can_subscribe());
  const auto token = http::Jwt::parse(ann_->last(Case::kRefreshToken).refresh_token());
  EXPECT_EQ(token->claims().at("video").at("canPublish"), false);
}

// ---- negotiation ----

TEST_F(SessionTest, hands_offers_answers_and_candidates_to_the_right_connection) {
  proto::SignalRequest offer;
  offer.mutable_offer()->set_sdp("v=0 o");
  offer.mutable_offer()->set_id(9);
  ann_->send(offer);
  const auto applied = world_.world.media.last<rooms::ApplyOffer>();
  ASSERT_TRUE(applied);
  EXPECT_EQ(applied->offer_id, 9u);
  world_.event(*ann_, rooms::LocalDescription{
                          .transport = applied->transport, .sdp = "v=0 a", .offer_id = 9});
  EXPECT_EQ(ann_->last(Case::kAnswer).answer().id(), 9u);

  const auto trickle = [&](std::string init, proto::SignalTarget target) {
    proto::SignalRequest request;
    request.mutable_trickle()->set_candidateinit(std::move(init));
    request.mutable_trickle()->set_target(target);
    ann_->send(request);
  };
  trickle(R"({"candidate":"candidate:1","sdpMid":"0","sdpMLineIndex":0})", proto::PUBLISHER);
  trickle(R"({"candidate":"candidate:2","sdpMid":"0","usernameFragment":null})", proto::SUBSCRIBER);
  const auto candidates = world_.world.media.all<rooms::AddCandidate>();
  ASSERT_EQ(candidates.size(), 2u);
  EXPECT_EQ(candidates[0].candidate, "candidate:1");
  EXPECT_EQ(candidates[0].transport, applied->transport);
  EXPECT_EQ(candidates[1].candidate, "candidate:2");
  EXPECT_NE(candidates[1].transport, applied->transport);
}

TEST_F(SessionTest, passes_over_candidates_that_are_none) {
  for (const std::string init :
       {"", "{", "[]", "null", R"({"candidate":""})", R"({"candidate":7})", R"({"sdpMid":"0"})"}) {
    proto::SignalRequest request;
    request.mutable_trickle()->set_candidateinit(init);
    ann_->send(request);
  }
  EXPECT_EQ(world_.world.media.count<rooms::AddCandidate>(), 0u);
  EXPECT_EQ(ann_->story(), "");
}

TEST_F(SessionTest, numbers_its_offers_and_ignores_answers_to_former_ones) {
  const auto downlink = world_.transport(*ann_, TransportRole::Subscriber);
  const auto offer = [&] {
    world_.event(*ann_,
                 rooms::LocalDescription{.transport = downlink, .is_offer = true, .sdp = "v=0"});
    return ann_->last(Case::kOffer).offer().id();
  };
  const auto answer = [&](std::uint32_t id) {
    const std::size_t before = world_.world.media.count<rooms::ApplyAnswer>();
    proto::SignalRequest request;
    request.mutable_answer()->set_sdp("v=0");
    request.mutable_answer()->set_id(id);
    ann_->send(request);
    return world_.world.media.count<rooms::ApplyAnswer>() - before;
  };
  const std::uint32_t first = offer();
  const std::uint32_t second = offer();
  EXPECT_EQ(second, first + 1);
  EXPECT_EQ(answer(first), 0u);
  EXPECT_EQ(answer(second), 1u);
  EXPECT_EQ(answer(0), 1u);
}

TEST_F(SessionTest, writes_candidates_with_all_members_and_never_an_empty_one) {
  const auto downlink = world_.transport(*ann_, TransportRole::Subscriber);
  world_.event(*ann_, rooms::LocalCandidate{.transport = downlink, .candidate = ""});
  EXPECT_FALSE(ann_->has(Case::kTrickle));
  world_.event(*ann_, rooms::LocalCandidate{
                          .transport = downlink, .candidate = "candidate:1", .last = true});
  const proto::TrickleRequest trickle = ann_->last(Case::kTrickle).trickle();
  EXPECT_EQ(trickle.target(), proto::SUBSCRIBER);
  EXPECT_TRUE(trickle.final());
  EXPECT_EQ(boost::json::parse(trickle.candidateinit()),
            boost::json::parse(R"({"candidate":"candidate:1","sdpMid":"0","sdpMLineIndex":0,)"
                               R"("usernameFragment":null})"));
}

TEST_F(SessionTest, asks_a_client_of_one_connection_for_sections) {
  const auto bob = world_.join_v1("bob", proto::JoinRequest{});
  const auto single = world_.transport(*bob, TransportRole::Single);
  world_.event(*bob, rooms::SectionsNeeded{.transport = single, .audios = 1, .videos = 2});
  const auto needed = bob->last(Case::kMediaSectionsRequirement).media_sections_requirement();
  EXPECT_EQ(needed.num_audios(), 1u);
  EXPECT_EQ(needed.num_videos(), 2u);
  world_.event(*bob, rooms::LocalCandidate{.transport = single, .candidate = "candidate:1"});
  EXPECT_EQ(bob->last(Case::kTrickle).trickle().target(), proto::PUBLISHER);
}

// ---- subscribing ----

TEST_F(SessionTest, subscribes_and_unsubscribes_by_both_lists) {
  const auto bob = world_.join("bob", "auto_subscribe=0");
  world_.connect(*bob);
  const rooms::TrackSid microphone = publish(*ann_, "mic", TrackSource::Microphone);
  const rooms::TrackSid camera = publish(*ann_, "cam", TrackSource::Camera);
  proto::SignalRequest request;
  proto::UpdateSubscription& update = *request.mutable_subscription();
  update.set_subscribe(true);
  update.add_track_sids(microphone.str());
  update.add_participant_tracks()->add_track_sids(camera.str());
  bob->send(request);
  const auto subscribed = world_.world.media.all<rooms::Subscribe>();
  EXPECT_EQ(subscribed.size(), bob->sid().empty() ? 0u : 2u);
  update.set_subscribe(false);
  bob->send(request);
  EXPECT_EQ(world_.world.media.count<rooms::Unsubscribe>(), 2u);
}

TEST_F(SessionTest, passes_track_settings_on) {
  const auto bob = world_.join("bob");
  world_.connect(*bob);
  const rooms::TrackSid camera = publish(*ann_, "cam", TrackSource::Camera);
  proto::SignalRequest request;
  request.mutable_track_setting()->add_track_sids(camera.str());
  request.mutable_track_setting()->set_disabled(true);
  bob->send(request);
  ASSERT_TRUE(world_.world.media.last<rooms::SetLayerTarget>());
  EXPECT_TRUE(world_.world.media.last<rooms::SetLayerTarget>()->target.disabled);
}

TEST_F(SessionTest, lets_publishers_choose_who_receives) {
  const auto bob = world_.join("bob");
  world_.connect(*bob);
  const rooms::TrackSid track = publish(*ann_, "mic", TrackSource::Microphone);
  proto::SignalRequest request;
  request.mutable_subscription_permission()->set_all_participants(false);
  ann_->send(request);
  const auto update =
      bob->last(Case::kSubscriptionPermissionUpdate).subscription_permission_update();
  EXPECT_EQ(update.participant_sid(), ann_->sid().str());
  EXPECT_EQ(update.track_sid(), track.str());
  EXPECT_FALSE(update.allowed());
}

TEST_F(SessionTest, tells_that_a_video_is_paused_for_want_of_bandwidth) {
  const auto bob = world_.join("bob");
  world_.connect(*bob);
  const rooms::TrackSid track = publish(*ann_, "cam", TrackSource::Camera);
  for (const bool paused : {true, false}) {
    world_.event(*bob, rooms::SubscriptionPaused{
                           .transport = world_.transport(*bob, TransportRole::Subscriber),
                           .track = track,
                           .paused = paused});
    const auto update = bob->last(Case::kStreamStateUpdate).stream_state_update();
    ASSERT_EQ(update.stream_states_size(), 1);
    EXPECT_EQ(update.stream_states(0).participant_sid(), ann_->sid().str());
    EXPECT_EQ(update.stream_states(0).track_sid(), track.str());
    EXPECT_EQ(update.stream_states(0).state(), paused ? proto::PAUSED : proto::ACTIVE);
  }
}

TEST_F(SessionTest, tells_why_a_subscription_failed) {
  const auto bob = world_.join("bob");
  world_.connect(*bob);
  const rooms::TrackSid track = publish(*ann_, "cam", TrackSource::Camera);
  world_.event(*bob, rooms::SubscriptionFailed{
                         .transport = world_.transport(*bob, TransportRole::Subscriber),
                         .track = track,
                         .error = rooms::SubscriptionError::CodecUnsupported});
  const auto response = bob->last(Case::kSubscriptionResponse).subscription_response();
  EXPECT_EQ(response.track_sid(), track.str());
  EXPECT_EQ(response.err(), proto::SE_CODEC_UNSUPPORTED);
}

// ---- oneself ----

TEST_F(SessionTest, changes_ones_own_description_and_says_so_to_oneself) {
  proto::SignalRequest request;
  proto::UpdateParticipantMetadata& update = *request.mutable_update_metadata();
  update.set_name("Ann B.");
  update.set_metadata("m");
  (*update.mutable_attributes())["k"] = "v";
  update.set_request_id(5);
  ann_->send(request);
  EXPECT_EQ(refusal().request_id(), 5u);
  EXPECT_EQ(refusal().reason(), Refusal::OK);
  const proto::ParticipantInfo self = ann_->last(Case::kUpdate).update().participants(0);
  EXPECT_EQ(self.name(), "Ann B.");
  EXPECT_EQ(self.metadata(), "m");
  EXPECT_EQ(self.attributes().at("k"), "v");
  EXPECT_TRUE(self.has_permission());
  EXPECT_EQ(self.state(), proto::ParticipantInfo::ACTIVE);
  const auto token = http::Jwt::parse(ann_->last(Case::kRefreshToken).refresh_token());
  EXPECT_EQ(token->text("name"), "Ann B.");
}

TEST_F(SessionTest, raises_the_version_with_every_change) {
  std::uint32_t version = 0;
  for (const char* const name : {"A", "B", "C"}) {
    proto::SignalRequest request;
    request.mutable_update_metadata()->set_name(name);
    ann_->send(request);
    const auto self = ann_->last(Case::kUpdate).update().participants(0);
    EXPECT_GT(self.version(), version);
    version = self.version();
  }
}

TEST_F(SessionTest, refuses_changes_of_oneself_with_their_number) {
  const auto bob = world_.join("bob");
  proto::SignalRequest request;
  request.mutable_update_metadata()->set_name("Bob");
  request.mutable_update_metadata()->set_request_id(6);
  bob->send(request);
  EXPECT_EQ(bob->last(Case::kRequestResponse).request_response().reason(), Refusal::NOT_ALLOWED);
  EXPECT_EQ(bob->last(Case::kRequestResponse).request_response().request_id(), 6u);

  request.mutable_update_metadata()->set_metadata(std::string(limits::kMetadataBytes + 1, 'x'));
  ann_->send(request);
  EXPECT_EQ(refusal().reason(), Refusal::LIMIT_EXCEEDED);
}

TEST_F(SessionTest, confirms_changes_only_to_clients_that_wait_for_it) {
  Claims claims = DoorWorld::claims("bob");
  claims.video->can_update_own_metadata = true;
  const auto bob = world_.open("/rtc?protocol=14&access_token=" + world_.token(claims));
  proto::SignalRequest request;
  request.mutable_update_metadata()->set_name("Bob");
  bob->send(request);
  EXPECT_FALSE(bob->has(Case::kRequestResponse));
}

// ---- what the room tells ----

TEST_F(SessionTest, tells_of_changes_of_the_room) {
  ASSERT_TRUE(world_.world.rooms.update_room_metadata(world_.now(), core::ProjectId("demo"),
                                                      "meeting", "m"));
  const proto::Room room = ann_->last(Case::kRoomUpdate).room_update().room();
  EXPECT_EQ(room.metadata(), "m");
  EXPECT_THAT(room.sid(), StartsWith("RM_"));
  EXPECT_EQ(room.creation_time_ms(), 1'700'000'000'000);
}

TEST_F(SessionTest, tells_who_speaks) {
  const auto bob = world_.join("bob");
  world_.connect(*bob);
  const rooms::TrackSid track = publish(*ann_, "mic", TrackSource::Microphone);
  bind(*bob, track);
  for (int i = 0; i < 5; ++i) {
    world_.event(
        *ann_, rooms::AudioLevels{.room = ann_->room(),
                                  .levels = {{.track = track, .dbov = 10, .active_percent = 100}}});
    world_.advance(500ms);
  }
  const auto speaker = bob->last(Case::kSpeakersChanged).speakers_changed().speakers(0);
  EXPECT_EQ(speaker.sid(), ann_->sid().str());
  EXPECT_TRUE(speaker.active());
  EXPECT_GT(speaker.level(), 0);
}

TEST_F(SessionTest, tells_how_connections_are) {
  world_.event(*ann_,
               rooms::QualityReport{
                   .room = ann_->room(),
                   .transports = {{.transport = world_.transport(*ann_, TransportRole::Subscriber),
                                   .downlink_loss = 0.5}}});
  const auto update = ann_->last(Case::kConnectionQuality).connection_quality().updates(0);
  EXPECT_EQ(update.participant_sid(), ann_->sid().str());
  EXPECT_NE(update.quality(), proto::EXCELLENT);
}

TEST_F(SessionTest, hands_out_a_new_token_every_five_minutes) {
  world_.advance(299s);
  EXPECT_FALSE(ann_->has(Case::kRefreshToken));
  world_.advance(1s);
  ASSERT_TRUE(ann_->has(Case::kRefreshToken));
  ann_->forget();
  world_.advance(299s);
  EXPECT_FALSE(ann_->has(Case::kRefreshToken));
  world_.advance(1s);
  EXPECT_TRUE(ann_->has(Case::kRefreshToken));
}

// ---- what is not offered ----

TEST_F(SessionTest, says_that_it_has_no_data_tracks_and_blobs) {
  proto::SignalRequest publish;
  publish.mutable_publish_data_track_request()->set_pub_handle(3);
  ann_->send(publish);
  EXPECT_EQ(refusal().reason(), Refusal::UNSUPPORTED_TYPE);
  EXPECT_EQ(refusal().publish_data_track().pub_handle(), 3u);
  proto::SignalRequest unpublish;
  unpublish.mutable_unpublish_data_track_request()->set_pub_handle(3);
  ann_->send(unpublish);
  EXPECT_EQ(refusal().reason(), Refusal::NOT_FOUND);
  proto::SignalRequest store;
  store.mutable_store_data_blob_request()->set_request_id(8);
  ann_->send(store);
  EXPECT_EQ(refusal().reason(), Refusal::NOT_ALLOWED);
  EXPECT_EQ(refusal().request_id(), 8u);
  proto::SignalRequest get;
  get.mutable_get_data_blob_request()->set_request_id(9);
  ann_->send(get);
  EXPECT_EQ(refusal().request_id(), 9u);
}

}  // namespace
}  // namespace vis::api::livekit
