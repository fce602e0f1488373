#include "api/v1/meet_tokens.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <chrono>
#include <cstddef>
#include <utility>

#include "api/v1/timestamp.hpp"
#include "base/encoding.hpp"
#include "core/projects/rules.hpp"
#include "http/json.hpp"
#include "http/text.hpp"

namespace vis::api::v1 {
namespace {

namespace json = boost::json;

struct Wish {
  std::string room;
  std::string name;
};

Result<Wish> parse_wish(const http::Request& request) {
  if (request.media_type() != "application/json") {
    return fail(Errc::InvalidArgument, "Content-Type must be application/json");
  }
  const auto body = http::parse_json(request.body, limits::kMeetRequestBytes);
  if (!body) return std::unexpected(body.error());
  const auto text = [&](const char* member) -> const json::string* {
    const json::object* const object = body->if_object();
    const json::value* const value = object != nullptr ? object->if_contains(member) : nullptr;
    return value != nullptr ? value->if_string() : nullptr;
  };
  const json::string* const room = text("room");
  const json::string* const name = text("name");
  if (room == nullptr || name == nullptr) {
    return fail(Errc::InvalidArgument, "the body must be an object with the texts room and name");
  }
  return Wish{.room = std::string(*room), .name = std::string(*name)};
}

/// Bytes that begin a character of UTF-8.
std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; }));
}

bool is_ascii(char c) { return static_cast<unsigned char>(c) < 0x80; }

bool is_letter_or_digit(char c) {
  const char lower = http::to_lower_ascii(c);
  return !is_ascii(c) || (lower >= 'a' && lower <= 'z') || http::is_digit(c);
}

}  // namespace

Result<void> check_meet_room(std::string_view room) {
  if (!is_valid_text(room)) return fail(Errc::InvalidArgument, "room is not valid UTF-8 text");
  if (room.empty() || characters(room) > limits::kMeetRoomCharacters) {
    return fail(Errc::InvalidArgument,
                fmt::format("room must have 1 to {} characters", limits::kMeetRoomCharacters));
  }
  const auto is_allowed = [](char c) {
    return is_letter_or_digit(c) || std::string_view("_.~-").contains(c);
  };
  if (!is_letter_or_digit(room.front()) || !std::ranges::all_of(room, is_allowed)) {
    return fail(Errc::InvalidArgument,
                "room may hold letters, digits and _ . ~ -, and begins with a letter or digit");
  }
  return {};
}

MeetTokens::MeetTokens(Options options, Ports ports)
    : options_(std::move(options)),
      ports_(std::move(ports)),
      limiter_({.at_once = limits::kMeetTokensAtOnce,
                .interval = limits::kMeetTokenInterval,
                .clients_max = limits::kMeetAddresses}) {}

void MeetTokens::add_routes(http::Router& router, const std::string& base_path) {
  router.add(http::Method::Post, base_path + "/v1/meet/tokens",
             [this](http::Request request) { return create(std::move(request)); },
             {.body_bytes_max = limits::kMeetRequestBytes});
}

Task<http::Response> MeetTokens::create(http::Request request) {
  auto response = make_token(request);
  if (!response) co_return http::problem_response(response.error());
  co_return std::move(*response);
}

Result<http::Response> MeetTokens::make_token(const http::Request& request) {
  if (!options_.enabled) {
    return fail(Errc::PermissionDenied, "the start page of this server is switched off");
  }
  const auto wish = parse_wish(request);
  if (!wish) return std::unexpected(wish.error());
  if (auto valid = check_meet_room(wish->room); !valid) return std::unexpected(valid.error());
  if (auto valid = core::projects::check_name("name", wish->name); !valid) {
    return std::unexpected(valid.error());
  }
  if (!limiter_.allow(request.client, ports_.monotonic_now())) {
    return fail(Errc::LimitExceeded, "too many tokens for this address; try again in a minute");
  }

  const GuestPass pass{.project = options_.project,
                       .room = wish->room,
                       .identity = random_id(ports_.random, "guest-"),
                       .name = wish->name,
                       .from = ports_.wall_now(),
                       .validity = kValidity};
  const auto token = ports_.minter.mint(pass);
  if (!token) return std::unexpected(token.error());
  const WallTime expires_at =
      pass.from + std::chrono::duration_cast<std::chrono::milliseconds>(kValidity);
  const json::object body{{"token", *token},
                          {"room", pass.room},
                          {"identity", pass.identity},
                          {"expires_at", timestamp(expires_at)}};
  return http::json_response(200, body).with("Cache-Control", "no-store");
}

}  // namespace vis::api::v1
