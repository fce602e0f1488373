#include "http/jwt.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <limits>

#include "base/encoding.hpp"
#include "http/digest.hpp"

namespace vis::http {
namespace {

namespace json = boost::json;

/// Tokens carry metadata and attributes; whatever is longer than this is no token of ours.
constexpr std::size_t kTokenBytes = std::size_t{1024} * 1024;

std::unexpected<Error> malformed() {
  return fail(Errc::Unauthenticated, "the access token is malformed");
}

std::optional<json::object> parse_object(std::string_view part) {
  const auto bytes = base64url_decode(part);
  if (!bytes) return std::nullopt;
  boost::system::error_code failure;
  json::value value = json::parse(as_text(*bytes), failure, {}, {.max_depth = 16});
  if (failure || !value.is_object()) return std::nullopt;
  return std::move(value.as_object());
}

/// A NumericDate (RFC 7519 section 2): seconds, perhaps with a fraction.
std::optional<std::int64_t> numeric_date(const json::object& claims, std::string_view name) {
  const json::value* const value = claims.if_contains(name);
  if (value == nullptr) return std::nullopt;
  if (const auto* whole = value->if_int64()) return *whole;
  if (const auto* whole = value->if_uint64()) {
    return static_cast<std::int64_t>(
        std::min<std::uint64_t>(*whole, std::numeric_limits<std::int64_t>::max()));
  }
  constexpr double kFarFuture = 1e15;
  if (const auto* real = value->if_double(); real != nullptr && *real > 0 && *real < kFarFuture) {
    return static_cast<std::int64_t>(*real);
  }
  return std::nullopt;
}

}  // namespace

Result<Jwt> Jwt::parse(std::string_view compact) {
  if (compact.size() > kTokenBytes) return malformed();
  const std::size_t first = compact.find('.');
  const std::size_t second = first == std::string_view::npos ? first : compact.find('.', first + 1);
  if (second == std::string_view::npos) return malformed();
  const auto header = parse_object(compact.substr(0, first));
  auto claims = parse_object(compact.substr(first + 1, second - first - 1));
  auto signature = base64url_decode(compact.substr(second + 1));
  if (!header || !claims || !signature) return malformed();
  const json::value* const algorithm = header->if_contains("alg");
  if (algorithm == nullptr || *algorithm != json::value("HS256")) {
    return fail(Errc::Unauthenticated, "the access token must be signed with HS256");
  }
  Jwt token;
  token.signed_part_ = compact.substr(0, second);
  token.signature_ = *std::move(signature);
  token.claims_ = *std::move(claims);
  return token;
}

std::string_view Jwt::text(std::string_view claim) const {
  const json::value* const value = claims_.if_contains(claim);
  return value != nullptr && value->is_string() ? std::string_view(value->get_string())
                                                : std::string_view{};
}

bool Jwt::signed_with(const Secret& key) const {
  return constant_time_equal(hmac_sha256(key, as_bytes(signed_part_)), signature_);
}

Result<void> Jwt::check_times(WallTime now, Duration leeway) const {
  const std::int64_t now_s = unix_s(now);
  const std::int64_t leeway_s = std::chrono::duration_cast<std::chrono::seconds>(leeway).count();
  const auto expires = numeric_date(claims_, "exp");
  if (!expires) return fail(Errc::Unauthenticated, "the access token has no expiry");
  if (now_s > *expires && now_s - *expires > leeway_s) {
    return fail(Errc::Unauthenticated, "the access token has expired");
  }
  const auto not_before = numeric_date(claims_, "nbf");
  if (not_before && *not_before > now_s + leeway_s) {
    return fail(Errc::Unauthenticated, "the access token is not valid yet");
  }
  return {};
}

std::string sign_jwt(const json::object& claims, const Secret& key) {
  std::string token = base64url_encode(as_bytes(R"({"alg":"HS256","typ":"JWT"})"));
  token += '.';
  token += base64url_encode(as_bytes(json::serialize(claims)));
  const Sha256 signature = hmac_sha256(key, as_bytes(token));
  token += '.';
  token += base64url_encode(signature);
  return token;
}

}  // namespace vis::http
