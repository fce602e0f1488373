#include "api/whip/track_plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/limits/api_whip.hpp"

namespace vis::api::whip {
namespace {

using rooms::OfferedSection;
using rooms::OfferSummary;
using rooms::TrackKind;
using rooms::TrackSource;

OfferedSection audio(std::string mid) {
  return {.mid = std::move(mid), .kind = TrackKind::Audio, .sends = true, .usable = true};
}
OfferedSection video(std::string mid) {
  return {.mid = std::move(mid), .kind = TrackKind::Video, .sends = true, .usable = true};
}

std::vector<TrackSource> sources(const OfferSummary& offer) {
  std::vector<TrackSource> found;
  for (const auto& track : plan_tracks(offer).value()) found.push_back(track.source);
  return found;
}

TEST(TrackPlan, takes_the_first_of_a_kind_for_the_camera_and_the_microphone) {
  EXPECT_THAT(sources({.sections = {video("0"), audio("1")}}),
              testing::ElementsAre(TrackSource::Camera, TrackSource::Microphone));
  EXPECT_THAT(
      sources({.sections = {audio("0"), audio("1"), video("2"), video("3"), video("4")}}),
      testing::ElementsAre(TrackSource::Microphone, TrackSource::ScreenShareAudio,
                           TrackSource::Camera, TrackSource::ScreenShare, TrackSource::Unknown));
}

TEST(TrackPlan, believes_a_track_that_is_named_after_its_source) {
  OfferSummary offer{.sections = {video("0"), video("1")}};
  offer.sections[0].track_id = "screen_share";
  EXPECT_THAT(sources(offer), testing::ElementsAre(TrackSource::ScreenShare, TrackSource::Camera));
}

TEST(TrackPlan, tells_media_the_ids_of_the_tracks_each_once) {
  OfferSummary offer{.sections = {audio("0"), video("1"), video("2")}};
  offer.sections[0].track_id = offer.sections[1].track_id = "same";
  const auto tracks = plan_tracks(offer).value();
  EXPECT_EQ(tracks[0].cid, "same");
  EXPECT_EQ(tracks[1].cid, "mid:1");
  EXPECT_EQ(tracks[2].cid, "mid:2");
}

TEST(TrackPlan, keeps_stereo_and_continuous_sound_as_offered) {
  OfferSummary offer{.sections = {audio("0")}};
  EXPECT_FALSE(plan_tracks(offer)->front().stereo);
  EXPECT_TRUE(plan_tracks(offer)->front().disable_dtx);
  offer.sections[0].stereo = offer.sections[0].dtx = true;
  EXPECT_TRUE(plan_tracks(offer)->front().stereo);
  EXPECT_FALSE(plan_tracks(offer)->front().disable_dtx);
}

TEST(TrackPlan, refuses_what_would_become_half_a_session) {
  OfferSummary silent{.sections = {audio("0"), video("1")}};
  silent.sections[1].sends = false;
  OfferSummary foreign{.sections = {audio("0"), video("1")}};
  foreign.sections[1].usable = false;
  for (const OfferSummary& offer : {OfferSummary{}, silent, foreign}) {
    const auto refused = plan_tracks(offer);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::Unsupported);
  }
}

TEST(TrackPlan, has_so_many_tracks_and_no_more) {
  OfferSummary offer;
  for (std::size_t i = 0; i < limits::kWhipTracks; ++i) {
    offer.sections.push_back(video(std::to_string(i)));
  }
  EXPECT_TRUE(plan_tracks(offer));
  offer.sections.push_back(audio("last"));
  EXPECT_FALSE(plan_tracks(offer));
}

}  // namespace
}  // namespace vis::api::whip
