#include <gtest/gtest.h>

#include "support/fuzz_corpus.hpp"

namespace vis::media::ice {
namespace {

TEST(CandidateCorpus, replays_without_a_crash) {
  EXPECT_GT(test::replay_fuzz_corpus("ice_candidate"), 0U);
}

}  // namespace
}  // namespace vis::media::ice
