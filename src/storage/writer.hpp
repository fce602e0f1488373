#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/completion.hpp"
#include "base/metrics.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "core/store.hpp"
#include "storage/secret_box.hpp"
#include "storage/session.hpp"

namespace vis::storage {

/// The one thread that writes. It takes what has queued up, applies it in order in one transaction
/// (a group commit: one fsync for all), and only then tells those who wait.
///
/// Positions in the event log follow the order of the commits as every reader sees it, also when
/// several server processes write to one PostgreSQL: a transaction starts by moving the end of the
/// log (`lock_log`), which locks that row until it ends. So positions are handed out by one
/// transaction at a time, and nobody can see position 8 while the holder of 7 has yet to commit.
///
/// A commit that is refused is taken out of its group and the rest is applied again.
/// When the database is unavailable, commits that somebody waits for fail after one more try on a
/// fresh connection; write-behind ones are kept, in order, and tried again every half second. When
/// the connection broke just as a transaction was to commit, the next one first looks for the first
/// event of the lost one (behind the lock, so that the lost one has ended): nothing is written
/// twice.
///
/// `submit` and `stop` are safe from every thread.
class Writer final {
 public:
  struct Collaborators {
    const SecretBox& box;
    RandomSource& random;  ///< Used on the writer's thread alone.
    Metrics& metrics;
    /// Called on the writer's thread after a commit with events.
    std::function<void(core::events::EventId last)> on_events;
  };
  using Done = Completion<Result<core::CommitReceipt>>;

  Writer(SessionOptions options, std::unique_ptr<Session> session, Collaborators collaborators);
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  /// Queues a commit. `done` is called with the outcome, from this thread or the writer's; without
  /// it the commit is write-behind, and a failure is logged and counted.
  void submit(core::Commit commit, std::optional<Done> done);

  /// Writes what was queued and ends the thread. Later commits are refused with Unavailable.
  void stop();

 private:
  struct Pending {
    core::Commit commit;
    std::optional<Done> done;
    std::size_t bytes = 0;
    core::CommitReceipt receipt;
    std::string first_event;  ///< Public id; empty before it is applied, or without events.
  };
  using Group = std::vector<Pending>;
  /// What became of one transaction.
  struct Outcome {
    enum class Kind : std::uint8_t {
      Committed,
      Refused,      ///< Nothing written: the commit at `index` cannot be.
      Unavailable,  ///< Nothing written, unless `first_event_` turns up.
      Failed,       ///< Nothing written and nothing to be gained by trying again.
    };
    Kind kind = Kind::Committed;
    std::size_t index = 0;
    Error error;
  };
  struct Counters {
    Counter committed;
    Counter refused;
    Counter dropped;
    Gauge pending;
    DurationHistogram seconds;
  };

  static Counters make_counters(Metrics& metrics);

  std::optional<Error> refuse_to_queue(std::size_t bytes);
  void run();
  Group next_group();
  void write(Group group);
  Outcome attempt(Group& group);
  Outcome transact(Group& group);
  Result<void> apply(Pending& pending, std::int64_t& position);
  void insert_events(Pending& pending, std::int64_t& position);
  bool was_committed_before();

  bool keep_trying(Group& group, const Error& error);
  Group take_waiting(Group& group);
  void finish(Group& group);
  void settle_all(Group& group, const Error& error);
  void settle(Pending& pending, Result<core::CommitReceipt> outcome);
  void deliver(Pending& pending, Result<core::CommitReceipt> outcome);
  void log_loss(const Pending& pending, const Error& error);

  const SessionOptions options_;
  std::unique_ptr<Session> session_;  ///< Null while the connection is lost.
  Collaborators with_;
  Counters counters_;
  /// Public id of the first event of a transaction whose commit was sent and not answered.
  std::string first_event_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Pending> queue_;
  std::size_t pending_ = 0;  ///< Commits in the queue or in the group being written.
  std::size_t pending_bytes_ = 0;
  bool stopping_ = false;
  TimePoint loss_logged_at_{};
  std::size_t losses_unlogged_ = 0;
  std::jthread thread_;
};

}  // namespace vis::storage
