#include "storage/writer.hpp"

#include <pthread.h>

#include <algorithm>
#include <exception>
#include <iterator>
#include <utility>
#include <variant>

#include "base/clock.hpp"
#include "base/limits/storage.hpp"
#include "base/log.hpp"
#include "storage/commit_text.hpp"
#include "storage/errors.hpp"
#include "storage/event_rows.hpp"
#include "storage/project_rows.hpp"
#include "storage/room_rows.hpp"

namespace vis::storage {
namespace {

using core::CommitReceipt;
using core::events::EventId;

constexpr auto kRetryEvery = std::chrono::milliseconds{500};
constexpr auto kLossLoggedEvery = std::chrono::seconds{1};

}  // namespace

Writer::Writer(SessionOptions options, std::unique_ptr<Session> session,
               Collaborators collaborators)
    : options_(std::move(options)),
      session_(std::move(session)),
      with_(std::move(collaborators)),
      counters_(make_counters(with_.metrics)),
      thread_([this] { run(); }) {
  ::pthread_setname_np(thread_.native_handle(), "storage-writer");
}

Writer::~Writer() { stop(); }

Writer::Counters Writer::make_counters(Metrics& metrics) {
  const auto commits = [&](std::string outcome) {
    return metrics.counter({.name = "visavis_storage_commits_total",
                            .help = "Commits by what became of them.",
                            .label = "outcome",
                            .label_value = std::move(outcome)});
  };
  return {.committed = commits("committed"),
          .refused = commits("refused"),
          .dropped = commits("dropped"),
          .pending = metrics.gauge({.name = "visavis_storage_pending_commits",
                                    .help = "Commits that wait to be written."}),
          .seconds = metrics.duration({.name = "visavis_storage_transaction_seconds",
                                       .help = "How long a writing transaction takes."})};
}

std::optional<Error> Writer::refuse_to_queue(std::size_t bytes) {
  if (stopping_) return Error{Errc::Unavailable, "the database is closing"};
  if (pending_ >= limits::kPendingCommits || pending_bytes_ >= limits::kPendingCommitBytes) {
    return Error{Errc::Unavailable, "too many changes wait to be written"};
  }
  ++pending_;
  pending_bytes_ += bytes;
  return std::nullopt;
}

void Writer::submit(core::Commit commit, std::optional<Done> done) {
  const Result<std::size_t> bytes = check_text(commit);
  Pending pending{.commit = std::move(commit), .done = std::move(done), .bytes = bytes.value_or(0)};
  std::optional<Error> refusal;
  if (!bytes) {
    refusal = bytes.error();
  } else {
    const std::scoped_lock lock(mutex_);
    refusal = refuse_to_queue(*bytes);
    if (!refusal) queue_.push_back(std::move(pending));
  }
  if (refusal) {
    deliver(pending, std::unexpected(*refusal));
  } else {
    changed_.notify_one();
  }
}

void Writer::stop() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Writer::run() {
  for (Group group = next_group(); !group.empty(); group = next_group()) write(std::move(group));
}

Writer::Group Writer::next_group() {
  std::unique_lock lock(mutex_);
  counters_.pending.set(static_cast<double>(pending_));
  changed_.wait(lock, [this] { return !queue_.empty() || stopping_; });
  const std::size_t count = std::min(queue_.size(), limits::kCommitsPerGroup);
  const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(count);
  Group group(std::move_iterator(queue_.begin()), std::move_iterator(end));
  queue_.erase(queue_.begin(), end);
  return group;
}

void Writer::write(Group group) {
  first_event_.clear();
  std::vector<std::pair<Pending, Error>> refused;
  bool tried_again = false;
  while (!group.empty()) {
    const Outcome outcome = attempt(group);
    switch (outcome.kind) {
      case Outcome::Kind::Committed: finish(group); break;
      case Outcome::Kind::Failed: settle_all(group, outcome.error); break;
      case Outcome::Kind::Refused: {
        const auto at = group.begin() + static_cast<std::ptrdiff_t>(outcome.index);
        refused.emplace_back(std::move(*at), outcome.error);
        group.erase(at);
        break;
      }
      case Outcome::Kind::Unavailable: {
        const bool once_more = !std::exchange(tried_again, true);
        if (!once_more && !keep_trying(group, outcome.error)) settle_all(group, outcome.error);
        break;
      }
    }
  }
  // Told only now: what they collided with is durable.
  for (auto& [pending, error] : refused) settle(pending, std::unexpected(error));
}

Writer::Outcome Writer::attempt(Group& group) {
  const TimePoint begun = monotonic_now();
  Outcome outcome;
  try {
    if (session_ == nullptr) session_ = open_session(options_, Access::Write);
    outcome = transact(group);
  } catch (const std::exception& failure) {
    outcome = {.kind = Outcome::Kind::Failed, .index = 0, .error = to_error(failure)};
  }
  counters_.seconds.observe_s(std::chrono::duration<double>(monotonic_now() - begun).count());
  if (outcome.kind != Outcome::Kind::Committed && outcome.error.code == Errc::Unavailable) {
    outcome.kind = Outcome::Kind::Unavailable;
    session_.reset();
  }
  return outcome;
}

/// One transaction for the whole group. Throws what to_error() understands.
Writer::Outcome Writer::transact(Group& group) {
  std::size_t events = 0;
  for (const Pending& pending : group) events += pending.commit.events.size();

  Transaction transaction(*session_);
  std::int64_t position = lock_log(*session_, events) - static_cast<std::int64_t>(events);
  if (was_committed_before()) return {};
  for (std::size_t i = 0; i < group.size(); ++i) {
    const auto applied = apply(group[i], position);
    if (!applied) return {.kind = Outcome::Kind::Refused, .index = i, .error = applied.error()};
  }
  const auto with_event = [](const Pending& pending) { return !pending.first_event.empty(); };
  const auto first = std::ranges::find_if(group, with_event);
  if (first != group.end()) first_event_ = first->first_event;
  transaction.commit();
  return {};
}

Result<void> Writer::apply(Pending& pending, std::int64_t& position) {
  const auto write_row = [this](const auto& change) -> Result<void> {
    if constexpr (std::is_same_v<decltype(change), const core::InsertApiKey&>) {
      const std::string sealed = seal_key_secret(with_.box, with_.random, change.key);
      return storage::write(*session_, change, sealed);
    } else {
      return storage::write(*session_, change);
    }
  };
  try {
    for (const core::Write& each : pending.commit.writes) {
      if (const auto written = std::visit(write_row, each); !written) return written;
    }
    insert_events(pending, position);
    return {};
  } catch (const std::exception& failure) {
    return std::unexpected(to_error(failure));
  }
}

void Writer::insert_events(Pending& pending, std::int64_t& position) {
  pending.first_event.clear();
  for (const core::events::NewEvent& event : pending.commit.events) {
    const std::string public_id = random_id(with_.random, "EV_");
    if (pending.first_event.empty()) pending.first_event = public_id;
    pending.receipt.last_event = EventId{++position};
    insert_event(*session_, pending.receipt.last_event, public_id, event);
  }
}

/// Whether the transaction that was lost on its way had been committed. Asked behind the lock on
/// the log: by then the server has ended that transaction one way or the other.
bool Writer::was_committed_before() {
  if (first_event_.empty()) return false;
  const bool found = has_event(*session_, first_event_);
  first_event_.clear();
  return found;
}

/// Fails those who wait, in the group and behind it, and pauses. False when nothing is left to be
/// tried again, or the writer is to stop.
bool Writer::keep_trying(Group& group, const Error& error) {
  for (Pending& pending : take_waiting(group)) settle(pending, std::unexpected(error));
  std::unique_lock lock(mutex_);
  if (group.empty()) return false;
  changed_.wait_for(lock, kRetryEvery, [this] { return stopping_; });
  return !stopping_;
}

Writer::Group Writer::take_waiting(Group& group) {
  Group waiting;
  const auto take_from = [&](auto& commits) {
    std::remove_reference_t<decltype(commits)> kept;
    for (Pending& pending : commits) {
      if (pending.done) {
        waiting.push_back(std::move(pending));
      } else {
        kept.push_back(std::move(pending));
      }
    }
    commits.swap(kept);
  };
  const std::scoped_lock lock(mutex_);
  take_from(group);
  take_from(queue_);
  return waiting;
}

void Writer::finish(Group& group) {
  EventId last{};
  for (const Pending& pending : group) last = std::max(last, pending.receipt.last_event);
  if (last != EventId{}) with_.on_events(last);
  for (Pending& pending : group) {
    const CommitReceipt receipt = pending.receipt;
    settle(pending, receipt);
  }
  group.clear();
}

void Writer::settle_all(Group& group, const Error& error) {
  for (Pending& pending : group) settle(pending, std::unexpected(error));
  group.clear();
}

/// Ends a commit that had been queued.
void Writer::settle(Pending& pending, Result<CommitReceipt> outcome) {
  {
    const std::scoped_lock lock(mutex_);
    --pending_;
    pending_bytes_ -= pending.bytes;
    counters_.pending.set(static_cast<double>(pending_));
  }
  deliver(pending, std::move(outcome));
}

void Writer::deliver(Pending& pending, Result<CommitReceipt> outcome) {
  if (outcome) {
    counters_.committed.add();
  } else if (outcome.error().code == Errc::Unavailable) {
    counters_.dropped.add();
  } else {
    counters_.refused.add();
  }
  if (pending.done) {
    (*pending.done)(std::move(outcome));
  } else if (!outcome) {
    log_loss(pending, outcome.error());
  }
}

/// Once a second at most: when the database is gone, every change is lost alike.
void Writer::log_loss(const Pending& pending, const Error& error) {
  std::size_t more = 0;
  {
    const std::scoped_lock lock(mutex_);
    const TimePoint now = monotonic_now();
    if (now - loss_logged_at_ < kLossLoggedEvery) {
      ++losses_unlogged_;
      return;
    }
    loss_logged_at_ = now;
    more = std::exchange(losses_unlogged_, 0);
  }
  const auto& events = pending.commit.events;
  log::error("storage.change_lost", {{"type", events.empty() ? "" : events.front().type},
                                     {"resource", events.empty() ? "" : events.front().resource},
                                     {"error", error},
                                     {"lost_before", more}});
}

}  // namespace vis::storage
