#pragma once

#include <functional>
#include <string>

#include "api/v1/rate_limiter.hpp"
#include "api/v1/token_minter.hpp"
#include "base/limits/api_v1.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "base/task.hpp"
#include "base/time.hpp"
#include "core/ids.hpp"
#include "http/request.hpp"
#include "http/response.hpp"
#include "http/router.hpp"

namespace vis::api::v1 {

/// `POST /v1/meet/tokens`: how a visitor of the start page gets into a room, as a guest of the
/// project that the operator chose. Errors are RFC 9457 problems: 403 `permission_denied` while the
/// page is switched off, 400 `invalid_argument` for a bad room or name, 429 `limit_exceeded`.
///
/// Control thread; owned by `app`; outlives the web server.
class MeetTokens final {
 public:
  /// Long enough to join; a call that goes on gets new tokens from the server.
  static constexpr Duration kValidity = 10min;

  struct Options {
    bool enabled = false;
    core::ProjectId project;
  };
  struct Ports {
    TokenMinter& minter;
    RandomSource& random;
    std::function<TimePoint()> monotonic_now;
    std::function<WallTime()> wall_now;
  };
  MeetTokens(Options options, Ports ports);

  void add_routes(http::Router& router, const std::string& base_path);

 private:
  Task<http::Response> create(http::Request request);
  Result<http::Response> make_token(const http::Request& request);

  Options options_;
  Ports ports_;
  RateLimiter limiter_;
};

/// What a room of the start page may be called: up to limits::kMeetRoomCharacters letters, digits
/// and `_ . ~ -`, the first a letter or digit. Letters are those of any script.
Result<void> check_meet_room(std::string_view room);

}  // namespace vis::api::v1
