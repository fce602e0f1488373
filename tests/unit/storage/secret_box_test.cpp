#include "storage/secret_box.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "support/temp_directory.hpp"

namespace vis::storage {
namespace {

constexpr const char* kFirstKey = "1 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n";
constexpr const char* kSecondKey = "2 ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=\n";

class SecretBoxTest : public testing::Test {
 protected:
  Result<SecretBox> load(const std::string& text) {
    std::ofstream(file_) << text;
    return SecretBox::load(file_);
  }
  test::TempDirectory directory_;
  std::filesystem::path file_ = directory_ / "master.key";
  SeededRandom random_{1};
};

TEST_F(SecretBoxTest, opens_what_it_sealed) {
  const SecretBox box = load(kFirstKey).value();
  for (const std::string& text : {std::string(), std::string("secret"), std::string(1000, 'x')}) {
    const std::string sealed = box.seal(Secret(text), "api_key:1", random_);
    EXPECT_EQ(box.open(sealed, "api_key:1").value().reveal(), text);
  }
}

// Sealed by another implementation (HChaCha20 in Python, held against section 2.2.1 of
// draft-irtf-cfrg-xchacha): a change of the format would show here.
TEST_F(SecretBoxTest, opens_what_was_sealed_elsewhere) {
  const SecretBox box = load(kFirstKey).value();
  const auto secret = box.open("1:ZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXp7DxaawppahGk42KiFu-EQZZF6t-w1sw",
                               "api_key:devkey");
  ASSERT_TRUE(secret) << secret.error().message;
  EXPECT_EQ(secret->reveal(), "secret");
}

TEST_F(SecretBoxTest, seals_the_same_secret_differently_each_time) {
  const SecretBox box = load(kFirstKey).value();
  EXPECT_NE(box.seal(Secret("secret"), "a", random_), box.seal(Secret("secret"), "a", random_));
}

TEST_F(SecretBoxTest, refuses_a_sealed_text_that_was_changed_anywhere_or_moved_elsewhere) {
  const SecretBox box = load(kFirstKey).value();
  // Eight bytes make 48 in all, so that every bit of the base64 text counts.
  const std::string sealed = box.seal(Secret("8 bytes."), "api_key:1", random_);
  EXPECT_FALSE(box.open(sealed, "api_key:2"));
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    std::string changed = sealed;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(box.open(changed, "api_key:1")) << "character " << i;
    EXPECT_FALSE(box.open(sealed.substr(0, i), "api_key:1")) << "cut at " << i;
  }
}

TEST_F(SecretBoxTest, the_newest_key_seals_and_the_older_ones_still_open) {
  const SecretBox before = load(kFirstKey).value();
  const std::string old = before.seal(Secret("old"), "a", random_);
  const SecretBox after = load(std::string(kFirstKey) + kSecondKey).value();
  const std::string young = after.seal(Secret("young"), "a", random_);
  EXPECT_EQ(after.open(old, "a").value().reveal(), "old");
  EXPECT_EQ(after.newest_key(), 2U);
  EXPECT_TRUE(young.starts_with("2:"));
  EXPECT_EQ(before.open(young, "a").error().code, Errc::Internal);
}

TEST_F(SecretBoxTest, a_new_key_file_is_complete_private_and_never_replaced) {
  ASSERT_TRUE(SecretBox::create_key_file(file_, random_));
  struct stat status{};
  ASSERT_EQ(::stat(file_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
  const std::string sealed = SecretBox::load(file_).value().seal(Secret("s"), "a", random_);

  EXPECT_EQ(SecretBox::create_key_file(file_, random_).error().code, Errc::AlreadyExists);
  EXPECT_TRUE(SecretBox::load(file_).value().open(sealed, "a"));
  const auto entries = std::filesystem::directory_iterator(directory_.path());
  EXPECT_EQ(std::distance(begin(entries), end(entries)), 1) << "a draft was left behind";
}

TEST_F(SecretBoxTest, a_key_file_that_others_can_read_still_works) {
  ASSERT_TRUE(load(kFirstKey));
  ASSERT_EQ(::chmod(file_.c_str(), 0644), 0);
  EXPECT_TRUE(SecretBox::load(file_));
}

TEST_F(SecretBoxTest, comments_blank_lines_and_line_ends_of_windows_are_ignored) {
  EXPECT_TRUE(load("# comment\r\n\r\n" + std::string(kFirstKey)));
}

TEST_F(SecretBoxTest, files_that_are_no_key_files_are_refused) {
  EXPECT_EQ(SecretBox::load(file_).error().code, Errc::NotFound);
  const std::string bad[] = {
      "",
      "# only a comment\n",
      "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n",
      "0 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n",
      "1 AAEC\n",
      "1 not base64 at all, but long enough to be so\n",
      "99999999999 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n",
      std::string(kFirstKey) + kFirstKey,
      std::string(100'000, '#'),
  };
  for (const std::string& text : bad) {
    const auto box = load(text);
    ASSERT_FALSE(box) << text;
    EXPECT_EQ(box.error().code, Errc::InvalidArgument) << text;
  }
}

}  // namespace
}  // namespace vis::storage
