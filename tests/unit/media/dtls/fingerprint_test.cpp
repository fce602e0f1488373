#include "media/dtls/fingerprint.hpp"

#include <string>

#include <gtest/gtest.h>
#include <openssl/x509.h>

#include "media/dtls/certificate.hpp"

namespace vis::media::dtls {
namespace {

constexpr std::string_view kDigest =
    "4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF:3E:5D:49:6B:"
    "19:E5:7C:AB:3E:4B:65:2E:7D:46:3F:54:42:CD:54:F1";

TEST(Fingerprint, reads_back_what_it_writes) {
  const auto fingerprint = Fingerprint::parse("sha-256", kDigest);
  ASSERT_TRUE(fingerprint.has_value());
  EXPECT_EQ(fingerprint->hash_name(), "sha-256");
  EXPECT_EQ(fingerprint->digest_text(), kDigest);
}

TEST(Fingerprint, reads_either_case) {
  std::string lower(kDigest);
  for (char& c : lower) c = static_cast<char>(c >= 'A' && c <= 'F' ? c + 32 : c);
  EXPECT_EQ(Fingerprint::parse("SHA-256", lower), Fingerprint::parse("sha-256", kDigest));
}

TEST(Fingerprint, knows_the_hash_functions_and_calls_weak_ones_unsupported) {
  const auto text = [](std::size_t bytes) {
    std::string digest = "00";
    for (std::size_t i = 1; i < bytes; ++i) digest += ":11";
    return digest;
  };
  EXPECT_EQ(Fingerprint::parse("sha-384", text(48))->hash, HashFunction::Sha384);
  EXPECT_EQ(Fingerprint::parse("sha-512", text(64))->hash, HashFunction::Sha512);
  for (const std::string_view weak : {"sha-1", "md5", "sha-224", ""}) {
    EXPECT_EQ(Fingerprint::parse(weak, text(20)).error().code, Errc::Unsupported) << weak;
  }
}

TEST(Fingerprint, refuses_what_is_malformed) {
  const std::string digest(kDigest);
  std::string no_colon = digest;
  no_colon[2] = 'A';
  std::string odd_colon = digest;
  odd_colon[3] = ':';
  std::string no_digit = digest;
  no_digit[0] = 'G';
  for (const std::string& text :
       {std::string{}, digest + ":00", digest.substr(3), no_colon, odd_colon, no_digit}) {
    EXPECT_EQ(Fingerprint::parse("sha-256", text).error().code, Errc::InvalidArgument) << text;
  }
}

TEST(Fingerprint, lets_the_strongest_hash_function_decide) {
  const std::vector<Fingerprint> lines{
      {HashFunction::Sha256, {}}, {HashFunction::Sha512, {}}, {HashFunction::Sha384, {}}};
  EXPECT_EQ(strongest_hash(lines), HashFunction::Sha512);
}

TEST(Certificate, is_another_one_each_time) {
  const auto first = Certificate::generate(WallTime{});
  const auto second = Certificate::generate(WallTime{});
  ASSERT_TRUE(first && second);
  EXPECT_NE(first->fingerprint(), second->fingerprint());
  EXPECT_EQ(first->fingerprint(), fingerprint_of(first->x509(), HashFunction::Sha256));
}

TEST(Certificate, shares_its_serial_number_with_no_other) {
  const auto first = Certificate::generate(WallTime{});
  const auto second = Certificate::generate(WallTime{});
  ASSERT_TRUE(first && second);
  EXPECT_NE(ASN1_INTEGER_cmp(X509_get0_serialNumber(first->x509()),
                             X509_get0_serialNumber(second->x509())),
            0);
}

}  // namespace
}  // namespace vis::media::dtls
