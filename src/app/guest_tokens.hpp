#pragma once

#include <string>

#include "api/v1/token_minter.hpp"
#include "base/result.hpp"
#include "core/projects/project_service.hpp"

namespace vis::app {

/// Guests of the start page get tokens of the LiveKit door, signed with a key of their project.
/// Control thread.
class GuestTokens final : public api::v1::TokenMinter {
 public:
  explicit GuestTokens(core::projects::ProjectService& projects) : projects_(projects) {}

  Result<std::string> mint(const api::v1::GuestPass& pass) override;

 private:
  core::projects::ProjectService& projects_;
};

}  // namespace vis::app
