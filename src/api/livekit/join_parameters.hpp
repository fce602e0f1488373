#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "api/livekit/access_token.hpp"
#include "api/livekit/proto/livekit.pb.h"
#include "base/result.hpp"
#include "core/rooms/session.hpp"
#include "http/request.hpp"

namespace vis::api::livekit {

namespace proto = ::livekit;

/// The two entries of signalling.
enum class SignalPath : std::uint8_t {
  Rtc,    ///< `/rtc`: parameters in the query, two peer connections unless `join_request` is there.
  RtcV1,  ///< `/rtc/v1`: parameters in `join_request`, one peer connection.
};

/// What a client asks for when it opens its signalling: checked, but nothing done yet.
struct JoinParameters {
  AccessToken token;
  rooms::JoinRequest request;
  /// Set: not a new session but a new socket for the one of this participant.
  std::optional<rooms::ParticipantSid> resume;

  // Of `join_request` alone, to be acted upon right after the answer to it.
  std::vector<proto::AddTrackRequest> tracks;
  std::optional<proto::SessionDescription> offer;
  std::optional<proto::SyncState> sync_state;
};

/// Everything about the participant that the token alone decides. Unauthenticated when it does not
/// let its bearer join a room.
Result<rooms::JoinRequest> join_request(const AccessToken& token);

/// Reads the request of a WebSocket, or of its check. Unauthenticated or PermissionDenied for what
/// the token does not allow, InvalidArgument for what cannot be understood; texts are for people.
Result<JoinParameters> read_join(const http::Request& request, SignalPath path,
                                 projects::ProjectService& projects, WallTime now);

}  // namespace vis::api::livekit
