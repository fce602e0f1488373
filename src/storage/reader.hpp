#pragma once

#include <cstddef>
#include <exception>
#include <expected>
#include <memory>
#include <mutex>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/blocking_pool.hpp"
#include "base/result.hpp"
#include "base/task.hpp"
#include "storage/errors.hpp"
#include "storage/session.hpp"

namespace vis::storage {

namespace detail {

template <typename T>
struct AsResult {
  using Type = Result<T>;
};
template <typename T>
struct AsResult<Result<T>> {
  using Type = Result<T>;
};

}  // namespace detail

/// What reading with a query gives: a Result of what it returns, or that if it is one already.
template <typename Query>
using ReadResult = typename detail::AsResult<std::invoke_result_t<const Query&, Session&>>::Type;

/// Runs queries on the threads of a pool, each with a connection of its own. Connections are kept
/// for the next query; one that broke is replaced, and the query asked once more.
///
/// Safe from every thread. Limits are those of the pool.
class Reader final {
 public:
  Reader(SessionOptions options, std::size_t threads)
      : options_(std::move(options)),
        pool_(BlockingPool::Options{.name = "storage-reader", .threads = threads}) {}

  /// `query` takes a Session& and only reads.
  template <typename Query>
  Task<ReadResult<Query>> read(Query query) {
    auto job = [this, query = std::move(query)] { return ask_twice(query); };
    co_return co_await pool_.run(std::move(job));
  }

  /// Ends the threads; what was asked before is still answered.
  void stop() { pool_.stop(); }

 private:
  template <typename Query>
  ReadResult<Query> ask_twice(const Query& query) {
    std::unique_ptr<Session> session = take();
    const bool reused = session != nullptr;
    ReadResult<Query> answer = ask(query, session);
    if (answer || session != nullptr || !reused) {
      put_back(std::move(session));
      return answer;
    }
    answer = ask(query, session);
    put_back(std::move(session));
    return answer;
  }

  /// Leaves `session` null when the connection is of no more use.
  template <typename Query>
  ReadResult<Query> ask(const Query& query, std::unique_ptr<Session>& session) {
    try {
      if (session == nullptr) session = open_session(options_, Access::Read);
      return query(*session);
    } catch (const std::exception& failure) {
      if (session != nullptr && !session->healthy()) session.reset();
      return std::unexpected(to_error(failure));
    }
  }

  std::unique_ptr<Session> take();
  void put_back(std::unique_ptr<Session> session);

  const SessionOptions options_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Session>> idle_;  ///< At most one for each thread.
  BlockingPool pool_;                           ///< Last: its threads use the rest.
};

}  // namespace vis::storage
