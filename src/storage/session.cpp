#include "storage/session.hpp"

#include <fcntl.h>
#include <soci/postgresql/soci-postgresql.h>
#include <soci/sqlite3/soci-sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "base/log.hpp"

namespace vis::storage {
namespace {

constexpr mode_t kOwnerOnly = 0600;

/// SQLite itself would create the file readable by everybody; its -wal and -shm follow this mode.
void create_file(const std::string& path) {
  const int file = ::open(path.c_str(), O_CREAT | O_EXCL | O_CLOEXEC | O_WRONLY, kOwnerOnly);
  if (file >= 0) ::close(file);
}

void limit_size(soci::session& sql, std::uint64_t bytes_max) {
  std::int64_t page_bytes = 0;
  std::int64_t pages = 0;
  sql << "pragma page_size", soci::into(page_bytes);
  const auto wanted =
      std::max<std::uint64_t>(1, bytes_max / static_cast<std::uint64_t>(page_bytes));
  sql << "pragma max_page_count = " + std::to_string(wanted), soci::into(pages);
}

void open_sqlite(soci::session& sql, const SessionOptions& options, Access access) {
  if (access == Access::Write) create_file(options.url.location);
  sql.open(soci::sqlite3, "db=\"" + options.url.location + "\"");
  auto* const backend = static_cast<soci::sqlite3_session_backend*>(sql.get_backend());
  sqlite_api::sqlite3_extended_result_codes(backend->conn_, 1);
  sqlite_api::sqlite3_busy_timeout(backend->conn_, 5000);
  std::string journal;
  sql << "pragma journal_mode = wal", soci::into(journal);
  if (journal != "wal") throw soci::soci_error("the file system of the database refuses WAL mode");
  sql << "pragma synchronous = full";
  sql << "pragma foreign_keys = on";
  if (access == Access::Read) {
    sql << "pragma query_only = on";
  } else if (options.sqlite_bytes_max != 0) {
    limit_size(sql, options.sqlite_bytes_max);
  }
}

/// libpq would print the server's notices to standard error.
void log_notice(void*, const char* notice) {
  const std::string_view text(notice);
  log::debug("storage.notice", {{"text", text.substr(0, text.find('\n'))}});
}

void open_postgresql(soci::session& sql, const SessionOptions& options, Access access) {
  sql.open(soci::postgresql, options.url.location);
  auto* const backend = static_cast<soci::postgresql_session_backend*>(sql.get_backend());
  ::PQsetNoticeProcessor(backend->conn_, log_notice, nullptr);
  sql << "set client_encoding to 'UTF8'";
  sql << "set synchronous_commit to on";
  sql << "set lock_timeout to '5s'";
  sql << "set statement_timeout to '30s'";
  if (access == Access::Read) sql << "set default_transaction_read_only to on";
}

}  // namespace

std::unique_ptr<Session> open_session(const SessionOptions& options, Access access) {
  auto session = std::make_unique<Session>();
  session->dialect = options.url.dialect;
  switch (options.url.dialect) {
    case Dialect::Sqlite: open_sqlite(session->sql, options, access); break;
    case Dialect::PostgreSql: open_postgresql(session->sql, options, access); break;
  }
  return session;
}

Transaction::Transaction(Session& session) : session_(session) {
  session_.sql << (session.dialect == Dialect::Sqlite ? "begin immediate" : "begin");
}

Transaction::~Transaction() {
  if (!open_) return;
  try {
    session_.sql << "rollback";
  } catch (const std::exception&) {
    // The database has rolled back already: on its own, or because the connection is gone.
  }
}

void Transaction::commit() {
  session_.sql << "commit";
  open_ = false;
}

}  // namespace vis::storage
