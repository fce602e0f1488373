#pragma once

#include <optional>
#include <string>

#include "http/request.hpp"
#include "http/response.hpp"
#include "http/websocket.hpp"

namespace vis::http {

/// Whether the request asks for a WebSocket at all.
bool asks_for_upgrade(const Request& request);

/// The refusal of an upgrade request that breaks RFC 6455 4.2.1, or nothing.
std::optional<Response> check_upgrade(const Request& request);

/// The granted upgrade (RFC 6455 4.2.2).
struct Upgrade {
  bool deflate = false;  ///< permessage-deflate was offered and is agreed to.
  std::string response;  ///< The 101 response.
};
Upgrade make_upgrade(const Request& request, const WebSocketOptions& options);

}  // namespace vis::http
