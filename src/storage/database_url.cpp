#include "storage/database_url.hpp"

#include "base/encoding.hpp"

namespace vis::storage {
namespace {

constexpr std::string_view kSqlite = "sqlite:";
constexpr std::string_view kPostgreSql[] = {"postgresql://", "postgres://"};

}  // namespace

Result<DatabaseUrl> DatabaseUrl::parse(std::string_view text) {
  if (!is_valid_text(text)) return fail(Errc::InvalidArgument, "the database URL is not text");
  if (text.starts_with(kSqlite)) {
    const std::string_view path = text.substr(kSqlite.size());
    if (path == ":memory:") {
      return fail(Errc::InvalidArgument,
                  "a database in memory would be another one for each reader");
    }
    // SOCI quotes the path with '"' and knows no escape for it.
    if (path.empty() || path.find('"') != std::string_view::npos) {
      return fail(Errc::InvalidArgument, "a SQLite URL is sqlite:PATH, and PATH may not hold '\"'");
    }
    return DatabaseUrl{Dialect::Sqlite, std::string(path)};
  }
  for (const std::string_view scheme : kPostgreSql) {
    if (text.starts_with(scheme)) return DatabaseUrl{Dialect::PostgreSql, std::string(text)};
  }
  return fail(
      Errc::InvalidArgument,
      "a database URL starts with sqlite: or postgresql://, such as sqlite:data/visavis.db");
}

std::string DatabaseUrl::display() const {
  if (dialect == Dialect::Sqlite) return std::string(kSqlite) + location;
  std::string shown = location.substr(0, location.find('?'));
  const std::size_t authority = shown.find("//") + 2;
  const std::size_t at = shown.rfind('@');
  const std::size_t colon = shown.find(':', authority);
  if (at != std::string::npos && colon < at) shown.replace(colon, at - colon, ":***");
  return shown;
}

}  // namespace vis::storage
