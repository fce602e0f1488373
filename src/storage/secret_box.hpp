#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "base/random.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"

namespace vis::storage {

/// Encrypts what must be read again, such as API secrets, with the master key:
/// XChaCha20-Poly1305 with a random nonce. Immutable once loaded, so safe from every thread.
///
/// The master key file holds one `NUMBER BASE64` line for each key, 32 bytes in base64; lines that
/// start with `#` are comments. The key with the highest number seals, all of them open, so a new
/// key can be added without touching what older ones sealed.
class SecretBox final {
 public:
  /// Reads a key file. NotFound without one; InvalidArgument when it is not such a file. A file
  /// that others than its owner may read is used, with a warning in the log.
  static Result<SecretBox> load(const std::filesystem::path& key_file);

  /// Writes a key file with one new key, readable by its owner alone, and durably: it is complete
  /// or not there. AlreadyExists when there is one.
  static Result<void> create_key_file(const std::filesystem::path& key_file, RandomSource& random);

  SecretBox(SecretBox&&) = default;
  SecretBox& operator=(SecretBox&&) = default;
  SecretBox(const SecretBox&) = delete;
  SecretBox& operator=(const SecretBox&) = delete;

  /// `NUMBER:BASE64URL` of nonce and ciphertext. `context` says what the secret belongs to, such as
  /// the id of its row: it is authenticated, so that a sealed text cannot be moved elsewhere.
  std::string seal(const Secret& secret, std::string_view context, RandomSource& random) const;

  /// Internal when the text was changed, moved, or sealed with a key that the file does not have.
  Result<Secret> open(std::string_view sealed, std::string_view context) const;

  /// The number of the key that seals.
  std::uint32_t newest_key() const { return keys_.rbegin()->first; }

 private:
  struct Key {
    Key() = default;
    ~Key();
    Key(const Key&) = delete;
    Key& operator=(const Key&) = delete;
    std::array<std::uint8_t, 32> bytes{};
  };
  SecretBox() = default;

  Result<void> add_line(std::string_view line);

  std::map<std::uint32_t, Key> keys_;
};

}  // namespace vis::storage
