#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "api/livekit/access_token.hpp"
#include "api/livekit/errors.hpp"
#include "api/livekit/wire.hpp"
#include "base/task.hpp"
#include "http/request.hpp"
#include "http/response.hpp"

/// Twirp, the remote procedure calls of the server API: one POST per call, its body and the answer
/// either JSON or protobuf.
namespace vis::api::livekit {

/// Who calls; without a token almost nothing is allowed.
using Caller = std::optional<AccessToken>;

enum class TwirpEncoding : std::uint8_t { Json, Protobuf };

struct TwirpCall {
  Caller caller;
  TwirpEncoding encoding = TwirpEncoding::Json;
  std::string body;
};
using TwirpMethod = std::function<Task<http::Response>(TwirpCall)>;

/// 200 with the message in the encoding of the call.
http::Response twirp_response(TwirpEncoding encoding, const google::protobuf::Message& message);
Result<void> parse_twirp(const TwirpCall& call, google::protobuf::Message& message);

template <typename... Failures>
http::Response twirp_error(const std::variant<Failures...>& failure) {
  return std::visit([](const auto& each) { return twirp_error(each); }, failure);
}

template <typename Service, typename Request, typename Response, typename Failure>
using TwirpFunction = Task<std::expected<Response, Failure>> (Service::*)(Caller, Request);

template <typename Service, typename Request, typename Response, typename Failure>
Task<http::Response> run_twirp(Service* service,
                               TwirpFunction<Service, Request, Response, Failure> function,
                               TwirpCall call) {
  Request request;
  if (const auto parsed = parse_twirp(call, request); !parsed) {
    co_return twirp_malformed(parsed.error().message);
  }
  const auto outcome = co_await (service->*function)(std::move(call.caller), std::move(request));
  if (!outcome) co_return twirp_error(outcome.error());
  co_return twirp_response(call.encoding, *outcome);
}

/// `function` as a method: `twirp_method(service, &Service::create_room)`.
template <typename Service, typename Request, typename Response, typename Failure>
TwirpMethod twirp_method(Service& service,
                         TwirpFunction<Service, Request, Response, Failure> function) {
  return [&service, function](TwirpCall call) {
    return run_twirp(&service, function, std::move(call));
  };
}

/// The services of one server. Filled at start-up; then answers `/twirp/{service}/{method}` on the
/// control thread. Every answer is Twirp's own, but for a token that is wrong in itself.
class TwirpServer final {
 public:
  TwirpServer(projects::ProjectService& projects, std::function<WallTime()> now)
      : projects_(projects), now_(std::move(now)) {}

  void add(std::string_view service, std::string_view method, TwirpMethod function);
  /// A service of the protocol that is not offered: all its methods are unimplemented.
  void add_unimplemented(std::string_view service);

  Task<http::Response> serve(http::Request request);
  /// What is asked before the body is read: whether the token, if there is one, is good.
  std::optional<http::Response> admit(const http::Request& request);

 private:
  using Service = std::map<std::string, TwirpMethod, std::less<>>;

  Result<Caller> caller_of(const http::Request& request);

  projects::ProjectService& projects_;
  std::function<WallTime()> now_;
  std::map<std::string, Service, std::less<>> services_;
};

}  // namespace vis::api::livekit
