#pragma once

#include <vector>

#include "base/result.hpp"
#include "core/rooms/history.hpp"
#include "core/rooms/records.hpp"
#include "core/store.hpp"
#include "storage/session.hpp"

/// The SQL of the rooms' records.
namespace vis::storage {

std::vector<core::rooms::RoomRecord> select_rooms(Session& session,
                                                  const core::rooms::RoomQuery& query);
Result<core::rooms::RoomRecord> select_room(Session& session, const core::rooms::RoomSid& sid);
std::vector<core::rooms::ParticipantRecord> select_participants(Session& session,
                                                                const core::rooms::RoomSid& room);
std::vector<core::rooms::TrackRecord> select_tracks(Session& session,
                                                    const core::rooms::RoomSid& room);
core::rooms::OpenRecords select_open_records(Session& session, const core::rooms::NodeId& node);

Result<void> write(Session& session, const core::InsertRoom& change);
Result<void> write(Session& session, const core::UpdateRoom& change);
Result<void> write(Session& session, const core::FinishRoom& change);
Result<void> write(Session& session, const core::InsertParticipant& change);
Result<void> write(Session& session, const core::UpdateParticipant& change);
Result<void> write(Session& session, const core::EndParticipant& change);
Result<void> write(Session& session, const core::InsertTrack& change);
Result<void> write(Session& session, const core::EndTrack& change);

}  // namespace vis::storage
