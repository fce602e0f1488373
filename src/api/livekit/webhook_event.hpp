#pragma once

#include <string>
#include <string_view>

#include "core/events/event.hpp"
#include "core/projects/project.hpp"

namespace vis::api::livekit {

/// The protocol's name of a webhook for a type of event, such as `participant_joined`; empty for
/// one that it does not know.
std::string_view webhook_name(std::string_view event_type);

/// The body of the webhook that tells of `event`: a WebhookEvent as proto3 JSON; empty when the
/// event's data is damaged.
std::string webhook_body(const core::events::Event& event);

/// What the header `Authorization` says of a body: a bare token of the key with the body's SHA-256.
std::string webhook_authorization(const core::projects::ApiKey& key, std::string_view body,
                                  WallTime now);

}  // namespace vis::api::livekit
