#include "media/ice/credentials.hpp"

#include "base/limits/media_ice.hpp"
#include "media/ice/characters.hpp"

namespace vis::media::ice {
namespace {

constexpr std::size_t kUfragBytesMin = 4;
constexpr std::size_t kPasswordBytesMin = 22;
constexpr std::size_t kOurUfragBytes = 16;
constexpr std::size_t kOurPasswordBytes = 32;

}  // namespace

Credentials Credentials::generate(RandomSource& random, std::string_view prefix) {
  std::string ufrag = random_id(random, prefix, kOurUfragBytes - prefix.size());
  return {std::move(ufrag), Secret{random_id(random, "", kOurPasswordBytes)}};
}

Result<Credentials> Credentials::parse(std::string_view ufrag, std::string_view password) {
  if (ufrag.size() < kUfragBytesMin || ufrag.size() > limits::kIceUfragBytes ||
      !are_ice_characters(ufrag)) {
    return fail(Errc::InvalidArgument, "ice-ufrag must be 4 to 256 letters, digits, + or /");
  }
  if (password.size() < kPasswordBytesMin || password.size() > limits::kIcePasswordBytes ||
      !are_ice_characters(password)) {
    return fail(Errc::InvalidArgument, "ice-pwd must be 22 to 256 letters, digits, + or /");
  }
  return Credentials{std::string(ufrag), Secret{std::string(password)}};
}

}  // namespace vis::media::ice
