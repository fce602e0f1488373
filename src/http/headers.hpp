#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits/http.hpp"

namespace vis::http {

/// Whether both are equal when ASCII letters are compared without case (RFC 9110 5.1).
bool equals_ignoring_case(std::string_view a, std::string_view b);

/// The header fields of a message in the order they came or shall leave. Names compare without
/// case. Linear search: a message has a dozen fields, and a parsed one at most
/// `limits::kHttpHeaderFields`.
class Headers final {
 public:
  struct Field {
    std::string name;
    std::string value;
  };

  /// The value of the first field of that name; empty when there is none.
  std::string_view get(std::string_view name) const;
  bool has(std::string_view name) const;
  /// How many fields have that name.
  std::size_t count(std::string_view name) const;
  /// Whether one of the comma-separated lists under that name holds `token`, without case:
  /// `has_token("Connection", "upgrade")`.
  bool has_token(std::string_view name, std::string_view token) const;

  /// Appends, beside others of the same name.
  void add(std::string_view name, std::string_view value);
  /// Replaces all of that name.
  void set(std::string_view name, std::string_view value);
  void remove(std::string_view name);

  std::size_t size() const { return fields_.size(); }
  auto begin() const { return fields_.begin(); }
  auto end() const { return fields_.end(); }

 private:
  std::vector<Field> fields_;
};

}  // namespace vis::http
