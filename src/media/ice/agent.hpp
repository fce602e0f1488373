#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/random.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "media/ice/candidate.hpp"
#include "media/ice/check_list.hpp"
#include "media/ice/credentials.hpp"
#include "media/ice/output.hpp"
#include "media/ice/session.hpp"
#include "media/stun/message.hpp"

namespace vis::media::ice {

/// One side of ICE (RFC 8445) for one component: bundled media with RTCP on the same port. Finds
/// a path to the peer, keeps the peer's consent to be sent to (RFC 7675), and follows the peer when
/// its address changes.
///
/// *Lite* answers checks and sends none, so the peer decides: the path is that of the latest
/// authenticated request with USE-CANDIDATE, or before one came, of the first authenticated
/// request. Consent is an authenticated request on that path.
/// *Full* checks by itself, in either role. A path is used only once a check of ours was answered
/// on it, and consent is an answered check every 5 s or so.
/// Either kind asks the peer when its media comes along a path that it has not checked, and follows
/// once it has answered: a NAT gave it another port, which the peer cannot know.
///
/// Nothing that lacks the proof of a password changes anything: such messages are dropped without
/// an answer and counted in `refused()`.
///
/// Engine: no I/O and no clock. Lives on one media worker, owned by a transport, which gives every
/// call an empty Output, carries that out, and calls `on_deadline` at `next_deadline()`, which any
/// call may change. Bounded by the kIce limits. Fails once, into State::Failed; only `restart`
/// leads out.
class Agent final {
 public:
  struct Config {
    bool lite = true;
    Role role = Role::Controlled;  ///< Of a full agent: the offerer controls a full peer.
    std::uint64_t tie_breaker = 0;
    Credentials credentials;
    std::vector<Candidate> candidates;  ///< Ours; at most kIceLocalCandidates.
  };

  /// Media moves off a path that is silent for longer than this when the peer checks another.
  static constexpr Duration kSilence = 2s;
  static constexpr Duration kDisconnectedAfter = 8s;
  /// RFC 7675 section 5.1.
  static constexpr Duration kConsentExpiry = 30s;
  static constexpr Duration kConsentInterval = 5s;
  /// A consent check without an answer is repeated, the same one, this long and twice this long
  /// after: on a lossy link, six single checks in a row would be lost every hour or so.
  static constexpr Duration kConsentRepeat = 500ms;
  static constexpr Duration kConnectTimeout = 30s;
  static constexpr Duration kMoveCheckInterval = 100ms;

  /// `random` must outlive the agent.
  Agent(Config config, RandomSource& random);

  /// Whose agent a datagram from an unknown address is for: the receiver's half of USERNAME.
  static std::optional<std::string_view> local_ufrag_of(const stun::Message& message);

  /// The peer's description for this generation. Checks start here. The same one again changes
  /// nothing; another one needs a restart first (FailedPrecondition). A lite agent cannot meet
  /// another (Unsupported): neither would check.
  Result<void> set_remote(TimePoint now, RemoteDescription remote, Output& out);
  /// False when the candidate is of no use; that is no error. A lite agent needs none.
  bool add_remote_candidate(TimePoint now, const Candidate& candidate, Output& out);
  /// Begins a new generation. Media and the old path live on until the new generation has one.
  void restart(TimePoint now, Credentials credentials, Output& out);
  /// A message that came along `path`, into that socket of ours.
  void on_stun(TimePoint now, const stun::Message& message, const Path& path, Output& out);
  /// Asks the peer whether it is at the far end of `path`, along which something came that may be
  /// its media. At most once in kMoveCheckInterval; false when it was not asked.
  bool check_move(TimePoint now, const Path& path, Output& out);
  void on_deadline(TimePoint now, Output& out);
  std::optional<TimePoint> next_deadline() const;
  /// Nothing happens and nothing is sent afterwards.
  void close();

