#include "api/livekit/token_signer.hpp"

#include <algorithm>
#include <boost/json/object.hpp>
#include <chrono>
#include <utility>

#include "http/jwt.hpp"

namespace vis::api::livekit {

std::string sign_token(const Claims& claims, const projects::ApiKey& key,
                       const Validity& validity) {
  boost::json::object object = to_json(claims);
  object["iss"] = key.id.str();
  object["nbf"] = unix_s(validity.from);
  object["exp"] =
      unix_s(validity.from) + std::chrono::ceil<std::chrono::seconds>(validity.length).count();
  return http::sign_jwt(object, key.secret);
}

std::optional<std::string> make_refresh_token(const AccessToken& original,
                                              const rooms::ParticipantInfo& self,
                                              const projects::ProjectService& projects,
                                              WallTime now) {
  const projects::ApiKey* key = projects.find_key(original.key);
  if (key == nullptr) key = projects.newest_key(original.project);
  if (key == nullptr) return std::nullopt;

  Claims claims = original.claims;
  claims.identity = self.identity;
  claims.name = self.name;
  claims.metadata = self.metadata;
  claims.attributes = self.attributes;
  claims.kind = self.kind;
  claims.kind_details = self.kind_details;
  claims.video = explicit_grant(self.permissions, claims.video.value_or(VideoGrant{}));
  const Duration length = std::max(kRefreshedTokenValidity, Duration(original.expires_at - now));
  return sign_token(claims, *key, {.from = now, .length = length});
}

}  // namespace vis::api::livekit
