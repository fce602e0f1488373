#include "app/config/describe.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>

#include "app/config/load.hpp"

namespace vis::app {
namespace {

std::string content_of(const char* path) {
  std::ifstream file(std::filesystem::path(VIS_SOURCE_DIR) / path);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

TEST(DescribeConfig, the_guide_in_the_tree_is_what_the_table_says) {
  EXPECT_EQ(content_of("docs/guides/configuration.md"), config_guide())
      << "renew it: visavis config --markdown > docs/guides/configuration.md";
}

TEST(DescribeConfig, the_sample_in_the_tree_is_what_the_table_says) {
  EXPECT_EQ(content_of("deploy/visavis.toml"), sample_config())
      << "renew it: visavis config --sample > deploy/visavis.toml";
}

TEST(DescribeConfig, the_sample_is_a_valid_file_as_it_stands) {
  EXPECT_TRUE(load_config({.file_name = "sample", .file_text = sample_config()}).has_value());
}

TEST(DescribeConfig, the_sample_is_a_valid_file_with_every_line_switched_on) {
  std::string text = std::regex_replace(sample_config(), std::regex("(^|\n)#([a-z\\[])"), "$1$2");
  text = std::regex_replace(text, std::regex("\\[\\[webhook\\]\\][^$]*"), "");
  const auto config = load_config({.file_name = "sample", .file_text = text});
  EXPECT_TRUE(config.has_value()) << config.error().message;
}

}  // namespace
}  // namespace vis::app
