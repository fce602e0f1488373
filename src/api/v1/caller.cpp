#include "api/v1/caller.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "base/encoding.hpp"
#include "http/jwt.hpp"
#include "http/text.hpp"

namespace vis::api::v1 {
namespace {

namespace json = boost::json;
namespace projects = core::projects;

constexpr std::string_view kBasic = "basic ";
constexpr Duration kLeeway = 60s;

bool is_granted(const json::object& grants, std::string_view name) {
  const json::value* const value = grants.if_contains(name);
  return value != nullptr && value->is_bool() && value->as_bool();
}

}  // namespace

Result<Caller> Caller::authenticate(const http::Request& request, projects::ProjectService& service,
                                    WallTime now) {
  const std::string_view header = request.headers.get("Authorization");
  if (http::to_lower(header.substr(0, kBasic.size())) == kBasic) {
    return with_secret(header.substr(kBasic.size()), service, now);
  }
  if (!request.bearer_token().empty()) return with_token(request.bearer_token(), service, now);
  return fail(Errc::Unauthenticated,
              "send an API key and its secret (Basic) or an access token (Bearer)");
}

Result<Caller> Caller::with_secret(std::string_view credentials, projects::ProjectService& service,
                                   WallTime now) {
  const auto decoded = base64_decode(credentials);
  const std::string text = decoded ? std::string(decoded->begin(), decoded->end()) : std::string();
  const std::size_t colon = text.find(':');
  const projects::ApiKeyId id{text.substr(0, colon)};
  const projects::ApiKey* const key = service.find_key(id);
  const bool right =
      key != nullptr && colon != std::string::npos && key->secret == Secret(text.substr(colon + 1));
  // Which of the two is wrong is nobody's business.
  if (!right) return fail(Errc::Unauthenticated, "the API key or its secret is wrong");
  Caller caller;
  caller.project_ = key->project;
  caller.lists_rooms_ = true;
  caller.sees_all_rooms_ = true;
  service.record_use(id, now);
  return caller;
}

Result<Caller> Caller::with_token(std::string_view compact, projects::ProjectService& service,
                                  WallTime now) {
  const auto token = http::Jwt::parse(compact);
  if (!token) return std::unexpected(token.error());
  const projects::ApiKeyId issuer{token->issuer()};
  const projects::ApiKey* const key = service.find_key(issuer);
  if (key == nullptr || !token->signed_with(key->secret)) {
    return fail(Errc::Unauthenticated, "the access token is not signed with a key of this server");
  }
  if (auto timely = token->check_times(now, kLeeway); !timely) {
    return std::unexpected(timely.error());
  }
  Caller caller;
  caller.project_ = key->project;
  const json::value* const claim = token->claims().if_contains("video");
  if (const json::object* const grants = claim == nullptr ? nullptr : claim->if_object()) {
    caller.lists_rooms_ = is_granted(*grants, "roomList");
    const json::value* const room = grants->if_contains("room");
    if (is_granted(*grants, "roomAdmin") && room != nullptr && room->is_string()) {
      caller.room_ = std::string(room->as_string());
    }
  }
  service.record_use(issuer, now);
  return caller;
}

Result<void> Caller::may_list_rooms() const {
  if (lists_rooms_) return {};
  return fail(Errc::PermissionDenied, "the access token lacks the grant roomList");
}

Result<void> Caller::may_look_into(std::string_view room) const {
  if (sees_all_rooms_ || (!room_.empty() && room_ == room)) return {};
  return fail(Errc::PermissionDenied, "the access token lacks the grant roomAdmin for this room");
}

}  // namespace vis::api::v1
