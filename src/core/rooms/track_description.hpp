#pragma once

#include <string>
#include <vector>

#include "base/limits/core_rooms.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "core/rooms/media_port.hpp"
#include "core/rooms/model.hpp"
#include "core/rooms/session.hpp"

/// How a publisher's request becomes the TrackInfo that everybody sees, as pure functions.
namespace vis::core::rooms {

/// `TR_`, a letter for the kind, one for the source, and random characters.
TrackSid new_track_sid(RandomSource& random, TrackKind kind, TrackSource source);

bool may_publish(const Permissions& permissions, TrackSource source);

/// InvalidArgument for a request that no track can be made of.
Result<void> check_track_request(const TrackRequest& request);

/// The track as it will be: layers sorted and numbered, codecs that may not be published here
/// replaced by one that may. `allowed_codecs` are lower-case mime types, best first.
TrackInfo describe_track(const TrackSid& sid, const TrackRequest& request,
                         const std::vector<std::string>& allowed_codecs);

/// Adds the codecs of a request that names an existing track. Codecs it has already get the
/// request's cid. LimitExceeded beyond limits::kTrackCodecs.
Result<void> add_backup_codecs(TrackInfo& track, const TrackRequest& request,
                               const std::vector<std::string>& allowed_codecs);

/// Takes over what was negotiated. False when that changes nothing.
bool apply_binding(TrackInfo& track, const TrackBound& bound);

PublishSpec publish_spec(const TrackInfo& track, const std::string& cid);

}  // namespace vis::core::rooms
