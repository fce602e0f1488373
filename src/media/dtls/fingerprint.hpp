#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace vis::media::dtls {

/// The hash functions of RFC 8122 that we take, weakest first. MD5, SHA-1 and SHA-224 are not
/// among them.
enum class HashFunction : std::uint8_t { Sha256, Sha384, Sha512 };

/// The hash of a certificate, as an `a=fingerprint` line carries it (RFC 8122 section 5).
struct Fingerprint {
  HashFunction hash = HashFunction::Sha256;
  ByteVector digest;

  /// `sha-256` and `4A:AD:B9:...`. Unsupported for a hash function that we do not take: the
  /// caller leaves such a line out.
  static Result<Fingerprint> parse(std::string_view hash, std::string_view digest);
  std::string_view hash_name() const;
  std::string digest_text() const;  ///< Upper-case pairs with colons.

  friend bool operator==(const Fingerprint&, const Fingerprint&) = default;
};

/// The strongest hash function among the lines of a description, which alone decides (RFC 8122
/// section 5): a certificate must match one of its lines. `fingerprints` is not empty.
HashFunction strongest_hash(std::span<const Fingerprint> fingerprints);

}  // namespace vis::media::dtls
