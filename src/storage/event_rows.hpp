#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "core/events/event.hpp"
#include "core/store.hpp"
#include "storage/session.hpp"

/// The SQL of the event log and of its readers' cursors.
namespace vis::storage {

std::vector<core::events::Event> select_events(Session& session, core::events::EventId after,
                                               std::size_t limit,
                                               const std::optional<core::ProjectId>& project);
core::events::EventId select_last_event(Session& session);
bool has_event(Session& session, const std::string& public_id);
std::optional<core::events::EventId> select_cursor(Session& session, const std::string& reader);

/// Takes the next `count` positions and returns the last of them. Until the transaction ends no
/// other one gets past this call, in whatever process.
std::int64_t lock_log(Session& session, std::size_t count);
void insert_event(Session& session, core::events::EventId position, const std::string& public_id,
                  const core::events::NewEvent& event);

Result<void> write(Session& session, const core::SetCursor& change);

}  // namespace vis::storage
