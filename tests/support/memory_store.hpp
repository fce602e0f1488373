#pragma once

#include <expected>
#include <optional>
#include <utility>
#include <vector>

#include "core/store.hpp"

namespace vis::test {

/// A store that only remembers what it was given, and fails on request.
class MemoryStore final : public core::Store {
 public:
  Task<Result<core::CommitReceipt>> commit(core::Commit change) override {
    if (failure) co_return std::unexpected(*failure);
    events_ += static_cast<std::int64_t>(change.events.size());
    commits.push_back(std::move(change));
    co_return core::CommitReceipt{core::events::EventId{events_}};
  }
  void write_behind(core::Commit change) override { behind.push_back(std::move(change)); }

  std::vector<core::Commit> commits;  ///< Those that somebody waited for.
  std::vector<core::Commit> behind;
  std::optional<Error> failure;

 private:
  std::int64_t events_ = 0;
};

}  // namespace vis::test
