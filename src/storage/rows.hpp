#pragma once

#include <soci/soci.h>

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/id.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "core/events/event.hpp"
#include "storage/session.hpp"

/// How values of ours pass through SOCI: the two calls that all SQL of this folder is made with.
/// Parameters are bound by position, columns are read by position; NULL is only ever met as a
/// NullableTime.
namespace vis::storage {

/// A time that may be NULL; SOCI needs the value and its indicator side by side.
struct NullableTime {
  std::int64_t ms = 0;
  soci::indicator indicator = soci::i_null;

  NullableTime() = default;
  explicit NullableTime(std::optional<WallTime> time)
      : ms(time ? unix_ms(*time) : 0), indicator(time ? soci::i_ok : soci::i_null) {}
  std::optional<WallTime> value() const {
    if (indicator != soci::i_ok) return std::nullopt;
    return wall_from_unix_ms(ms);
  }
};

/// What SOCI is given for a value of ours. Texts are bound where they are, without a copy.
inline const std::string* to_sql(const std::string& text) { return &text; }
template <typename Tag>
const std::string* to_sql(const Id<Tag>& id) {
  return &id.str();
}
inline std::int64_t to_sql(std::int64_t number) { return number; }
inline std::int64_t to_sql(WallTime time) { return unix_ms(time); }
inline std::int64_t to_sql(core::events::EventId id) { return std::to_underlying(id); }
inline NullableTime to_sql(const std::optional<WallTime>& time) { return NullableTime(time); }

namespace detail {

template <typename T>
void bind_column(soci::statement& statement, T& column) {
  if constexpr (std::is_same_v<T, NullableTime>) {
    statement.exchange(soci::into(column.ms, column.indicator));
  } else {
    statement.exchange(soci::into(column));
  }
}

template <typename T>
void bind_parameter(soci::statement& statement, T& parameter) {
  if constexpr (std::is_same_v<T, NullableTime>) {
    statement.exchange(soci::use(parameter.ms, parameter.indicator));
  } else if constexpr (std::is_pointer_v<T>) {
    statement.exchange(soci::use(*parameter));
  } else {
    statement.exchange(soci::use(parameter));
  }
}

inline void prepare(soci::statement& statement, const std::string& text) {
  statement.alloc();
  // "Once" spares PostgreSQL the two round trips of making and dropping a named statement.
  statement.prepare(text, soci::details::st_one_time_query);
  statement.define_and_bind();
}

}  // namespace detail

/// Runs a statement that returns no rows; says how many it changed.
template <typename... Parameters>
std::int64_t execute(Session& session, const std::string& text, const Parameters&... parameters) {
  std::tuple<decltype(to_sql(parameters))...> values{to_sql(parameters)...};
  soci::statement statement(session.sql);
  std::apply([&](auto&... each) { (detail::bind_parameter(statement, each), ...); }, values);
  detail::prepare(statement, text);
  statement.execute(true);
  return statement.get_affected_rows();
}

/// Runs a query; returns `Row::value()` of each row. A Row is a struct of column variables with
/// `auto columns()`, a tuple of references to them.
template <typename Row, typename... Parameters>
auto select(Session& session, const std::string& text, const Parameters&... parameters) {
  std::tuple<decltype(to_sql(parameters))...> values{to_sql(parameters)...};
  Row row;
  soci::statement statement(session.sql);
  std::apply([&](auto&... each) { (detail::bind_column(statement, each), ...); }, row.columns());
  std::apply([&](auto&... each) { (detail::bind_parameter(statement, each), ...); }, values);
  detail::prepare(statement, text);
  statement.execute();
  std::vector<decltype(row.value())> found;
  while (statement.fetch()) found.push_back(row.value());
  return found;
}

/// One integer column.
struct NumberRow {
  std::int64_t number = 0;

  auto columns() { return std::tie(number); }
  std::int64_t value() const { return number; }
};

/// For statements that must hit a row.
inline Result<void> expect_changed(std::int64_t rows, std::string what) {
  if (rows != 0) return {};
  return fail(Errc::NotFound, std::move(what));
}

}  // namespace vis::storage
