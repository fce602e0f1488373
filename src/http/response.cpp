#include "http/response.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

namespace vis::http {

Response empty_response(unsigned status) { return {.status = status}; }

Response text_response(unsigned status, std::string body) {
  Response response{.status = status, .body = std::move(body)};
  response.headers.add("Content-Type", "text/plain; charset=utf-8");
  return response;
}

Response json_response(unsigned status, const boost::json::value& value) {
  Response response{.status = status, .body = boost::json::serialize(value)};
  response.headers.add("Content-Type", "application/json");
  return response;
}

Response redirect_response(unsigned status, std::string_view location) {
  Response response{.status = status};
  response.headers.add("Location", location);
  return response;
}

Response problem_response(const Problem& problem) {
  boost::json::object body = {
      {"type", "about:blank"},
      {"title", reason_phrase(problem.status)},
      {"status", problem.status},
      {"code", problem.code},
  };
  if (!problem.detail.empty()) body["detail"] = problem.detail;
  Response response{.status = problem.status, .body = boost::json::serialize(body)};
  response.headers.add("Content-Type", "application/problem+json");
  return response;
}

unsigned status_of(Errc code) {
  switch (code) {
    case Errc::InvalidArgument: return 400;
    case Errc::Unauthenticated: return 401;
    case Errc::PermissionDenied: return 403;
    case Errc::NotFound: return 404;
    case Errc::AlreadyExists: return 409;
    case Errc::FailedPrecondition: return 409;
    case Errc::LimitExceeded: return 429;
    case Errc::Unsupported: return 501;
    case Errc::Timeout: return 504;
    case Errc::Cancelled: return 503;
    case Errc::Unavailable: return 503;
    case Errc::Internal: return 500;
  }
  std::unreachable();
}

Response problem_response(const Error& error) {
  return problem_response(
      {.status = status_of(error.code),
       .code = std::string(to_string(error.code)),
       .detail = error.code == Errc::Internal ? "the server failed" : error.message});
}

std::string_view reason_phrase(unsigned status) {
  switch (status) {
    case 100: return "Continue";
    case 101: return "Switching Protocols";
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 206: return "Partial Content";
    case 301: return "Moved Permanently";
    case 302: return "Found";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 307: return "Temporary Redirect";
    case 308: return "Permanent Redirect";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 402: return "Payment Required";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 411: return "Length Required";
    case 412: return "Precondition Failed";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 416: return "Range Not Satisfiable";
    case 417: return "Expectation Failed";
    case 421: return "Misdirected Request";
    case 422: return "Unprocessable Content";
    case 425: return "Too Early";
    case 426: return "Upgrade Required";
    case 428: return "Precondition Required";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 505: return "HTTP Version Not Supported";
    default: return "";
  }
}

}  // namespace vis::http
