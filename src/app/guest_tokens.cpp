#include "app/guest_tokens.hpp"

#include <utility>

#include "api/livekit/token_signer.hpp"

namespace vis::app {

Result<std::string> GuestTokens::mint(const api::v1::GuestPass& pass) {
  const core::projects::ApiKey* const key = projects_.newest_key(pass.project);
  if (key == nullptr) return fail(Errc::Unavailable, "the project of the guests has no active key");
  api::livekit::VideoGrant grant;
  grant.room = pass.room;
  grant.room_join = true;
  grant.can_update_own_metadata = true;
  api::livekit::Claims claims;
  claims.identity = pass.identity;
  claims.name = pass.name;
  claims.video = std::move(grant);
  return api::livekit::sign_token(claims, *key, {.from = pass.from, .length = pass.validity});
}

}  // namespace vis::app
