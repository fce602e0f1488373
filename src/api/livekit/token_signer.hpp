#pragma once

#include <optional>
#include <string>

#include "api/livekit/access_token.hpp"
#include "base/time.hpp"
#include "core/projects/project_service.hpp"
#include "core/rooms/model.hpp"

namespace vis::api::livekit {

/// From when on a token holds, and for how long.
struct Validity {
  WallTime from{};
  Duration length{};
};

/// A token with these claims, signed with `key`.
std::string sign_token(const Claims& claims, const projects::ApiKey& key, const Validity& validity);

/// How long a refreshed token holds at least.
inline constexpr Duration kRefreshedTokenValidity = 10min;

/// The token that a client comes back with when its first one may have expired: the rights and the
/// description it has by now, for as long as `original` would still have held. Signed with the key
/// of `original`, else the newest of the project; nothing when the project has none.
std::optional<std::string> make_refresh_token(const AccessToken& original,
                                              const rooms::ParticipantInfo& self,
                                              const projects::ProjectService& projects,
                                              WallTime now);

}  // namespace vis::api::livekit
