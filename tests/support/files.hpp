#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace vis::test {

/// The content of a file given by its path below the root of the repository.
inline std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(std::filesystem::path(VIS_SOURCE_DIR) / path, std::ios::binary);
  EXPECT_TRUE(in.is_open()) << path;
  return {std::istreambuf_iterator<char>(in), {}};
}

/// The files of a folder below the root of the repository, sorted by name.
inline std::vector<std::filesystem::path> files_in(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::filesystem::path(VIS_SOURCE_DIR) / folder)) {
    if (entry.is_regular_file()) paths.push_back(entry.path());
  }
  std::ranges::sort(paths);
  EXPECT_FALSE(paths.empty()) << folder;
  return paths;
}

}  // namespace vis::test
