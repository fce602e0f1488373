#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/bytes.hpp"
#include "support/files.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace vis::api::livekit {
namespace {

TEST(FuzzCorpus, of_signal_messages_passes) {
  for (const auto& path : test::files_in("fuzz/corpus/signal_messages")) {
    SCOPED_TRACE(path.filename().string());
    const std::string input = test::read_file(path);
    LLVMFuzzerTestOneInput(as_bytes(input).data(), input.size());
  }
}

}  // namespace
}  // namespace vis::api::livekit
