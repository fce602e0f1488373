#pragma once

#include <string_view>

#include "api/livekit/proto/livekit.pb.h"
#include "api/livekit/rpc_failure.hpp"
#include "base/result.hpp"
#include "http/response.hpp"

/// The one place where our errors become what this dialect's clients understand.
namespace vis::api::livekit {

namespace proto = ::livekit;

/// The refusal of a WebSocket or of its check: a status and a text that clients show to people.
http::Response signal_refusal(const Error& error);

/// A Twirp error: `{"code": …, "msg": …}` with the status that belongs to the code.
http::Response twirp_error(const Error& error);
/// What the callee, or the lack of one, made of a remote call.
http::Response twirp_error(const RpcFailure& failure);
/// Twirp's own codes, which no error of ours has.
http::Response twirp_bad_route(std::string_view message);
http::Response twirp_malformed(std::string_view message);

/// Why a request of a session was refused.
proto::RequestResponse::Reason refusal_reason(Errc code);

}  // namespace vis::api::livekit
