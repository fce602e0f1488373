#include "media/sfu/renumbering.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <vector>

namespace vis::media::sfu {
namespace {

TEST(Renumbering, counts_through_what_is_left_in) {
  Renumbering numbers;
  numbers.start(100, 7);
  EXPECT_EQ(numbers.map(100), 7);
  EXPECT_EQ(numbers.leave_out(101), std::nullopt);
  EXPECT_EQ(numbers.leave_out(102), std::nullopt);
  EXPECT_EQ(numbers.map(103), 8);
  EXPECT_EQ(numbers.map(103), 8) << "as often as asked";
  EXPECT_EQ(numbers.next_out(), 9);
}

TEST(Renumbering, keeps_numbers_for_what_may_come_late) {
  Renumbering numbers;
  numbers.start(0, 0);
  EXPECT_EQ(numbers.map(0), 0);
  EXPECT_EQ(numbers.leave_out(3), std::nullopt);
  EXPECT_EQ(numbers.map(4), 3);
  EXPECT_EQ(numbers.map(1), 1);
  EXPECT_EQ(numbers.leave_out(2), 2) << "somebody waits for it";
  EXPECT_EQ(numbers.map(3), std::nullopt) << "it was left out";
  EXPECT_EQ(numbers.map(-1), std::nullopt) << "before the start";
}

TEST(Renumbering, finds_what_went_out_under_a_number) {
  Renumbering numbers;
  numbers.start(10, 0);
  for (std::int64_t in = 10; in < 40; ++in) {
    if (in % 3 == 0) {
      numbers.leave_out(in);
    } else {
      numbers.map(in);
    }
  }
  EXPECT_EQ(numbers.origin(0), 10);
  EXPECT_EQ(numbers.origin(1), 11);
  EXPECT_EQ(numbers.origin(2), 13);
  EXPECT_EQ(numbers.origin(19), 38);
  EXPECT_EQ(numbers.origin(20), std::nullopt);
  EXPECT_EQ(numbers.origin(-1), std::nullopt);
}

TEST(Renumbering, remembers_a_window_and_nothing_before_it) {
  constexpr auto kWindow = static_cast<std::int64_t>(Renumbering::kWindow);
  Renumbering numbers;
  numbers.start(0, 0);
  numbers.map(0);
  numbers.leave_out(1);
  for (std::int64_t in = 2; in < kWindow; ++in) numbers.map(in);
  EXPECT_EQ(numbers.map(0), 0);
  EXPECT_EQ(numbers.origin(0), 0);
  numbers.map(kWindow);
  EXPECT_EQ(numbers.map(0), std::nullopt);
  EXPECT_EQ(numbers.origin(0), std::nullopt);
  EXPECT_EQ(numbers.origin(1), 2);
}

TEST(Renumbering, a_mark_does_not_come_back_a_window_later) {
  constexpr auto kWindow = static_cast<std::int64_t>(Renumbering::kWindow);
  Renumbering numbers;
  numbers.start(0, 0);
  numbers.leave_out(5);
  for (std::int64_t in = 6; in < 5 + kWindow; ++in) numbers.map(in);
  numbers.map(6 + kWindow);
  EXPECT_TRUE(numbers.map(5 + kWindow).has_value());
}

/// Against a plain list, with losses, late ones and some left out.
TEST(Renumbering, agrees_with_a_list_whatever_the_order) {
  for (std::uint32_t seed = 0; seed < 50; ++seed) {
    std::mt19937 random(seed);
    std::vector<std::int64_t> arrivals;
    for (std::int64_t in = 0; in < 4000; ++in) {
      if (random() % 20 != 0) arrivals.push_back(in);
    }
    for (std::size_t i = 0; i + 8 < arrivals.size(); ++i) {
      if (random() % 10 == 0) std::swap(arrivals[i], arrivals[i + random() % 8]);
    }
    Renumbering numbers;
    numbers.start(0, 1000);
    std::map<std::int64_t, std::int64_t> out_of;
    std::set<std::int64_t> used;
    for (const std::int64_t in : arrivals) {
      const bool left_out = (in * 7919) % 5 < 2;
      const auto out = left_out ? numbers.leave_out(in) : numbers.map(in);
      if (!out) continue;
      EXPECT_TRUE(used.insert(*out).second) << "seed " << seed << " number " << *out << " twice";
      out_of[in] = *out;
    }
    // In the same order as they came in, and found again.
    std::int64_t last = 0;
    for (const auto& [in, out] : out_of) {
      EXPECT_GT(out, last) << "seed " << seed;
      last = out;
      if (in > arrivals.back() - 900) EXPECT_EQ(numbers.origin(out), in) << "seed " << seed;
    }
  }
}

}  // namespace
}  // namespace vis::media::sfu
