#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/limits/core_projects.hpp"
#include "base/owner_thread.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "base/task.hpp"
#include "base/time.hpp"
#include "core/projects/project.hpp"
#include "core/projects/project_store.hpp"
#include "core/store.hpp"

namespace vis::core::projects {

struct NewProject {
  std::string name;
  std::optional<ProjectId> id;  ///< Made from the name when not given.
};

struct NewApiKey {
  ProjectId project;
  std::string name;
  std::optional<ApiKeyId> id;    ///< Random when not given.
  std::optional<Secret> secret;  ///< 256 random bits when not given.
};

/// Projects and their API keys.
///
/// Lives on the control thread. The active keys of all projects are held in memory, so that a
/// token can be checked without waiting; `refresh()` brings in what other processes (the command
/// line, another server) changed, and is called at start-up and every few seconds by the owner.
/// A project has at most limits::kActiveKeysPerProject active keys.
class ProjectService final {
 public:
  struct Ports {
    ProjectStore& projects;
    Store& store;
    RandomSource& random;
  };
  explicit ProjectService(Ports ports);

  /// InvalidArgument for a bad name or id, AlreadyExists for an id that is taken.
  Task<Result<Project>> create(NewProject request, WallTime now);
  Task<Result<std::vector<Project>>> list();
  Task<Result<Project>> get(ProjectId id);

  /// The answer is the only one that people get to see the secret in. NotFound without the project,
  /// LimitExceeded with too many active keys, AlreadyExists for an id that is taken.
  Task<Result<ApiKey>> add_key(NewApiKey request, WallTime now);
  /// From the return on no token of the key is accepted here. NotFound unless it is an active key
  /// of the project.
  Task<Result<void>> revoke_key(ProjectId project, ApiKeyId key, WallTime now);
  /// Revoked ones included, oldest first.
  Task<Result<std::vector<ApiKey>>> keys(ProjectId project);

  /// Reads the keys again if any process has changed them. On failure the known ones stay.
  Task<Result<void>> refresh();

  /// An active key, or null. Valid until the caller's next suspension.
  const ApiKey* find_key(const ApiKeyId& id) const;
  /// The active key of the project that was made last, or null: what this server signs with on the
  /// project's behalf. Valid until the caller's next suspension.
  const ApiKey* newest_key(const ProjectId& project) const;
  /// To be called when a key has signed something valid. Written at most once a minute per key.
  void record_use(const ApiKeyId& id, WallTime now);

 private:
  void replace_keys(std::vector<ApiKey> keys);

  Ports ports_;
  std::unordered_map<ApiKeyId, ApiKey> keys_;
  std::optional<std::int64_t> revision_;  ///< What `keys_` was read at; unset = read again.
  std::uint64_t own_changes_ = 0;         ///< Changes made here, to notice them during a read.
  mutable OwnerThread owner_;
};

}  // namespace vis::core::projects
