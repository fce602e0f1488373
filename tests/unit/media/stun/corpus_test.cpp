#include <gtest/gtest.h>

#include "support/fuzz_corpus.hpp"

namespace vis::media::stun {
namespace {

TEST(StunCorpus, replays_without_a_crash) { EXPECT_GT(test::replay_fuzz_corpus("stun"), 0U); }

}  // namespace
}  // namespace vis::media::stun
