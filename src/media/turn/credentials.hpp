#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/random.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "base/socket_address.hpp"
#include "base/time.hpp"
#include "media/stun/integrity.hpp"

namespace vis::media::turn {

/// What a client shows to be served: a long-term credential of RFC 8489 section 9.2 that is not
/// long at all.
struct Credential {
  std::string username;  ///< `EXPIRY:WHO`, the expiry in seconds of Unix time.
  Secret password;       ///< Base64 of the HMAC-SHA1 of the name under the server's secret.
};

/// Makes credentials and judges them, without remembering any: name and expiry are in the name,
/// which the password signs. A value; both sides have the same secret.
class CredentialAuthority final {
 public:
  explicit CredentialAuthority(const Secret& secret) : key_(secret.reveal()) {}
  static Secret make_secret(RandomSource& random);

  Credential issue(std::string_view who, WallTime expires_at) const;

  /// The key that messages under this name are signed with. Unauthenticated when the name is none
  /// of ours in form, Timeout when it has expired.
  Result<stun::IntegrityKey> key_of(std::string_view username, std::string_view realm,
                                    WallTime now) const;

 private:
  Secret password_of(std::string_view username) const;

  stun::IntegrityKey key_;
};

/// NONCEs that need no memory: the time and a code over it and the client's address. One is good
/// for kLifetime.
class NonceAuthority final {
 public:
  static constexpr Duration kLifetime = 10min;

  explicit NonceAuthority(const Secret& secret) : key_(secret.reveal()) {}

  std::string issue(TimePoint now, const SocketAddress& client) const;
  bool accepts(std::string_view nonce, TimePoint now, const SocketAddress& client) const;

 private:
  std::string made_at(std::uint32_t second, const SocketAddress& client) const;

  stun::IntegrityKey key_;
};

}  // namespace vis::media::turn
