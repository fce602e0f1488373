#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/time.hpp"
#include "core/ids.hpp"
#include "core/projects/project_service.hpp"
#include "http/request.hpp"

namespace vis::api::v1 {

/// Who calls the native interface, and what of its project it may see. Two ways to say who one is:
/// an API key and its secret (`Authorization: Basic`), which may see everything; or an access token
/// signed with a key (`Authorization: Bearer`), which may list rooms with the grant `roomList` and
/// look into the room that it names with `roomAdmin`.
class Caller final {
 public:
  /// Unauthenticated, with a sentence for whoever made the request.
  static Result<Caller> authenticate(const http::Request& request,
                                     core::projects::ProjectService& projects, WallTime now);

  const core::ProjectId& project() const { return project_; }
  /// PermissionDenied without the right.
  Result<void> may_list_rooms() const;
  Result<void> may_look_into(std::string_view room) const;

 private:
  static Result<Caller> with_secret(std::string_view credentials,
                                    core::projects::ProjectService& projects, WallTime now);
  static Result<Caller> with_token(std::string_view token, core::projects::ProjectService& projects,
                                   WallTime now);

  core::ProjectId project_;
  bool lists_rooms_ = false;
  bool sees_all_rooms_ = false;
  std::string room_;  ///< The one that it may look into; empty = none.
};

}  // namespace vis::api::v1
