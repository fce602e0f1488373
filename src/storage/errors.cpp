#include "storage/errors.hpp"

#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <string>
#include <string_view>

#include "base/log.hpp"

namespace vis::storage {
namespace {

constexpr int kPrimaryCodeMask = 0xFF;

/// The first line of what the database said: no bound values, no quoted rows.
std::string first_line(const soci::soci_error& failure) {
  const std::string text = failure.get_error_message();
  return text.substr(0, text.find('\n'));
}

Error taken() { return {Errc::AlreadyExists, "it already exists"}; }
Error dangling() {
  return {Errc::FailedPrecondition, "it refers to something that does not exist"};
}
Error not_allowed() { return {Errc::InvalidArgument, "a value is not allowed"}; }

Error logged(Errc code, std::string_view message, const soci::soci_error& failure) {
  log::warning("storage.failed", {{"code", to_string(code)}, {"reason", first_line(failure)}});
  return {code, std::string(message)};
}

Error of_sqlite(const soci::sqlite3_soci_error& failure) {
  switch (failure.result()) {
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_ROWID: return taken();
    case SQLITE_CONSTRAINT_FOREIGNKEY: return dangling();
    default: break;
  }
  switch (failure.result() & kPrimaryCodeMask) {
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
    case SQLITE_TOOBIG: return not_allowed();
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return logged(Errc::Unavailable, "the database is busy", failure);
    case SQLITE_FULL: return logged(Errc::Unavailable, "the disk of the database is full", failure);
    case SQLITE_IOERR:
      return logged(Errc::Unavailable, "the database file cannot be read or written", failure);
    case SQLITE_READONLY:
      return logged(Errc::Unavailable, "the database file cannot be written", failure);
    case SQLITE_CANTOPEN:
      return logged(Errc::Unavailable, "the database file cannot be opened", failure);
    case SQLITE_NOTADB:
      return logged(Errc::Internal, "the file is not a SQLite database, or is damaged", failure);
    case SQLITE_CORRUPT: return logged(Errc::Internal, "the database file is damaged", failure);
    default: return logged(Errc::Internal, "the database failed", failure);
  }
}

/// PostgreSQL's error classes are the first two characters of the SQLSTATE (its appendix A).
Error of_postgresql(const soci::postgresql_soci_error& failure) {
  const std::string state = failure.sqlstate();
  const std::string_view state_class = std::string_view(state).substr(0, 2);
  if (state == "23505") return taken();
  if (state == "23503") return dangling();
  if (state_class == "23" || state_class == "22") return not_allowed();
  // Without a state the connection is gone; 08 connection, 40 serialization and deadlock, 53
  // resources, 55 locks, 57 an operator stopped it, 58 the server's own disk.
  constexpr std::string_view kPassing[] = {"  ", "08", "40", "53", "55", "57", "58"};
  for (const std::string_view passing : kPassing) {
    if (state_class == passing) {
      return logged(Errc::Unavailable, "the database is unavailable", failure);
    }
  }
  return logged(Errc::Internal, "the database failed", failure);
}

}  // namespace

Error to_error(const std::exception& failure) {
  if (const auto* sqlite = dynamic_cast<const soci::sqlite3_soci_error*>(&failure)) {
    return of_sqlite(*sqlite);
  }
  if (const auto* postgresql = dynamic_cast<const soci::postgresql_soci_error*>(&failure)) {
    return of_postgresql(*postgresql);
  }
  // SOCI throws its plain type when a connection cannot be made.
  if (const auto* plain = dynamic_cast<const soci::soci_error*>(&failure)) {
    if (plain->get_error_message().starts_with("Cannot establish connection")) {
      return logged(Errc::Unavailable, "the database cannot be reached", *plain);
    }
    return logged(Errc::Internal, "the database failed", *plain);
  }
  log::error("storage.failed", {{"code", "internal"}, {"reason", failure.what()}});
  return {Errc::Internal, "the database failed"};
}

}  // namespace vis::storage
