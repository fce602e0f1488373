#include "api/livekit/inflate.hpp"

#include <gtest/gtest.h>

#include "unit/api/livekit/gzip.hpp"

namespace vis::api::livekit {
namespace {

constexpr std::size_t kLimit = 100'000;

Errc error_of(std::string_view packed) {
  const auto outcome = gunzip(as_bytes(packed), kLimit);
  EXPECT_FALSE(outcome);
  return outcome ? Errc::Internal : outcome.error().code;
}

TEST(Gunzip, unpacks_what_was_packed) {
  for (const std::size_t size : {0U, 1U, 20'000U}) {
    const std::string plain(size, 'x');
    const std::string packed = gzip(plain);
    const auto unpacked = gunzip(as_bytes(packed), kLimit);
    ASSERT_TRUE(unpacked) << size;
    EXPECT_EQ(as_text(*unpacked), plain) << size;
  }
}

TEST(Gunzip, stops_at_the_limit) {
  const std::string at_limit = gzip(std::string(kLimit, 'x'));
  EXPECT_TRUE(gunzip(as_bytes(at_limit), kLimit));
  EXPECT_EQ(error_of(gzip(std::string(kLimit + 1, 'x'))), Errc::LimitExceeded);
  EXPECT_EQ(error_of(gzip(std::string(50'000'000, 'x'))), Errc::LimitExceeded);
}

TEST(Gunzip, refuses_what_is_no_gzip_stream) {
  const std::string packed = gzip("hello");
  std::string damaged = packed;
  damaged[damaged.size() - 5] ^= 1;  // the checksum
  for (const std::string& bad : {std::string(), std::string("hello"), packed.substr(0, 12),
                                 packed.substr(0, packed.size() - 1), packed + "x", damaged}) {
    EXPECT_EQ(error_of(bad), Errc::InvalidArgument) << bad.size();
  }
}

}  // namespace
}  // namespace vis::api::livekit
