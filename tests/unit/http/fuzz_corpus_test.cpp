#include <gtest/gtest.h>

#include "support/fuzz_corpus.hpp"

namespace vis::http {
namespace {

TEST(HttpCorpus, replays_without_a_crash) {
  EXPECT_GT(test::replay_fuzz_corpus("http_target"), 0U);
}

}  // namespace
}  // namespace vis::http
