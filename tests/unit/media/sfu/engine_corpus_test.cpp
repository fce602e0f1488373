#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>

#include "support/fuzz_corpus.hpp"

extern "C" int fuzz_engine(const std::uint8_t* data, std::size_t size);

namespace vis::media::sfu {
namespace {

TEST(EngineCorpus, replays_without_a_crash) {
  EXPECT_GT(vis::test::replay_fuzz_corpus("engine", fuzz_engine), 0U);
}

}  // namespace
}  // namespace vis::media::sfu
