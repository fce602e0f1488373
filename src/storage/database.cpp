#include "storage/database.hpp"

#include <exception>
#include <string>
#include <utility>
#include <vector>

#include "base/log.hpp"
#include "storage/errors.hpp"
#include "storage/event_signal.hpp"
#include "storage/migrations.hpp"
#include "storage/ports.hpp"
#include "storage/reader.hpp"
#include "storage/rows.hpp"
#include "storage/secret_box.hpp"
#include "storage/session.hpp"
#include "storage/writer.hpp"

namespace vis::storage {
namespace {

constexpr std::string_view kCheckText = "visavis master key";
constexpr std::string_view kCheckContext = "master_key_check";

struct CheckRow {
  std::int64_t key_number = 0;
  std::string sealed;

  auto columns() { return std::tie(key_number, sealed); }
  CheckRow value() const { return *this; }
};

std::vector<CheckRow> select_checks(Session& session) {
  return select<CheckRow>(session,
                          "select key_number, sealed from master_key_checks order by key_number");
}

/// The key file, or a new one where nothing has been sealed yet.
Result<SecretBox> load_or_create_key(const std::filesystem::path& key_file, bool nothing_sealed,
                                     RandomSource& random) {
  auto box = SecretBox::load(key_file);
  if (box || box.error().code != Errc::NotFound) return box;
  if (!nothing_sealed) {
    return fail(Errc::FailedPrecondition,
                box.error().message + ", but the database was sealed with one: put that file back");
  }
  const auto created = SecretBox::create_key_file(key_file, random);
  if (!created && created.error().code != Errc::AlreadyExists) {
    return std::unexpected(created.error());
  }
  log::info("storage.master_key_created", {{"path", key_file.string()}});
  return SecretBox::load(key_file);
}

/// Holds the key against what it sealed before, and leaves such a check for the newest key.
Result<SecretBox> checked_key(Session& session, const std::filesystem::path& key_file,
                              RandomSource& random) {
  const std::vector<CheckRow> checks = select_checks(session);
  auto box = load_or_create_key(key_file, checks.empty(), random);
  if (!box) return box;
  for (const CheckRow& check : checks) {
    const auto opened = box->open(check.sealed, kCheckContext);
    if (!opened || opened->reveal() != kCheckText) {
      return fail(Errc::FailedPrecondition, "the master key file " + key_file.string() +
                                                " is not the one that the database was sealed "
                                                "with (key " +
                                                std::to_string(check.key_number) + ")");
    }
  }
  const std::int64_t newest = box->newest_key();
  const Secret text{std::string(kCheckText)};
  execute(session,
          "insert into master_key_checks (key_number, sealed) values (:number, :sealed) "
          "on conflict (key_number) do nothing",
          newest, box->seal(text, kCheckContext, random));
  return box;
}

/// Says in the message which database failed.
Error named(Error error, const DatabaseUrl& url) {
  error.message = url.display() + ": " + error.message;
  return error;
}

struct Opened {
  std::unique_ptr<Session> session;
  SchemaChange schema;
};

Result<Opened> open_and_migrate(const SessionOptions& options, WallTime now) {
  try {
    Opened opened{open_session(options, Access::Write), {}};
    const auto schema = migrate(*opened.session, now);
    if (!schema) return std::unexpected(named(schema.error(), options.url));
    opened.schema = *schema;
    return opened;
  } catch (const std::exception& failure) {
    return std::unexpected(named(to_error(failure), options.url));
  }
}

}  // namespace

Result<SchemaVersions> migrate_database(const Secret& url, WallTime now) {
  const auto parsed = DatabaseUrl::parse(url.reveal());
  if (!parsed) return std::unexpected(parsed.error());
  const auto opened = open_and_migrate({.url = *parsed}, now);
  if (!opened) return std::unexpected(opened.error());
  return SchemaVersions{opened->schema.from, opened->schema.to};
}

/// In the order of construction: each part uses those above it.
struct Database::Parts {
  struct Start {
    SessionOptions session_options;
    std::unique_ptr<Session> session;
    SecretBox key;
    std::size_t readers;
  };
  Parts(Start start, const Surroundings& with)
      : box(std::move(start.key)),
        signal(with.executor),
        writer(start.session_options, std::move(start.session),
               {.box = box,
                .random = with.random,
                .metrics = with.metrics,
                .on_events = [this](core::events::EventId last) { signal.notify(last); }}),
        reader(start.session_options, start.readers),
        store(writer),
        events(reader, signal),
        projects(reader, box),
        rooms(reader) {}

  SecretBox box;
  EventSignal signal;
  Writer writer;
  Reader reader;
  SqlStore store;
  SqlEventLog events;
  SqlProjectStore projects;
  SqlRoomHistory rooms;
};

Result<std::unique_ptr<Database>> Database::open(const DatabaseOptions& options, WallTime now,
                                                 Surroundings surroundings) {
  const auto url = DatabaseUrl::parse(options.url.reveal());
  if (!url) return std::unexpected(url.error());
  const SessionOptions session_options{.url = *url, .sqlite_bytes_max = options.sqlite_bytes_max};
  auto opened = open_and_migrate(session_options, now);
  if (!opened) return std::unexpected(opened.error());
  try {
    auto box = checked_key(*opened->session, options.key_file, surroundings.random);
    if (!box) return std::unexpected(box.error());
    log::info("storage.opened", {{"url", url->display()}, {"schema", opened->schema.to}});
    Parts::Start start{.session_options = session_options,
                       .session = std::move(opened->session),
                       .key = std::move(*box),
                       .readers = options.readers};
    auto parts = std::make_unique<Parts>(std::move(start), surroundings);
    return std::make_unique<Database>(std::move(parts));
  } catch (const std::exception& failure) {
    return std::unexpected(named(to_error(failure), *url));
  }
}

Database::Database(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Database::~Database() { stop(); }

core::Store& Database::store() { return parts_->store; }
core::events::EventLog& Database::events() { return parts_->events; }
core::projects::ProjectStore& Database::projects() { return parts_->projects; }
core::rooms::RoomHistory& Database::rooms() { return parts_->rooms; }

void Database::stop() {
  parts_->writer.stop();
  parts_->reader.stop();
}

}  // namespace vis::storage
