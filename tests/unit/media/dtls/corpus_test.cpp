#include <gtest/gtest.h>

#include "support/fuzz_corpus.hpp"

namespace vis::media::dtls {
namespace {

TEST(DtlsCorpus, replays_without_a_crash) {
  EXPECT_GT(test::replay_fuzz_corpus("dtls_records"), 0U);
}

}  // namespace
}  // namespace vis::media::dtls
