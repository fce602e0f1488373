#pragma once

#include <optional>
#include <string>

#include "base/id.hpp"
#include "base/secret.hpp"
#include "base/time.hpp"
#include "core/ids.hpp"

namespace vis::core::projects {

/// The public half of an API key: `API` and 12 characters, or a given name such as `devkey`.
using ApiKeyId = Id<struct ApiKeyTag>;

struct Project {
  ProjectId id;
  std::string name;
  WallTime created_at{};

  friend bool operator==(const Project&, const Project&) = default;
};

/// What a customer's server signs with. A project has several at once, so that one can be replaced
/// without a gap.
struct ApiKey {
  ApiKeyId id;
  ProjectId project;
  std::string name;
  Secret secret;  ///< Signs tokens (HMAC), so it is kept, encrypted at rest.
  WallTime created_at{};
  std::optional<WallTime> last_used_at;  ///< To the minute.
  std::optional<WallTime> revoked_at;

  friend bool operator==(const ApiKey&, const ApiKey&) = default;
};

}  // namespace vis::core::projects
