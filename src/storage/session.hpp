#pragma once

#include <soci/soci.h>

#include <cstdint>
#include <memory>

#include "storage/database_url.hpp"

namespace vis::storage {

/// One connection, used by one thread at a time.
struct Session {
  soci::session sql;
  Dialect dialect = Dialect::Sqlite;

  /// Whether the connection can still be used after a failure.
  bool healthy() { return dialect == Dialect::Sqlite || sql.is_connected(); }
};

enum class Access : std::uint8_t { Read, Write };

struct SessionOptions {
  DatabaseUrl url;
  /// How large a SQLite file may grow; 0 = as large as the disk allows.
  std::uint64_t sqlite_bytes_max = 0;
};

/// Connects; creates a SQLite file (readable by its owner alone) when there is none and it may be
/// written. Throws what to_error() understands.
std::unique_ptr<Session> open_session(const SessionOptions& options, Access access);

/// A transaction that is rolled back unless committed. A writing one on SQLite takes the write lock
/// at once, so that it cannot fail half-way for the want of it.
class Transaction final {
 public:
  explicit Transaction(Session& session);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  void commit();

 private:
  Session& session_;
  bool open_ = true;
};

}  // namespace vis::storage
