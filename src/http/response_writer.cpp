#include "http/response_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>

#include "base/log.hpp"
#include "http/text.hpp"

namespace vis::http {
namespace {

bool is_bodiless(unsigned status) { return status < 200 || status == 204 || status == 304; }

std::string_view content_of(const Response& response) {
  return response.shared_body ? std::string_view(*response.shared_body)
                              : std::string_view(response.body);
}

/// Fields that say how the message is framed or who speaks; a handler has no say in them.
bool belongs_to_server(std::string_view name) {
  static constexpr std::array<std::string_view, 6> kNames = {
      "Content-Length", "Transfer-Encoding", "Connection", "Keep-Alive", "Date", "Server"};
  return std::ranges::any_of(
      kNames, [&](std::string_view ours) { return equals_ignoring_case(ours, name); });
}

void append_value(std::string& out, std::string_view value) {
  for (const char c : value) {
    const auto byte = static_cast<std::uint8_t>(c);
    out += byte < 0x20 || byte == 0x7F ? ' ' : c;
  }
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ");
  append_value(out, value);
  out.append("\r\n");
}

void append_cors(std::string& out, const Response& response, const ResponseContext& context) {
  if (context.cors == Cors::None) return;
  // The answer differs by Origin even when there is none, and caches must know.
  if (!response.headers.has_token("Vary", "Origin")) append_field(out, "Vary", "Origin");
  if (context.origin.empty()) return;
  append_field(out, "Access-Control-Allow-Origin", context.origin);
  append_field(out, "Access-Control-Expose-Headers", "*");
}

}  // namespace

std::string write_head(const Response& response, const ResponseContext& context) {
  std::string out;
  out.reserve(512);
  fmt::format_to(std::back_inserter(out), "HTTP/1.1 {} {}\r\n", response.status,
                 reason_phrase(response.status));
  append_field(out, "Date", context.date);
  append_field(out, "Server", "visavis");
  for (const auto& [name, value] : response.headers) {
    if (belongs_to_server(name)) continue;
    if (!is_token(name)) {
      log::error("http.bad_header_name", {{"status", response.status}});
      continue;
    }
    append_field(out, name, value);
  }
  append_cors(out, response, context);
  if (!response.headers.has("X-Content-Type-Options")) {
    append_field(out, "X-Content-Type-Options", "nosniff");
  }
  if (!is_bodiless(response.status)) {
    fmt::format_to(std::back_inserter(out), "Content-Length: {}\r\n", content_of(response).size());
  }
  if (!context.keep_alive) append_field(out, "Connection", "close");
  if (context.keep_alive && context.is_http_1_0) append_field(out, "Connection", "keep-alive");
  out.append("\r\n");
  return out;
}

std::string_view body_of(const Response& response, Method method) {
  if (method == Method::Head || is_bodiless(response.status)) return {};
  return content_of(response);
}

Response preflight_response(const Request& request) {
  Response response = empty_response(204);
  response.headers.add("Access-Control-Allow-Methods", "OPTIONS, HEAD, GET, POST, PATCH, DELETE");
  // `*` would leave out Authorization, so what was asked for is granted by name.
  const std::string_view asked = request.headers.get("Access-Control-Request-Headers");
  response.headers.add("Access-Control-Allow-Headers", asked.empty() ? "*" : asked);
  response.headers.add("Access-Control-Max-Age", "86400");
  return response;
}

}  // namespace vis::http
