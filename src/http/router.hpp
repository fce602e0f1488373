#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits/http.hpp"
#include "base/task.hpp"
#include "http/request.hpp"
#include "http/response.hpp"
#include "http/websocket.hpp"

namespace vis::http {

using Handler = std::function<Task<Response>(Request)>;

/// Who may read responses from another origin.
enum class Cors : std::uint8_t {
  None,     ///< Pages of this origin alone.
  Reflect,  ///< Any origin, without credentials: the request's Origin is echoed, errors included.
};

struct RouteOptions {
  std::size_t body_bytes_max = limits::kHttpBodyBytes;
  Cors cors = Cors::None;
  /// Asked once the header is there and before the body is read; a Response refuses the request.
  std::function<std::optional<Response>(const Request&)> admit = {};
};

struct WebSocketRouteOptions {
  Cors cors = Cors::None;
  /// Answer a GET that asks for no upgrade with an empty 404 instead of a 426 problem.
  bool hides_from_plain_get = false;
};

/// Which handler answers which path. Filled at start-up, then handed to the Server and only read.
///
/// A pattern is a path whose segments are literal, `{name}` (exactly one segment, not empty) or,
/// at the end, `*` (the rest: none, one or many segments, so `/meet/*` also takes `/meet`). Of
/// several that match, the one that is literal, then named, earliest from the left wins. Two
/// routes for one pattern and method are a bug.
///
/// Without a match the answer is a 404 problem, or 405 with Allow when the path exists for another
/// method; a fallback takes both over for its prefix. HEAD goes to GET. OPTIONS is answered from
/// the table where CORS asks for it.
class Router final {
 public:
  Router();
  ~Router();
  Router(Router&&) noexcept;
  Router& operator=(Router&&) noexcept;

  void add(Method method, std::string_view pattern, Handler handler, RouteOptions options = {});
  void add_websocket(std::string_view pattern, WebSocketHandler handler,
                     WebSocketRouteOptions options = {});
  /// Answers what nothing else answers at or below `prefix`, whatever the method. The longest
  /// prefix wins.
  void add_fallback(std::string_view prefix, Handler handler, RouteOptions options = {});
  /// CORS of the 404 that no fallback takes over. None by default.
  void set_unmatched_cors(Cors cors) { unmatched_cors_ = cors; }

  struct Route {
    std::string pattern;
    std::vector<std::string> segments;  ///< Of the pattern.
    Handler handler;
    RouteOptions options;
  };
  struct WebSocketRoute {
    std::string pattern;
    std::vector<std::string> segments;
    WebSocketHandler handler;
    WebSocketRouteOptions options;
  };
  /// What is known about a path. Pointers live as long as the router.
  struct Match {
    const Route* route = nullptr;  ///< For this method, or a fallback.
    bool is_fallback = false;
    const WebSocketRoute* websocket = nullptr;
    Parameters parameters = {};
    std::string allow = {};  ///< The methods of the path; empty if it is unknown.
    Cors cors = Cors::None;
  };
  Match match(Method method, const Path& path) const;

  struct Name {
    Method method = Method::Get;
    std::string pattern;
  };
  /// Every route; a WebSocket is a GET.
  std::vector<Name> names() const;

 private:
  struct Node;

  std::unique_ptr<Node> root_;
  std::vector<std::unique_ptr<Route>> fallbacks_;
  Cors unmatched_cors_ = Cors::None;
};

}  // namespace vis::http
