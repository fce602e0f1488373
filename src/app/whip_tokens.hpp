#pragma once

#include <string_view>

#include "api/whip/ports.hpp"
#include "base/result.hpp"
#include "core/projects/project_service.hpp"

namespace vis::app {

/// WHIP takes the access tokens of the LiveKit door. Control thread.
class WhipTokens final : public api::whip::TokenReader {
 public:
  explicit WhipTokens(core::projects::ProjectService& projects) : projects_(projects) {}

  Result<core::rooms::JoinRequest> read(std::string_view token) override;

 private:
  core::projects::ProjectService& projects_;
};

}  // namespace vis::app
