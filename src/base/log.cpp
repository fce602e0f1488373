#include "base/log.hpp"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <memory>
#include <utility>

namespace vis::log {
namespace {

std::atomic<Format> output_format{Format::Text};

spdlog::level::level_enum spdlog_level(Level level) {
  switch (level) {
    case Level::Debug: return spdlog::level::debug;
    case Level::Info: return spdlog::level::info;
    case Level::Warning: return spdlog::level::warn;
    case Level::Error: return spdlog::level::err;
  }
  std::unreachable();
}

/// Built on first use rather than at load time, and never destroyed: threads may log until exit.
spdlog::logger& logger() {
  static spdlog::logger& instance = [] -> spdlog::logger& {
    auto owned = spdlog::stderr_color_mt("visavis");
    owned->set_level(spdlog::level::warn);
    return *owned;
  }();
  return instance;
}

void append_json_string(std::string& out, std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out += '"';
  for (const char character : text) {
    const auto byte = static_cast<unsigned char>(character);
    if (character == '"' || character == '\\') {
      out += '\\';
      out += character;
    } else if (byte < 0x20) {
      out += "\\u00";
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    } else {
      out += character;
    }
  }
  out += '"';
}

std::string as_json(std::string_view event, std::initializer_list<Field> fields) {
  std::string line = "\"event\":";
  append_json_string(line, event);
  for (const Field& field : fields) {
    line += ',';
    append_json_string(line, field.name);
    line += ':';
    if (field.quoted) {
      append_json_string(line, field.value);
    } else {
      line += field.value;
    }
  }
  return line;
}

std::string as_plain_text(std::string_view event, std::initializer_list<Field> fields) {
  std::string line(event);
  for (const Field& field : fields) {
    line += ' ';
    line += field.name;
    line += '=';
    if (field.value.find_first_of(" \t\r\n\"") == std::string::npos && !field.value.empty()) {
      line += field.value;
    } else {
      append_json_string(line, field.value);
    }
  }
  return line;
}

}  // namespace

void configure(Level level, Format format) {
  output_format.store(format);
  logger().set_level(spdlog_level(level));
  logger().set_pattern(format == Format::Json
                           ? R"({"time":"%Y-%m-%dT%H:%M:%S.%e%z","level":"%l",%v})"
                           : "%Y-%m-%d %H:%M:%S.%e %^%-7l%$ %v");
}

void flush() { logger().flush(); }

void write(Level level, std::string_view event, std::initializer_list<Field> fields) {
  if (!logger().should_log(spdlog_level(level))) return;
  const bool json = output_format.load(std::memory_order_relaxed) == Format::Json;
  logger().log(spdlog_level(level), json ? as_json(event, fields) : as_plain_text(event, fields));
}

}  // namespace vis::log
