#include "api/whip/responses.hpp"

#include <string>
#include <utility>

#include "http/response_writer.hpp"
#include "http/text.hpp"

namespace vis::api::whip {
namespace {

constexpr std::string_view kRetrySoon = "2";
constexpr std::string_view kRetryLater = "10";

unsigned status(Errc code) {
  switch (code) {
    case Errc::InvalidArgument: return 400;
    case Errc::Unauthenticated: return 401;
    case Errc::PermissionDenied: return 403;
    case Errc::NotFound: return 404;
    case Errc::AlreadyExists:
    case Errc::FailedPrecondition: return 409;
    case Errc::LimitExceeded: return 429;
    case Errc::Unsupported: return 422;
    case Errc::Timeout:
    case Errc::Cancelled:
    case Errc::Unavailable: return 503;
    case Errc::Internal: return 500;
  }
  std::unreachable();
}

/// A quoted-string (RFC 9110 section 5.6.4).
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

}  // namespace

http::Response refusal(const Error& error) {
  const bool ours = error.code == Errc::Internal;
  http::Response response =
      http::problem_response({.status = status(error.code),
                              .code = std::string(to_string(error.code)),
                              .detail = ours ? std::string("the server failed") : error.message});
  if (response.status == 401) {
    response.headers.set("WWW-Authenticate", R"(Bearer realm="visavis")");
  }
  // A player that has come before the publisher does well to ask again soon.
  if (response.status == 409) response.headers.set("Retry-After", kRetrySoon);
  if (response.status == 429) response.headers.set("Retry-After", kRetryLater);
  if (response.status == 503) response.headers.set("Retry-After", kRetrySoon);
  return response;
}

http::Response unsupported_media_type(std::string_view wanted) {
  return http::problem_response({.status = 415,
                                 .code = "unsupported_media_type",
                                 .detail = "Content-Type must be " + std::string(wanted)});
}

http::Response not_acceptable() {
  return http::problem_response({.status = 406,
                                 .code = "not_acceptable",
                                 .detail = "the answer is application/sdp, which Accept excludes"});
}

http::Response precondition_required() {
  return http::problem_response(
      {.status = 428,
       .code = "precondition_required",
       .detail = "a PATCH needs If-Match with the ETag of the session, or * to restart ICE"});
}

http::Response precondition_failed() {
  return http::problem_response({.status = 412,
                                 .code = "precondition_failed",
                                 .detail = "If-Match names an ICE session that is over"});
}

http::Response conflict(std::string_view detail, unsigned retry_after_s) {
  return http::problem_response({.status = 409, .code = "conflict", .detail = std::string(detail)})
      .with("Retry-After", std::to_string(retry_after_s));
}

http::Response options_response(const http::Request& request, const Offered& offered) {
  http::Response response = http::preflight_response(request);
  // RFC 9725 section 4.2 wants 200, with the media type that may be posted.
  response.status = 200;
  response.headers.set("Access-Control-Allow-Methods", offered.allow);
  response.headers.set("Allow", offered.allow);
  response.headers.set(offered.accept_header, offered.media_type);
  return response;
}

void add_ice_servers(http::Response& response, std::span<const IceServer> servers) {
  for (const IceServer& server : servers) {
    for (const std::string& url : server.urls) {
      std::string link = '<' + url + ">; rel=\"ice-server\"";
      if (!server.username.empty()) {
        link += "; username=" + quoted(server.username) +
                "; credential=" + quoted(server.credential) + "; credential-type=\"password\"";
      }
      response.headers.add("Link", link);
    }
  }
}

bool accepts(const http::Request& request, std::string_view media_type) {
  if (!request.headers.has("Accept")) return true;
  const std::string_view family = media_type.substr(0, media_type.find('/'));
  for (const auto& [name, value] : request.headers) {
    if (!http::equals_ignoring_case(name, "Accept")) continue;
    std::string_view rest = value;
    while (!rest.empty()) {
      std::string_view range = http::take_until(rest, ',');
      const std::string type = http::to_lower(http::trim(http::take_until(range, ';')));
      if (type == "*/*" || type == media_type || type == std::string(family) + "/*") return true;
    }
  }
  return false;
}

IfMatch if_match(const http::Request& request, std::string_view etag) {
  if (!request.headers.has("If-Match")) return IfMatch::Absent;
  const bool matches =
      request.headers.has_token("If-Match", "*") || request.headers.has_token("If-Match", etag);
  return matches ? IfMatch::Matches : IfMatch::Differs;
}

}  // namespace vis::api::whip
