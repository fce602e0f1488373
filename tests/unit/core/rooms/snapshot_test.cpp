#include "core/rooms/snapshot.hpp"

#include <gtest/gtest.h>

namespace vis::core::rooms {
namespace {

RoomInfo full_room() {
  return {.sid = RoomSid("RM_1"),
          .project = ProjectId("acme"),
          .name = "daily \"stand-up\"",
          .metadata = "{\"ё\":1}",
          .created_at = wall_from_unix_ms(1'790'000'000'123),
          .empty_timeout = std::chrono::seconds{300},
          .departure_timeout = std::chrono::seconds{20},
          .max_participants = 4'000'000'000,
          .participants = 2,
          .publishers = 1,
          .active_recording = true};
}

TrackInfo full_track() {
  const VideoLayer layer{.quality = VideoQuality::High,
                         .width = 1280,
                         .height = 720,
                         .bitrate_bps = 1'700'000,
                         .spatial_layer = 2,
                         .rid = "f"};
  return {.sid = TrackSid("TR_1"),
          .kind = TrackKind::Video,
          .source = TrackSource::ScreenShare,
          .name = "screen",
          .mime_type = "video/vp8",
          .mid = "1",
          .stream = "camera",
          .muted = true,
          .simulcast = true,
          .disable_dtx = true,
          .disable_red = true,
          .stereo = true,
          .width = 1280,
          .height = 720,
          .layers = {layer, layer},
          .codecs = {{.mime_type = "video/vp8",
                      .mid = "1",
                      .cid = "c",
                      .layers = {layer},
                      .layer_mode = VideoLayerMode::OneSpatialPerStream}},
          .encryption = EncryptionType::Gcm,
          .audio_features = {1, 3},
          .backup_codec_policy = 2,
          .changed_at = wall_from_unix_ms(1'790'000'000'456)};
}

ParticipantInfo full_participant() {
  return {.sid = ParticipantSid("PA_1"),
          .identity = "olga@example.com",
          .name = "Ольга",
          .metadata = "m",
          .attributes = {{"hand", "up"}, {"ключ", ""}},
          .state = ParticipantState::Active,
          .kind = ParticipantKind::Sip,
          .kind_details = {7},
          .permissions = {.can_subscribe = false,
                          .can_publish = false,
                          .can_publish_data = false,
                          .can_update_own_metadata = true,
                          .can_subscribe_metrics = true,
                          .can_manage_agent_session = true,
                          .hidden = true,
                          .recorder = true,
                          .agent = true,
                          .publish_sources = {TrackSource::Camera, TrackSource::Microphone}},
          .tracks = {full_track()},
          .joined_at = wall_from_unix_ms(1'790'000'000'789),
          .version = 5,
          .is_publisher = true,
          .client_protocol = 16,
          .capabilities = {2},
          .disconnect_reason = LeaveReason::AgentError};
}

TEST(Snapshot, of_everything_reads_back_equal) {
  const std::string data = event_data({.room = to_json(full_room()),
                                       .participant = to_json(full_participant()),
                                       .track = to_json(full_track()),
                                       .reason = "room_closed"});
  const auto content = parse_event_data(data);
  ASSERT_TRUE(content) << content.error().message;
  EXPECT_EQ(content->room, full_room());
  EXPECT_EQ(content->participant, full_participant());
  EXPECT_EQ(content->track, full_track());
  EXPECT_EQ(content->reason, "room_closed");
}

TEST(Snapshot, parts_left_out_are_absent) {
  const auto content = parse_event_data(event_data({.room = to_json(full_room())}));
  ASSERT_TRUE(content);
  EXPECT_EQ(content->participant, std::nullopt);
  EXPECT_EQ(content->track, std::nullopt);
  EXPECT_EQ(content->reason, "");
}

TEST(Snapshot, brief_forms_name_the_thing_and_no_more) {
  const auto content = parse_event_data(event_data(
      {.room = to_brief_json(full_room()), .participant = to_brief_json(full_participant())}));
  ASSERT_TRUE(content);
  EXPECT_EQ(content->room, (RoomInfo{.sid = full_room().sid, .name = full_room().name}));
  EXPECT_EQ(content->participant->sid, full_participant().sid);
  EXPECT_EQ(content->participant->identity, full_participant().identity);
  EXPECT_EQ(content->participant->name, full_participant().name);
  EXPECT_EQ(content->participant->metadata, "");
}

// What a program of today wrote must be readable by every later one, and the names are what others
// see: this text only ever gains fields.
TEST(Snapshot, names_its_fields_as_written_here) {
  RoomInfo room = full_room();
  room.metadata = "m";
  EXPECT_EQ(to_json(room),
            R"({"sid":"RM_1","project":"acme","name":"daily \"stand-up\"","metadata":"m",)"
            R"("created_at_ms":1790000000123,"empty_timeout_s":300,"departure_timeout_s":20,)"
            R"("max_participants":4000000000,"participants":2,"publishers":1,)"
            R"("active_recording":true})");
  EXPECT_EQ(name_of(LeaveReason::ClientInitiated), "client_initiated");
}

TEST(Snapshot, what_is_missing_unknown_or_of_another_kind_takes_the_default) {
  const auto content = parse_event_data(
      R"({"room":{"sid":"RM_1","later":[1],"participants":"many","max_participants":-1},)"
      R"("participant":{"state":"dreaming","kind":7,"tracks":{},"permissions":null,)"
      R"("attributes":{"a":1}},"track":7,"reason":{}})");
  ASSERT_TRUE(content);
  EXPECT_EQ(content->room, (RoomInfo{.sid = RoomSid("RM_1")}));
  EXPECT_EQ(content->participant, (ParticipantInfo{.attributes = {{"a", ""}}}));
  EXPECT_EQ(content->track, std::nullopt);
}

TEST(Snapshot, text_that_is_no_event_data_is_an_error) {
  for (const std::string_view text : {"", "{", "[]", "{}", R"({"room":1})", "null"}) {
    EXPECT_FALSE(parse_event_data(text)) << text;
  }
}

}  // namespace
}  // namespace vis::core::rooms
