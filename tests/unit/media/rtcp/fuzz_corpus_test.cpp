#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/bytes.hpp"
#include "support/files.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace vis::media::rtcp {
namespace {

TEST(RtcpFuzzCorpus, every_input_is_handled) {
  for (const auto& path : test::files_in("fuzz/corpus/rtcp")) {
    SCOPED_TRACE(path);
    const std::string input = test::read_file(path);
    EXPECT_EQ(LLVMFuzzerTestOneInput(as_bytes(input).data(), input.size()), 0);
  }
}

}  // namespace
}  // namespace vis::media::rtcp
