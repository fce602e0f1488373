#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/secret.hpp"
#include "base/time.hpp"

namespace vis::http {

/// A JSON Web Token (RFC 7519) in compact form, taken apart but not yet believed: read `issuer` to
/// find the key, then ask `signed_with`.
class Jwt final {
 public:
  /// Unauthenticated for anything that is not three base64url parts with JSON objects in the first
  /// two, whose `alg` is HS256. No other algorithm is known, `none` least of all.
  static Result<Jwt> parse(std::string_view compact);

  const boost::json::object& claims() const { return claims_; }
  /// A claim's text; empty when it is absent or no text.
  std::string_view text(std::string_view claim) const;
  std::string_view issuer() const { return text("iss"); }

  bool signed_with(const Secret& key) const;
  /// Unauthenticated before `nbf` or after `exp`, give or take `leeway`, and without `exp`.
  Result<void> check_times(WallTime now, Duration leeway) const;

 private:
  std::string signed_part_;
  ByteVector signature_;
  boost::json::object claims_;
};

/// The compact form of a token with these claims, signed with HS256.
std::string sign_jwt(const boost::json::object& claims, const Secret& key);

}  // namespace vis::http
