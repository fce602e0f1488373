#pragma once

#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "core/rooms/offer_reader.hpp"
#include "core/rooms/session.hpp"

namespace vis::api::whip {

namespace rooms = core::rooms;

/// The tracks that a WHIP offer brings, in the order of its sections. The first audio is the
/// microphone and the first video the camera, the second ones are a shared screen with its sound,
/// unless a track's msid is named after a source (`screen_share`). Unsupported, as RFC 9725 section
/// 4.4.3 has it, when a section could not be taken in: there are no half sessions.
Result<std::vector<rooms::TrackRequest>> plan_tracks(const rooms::OfferSummary& offer);

/// How a WHEP offer may be filled: its sections, each of which must be willing to receive.
Result<rooms::ViewerOptions> plan_viewing(const rooms::OfferSummary& offer);

/// `low`, `medium` or `high`; High for all but the first two.
std::string_view to_string(rooms::VideoQuality quality);
/// The same back. InvalidArgument for anything else.
Result<rooms::VideoQuality> parse_quality(std::string_view name);

}  // namespace vis::api::whip
