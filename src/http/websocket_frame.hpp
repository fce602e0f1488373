#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "http/websocket.hpp"
#include "http/websocket_deflate.hpp"

namespace vis::http {

// RFC 6455 5.2:
//
//   0                   1                   2                   3
//   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//  +-+-+-+-+-------+-+-------------+-------------------------------+
//  |F|R|R|R| opcode|M| Payload len |    Extended payload length    |
//  |I|S|S|S|  (4)  |A|     (7)     |           (16/64)             |
//  |N|V|V|V|       |S|             |   (if payload len==126/127)   |
//  | |1|2|3|       |K|             |                               |
//  +-+-+-+-+-------+-+-------------+-------------------------------+
//  |            Masking-key (if MASK is set), then the payload     |
//  +---------------------------------------------------------------+

enum class Opcode : std::uint8_t {
  Continuation = 0,
  Text = 1,
  Binary = 2,
  Close = 8,
  Ping = 9,
  Pong = 10,
};

/// An outgoing frame: never masked, never fragmented. `compressed` sets RSV1 (RFC 7692).
struct OutgoingFrame {
  Opcode opcode = Opcode::Binary;
  bool compressed = false;
  std::size_t payload_bytes = 0;

  std::string header() const;
};

/// The payload of a close frame. NoStatus stands for an empty one.
std::string close_payload(CloseCode code, std::string_view reason);

struct PingReceived {
  std::string payload;
};
struct PongReceived {};
struct CloseReceived {
  CloseCode code = CloseCode::NoStatus;
};
using WebSocketEvent = std::variant<WebSocketMessage, PingReceived, PongReceived, CloseReceived>;

/// How a peer broke the protocol; the connection is closed with that code.
struct Violation {
  CloseCode code = CloseCode::ProtocolError;
  std::string_view reason;

  friend bool operator==(const Violation&, const Violation&) = default;
};

/// Turns the bytes of a client into messages and control frames: unmasks, joins fragments,
/// inflates, checks UTF-8. No I/O. A message holds at most `message_bytes_max` bytes, on the wire
/// and inflated; announced lengths are checked before anything is stored.
class FrameDecoder final {
 public:
  FrameDecoder(std::size_t message_bytes_max, bool deflate)
      : message_bytes_max_(message_bytes_max), deflate_(deflate) {}

  /// Consumes from `input` up to the end of the next event; nothing when it needs more. Not to be
  /// called again after a violation.
  std::expected<std::optional<WebSocketEvent>, Violation> next(std::string_view& input);

 private:
  struct Frame {
    bool final = false;
    Opcode opcode = Opcode::Continuation;
    std::array<std::uint8_t, 4> mask = {};
    std::uint64_t left = 0;       ///< Payload bytes to come.
    std::size_t mask_offset = 0;  ///< How far into the payload, modulo 4.
  };

  bool take_header(std::string_view& input);
  std::expected<Frame, Violation> parse_header();
  std::expected<void, Violation> start_message(const Frame& frame, bool compressed);
  void take_payload(std::string_view& input);
  std::expected<std::optional<WebSocketEvent>, Violation> finish_frame();
  std::expected<std::optional<WebSocketEvent>, Violation> finish_control();
  std::expected<std::optional<WebSocketEvent>, Violation> finish_message();

  std::size_t message_bytes_max_;
  bool deflate_;
  Inflater inflater_;

  std::string header_;     ///< Of the frame that begins.
  bool in_frame_ = false;  ///< The header is complete, and `frame_` what it says.
  Frame frame_;
  std::string control_;  ///< Payload of a control frame, which may come between fragments.

  bool in_message_ = false;  ///< Some fragment has come, the final one has not.
  WebSocketMessage message_;
  bool message_compressed_ = false;
};

}  // namespace vis::http
