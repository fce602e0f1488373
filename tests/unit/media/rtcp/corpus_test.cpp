#include <gtest/gtest.h>

#include "support/fuzz_corpus.hpp"

namespace vis::media::rtcp {
namespace {

TEST(RtcpCorpus, replays_without_a_crash) { EXPECT_GT(test::replay_fuzz_corpus("rtcp"), 0U); }

}  // namespace
}  // namespace vis::media::rtcp
