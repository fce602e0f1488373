#pragma once

#include <cstdint>
#include <vector>

#include "base/result.hpp"
#include "base/task.hpp"
#include "core/projects/project.hpp"

namespace vis::core::projects {

/// What ProjectService reads. It writes through core::Store.
class ProjectStore {
 public:
  virtual ~ProjectStore() = default;

  /// All projects, oldest first.
  virtual Task<Result<std::vector<Project>>> projects() = 0;
  /// NotFound when there is no such project.
  virtual Task<Result<Project>> project(ProjectId id) = 0;
  /// All keys of a project, oldest first, revoked ones included.
  virtual Task<Result<std::vector<ApiKey>>> keys(ProjectId project) = 0;
  /// The keys of all projects that are not revoked.
  virtual Task<Result<std::vector<ApiKey>>> active_keys() = 0;
  /// A number that rises with every key added or revoked, by whatever process.
  virtual Task<Result<std::int64_t>> keys_revision() = 0;
};

}  // namespace vis::core::projects
