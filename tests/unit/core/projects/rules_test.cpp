#include "core/projects/rules.hpp"

#include <gtest/gtest.h>

#include <set>

#include "base/limits/core_projects.hpp"
#include "base/limits/text.hpp"

namespace vis::core::projects {
namespace {

TEST(ProjectRules, a_project_id_is_a_slug) {
  for (const std::string& id : {std::string("demo"), std::string("a"), std::string("acme-2"),
                                std::string("a-b-c"), std::string(limits::kProjectIdBytes, 'a')}) {
    EXPECT_TRUE(check_project_id(ProjectId(id))) << id;
  }
  for (const std::string& id :
       {std::string(), std::string("Demo"), std::string("2a"), std::string("-a"), std::string("a-"),
        std::string("a--b"), std::string("a_b"), std::string("a b"), std::string("é"),
        std::string("a\0b", 3), std::string(limits::kProjectIdBytes + 1, 'a')}) {
    const auto checked = check_project_id(ProjectId(id));
    ASSERT_FALSE(checked) << id;
    EXPECT_EQ(checked.error().code, Errc::InvalidArgument);
  }
}

TEST(ProjectRules, a_key_id_is_letters_digits_and_two_marks) {
  for (const std::string& id : {std::string("devkey"), std::string("API23abcXYZ_-"),
                                std::string(limits::kApiKeyIdBytes, 'A')}) {
    EXPECT_TRUE(check_key_id(ApiKeyId(id))) << id;
  }
  for (const std::string& id : {std::string(), std::string("a:b"), std::string("a b"),
                                std::string(limits::kApiKeyIdBytes + 1, 'A')}) {
    EXPECT_FALSE(check_key_id(ApiKeyId(id))) << id;
  }
}

TEST(ProjectRules, a_secret_is_printable_ascii_without_spaces) {
  for (const std::string& text :
       {std::string("secret"), std::string("!~\":/"), std::string(limits::kApiSecretBytes, 's')}) {
    EXPECT_TRUE(check_secret(Secret(text))) << text;
  }
  for (const std::string& text :
       {std::string(), std::string("a b"), std::string("a\n"), std::string("é"),
        std::string("\x7F"), std::string(limits::kApiSecretBytes + 1, 's')}) {
    EXPECT_FALSE(check_secret(Secret(text))) << text;
  }
}

TEST(ProjectRules, a_name_is_text_of_one_line) {
  for (const std::string& name : {std::string("Acme"), std::string("Видео «А» 会议 😀"),
                                  std::string(limits::kNameBytes, 'n')}) {
    EXPECT_TRUE(check_name("the name", name)) << name;
  }
  for (const std::string& name :
       {std::string(), std::string("   "), std::string("a\nb"), std::string("a\0b", 3),
        std::string("\x7F"), std::string("\xC3"), std::string(limits::kNameBytes + 1, 'n')}) {
    const auto checked = check_name("the name", name);
    ASSERT_FALSE(checked) << name;
    EXPECT_TRUE(checked.error().message.starts_with("the name "));
  }
}

TEST(ProjectRules, a_made_id_keeps_what_it_can_of_the_name_and_is_always_valid) {
  SeededRandom random(1);
  const std::pair<std::string, std::string> table[] = {
      {"Acme Calls", "acme-calls-"},
      {"  Acme --- Calls!  ", "acme-calls-"},
      {"3M", "m-"},
      {"Видео", "project-"},
      {"", "project-"},
      {std::string(300, 'x'), std::string(limits::kProjectIdBytes - 7, 'x') + "-"},
      {std::string(limits::kProjectIdBytes - 8, 'x') + " y",
       std::string(limits::kProjectIdBytes - 8, 'x') + "-"},
  };
  for (const auto& [name, start] : table) {
    const ProjectId id = make_project_id(random, name);
    EXPECT_TRUE(id.str().starts_with(start)) << id.str();
    EXPECT_EQ(id.str().size(), start.size() + 6);
    EXPECT_TRUE(check_project_id(id)) << id.str();
  }
}

TEST(ProjectRules, made_keys_and_secrets_are_valid_and_never_the_same) {
  SystemRandom random;
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) {
    const ApiKeyId id = make_key_id(random);
    const Secret secret = make_secret(random);
    EXPECT_TRUE(id.str().starts_with("API"));
    EXPECT_EQ(id.str().size(), 15U);
    EXPECT_TRUE(secret.reveal().starts_with("vis_live_"));
    EXPECT_EQ(secret.reveal().size(), 9U + 43U);
    EXPECT_TRUE(check_key_id(id));
    EXPECT_TRUE(check_secret(secret));
    EXPECT_TRUE(seen.insert(id.str()).second);
    EXPECT_TRUE(seen.insert(secret.reveal()).second);
  }
}

}  // namespace
}  // namespace vis::core::projects
