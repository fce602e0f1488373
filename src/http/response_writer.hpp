#pragma once

#include <string>
#include <string_view>

#include "http/response.hpp"
#include "http/router.hpp"

namespace vis::http {

/// What the server knows about a response beside its content.
struct ResponseContext {
  Method method = Method::Get;  ///< Of the request; HEAD gets no body.
  bool is_http_1_0 = false;
  bool keep_alive = true;
  std::string_view date = {};
  std::string_view origin = {};  ///< Of the request; empty if it had none.
  Cors cors = Cors::None;
};

/// The status line and header of `response` up to the empty line. Line breaks and other control
/// characters in values become spaces, so no value can start a header of its own.
std::string write_head(const Response& response, const ResponseContext& context);

/// The bytes to send after the head.
std::string_view body_of(const Response& response, Method method);

/// The answer to a CORS preflight (the WHATWG fetch standard): any header, our methods, one day.
Response preflight_response(const Request& request);

}  // namespace vis::http
