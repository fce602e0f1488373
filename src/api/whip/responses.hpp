#pragma once

#include <span>
#include <string_view>

#include "api/whip/ports.hpp"
#include "base/result.hpp"
#include "http/request.hpp"
#include "http/response.hpp"

/// What this dialect answers besides descriptions. Errors are RFC 9457 problems with the statuses
/// that RFC 9725 gives them.
namespace vis::api::whip {

inline constexpr std::string_view kSdpType = "application/sdp";
inline constexpr std::string_view kFragmentType = "application/trickle-ice-sdpfrag";

/// With WWW-Authenticate for 401, and Retry-After where trying again may help.
http::Response refusal(const Error& error);

http::Response unsupported_media_type(std::string_view wanted);            ///< 415
http::Response not_acceptable();                                           ///< 406
http::Response precondition_required();                                    ///< 428
http::Response precondition_failed();                                      ///< 412
http::Response conflict(std::string_view detail, unsigned retry_after_s);  ///< 409

/// To any OPTIONS request: who may ask what from where. `accept_header` is Accept-Post or
/// Accept-Patch, whose media type follows.
struct Offered {
  std::string_view allow;
  std::string_view accept_header;
  std::string_view media_type;
};
http::Response options_response(const http::Request& request, const Offered& offered);

/// Adds `Link: <stun:…>; rel="ice-server"` for each server (RFC 9725 section 4.6).
void add_ice_servers(http::Response& response, std::span<const IceServer> servers);

/// Whether an Accept header, if there is one, takes this media type.
bool accepts(const http::Request& request, std::string_view media_type);

/// How an If-Match header (RFC 9110 section 13.1.1) fits an entity tag, quotes included.
enum class IfMatch { Absent, Matches, Differs };
IfMatch if_match(const http::Request& request, std::string_view etag);

}  // namespace vis::api::whip
