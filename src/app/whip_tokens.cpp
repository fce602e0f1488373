#include "app/whip_tokens.hpp"

#include "api/livekit/join_parameters.hpp"
#include "base/clock.hpp"

namespace vis::app {

Result<core::rooms::JoinRequest> WhipTokens::read(std::string_view token) {
  const auto verified = api::livekit::verify_token(token, projects_, wall_now());
  if (!verified) return std::unexpected(verified.error());
  return api::livekit::join_request(*verified);
}

}  // namespace vis::app
