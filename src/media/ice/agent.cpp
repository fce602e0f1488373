#include "media/ice/agent.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"
#include "base/limits/media_ice.hpp"
#include "media/stun/builder.hpp"

namespace vis::media::ice {
namespace {

/// A peer that nominates aggressively asks for every path at once; for this long only a better one
/// replaces the first.
constexpr Duration kNominationSettling = 2s;

Role opposite(Role role) {
  return role == Role::Controlling ? Role::Controlled : Role::Controlling;
}

}  // namespace

Agent::Agent(Config config, RandomSource& random)
    : config_(std::move(config)),
      random_(&random),
      role_(config_.lite ? Role::Controlled : config_.role),
      session_(config_.credentials),
      checks_(config_.candidates, role_, random) {
  VIS_ASSERT(!config_.candidates.empty());
  VIS_ASSERT(config_.candidates.size() <= limits::kIceLocalCandidates);
}

std::optional<std::string_view> Agent::local_ufrag_of(const stun::Message& message) {
  const auto username = RequestUsername::of(message);
  if (!username) return std::nullopt;
  return username->receiver;
}

Result<void> Agent::set_remote(TimePoint now, RemoteDescription remote, Output& out) {
  if (config_.lite && remote.lite) return fail(Errc::Unsupported, "both sides are ice-lite");
  if (session_.remote() == remote) return {};
  if (session_.remote() || is_over()) {
    return fail(Errc::FailedPrecondition, "new ICE credentials of the peer need an ICE restart");
  }
  // RFC 8445 section 6.1.1: a full agent controls a lite one.
  if (remote.lite && role_ == Role::Controlled) switch_role(now);
  const std::string sender = remote.credentials.ufrag;
  session_.set_remote(std::move(remote));
  connect_deadline_ = now + kConnectTimeout;
  if (!selected_) enter(State::Checking, out);
  for (const EarlyCheck& early : std::exchange(early_checks_, {})) {
    if (early.sender_ufrag == sender) on_peer_check(now, early.check, false, out);
  }
  run(now, out);
  return {};
}

bool Agent::add_remote_candidate(TimePoint now, const Candidate& candidate, Output& out) {
  if (config_.lite || is_over()) return false;
  const bool useful = checks_.add_remote(candidate);
  run(now, out);
  return useful;
}

void Agent::restart(TimePoint now, Credentials credentials, Output& out) {
  if (state_ == State::Closed) return;
  // Of two restarts in a row, the path still belongs to the generation before the first.
  if (selected_ && !selected_->of_previous_session) {
    previous_session_ = std::move(session_);
    selected_->of_previous_session = true;
  }
  session_ = Session{std::move(credentials)};
  checks_ = CheckList{config_.candidates, role_, *random_};
  move_checks_.clear();
  early_checks_.clear();
  if (!selected_) enter(State::New, out);
  run(now, out);
}

void Agent::on_stun(TimePoint now, const stun::Message& message, const Path& path, Output& out) {
  if (is_over() || message.method != stun::Method::Binding) return;
  switch (message.message_class) {
    case stun::Class::Request: on_request(now, message, path, out); break;
    case stun::Class::SuccessResponse:
    case stun::Class::ErrorResponse: on_response(now, message, path, out); break;
    case stun::Class::Indication: break;  // A keep-alive; it asks for nothing and proves nothing.
  }
  run(now, out);
}

bool Agent::check_move(TimePoint now, const Path& path, Output& out) {
  if (!has_path_of_this_generation() || is_over() || now < next_move_check_at_) return false;
  next_move_check_at_ = now + kMoveCheckInterval;
  if (move_checks_.size() == limits::kIceMoveChecks) move_checks_.erase(move_checks_.begin());
  MoveCheck& check = move_checks_.emplace_back(MoveCheck{.path = path});
  random_->fill(check.id);
  send_check(session_, {check.id, path, checks_.check_priority(path), false}, out);
  return true;
}

void Agent::on_deadline(TimePoint now, Output& out) { run(now, out); }

std::optional<TimePoint> Agent::next_deadline() const {
  if (is_over()) return std::nullopt;
  std::optional<TimePoint> earliest;
  const auto consider = [&earliest](std::optional<TimePoint> time) {
    if (time && (!earliest || *time < *earliest)) earliest = time;
  };
  if (session_.remote() && !config_.lite) consider(checks_.next_deadline());
  if (!selected_) {
    if (session_.remote()) consider(connect_deadline_);
    return earliest;
  }
  consider(selected_->consent_at + kConsentExpiry);
  if (state_ == State::Connected) consider(selected_->heard_at + kDisconnectedAfter);
  if (!config_.lite) {
    consider(selected_->next_consent_check);
    consider(selected_->repeat_consent_check_at);
  }
  return earliest;
}

void Agent::close() {
  state_ = State::Closed;
  selected_.reset();
  previous_session_.reset();
}

std::optional<Path> Agent::selected() const {
  if (!selected_) return std::nullopt;
  return selected_->path;
}

void Agent::on_request(TimePoint now, const stun::Message& request, const Path& path, Output& out) {
  const Session* const session = session_of(request);
  if (session == nullptr) {
    ++refused_;
    return;
  }
  const auto verdict = recent_requests_.note(request.transaction_id, path);
  if (verdict == RecentRequests::Verdict::Replayed) {
    ++refused_;
    return;
  }
  if (!request.unknown_required().empty() || !yields_role(now, request)) {
    respond_error(*session, request, path, out);
    return;
  }
  respond(*session, request, path, out);
  if (selected_ && selected_->path == path &&
      selected_->of_previous_session == (session != &session_)) {
    heard(now, out);
  }
  if (session != &session_) return;
  const PeerCheck check{path, request.priority.value_or(0), request.use_candidate};
  if (session->remote()) {
    on_peer_check(now, check, verdict == RecentRequests::Verdict::Repeated, out);
  } else if (const auto username = RequestUsername::of(request);
             username && early_checks_.size() < limits::kIceEarlyChecks) {
    early_checks_.push_back({check, std::string(username->sender)});
  }
}

/// The generation that a request proves to belong to; none when it proves nothing.
const Session* Agent::session_of(const stun::Message& request) const {
  if (session_.authenticates_request(request)) return &session_;
  if (previous_session_ && previous_session_->authenticates_request(request)) {
    return &*previous_session_;
  }
  return nullptr;
}

/// RFC 8445 section 7.3.1.1. False when the peer must change its role, which an error tells it.
bool Agent::yields_role(TimePoint now, const stun::Message& request) {
  const auto& rival = role_ == Role::Controlling ? request.ice_controlling : request.ice_controlled;
  if (!rival) return true;
  // The roles with a lite agent are fixed.
  if (config_.lite || session_.remote_is_lite()) return false;
  const bool we_win = config_.tie_breaker >= *rival;
  const bool we_control = role_ == Role::Controlling;
  if (we_win == we_control) return false;
  switch_role(now);
  return true;
}

void Agent::switch_role(TimePoint now) {
  role_ = opposite(role_);
  checks_.set_role(now, role_);
}

/// An authenticated request of this generation, which has been answered.
void Agent::on_peer_check(TimePoint now, const PeerCheck& check, bool repeated, Output& out) {
  if (!config_.lite) {
    if (const auto pair = checks_.on_request(now, check)) on_valid_pair(now, *pair, out);
    return;
  }
  on_valid_pair(now, {check.path, 0, check.use_candidate}, out);
  const bool counts = check.use_candidate && !repeated;
  if (counts && selected_ && selected_->path == check.path) ++selected_->nominations;
}

void Agent::on_response(TimePoint now, const stun::Message& response, const Path& path,
                        Output& out) {
  const auto& id = response.transaction_id;
  const bool consent = selected_ && std::ranges::find(consent_ids_, id) != consent_ids_.end();
  const MoveCheck* const move = move_check_of(id);
  auto expected = consent ? std::optional(selected_->path) : checks_.path_of(id);
  if (move != nullptr) expected = move->path;
  const bool previous = consent && selected_->of_previous_session && previous_session_;
  const Session& session = previous ? *previous_session_ : session_;
  // RFC 8445 section 7.2.5.2.1: a path must work both ways.
  if (!expected || *expected != path || !session.authenticates_response(response)) {
    ++refused_;
  } else if (consent) {
    on_consent(now, response, out);
  } else if (move == nullptr) {
    on_check_response(now, response, out);
  } else if (response.message_class == stun::Class::SuccessResponse) {
    on_moved(now, path, out);
  }
}

const Agent::MoveCheck* Agent::move_check_of(const stun::TransactionId& id) const {
  const auto found = std::ranges::find(move_checks_, id, &MoveCheck::id);
  return found == move_checks_.end() ? nullptr : &*found;
}

/// The peer sends along this path and has answered on it. It still believes to be on the old one,
/// so what was agreed for that holds for this.
void Agent::on_moved(TimePoint now, const Path& path, Output& out) {
  const ValidPair pair{path, in_use().priority, in_use().nominated};
  select(now, pair, out);
}

void Agent::on_consent(TimePoint now, const stun::Message& response, Output& out) {
  if (response.message_class != stun::Class::SuccessResponse) return;
  in_use().consent_at = now;
  in_use().repeat_consent_check_at.reset();
  heard(now, out);
}

void Agent::on_check_response(TimePoint now, const stun::Message& response, Output& out) {
  const auto& id = response.transaction_id;
  if (response.message_class == stun::Class::SuccessResponse) {
    if (const auto pair = checks_.on_success(now, id)) on_valid_pair(now, *pair, out);
    return;
  }
  if (response.error_code == stun::kRoleConflict && !session_.remote_is_lite()) {
    // RFC 8445 section 7.2.5.1. All checks start over in the other role.
    config_.tie_breaker = random_->u64();
    switch_role(now);
    return;
  }
  checks_.on_error(now, id);
}

void Agent::on_valid_pair(TimePoint now, const ValidPair& pair, Output& out) {
  if (selected_ && !selected_->of_previous_session && selected_->path == pair.path) {
    selected_->priority = pair.priority;
    if (pair.nominated) nominated(now);
    return;
  }
  if (takes_over(now, pair)) {
    select(now, pair, out);
  } else if (selected_ && role_ == Role::Controlling && !pair.nominated &&
             now - selected_->heard_at > kDisconnectedAfter) {
    checks_.nominate(pair.path);
  }
}

bool Agent::takes_over(TimePoint now, const ValidPair& pair) const {
  if (!selected_) return true;
  if (!pair.nominated) {
    if (role_ == Role::Controlling) return false;
    // A peer that asks for its path with every check would have asked for this one too.
    const bool repeats_itself = selected_->nominations > 1;
    const bool soon = config_.lite && !repeats_itself;
    return now - selected_->heard_at > (soon ? kSilence : kDisconnectedAfter);
  }
  if (config_.lite || !selected_->nominated || selected_->of_previous_session) return true;
  return pair.priority > selected_->priority || now - selected_->nominated_at > kNominationSettling;
}

void Agent::select(TimePoint now, const ValidPair& pair, Output& out) {
  if (!selected_ || selected_->path != pair.path) out.selected = pair.path;
  selected_ = Selected{};
  Selected& selected = in_use();
  selected.path = pair.path;
  selected.priority = pair.priority;
  selected.consent_at = now;
  selected.next_consent_check = now + consent_interval();
  consent_ids_ = {};
  move_checks_.clear();
  previous_session_.reset();
  if (pair.nominated) nominated(now);
  heard(now, out);
}

void Agent::nominated(TimePoint now) {
  Selected& selected = in_use();
  if (selected.nominated) return;
  selected.nominated = true;
  selected.nominated_at = now;
  checks_.stop_ordinary_checks();
}

/// The peer has spoken on the selected path, with proof.
void Agent::heard(TimePoint now, Output& out) {
  Selected& selected = in_use();
  selected.heard_at = now;
  if (config_.lite) selected.consent_at = now;
  enter(State::Connected, out);
}

Agent::Selected& Agent::in_use() {
  VIS_ASSERT(selected_.has_value());
  return *selected_;
}

void Agent::enter(State state, Output& out) {
  if (state_ == state) return;
  state_ = state;
  out.state = state;
}

void Agent::give_up(FailureReason reason, Output& out) {
  selected_.reset();
  previous_session_.reset();
  out.failure = reason;
  enter(State::Failed, out);
}

/// Whatever time demands, after any event.
void Agent::run(TimePoint now, Output& out) {
  if (is_over()) return;
  watch(now, out);
  if (is_over() || config_.lite) return;
  if (selected_ && !out.full()) send_due_consent_check(now, out);
  if (session_.remote()) send_checks(now, out);
}

void Agent::watch(TimePoint now, Output& out) {
  if (!selected_) {
    if (session_.remote() && now >= connect_deadline_) give_up(FailureReason::NoConnection, out);
    return;
  }
  if (now >= selected_->consent_at + kConsentExpiry) {
    give_up(FailureReason::ConsentExpired, out);
  } else if (now >= selected_->heard_at + kDisconnectedAfter) {
    enter(State::Disconnected, out);
  }
}

void Agent::send_checks(TimePoint now, Output& out) {
  while (!out.full()) {
    const auto check = checks_.take_due(now);
    if (!check) return;
    send_check(session_, *check, out);
  }
}

void Agent::send_check(const Session& session, const Check& check, Output& out) {
  Datagram& datagram = out.add(check.path);
  stun::MessageBuilder builder{datagram.buffer, stun::Class::Request, check.id};
  builder.add_username(session.request_username());
  builder.add_priority(check.priority);
  switch (role_) {
    case Role::Controlling: builder.add_ice_controlling(config_.tie_breaker); break;
    case Role::Controlled: builder.add_ice_controlled(config_.tie_breaker); break;
  }
  if (check.use_candidate) builder.add_use_candidate();
  datagram.size = builder.finish(session.remote_key()).size();
}

void Agent::send_due_consent_check(TimePoint now, Output& out) {
  constexpr int kRepeats = 2;
  Selected& selected = in_use();
  if (now >= selected.next_consent_check) {
    next_consent_id_ = (next_consent_id_ + 1) % consent_ids_.size();
    random_->fill(consent_ids_[next_consent_id_]);
    selected.next_consent_check = now + consent_interval();
    selected.repeat_consent_check_at = now + kConsentRepeat;
    selected.consent_check_repeats = 0;
    send_consent_check(consent_ids_[next_consent_id_], out);
  } else if (selected.repeat_consent_check_at && now >= *selected.repeat_consent_check_at) {
    ++selected.consent_check_repeats;
    selected.repeat_consent_check_at = now + 2 * kConsentRepeat;
    if (selected.consent_check_repeats == kRepeats) selected.repeat_consent_check_at.reset();
    send_consent_check(consent_ids_[next_consent_id_], out);
  }
}

void Agent::send_consent_check(const stun::TransactionId& id, Output& out) {
  const Path& path = in_use().path;
  const Check check{id, path, checks_.check_priority(path), false};
  const bool previous = previous_session_ && in_use().of_previous_session;
  send_check(previous ? *previous_session_ : session_, check, out);
}

/// RFC 7675 section 5.1: 5 s, from 80 to 120 percent of it at random.
Duration Agent::consent_interval() {
  constexpr auto kSpread = static_cast<std::uint64_t>((kConsentInterval / 5 * 2).count());
  return kConsentInterval / 5 * 4 + Duration(random_->below(kSpread + 1));
}

void Agent::respond(const Session& session, const stun::Message& request, const Path& path,
                    Output& out) {
  Datagram& datagram = out.add(path);
  stun::MessageBuilder builder{datagram.buffer, stun::Class::SuccessResponse,
                               request.transaction_id};
  builder.add_xor_mapped_address(path.remote);
  datagram.size = builder.finish(session.local_key()).size();
}

void Agent::respond_error(const Session& session, const stun::Message& request, const Path& path,
                          Output& out) {
  Datagram& datagram = out.add(path);
  stun::MessageBuilder builder{datagram.buffer, stun::Class::ErrorResponse, request.transaction_id};
  if (request.unknown_required().empty()) {
    builder.add_error_code(stun::kRoleConflict, "Role Conflict");
  } else {
    builder.add_error_code(stun::kUnknownAttribute, "Unknown Attribute");
    builder.add_unknown_attributes(request.unknown_required());
  }
  datagram.size = builder.finish(session.local_key()).size();
}

}  // namespace vis::media::ice
