#include "storage/migrations.hpp"

#include <cstdint>
#include <utility>

#include "base/log.hpp"

namespace vis::storage {
namespace {

// Times are Unix milliseconds. Ids that the world sees are text. JSON is text: nothing queries
// into it.
constexpr std::string_view kFirstCall[] = {
    // The one row is where the log ends. Updating it is also the lock that lets one transaction
    // write at a time, so that readers see positions appear in order (writer.hpp).
    "create table log_head ("
    "  id $int primary key check (id = 1),"
    "  position $int not null"
    ")$strict",
    "insert into log_head (id, position) values (1, 0)",

    "create table projects ("
    "  id $text primary key not null,"
    "  name $text not null,"
    "  created_at_ms $int not null"
    ")$strict",

    "create table api_keys ("
    "  id $text primary key not null,"
    "  project $text not null references projects (id),"
    "  name $text not null,"
    "  sealed_secret $text not null,"
    "  created_at_ms $int not null,"
    "  last_used_at_ms $int,"
    "  revoked_at_ms $int"
    ")$strict",
    "create index api_keys_by_project on api_keys (project)",

    "create table events ("
    "  position $int primary key not null,"
    "  public_id $text not null unique,"
    "  project $text not null references projects (id),"
    "  type $text not null,"
    "  resource $text not null,"
    "  sequence $int not null,"
    "  at_ms $int not null,"
    "  data $text not null,"
    "  unique (project, resource, sequence)"
    ")$strict",
    "create index events_by_project on events (project, position)",

    "create table event_cursors ("
    "  reader $text primary key not null,"
    "  position $int not null"
    ")$strict",

    "create table rooms ("
    "  sid $text primary key not null,"
    "  project $text not null references projects (id),"
    "  node $text not null,"
    "  name $text not null,"
    "  snapshot $text not null,"
    "  created_at_ms $int not null,"
    "  finished_at_ms $int,"
    "  finish_reason $text not null"
    ")$strict",
    "create index rooms_by_age on rooms (project, created_at_ms, sid)",
    "create index rooms_open on rooms (node) where finished_at_ms is null",

    "create table participants ("
    "  sid $text primary key not null,"
    "  room $text not null references rooms (sid),"
    "  identity $text not null,"
    "  name $text not null,"
    "  snapshot $text not null,"
    "  joined_at_ms $int not null,"
    "  active_at_ms $int,"
    "  left_at_ms $int,"
    "  leave_reason $text not null"
    ")$strict",
    "create index participants_by_room on participants (room, joined_at_ms, sid)",
    "create index participants_open on participants (room) where left_at_ms is null",

    "create table tracks ("
    "  sid $text primary key not null,"
    "  room $text not null references rooms (sid),"
    "  participant $text not null references participants (sid),"
    "  snapshot $text not null,"
    "  published_at_ms $int not null,"
    "  unpublished_at_ms $int"
    ")$strict",
    "create index tracks_by_room on tracks (room, published_at_ms, sid)",
    "create index tracks_open on tracks (room) where unpublished_at_ms is null",

    // A known text sealed with each master key, so that a wrong key is noticed at the start.
    "create table master_key_checks ("
    "  key_number $int primary key not null,"
    "  sealed $text not null"
    ")$strict",
};

constexpr Migration kMigrations[] = {
    {1, "first call: projects, keys, events, rooms", kFirstCall},
};

/// Any number does, as long as no other program on the same server uses it.
constexpr std::string_view kLockAgainstOthers = "select pg_advisory_xact_lock(7882024102)";

constexpr std::string_view kVersionTable =
    "create table if not exists schema_version ("
    "  number $int primary key not null,"
    "  name $text not null,"
    "  applied_at_ms $int not null"
    ")$strict";

bool has_version_table(Session& session) {
  const bool sqlite = session.dialect == Dialect::Sqlite;
  int count = 0;
  session.sql << (sqlite ? "select count(*) from sqlite_master "
                           "where type = 'table' and name = 'schema_version'"
                         : "select count(*) from information_schema.tables "
                           "where table_schema = current_schema() "
                           "and table_name = 'schema_version'"),
      soci::into(count);
  return count != 0;
}

void apply(Session& session, const Migration& migration, WallTime now) {
  for (const std::string_view statement : migration.statements) {
    session.sql << for_dialect(statement, session.dialect);
  }
  const std::string name(migration.name);
  const std::int64_t applied_at = unix_ms(now);
  session.sql << "insert into schema_version (number, name, applied_at_ms) values (:n, :t, :a)",
      soci::use(migration.number), soci::use(name), soci::use(applied_at);
  log::info("storage.migrated", {{"number", migration.number}, {"name", name}});
}

}  // namespace

std::span<const Migration> migrations() { return kMigrations; }

std::string for_dialect(std::string_view statement, Dialect dialect) {
  struct Word {
    std::string_view word, sqlite, postgresql;
  };
  constexpr Word kWords[] = {
      {"$int", "integer", "bigint"},
      {"$text", "text", "text collate \"C\""},
      {"$strict", " strict", ""},
  };
  std::string text(statement);
  for (const Word& word : kWords) {
    const std::string_view replacement = dialect == Dialect::Sqlite ? word.sqlite : word.postgresql;
    for (std::size_t at = text.find(word.word); at != std::string::npos;
         at = text.find(word.word, at + replacement.size())) {
      text.replace(at, word.word.size(), replacement);
    }
  }
  return text;
}

int schema_version(Session& session) {
  if (!has_version_table(session)) return 0;
  int version = 0;
  session.sql << "select coalesce(max(number), 0) from schema_version", soci::into(version);
  return version;
}

Result<SchemaChange> migrate(Session& session, WallTime now) {
  Transaction transaction(session);
  if (session.dialect == Dialect::PostgreSql) session.sql << std::string(kLockAgainstOthers);
  const int from = schema_version(session);
  const int known = kMigrations[std::size(kMigrations) - 1].number;
  if (from > known) {
    return fail(Errc::FailedPrecondition,
                "the database has schema version " + std::to_string(from) +
                    ", this program knows versions up to " + std::to_string(known) +
                    ": start the newer program that last used it");
  }
  if (from == 0) session.sql << for_dialect(kVersionTable, session.dialect);
  for (const Migration& migration : kMigrations) {
    if (migration.number > from) apply(session, migration, now);
  }
  transaction.commit();
  return SchemaChange{from, known};
}

}  // namespace vis::storage
