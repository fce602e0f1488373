#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/random.hpp"
#include "base/time.hpp"
#include "media/ice/candidate.hpp"
#include "media/ice/output.hpp"
#include "media/stun/message.hpp"

namespace vis::media::ice {

/// Who decides which path is used (RFC 8445 section 6.1.1).
enum class Role : std::uint8_t { Controlling, Controlled };

/// A Binding request that is to be sent now.
struct Check {
  stun::TransactionId id{};
  Path path;
  std::uint32_t priority = 0;  ///< That of the peer-reflexive candidate it may reveal.
  bool use_candidate = false;
};

/// An authenticated Binding request of the peer.
struct PeerCheck {
  Path path;
  std::uint32_t priority = 0;
  bool use_candidate = false;
};

/// A path on which a check of ours was answered.
struct ValidPair {
  Path path;
  std::uint64_t priority = 0;
  bool nominated = false;
};

/// The candidate pairs of a full agent for one generation, and which of them to check when
/// (RFC 8445 sections 6.1.2 to 8.1.1). Decides only: the Agent writes, signs and verifies the
/// messages. Owned by one Agent. At most kIceCandidatePairs pairs; what does not fit is ignored.
///
/// All pairs may be checked from the start: with one component and one data stream, freezing
/// would only delay those that share a foundation.
class CheckList final {
 public:
  /// `locals` and `random` must outlive the list.
  CheckList(std::span<const Candidate> locals, Role role, RandomSource& random);

  /// False when the candidate is of no use here: a name, TCP, another component, one too many.
  bool add_remote(const Candidate& candidate);
  /// Starts over all checks under way, since each of them claims the old role.
  void set_role(TimePoint now, Role role);

  /// The peer checked a path: answers whether that path is valid, or checks it soon.
  std::optional<ValidPair> on_request(TimePoint now, const PeerCheck& check);
  /// Along which path the response to this transaction of ours must come.
  std::optional<Path> path_of(const stun::TransactionId& id) const;
  std::optional<ValidPair> on_success(TimePoint now, const stun::TransactionId& id);
  void on_error(TimePoint now, const stun::TransactionId& id);

  /// Ordinary checks end once a pair is nominated; those that the peer provokes go on.
  void stop_ordinary_checks();
  /// Controlling only: asks the peer to move to this pair, if it is valid.
  void nominate(const Path& path);

  /// What to send at `now`: call until there is nothing more.
  std::optional<Check> take_due(TimePoint now);
  std::optional<TimePoint> next_deadline() const;

  /// The priority to announce in a check along this path.
  std::uint32_t check_priority(const Path& path) const;

 private:
  enum class PairState : std::uint8_t { Waiting, InProgress, Succeeded, Failed };
  struct Pair {
    Path path;
    std::uint32_t remote_priority = 0;
    std::uint64_t priority = 0;
    PairState state = PairState::Waiting;
    bool triggered = false;          ///< In the queue of triggered checks.
    bool nominate = false;           ///< Controlling: the next check carries USE-CANDIDATE.
    bool nominated_by_peer = false;  ///< Controlled: nominated as soon as it is valid.
  };
  struct Transaction {
    stun::TransactionId id{};
    std::size_t pair = 0;
    TimePoint sent_at;
    TimePoint due;
    Duration interval{};
    int sent = 1;
    bool use_candidate = false;
  };

  Pair* find(const Path& path);
  Pair* add_pair(const Path& path, std::uint32_t remote_priority);
  Pair* make_room();
  std::size_t index_of(const Pair& pair) const;
  std::uint64_t priority_of(const Pair& pair) const;
  bool reachable(const Candidate& local, const IpAddress& remote) const;
  std::uint32_t local_priority(const Path& path) const;

  void trigger(Pair& pair, bool first = false);
  void hasten(TimePoint now, const Pair& pair);
  void plan_nomination(TimePoint now);
  void abandon_checks();
  void fail(TimePoint now, std::size_t transaction);
  std::optional<std::size_t> transaction_of(const stun::TransactionId& id) const;

  std::optional<Check> repeat_due(TimePoint now);
  std::optional<std::size_t> next_pair() const;
  Check start_check(TimePoint now, std::size_t pair);
  Check check_of(const Transaction& transaction) const;
  Duration first_interval() const;
  const Pair* best(PairState state) const;
  ValidPair valid(const Pair& pair, bool nominated) const;

  std::span<const Candidate> locals_;
  Role role_;
  RandomSource* random_;
  std::vector<Pair> pairs_;
  std::vector<std::size_t> triggered_;
  std::vector<Transaction> transactions_;
  std::size_t remote_count_ = 0;
  TimePoint next_check_at_;
  std::optional<TimePoint> nominate_at_;
  bool nominating_ = false;
  bool ordinary_ = true;
};

}  // namespace vis::media::ice
