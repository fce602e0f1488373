#include "api/whip/session.hpp"

#include <utility>

#include "api/whip/sdp_lines.hpp"

namespace vis::api::whip {

using rooms::LeaveAction;
using rooms::LeaveReason;

Session::Session(const Surroundings& with, Start start) : with_(with), start_(std::move(start)) {
  new_etag();
}

Session::~Session() {
  if (life_ == Life::Live || life_ == Life::Silent) {
    with_.rooms.leave(
        with_.now(), sid_,
        life_ == Life::Live ? LeaveReason::ClientInitiated : LeaveReason::ConnectionTimeout);
  }
  end_exchange(fail(Errc::NotFound, "the session has ended"));
}

Result<void> Session::join() {
  const rooms::Now now = with_.now();
  const auto joined = with_.rooms.join(now, start_.request, *this);
  if (!joined) return std::unexpected(joined.error());
  sid_ = joined->participant.sid;
  life_ = Life::Live;
  with_.rooms.joined(now, sid_);
  for (rooms::TrackRequest& track : std::exchange(start_.tracks, {})) {
    const auto added = with_.rooms.add_track(now, sid_, std::move(track));
    if (!added) return std::unexpected(added.error());
  }
  return {};
}

// ---- negotiation ----

Task<Result<std::string>> Session::exchange() {
  if (busy()) co_return fail(Errc::FailedPrecondition, "the server still answers another offer");
  auto begin = [this](Completion<Result<std::string>> done) { begin_exchange(std::move(done)); };
  // From here on the session may end: nothing of it is touched after the wait.
  co_return co_await suspend_with<Result<std::string>>(std::move(begin));
}

void Session::begin_exchange(Completion<Result<std::string>> done) {
  pending_.emplace(std::move(done), with_.now().monotonic + kAnswerTimeout);
  with_.rooms.apply_offer(sid_, start_.offer, ++last_offer_id_);
}

void Session::end_exchange(Result<std::string> result) {
  if (auto pending = std::exchange(pending_, std::nullopt)) pending->done(std::move(result));
}

void Session::on_description(rooms::TransportRole, const rooms::LocalDescription& description) {
  if (!description.is_offer && description.offer_id == last_offer_id_) {
    end_exchange(description.sdp);
  }
}

bool Session::is_restart(const TrickleFragment& fragment) const {
  return !fragment.ufrag.empty() &&
         (fragment.ufrag != start_.ice.ufrag || fragment.pwd != start_.ice.pwd);
}

void Session::restart_ice(const TrickleFragment& fragment) {
  start_.offer = with_ice(start_.offer, fragment);
  start_.ice = {.ufrag = fragment.ufrag, .pwd = fragment.pwd};
  new_etag();
}

void Session::add_candidates(const TrickleFragment& fragment) {
  for (const std::string& candidate : fragment.candidates) {
    with_.rooms.add_candidate(sid_, rooms::TransportRole::Publisher, candidate);
  }
}

void Session::set_quality(rooms::VideoQuality quality) {
  start_.request.viewer->quality = quality;
  with_.rooms.set_viewer_quality(sid_, quality);
}

rooms::VideoQuality Session::quality() const { return start_.request.viewer->quality; }

void Session::new_etag() { etag_ = '"' + random_id(with_.random, "", 12) + '"'; }

// ---- its end ----

void Session::on_tick(rooms::Now now) {
  if (pending_ && now.monotonic >= pending_->deadline) {
    end_exchange(fail(Errc::Timeout, "media did not answer the offer in time"));
  }
}

void Session::on_leave(LeaveReason reason, LeaveAction action) {
  // There is nobody to be told to come back: without media the session is over.
  life_ = action == LeaveAction::Resume ? Life::Silent : Life::Over;
  end_exchange(reason == LeaveReason::StateMismatch
                   ? fail(Errc::Unsupported, "the offer cannot be answered")
                   : fail(Errc::Unavailable, "the session was ended by the server"));
}

}  // namespace vis::api::whip
