#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "http/headers.hpp"
#include "http/request.hpp"

namespace vis::http {

/// Why bytes are no acceptable request: the status and the sentence of the answer, after which the
/// connection ends, since nobody knows where the next request would begin.
struct Refusal {
  unsigned status = 400;
  std::string_view reason;

  friend bool operator==(const Refusal&, const Refusal&) = default;
};

/// The request line and header of RFC 9112 sections 3 to 6, and what they say about the framing.
/// Stricter than the RFC asks for wherever leniency has let two parsers disagree (request
/// smuggling): no bare LF, no folded lines, one Host, one Content-Length, `chunked` alone.
struct RequestHead {
  Method method = Method::Get;
  std::string target;  ///< As sent, without the scheme and authority of the absolute form.
  bool is_http_1_0 = false;
  Headers headers;

  std::optional<std::uint64_t> content_length;
  bool chunked = false;
  bool keep_alive = true;
  bool expects_continue = false;

  bool has_body() const { return chunked || content_length.value_or(0) > 0; }

  /// `text` ends with the empty line.
  static std::expected<RequestHead, Refusal> parse(std::string_view text);
};

/// Finds the end of the header in a growing buffer without searching any byte twice.
class HeadFinder final {
 public:
  explicit HeadFinder(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  /// The size of the head at the start of `buffer`, which only grew since the last call; nothing
  /// while its end is not there. Refused once it is too long or cannot become a request.
  std::expected<std::optional<std::size_t>, Refusal> find(std::string_view buffer);

 private:
  std::size_t bytes_max_;
  std::size_t searched_ = 0;
};

}  // namespace vis::http
