#include <gtest/gtest.h>

#include "support/fuzz_corpus.hpp"

namespace vis::media::sfu {
namespace {

TEST(LayersCorpus, replays_without_a_crash) { EXPECT_GT(test::replay_fuzz_corpus("layers"), 0U); }

}  // namespace
}  // namespace vis::media::sfu
