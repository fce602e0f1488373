#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "core/rooms/room_service.hpp"
#include "core/rooms/session.hpp"

namespace vis::api::whip {

namespace rooms = core::rooms;

using Clock = std::function<rooms::Now()>;

/// Reads the access tokens of the room protocol; implemented by whoever knows that dialect.
class TokenReader {
 public:
  virtual ~TokenReader() = default;

  /// What the token lets its bearer join, and as whom; the room is the one of its grant.
  /// Unauthenticated when it is no valid token, or none to join a room with.
  virtual Result<rooms::JoinRequest> read(std::string_view token) = 0;
};

/// A STUN or TURN server for clients.
struct IceServer {
  std::vector<std::string> urls;
  std::string username;
  std::string credential;
};

/// The ICE servers for one session; credentials may be short-lived.
using IceServers = std::function<std::vector<IceServer>(const rooms::JoinRequest& of)>;

}  // namespace vis::api::whip
