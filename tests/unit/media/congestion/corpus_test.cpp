#include <gtest/gtest.h>

#include "support/fuzz_corpus.hpp"

namespace vis::media::congestion {
namespace {

TEST(CongestionCorpus, replays_without_a_crash) {
  EXPECT_GT(test::replay_fuzz_corpus("congestion"), 0U);
}

}  // namespace
}  // namespace vis::media::congestion
