#include "http/json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse_options.hpp>
#include <boost/json/string.hpp>
#include <boost/system/error_code.hpp>
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace vis::http {
namespace {

namespace json = boost::json;
using boost::system::error_code;

/// Builds the value from the parser's events. Boost's own builder lets the last of equal keys win,
/// which two readers of one document may see differently; this one refuses them.
struct Builder {
  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);

  std::vector<json::value> values;  ///< Finished values whose container is still open.
  std::vector<std::string> keys;    ///< Of the members of all open objects.
  std::string part;                 ///< The text of a string or key that came in pieces.
  bool duplicate_key = false;

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }
  bool on_object_begin(error_code&) { return true; }
  bool on_array_begin(error_code&) { return true; }

  bool on_object_end(std::size_t count, error_code& failure) {
    json::object object;
    object.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
      json::value& value = values[values.size() - count + i];
      if (!object.emplace(keys[keys.size() - count + i], std::move(value)).second) {
        duplicate_key = true;
        failure = json::error::syntax;
        return false;
      }
    }
    values.resize(values.size() - count);
    keys.resize(keys.size() - count);
    values.emplace_back(std::move(object));
    return true;
  }

  bool on_array_end(std::size_t count, error_code&) {
    json::array array;
    array.reserve(count);
    const auto first = values.end() - static_cast<std::ptrdiff_t>(count);
    std::move(first, values.end(), std::back_inserter(array));
    values.resize(values.size() - count);
    values.emplace_back(std::move(array));
    return true;
  }

  bool on_key_part(json::string_view text, std::size_t, error_code&) { return append(text); }
  bool on_key(json::string_view text, std::size_t, error_code&) {
    append(text);
    keys.push_back(std::exchange(part, {}));
    return true;
  }
  bool on_string_part(json::string_view text, std::size_t, error_code&) { return append(text); }
  bool on_string(json::string_view text, std::size_t, error_code&) {
    append(text);
    return push(json::string(std::exchange(part, {})));
  }

  bool on_number_part(json::string_view, error_code&) { return true; }
  bool on_int64(std::int64_t number, json::string_view, error_code&) { return push(number); }
  bool on_uint64(std::uint64_t number, json::string_view, error_code&) { return push(number); }
  bool on_double(double number, json::string_view, error_code& failure) {
    if (!std::isfinite(number)) failure = json::error::exponent_overflow;
    return !failure && push(number);
  }
  bool on_bool(bool value, error_code&) { return push(value); }
  bool on_null(error_code&) { return push(nullptr); }
  bool on_comment_part(json::string_view, error_code&) { return true; }
  bool on_comment(json::string_view, error_code&) { return true; }

 private:
  bool append(json::string_view text) {
    part.append(text.data(), text.size());
    return true;
  }
  template <typename T>
  bool push(T&& value) {
    values.emplace_back(std::forward<T>(value));
    return true;
  }
};

std::string place_of(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
  return fmt::format("line {}, column {}", 1 + std::ranges::count(before, '\n'),
                     before.size() - line_start + 1);
}

std::string describe(const error_code& failure, bool duplicate_key) {
  if (duplicate_key) return "duplicate key in this object";
  if (failure == json::error::incomplete) return "unexpected end";
  if (failure == json::error::exponent_overflow) return "number out of range";
  if (failure == json::error::too_deep) return "nested too deeply";
  if (failure == json::error::extra_data) return "text after the value";
  return failure.message();
}

}  // namespace

Result<json::value> parse_json(std::string_view text, std::size_t bytes_max) {
  if (text.size() > bytes_max) {
    return fail(Errc::LimitExceeded, fmt::format("JSON longer than {} bytes", bytes_max));
  }
  json::parse_options options;
  options.max_depth = limits::kJsonDepth;
  json::basic_parser<Builder> parser(options);
  error_code failure;
  const std::size_t consumed = parser.write_some(false, text.data(), text.size(), failure);
  if (!failure && consumed < text.size()) failure = json::error::extra_data;
  if (failure) {
    return fail(Errc::InvalidArgument,
                fmt::format("invalid JSON at {}: {}", place_of(text, consumed),
                            describe(failure, parser.handler().duplicate_key)));
  }
  return std::move(parser.handler().values.front());
}

}  // namespace vis::http
