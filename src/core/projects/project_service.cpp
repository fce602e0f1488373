#include "core/projects/project_service.hpp"

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <chrono>
#include <string_view>
#include <tuple>
#include <utility>

#include "base/limits/core_projects.hpp"
#include "core/events/event.hpp"
#include "core/projects/rules.hpp"

namespace vis::core::projects {
namespace {

namespace json = boost::json;

constexpr auto kUseRecordedEvery = std::chrono::minutes{1};

events::NewEvent project_created(const Project& project) {
  const json::object data{{"project",
                           {{"id", project.id.str()},
                            {"name", project.name},
                            {"created_at_ms", unix_ms(project.created_at)}}}};
  return {.project = project.id,
          .type = std::string(events::types::kProjectCreated),
          .resource = project.id.str(),
          .at = project.created_at,
          .data = json::serialize(data)};
}

events::NewEvent key_event(std::string_view type, const ApiKey& key, WallTime at) {
  const json::object data{{"api_key", {{"id", key.id.str()}, {"name", key.name}}}};
  return {.project = key.project,
          .type = std::string(type),
          .resource = key.id.str(),
          .at = at,
          .data = json::serialize(data)};
}

std::size_t active_count(const std::vector<ApiKey>& keys) {
  const auto active = [](const ApiKey& key) { return !key.revoked_at; };
  return static_cast<std::size_t>(std::ranges::count_if(keys, active));
}

/// Says which id is taken where the store only knows that one is.
Error named(Error error, std::string_view kind, std::string_view id) {
  if (error.code == Errc::AlreadyExists) {
    error.message = std::string(kind) + " '" + std::string(id) + "' already exists";
  }
  return error;
}

}  // namespace

ProjectService::ProjectService(Ports ports) : ports_(ports) {}

Task<Result<Project>> ProjectService::create(NewProject request, WallTime now) {
  owner_.check();
  Project project{.id = request.id.value_or(ProjectId{}), .name = request.name, .created_at = now};
  if (auto valid = check_name("the project name", project.name); !valid) {
    co_return std::unexpected(valid.error());
  }
  if (!request.id) project.id = make_project_id(ports_.random, project.name);
  if (auto valid = check_project_id(project.id); !valid) co_return std::unexpected(valid.error());

  Commit change{.writes = {InsertProject{project}}, .events = {project_created(project)}};
  const auto receipt = co_await ports_.store.commit(std::move(change));
  if (!receipt) {
    co_return std::unexpected(named(receipt.error(), "the project", project.id.str()));
  }
  co_return project;
}

Task<Result<std::vector<Project>>> ProjectService::list() {
  owner_.check();
  co_return co_await ports_.projects.projects();
}

Task<Result<Project>> ProjectService::get(ProjectId id) {
  owner_.check();
  co_return co_await ports_.projects.project(std::move(id));
}

Task<Result<ApiKey>> ProjectService::add_key(NewApiKey request, WallTime now) {
  owner_.check();
  ApiKey key{.id = request.id ? *request.id : make_key_id(ports_.random),
             .project = request.project,
             .name = request.name,
             .secret = request.secret ? *request.secret : make_secret(ports_.random),
             .created_at = now};
  Result<void> valid = check_key_id(key.id);
  if (valid) valid = check_secret(key.secret);
  if (valid) valid = check_name("the key name", key.name);
  if (!valid) co_return std::unexpected(valid.error());

  const auto known = co_await keys(key.project);
  if (!known) co_return std::unexpected(known.error());
  if (active_count(*known) >= limits::kActiveKeysPerProject) {
    co_return fail(Errc::LimitExceeded, "the project has " +
                                            std::to_string(limits::kActiveKeysPerProject) +
                                            " active keys; revoke one first");
  }
  Commit change{.writes = {InsertApiKey{key}},
                .events = {key_event(events::types::kApiKeyCreated, key, now)}};
  const auto receipt = co_await ports_.store.commit(std::move(change));
  if (!receipt) co_return std::unexpected(named(receipt.error(), "the API key", key.id.str()));
  ++own_changes_;
  revision_.reset();
  keys_.insert_or_assign(key.id, key);
  co_return key;
}

Task<Result<void>> ProjectService::revoke_key(ProjectId project, ApiKeyId key, WallTime now) {
  owner_.check();
  const auto known = co_await keys(project);
  if (!known) co_return std::unexpected(known.error());
  const auto is_wanted = [&](const ApiKey& each) { return each.id == key && !each.revoked_at; };
  const auto found = std::ranges::find_if(*known, is_wanted);
  if (found == known->end()) {
    co_return fail(Errc::NotFound, "the project has no active key '" + key.str() + "'");
  }
  Commit change{.writes = {RevokeApiKey{key, now}},
                .events = {key_event(events::types::kApiKeyRevoked, *found, now)}};
  const auto receipt = co_await ports_.store.commit(std::move(change));
  if (!receipt) co_return std::unexpected(receipt.error());
  ++own_changes_;
  revision_.reset();
  keys_.erase(key);
  co_return Result<void>{};
}

Task<Result<std::vector<ApiKey>>> ProjectService::keys(ProjectId project) {
  owner_.check();
  const auto known = co_await ports_.projects.project(project);
  if (!known) co_return std::unexpected(known.error());
  co_return co_await ports_.projects.keys(std::move(project));
}

Task<Result<void>> ProjectService::refresh() {
  owner_.check();
  const std::uint64_t changes_before = own_changes_;
  const auto revision = co_await ports_.projects.keys_revision();
  if (!revision) co_return std::unexpected(revision.error());
  if (revision_ == *revision) co_return Result<void>{};

  auto keys = co_await ports_.projects.active_keys();
  if (!keys) co_return std::unexpected(keys.error());
  // A key added or revoked here while the rows were read may be missing from them; the next
  // refresh, which sees another revision, has it.
  if (own_changes_ != changes_before) co_return Result<void>{};
  replace_keys(std::move(*keys));
  revision_ = *revision;
  co_return Result<void>{};
}

const ApiKey* ProjectService::find_key(const ApiKeyId& id) const {
  owner_.check();
  const auto found = keys_.find(id);
  return found == keys_.end() ? nullptr : &found->second;
}

const ApiKey* ProjectService::newest_key(const ProjectId& project) const {
  owner_.check();
  const auto age = [](const ApiKey& key) { return std::tie(key.created_at, key.id); };
  const ApiKey* newest = nullptr;
  for (const auto& [id, key] : keys_) {
    if (key.project != project) continue;
    if (newest == nullptr || age(*newest) < age(key)) newest = &key;
  }
  return newest;
}

void ProjectService::record_use(const ApiKeyId& id, WallTime now) {
  owner_.check();
  const auto found = keys_.find(id);
  if (found == keys_.end()) return;
  std::optional<WallTime>& last_used = found->second.last_used_at;
  if (last_used && now - *last_used < kUseRecordedEvery) return;
  last_used = now;
  ports_.store.write_behind(Commit{.writes = {TouchApiKey{id, now}}});
}

void ProjectService::replace_keys(std::vector<ApiKey> keys) {
  std::unordered_map<ApiKeyId, ApiKey> replaced;
  for (ApiKey& key : keys) {
    // A use recorded here may not have been written yet.
    if (const auto known = keys_.find(key.id); known != keys_.end()) {
      key.last_used_at = std::max(key.last_used_at, known->second.last_used_at);
    }
    replaced.emplace(key.id, std::move(key));
  }
  keys_ = std::move(replaced);
}

}  // namespace vis::core::projects
