#pragma once

#include <cstdint>
#include <vector>

#include "base/result.hpp"
#include "core/projects/project.hpp"
#include "core/store.hpp"
#include "storage/secret_box.hpp"
#include "storage/session.hpp"

/// The SQL of projects and API keys. Like all SQL it throws what to_error() understands; a Result
/// says what the rows themselves mean.
namespace vis::storage {

std::vector<core::projects::Project> select_projects(Session& session);
Result<core::projects::Project> select_project(Session& session, const core::ProjectId& id);
Result<std::vector<core::projects::ApiKey>> select_keys(Session& session, const SecretBox& box,
                                                        const core::ProjectId& project);
Result<std::vector<core::projects::ApiKey>> select_active_keys(Session& session,
                                                               const SecretBox& box);
std::int64_t select_keys_revision(Session& session);

Result<void> write(Session& session, const core::InsertProject& change);
/// `sealed_secret` is the key's secret as `seal_key_secret` made it.
Result<void> write(Session& session, const core::InsertApiKey& change,
                   const std::string& sealed_secret);
Result<void> write(Session& session, const core::RevokeApiKey& change);
Result<void> write(Session& session, const core::TouchApiKey& change);

std::string seal_key_secret(const SecretBox& box, RandomSource& random,
                            const core::projects::ApiKey& key);

}  // namespace vis::storage
