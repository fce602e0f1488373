#include "http/router.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <ranges>
#include <utility>

#include "base/assert.hpp"

namespace vis::http {
namespace {

constexpr std::array kMethods = {Method::Get,   Method::Head,   Method::Post,   Method::Put,
                                 Method::Patch, Method::Delete, Method::Options};

std::vector<std::string> split(std::string_view pattern) {
  VIS_ASSERT(pattern.starts_with('/'));
  std::vector<std::string> segments;
  for (const auto segment : std::views::split(pattern.substr(1), '/')) {
    segments.emplace_back(segment.begin(), segment.end());
  }
  if (segments.empty()) segments.emplace_back();  // "/" is one empty segment
  return segments;
}

bool is_parameter(std::string_view segment) {
  return segment.starts_with('{') && segment.ends_with('}');
}

/// Whether the path of `segments` is `prefix` or lies below it.
bool is_below(const Path& path, std::string_view prefix) {
  while (prefix.ends_with('/')) prefix.remove_suffix(1);
  const std::string text = path.str();
  return text.starts_with(prefix) && (text.size() == prefix.size() || text[prefix.size()] == '/');
}

}  // namespace

/// One segment of the patterns; the routes that end here by method.
struct Router::Node {
  std::map<std::string, std::unique_ptr<Node>, std::less<>> literals;
  std::unique_ptr<Node> named;  ///< `{name}`; the names are the routes' own.
  std::unique_ptr<Node> rest;   ///< `*`
  std::array<std::unique_ptr<Route>, kMethods.size()> routes;
  std::unique_ptr<WebSocketRoute> websocket;

  bool has_routes() const {
    return websocket || std::ranges::any_of(routes, [](const auto& route) { return !!route; });
  }

  Node& descend(const std::vector<std::string>& segments) {
    Node* node = this;
    for (const std::string& segment : segments) {
      VIS_ASSERT(segment != "*" || &segment == &segments.back());
      std::unique_ptr<Node>& child = segment == "*"          ? node->rest
                                     : is_parameter(segment) ? node->named
                                                             : node->literals[segment];
      if (!child) child = std::make_unique<Node>();
      node = child.get();
    }
    return *node;
  }

  /// The node whose pattern matches the segments from `index` on, most literal first.
  const Node* find(const std::vector<std::string>& segments, std::size_t index) const {
    if (index == segments.size()) {
      if (has_routes()) return this;
      return rest ? rest.get() : nullptr;
    }
    const std::string& segment = segments[index];
    if (const auto literal = literals.find(segment); literal != literals.end()) {
      if (const Node* found = literal->second->find(segments, index + 1)) return found;
    }
    if (named && !segment.empty()) {
      if (const Node* found = named->find(segments, index + 1)) return found;
    }
    return rest ? rest.get() : nullptr;
  }

  const Route* route(Method method) const {
    if (method == Method::Other) return nullptr;
    const Route* found = routes[static_cast<std::size_t>(method)].get();
    if (found == nullptr && method == Method::Head) return route(Method::Get);
    return found;
  }

  std::string allow() const {
    std::string names;
    for (const Method method : kMethods) {
      const bool known = method == Method::Options || (method == Method::Get && websocket);
      if (!known && route(method) == nullptr) continue;
      if (!names.empty()) names += ", ";
      names += to_string(method);
    }
    return names;
  }

  void add_names_to(std::vector<Name>& names) const {
    for (const Method method : kMethods) {
      const auto& route = routes[static_cast<std::size_t>(method)];
      if (route) names.push_back({.method = method, .pattern = route->pattern});
    }
    if (websocket) names.push_back({.method = Method::Get, .pattern = websocket->pattern});
    for (const auto& [segment, child] : literals) child->add_names_to(names);
    if (named) named->add_names_to(names);
    if (rest) rest->add_names_to(names);
  }

  Cors cors() const {
    for (const auto& route : routes) {
      if (route && route->options.cors == Cors::Reflect) return Cors::Reflect;
    }
    return websocket ? websocket->options.cors : Cors::None;
  }
};

namespace {

/// The values that a pattern, given as segments, cuts out of a path that it matches.
Parameters parameters_of(const std::vector<std::string>& pattern, const Path& path) {
  Parameters parameters;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == "*") {
      std::string rest;
      for (std::size_t j = i; j < path.segments.size(); ++j) {
        if (j > i) rest += '/';
        rest += path.segments[j];
      }
      parameters.add("*", std::move(rest));
    } else if (is_parameter(pattern[i])) {
      parameters.add(pattern[i].substr(1, pattern[i].size() - 2), path.segments[i]);
    }
  }
  return parameters;
}

}  // namespace

Router::Router() : root_(std::make_unique<Node>()) {}
Router::~Router() = default;
Router::Router(Router&&) noexcept = default;
Router& Router::operator=(Router&&) noexcept = default;

void Router::add(Method method, std::string_view pattern, Handler handler, RouteOptions options) {
  VIS_ASSERT(method != Method::Other);
  std::vector<std::string> segments = split(pattern);
  std::unique_ptr<Route>& slot = root_->descend(segments).routes[static_cast<std::size_t>(method)];
  VIS_ASSERT(slot == nullptr);
  slot = std::make_unique<Route>(
      Route{std::string(pattern), std::move(segments), std::move(handler), std::move(options)});
}

void Router::add_websocket(std::string_view pattern, WebSocketHandler handler,
                           WebSocketRouteOptions options) {
  std::vector<std::string> segments = split(pattern);
  std::unique_ptr<WebSocketRoute>& slot = root_->descend(segments).websocket;
  VIS_ASSERT(slot == nullptr);
  slot = std::make_unique<WebSocketRoute>(
      WebSocketRoute{std::string(pattern), std::move(segments), std::move(handler), options});
}

void Router::add_fallback(std::string_view prefix, Handler handler, RouteOptions options) {
  auto route = std::make_unique<Route>(
      Route{std::string(prefix), split(prefix), std::move(handler), std::move(options)});
  const auto shorter = std::ranges::find_if(
      fallbacks_, [&](const auto& other) { return other->pattern.size() < route->pattern.size(); });
  fallbacks_.insert(shorter, std::move(route));
}

std::vector<Router::Name> Router::names() const {
  std::vector<Name> names;
  root_->add_names_to(names);
  return names;
}

Router::Match Router::match(Method method, const Path& path) const {
  Match match{.cors = unmatched_cors_};
  if (const Node* node = root_->find(path.segments, 0)) {
    match.allow = node->allow();
    match.cors = node->cors();
    match.websocket = node->websocket.get();
    match.route = node->route(method);
    if (match.route != nullptr) {
      match.cors = match.route->options.cors;
      match.parameters = parameters_of(match.route->segments, path);
      return match;
    }
    if (match.websocket != nullptr && method == Method::Get) {
      match.parameters = parameters_of(match.websocket->segments, path);
      return match;
    }
  }
  for (const auto& fallback : fallbacks_) {
    if (!is_below(path, fallback->pattern)) continue;
    match.route = fallback.get();
    match.is_fallback = true;
    match.cors = fallback->options.cors;
    return match;
  }
  return match;
}

}  // namespace vis::http
