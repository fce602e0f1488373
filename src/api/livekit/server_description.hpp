#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/rooms/model.hpp"

namespace vis::api::livekit {

/// What clients judge a server's features by. Not our own version: they compare it with releases of
/// the server that the protocol comes from.
inline constexpr std::string_view kServerVersion = "1.13.0";
inline constexpr int kProtocol = 17;
inline constexpr int kAgentProtocol = 1;

/// A STUN or TURN server that clients shall use.
struct IceServer {
  std::vector<std::string> urls;
  std::string username;
  std::string credential;
};

/// How this server presents itself; from configuration, the same for all.
struct ServerDescription {
  std::string node_id;  ///< `ND_…`
  std::string region;
  std::vector<IceServer> ice_servers;
  /// Servers with a credential of its own for each participant, new with every call. May be empty.
  std::function<std::vector<IceServer>(const core::rooms::ParticipantSid&)> issue_ice_servers;
};

}  // namespace vis::api::livekit
