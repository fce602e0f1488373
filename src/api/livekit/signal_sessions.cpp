#include "api/livekit/signal_sessions.hpp"

#include <algorithm>

#include "api/livekit/signal_session.hpp"
#include "base/limits/api_livekit.hpp"

namespace vis::api::livekit {

using core::rooms::ParticipantSid;

void SignalSessions::add(const ParticipantSid& participant, SignalSession& session) {
  SignalSession*& current = sessions_[participant];
  if (current != nullptr) current->give_way();
  current = &session;
}

void SignalSessions::remove(const ParticipantSid& participant, const SignalSession& session) {
  const auto found = sessions_.find(participant);
  if (found != sessions_.end() && found->second == &session) sessions_.erase(found);
}

void SignalSessions::on_tick(core::rooms::Now now) {
  for (const auto& [participant, session] : sessions_) session->on_tick(now);
}

void SignalSessions::drop_next_resume(const ParticipantSid& participant, ResumeDrop drop) {
  take_drop(participant);
  if (drops_.size() == limits::kSimulatedDrops) drops_.pop_front();
  drops_.emplace_back(participant, drop);
}

ResumeDrop SignalSessions::take_drop(const ParticipantSid& participant) {
  const auto found =
      std::ranges::find(drops_, participant, [](const auto& pair) { return pair.first; });
  if (found == drops_.end()) return ResumeDrop::None;
  const ResumeDrop drop = found->second;
  drops_.erase(found);
  return drop;
}

}  // namespace vis::api::livekit
