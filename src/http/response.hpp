#pragma once

#include <boost/json/value.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.hpp"
#include "http/headers.hpp"

namespace vis::http {

/// An immutable body, shared by a cache and the responses that are being sent from it.
using SharedBody = std::shared_ptr<const std::string>;

/// What a handler answers. The server adds Date, Server, Content-Length, Connection, CORS and
/// `X-Content-Type-Options: nosniff`, and drops the body for HEAD.
struct Response {
  unsigned status = 200;
  Headers headers = {};
  std::string body = {};
  SharedBody shared_body = nullptr;  ///< Sent instead of `body` when set.

  /// `return json_response(200, value).with("Cache-Control", "no-store");`
  Response with(std::string_view name, std::string_view value) && {
    headers.set(name, value);
    return std::move(*this);
  }
};

/// Without a body or a Content-Type.
Response empty_response(unsigned status);
/// `text/plain; charset=utf-8`.
Response text_response(unsigned status, std::string body);
/// `application/json`.
Response json_response(unsigned status, const boost::json::value& value);
Response redirect_response(unsigned status, std::string_view location);

/// RFC 9457 problem details. `code` is the stable name that scripts match on, `detail` a sentence
/// for people; neither holds internals.
struct Problem {
  unsigned status = 500;
  std::string code = "internal";
  std::string detail;
};
Response problem_response(const Problem& problem);

/// The common mapping of our errors to problems (`NotFound` is 404 `not_found`); Internal hides
/// its message.
unsigned status_of(Errc code);
Response problem_response(const Error& error);

/// The reason phrase of RFC 9110 15, such as `Not Found`; empty for an unknown status.
std::string_view reason_phrase(unsigned status);

}  // namespace vis::http
