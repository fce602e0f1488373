#include "storage/project_rows.hpp"

#include <string>
#include <utility>

#include "storage/rows.hpp"

namespace vis::storage {
namespace {

using core::projects::ApiKey;
using core::projects::ApiKeyId;
using core::projects::Project;

struct ProjectRow {
  std::string id;
  std::string name;
  std::int64_t created_at_ms = 0;

  auto columns() { return std::tie(id, name, created_at_ms); }
  Project value() const {
    return {
        .id = core::ProjectId(id), .name = name, .created_at = wall_from_unix_ms(created_at_ms)};
  }
};

/// A key whose secret is still sealed.
struct KeyRow {
  std::string id;
  std::string project;
  std::string name;
  std::string sealed_secret;
  std::int64_t created_at_ms = 0;
  NullableTime last_used_at;
  NullableTime revoked_at;

  auto columns() {
    return std::tie(id, project, name, sealed_secret, created_at_ms, last_used_at, revoked_at);
  }
  ApiKey value() const {
    return {.id = ApiKeyId(id),
            .project = core::ProjectId(project),
            .name = name,
            .secret = Secret(sealed_secret),
            .created_at = wall_from_unix_ms(created_at_ms),
            .last_used_at = last_used_at.value(),
            .revoked_at = revoked_at.value()};
  }
};

const std::string kSelectKeys =
    "select id, project, name, sealed_secret, created_at_ms, last_used_at_ms, revoked_at_ms "
    "from api_keys ";

/// What the sealed secret is bound to: it opens for this key alone.
std::string seal_context(const ApiKeyId& id) { return "api_key:" + id.str(); }

Result<std::vector<ApiKey>> opened(std::vector<ApiKey> keys, const SecretBox& box) {
  for (ApiKey& key : keys) {
    auto secret = box.open(key.secret.reveal(), seal_context(key.id));
    if (!secret) {
      return fail(secret.error().code, "API key " + key.id.str() + ": " + secret.error().message);
    }
    key.secret = std::move(*secret);
  }
  return keys;
}

}  // namespace

std::vector<Project> select_projects(Session& session) {
  return select<ProjectRow>(
      session, "select id, name, created_at_ms from projects order by created_at_ms, id");
}

Result<Project> select_project(Session& session, const core::ProjectId& id) {
  auto found = select<ProjectRow>(
      session, "select id, name, created_at_ms from projects where id = :id", id);
  if (found.empty()) return fail(Errc::NotFound, "there is no project '" + id.str() + "'");
  return std::move(found.front());
}

Result<std::vector<ApiKey>> select_keys(Session& session, const SecretBox& box,
                                        const core::ProjectId& project) {
  auto keys = select<KeyRow>(
      session, kSelectKeys + "where project = :project order by created_at_ms, id", project);
  return opened(std::move(keys), box);
}

Result<std::vector<ApiKey>> select_active_keys(Session& session, const SecretBox& box) {
  auto keys = select<KeyRow>(session, kSelectKeys + "where revoked_at_ms is null order by id");
  return opened(std::move(keys), box);
}

std::int64_t select_keys_revision(Session& session) {
  // Keys are added and revoked, never deleted or revived, so this rises by one with each.
  return select<NumberRow>(session, "select count(*) + count(revoked_at_ms) from api_keys").front();
}

Result<void> write(Session& session, const core::InsertProject& change) {
  execute(session, "insert into projects (id, name, created_at_ms) values (:id, :name, :created)",
          change.project.id, change.project.name, change.project.created_at);
  return {};
}

Result<void> write(Session& session, const core::InsertApiKey& change,
                   const std::string& sealed_secret) {
  const ApiKey& key = change.key;
  execute(session,
          "insert into api_keys (id, project, name, sealed_secret, created_at_ms, "
          "last_used_at_ms, revoked_at_ms) "
          "values (:id, :project, :name, :secret, :created, :used, :revoked)",
          key.id, key.project, key.name, sealed_secret, key.created_at, key.last_used_at,
          key.revoked_at);
  return {};
}

Result<void> write(Session& session, const core::RevokeApiKey& change) {
  const std::int64_t rows = execute(
      session, "update api_keys set revoked_at_ms = :at where id = :id and revoked_at_ms is null",
      change.at, change.key);
  return expect_changed(rows, "there is no active API key '" + change.key.str() + "'");
}

Result<void> write(Session& session, const core::TouchApiKey& change) {
  execute(session,
          "update api_keys set last_used_at_ms = :at "
          "where id = :id and coalesce(last_used_at_ms, 0) < :newer",
          change.at, change.key, change.at);
  return {};
}

std::string seal_key_secret(const SecretBox& box, RandomSource& random, const ApiKey& key) {
  return box.seal(key.secret, seal_context(key.id), random);
}

}  // namespace vis::storage
