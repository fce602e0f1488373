#include "core/rooms/layer_choice.hpp"

#include <gtest/gtest.h>

namespace vis::core::rooms {
namespace {

TrackInfo landscape() {
  return {.kind = TrackKind::Video,
          .layers = {{.quality = VideoQuality::Low, .width = 320, .height = 180},
                     {.quality = VideoQuality::Medium, .width = 640, .height = 360},
                     {.quality = VideoQuality::High, .width = 1280, .height = 720}}};
}

TrackInfo portrait() {
  TrackInfo track = landscape();
  for (VideoLayer& layer : track.layers) std::swap(layer.width, layer.height);
  return track;
}

VideoQuality for_size(const TrackInfo& track, std::uint32_t width, std::uint32_t height) {
  return choose_layer(track, TrackSettings{.width = width, .height = height}, VideoQuality::High)
      .quality;
}

TEST(LayerChoice, is_the_smallest_layer_of_nine_tenths_of_the_wanted_height) {
  struct Case {
    std::uint32_t height;
    VideoQuality expected;
  };
  for (const auto& [height, expected] :
       {Case{1, VideoQuality::Low}, Case{200, VideoQuality::Low}, Case{201, VideoQuality::Medium},
        Case{400, VideoQuality::Medium}, Case{401, VideoQuality::High},
        Case{4000, VideoQuality::High}}) {
    EXPECT_EQ(for_size(landscape(), 10, height), expected) << height;
  }
}

TEST(LayerChoice, compares_the_width_of_a_portrait) {
  EXPECT_EQ(for_size(portrait(), 200, 4000), VideoQuality::Low);
  EXPECT_EQ(for_size(portrait(), 201, 1), VideoQuality::Medium);
}

TEST(LayerChoice, is_the_wanted_quality_when_no_size_is_given) {
  const TrackSettings settings{.quality = VideoQuality::Medium, .fps = 15};
  const LayerTarget target = choose_layer(landscape(), settings, VideoQuality::High);
  EXPECT_EQ(target.quality, VideoQuality::Medium);
  EXPECT_EQ(target.fps, 15U);
}

TEST(LayerChoice, is_the_initial_quality_without_settings) {
  EXPECT_EQ(choose_layer(landscape(), {}, VideoQuality::Low).quality, VideoQuality::Low);
  EXPECT_EQ(choose_layer(landscape(), {}, VideoQuality::High).quality, VideoQuality::High);
}

TEST(LayerChoice, sends_nothing_when_disabled_or_off) {
  EXPECT_TRUE(
      choose_layer(landscape(), TrackSettings{.disabled = true}, VideoQuality::High).disabled);
  EXPECT_TRUE(
      choose_layer(landscape(), TrackSettings{.quality = VideoQuality::Off}, VideoQuality::High)
          .disabled);
}

TEST(LayerChoice, leaves_audio_whole_but_can_switch_it_off) {
  const TrackInfo audio{.kind = TrackKind::Audio};
  const TrackSettings settings{.disabled = true, .quality = VideoQuality::Low};
  const LayerTarget target = choose_layer(audio, settings, VideoQuality::Low);
  EXPECT_TRUE(target.disabled);
  EXPECT_EQ(target.quality, VideoQuality::High);
  EXPECT_EQ(choose_layer(audio, {}, VideoQuality::Low).quality, VideoQuality::High);
}

TEST(LayerChoice, is_high_for_a_video_without_layers) {
  EXPECT_EQ(for_size({.kind = TrackKind::Video}, 100, 100), VideoQuality::High);
}

}  // namespace
}  // namespace vis::core::rooms
