#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "media/congestion/allocator.hpp"

namespace vis::media::congestion {
namespace {

constexpr TimePoint kStart{1000s};

/// A camera with three layers.
VideoDemand camera(Priority priority = Priority::Other) {
  return {.priority = priority,
          .layers = {BitRate::kbps(150), BitRate::kbps(500), BitRate::kbps(1700)}};
}

using Layers = std::vector<std::optional<std::uint8_t>>;
Layers allocate(TimePoint now, std::int64_t kbps, std::vector<VideoDemand>& demands) {
  Allocator::allocate(now, {.rate = BitRate::kbps(kbps)}, demands);
  Layers layers;
  for (const VideoDemand& demand : demands) layers.push_back(demand.layer);
  return layers;
}
constexpr std::nullopt_t kPaused = std::nullopt;

TEST(Allocator, gives_everybody_the_best_layer_when_there_is_enough) {
  std::vector<VideoDemand> demands{camera(), camera()};
  EXPECT_EQ(allocate(kStart, 5000, demands), (Layers{2, 2}));
  EXPECT_EQ(Allocator::wanted(demands), BitRate::kbps(3400));
}

TEST(Allocator, gives_everybody_a_small_picture_before_anybody_a_large_one) {
  std::vector<VideoDemand> demands{camera(), camera(), camera()};
  EXPECT_EQ(allocate(kStart, 550, demands), (Layers{0, 0, 0}));
}

TEST(Allocator, serves_the_screen_first_and_then_who_speaks) {
  using enum Priority;
  std::vector<VideoDemand> demands{camera(Other), camera(Focus), camera(ScreenShare)};
  EXPECT_EQ(allocate(kStart, 2600, demands), (Layers{0, 1, 2}));
  std::vector<VideoDemand> poor{camera(Other), camera(Focus), camera(ScreenShare)};
  EXPECT_EQ(allocate(kStart, 360, poor), (Layers{kPaused, 0, 0}));
}

TEST(Allocator, pauses_who_is_served_last_first) {
  using enum Priority;
  std::vector<VideoDemand> demands{camera(Other), camera(Focus), camera(ScreenShare)};
  allocate(kStart, 600, demands);
  EXPECT_EQ(allocate(kStart + 1s, 310, demands), (Layers{0, 0, 0})) << "for a moment";
  EXPECT_EQ(allocate(kStart + 3s, 310, demands), (Layers{kPaused, 0, 0}));
  EXPECT_TRUE(demands[0].paused);
  EXPECT_FALSE(demands[1].paused);
  allocate(kStart + 4s, 100, demands);
  EXPECT_EQ(allocate(kStart + 6s, 100, demands), (Layers{kPaused, kPaused, kPaused}));
}

TEST(Allocator, a_moment_without_room_pauses_nothing) {
  std::vector<VideoDemand> demands{camera()};
  allocate(kStart, 300, demands);
  EXPECT_EQ(allocate(kStart + 1s, 100, demands), (Layers{0}));
  EXPECT_EQ(allocate(kStart + 2s, 160, demands), (Layers{0}));
  EXPECT_EQ(allocate(kStart + 3s, 100, demands), (Layers{0})) << "it counts afresh";
  EXPECT_EQ(allocate(kStart + 5s, 100, demands), (Layers{kPaused}));
}

TEST(Allocator, does_not_begin_what_it_would_have_to_pause) {
  std::vector<VideoDemand> demands{camera()};
  EXPECT_EQ(allocate(kStart, 100, demands), (Layers{kPaused}));
  EXPECT_TRUE(demands[0].paused);
}

TEST(Allocator, pauses_nothing_on_account_of_a_guess) {
  std::vector<VideoDemand> demands{camera(), camera()};
  Allocator::allocate(kStart, {.rate = BitRate::kbps(100), .may_pause = false}, demands);
  EXPECT_EQ(demands[0].layer, 0);
  EXPECT_EQ(demands[1].layer, 0);
  EXPECT_EQ(Allocator::granted(demands), BitRate::kbps(300));
}

TEST(Allocator, a_track_without_layers_is_not_paused) {
  std::vector<VideoDemand> demands{VideoDemand{}};
  EXPECT_EQ(allocate(kStart, 100, demands), (Layers{kPaused}));
  EXPECT_FALSE(demands[0].paused);
}

TEST(Allocator, gives_no_more_than_the_subscriber_has_use_for) {
  std::vector<VideoDemand> demands{camera()};
  demands[0].max_layer = 1;
  EXPECT_EQ(allocate(kStart, 5000, demands), (Layers{1}));
  EXPECT_EQ(Allocator::wanted(demands), BitRate::kbps(500));
}

TEST(Allocator, passes_over_layers_that_are_not_there) {
  std::vector<VideoDemand> demands{camera(), camera()};
  demands[0].layers[1] = {};
  demands[1].layers[0] = demands[1].layers[1] = {};
  demands[1].max_layer = 0;
  EXPECT_EQ(allocate(kStart, 5000, demands), (Layers{2, 2})) << "the only one is better than none";
  demands[0].layers = {};
  EXPECT_EQ(allocate(kStart + 10s, 5000, demands), (Layers{kPaused, 2}));
}

TEST(Allocator, keeps_a_layer_that_just_fits_and_raises_one_only_with_room_to_spare) {
  std::vector<VideoDemand> demands{camera()};
  EXPECT_EQ(allocate(kStart, 1710, demands), (Layers{1})) << "no room to spare";
  EXPECT_EQ(allocate(kStart + 1s, 2000, demands), (Layers{2}));
  EXPECT_EQ(allocate(kStart + 2s, 1700, demands), (Layers{2})) << "it just fits";
  EXPECT_EQ(allocate(kStart + 3s, 1690, demands), (Layers{1}));
}

TEST(Allocator, does_not_flicker) {
  std::vector<VideoDemand> demands{camera()};
  allocate(kStart, 3000, demands);
  EXPECT_EQ(allocate(kStart + 1s, 1000, demands), (Layers{1}));
  EXPECT_EQ(allocate(kStart + 2s, 3000, demands), (Layers{1}));
  EXPECT_EQ(allocate(kStart + 1s + Allocator::kPatience, 3000, demands), (Layers{2}));
}

TEST(Allocator, raises_at_once_what_the_subscriber_had_asked_to_be_small) {
  std::vector<VideoDemand> demands{camera()};
  allocate(kStart, 3000, demands);
  demands[0].max_layer = 0;
  EXPECT_EQ(allocate(kStart + 1s, 3000, demands), (Layers{0}));
  demands[0].max_layer = 2;
  EXPECT_EQ(allocate(kStart + 2s, 3000, demands), (Layers{2}));
}

TEST(Allocator, raises_at_once_when_a_layer_is_there_again) {
  std::vector<VideoDemand> demands{camera()};
  allocate(kStart, 3000, demands);
  const BitRate top = std::exchange(demands[0].layers[2], BitRate{});
  EXPECT_EQ(allocate(kStart + 1s, 3000, demands), (Layers{1}));
  demands[0].layers[2] = top;
  EXPECT_EQ(allocate(kStart + 2s, 3000, demands), (Layers{2}));
}

TEST(Allocator, resumes_what_it_has_paused_when_there_is_room_to_spare) {
  std::vector<VideoDemand> demands{camera()};
  allocate(kStart, 200, demands);
  allocate(kStart + 1s, 100, demands);
  EXPECT_EQ(allocate(kStart + 3s, 100, demands), (Layers{kPaused}));
  EXPECT_EQ(allocate(kStart + 5s, 180, demands), (Layers{kPaused})) << "too soon";
  EXPECT_EQ(allocate(kStart + 6s, 160, demands), (Layers{kPaused})) << "no room to spare";
  EXPECT_EQ(allocate(kStart + 7s, 180, demands), (Layers{0}));
  EXPECT_FALSE(demands[0].paused);
}

}  // namespace
}  // namespace vis::media::congestion
