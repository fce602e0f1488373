#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/limits/http.hpp"
#include "base/result.hpp"

namespace vis::http {

/// Decoded names and values in the order they came: those of a query or of a form, and those that
/// a route pattern cut out of the path. Bytes may be anything; who needs UTF-8 checks it.
class Parameters final {
 public:
  using Pair = std::pair<std::string, std::string>;

  /// The first of that name. Names are compared exactly.
  std::optional<std::string_view> find(std::string_view name) const;
  /// The same, or empty.
  std::string_view get(std::string_view name) const { return find(name).value_or(""); }
  bool has(std::string_view name) const { return find(name).has_value(); }

  void add(std::string name, std::string value) {
    pairs_.emplace_back(std::move(name), std::move(value));
  }
  std::size_t size() const { return pairs_.size(); }
  auto begin() const { return pairs_.begin(); }
  auto end() const { return pairs_.end(); }

 private:
  std::vector<Pair> pairs_;
};

/// Decodes `application/x-www-form-urlencoded` text (the WHATWG URL standard): a query without its
/// `?`, or a form body. `+` is a space. InvalidArgument for a broken percent escape or more than
/// `limits::kHttpParameters` pairs.
Result<Parameters> parse_form(std::string_view text);

/// Decodes `%XX` and nothing else; nothing for a broken escape.
std::optional<std::string> percent_decode(std::string_view text);
/// Escapes all but the unreserved characters of RFC 3986 2.3.
std::string percent_encode(std::string_view text);

/// The path of a request target. Cut at its slashes first and decoded then, so that `%2F` stays
/// inside a segment. `/` is one empty segment; slashes that repeat at the start count as one.
struct Path {
  std::vector<std::string> segments;

  /// The segments joined with slashes, from one slash on.
  std::string str() const;
};

/// InvalidArgument for a broken escape, `.` and `..` segments, control characters and bytes that
/// are no UTF-8.
Result<Path> parse_path(std::string_view raw);

}  // namespace vis::http
