#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <unordered_map>
#include <utility>

#include "base/limits/api_livekit.hpp"
#include "core/rooms/model.hpp"
#include "core/rooms/room_service.hpp"

namespace vis::api::livekit {

class SignalSession;

/// How the next resume of a session shall fail, for tests of client SDKs.
enum class ResumeDrop : std::uint8_t {
  None,
  BeforeFirstMessage,
  AfterFirstMessage,
};

/// The sessions that have a socket, so that a new socket can take over from an old one, and time
/// can reach them. Control thread; owned by the Door; outlives the sessions, which add and remove
/// themselves.
class SignalSessions final {
 public:
  /// A session that the participant already has gives way.
  void add(const core::rooms::ParticipantSid& participant, SignalSession& session);
  /// Only if it is still this one.
  void remove(const core::rooms::ParticipantSid& participant, const SignalSession& session);
  void on_tick(core::rooms::Now now);
  std::size_t size() const { return sessions_.size(); }

  /// Remembers limits::kSimulatedDrops of them.
  void drop_next_resume(const core::rooms::ParticipantSid& participant, ResumeDrop drop);
  ResumeDrop take_drop(const core::rooms::ParticipantSid& participant);

 private:
  std::unordered_map<core::rooms::ParticipantSid, SignalSession*> sessions_;
  std::deque<std::pair<core::rooms::ParticipantSid, ResumeDrop>> drops_;
};

}  // namespace vis::api::livekit
