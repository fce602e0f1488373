#pragma once

#include <string_view>

#include "core/rooms/model.hpp"

namespace vis::api::livekit {

/// Fills in the browser and the operating system that `client` did not name itself from the
/// `User-Agent` header (RFC 9110 10.1.5). Browsers are named by their engine, which is what
/// decides how they must be spoken to: on iOS all of them are `Mobile Safari`.
void describe_user_agent(std::string_view user_agent, core::rooms::ClientInfo& client);

}  // namespace vis::api::livekit
