#include "api/livekit/twirp.hpp"

#include <google/protobuf/message.h>

#include "base/result.hpp"
#include "http/text.hpp"

namespace vis::api::livekit {
namespace {

constexpr std::string_view kJson = "application/json";
constexpr std::string_view kProtobuf = "application/protobuf";

std::optional<TwirpEncoding> encoding_of(const http::Request& request) {
  const std::string media_type = request.media_type();
  if (media_type == kJson) return TwirpEncoding::Json;
  if (media_type == kProtobuf) return TwirpEncoding::Protobuf;
  return std::nullopt;
}

}  // namespace

http::Response twirp_response(TwirpEncoding encoding, const google::protobuf::Message& message) {
  const bool as_json = encoding == TwirpEncoding::Json;
  http::Response response{.status = 200};
  response.body = as_json ? write_json(message, JsonStyle::SnakeCase) : message.SerializeAsString();
  return std::move(response).with("Content-Type", as_json ? kJson : kProtobuf);
}

Result<void> parse_twirp(const TwirpCall& call, google::protobuf::Message& message) {
  return call.encoding == TwirpEncoding::Json ? parse_json(call.body, message)
                                              : parse_bytes(call.body, message);
}

void TwirpServer::add(std::string_view service, std::string_view method, TwirpMethod function) {
  services_[std::string(service)].emplace(method, std::move(function));
}

void TwirpServer::add_unimplemented(std::string_view service) { services_[std::string(service)]; }

Task<http::Response> TwirpServer::serve(http::Request request) {
  auto caller = caller_of(request);
  if (!caller) co_return signal_refusal(caller.error());

  const std::string_view service_name = request.parameters.get("service");
  const std::string_view method_name = request.parameters.get("method");
  const auto service = services_.find(service_name);
  if (service == services_.end()) co_return twirp_bad_route("no such service");
  const auto method = service->second.find(method_name);
  if (method == service->second.end()) {
    co_return twirp_error(Error{Errc::Unsupported, "this server does not offer this method"});
  }
  const auto encoding = encoding_of(request);
  if (!encoding) {
    co_return twirp_bad_route("Content-Type is neither application/json nor application/protobuf");
  }
  TwirpCall call{
      .caller = std::move(*caller), .encoding = *encoding, .body = std::move(request.body)};
  co_return co_await method->second(std::move(call));
}

std::optional<http::Response> TwirpServer::admit(const http::Request& request) {
  const auto caller = caller_of(request);
  if (!caller) return signal_refusal(caller.error());
  return std::nullopt;
}

Result<Caller> TwirpServer::caller_of(const http::Request& request) {
  if (!request.headers.has("Authorization")) return Caller{};
  auto token = verify_token(request.bearer_token(), projects_, now_());
  if (!token) return std::unexpected(token.error());
  return Caller(std::move(*token));
}

}  // namespace vis::api::livekit
