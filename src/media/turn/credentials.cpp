#include "media/turn/credentials.hpp"

#include <charconv>
#include <cstdint>
#include <memory>
#include <system_error>

#include <openssl/evp.h>

#include "base/assert.hpp"
#include "base/encoding.hpp"

namespace vis::media::turn {
namespace {

constexpr std::size_t kSecretBytes = 32;
constexpr std::size_t kNonceTimeDigits = 8;
constexpr std::size_t kNonceCodeBytes = 12;

/// RFC 8489 section 9.2.2: the key is MD5(username ":" realm ":" password). The password's own
/// strength is what it rests on.
stun::IntegrityKey long_term_key(std::string_view username, std::string_view realm,
                                 const Secret& password) {
  std::string text;
  text.append(username).append(":").append(realm).append(":").append(password.reveal());
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  VIS_ASSERT(EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_md5(), nullptr) == 1);
  return stun::IntegrityKey{as_text(Bytes{digest}.first(size))};
}

std::optional<std::int64_t> expiry_of(std::string_view username) {
  std::int64_t seconds = 0;
  const char* const end = username.data() + username.size();
  const auto [after, failure] = std::from_chars(username.data(), end, seconds);
  if (failure != std::errc{} || after == end || *after != ':' || seconds <= 0) return std::nullopt;
  return seconds;
}

std::uint32_t second_of(TimePoint now) {
  return static_cast<std::uint32_t>(
      std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count());
}

}  // namespace

Secret CredentialAuthority::make_secret(RandomSource& random) {
  std::array<std::uint8_t, kSecretBytes> bytes{};
  random.fill(bytes);
  return Secret{std::string(as_text(bytes))};
}

Credential CredentialAuthority::issue(std::string_view who, WallTime expires_at) const {
  Credential credential;
  credential.username = std::to_string(unix_s(expires_at)) + ":";
  credential.username += who;
  credential.password = password_of(credential.username);
  return credential;
}

Result<stun::IntegrityKey> CredentialAuthority::key_of(std::string_view username,
                                                       std::string_view realm, WallTime now) const {
  const auto expiry = expiry_of(username);
  if (!expiry) return fail(Errc::Unauthenticated, "the user name is not of this server");
  if (unix_s(now) >= *expiry) return fail(Errc::Timeout, "the credential has expired");
  return long_term_key(username, realm, password_of(username));
}

Secret CredentialAuthority::password_of(std::string_view username) const {
  return Secret{base64_encode(key_.sign(as_bytes(username)))};
}

std::string NonceAuthority::issue(TimePoint now, const SocketAddress& client) const {
  return made_at(second_of(now), client);
}

bool NonceAuthority::accepts(std::string_view nonce, TimePoint now,
                             const SocketAddress& client) const {
  std::uint32_t second = 0;
  if (nonce.size() < kNonceTimeDigits) return false;
  const char* const end = nonce.data() + kNonceTimeDigits;
  const auto [after, failure] = std::from_chars(nonce.data(), end, second, 16);
  if (failure != std::errc{} || after != end) return false;
  const std::uint32_t today = second_of(now);
  const bool fresh = second <= today && std::chrono::seconds{today - second} < kLifetime;
  return fresh && constant_time_equal(as_bytes(nonce), as_bytes(made_at(second, client)));
}

std::string NonceAuthority::made_at(std::uint32_t second, const SocketAddress& client) const {
  std::array<std::uint8_t, 4> time{};
  ByteWriter{time}.u32(second);
  const std::string address = client.str();
  const stun::IntegrityKey::Mac code = key_.sign(time, as_bytes(address));
  return hex_encode(time) + hex_encode(Bytes{code}.first(kNonceCodeBytes));
}

}  // namespace vis::media::turn
