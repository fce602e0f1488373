#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>

#include "base/metrics.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "base/time.hpp"
#include "core/events/event_log.hpp"
#include "core/projects/project_store.hpp"
#include "core/rooms/history.hpp"
#include "core/store.hpp"

namespace vis::storage {

struct DatabaseOptions {
  Secret url;                          ///< `sqlite:PATH` or `postgresql://…`; may hold a password.
  std::filesystem::path key_file;      ///< The master key; made when there is neither key nor data.
  std::size_t readers = 2;             ///< Connections for queries; one more writes.
  std::uint64_t sqlite_bytes_max = 0;  ///< How large a SQLite file may grow; 0 = the disk decides.
};

/// What the schema was and is after a migration.
struct SchemaVersions {
  int from = 0;  ///< 0 = the database was empty.
  int to = 0;
};

/// Brings the schema of the database at `url` up to date; blocks. FailedPrecondition when the
/// database is newer than this program, InvalidArgument for a bad URL, Unavailable when it cannot
/// be reached or written.
Result<SchemaVersions> migrate_database(const Secret& url, WallTime now);

/// Everything that the server keeps, on SQLite or PostgreSQL. Opened once at start-up by `app`,
/// which hands the ports to core.
///
/// The ports are safe from every thread except `events().wait_beyond`, which belongs to the
/// executor given to `open`; their coroutines resume where they were awaited. `stop()` (or the
/// destructor) writes what is queued and ends the threads, and must come before the io_contexts
/// of the waiting coroutines go.
class Database final {
 public:
  /// What a database lives among; all outlive it.
  struct Surroundings {
    boost::asio::any_io_executor executor;  ///< Of those who wait for events.
    RandomSource& random;                   ///< Safe from every thread, as SystemRandom is.
    Metrics& metrics;
  };

  /// Connects, migrates, and checks the master key; blocks. Fails as migrate_database() does, and
  /// with FailedPrecondition when the key file is not the one that the data was sealed with.
  static Result<std::unique_ptr<Database>> open(const DatabaseOptions& options, WallTime now,
                                                Surroundings surroundings);

  struct Parts;
  explicit Database(std::unique_ptr<Parts> parts);  ///< For `open`.
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  core::Store& store();
  core::events::EventLog& events();
  core::projects::ProjectStore& projects();
  core::rooms::RoomHistory& rooms();

  void stop();

 private:
  std::unique_ptr<Parts> parts_;
};

}  // namespace vis::storage
