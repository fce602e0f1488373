#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace vis::storage {

enum class Dialect : std::uint8_t { Sqlite, PostgreSql };

/// Where the data is: `sqlite:PATH`, or `postgresql://USER:PASSWORD@HOST:PORT/NAME?OPTIONS` as
/// libpq reads it.
struct DatabaseUrl {
  Dialect dialect = Dialect::Sqlite;
  std::string location;  ///< The path, or the whole URL. May hold a password.

  /// InvalidArgument for anything else.
  static Result<DatabaseUrl> parse(std::string_view text);

  /// For logs and messages: without the password and the options.
  std::string display() const;
};

}  // namespace vis::storage
