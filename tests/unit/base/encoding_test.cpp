#include "base/encoding.hpp"

#include <gtest/gtest.h>

#include "base/random.hpp"

namespace vis {
namespace {

TEST(Base64, agrees_with_the_vectors_of_rfc_4648) {
  const std::pair<std::string_view, std::string_view> vectors[] = {
      {"", ""},        {"f", "Zg=="},        {"fo", "Zm8="},
      {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, encoded] : vectors) {
    EXPECT_EQ(base64_encode(as_bytes(plain)), encoded);
    const auto decoded = base64_decode(encoded);
    ASSERT_TRUE(decoded.has_value()) << encoded;
    EXPECT_EQ(as_text(*decoded), plain);
  }
}

TEST(Base64, decoders_accept_missing_padding_and_refuse_foreign_characters) {
  EXPECT_TRUE(base64_decode("Zm8").has_value());
  EXPECT_FALSE(base64_decode("Zm9v!").has_value());
  EXPECT_FALSE(base64_decode("Z").has_value());
  EXPECT_FALSE(base64url_decode("+/").has_value());
  EXPECT_TRUE(base64url_decode("-_8").has_value());
}

TEST(Encodings, give_back_what_went_in_for_any_bytes) {
  SeededRandom random(7);
  for (std::size_t length = 0; length < 70; ++length) {
    ByteVector bytes(length);
    random.fill(bytes);
    EXPECT_EQ(base64_decode(base64_encode(bytes)), bytes);
    EXPECT_EQ(base64url_decode(base64url_encode(bytes)), bytes);
    EXPECT_EQ(hex_decode(hex_encode(bytes)), bytes);
  }
}

TEST(ConstantTimeEqual, compares_contents_and_lengths) {
  EXPECT_TRUE(constant_time_equal(as_bytes("same"), as_bytes("same")));
  EXPECT_FALSE(constant_time_equal(as_bytes("same"), as_bytes("sama")));
  EXPECT_FALSE(constant_time_equal(as_bytes("same"), as_bytes("sam")));
}

TEST(ValidText, accepts_utf8_and_refuses_what_is_not) {
  EXPECT_TRUE(is_valid_text(""));
  EXPECT_TRUE(is_valid_text("Nguyễn Văn Ә \xF0\x9F\x98\x80"));
  for (const std::string_view bad :
       {std::string_view("\0", 1), std::string_view("\xC0\x80"), std::string_view("\xED\xA0\x80"),
        std::string_view("\xF4\x90\x80\x80"), std::string_view("\xE2\x82"),
        std::string_view("\xFF")}) {
    EXPECT_FALSE(is_valid_text(bad));
  }
}

}  // namespace
}  // namespace vis
