#include "media/sfu/redundancy_control.hpp"

#include <gtest/gtest.h>

namespace vis::media::sfu {
namespace {

using congestion::BitRate;

constexpr TimePoint kStart{std::chrono::hours{1}};

RedundancyControl::Input at(double loss, BitRate path = BitRate::kbps(1000)) {
  return {.loss = loss, .sound = BitRate::kbps(40), .path = path};
}

TEST(RedundancyControl, repeats_so_much_that_less_than_a_hundredth_is_missing) {
  for (const double loss : {0.0, 0.01, 0.03, 0.05, 0.1, 0.2, 0.3}) {
    RedundancyControl control;
    const std::size_t repeats = control.update(kStart, at(loss));
    double missing = loss;
    for (std::size_t i = 0; i < repeats; ++i) missing *= loss;
    EXPECT_LE(missing, 0.01) << loss;
  }
  RedundancyControl control;
  EXPECT_EQ(control.update(kStart, at(0.005)), 0U) << "what nobody hears is not repaired";
}

TEST(RedundancyControl, repeats_more_at_once_and_less_after_a_while) {
  RedundancyControl control;
  EXPECT_EQ(control.update(kStart, at(0.1)), 2U);
  EXPECT_EQ(control.update(kStart + 1s, at(0)), 2U);
  EXPECT_EQ(control.update(kStart + 10s, at(0)), 2U);
  EXPECT_EQ(control.update(kStart + 12s, at(0)), 1U) << "one at a time";
  EXPECT_EQ(control.update(kStart + 13s, at(0)), 1U);
  EXPECT_EQ(control.update(kStart + 24s, at(0)), 0U);
  EXPECT_EQ(control.update(kStart + 25s, at(0.3)), kMaxRepeats);
}

TEST(RedundancyControl, a_loss_that_comes_again_starts_the_wait_afresh) {
  RedundancyControl control;
  EXPECT_EQ(control.update(kStart, at(0.02)), 1U);
  EXPECT_EQ(control.update(kStart + 1s, at(0)), 1U);
  EXPECT_EQ(control.update(kStart + 9s, at(0.008)), 1U) << "nearly what it takes";
  EXPECT_EQ(control.update(kStart + 12s, at(0)), 1U);
  EXPECT_EQ(control.update(kStart + 21s, at(0)), 1U);
  EXPECT_EQ(control.update(kStart + 22s, at(0)), 0U);
}

TEST(RedundancyControl, takes_no_more_than_its_share_of_a_path_that_is_full) {
  RedundancyControl control;
  const auto full = [](BitRate path) {
    RedundancyControl::Input input = at(0.3, path);
    input.queue = RedundancyControl::kFullQueue + 1ms;
    return input;
  };
  EXPECT_EQ(control.update(kStart, full(BitRate::kbps(480))), 3U);
  EXPECT_EQ(control.update(kStart, full(BitRate::kbps(479))), 2U);
  EXPECT_EQ(control.update(kStart, full(BitRate::kbps(319))), 1U);
  EXPECT_EQ(control.update(kStart, full(BitRate::kbps(159))), 0U);
  EXPECT_EQ(control.update(kStart + 9s, at(0.3, BitRate::kbps(159))), 0U);
  EXPECT_EQ(control.update(kStart + 10s, at(0.3, BitRate::kbps(159))), 3U);
}

TEST(RedundancyControl, of_a_path_that_is_not_known_to_be_full_takes_a_limited_rate) {
  RedundancyControl control;
  RedundancyControl::Input input = at(0.3, BitRate::kbps(30));
  EXPECT_EQ(control.update(kStart, input), 3U);
  input.sound = BitRate::kbps(41);
  EXPECT_EQ(control.update(kStart, input), 2U);
  input.sound = BitRate::kbps(121);
  EXPECT_EQ(control.update(kStart, input), 0U);
}

}  // namespace
}  // namespace vis::media::sfu
