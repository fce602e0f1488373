#include "media/dtls/fingerprint.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"
#include "base/encoding.hpp"

namespace vis::media::dtls {
namespace {

std::size_t digest_bytes(HashFunction hash) {
  switch (hash) {
    case HashFunction::Sha256: return 32;
    case HashFunction::Sha384: return 48;
    case HashFunction::Sha512: return 64;
  }
  std::unreachable();
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  }
  return result;
}

}  // namespace

Result<Fingerprint> Fingerprint::parse(std::string_view hash, std::string_view digest) {
  Fingerprint fingerprint;
  const std::string name = lower(hash);
  if (name == "sha-256") {
    fingerprint.hash = HashFunction::Sha256;
  } else if (name == "sha-384") {
    fingerprint.hash = HashFunction::Sha384;
  } else if (name == "sha-512") {
    fingerprint.hash = HashFunction::Sha512;
  } else {
    return fail(Errc::Unsupported, "fingerprint: unknown or weak hash function");
  }
  const std::size_t size = digest_bytes(fingerprint.hash);
  if (digest.size() != 3 * size - 1) {
    return fail(Errc::InvalidArgument, "fingerprint: wrong length for its hash function");
  }
  std::string digits;
  for (std::size_t i = 0; i < digest.size(); ++i) {
    const bool colon_place = i % 3 == 2;
    if (colon_place != (digest[i] == ':')) {
      return fail(Errc::InvalidArgument, "fingerprint: wants pairs of digits with colons");
    }
    if (!colon_place) digits.push_back(digest[i]);
  }
  auto bytes = hex_decode(lower(digits));
  if (!bytes) return fail(Errc::InvalidArgument, "fingerprint: wants hexadecimal digits");
  fingerprint.digest = std::move(*bytes);
  return fingerprint;
}

std::string_view Fingerprint::hash_name() const {
  switch (hash) {
    case HashFunction::Sha256: return "sha-256";
    case HashFunction::Sha384: return "sha-384";
    case HashFunction::Sha512: return "sha-512";
  }
  std::unreachable();
}

std::string Fingerprint::digest_text() const {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string text;
  for (const std::uint8_t byte : digest) {
    if (!text.empty()) text.push_back(':');
    text.push_back(kDigits[byte >> 4]);
    text.push_back(kDigits[byte & 0x0F]);
  }
  return text;
}

HashFunction strongest_hash(std::span<const Fingerprint> fingerprints) {
  VIS_ASSERT(!fingerprints.empty());
  return std::ranges::max(fingerprints, {}, &Fingerprint::hash).hash;
}

}  // namespace vis::media::dtls
