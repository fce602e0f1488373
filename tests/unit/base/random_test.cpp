#include "base/random.hpp"

#include <gtest/gtest.h>

#include <set>

namespace vis {
namespace {

TEST(SeededRandom, repeats_itself_for_the_same_seed) {
  SeededRandom first(1);
  SeededRandom second(1);
  SeededRandom other(2);
  EXPECT_EQ(first.u64(), second.u64());
  EXPECT_NE(first.u64(), other.u64());
}

TEST(SystemRandom, gives_ids_that_do_not_repeat) {
  SystemRandom random;
  std::set<std::string> ids;
  for (int i = 0; i < 1000; ++i) ids.insert(random_id(random, "PA_"));
  EXPECT_EQ(ids.size(), 1000U);
  EXPECT_TRUE(ids.begin()->starts_with("PA_"));
  EXPECT_EQ(ids.begin()->size(), 15U);
}

TEST(RandomSource, below_stays_under_its_bound_and_reaches_every_value) {
  SeededRandom random(3);
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 200; ++i) seen.insert(random.below(5));
  EXPECT_EQ(seen, (std::set<std::uint64_t>{0, 1, 2, 3, 4}));
}

}  // namespace
}  // namespace vis
