#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

/// The entry of the fuzz target whose source is linked into this test program.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace vis::test {

/// Feeds every file of fuzz/corpus/<name> to the fuzz target, so that an ordinary test run repeats
/// each past crash. Returns how many files there were.
inline std::size_t replay_fuzz_corpus(
    std::string_view name,
    decltype(LLVMFuzzerTestOneInput)* entry_of_target = LLVMFuzzerTestOneInput) {
  std::size_t replayed = 0;
  const auto folder = std::filesystem::path(VIS_SOURCE_DIR) / "fuzz" / "corpus" / name;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::ifstream file(entry.path(), std::ios::binary);
    const std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
    const std::vector<std::uint8_t> input(bytes.begin(), bytes.end());
    entry_of_target(input.data(), input.size());
    ++replayed;
  }
  return replayed;
}

}  // namespace vis::test
