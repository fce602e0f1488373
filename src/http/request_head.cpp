#include "http/request_head.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/limits/http.hpp"
#include "http/text.hpp"

namespace vis::http {
namespace {

constexpr std::string_view kLineEnd = "\r\n";
constexpr std::string_view kHeadEnd = "\r\n\r\n";

std::unexpected<Refusal> refuse(unsigned status, std::string_view reason) {
  return std::unexpected(Refusal{status, reason});
}

/// Takes off one line and its CRLF, which is there.
std::string_view take_line(std::string_view& rest) {
  const std::size_t end = rest.find(kLineEnd);
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end + kLineEnd.size());
  return line;
}

/// RFC 9110 5.5: visible ASCII, space, tab and bytes from 0x80 on.
bool is_field_value(std::string_view value) {
  return std::ranges::all_of(value, [](char c) {
    const auto byte = static_cast<std::uint8_t>(c);
    return byte == '\t' || (byte >= 0x20 && byte != 0x7F);
  });
}

bool is_visible_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7F; });
}

/// RFC 9112 3.2: origin form, absolute form, and `*` for OPTIONS.
std::expected<std::string, Refusal> parse_target(std::string_view target, Method method) {
  if (target.empty() || !is_visible_ascii(target)) return refuse(400, "bad request target");
  target = target.substr(0, target.find('#'));
  if (target.starts_with('/')) return std::string(target);
  if (target == "*" && method == Method::Options) return std::string("/*");
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!equals_ignoring_case(target.substr(0, scheme.size()), scheme)) continue;
    target.remove_prefix(scheme.size());
    const std::size_t path = target.find_first_of("/?");
    if (path == 0) break;
    if (path == std::string_view::npos) return std::string("/");
    return (target[path] == '?' ? "/" : "") + std::string(target.substr(path));
  }
  return refuse(400, "bad request target");
}

std::expected<void, Refusal> parse_request_line(std::string_view line, RequestHead& head) {
  const std::string_view method = take_until(line, ' ');
  if (!is_token(method)) return refuse(400, "bad method");
  head.method = method_from(method);
  auto target = parse_target(take_until(line, ' '), head.method);
  if (!target) return std::unexpected(target.error());
  head.target = std::move(*target);
  if (line == "HTTP/1.1") return {};
  if (line == "HTTP/1.0") {
    head.is_http_1_0 = true;
    return {};
  }
  const bool is_version = line.size() == 8 && line.starts_with("HTTP/") && is_digit(line[5]) &&
                          line[6] == '.' && is_digit(line[7]);
  if (is_version) return refuse(505, "only HTTP/1.1 is spoken here");
  return refuse(400, "bad request line");
}

std::expected<void, Refusal> parse_fields(std::string_view text, Headers& headers) {
  while (true) {
    const std::string_view line = take_line(text);
    if (line.empty()) return {};
    if (headers.size() == limits::kHttpHeaderFields) return refuse(431, "too many header fields");
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) {
      return refuse(400, "bad header field");
    }
    const std::string_view value = trim(line.substr(colon + 1));
    if (!is_field_value(value)) return refuse(400, "bad header value");
    headers.add(line.substr(0, colon), value);
  }
}

std::expected<void, Refusal> parse_framing(RequestHead& head) {
  const std::size_t encodings = head.headers.count("Transfer-Encoding");
  const std::size_t lengths = head.headers.count("Content-Length");
  if (encodings > 0) {
    if (head.is_http_1_0 || lengths > 0) return refuse(400, "conflicting message length");
    if (encodings > 1 || !equals_ignoring_case(head.headers.get("Transfer-Encoding"), "chunked")) {
      return refuse(501, "only the chunked transfer encoding is supported");
    }
    head.chunked = true;
  }
  if (lengths == 0) return {};
  const std::string_view digits = head.headers.get("Content-Length");
  std::uint64_t length = 0;
  const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), length);
  if (lengths > 1 || error != std::errc{} || stop != digits.data() + digits.size()) {
    return refuse(400, "bad Content-Length");
  }
  head.content_length = length;
  return {};
}

bool is_host(std::string_view host) {
  return std::ranges::all_of(host, [](char c) {
    const char lower = to_lower_ascii(c);
    return (lower >= 'a' && lower <= 'z') || is_digit(c) ||
           std::string_view("-._~!$&'()*+,;=%:[]").contains(c);
  });
}

std::expected<void, Refusal> parse_connection(RequestHead& head) {
  const Headers& headers = head.headers;
  const std::size_t hosts = headers.count("Host");
  if (hosts > 1 || (hosts == 0 && !head.is_http_1_0) || !is_host(headers.get("Host"))) {
    return refuse(400, "bad or missing Host");
  }
  head.keep_alive = head.is_http_1_0 ? headers.has_token("Connection", "keep-alive")
                                     : !headers.has_token("Connection", "close");
  if (headers.has("Expect")) {
    if (!equals_ignoring_case(headers.get("Expect"), "100-continue")) {
      return refuse(417, "unknown expectation");
    }
    head.expects_continue = !head.is_http_1_0;
  }
  return {};
}

}  // namespace

std::expected<RequestHead, Refusal> RequestHead::parse(std::string_view text) {
  RequestHead head;
  if (!text.ends_with(kHeadEnd)) return refuse(400, "bad request");
  const std::string_view request_line = take_line(text);
  if (auto parsed = parse_request_line(request_line, head); !parsed) {
    return std::unexpected(parsed.error());
  }
  if (auto parsed = parse_fields(text, head.headers); !parsed) {
    return std::unexpected(parsed.error());
  }
  if (auto parsed = parse_framing(head); !parsed) return std::unexpected(parsed.error());
  if (auto parsed = parse_connection(head); !parsed) return std::unexpected(parsed.error());
  return head;
}

std::expected<std::optional<std::size_t>, Refusal> HeadFinder::find(std::string_view buffer) {
  // A TLS hello or a chat protocol need not wait for the time-out.
  if (!buffer.empty() && !is_token_char(buffer.front())) return refuse(400, "bad request");
  const std::size_t from = std::max<std::size_t>(searched_, 3) - 3;
  const std::size_t end = buffer.find(kHeadEnd, from);
  searched_ = buffer.size();
  const std::size_t size = end == std::string_view::npos ? buffer.size() : end + kHeadEnd.size();
  if (size > bytes_max_) {
    const bool line_fits = buffer.find(kLineEnd) < bytes_max_;
    return line_fits ? refuse(431, "request header too large")
                     : refuse(414, "request line too long");
  }
  if (end == std::string_view::npos) return std::optional<std::size_t>{};
  return std::optional(size);
}

}  // namespace vis::http
