#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>

#include "base/bytes.hpp"
#include "support/files.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace vis::media::negotiation {
namespace {

TEST(Negotiator, survives_what_the_fuzzer_found) {
  for (const auto& path : vis::test::files_in("fuzz/corpus/negotiation")) {
    const std::string input = vis::test::read_file(path);
    const auto bytes = as_bytes(input);
    EXPECT_EQ(LLVMFuzzerTestOneInput(bytes.data(), bytes.size()), 0) << path;
  }
}

}  // namespace
}  // namespace vis::media::negotiation
