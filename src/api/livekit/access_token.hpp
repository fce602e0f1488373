#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "core/projects/project_service.hpp"
#include "core/rooms/model.hpp"

/// Access tokens: JWTs that a customer's server signs with an API key and a client presents.
namespace vis::api::livekit {

namespace rooms = core::rooms;
namespace projects = core::projects;

/// The `video` claim. What is absent differs from what is false.
struct VideoGrant {
  std::string room;
  std::string destination_room;
  bool room_join = false;
  bool room_create = false;
  bool room_list = false;
  bool room_record = false;
  bool room_admin = false;
  bool ingress_admin = false;
  std::optional<bool> can_publish;
  std::optional<bool> can_subscribe;
  std::optional<bool> can_publish_data;
  std::vector<rooms::TrackSource> publish_sources;  ///< Empty = all.
  bool can_update_own_metadata = false;
  bool can_subscribe_metrics = false;
  bool can_manage_agent_session = false;
  bool hidden = false;
  bool recorder = false;
  bool agent = false;
};

/// With every default applied: publishing and subscribing are allowed unless denied, and data as
/// publishing is.
rooms::Permissions resolve(const VideoGrant& grant);
/// The same rights as explicit grants; what concerns the server API is kept from `original`.
VideoGrant explicit_grant(const rooms::Permissions& permissions, VideoGrant original);

/// What a token says, apart from who signed it and for how long.
struct Claims {
  std::string identity;  ///< Empty in tokens for the server API.
  std::string name;
  std::string metadata;
  rooms::Attributes attributes;
  rooms::ParticipantKind kind = rooms::ParticipantKind::Standard;
  std::vector<int> kind_details;
  std::optional<VideoGrant> video;
  std::string room_config;  ///< A RoomConfiguration as JSON; empty = none.
  std::string room_preset;
};

/// Unauthenticated when a known claim is of another type than it should be. Unknown ones are passed
/// over.
Result<Claims> parse_claims(const boost::json::object& claims);
/// The claims as the token has them; defaults are left out.
boost::json::object to_json(const Claims& claims);

/// A token that has been checked: signature, key and times.
struct AccessToken {
  projects::ApiKeyId key;
  core::ProjectId project;
  WallTime expires_at{};
  Claims claims;
};

/// How far clocks may be apart.
inline constexpr Duration kTokenLeeway = 60s;

/// Unauthenticated, with a sentence for whoever made the token, for anything that is not a valid
/// token of an active key.
Result<AccessToken> verify_token(std::string_view compact, projects::ProjectService& projects,
                                 WallTime now);

}  // namespace vis::api::livekit
