#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/time.hpp"
#include "storage/session.hpp"

namespace vis::storage {

/// One step of the schema. Written once for both databases; three words stand for what must differ:
///
/// | word      | SQLite     | PostgreSQL           | why |
/// |-----------|------------|----------------------|-----|
/// | `$int`    | `integer`  | `bigint`             | an SQLite `integer primary key` is the row
/// itself | | `$text`   | `text`     | `text collate "C"`   | the same order everywhere, whatever
/// the locale | | `$strict` | ` strict`  | nothing              | SQLite then refuses values of the
/// wrong type |
///
/// A step that was released is never edited; a change is a new step at the end.
struct Migration {
  int number = 0;
  std::string_view name;
  std::span<const std::string_view> statements;
};

/// All steps in order, numbered 1, 2, 3, …
std::span<const Migration> migrations();

/// A statement of a step in the words of `dialect`.
std::string for_dialect(std::string_view statement, Dialect dialect);

struct SchemaChange {
  int from = 0;  ///< 0 = there was no schema.
  int to = 0;
};

/// The version of the schema, 0 without one. Throws what to_error() understands.
int schema_version(Session& session);

/// Brings the schema up to date in one transaction: it succeeds as a whole or changes nothing.
/// Several processes may start at once; one migrates, the others find it done. FailedPrecondition
/// when the database is newer than this program. Throws what to_error() understands.
Result<SchemaChange> migrate(Session& session, WallTime now);

}  // namespace vis::storage
