#include "api/livekit/errors.hpp"

#include <fmt/format.h>

#include <boost/json/object.hpp>
#include <string>
#include <utility>

namespace vis::api::livekit {
namespace {

namespace json = boost::json;
using Refusal = ::livekit::RequestResponse;

/// 404 and 401 are what clients act upon: "there is no such room" and "never with this token".
unsigned signal_status(Errc code) {
  switch (code) {
    case Errc::InvalidArgument: return 400;
    case Errc::Unauthenticated: return 401;
    case Errc::PermissionDenied: return 401;
    case Errc::NotFound: return 404;
    case Errc::Unavailable: return 503;
    case Errc::AlreadyExists:
    case Errc::FailedPrecondition:
    case Errc::LimitExceeded:
    case Errc::Unsupported:
    case Errc::Timeout:
    case Errc::Cancelled:
    case Errc::Internal: return 500;
  }
  std::unreachable();
}

struct TwirpCode {
  unsigned status = 500;
  std::string_view name;
};

TwirpCode twirp_code(Errc code) {
  switch (code) {
    case Errc::InvalidArgument: return {400, "invalid_argument"};
    case Errc::Unauthenticated: return {401, "unauthenticated"};
    case Errc::PermissionDenied: return {403, "permission_denied"};
    case Errc::NotFound: return {404, "not_found"};
    case Errc::AlreadyExists: return {409, "already_exists"};
    case Errc::FailedPrecondition: return {412, "failed_precondition"};
    case Errc::LimitExceeded: return {429, "resource_exhausted"};
    case Errc::Unsupported: return {501, "unimplemented"};
    case Errc::Timeout: return {408, "deadline_exceeded"};
    case Errc::Cancelled: return {408, "canceled"};
    case Errc::Unavailable: return {503, "unavailable"};
    case Errc::Internal: return {500, "internal"};
  }
  std::unreachable();
}

TwirpCode twirp_code(const RpcFailure& failure) {
  switch (failure.code) {
    case RpcFailure::kUnsupportedMethod:
    case RpcFailure::kRequestTooLarge: return twirp_code(Errc::InvalidArgument);
    case RpcFailure::kRecipientNotFound: return twirp_code(Errc::NotFound);
    case RpcFailure::kUnsupportedServer:
    case RpcFailure::kUnsupportedVersion: return twirp_code(Errc::Unsupported);
    case RpcFailure::kConnectionTimeout:
    case RpcFailure::kResponseTimeout: return twirp_code(Errc::Cancelled);
    case RpcFailure::kRecipientDisconnected: return twirp_code(Errc::Unavailable);
    default: return twirp_code(Errc::Internal);  // the codes of applications, too
  }
}

http::Response failure_response(TwirpCode code, std::string_view message) {
  const json::object body{{"code", code.name}, {"msg", message}};
  return http::json_response(code.status, body);
}

}  // namespace

http::Response signal_refusal(const Error& error) {
  const bool ours = error.code == Errc::Internal;
  return http::text_response(signal_status(error.code),
                             ours ? std::string("the server failed") : error.message);
}

http::Response twirp_error(const Error& error) {
  const bool ours = error.code == Errc::Internal;
  return failure_response(twirp_code(error.code),
                          ours ? std::string_view("the server failed") : error.message);
}

http::Response twirp_error(const RpcFailure& failure) {
  std::string message = fmt::format("RpcError {}: {}", failure.code, failure.message);
  if (!failure.data.empty()) message += ": " + failure.data;
  return failure_response(twirp_code(failure), message);
}

http::Response twirp_bad_route(std::string_view message) {
  return failure_response({404, "bad_route"}, message);
}

http::Response twirp_malformed(std::string_view message) {
  return failure_response({400, "malformed"}, message);
}

Refusal::Reason refusal_reason(Errc code) {
  switch (code) {
    case Errc::InvalidArgument: return Refusal::INVALID_REQUEST;
    case Errc::Unauthenticated:
    case Errc::PermissionDenied: return Refusal::NOT_ALLOWED;
    case Errc::NotFound: return Refusal::NOT_FOUND;
    case Errc::LimitExceeded: return Refusal::LIMIT_EXCEEDED;
    case Errc::FailedPrecondition: return Refusal::QUEUED;
    case Errc::Unsupported: return Refusal::UNSUPPORTED_TYPE;
    case Errc::AlreadyExists:
    case Errc::Timeout:
    case Errc::Cancelled:
    case Errc::Unavailable:
    case Errc::Internal: return Refusal::UNCLASSIFIED_ERROR;
  }
  std::unreachable();
}

}  // namespace vis::api::livekit
