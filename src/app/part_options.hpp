#pragma once

#include <vector>

#include "api/livekit/webhooks.hpp"
#include "app/config/config.hpp"
#include "base/secret.hpp"
#include "core/rooms/room_service.hpp"
#include "http/client.hpp"
#include "http/server.hpp"
#include "media_io/media_io.hpp"

namespace vis::app {

/// What the configuration means to each part of the server, in the part's own words.
core::rooms::RoomDefaults room_defaults(const Config& config);
media_io::MediaOptions media_options(const Config& config, const Secret& turn_secret);
http::ServerOptions http_options(const Config& config);
/// What the server calls by itself reaches no private network, unless the operator allows it.
http::ClientOptions client_options(const Config& config);
std::vector<api::livekit::WebhookTarget> webhook_targets(const Config& config);

}  // namespace vis::app
