#pragma once

#include <boost/json/value.hpp>
#include <cstddef>
#include <string_view>

#include "base/limits/http.hpp"
#include "base/result.hpp"

namespace vis::http {

/// Parses one JSON text (RFC 8259) that came from the network. InvalidArgument with line and
/// column for a syntax error, a duplicate key, invalid UTF-8, nesting deeper than
/// `limits::kJsonDepth`; LimitExceeded when longer than `bytes_max`.
Result<boost::json::value> parse_json(std::string_view text,
                                      std::size_t bytes_max = limits::kJsonBytes);

}  // namespace vis::http
