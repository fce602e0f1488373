#include "core/rooms/track_description.hpp"

#include <gtest/gtest.h>

#include <string>

#include "base/limits/core_rooms.hpp"
#include "base/limits/text.hpp"

namespace vis::core::rooms {
namespace {

const std::vector<std::string> kAllowed{"video/vp8", "video/h264", "video/vp9", "audio/opus"};

VideoLayer layer(VideoQuality quality, std::uint32_t width, std::uint32_t height) {
  return {.quality = quality, .width = width, .height = height};
}

TrackRequest camera(std::vector<std::string> codecs) {
  TrackRequest request{
      .cid = "cam",
      .kind = TrackKind::Video,
      .source = TrackSource::Camera,
      .layers = {layer(VideoQuality::High, 1280, 720), layer(VideoQuality::Medium, 640, 360),
                 layer(VideoQuality::Low, 320, 180)},
      .width = 1280,
      .height = 720};
  for (const std::string& codec : codecs) request.codecs.push_back({.mime_type = codec});
  if (!request.codecs.empty()) request.codecs.front().cid = "cam";
  return request;
}

TrackInfo describe(const TrackRequest& request) {
  return describe_track(TrackSid("TR_x"), request, kAllowed);
}

TEST(TrackSid, tells_kind_and_source_by_its_letters) {
  SeededRandom random(1);
  const auto sid = [&](TrackKind kind, TrackSource source) {
    return new_track_sid(random, kind, source).str();
  };
  EXPECT_TRUE(sid(TrackKind::Video, TrackSource::Camera).starts_with("TR_VC"));
  EXPECT_TRUE(sid(TrackKind::Audio, TrackSource::Microphone).starts_with("TR_AM"));
  EXPECT_TRUE(sid(TrackKind::Video, TrackSource::ScreenShare).starts_with("TR_VS"));
  EXPECT_TRUE(sid(TrackKind::Audio, TrackSource::ScreenShareAudio).starts_with("TR_As"));
  EXPECT_TRUE(sid(TrackKind::Audio, TrackSource::Unknown).starts_with("TR_A"));
  EXPECT_EQ(sid(TrackKind::Audio, TrackSource::Unknown).size(), 15U);
}

TEST(MayPublish, needs_the_right_and_the_source) {
  Permissions permissions;
  EXPECT_TRUE(may_publish(permissions, TrackSource::Unknown));
  permissions.publish_sources = {TrackSource::Microphone};
  EXPECT_TRUE(may_publish(permissions, TrackSource::Microphone));
  EXPECT_FALSE(may_publish(permissions, TrackSource::Camera));
  permissions.can_publish = false;
  EXPECT_FALSE(may_publish(permissions, TrackSource::Microphone));
}

TEST(TrackDescription, sorts_numbers_and_names_the_layers_of_a_simulcast) {
  const TrackInfo track = describe(camera({"video/vp8"}));
  ASSERT_EQ(track.layers.size(), 3U);
  EXPECT_EQ(track.layers[0].quality, VideoQuality::Low);
  EXPECT_EQ(track.layers[0].rid, "q");
  EXPECT_EQ(track.layers[1].rid, "h");
  EXPECT_EQ(track.layers[2].rid, "f");
  EXPECT_EQ(track.layers[2].spatial_layer, 2U);
  EXPECT_TRUE(track.simulcast);
  EXPECT_EQ(track.mime_type, "video/vp8");
  EXPECT_EQ(track.stream, "camera");
  ASSERT_EQ(track.codecs.size(), 1U);
  EXPECT_EQ(track.codecs[0].layers, track.layers);
  EXPECT_EQ(track.codecs[0].cid, "cam");
  EXPECT_EQ(track.codecs[0].layer_mode, VideoLayerMode::OneSpatialPerStream);
}

TEST(TrackDescription, gives_the_layers_of_a_scalable_stream_numbers_but_no_rids) {
  const TrackInfo track = describe(camera({"video/vp9", "video/vp8"}));
  EXPECT_FALSE(track.simulcast);
  EXPECT_EQ(track.layers[0].rid, "");
  EXPECT_EQ(track.layers[1].spatial_layer, 1U);
  ASSERT_EQ(track.codecs.size(), 2U);
  EXPECT_EQ(track.codecs[0].layer_mode, VideoLayerMode::MultipleSpatialPerStream);
  EXPECT_EQ(track.codecs[1].mime_type, "video/vp8");
  EXPECT_EQ(track.codecs[1].layers[2].rid, "f");
}

TEST(TrackDescription, calls_two_layers_q_and_h) {
  TrackRequest request = camera({"video/vp8"});
  request.layers.pop_back();
  const TrackInfo track = describe(request);
  EXPECT_EQ(track.layers[0].rid, "q");
  EXPECT_EQ(track.layers[1].rid, "h");
}

TEST(TrackDescription, keeps_one_layer_per_quality_and_none_that_is_off) {
  TrackRequest request = camera({"video/vp8"});
  request.layers.push_back(layer(VideoQuality::High, 99, 99));
  request.layers.push_back(layer(VideoQuality::Off, 1, 1));
  const TrackInfo track = describe(request);
  ASSERT_EQ(track.layers.size(), 3U);
  EXPECT_EQ(track.layers[2].width, 1280U);
}

TEST(TrackDescription, makes_one_layer_of_a_video_that_declares_none) {
  TrackRequest request = camera({});
  request.layers.clear();
  const TrackInfo track = describe(request);
  ASSERT_EQ(track.layers.size(), 1U);
  EXPECT_EQ(track.layers[0].quality, VideoQuality::High);
  EXPECT_EQ(track.layers[0].height, 720U);
  EXPECT_FALSE(track.simulcast);
}

TEST(TrackDescription, replaces_a_codec_that_may_not_be_published) {
  const TrackInfo track = describe(camera({"video/h265", "video/vp8"}));
  ASSERT_EQ(track.codecs.size(), 1U);
  EXPECT_EQ(track.codecs[0].mime_type, "video/vp8");
  EXPECT_EQ(track.codecs[0].cid, "cam");
}

TEST(TrackDescription, understands_short_and_upper_case_codec_names) {
  EXPECT_EQ(describe(camera({"H264"})).mime_type, "video/h264");
  EXPECT_EQ(describe(camera({"video/VP9"})).mime_type, "video/vp9");
}

TEST(TrackDescription, leaves_the_codec_of_a_microphone_open_until_it_is_negotiated) {
  const TrackInfo track =
      describe({.cid = "mic", .source = TrackSource::Microphone, .muted = true, .stereo = true});
  EXPECT_EQ(track.mime_type, "");
  EXPECT_TRUE(track.codecs.empty());
  EXPECT_TRUE(track.layers.empty());
  EXPECT_TRUE(track.muted && track.stereo);
  EXPECT_EQ(track.stream, "camera");
}

TEST(TrackRequest, is_refused_without_a_client_id_or_with_too_much_in_it) {
  EXPECT_TRUE(check_track_request(camera({"vp8"})));
  TrackRequest request = camera({});
  request.cid.clear();
  EXPECT_FALSE(check_track_request(request));

  request = camera({});
  request.cid = std::string(limits::kNameBytes, 'c');
  EXPECT_TRUE(check_track_request(request));
  request.cid += 'c';
  EXPECT_FALSE(check_track_request(request));

  request = camera(std::vector<std::string>(limits::kTrackCodecs, "vp8"));
  EXPECT_TRUE(check_track_request(request));
  request.codecs.push_back({.mime_type = "vp8"});
  EXPECT_FALSE(check_track_request(request));

  request = camera({});
  request.audio_features.assign(limits::kAudioFeatures, 1);
  EXPECT_TRUE(check_track_request(request));
  request.audio_features.push_back(1);
  EXPECT_FALSE(check_track_request(request));
}

TEST(BackupCodec, takes_the_client_id_of_its_request) {
  TrackInfo track = describe(camera({"video/vp9", "video/vp8"}));
  TrackRequest backup = camera({"vp8"});
  backup.codecs.front().cid.clear();
  backup.cid = "backup";
  ASSERT_TRUE(add_backup_codecs(track, backup, kAllowed));
  ASSERT_EQ(track.codecs.size(), 2U);
  EXPECT_EQ(track.codecs[1].cid, "backup");
}

TEST(BackupCodec, is_added_up_to_the_limit_and_no_further) {
  const std::vector<std::string> allowed{"video/a", "video/b", "video/c", "video/d", "video/e"};
  TrackInfo track = describe_track(TrackSid("TR_x"), camera({"a", "b", "c"}), allowed);
  EXPECT_TRUE(add_backup_codecs(track, camera({"d"}), allowed));
  EXPECT_EQ(track.codecs.size(), limits::kTrackCodecs);
  EXPECT_EQ(add_backup_codecs(track, camera({"e"}), allowed).error().code, Errc::LimitExceeded);
  EXPECT_EQ(track.codecs.size(), limits::kTrackCodecs);
}

TEST(Binding, makes_mid_and_codec_final) {
  TrackInfo track = describe({.cid = "mic", .source = TrackSource::Microphone});
  const TrackBound bound{.track = track.sid, .mid = "1", .mime_type = "audio/opus"};
  EXPECT_TRUE(apply_binding(track, bound));
  EXPECT_EQ(track.mime_type, "audio/opus");
  EXPECT_EQ(track.mid, "1");
  ASSERT_EQ(track.codecs.size(), 1U);
  EXPECT_EQ(track.codecs[0].mid, "1");
  EXPECT_FALSE(apply_binding(track, bound));
}

TEST(Binding, brings_the_codec_that_is_really_sent_to_the_front) {
  TrackInfo track = describe(camera({"video/vp9", "video/vp8"}));
  EXPECT_TRUE(
      apply_binding(track, {.mid = "0", .mime_type = "video/vp8", .rids = {"q", "h", "f"}}));
  EXPECT_EQ(track.codecs[0].mime_type, "video/vp8");
  EXPECT_EQ(track.layers[0].rid, "q");
  EXPECT_TRUE(track.simulcast);
}

TEST(Binding, of_a_second_section_is_that_of_the_backup_codec) {
  TrackInfo track = describe(camera({"video/vp9", "video/vp8"}));
  apply_binding(track, {.mid = "0", .mime_type = "video/vp9"});
  EXPECT_TRUE(apply_binding(track, {.mid = "5", .mime_type = "video/vp8"}));
  EXPECT_EQ(track.mid, "0");
  EXPECT_EQ(track.mime_type, "video/vp9");
  EXPECT_EQ(track.codecs[1].mid, "5");
}

TEST(Binding, takes_over_the_names_of_the_streams_and_layers_that_were_not_declared) {
  TrackRequest request = camera({"vp8"});
  request.layers.clear();
  TrackInfo track = describe(request);
  apply_binding(track, {.mid = "0", .mime_type = "video/vp8", .rids = {"low", "high"}});
  ASSERT_EQ(track.layers.size(), 2U);
  EXPECT_EQ(track.layers[0].rid, "low");
  EXPECT_EQ(track.layers[0].height, 360U);
  EXPECT_EQ(track.layers[1].height, 720U);
  EXPECT_TRUE(track.simulcast);
}

TEST(PublishSpec, carries_what_media_needs_and_the_client_id_byte_for_byte) {
  TrackRequest request = camera({"vp8"});
  request.encryption = EncryptionType::Gcm;
  const PublishSpec spec = publish_spec(describe(request), "{ Ünï }");
  EXPECT_EQ(spec.cid, "{ Ünï }");
  EXPECT_EQ(spec.kind, TrackKind::Video);
  EXPECT_TRUE(spec.encrypted);
  EXPECT_EQ(spec.codecs.size(), 1U);
}

}  // namespace
}  // namespace vis::core::rooms
