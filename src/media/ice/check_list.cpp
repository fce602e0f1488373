#include "media/ice/check_list.hpp"

#include <algorithm>
#include <utility>

#include "base/limits/media_ice.hpp"

namespace vis::media::ice {
namespace {

/// Ta of RFC 8445 section 14.2: no two new checks closer than this.
constexpr Duration kPacing = 50ms;
/// RTO of RFC 8445 section 14.3, which recommends at least 500 ms. Less, because one lost check
/// would otherwise cost half a second of silence at the start of a call.
constexpr Duration kFirstInterval = 200ms;
/// Rc and Rm of RFC 8489 section 6.2.1.
constexpr int kSendsMax = 7;
constexpr int kLastWaitFactor = 16;
/// How long a controlling agent waits for a better pair once one is valid.
constexpr Duration kSettlingTime = 50ms;

bool is_multicast(const IpAddress& ip) {
  return ip.is_v6() ? ip.v6_bytes()[0] == 0xFF : (ip.v4_bytes()[0] & 0xF0) == 0xE0;
}

/// Names are not resolved, TCP is the peer's to open, and nobody can be asked at the rest.
bool is_checkable(const Candidate& candidate) {
  return candidate.hostname.empty() && candidate.transport == Transport::Udp &&
         candidate.component == 1 && candidate.address.port != 0 &&
         !candidate.address.ip.is_unspecified() && !is_multicast(candidate.address.ip);
}

}  // namespace

CheckList::CheckList(std::span<const Candidate> locals, Role role, RandomSource& random)
    : locals_(locals), role_(role), random_(&random) {}

bool CheckList::add_remote(const Candidate& candidate) {
  if (!is_checkable(candidate) || remote_count_ == limits::kIceRemoteCandidates) return false;
  ++remote_count_;
  bool useful = false;
  for (const Candidate& local : locals_) {
    // Candidates of one socket share a pair: what it sends leaves in one way (RFC 8445, 6.1.2.4).
    const Path path{local.socket, candidate.address};
    if (!reachable(local, path.remote.ip)) continue;
    if (Pair* const known = find(path)) {
      // If it was peer-reflexive until now, its own priority ranks it better.
      known->remote_priority = candidate.priority;
      known->priority = priority_of(*known);
      useful = true;
    } else {
      useful |= add_pair(path, candidate.priority) != nullptr;
    }
  }
  return useful;
}

void CheckList::set_role(TimePoint now, Role role) {
  if (role == role_) return;
  role_ = role;
  abandon_checks();
  for (Pair& pair : pairs_) pair.priority = priority_of(pair);
  if (role_ == Role::Controlling) plan_nomination(now);
}

std::optional<ValidPair> CheckList::on_request(TimePoint now, const PeerCheck& check) {
  Pair* pair = find(check.path);
  if (pair == nullptr) pair = add_pair(check.path, check.priority);
  if (pair == nullptr) return std::nullopt;
  const bool nominated = check.use_candidate && role_ == Role::Controlled;
  if (nominated) pair->nominated_by_peer = true;
  switch (pair->state) {
    case PairState::Succeeded: return valid(*pair, nominated);
    case PairState::InProgress: hasten(now, *pair); return std::nullopt;
    case PairState::Waiting:
    case PairState::Failed: trigger(*pair); return std::nullopt;
  }
  std::unreachable();
}

std::optional<Path> CheckList::path_of(const stun::TransactionId& id) const {
  const auto index = transaction_of(id);
  if (!index) return std::nullopt;
  return pairs_[transactions_[*index].pair].path;
}

std::optional<ValidPair> CheckList::on_success(TimePoint now, const stun::TransactionId& id) {
  const auto index = transaction_of(id);
  if (!index) return std::nullopt;
  const Transaction done = transactions_[*index];
  transactions_.erase(transactions_.begin() + static_cast<std::ptrdiff_t>(*index));
  Pair& pair = pairs_[done.pair];
  pair.state = PairState::Succeeded;
  if (done.use_candidate) {
    nominating_ = false;
    return valid(pair, true);
  }
  if (role_ == Role::Controlling) plan_nomination(now);
  return valid(pair, role_ == Role::Controlled && pair.nominated_by_peer);
}

void CheckList::on_error(TimePoint now, const stun::TransactionId& id) {
  if (const auto index = transaction_of(id)) fail(now, *index);
}

void CheckList::stop_ordinary_checks() {
  ordinary_ = false;
  abandon_checks();
  triggered_.clear();
  for (Pair& pair : pairs_) {
    pair.triggered = false;
    pair.nominated_by_peer = false;
  }
}

void CheckList::nominate(const Path& path) {
  Pair* const pair = find(path);
  if (pair == nullptr || pair->state != PairState::Succeeded || nominating_) return;
  nominating_ = true;
  pair->nominate = true;
  trigger(*pair, true);
}

std::optional<Check> CheckList::take_due(TimePoint now) {
  if (auto repeated = repeat_due(now)) return repeated;
  if (nominate_at_ && now >= *nominate_at_) {
    nominate_at_.reset();
    if (const Pair* const pair = best(PairState::Succeeded)) nominate(pair->path);
  }
  if (now < next_check_at_) return std::nullopt;
  const auto pair = next_pair();
  if (!pair) return std::nullopt;
  return start_check(now, *pair);
}

std::optional<TimePoint> CheckList::next_deadline() const {
  std::optional<TimePoint> earliest = nominate_at_;
  const auto consider = [&earliest](TimePoint time) {
    if (!earliest || time < *earliest) earliest = time;
  };
  for (const Transaction& transaction : transactions_) consider(transaction.due);
  if (next_pair()) consider(next_check_at_);
  return earliest;
}

std::uint32_t CheckList::check_priority(const Path& path) const {
  const auto local_preference = static_cast<std::uint16_t>(local_priority(path) >> 8);
  return candidate_priority(CandidateType::PeerReflexive, local_preference);
}

CheckList::Pair* CheckList::find(const Path& path) {
  const auto found = std::ranges::find(pairs_, path, &Pair::path);
  return found == pairs_.end() ? nullptr : &*found;
}

CheckList::Pair* CheckList::add_pair(const Path& path, std::uint32_t remote_priority) {
  Pair* const pair = make_room();
  if (pair == nullptr) return nullptr;
  pair->path = path;
  pair->remote_priority = remote_priority;
  pair->priority = priority_of(*pair);
  return pair;
}

/// A new pair, or one that failed and is not being tried again.
CheckList::Pair* CheckList::make_room() {
  if (pairs_.size() < limits::kIceCandidatePairs) return &pairs_.emplace_back();
  const auto failed = std::ranges::find_if(
      pairs_, [](const Pair& pair) { return pair.state == PairState::Failed && !pair.triggered; });
  if (failed == pairs_.end()) return nullptr;
  *failed = Pair{};
  return &*failed;
}

std::size_t CheckList::index_of(const Pair& pair) const {
  return static_cast<std::size_t>(&pair - pairs_.data());
}

/// RFC 8445 section 6.1.2.3.
std::uint64_t CheckList::priority_of(const Pair& pair) const {
  const std::uint64_t local = local_priority(pair.path);
  const std::uint64_t remote = pair.remote_priority;
  const bool controlling = role_ == Role::Controlling;
  const std::uint64_t g = controlling ? local : remote;
  const std::uint64_t d = controlling ? remote : local;
  return (std::min(g, d) << 32) + 2 * std::max(g, d) + (g > d ? 1 : 0);
}

/// A loopback address of the peer is ours too, and only a local test means it.
bool CheckList::reachable(const Candidate& local, const IpAddress& remote) const {
  return local.transport == Transport::Udp && local.address.ip.is_v6() == remote.is_v6() &&
         (!remote.is_loopback() || local.address.ip.is_loopback());
}

/// That of the best candidate of the socket which the remote address can belong with.
std::uint32_t CheckList::local_priority(const Path& path) const {
  std::uint32_t best = 0;
  for (const Candidate& local : locals_) {
    const bool fits =
        local.socket == path.local && local.address.ip.is_v6() == path.remote.ip.is_v6();
    if (fits) best = std::max(best, local.priority);
  }
  return best;
}

void CheckList::trigger(Pair& pair, bool first) {
  if (pair.triggered) return;
  pair.triggered = true;
  if (pair.state == PairState::Failed) pair.state = PairState::Waiting;
  triggered_.insert(first ? triggered_.begin() : triggered_.end(), index_of(pair));
}

/// The peer's check shows that the path has just opened: repeat ours without waiting.
void CheckList::hasten(TimePoint now, const Pair& pair) {
  const std::size_t index = index_of(pair);
  const auto found = std::ranges::find(transactions_, index, &Transaction::pair);
  if (found == transactions_.end() || found->sent == kSendsMax) return;
  found->due = std::min(found->due, std::max(now, found->sent_at + kPacing));
}

/// Regular nomination (RFC 8445 section 8.1.1): the best valid pair after a short wait, or at
/// once when no better one can come.
void CheckList::plan_nomination(TimePoint now) {
  const Pair* const candidate = best(PairState::Succeeded);
  if (candidate == nullptr || !ordinary_ || nominating_) return;
  const bool may_improve = std::ranges::any_of(pairs_, [candidate](const Pair& pair) {
    return pair.state != PairState::Failed && pair.priority > candidate->priority;
  });
  const TimePoint when = may_improve ? now + kSettlingTime : now;
  nominate_at_ = std::min(nominate_at_.value_or(when), when);
}

/// Forgets the checks under way. Their pairs may be checked again.
void CheckList::abandon_checks() {
  for (const Transaction& transaction : transactions_) {
    Pair& pair = pairs_[transaction.pair];
    if (pair.state == PairState::InProgress) pair.state = PairState::Waiting;
  }
  transactions_.clear();
  for (Pair& pair : pairs_) pair.nominate = false;
  nominating_ = false;
  nominate_at_.reset();
}

void CheckList::fail(TimePoint now, std::size_t transaction) {
  const Transaction failed = transactions_[transaction];
  transactions_.erase(transactions_.begin() + static_cast<std::ptrdiff_t>(transaction));
  pairs_[failed.pair].state = PairState::Failed;
  if (!failed.use_candidate) return;
  nominating_ = false;
  plan_nomination(now);
}

std::optional<std::size_t> CheckList::transaction_of(const stun::TransactionId& id) const {
  const auto found = std::ranges::find(transactions_, id, &Transaction::id);
  if (found == transactions_.end()) return std::nullopt;
  return static_cast<std::size_t>(found - transactions_.begin());
}

std::optional<Check> CheckList::repeat_due(TimePoint now) {
  for (std::size_t i = 0; i < transactions_.size();) {
    Transaction& transaction = transactions_[i];
    if (transaction.due > now) {
      ++i;
    } else if (transaction.sent == kSendsMax) {
      fail(now, i);
    } else {
      ++transaction.sent;
      transaction.interval *= 2;
      transaction.sent_at = now;
      const bool last = transaction.sent == kSendsMax;
      transaction.due = now + (last ? kLastWaitFactor * kFirstInterval : transaction.interval);
      return check_of(transaction);
    }
  }
  return std::nullopt;
}

std::optional<std::size_t> CheckList::next_pair() const {
  if (!triggered_.empty()) return triggered_.front();
  if (!ordinary_) return std::nullopt;
  const Pair* const pair = best(PairState::Waiting);
  if (pair == nullptr) return std::nullopt;
  return index_of(*pair);
}

Check CheckList::start_check(TimePoint now, std::size_t index) {
  Pair& pair = pairs_[index];
  if (pair.triggered) {
    std::erase(triggered_, index);
    pair.triggered = false;
  }
  Transaction transaction;
  random_->fill(transaction.id);
  transaction.pair = index;
  transaction.interval = first_interval();
  transaction.sent_at = now;
  transaction.due = now + transaction.interval;
  transaction.use_candidate = std::exchange(pair.nominate, false);
  if (pair.state != PairState::Succeeded) pair.state = PairState::InProgress;
  transactions_.push_back(transaction);
  next_check_at_ = now + kPacing;
  return check_of(transaction);
}

Check CheckList::check_of(const Transaction& transaction) const {
  const Path& path = pairs_[transaction.pair].path;
  return {transaction.id, path, check_priority(path), transaction.use_candidate};
}

/// The more checks there are, the longer until each may be repeated without breaking the pace.
Duration CheckList::first_interval() const {
  const auto active = std::ranges::count_if(pairs_, [](const Pair& pair) {
    return pair.state == PairState::Waiting || pair.state == PairState::InProgress;
  });
  return std::max(kFirstInterval, kPacing * active);
}

const CheckList::Pair* CheckList::best(PairState state) const {
  const Pair* best = nullptr;
  for (const Pair& pair : pairs_) {
    if (pair.state == state && (best == nullptr || pair.priority > best->priority)) best = &pair;
  }
  return best;
}

ValidPair CheckList::valid(const Pair& pair, bool nominated) const {
  return {pair.path, pair.priority, nominated};
}

}  // namespace vis::media::ice
