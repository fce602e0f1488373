#include "http/websocket_upgrade.hpp"

#include <fmt/format.h>
#include <openssl/sha.h>

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>

#include "base/bytes.hpp"
#include "base/encoding.hpp"
#include "http/websocket_deflate.hpp"

namespace vis::http {
namespace {

constexpr std::size_t kKeyBytes = 16;

Response refuse(std::string detail) {
  return problem_response({.status = 400, .code = "bad_upgrade", .detail = std::move(detail)});
}

/// `Sec-WebSocket-Accept` for the request's key.
std::string accept_key(const Request& request) {
  const std::string input = std::string(request.headers.get("Sec-WebSocket-Key")) +
                            "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<std::uint8_t, SHA_DIGEST_LENGTH> digest;
  SHA1(as_bytes(input).data(), input.size(), digest.data());
  return base64_encode(digest);
}

}  // namespace

bool asks_for_upgrade(const Request& request) {
  return request.method == Method::Get && request.headers.has_token("Connection", "upgrade") &&
         request.headers.has_token("Upgrade", "websocket");
}

std::optional<Response> check_upgrade(const Request& request) {
  if (request.headers.get("Sec-WebSocket-Version") != "13") {
    return problem_response({.status = 426,
                             .code = "upgrade_required",
                             .detail = "only WebSocket version 13 is spoken here"})
        .with("Sec-WebSocket-Version", "13");
  }
  const auto key = base64_decode(request.headers.get("Sec-WebSocket-Key"));
  if (!key || key->size() != kKeyBytes || request.headers.count("Sec-WebSocket-Key") != 1) {
    return refuse("Sec-WebSocket-Key is not 16 bytes in base64");
  }
  return std::nullopt;
}

Upgrade make_upgrade(const Request& request, const WebSocketOptions& options) {
  Upgrade upgrade;
  upgrade.deflate =
      options.deflate && accepts_deflate_offer(request.headers.get("Sec-WebSocket-Extensions"));
  upgrade.response = fmt::format(
      "HTTP/1.1 101 Switching Protocols\r\nServer: visavis\r\nUpgrade: websocket\r\n"
      "Connection: Upgrade\r\nSec-WebSocket-Accept: {}\r\n",
      accept_key(request));
  if (upgrade.deflate) {
    upgrade.response += fmt::format("Sec-WebSocket-Extensions: {}\r\n", kDeflateAgreement);
  }
  upgrade.response += "\r\n";
  return upgrade;
}

}  // namespace vis::http
