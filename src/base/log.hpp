#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>

#include "base/id.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"

namespace vis::log {

enum class Level : std::uint8_t { Debug, Info, Warning, Error };
enum class Format : std::uint8_t { Text, Json };

/// One `name = value` of a log event. Values print as text; a Secret prints as `***`.
struct Field {
  std::string_view name;
  std::string value;
  bool quoted = true;  ///< Whether JSON output writes the value as a string.

  Field(std::string_view name, std::string_view value) : name(name), value(value) {}
  Field(std::string_view name, const char* value) : name(name), value(value) {}
  Field(std::string_view name, const std::string& value) : name(name), value(value) {}
  Field(std::string_view name, const Secret&) : name(name), value("***") {}
  Field(std::string_view name, const Error& error)
      : name(name), value(std::string(to_string(error.code)) + ": " + error.message) {}
  template <typename Tag>
  Field(std::string_view name, const Id<Tag>& id) : name(name), value(id.str()) {}
  template <typename T>
    requires std::integral<T> || std::floating_point<T>
  Field(std::string_view name, T number) : name(name), value(number_text(number)), quoted(false) {}

 private:
  static std::string number_text(bool value) { return value ? "true" : "false"; }
  template <typename T>
  static std::string number_text(T value) {
    return std::to_string(value);
  }
};

/// Where and how events are written. Called once at start-up by `app`; before it, warnings and
/// errors go to standard error as text.
void configure(Level level, Format format);
/// Writes out what is buffered; called before the process ends.
void flush();

/// `log::info("call.answered", {{"call", id}})`. `event` is a dotted name that never changes;
/// what varies goes into fields. Safe from every thread.
void write(Level level, std::string_view event, std::initializer_list<Field> fields);

inline void debug(std::string_view event, std::initializer_list<Field> fields = {}) {
  write(Level::Debug, event, fields);
}
inline void info(std::string_view event, std::initializer_list<Field> fields = {}) {
  write(Level::Info, event, fields);
}
inline void warning(std::string_view event, std::initializer_list<Field> fields = {}) {
  write(Level::Warning, event, fields);
}
inline void error(std::string_view event, std::initializer_list<Field> fields = {}) {
  write(Level::Error, event, fields);
}

}  // namespace vis::log
