#include <gtest/gtest.h>

#include "support/fuzz_corpus.hpp"

namespace vis::media::rtp {
namespace {

TEST(RtpCorpus, replays_without_a_crash) { EXPECT_GT(test::replay_fuzz_corpus("rtp"), 0U); }

}  // namespace
}  // namespace vis::media::rtp
