#include <gtest/gtest.h>

#include "support/fuzz_corpus.hpp"

namespace vis::media::srtp {
namespace {

TEST(SrtpCorpus, replays_without_a_crash) {
  EXPECT_GT(test::replay_fuzz_corpus("srtp_unprotect"), 0U);
}

}  // namespace
}  // namespace vis::media::srtp