  State state() const { return state_; }
  Role role() const { return role_; }
  /// The path for media; nothing while there is none.
  std::optional<Path> selected() const;
  /// Whether that path was found with the credentials of the latest restart.
  bool has_path_of_this_generation() const { return selected_ && !selected_->of_previous_session; }
  const Credentials& credentials() const { return session_.local(); }
  const std::vector<Candidate>& candidates() const { return config_.candidates; }
  /// How many messages for this agent lacked the proof that they come from the peer.
  std::uint64_t refused() const { return refused_; }

 private:
  /// The path in use, and when the peer was last heard on it.
  struct Selected {
    Path path;
    std::uint64_t priority = 0;
    bool nominated = false;
    bool of_previous_session = false;
    int nominations = 0;  ///< How many requests on it asked to use it.
    TimePoint nominated_at;
    TimePoint heard_at;
    TimePoint consent_at;
    TimePoint next_consent_check;
    std::optional<TimePoint> repeat_consent_check_at;  ///< While the latest is unanswered.
    int consent_check_repeats = 0;
  };
  /// A request that was answered before the peer's description came.
  struct EarlyCheck {
    PeerCheck check;
    std::string sender_ufrag;
  };
  /// A check of where the peer may have moved to.
  struct MoveCheck {
    stun::TransactionId id{};
    Path path;
  };
  /// As many consent checks as can be open before consent expires.
  using ConsentIds = std::array<stun::TransactionId, 8>;

  void on_request(TimePoint now, const stun::Message& request, const Path& path, Output& out);
  void on_response(TimePoint now, const stun::Message& response, const Path& path, Output& out);
  void on_consent(TimePoint now, const stun::Message& response, Output& out);
  void on_check_response(TimePoint now, const stun::Message& response, Output& out);
  const MoveCheck* move_check_of(const stun::TransactionId& id) const;
  void on_moved(TimePoint now, const Path& path, Output& out);
  void on_peer_check(TimePoint now, const PeerCheck& check, bool repeated, Output& out);
  void on_valid_pair(TimePoint now, const ValidPair& pair, Output& out);

  static void respond(const Session& session, const stun::Message& request, const Path& path,
                      Output& out);
  static void respond_error(const Session& session, const stun::Message& request, const Path& path,
                            Output& out);
  const Session* session_of(const stun::Message& request) const;
  bool yields_role(TimePoint now, const stun::Message& request);
  void switch_role(TimePoint now);
  bool takes_over(TimePoint now, const ValidPair& pair) const;
  void select(TimePoint now, const ValidPair& pair, Output& out);
  void nominated(TimePoint now);
  void heard(TimePoint now, Output& out);
  Selected& in_use();
  void enter(State state, Output& out);
  void give_up(FailureReason reason, Output& out);
  bool is_over() const { return state_ == State::Failed || state_ == State::Closed; }

  void run(TimePoint now, Output& out);
  void watch(TimePoint now, Output& out);
  void send_checks(TimePoint now, Output& out);
  void send_check(const Session& session, const Check& check, Output& out);
  void send_due_consent_check(TimePoint now, Output& out);
  void send_consent_check(const stun::TransactionId& id, Output& out);
  Duration consent_interval();

  Config config_;
  RandomSource* random_;
  Role role_;
  State state_ = State::New;
  Session session_;
  std::optional<Session> previous_session_;  ///< While the selected path belongs to it.
  CheckList checks_;                         ///< Of a full agent.
  RecentRequests recent_requests_;
  std::vector<EarlyCheck> early_checks_;
  std::optional<Selected> selected_;
  ConsentIds consent_ids_{};
  std::size_t next_consent_id_ = 0;
  std::vector<MoveCheck> move_checks_;  ///< The latest, oldest first, while the peer may move.
  TimePoint next_move_check_at_;
  TimePoint connect_deadline_;
  std::uint64_t refused_ = 0;
};

}  // namespace vis::media::ice
